"""A need in, its requirements out: fields over words, hard conditions, contradictions, any text without a crash."""

from __future__ import annotations

import json
import time
from datetime import date
from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.records import Need, Parameter, PlaceRequirement, QuantityRequirement, Requirement
from matcher.understanding.places import default_regions
from matcher.understanding.reading import Reader, Understood, as_json
from matcher.understanding.text import MAX_CHARACTERS, check_text

TODAY = date(2025, 7, 1)
READER = Reader.load()
#: Seconds that a need of the greatest length may take, many times what it takes on a quiet machine.
PATIENCE = 3.5
TEXT = "找500升以上发酵罐做中试代工,要GMP,东莞附近,预算200万以内,三个月内出报告"


def read(text: str = "", **fields: object) -> Understood:
    return READER.read(Need(text=text, **fields), TODAY)  # type: ignore[arg-type]  # fields of Need by name


def of_type(understood: Understood, kind: str) -> list[Requirement]:
    return [one for one in understood.requirements if one.type == kind]


class TestText:
    def test_reads_every_type(self) -> None:
        types = [one.type for one in read(TEXT).requirements]
        assert {"quantity", "kind", "certificate", "place", "budget", "deadline", "stage"} <= set(types)

    def test_spans_are_in_order_and_true(self) -> None:
        understood = read(TEXT)
        starts = [one.start or 0 for one in understood.requirements]
        assert starts == sorted(starts)
        assert all(TEXT[one.start : one.end] == one.text for one in understood.requirements)

    def test_other_spellings_keep_their_words(self) -> None:
        text = "需要５００Ｌ發酵罐,東莞附近,兩週內"
        understood = read(text)
        assert [one.text for one in of_type(understood, "place")] == ["東莞"]
        assert [one.text for one in of_type(understood, "deadline")] == ["兩週內"]
        (volume, *_) = of_type(understood, "quantity")
        assert volume.text == "５００Ｌ"

    def test_money_and_time_stand_as_quantities_too(self) -> None:
        dimensions = {one.dimension for one in read(TEXT).requirements if isinstance(one, QuantityRequirement)}
        assert {"money", "time"} <= dimensions

    @pytest.mark.parametrize("text", ["", "   ", "。。。", "a\x00b"])
    def test_unusable_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            read(text)
        assert refusal.value.field == "text"

    def test_fields_alone_are_enough(self) -> None:
        (certificate,) = read("", certificates=("GMP",)).requirements
        assert (certificate.type, certificate.start) == ("certificate", None)

    def test_same_need_same_answer(self) -> None:
        assert read(TEXT) == read(TEXT)


class TestTwice:
    def test_a_certificate_named_twice_is_one_condition_as_hard_as_either(self) -> None:
        (certificate,) = of_type(read("AEC-Q101检测,三批样品,必须有AEC-Q101报告"), "certificate")
        assert certificate.strength == "must"

    def test_a_quantity_said_twice_is_one_condition(self) -> None:
        assert len(of_type(read("求500升发酵罐。要500升发酵罐"), "quantity")) == 1

    def test_a_place_named_twice_is_one_condition(self) -> None:
        assert len(of_type(read("最好在东莞,东莞附近也行"), "place")) == 1


class TestFieldsWin:
    @pytest.mark.parametrize(
        ("fields", "kind", "count"),
        [
            ({"places": ("苏州",)}, "place", 1),
            ({"certificates": ("CNAS",)}, "certificate", 1),
            ({"budget_wan": 30}, "budget", 1),
            ({"deadline": "两周内"}, "deadline", 1),
            ({"stage": "样机验证"}, "stage", 1),
            ({"industry": ("半导体",)}, "industry", 1),
        ],
    )
    def test_over_words_of_their_type(self, fields: dict[str, object], kind: str, count: int) -> None:
        found = of_type(read(TEXT, **fields), kind)
        assert len(found) == count
        assert all(one.start is None for one in found)

    def test_a_parameter_over_the_same_quantity_only(self) -> None:
        understood = read("发酵罐500升以上,温度37℃", parameters=(Parameter("发酵罐容积", 1000, None, "L"),))
        quantities = [one for one in understood.requirements if isinstance(one, QuantityRequirement)]
        assert [(one.dimension, one.interval.min) for one in quantities if one.dimension == "volume"] == [
            ("volume", 1000)
        ]
        assert any(one.dimension == "temperature" for one in quantities)

    def test_a_parameter_over_the_same_number_under_another_name(self) -> None:
        understood = read("寻8英寸中试线", parameters=(Parameter("晶圆尺寸", 8, 8, "英寸"),))
        assert [one.text for one in of_type(understood, "quantity")] == ["晶圆尺寸 8 英寸"]

    def test_an_unknown_stage_leaves_the_words(self) -> None:
        assert of_type(read("小试已完成,要放大", stage="未知"), "stage")

    def test_where_the_requester_is_is_no_condition(self) -> None:
        assert of_type(read("求500升发酵罐", province="广东省", city="东莞市"), "place") == []

    def test_kinds_asked_for_leave_out_others(self) -> None:
        assert of_type(read("找代工", kinds=("platform",)), "kind") == []
        assert len(of_type(read("找代工", kinds=("manufacturer",)), "kind")) == 1


