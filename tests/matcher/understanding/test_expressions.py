"""From–to statements, alternatives, and where one number ends and the next begins."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.quantities import read_quantities
from tests.matcher.understanding.quantity_cases import only, rows

INF = math.inf


@pytest.mark.parametrize(
    ("text", "span", "start_scale", "low", "high"),
    [
        ("5 L 放大到 5000 L", "5 L 放大到 5000 L", 5, 5000, 5000),
        ("从5 L放大到5000 L", "从5 L放大到5000 L", 5, 5000, 5000),
        ("5升小罐放大至500升", "5升小罐放大至500升", 5, 500, 500),
        ("500 L 扩大到 5 m³", "500 L 扩大到 5 m³", 0.5, 5, 5),
        ("从68dB压到62dB以下", "从68dB压到62dB以下", 68, -INF, 62),
        ("5 L 放大到不低于50 L", "5 L 放大到不低于50 L", 5, 50, INF),
        ("5 L放大到50~100 L", "5 L放大到50~100 L", 5, 50, 100),
        ("由24小时缩至15分钟", "由24小时缩至15分钟", 1440, 15, 15),
        ("从60%提高到85%", "从60%提高到85%", 60, 85, 85),
        ("scale up from 5 L to 500 L", "from 5 L to 500 L", 5, 500, 500),
        ("月产从50套提到800套", "月产从50套提到800套", 50, 800, 800),
        ("从约15个月压缩到3个多月", "从约15个月压缩到3个多月", 15, 3, INF),
    ],
)
def test_reads_the_scale_it_starts_from(text: str, span: str, start_scale: float, low: float, high: float) -> None:
    quantity = only(text)
    assert quantity.text == span
    assert quantity.start_scale == pytest.approx(start_scale)
    assert (quantity.interval.min, quantity.interval.max) == (low, high)


@pytest.mark.parametrize("text", ["5 L,放大到5000 L", "5 kg放大到500 L", "效率24%,放大到300×300mm掉到15%"])
def test_a_clause_or_another_dimension_parts_them(text: str) -> None:
    assert all(quantity[0] != text for quantity in rows(text))
    assert len(rows(text)) > 1


@pytest.mark.parametrize(
    ("text", "spans", "values"),
    [
        ("6/8英寸", ["6", "8英寸"], [150, 200]),
        ("4、6、8英寸线", ["4", "6", "8英寸"], [100, 150, 200]),
        ("6或8英寸晶圆", ["6", "8英寸"], [150, 200]),
        ("25/400μm双包层", ["25", "400μm"], [25, 400]),
        ("50、100和200 L", ["50", "100", "200 L"], [50, 100, 200]),
        ("3、5万片", ["3", "5万片"], [30000, 50000]),
        ("24/48/72小时", ["24", "48", "72小时"], [24, 48, 72]),
        ("1200V/400A", ["1200V", "400A"], [1200, 400]),
        ("85℃/85%RH", ["85℃", "85%RH"], [85, 85]),
    ],
)
def test_reads_alternatives_one_by_one(text: str, spans: list[str], values: list[float]) -> None:
    found = rows(text)
    assert [row[0] for row in found] == spans
    assert [row[2] for row in found] == values


def test_a_list_number_is_no_alternative() -> None:
    assert [row[0] for row in rows("1、500 L发酵罐\n2、200 L种子罐")] == ["500 L", "200 L"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("长4.2m宽1.1m", ["4.2m", "1.1m"]),
        ("孔径10μm、深100μm", ["10μm", "100μm"]),
        ("12英寸月产9万片", ["12英寸", "月产9万片"]),
        ("3.0MPa、温度80℃", ["3.0MPa", "80℃"]),
        ("T-0001号500 L罐", ["500 L"]),
        ("V2.1软件,5 kg", ["5 kg"]),
    ],
)
def test_parts_neighbours(text: str, spans: list[str]) -> None:
    assert [row[0] for row in rows(text)] == spans


@pytest.mark.parametrize(
    ("text", "dimension", "value", "unit", "start"),
    [
        ("从5L到50L再到500L三级放大", "volume", 500, "L", 5),
        ("5L→50L→500L", "volume", 500, "L", 5),
        ("5 L放大到50 L,再放大到500 L", "volume", 500, "L", 5),
        ("从10公斤做到100公斤最后到1吨", "mass", 1, "t", 0.01),
        ("100L 再到 1 吨", "volume", 1, "m^3", 0.1),
        ("每批5kg到20kg然后到100kg,最终到1吨", "mass", 1, "t", 0.005),
    ],
)
def test_the_last_of_several_steps_is_wanted(text: str, dimension: str, value: float, unit: str, start: float) -> None:
    (found,) = read_quantities(text)
    assert (found.dimension, found.interval.min, found.interval.max, found.unit) == (dimension, value, value, unit)
    assert found.start_scale == pytest.approx(start)


@pytest.mark.parametrize(("text", "count"), [("升温到80℃再到120℃", 2), ("2L到5L", 1), ("5L放大到50L,然后到无锡", 1)])
def test_what_is_no_way_of_steps(text: str, count: int) -> None:
    assert len(read_quantities(text)) == count
