"""Ranges, tolerances, sides and double bounds."""

from __future__ import annotations

import math

import pytest

from tests.matcher.understanding.quantity_cases import Row, only, rows

INF = math.inf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50–5000 L", ("50–5000 L", "volume", 50, 5000, "L")),
        ("50L-5000L", ("50L-5000L", "volume", 50, 5000, "L")),
        ("50至5000升", ("50至5000升", "volume", 50, 5000, "L")),
        ("从50到5000升", ("从50到5000升", "volume", 50, 5000, "L")),
        ("5 to 10 kg", ("5 to 10 kg", "mass", 5, 10, "kg")),
        ("between 5 and 10 kg", ("5 and 10 kg", "mass", 5, 10, "kg")),
        ("-40~85℃", ("-40~85℃", "temperature", -40, 85, "degC")),
        ("-40℃至85℃", ("-40℃至85℃", "temperature", -40, 85, "degC")),
        ("-80~-40 ℃", ("-80~-40 ℃", "temperature", -80, -40, "degC")),
        ("零下40到60摄氏度", ("零下40到60摄氏度", "temperature", -40, 60, "degC")),
        ("2-3万片", ("2-3万片", "count", 20000, 30000, "1")),
        ("三到五天", ("三到五天", "time", 3, 5, "day")),
        ("45nm至0.13微米", ("45nm至0.13微米", "length", 0.045, 0.13, "um")),
        ("500L~5吨发酵罐", ("500L~5吨", "volume", 0.5, 5, "m^3")),
        ("55至40 nm", ("55至40 nm", "length", 40, 55, "nm")),
        ("约0.15至12 mmol", ("约0.15至12 mmol", "substance", 0.15, 12, "mmol")),
        ("180±20 kg/m³", ("180±20 kg/m³", "density", 160, 200, "kg/m^3")),
        ("10V±5%", ("10V±5%", "voltage", 9.5, 10.5, "V")),
        ("45±5%RH", ("45±5%RH", "humidity", 40, 50, "percent")),
        ("±0.01 mm", ("±0.01 mm", "length", -INF, 0.01, "mm")),
        ("+/-0.01mm", ("+/-0.01mm", "length", -INF, 0.01, "mm")),
        ("900×450mm", ("900×450mm", "length", 450, 900, "mm")),
        ("650×320×210mm", ("650×320×210mm", "length", 210, 650, "mm")),
        ("5.66寸×6寸", ("5.66寸×6寸", "length", 5.66, 6, "inch")),
        ("500mm x 0.6m", ("500mm x 0.6m", "length", 0.5, 0.6, "m")),
        ("≥5且<10 kg", ("≥5且<10 kg", "mass", 5, 10, "kg")),
        ("大于5小于10μm", ("大于5小于10μm", "length", 5, 10, "um")),
        ("5-8公斤以上", ("5-8公斤以上", "mass", 5, INF, "kg")),
    ],
)
def test_reads_the_shape(text: str, expected: Row) -> None:
    (found,) = rows(text)
    assert (found[0], found[1], found[4]) == (expected[0], expected[1], expected[4])
    assert (found[2], found[3]) == pytest.approx(expected[2:4])


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("60-10 kg", ["10 kg"]),
        ("5 L至3 kg", ["5 L", "3 kg"]),
        ("100%±5 kg", ["100%", "±5 kg"]),
        ("5kg×3", ["5kg"]),
        ("900×1800规格", []),
        ("5 and 10 kg", ["5", "10 kg"]),
    ],
)
def test_other_pairs_are_no_range(text: str, spans: list[str]) -> None:
    assert [row[0] for row in rows(text)] == spans


def test_double_bounds_keep_their_signs() -> None:
    interval = only(">5且≤10 kg").interval
    assert (interval.min_closed, interval.max_closed) == (False, True)
