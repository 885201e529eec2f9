"""本地 is where the requester says it is, and a word that only holds it asks for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "said", "code", "strength"),
    [
        ("我们是成都的公司,要在本地做发酵中试", "本地", "510100", "prefer"),
        ("我们是成都的公司,必须在本地做", "本地", "510100", "must"),
        ("我司在苏州,本地优先", "本地优先", "320500", "prefer"),
        ("我们在昆山,想找本地的注塑厂", "本地", "320583", "prefer"),
        ("我们在武汉,希望在省内做", "省内", "420000", "prefer"),
        ("省外的不要,我们在湖北", "省外的不要", "420000", "must"),
        ("不出省,我们在湖北武汉", "不出省", "420000", "must"),
        ("我们在武汉,外地的不考虑", "外地的不考虑", "420100", "must"),
        ("我们在宁波,本地找一家中试平台", "本地", "330200", "prefer"),
        ("我们在宁波,当地有没有做电镀的", "当地", "330200", "prefer"),
    ],
)
def test_local_is_where_the_requester_is(reader: Reader, text: str, said: str, code: str, strength: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    (place,) = [one for one in found if isinstance(one, PlaceRequirement)]
    assert (place.text, place.code, place.strength, place.excluded) == (said, code, strength, False)
    assert text[place.start : place.end] == said


@pytest.mark.parametrize("text", ["我们在武汉,本地化部署", "我们是成都的公司,产品在当地销售,找发酵"])
def test_words_that_hold_it_ask_for_nothing(reader: Reader, text: str) -> None:
    understood = reader.read(Need(text=text), DAY)
    assert not [one for one in understood.requirements if isinstance(one, PlaceRequirement)]
    assert not understood.notes


def test_it_is_said_where_nobody_knows_where_local_is(reader: Reader) -> None:
    note = "“要在本地”没有写明是哪里,未作为地点条件"
    assert list(reader.read(Need(text="要在本地做发酵"), DAY).notes) == [note]
    assert list(reader.read(Need(text="要在本地做发酵", places=("成都",)), DAY).notes) == []
    assert list(reader.read(Need(text="发酵,宁波本地最好"), DAY).notes) == []


@pytest.mark.parametrize(
    ("text", "said", "radius", "strength"),
    [
        ("我们在宁波,附近有没有做电镀的", "附近", None, "prefer"),
        ("宁波的企业,想在周边找代工", "周边", None, "prefer"),
        ("我们是宁波的公司,就近找一家检测机构", "就近", None, "prefer"),
        ("我们在宁波,离公司越近越好", "离公司越近越好", None, "prefer"),
        ("我们在宁波,离我们不要太远", "离我们不要太远", None, "prefer"),
        ("我们在宁波,地区不限,就近优先", "就近", None, "prefer"),
        ("我们在宁波,附近的中试平台", "附近", None, "prefer"),
        ("我们在宁波,找300公里以内的", "300公里以内", 300, "prefer"),
        ("我们在宁波,只要离我们200公里以内的", "离我们200公里以内", 200, "must"),
        ("公司在宁波,方圆一百公里内找喷涂", "方圆一百公里内", 100, "prefer"),
        ("我们在宁波,离我们最远100公里", "离我们最远100公里", 100, "prefer"),
        ("最好在公司附近,我们在宁波", "公司附近", None, "prefer"),
        ("我们在宁波,希望在工厂周边", "工厂周边", None, "prefer"),
    ],
)
def test_near_is_near_the_requester(reader: Reader, text: str, said: str, radius: float | None, strength: str) -> None:
    found = reader.read(Need(text=text), DAY)
    (place,) = [one for one in found.requirements if isinstance(one, PlaceRequirement)]
    assert (place.text, place.code, place.near, place.radius_km) == (said, "330200", True, radius)
    assert (place.strength, text[place.start : place.end]) == (strength, said)
    assert not [one for one in found.requirements if one.type == "quantity"]
    assert not found.notes


@pytest.mark.parametrize(
    "text",
    [
        "我们在苏州,找300公里续航的测试场",
        "我们在苏州,周边环境检测",
        "我们在苏州,附近居民有投诉,要做废气治理",
        "我们在苏州,就近几年的数据做分析",
        "我们在苏州,离公司三公里有水源",
        "我们在苏州,客户距我们200公里",
        "我们在苏州,在3公里以内的传输距离上做验证",
        "公司在苏州,不要本地的",
        "公司在苏州,离我们比较远也行",
        "公司在苏州,公司附近,有机场",
        "我们在苏州,计划在厂区周边,新建500平中试车间",
        "我们在苏州,要求厂区周围,无居民",
    ],
)
def test_a_distance_of_something_else_is_no_place(reader: Reader, text: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert not [one for one in found if isinstance(one, PlaceRequirement)]


def test_near_a_place_that_is_named_is_near_that(reader: Reader) -> None:
    for text in ("我们在无锡,想在苏州附近找喷涂", "我们在无锡,找苏州周边100公里的平台"):
        found = reader.read(Need(text=text), DAY).requirements
        assert [one.code for one in found if isinstance(one, PlaceRequirement)] == ["320500"]


@pytest.mark.parametrize(
    ("province", "city", "code"),
    [
        ("浙江省", "宁波市", "330200"),
        (None, "宁波", "330200"),
        ("浙江", None, "330000"),
        ("不知哪省", "不知哪市", None),
    ],
)
def test_where_the_text_does_not_say_the_fields_do(
    reader: Reader, province: str | None, city: str | None, code: str | None
) -> None:
    need = Need(text="本地找一家发酵平台", province=province, city=city)
    understood = reader.read(need, DAY)
    places = [one.code for one in understood.requirements if isinstance(one, PlaceRequirement)]
    assert places == ([] if code is None else [code])
    assert bool(understood.notes) == (code is None)
    elsewhere = reader.read(replace(need, text="我们在苏州,本地找一家发酵平台"), DAY).requirements
    assert [one.code for one in elsewhere if isinstance(one, PlaceRequirement)] == ["320500"]
    wanted = reader.read(replace(need, text="要在苏州做,本地优先"), DAY).requirements
    assert [one.code for one in wanted if isinstance(one, PlaceRequirement)] == ["320500"]


def test_a_distance_from_nobody_knows_where_is_told_and_no_length(reader: Reader) -> None:
    understood = reader.read(Need(text="离我们300公里以内,做发酵"), DAY)
    assert not [one for one in understood.requirements if one.type in ("place", "quantity")]
    assert understood.notes == ("“离我们300公里以内”没有写明是哪里,未作为地点条件",)


@pytest.mark.parametrize(
    "said",
    [
        "离市区50公里",
        "距高铁站10公里以内",
        "离机场不超过30公里",
        "离最近的高速口约5公里",
        "距离居民区1公里以上",
        "离居民区至少2公里",
        "距市区30公里以外",
    ],
)
def test_a_distance_from_what_every_place_has_is_told_and_no_length(reader: Reader, said: str) -> None:
    understood = reader.read(Need(text=f"我们在苏州,{said},有洁净车间"), DAY)
    assert not [one for one in understood.requirements if one.type in ("place", "quantity")]
    assert understood.notes == (f"“{said}”未作为条件:条目没有写明离这些地方多远",)


def test_each_thing_that_does_not_count_is_told(reader: Reader) -> None:
    understood = reader.read(Need(text="找本地平台,离机场30公里以内,距市区10公里"), DAY)
    assert [note.partition("”")[0] for note in understood.notes] == ["“找本地", "“离机场30公里以内", "“距市区10公里"]
    apart = reader.read(Need(text="两地相距机场30公里"), DAY)
    assert not apart.notes
