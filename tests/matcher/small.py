"""A catalogue of a dozen made-up listings whose facts are known by heart, and a profile of round weights."""

from __future__ import annotations

from matcher.ranking.confidence import ANSWER_FEATURES
from matcher.ranking.features import FEATURES
from matcher.ranking.profile import INTERCEPT, Profile, Thresholds
from matcher.records import Listing, Parameter

LISTINGS = (
    Listing(
        id="PF-1", kind="platform", name="珠江发酵中试平台", operator="珠江生物有限公司", province="广东", city="广州",
        industry=("生物制造",), summary="面向酶制剂和蛋白的发酵放大平台,配套分离纯化。",
        capabilities=("微生物发酵", "分离纯化"), equipment=("500 L发酵罐", "板框压滤机"),
        parameters=(Parameter("发酵罐容积", 50, 500, "L"),), qualifications=("GMP",), services=("中试放大", "工艺优化"),
    ),
    Listing(
        id="PF-2", kind="platform", name="太湖发酵工程中心", province="江苏", city="无锡",
        industry=("生物制造",), summary="从实验室到产业化的发酵工程服务。",
        capabilities=("微生物发酵",), parameters=(Parameter("发酵罐容积", 100, 5000, "L"),), services=("中试放大",),
    ),
    Listing(
        id="PF-3", kind="platform", name="闽江食品中试基地", province="福建", city="福州",
        industry=("食品",), summary="饮料和调味品的小批量试制。", capabilities=("喷雾干燥", "无菌灌装"),
        parameters=(Parameter("喷雾干燥塔蒸发量", 20, 100, "kg/h"),), qualifications=("ISO 9001",),
        services=("小批量试制",),
    ),
    Listing(
        id="PF-4", kind="platform", name="东莞新材料中试平台", province="广东", city="东莞",
        industry=("新材料",), summary="高分子复合材料的挤出与注塑中试。", capabilities=("挤出造粒", "注塑成型"),
        equipment=("双螺杆挤出机",), services=("打样", "检测"),
    ),
    Listing(
        id="PF-5", kind="platform", name="八英寸特色工艺中试线", province="上海", city="上海",
        industry=("集成电路",), summary="面向MEMS与功率器件的晶圆流片。", capabilities=("MEMS加工", "晶圆流片"),
        parameters=(Parameter("晶圆尺寸", 8, 8, "英寸"),), services=("流片", "封装测试"),
    ),
    Listing(
        id="MF-1", kind="manufacturer", name="岭南原料药代工厂", province="广东", city="佛山",
        industry=("医药",), summary="化学原料药与中间体的定制生产。", capabilities=("化学合成", "结晶"),
        parameters=(Parameter("反应釜容积", 100, 3000, "L"),), qualifications=("GMP", "ISO 14001"), services=("CDMO",),
    ),
    Listing(
        id="MF-2", kind="manufacturer", name="西部电池代工厂", province="四川", city="成都",
        industry=("新能源",), summary="锂离子电池与钠离子电池的小批量制造。", capabilities=("电芯制造", "涂布"),
        services=("代工",),
    ),
    Listing(
        id="MF-3", kind="manufacturer", name="北方发酵代工厂", province="黑龙江", city="哈尔滨",
        industry=("生物制造",), summary="氨基酸与酶制剂的发酵代工。", capabilities=("微生物发酵",),
        parameters=(Parameter("发酵罐容积", 10000, 50000, "L"),), services=("代工",),
    ),
    Listing(
        id="EQ-1", kind="equipment", name="50升不锈钢发酵罐", province="广东", city="深圳",
        industry=("生物制造",), summary="可在位灭菌的小型发酵设备,对外开放预约。",
        parameters=(Parameter("发酵罐容积", 50, 50, "L"),), services=("设备共享",),
    ),
    Listing(
        id="EQ-2", kind="equipment", name="高低温交变试验箱", province="江苏", city="苏州",
        industry=("检验检测",), summary="电子产品的环境可靠性试验。", parameters=(Parameter("温度", -70, 150, "℃"),),
        qualifications=("CNAS",), services=("检测",),
    ),
    Listing(
        id="SO-1", kind="solution", name="膜分离中试解决方案", industry=("环保",),
        summary="废水零排放的膜分离工艺验证。", capabilities=("膜分离", "蒸发结晶"), services=("工艺验证",),
    ),
    Listing(id="CA-1", kind="case", name="某酶制剂放大案例", province="广东", summary="从5 L到500 L。"),
    Listing(id="PO-1", kind="policy", name="中试平台补贴办法", province="广东", summary="按投资额给予补贴。"),
)  # fmt: skip

SUPPLY = tuple(listing for listing in LISTINGS if listing.kind not in ("case", "policy"))

#: Signals count, a condition counts a little: nothing here was learnt.
PROFILE = Profile(
    name="small",
    version="1",
    weights=dict.fromkeys(FEATURES, 0.5) | {"late": 20.0, "dense": 5.0, "words": 3.0},
    calibration=((0.0, 0.01), (40.0, 0.99)),
    confidence=dict.fromkeys((*ANSWER_FEATURES, INTERCEPT), 0.0),
    unread=None,
    thresholds=Thresholds(strong=0.75, possible=0.33, good=0.9, partial=0.6),
    encoder="",
    reads=0,
    training={},
)