class TestMust:
    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("GMP", "certificate"),
            ("gmp", "certificate"),
            ("东莞", "place"),
            ("certificate", "certificate"),
            ("地点", "place"),
        ],
    )
    def test_hardens_what_was_read(self, word: str, kind: str) -> None:
        before = read(TEXT)
        understood = read(TEXT, must=(word,))
        assert [one.strength for one in of_type(understood, kind)] == ["must"]
        assert [one for one in understood.requirements if one.type != kind] == [
            one for one in before.requirements if one.type != kind
        ]

    def test_adds_what_was_not_read(self) -> None:
        (certificate,) = of_type(read("求500升发酵罐", must=("CNAS",)), "certificate")
        assert (certificate.strength, certificate.start) == ("must", None)

    def test_quotes_words_of_the_need(self) -> None:
        hard = [one for one in of_type(read(TEXT, must=("500升",)), "quantity") if one.strength == "must"]
        assert ["500升" in one.text for one in hard] == [True]

    def test_of_a_type_that_was_not_read_is_noted(self) -> None:
        assert "没有读到地点条件" in read("求500升发酵罐", must=("place",)).notes[0]

    def test_unknown_words_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="天方夜谭") as refusal:
            read(TEXT, must=("GMP", "天方夜谭"))
        assert refusal.value.field == "must[1]"

    def test_a_lenient_reading_notes_them(self) -> None:
        understood = READER.read(Need(text=TEXT, must=("天方夜谭",)), TODAY, strict=False)
        assert "天方夜谭" in understood.notes[0]

    def test_a_near_place_stays_near(self) -> None:
        (place,) = of_type(read(TEXT, must=("东莞",)), "place")
        assert isinstance(place, PlaceRequirement)
        assert place.near


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(InvalidInput, match="spaceship") as refusal:
        read(TEXT, kinds=("platform", "spaceship"))
    assert refusal.value.field == "kinds[1]"


class TestNotes:
    def test_contradiction_is_noted_and_both_stay(self) -> None:
        understood = read("发酵罐容积不低于500L,发酵罐容积不超过100L")
        assert len(of_type(understood, "quantity")) == 2
        assert any("不能同时满足" in note for note in understood.notes)
        assert all(one.strength == "prefer" for one in understood.requirements)

    def test_a_window_is_no_contradiction(self) -> None:
        assert read("发酵罐容积不低于100L,发酵罐容积不超过500L").notes == ()

    def test_impossible_dates_are_noted(self) -> None:
        assert "不存在" in read("求发酵罐,2026.13.45前完成").notes[0]


class TestJson:
    def test_held_format(self) -> None:
        understood = read("不低于500升发酵罐,东莞,要GMP")
        shown = [as_json(one) for one in understood.requirements]
        quantity = next(one for one in shown if one["type"] == "quantity")
        assert {key: quantity[key] for key in ("text", "start", "end", "dimension", "min", "max", "unit", "role")} == {
            "text": "不低于500升",
            "start": 0,
            "end": 7,
            "dimension": "volume",
            "min": 500,
            "max": None,
            "unit": "L",
            "role": "capacity",
        }
        assert next(one for one in shown if one["type"] == "place")["code"] == "441900"
        assert next(one for one in shown if one["type"] == "certificate")["certificate"]

    def test_is_json(self) -> None:
        understood = read(TEXT, parameters=(Parameter("温度", None, 80, "℃"),), deadline="2026-01-01")
        text = json.dumps([as_json(one) for one in understood.requirements], allow_nan=False, ensure_ascii=False)
        assert json.loads(text)


def _check(text: str) -> None:
    try:
        check_text(text)
    except InvalidInput:
        return
    understood = READER.read(Need(text=text), TODAY)
    for one in understood.requirements:
        assert one.start is not None
        assert one.end is not None
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
    json.dumps([as_json(one) for one in understood.requirements], allow_nan=False)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read(text: str) -> None:
    _check(text)


