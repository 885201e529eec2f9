"""What a place in a need is there for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Need, PlaceRequirement
from matcher.understanding.place_roles import PlaceReading, excluded_span, read_role
from matcher.understanding.reading import Reader


def role(text: str) -> PlaceReading:
    """The role of the place in square brackets."""
    start, end = text.index("["), text.index("]") - 1
    return read_role(text.replace("[", "").replace("]", ""), start, end)


WANTED = PlaceReading("wanted")
NEAR = PlaceReading("wanted", near=True)
MUST = PlaceReading("wanted", "must")
ORIGIN = PlaceReading("origin")
MENTION = PlaceReading("mention")
OUT = PlaceReading("excluded", "must")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("先跑3批。[长三角]优先。", WANTED),
        ("[福建、广东]均可。", WANTED),
        ("[江苏省]内最好。", WANTED),
        ("希望在[苏州]找一条线", WANTED),
        ("想在[浙江]找能做造粒的地方", WANTED),
        ("请[深圳]可承接的检测机构报价", WANTED),
        ("寻[珠三角]带无菌冷灌的试产线", WANTED),
        ("[江浙沪]有没有路子?", WANTED),
        ("[贵州]境内,工期3个月", WANTED),
        ("[苏南]找能做微组装的中试线", WANTED),
        ("寻求落户[桓台],需要涂布线", WANTED),
        ("500L发酵罐 [东莞] GMP", WANTED),
        ("[东莞]GMP车间代工", WANTED),
        ("不低于500升发酵罐 [广州] GMP认证 CNAS报告", WANTED),
        ("[广西南宁]的厂家", WANTED),
        ("所在地区:[江苏],其他不限", WANTED),
        ("寻找位于[天津或河北]的代工厂", WANTED),
        ("不低于500升的发酵罐,位于[东莞]", WANTED),
        ("[东莞]附近找个厂子", NEAR),
        ("最好[舟山、宁波]一带", NEAR),
        ("[福建]就近。", NEAR),
        ("希望在[浙江]或周边。", NEAR),
        ("离[无锡]近一点", NEAR),
        ("[石家庄]及周边优先", NEAR),
        ("限[宁夏]。", MUST),
        ("仅限[广东、福建]的厂", MUST),
        ("只考虑[珠三角],月产5万片", MUST),
        ("须在[贵州]坡地验证", MUST),
        ("必须在[苏州]完成", MUST),
        ("要求在[浙江省]内完成", MUST),
        ("必须是[广东]的厂", MUST),
        ("平台须位于[成渝]地区", MUST),
        ("地点要求:[东莞]", MUST),
        ("[烟台]一家药企提出技术需求", ORIGIN),
        ("[安吉]的生物基材料企业正在研究", ORIGIN),
        ("[庆元县]锥栗加工企业希望控制香气", ORIGIN),
        ("我们在[宜昌],用磷石膏", ORIGIN),
        ("公司在[常州]附近,想放大", ORIGIN._replace(near=False)),
        ("人在[内蒙古],手里有果渣", ORIGIN),
        ("我司位于[佛山],寻找代工", ORIGIN),
        ("我们是一家陶瓷企业,位于[佛山],寻找代工", ORIGIN),
        ("位于[佛山]的团队想放大", ORIGIN),
        ("位于[武汉]附近", NEAR),
        ("团队注册在[杭州],样机需要测试", ORIGIN),
        ("设备要能运到我们[河南]厂里", ORIGIN),
        ("[贵州]这边刺梨鲜果季只有两个月", ORIGIN),
        ("[包头]在建设两个稀土基地过程中", ORIGIN),
        ("我们植保无人机卖到[东北],天一冷就报低电压", MENTION),
        ("[东北]客户投诉天一冷就裂角", MENTION),
        ("除[西藏]外都可以", OUT),
        ("除[江苏、上海]以外的地区", OUT),
        ("不要[新疆]的,运费太贵", OUT),
        ("不要放在[深圳]", OUT),
        ("不找[台湾]的", OUT),
        ("不太想去[东北]", OUT._replace(strength="prefer")),
        ("不希望在[山西]", OUT._replace(strength="prefer")),
        ("[江苏、浙江]除外,其他都行", OUT),
        ("广东([深圳]除外)", OUT),
        ("[江苏省]外的平台", OUT),
        ("非[上海]地区的平台", OUT),
        ("平台不在[上海]", OUT),
        ("[江苏]企业不考虑", OUT),
        ("不要[上海]附近的", OUT._replace(near=True)),
        ("最好不要在[上海]", OUT._replace(strength="prefer")),
        ("尽量别去[新疆]", OUT._replace(strength="prefer")),
        ("不接受[长三角]以外的平台", MUST),
        ("不接受[江苏省]外的", MUST),
        ("[福建省]外也接受", WANTED),
        ("[武汉]以外的也行", MENTION),
        ("我们不在[江苏],找平台", MENTION),
        ("不要求在[江苏]", MENTION),
        ("除了[江苏],还可以在浙江", MENTION),
        ("不限于[上海],全国都行", MENTION),
        ("不在[上海]做也行,8英寸MEMS流片", MENTION),
        ("不在[上海]也可以", MENTION),
        ("不在[上海]都行", MENTION),
        ("不在[上海、江苏]也成", MENTION),
        ("不放在[上海]也没关系", MENTION),
        ("不是[上海]的也行", MENTION),
        ("不一定在[上海],8英寸MEMS流片", MENTION),
        ("不必在[上海]", MENTION),
        ("不一定非要在[上海]", MENTION),
        ("不在[上海]做", OUT),
        ("不在[上海],苏州也行", OUT),
        ("不在[上海]的平台都行", OUT),
        ("只要不在[上海]都行", OUT),
        ("不在[上海]加工也不行", OUT),
        ("不要[江苏]", OUT),
        ("除了[上海]都行", OUT),
        ("最好离我们[合肥]近一点", NEAR),
        ("离我们公司[合肥]总部不远", NEAR),
        ("靠近我司[合肥]的平台", NEAR),
        ("离我们[合肥]100公里以内的平台", NEAR._replace(radius_km=100)),
        ("目前合作的代工厂离我们[苏州]工厂很近", ORIGIN),
        ("原合作方靠近我们[合肥]总部", ORIGIN),
        ("不必离我们[合肥]近", ORIGIN),
        ("距离我们[合肥]总部500公里的深圳有合作方", ORIGIN),
        ("离[东莞]100公里以内", NEAR._replace(radius_km=100)),
        ("[东莞]100公里以内的平台", NEAR._replace(radius_km=100)),
        ("[东莞]方圆50公里", NEAR._replace(radius_km=50)),
        ("并准备在[四川]建厂承接产能", MENTION),
        ("样机在[漠河]做过极寒试验", MENTION),
    ],
)
def test_role(text: str, reading: PlaceReading) -> None:
    assert role(text) == reading


def test_only_its_own_clause_speaks_for_a_place() -> None:
    assert role("必须有液氮,[东莞]优先").strength == "prefer"
    assert role("只考虑GMP车间。[东莞]附近").strength == "prefer"


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_surroundings_are_read(before: str, after: str) -> None:
    reading = read_role(before + "东莞" + after, len(before), len(before) + 2)
    assert reading.role in ("wanted", "excluded", "origin", "mention")
    assert reading.strength == "prefer" or reading.role in ("wanted", "excluded")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("做打样,不要[江苏和浙江]的厂", "不要江苏和浙江"),
        ("[江苏]除外", "江苏除外"),
        ("除[江苏]外均可", "除江苏外"),
        ("除[上海]外均可", "除上海外"),
        ("除[上海]外华东地区均可", "除上海外"),
        ("钙钛矿中试,除了[安徽]都行", "除了安徽"),
        ("除了[上海],别的地方都可以", "除了上海"),
        ("非[上海]地区", "非上海"),
    ],
)
def test_what_excludes_a_place_is_quoted_with_it(text: str, said: str) -> None:
    start, end = text.index("["), text.index("]") - 1
    text = text.replace("[", "").replace("]", "")
    begin, stop = excluded_span(text, start, end)
    assert text[begin:stop] == said


@pytest.mark.parametrize(
    ("text", "excluded", "wanted"),
    [
        ("钙钛矿中试,除了安徽都行", {"340000"}, set()),
        ("除了上海,别的地方都可以", {"310000"}, set()),
        ("除上海外华东地区均可", {"310000"}, {"east-china"}),
        ("除了上海外都可以考虑", {"310000"}, set()),
        ("需要锂电池检测平台,广州以外的广东城市", {"440100"}, {"440000"}),
        ("除了东莞,深圳也可以", set(), {"440300"}),
        ("除了在广东做发酵,还想找检测", set(), {"440000"}),
        ("产品销往海外", set(), set()),
    ],
)
def test_all_but_one_place_shuts_it_out_and_besides_it_does_not(
    text: str, excluded: set[str], wanted: set[str]
) -> None:
    places = [
        one for one in Reader.load().read(Need(text), strict=False).requirements if isinstance(one, PlaceRequirement)
    ]
    assert {one.code for one in places if one.excluded} == excluded
    assert {one.code for one in places if not one.excluded} == wanted
