"""From–to statements, alternatives, and where one number ends and the next begins."""

from __future__ import annotations

import math

import pytest

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
