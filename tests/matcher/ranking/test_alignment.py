from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.alignment import Measure, answers, measure_of, settled, wanted_measure, words_before_number
from matcher.records import Interval, Role
from matcher.understanding.intervals import point
from tests.matcher.ranking.stated import quantity


def measure(name: str, dimension: str, value: float = 1.0, words: str = "", role: Role = "capacity") -> Measure:
    return measure_of(name, dimension, point(value), words, role)


def meaning(words: str) -> str | None:
    found = wanted_measure(quantity(words)).meaning
    return found.id if found else None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("500 L发酵罐", "volume.fermenter"),
        ("500 L以上", "volume.vessel"),
        ("8英寸", "length.wafer"),
        ("28nm制程", "length.node"),
        ("线宽5微米", "length.line"),
        ("年产1000吨", "mass_rate.any"),
        ("20层线路板", "count.layers"),
        ("公斤级放大", "mass.batch"),
        ("万级洁净车间", "cleanroom.any"),
        ("最小钻孔0.15mm", "length.hole"),
        ("跑道长度2000米", "length.runway"),
    ],
)
def test_what_a_need_measures(words: str, expected: str) -> None:
    assert meaning(words) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("产线", 180_000.0, None),
        ("晶圆", 0.01, None),
        ("晶圆尺寸", 200.0, "length.wafer"),
        ("中试线", 300.0, "length.wafer"),
    ],
)
def test_only_sizes_that_wafers_have_are_wafers(name: str, value: float, expected: str | None) -> None:
    found = measure(name, "length", value).meaning
    assert (found.id if found else None) == expected


def test_a_wafer_of_a_process_platform_is_no_node() -> None:
    found = measure("硅光工艺平台", "length", 200.0).meaning
    assert found is not None
    assert found.id == "length.wafer"


def test_dimensions_never_mix() -> None:
    assert not answers(measure("发酵罐", "volume"), measure("发酵罐", "mass"))


@pytest.mark.parametrize(
    ("wanted", "offered", "dimension", "expected"),
    [
        ("发酵罐", "发酵罐容积", "volume", True),
        ("发酵罐", "单罐体积", "volume", True),
        ("发酵罐", "储罐", "volume", False),
        ("发酵罐", "反应釜", "volume", False),
        ("结晶釜", "反应釜", "volume", True),
        ("场地面积", "洁净厂房面积", "area", True),
        ("洁净车间", "建筑面积", "area", False),
        ("洁净车间", "占地面积", "area", False),
        ("烧结温度", "环境温度", "temperature", False),
        ("线宽", "板厚", "length", False),
        ("水深", "跑道长度", "length", False),
        ("同轴度", "公差", "length", True),
        ("试验压力", "拉伸强度", "pressure", False),
        ("面积", "建筑面积", "area", False),
    ],
)
def test_facility_numbers_answer_by_their_meaning(wanted: str, offered: str, dimension: str, expected: bool) -> None:
    assert answers(measure(wanted, dimension), measure(offered, dimension)) is expected


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("脱盐率", "脱盐率", True),
        ("脱盐率", "国产化率", False),
        ("纯度", "氢气纯度", False),
        ("PM2.5拦截率", "拦截率", True),
    ],
)
def test_products_are_told_apart_by_their_names(wanted: str, offered: str, expected: bool) -> None:
    one, other = (measure(name, "fraction", role="property") for name in (wanted, offered))
    assert answers(one, other) is expected


def test_some_dimensions_tell_by_themselves() -> None:
    assert answers(measure("", "energy_density", role="property"), measure("电芯", "energy_density", role="property"))
    assert not answers(measure("", "length"), measure("什么", "length"))


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        (("月产", "2000片"), ("年产能", "42万片"), True),
        (("月产", "2000支"), ("年产能", "42万片"), False),
        (("月产", "2000台"), ("年产能", "40台套"), True),
        (("月产", "2000只"), ("年产能", "1亿颗"), True),
        (("月产", "2000"), ("年产能", "42万片"), False),
        (("芯片产能", "2000片"), ("镜片产能", "42万片"), False),
    ],
)
def test_counts_are_of_the_same_things(wanted: tuple[str, str], offered: tuple[str, str], expected: bool) -> None:
    one, other = (measure(name, "count_rate", words=words) for name, words in (wanted, offered))
    assert answers(one, other) is expected


def test_outputs_of_other_materials_do_not_answer() -> None:
    assert not answers(measure("光刻胶产能", "mass_rate"), measure("多晶硅产能", "mass_rate"))
    assert answers(measure("产能", "mass_rate"), measure("多晶硅产能", "mass_rate"))
    assert not answers(measure("产能", "mass_rate"), measure("水质净化规模", "mass_rate"))


@pytest.mark.parametrize(
    ("name", "dimension", "expected"),
    [
        ("中试产能", "energy", ("energy_rate", 1e-6)),
        ("中试线", "energy", ("energy_rate", 1e-6)),
        ("储能系统", "energy", ("energy", 1.0)),
        ("年产能", "mass", ("mass_rate", 1e-3)),
        ("批量", "mass", ("mass", 1.0)),
        ("年均湿度", "fraction", ("humidity", 1.0)),
        (None, "mass", ("mass", 1.0)),
    ],
)
def test_names_settle_the_dimension(name: str | None, dimension: str, expected: tuple[str, float]) -> None:
    assert settled(name, dimension, point(1)) == expected


@pytest.mark.parametrize(
    ("name", "kilowatt_hours", "dimension"),
    [("电芯", 6e6, "energy_rate"), ("电芯", 1.0, "energy"), ("储能电站", 6e6, "energy"), (None, 2e5, "energy_rate")],
)
def test_no_cell_holds_what_a_plant_makes(name: str | None, kilowatt_hours: float, dimension: str) -> None:
    assert settled(name, "energy", point(kilowatt_hours))[0] == dimension


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("最小钻孔0.15mm", "最小钻孔"),
        ("不低于500升", None),
        ("500升", None),
        ("年产30吨", None),
        ("最高风速300 km/h", "最高风速"),
    ],
)
def test_words_before_a_number_may_name_it(words: str, expected: str | None) -> None:
    assert words_before_number(words) == expected


def test_an_unknown_name_takes_side_and_sense_from_its_role() -> None:
    assert measure("甲乙丙", "length", role="property").side == "product"
    assert measure("甲乙丙", "length", role="property").sense == "reaches"
    assert measure("甲乙丙", "length").sense == "covers"
    assert measure("甲乙丙", "temperature", role="property").sense == "within"


names = st.sampled_from(["发酵罐", "反应釜", "储罐", "单罐体积", "病毒载体", "反应器", "瓶容量", "", "甲乙丙"])


@settings(max_examples=80, deadline=None)
@given(names, names, st.sampled_from(["volume", "mass_rate", "area", "length"]))
def test_answering_is_symmetric_between_facilities(one: str, other: str, dimension: str) -> None:
    first, second = measure(one, dimension), measure(other, dimension)
    if first.side == second.side == "facility":
        assert answers(first, second) == answers(second, first)


def test_equal_names_share_one_measure() -> None:
    span = Interval(1, 2)
    assert measure_of("罐", "volume", span, "", "capacity") is measure_of("罐", "volume", point(9), "", "capacity")