_PIECES = [
    "不低于", "500", "L", "升", "-80℃", "8英寸", "东莞", "附近", "GMP", "CNAS", "预算", "200万", "以内", "三个月内",
    "2024.13.45", "小试", "→", "中试", "代工", "|", "\t", "\n", ",", "。", "±0.01", "mm", "５", "發酵", "pilot", "≥",
    "~", "1,000", "吨/年", "(", ")", "0", ".", "e9", "^",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
@settings(max_examples=100, deadline=None)
def test_any_jumble_of_conditions_is_read(text: str) -> None:
    _check(text)


@given(st.sampled_from([TEXT, "500 L 放大到 5000 L,厚度25±2 μm,纯度>99.9%"]), st.integers(0, 60), st.characters())
@settings(max_examples=100, deadline=None)
def test_noise_of_character_recognition_is_read(text: str, place: int, noise: str) -> None:
    _check(text[:place] + noise + text[place + 1 :])


def test_a_long_need_is_read() -> None:
    _check((TEXT + "。\n") * 450)


def _page(separator: str, before: str = "") -> str:
    """All places of the table over and over, as many characters as a need may have."""
    regions = default_regions()
    names = (regions[code].name for code in cycle(regions.codes()))
    return "".join(f"{before}{name}{separator}" for name in islice(names, MAX_CHARACTERS))[:MAX_CHARACTERS]


@pytest.mark.parametrize(
    "text",
    [
        _page("、"),
        _page(""),
        _page(","),
        _page("。"),
        _page("的"),
        _page("", "不要"),
        _page("100公里以外", "离"),
        _page(",", "离"),
        _page("", "发酵"),
        _page("GMP"),
        _page("不需要发酵"),
        "东莞的" * 6_666,
        "鼓楼区、" * 5_000,
    ],
)
def test_a_page_of_places_is_read_at_once(text: str) -> None:
    """Quadratic steps took from 4 to 19 s; what is linear takes a few tenths."""
    began = time.process_time()
    read(text)
    assert time.process_time() - began < PATIENCE


@pytest.mark.parametrize("separator", [",", "。", "\n", ";"])
def test_a_place_of_many_is_read_as_if_it_stood_alone(separator: str) -> None:
    clauses = ["东莞附近", "不要江苏", "我们在上海", "限广东", "远离武汉", "除了浙江都行", "发往成都"]
    alone = [(one.text, as_json(one)["code"]) for clause in clauses for one in of_type(read(clause), "place")]
    filled = separator.join([*clauses[:4], "做样品" * 100, *clauses[4:]])
    assert [(one.text, as_json(one)["code"]) for one in of_type(read(filled), "place")] == alone


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact):
        Reader.load(tmp_path)


class TestFieldsBesideText:
    def test_with_a_budget_or_a_deadline_goes_its_number(self) -> None:
        """Else it would stay behind as a quantity that nobody asked for."""
        understood = read("发酵放大,预算20万元以内,三个月内完成,500 L", budget_wan=30, deadline="2099-12")
        assert [one.text for one in of_type(understood, "quantity")] == ["500 L"]
        assert len(of_type(understood, "budget")) == len(of_type(understood, "deadline")) == 1

    def test_without_fields_the_numbers_stay_where_they_are(self) -> None:
        understood = read("发酵放大,预算20万元以内,三个月内完成,500 L")
        assert [one.text for one in understood.conditions if one.type == "quantity"] == ["500 L"]
        assert len(of_type(understood, "quantity")) == 3

    @pytest.mark.parametrize(
        ("text", "fields", "kind", "strength"),
        [
            ("要求有GMP认证", {"certificates": ("GMP",)}, "certificate", "must"),
            ("有GMP认证优先", {"certificates": ("GMP",)}, "certificate", "prefer"),
            ("要求有GMP认证", {"certificates": ("ISO 13485",)}, "certificate", "prefer"),
            ("仅限苏州", {"places": ("苏州",)}, "place", "must"),
            ("仅限苏州", {"places": ("无锡",)}, "place", "prefer"),
            ("必须不在苏州", {"places": ("苏州",)}, "place", "prefer"),
        ],
    )
    def test_a_field_is_as_firm_as_the_words(
        self, text: str, fields: dict[str, object], kind: str, strength: str
    ) -> None:
        given = [one for one in of_type(read(text, **fields), kind) if one.start is None]
        assert [one.strength for one in given] == [strength]

    def test_what_was_made_a_wish_stays_one(self) -> None:
        [given] = of_type(read("要求有GMP认证", certificates=("GMP",), prefer=("GMP",)), "certificate")
        assert given.strength == "prefer"


class TestExcludedPlaces:
    def test_one_place_wanted_and_excluded_is_noted(self) -> None:
        understood = read("仅限苏州的厂,不要江苏")
        assert any("“苏州”在“不要江苏”所排除的范围之内" in note for note in understood.notes)
        assert not read("仅限江苏,不要苏州").notes

    def test_a_field_overrules_wanted_places_only(self) -> None:
        places = of_type(read("江苏优先,不要苏州", places=("无锡",)), "place")
        assert [(one.text, as_json(one)["excluded"]) for one in places] == [("不要苏州", True), ("无锡", False)]

    def test_it_is_told_apart_in_json(self) -> None:
        (place,) = of_type(read("江苏除外"), "place")
        assert as_json(place)["excluded"] is True

    def test_a_must_that_names_it_does_not_turn_it_round(self) -> None:
        places = of_type(read("最好不要在江苏", must=("江苏",)), "place")
        assert [as_json(one)["excluded"] for one in places] == [True, False]
