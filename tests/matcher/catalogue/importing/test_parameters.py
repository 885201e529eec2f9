"""Parameters in one cell, as we write them, as people type them, and in running text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.parameters import (
    from_parts,
    read_column,
    read_parameters,
    write_parameter,
    write_range,
)
from matcher.catalogue.importing.terms_cells import (
    NotANumber,
    read_choice,
    read_fee,
    read_hours,
    read_window,
    write_fee,
    write_hours,
    write_window,
)
from matcher.records import Parameter
from matcher.terms import TIER_NAMES, Fee, MachineHours, Window

WORDS = st.text(min_size=1, max_size=10).map(str.strip).filter(lambda text: bool(text) and text.splitlines() == [text])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(float)
PLAIN = st.floats(0, 1e15, allow_nan=False).map(float)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1)).map(str)


@st.composite
def ends(draw: st.DrawFn, numbers: st.SearchStrategy[float]) -> tuple[float | None, float | None]:
    low, high = draw(st.none() | numbers), draw(st.none() | numbers)
    return (high, low) if low is not None and high is not None and low > high else (low, high)


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    low, high = draw(ends(NUMBERS))
    return Parameter(draw(WORDS), low, high, draw(st.none() | WORDS))


def one(text: str) -> Parameter:
    (read,) = read_parameters(text)
    assert read.error is None
    assert read.parameter is not None
    return read.parameter


@settings(max_examples=100, deadline=None)
@given(parameters())
def test_what_we_write_is_read_to_the_letter(parameter: Parameter) -> None:
    assert one(write_parameter(parameter)) == parameter


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Parameter("发酵罐容积", 50, 5000, "L"), "发酵罐容积:50–5000 L"),
        (Parameter("面积", 2000, None, "m²"), "面积:≥2000 m²"),
        (Parameter("温度", None, 300, "℃"), "温度:≤300 ℃"),
        (Parameter("尺寸", 8, 8, "英寸"), "尺寸:8 英寸"),
        (Parameter("线数", None, None, "条"), "线数:— 条"),
        (Parameter("pH", -1.5, 14, None), "pH:-1.5–14"),
        (Parameter("比例 1:2", 1, 1, None), "比例 1\\:2:1"),
    ],
)
def test_how_parameters_are_written(parameter: Parameter, text: str) -> None:
    assert write_parameter(parameter) == text


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("发酵罐 50-5000L", Parameter("发酵罐", 50, 5000, "L")),
        ("发酵罐容积:50-5000L", Parameter("发酵罐容积", 50, 5000, "L")),
        ("容积\uff1a50~5000 L", Parameter("容积", 50, 5000, "L")),
        ("容积50\uff5e5000升", Parameter("容积", 50, 5000, "升")),
        ("洁净车间 2000㎡", Parameter("洁净车间", 2000, 2000, "㎡")),
        ("容积 ≥500 L", Parameter("容积", 500, None, "L")),
        ("容积不低于500 L", Parameter("容积", 500, None, "L")),
        ("压力≤600bar", Parameter("压力", None, 600, "bar")),
        ("最高温度 300℃", Parameter("最高温度", 300, 300, "℃")),
        ("容积 500L以上", Parameter("容积", 500, None, "L")),
        ("温度 -20至80℃", Parameter("温度", -20, 80, "℃")),
        ("产能 1,200 t/a", Parameter("产能", 1200, 1200, "t/a")),
        ("建筑面积1.5万㎡", Parameter("建筑面积", 1.5, 1.5, "万㎡")),
        ("8英寸", Parameter("晶圆尺寸", 8, 8, "英寸")),
    ],
)
def test_how_people_type_them(text: str, parameter: Parameter) -> None:
    assert one(text) == parameter


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("容积 1,5 L", "1,5"),
        ("容积:1,5-3 L", "1,5"),
        ("容积 1-1,5 L", "1,5"),
        ("容积 1\uff0c5 L", "1\uff0c5"),
        ("年产 1,5000 t", "1,5000"),
        ("精度 ≤0,05 mm", "0,05"),
        ("晶圆 8,12英寸", "8,12"),
        ("拥有1,5升发酵罐3台", "1,5"),
        ("容积1,5万L左右,温度 5 ℃", "1,5"),
        ("容积约1,5-3 L", "1,5-3"),
        ("面积1,5余㎡", "1,5"),
    ],
)
def test_a_comma_that_parts_no_thousands_is_told(text: str, figure: str) -> None:
    (read,) = read_parameters(text)
    assert read.parameter is None
    assert (read.error, read.code) == (f"“{figure}”不是数值", "number")


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("支持8,12英寸晶圆加工", [200, 12]),
        ("厂房2000㎡,5000㎡", [2000, 5000]),
        ("2,4-二氯苯酚 500 kg", [500]),
        ("通过ISO 9001,500 L发酵罐", [500]),
        ("ISO 7,2000 m²洁净室", [7, 2000]),
        ("容积 1,500 L,3台", [1500, 3]),
        ("容积 500,", [500]),
    ],
)
def test_commas_between_words_numbers_and_names_are_no_error(text: str, ends: list[float]) -> None:
    assert [read.parameter and read.parameter.min for read in read_parameters(text)] == ends


def test_several_in_running_text() -> None:
    read = [found.parameter for found in read_parameters("拥有5000升发酵罐3台,洁净面积2000平方米")]
    assert Parameter("洁净面积", 2000, 2000, "平方米") in read
    assert any(one and one.unit == "升" and one.min == 5000 for one in read)


@pytest.mark.parametrize("text", ["可做 GMP 生产", "面议", "详见附件", ":5 L"])
def test_words_without_a_number_are_no_parameter(text: str) -> None:
    assert all(read.parameter is None or read.parameter.min is not None for read in read_parameters(text))
    if ":" not in text:
        assert read_parameters(text) == ()


@pytest.mark.parametrize("text", ["容积:5000–50 L", "容积 5000-50 L", "温度:80–-20 ℃"])
def test_ends_in_the_wrong_order_are_an_error(text: str) -> None:
    (read,) = read_parameters(text)
    assert read.parameter is None
    assert read.error is not None
    assert "大于上限" in read.error


def test_unknown_units_are_kept_and_told() -> None:
    (read,) = read_parameters("容积:5 布什尔桶")
    assert read.parameter == Parameter("容积", 5, 5, "布什尔桶")
    assert read.unknown_unit == "布什尔桶"
    assert read_parameters("容积:5 L")[0].unknown_unit is None
    assert read_parameters("洁净等级:7 级")[0].unknown_unit is None


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("50-5000", Parameter("容积", 50, 5000, "L")),
        ("≥50", Parameter("容积", 50, None, "L")),
        ("500", Parameter("容积", 500, 500, "L")),
        ("2 m3", Parameter("容积", 2, 2, "m3")),
        ("1,000", Parameter("容积", 1000, 1000, "L")),
    ],
)
def test_columns_of_their_own(text: str, parameter: Parameter) -> None:
    read = read_column("容积", text, "L")
    assert read is not None
    assert read.parameter == parameter


def test_a_column_without_a_number() -> None:
    assert read_column("容积", "很大", "L") is None


@pytest.mark.parametrize(
    ("low", "high", "error"),
    [("1", "x", "不是数值"), ("9", "1", "大于上限"), ("1e999", "", "不是数值"), ("", "", None), ("1", "2", None)],
)
def test_parts(low: str, high: str, error: str | None) -> None:
    read = from_parts("容积", low, high, "L")
    assert (read.error or "").endswith(error or "") if error is None else error in (read.error or "")
    assert (read.parameter is None) == (error is not None)


def test_ranges_without_ends() -> None:
    assert write_range(None, None) == "—"


@settings(max_examples=100, deadline=None)
@given(WORDS, ends(PLAIN), st.none() | WORDS)
def test_fees_come_back_exactly(item: str, bounds: tuple[float | None, float | None], per: str | None) -> None:
    fee = Fee(item, *bounds, per)
    assert read_fee(write_fee(fee)) == fee


@pytest.mark.parametrize(
    ("text", "fee"),
    [
        ("200元/样", Fee("服务", 200, 200, "样")),
        ("发酵:1-2 万元/批", Fee("发酵", 10000, 20000, "批")),
        ("检测\uff1a≥300元", Fee("检测", 300, None, None)),
        ("面议", None),
        ("发酵:5000-100 元/批", None),
        ("检测 2,4-二氯苯酚:1,200元/样", Fee("检测 2,4-二氯苯酚", 1200, 1200, "样")),
        ("检测 2,4-二氯苯酚:面议", None),
    ],
)
def test_fees_as_people_write_them(text: str, fee: Fee | None) -> None:
    assert read_fee(text) == fee


@pytest.mark.parametrize("figure", ["1,5", "0,25", "1,5000", "1e999"])
def test_figures_that_say_no_number_are_told(figure: str) -> None:
    for read, text in ((read_fee, f"发酵:1–{figure} 元"), (read_fee, f"≥{figure}元"), (read_hours, f"{figure} 小时")):
        with pytest.raises(NotANumber, match=figure):
            read(text)


@settings(max_examples=100, deadline=None)
@given(st.none() | DAYS, st.none() | DAYS, st.none() | WORDS)
def test_windows_come_back_exactly(start: str | None, end: str | None, note: str | None) -> None:
    if start and end and start > end:
        start, end = end, start
    window = Window(start, end, note)
    assert read_window(write_window(window)) == window


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("2026年1月1日至2026年3月31日", Window("2026-01-01", "2026-03-31")),
        ("2026/1/1~ 节假日除外", Window("2026-01-01", None, "节假日除外")),
        ("工作日均可", Window(note="工作日均可")),
        ("2026-13-01~2026-14-01", Window(note="2026-13-01~2026-14-01")),
        ("2026-03-01~2026-01-01", None),
    ],
)
def test_windows_as_people_write_them(text: str, window: Window | None) -> None:
    assert read_window(text) == window


@settings(max_examples=100, deadline=None)
@given(PLAIN, st.none() | WORDS)
def test_hours_come_back_exactly(hours: float, group: str | None) -> None:
    quota = MachineHours(hours, group)
    assert read_hours(write_hours(quota)) == quota


def test_hours_and_choices_as_people_write_them() -> None:
    assert read_hours("中小企业:不少于700小时/年") == MachineHours(700, "中小企业")
    assert read_hours("1,200") == MachineHours(1200)
    assert read_hours("1\uff0c200 小时") == MachineHours(1200)
    assert read_hours("随时") is None
    assert read_choice("省级", dict(TIER_NAMES)) == "province"
    assert read_choice("city", dict(TIER_NAMES)) == "city"
    assert read_choice("工艺验证", {"process": "工艺"}) == "process"
    assert read_choice("村级", dict(TIER_NAMES)) is None
