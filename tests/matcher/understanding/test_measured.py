"""The noun that a number measures, and for whom it counts."""

from __future__ import annotations

import pytest

from matcher.understanding.quantities import read_quantities


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("500升发酵罐", "发酵罐", "capacity"),
        ("发酵罐容积不低于500升", "发酵罐容积", "capacity"),
        ("不低于500升的发酵罐", "发酵罐", "capacity"),
        ("幅宽不小于300mm", "幅宽", "capacity"),
        ("想找幅宽500mm的设备", "幅宽", "capacity"),
        ("最好面积200平以上", "面积", "capacity"),
        ("最好发酵罐500升", "发酵罐", "capacity"),
        ("想租一台膜面积10平的设备", "膜面积", "capacity"),
        ("租赁面积500平", "租赁面积", "capacity"),
        ("至少需要温度1200℃的炉子", "温度", "capacity"),
        ("纯度≥99.5%", "纯度", "property"),
        ("实验室脱盐率达到99.7%", None, "property"),
        ("壁厚0.1mm", "壁厚", "property"),
        ("能量密度400 Wh/kg", "能量密度", "property"),
        ("中试线产能0.5 GWh", "中试线产能", "capacity"),
        ("8英寸晶圆", "晶圆", "capacity"),
        ("深宽比10:1", "深宽比", "property"),
        ("百级洁净间", "洁净等级", "capacity"),
        ("年产30吨", None, "capacity"),
        ("20Ah软包", "软包", "property"),
        ("500吨热压机", "热压机", "capacity"),
        ("20MPa以上压力筒", "压力筒", "capacity"),
        ("抗拉强度60MPa", "抗拉强度", "property"),
        ("预算60万元", "预算", "money"),
        ("机时费300元/小时", None, "money"),
        ("工期3个月", "工期", "time"),
        ("5 L放大到500 L", None, "capacity"),
        ("首批300件", None, "capacity"),
        ("我们一年大概要300吨", None, "capacity"),
        ("我们公司一天50公斤", None, "capacity"),
        ("我司每月20吨", None, "capacity"),
        ("目前一天 20 公斤", None, "capacity"),
        ("最好一天能有2吨", None, "capacity"),
        ("一年 500 万元", None, "money"),
        ("我们的发酵罐产能500升", "发酵罐产能", "capacity"),
        ("±0.01mm", None, "property"),
        ("purity > 99.5%", "purity", "property"),
        ("500 L fermenter", "fermenter", "capacity"),
        ("把良率从70%做到95%以上", "良率", "property"),
        ("压力(MPa):1.6", "压力", "property"),
        ("二氧化碳超临界萃取 24 L", "超临界萃取", "capacity"),
        ("水下机器人耐压测试 10 MPa", "机器人耐压测试", "property"),
        ("汽车零部件盐雾试验 720 h", "零部件盐雾试验", "time"),
        ("fermentation 500 L", "fermentation", "capacity"),
        ("5G通信模块2000片", "5G通信模块", "capacity"),
        ("LiNi8 100 L", "LiNi8", "capacity"),
    ],
)
def test_names_what_is_measured_and_its_role(text: str, name: str | None, role: str) -> None:
    quantity = read_quantities(text)[0]
    assert quantity.role == role
    assert name is None or quantity.name == name


def test_a_name_stops_at_the_neighbouring_quantity() -> None:
    first, second = read_quantities("长度4.2m宽度1.1m")
    assert (first.name, second.name) == ("长度", "宽度")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("想找个能做到500L的地方", None),
        ("3月底前要交付样品500片", "样品"),
        ("with at least 10 m2 shelf area", None),
        ("前驱体浓度5%", "前驱体浓度"),
        ("需要剪切釜3000L和砂磨机", "剪切釜"),
    ],
)
def test_a_name_is_a_noun(text: str, name: str | None) -> None:
    assert read_quantities(text)[-1].name == name


def test_a_name_stops_at_punctuation() -> None:
    (quantity,) = read_quantities("要求纯度高,500升")
    assert quantity.name is None
