"""Names of places in running text, and the words and organisations that only contain one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.place_names import FoundPlace, PlaceNames
from matcher.understanding.regions import Regions

REGIONS = Regions.load()
NAMES = PlaceNames(REGIONS)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[place.start : place.end], place.code) for place in NAMES.find(text)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("东莞附近找厂", [("东莞", "441900")]),
        ("广东省东莞市的平台", [("广东省东莞市", "441900")]),
        ("湖南株洲一带", [("湖南株洲", "430200")]),
        ("北京朝阳有平台", [("北京朝阳", "110105")]),
        ("北京朝阳区有平台", [("北京朝阳区", "110105")]),
        ("辽宁朝阳的企业", [("辽宁朝阳", "211300")]),
        ("山西大同有煤化工", [("山西大同", "140200")]),
        ("吉林长春找线", [("吉林长春", "220100")]),
        ("吉林市有碳化线", [("吉林市", "220200")]),
        ("上海市浦东新区张江有线", [("上海市浦东新区张江", "310115")]),
        ("东莞松山湖有线", [("东莞松山湖", "441900")]),
        ("四川天府新区", [("四川天府新区", "510100")]),
        ("天津河北都行", [("天津", "120000"), ("河北", "130000")]),
        ("大湾区内地九市", [("大湾区", "gba")]),
        ("深圳东莞一带", [("深圳", "440300"), ("东莞", "441900")]),
        ("河北天津附近", [("河北", "130000"), ("天津", "120000")]),
        ("徐州有厂,送到鼓楼区", [("徐州", "320300"), ("鼓楼区", "320302")]),
        ("苏州工业园区内", [("苏州工业园区", "320500")]),
        ("粤港澳大湾区内", [("粤港澳大湾区", "gba")]),
        ("松山湖有中试线", [("松山湖", "441900")]),
        ("西北地区有示范电站", [("西北", "northwest")]),
        ("苏州企业要放大", [("苏州", "320500")]),
        ("东莞市人民医院的样品", [("东莞市", "441900")]),
        ("杭州湾上虞化工园", [("杭州湾上虞", "330600")]),
        ("在建邺有没有", [("建邺", "320105")]),
        ("松原有没有能做的", [("松原", "220700")]),
        ("德惠及周边", [("德惠", "220183")]),
        ("求新乡的厂家", [("新乡", "410700")]),
        ("如东莞没有就算了", [("东莞", "441900")]),
        ("从江苏发货", [("江苏", "320000")]),
    ],
)
def test_places_are_found(text: str, places: list[tuple[str, str]]) -> None:
    assert found(text) == places


@pytest.mark.parametrize(
    "text",
    [
        "中山大学的团队",
        "苏州大学材料学院",
        "广州大学和暨南大学",
        "北京理工珠海学院",
        "西安电子科技大学",
        "西安交通大学苏州研究院的成果",
        "清华大学深圳国际研究生院",
        "上海交大医学院附属瑞金医院",
        "宁德时代的供应链",
        "中国科学院宁波材料所",
        "华南理工大学",
        "东北大学冶金学院",
        "西北工业大学",
        "上海医药集团委托开发",
        "长安汽车的供应商",
        "吉林化纤的原丝",
        "青岛啤酒的酒糟",
        "厦门钨业的靶材",
        "德州仪器的芯片",
        "扩大连续流规模",
        "大连接器插拔5000次",
        "西安全柜",
        "东西安装在一起",
        "收集安装数据",
        "海南洋参",
        "河南岸码头",
        "大理石废料",
        "和田玉边角料",
        "哈密瓜冻干",
        "大同小异",
        "朝阳产业",
        "日照强度1000 W/m²",
        "开封分析芯片失效",
        "厂区东北角有空房",
        "和平利用氢能",
        "新华字典",
        "东方电气",
        "平安城市",
        "通道宽2米,普通道路",
        "高密度聚乙烯",
        "水平度0.02 mm/m",
        "无为而治",
        "三明治生产线",
        "四平方米",
        "青海湖裸鲤",
        "",
        "a",
    ],
)
def test_words_and_organisations_are_no_places(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "template", ["想在{}附近找500L发酵罐", "需要8英寸中试线,{}优先", "仅限{}的平台", "希望在{}做中试"]
)
def test_every_province_and_city_is_read_in_plain_sentences(template: str) -> None:
    missed = []
    for code in REGIONS.codes():
        region = REGIONS[code]
        if region.level in ("province", "city"):
            missed += [name for name in (region.name, *region.short) if found(template.format(name)) != [(name, code)]]
    assert missed == []


def test_every_group_and_zone_is_read() -> None:
    missed = []
    for code in REGIONS.codes():
        if REGIONS[code].level in ("group", "zone"):
            names = (REGIONS[code].name, *REGIONS[code].short)
            missed += [n for n in names if found(f"最好在{n},预算50万") != [(n, REGIONS.canonical(code))]]
    assert missed == []


@given(st.text(alphabet="东莞市广省州苏昆山在附近和、,大学中北京朝阳区西安全 ", max_size=40))
@settings(max_examples=100, deadline=None)
def test_finds_stand_in_order_apart_and_in_the_table(text: str) -> None:
    places = NAMES.find(text)
    assert all(a.end <= b.start for a, b in pairwise(places))
    assert all(0 <= place.start < place.end <= len(text) for place in places)
    assert all(place.code in REGIONS for place in places)


def test_offsets_point_into_the_text() -> None:
    assert NAMES.find("想在东莞找") == [FoundPlace("441900", 2, 4)]
