"""What a requester has already is no wish, and what is wished for stays one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.records import Need, QuantityRequirement
from matcher.understanding.present_scales import present_notes, wanted_scales
from matcher.understanding.quantities import read_quantities
from matcher.understanding.reading import Reader

READER = Reader.load()
TODAY = date(2025, 7, 1)


def wanted(text: str) -> list[tuple[str, float | None]]:
    return [(one.text, one.start_scale) for one in wanted_scales(text, read_quantities(text))]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("现在实验室2L釜做通了,想放大到500L", [("500L", 2.0)]),
        ("小试在5L罐完成,希望放大到200L", [("200L", 5.0)]),
        ("目前产量每天2kg,想要每天100kg", [("每天100kg", 2.0)]),
        ("实验室每次只能出200g,希望放大到每批10公斤以上", [("10公斤以上", 0.2)]),
        ("实验室配方稳定,每釜2公斤,希望放大到200公斤级", [("200公斤级", 2.0)]),
        ("5L罐不够用了,要200L的", [("200L", 5.0)]),
        ("目前月产能500片,希望扩产到5000片/月", [("5000片/月", 500.0)]),
        ("We currently run 5 L batches and want to scale to 500 L in Suzhou", [("500 L", 5.0)]),
        ("Our 20 L reactor is too small, need a 500 L one", [("500 L", 20.0)]),
        ("Lab-scale process at 2 kg; looking for a plant that makes 200 kg", [("200 kg", 2.0)]),
        ("小试配方,每小时大概10公斤,想试每小时100公斤以上", [("每小时100公斤以上", 10.0)]),
        ("20台手板已经做好,想找代工厂做2000台血糖仪", [("2000台", 20.0)]),
        # Of another dimension: only the wish is left.
        ("我们已有10L发酵罐,需要1吨的", [("1吨", None)]),
        ("现有管式炉每天不到2公斤,求代加工,一次3-5吨", [("3-5吨", None)]),
        # Two larger sizes, and a smaller one: nobody can say what grows into what.
        ("目前用5L罐,要50L和500L的", [("50L", None), ("500L", None)]),
        ("目前用500L罐,要一台50L的", [("50L", None)]),
    ],
)
def test_what_is_there_already_is_no_wish(text: str, left: list[tuple[str, float | None]]) -> None:
    assert wanted(text) == left
    assert len(present_notes(text, read_quantities(text))) == len(read_quantities(text)) - len(left)


@pytest.mark.parametrize(
    "text",
    [
        "需要5L发酵罐",
        "目前需要5L发酵罐",
        "现需200L反应釜",
        "目前拟建1000L发酵罐",
        "求租实验室,5L发酵罐",
        "实验室要5L发酵罐",
        "小试设备5L反应釜,想租",
        "实验室反应釜5L以上,希望带控温",
        "现有设备无法做到5000L",
        "现有5吨原料待加工",
        "我们有一批废水50吨要处理",
        "已有订单5吨",
        "目前每天产生废水50吨,求处理",
        "现有库存200kg,想提纯",
        "每年50批工艺验证",
        "500L发酵罐完成三批",
        "小试完成,500L反应釜中试,要求GMP",
        "目前纯度99%,希望更高",
        "Looking for an existing 500 L fermenter in Shanghai",
        "We have a formulation and need a 100 L mixer",
        "need to process existing 5 tons of waste",
        "5 L放大到5000 L没有场地",
        "",
    ],
)
def test_a_wish_stays_one(text: str) -> None:
    read = read_quantities(text)
    assert wanted_scales(text, read) == read
    assert present_notes(text, read) == []


def test_the_scale_is_told_in_the_unit_of_the_wish() -> None:
    assert wanted("目前每批500g,希望放大到20kg") == [("20kg", 0.5)]
    assert wanted("目前处理量1L/min,希望放大到6m3/h") == [("6m3/h", 0.06)]


def test_a_need_says_what_it_left_out() -> None:
    understood = READER.read(Need(text="实验室５L罐做通了,希望放大到200L"), TODAY)
    assert [one.text for one in understood.requirements if isinstance(one, QuantityRequirement)] == ["200L"]
    assert "“5L”读作现有规模,不作为要求" in understood.notes


def test_the_stage_that_somebody_has_come_to_is_no_wish() -> None:
    understood = READER.read(Need(text="公斤级工艺已经跑通,想找吨级"), TODAY)
    assert [one.text for one in understood.requirements if one.type == "stage"] == []


@given(st.text(alphabet="目前现有实验室小试做通希望放大到不够用0123456789Lkg,。 要", max_size=40))
def test_nothing_is_added_and_only_sizes_go(text: str) -> None:
    read = read_quantities(text)
    left = wanted_scales(text, read)
    assert [(one.start, one.end) for one in left] == [
        (one.start, one.end) for one in read if (one.start, one.end) in {(kept.start, kept.end) for kept in left}
    ]
    assert len(present_notes(text, read)) == len(read) - len(left)
    assert all(one.start_scale is None or one.start_scale > 0 for one in left)


def test_behind_a_colon_another_clause_begins() -> None:
    text = "工艺放大:目前实验室 2L 反应瓶,想上到 100L 再到 1 吨"
    assert [one.text for one in wanted_scales(text, read_quantities(text))] == ["100L 再到 1 吨"]
