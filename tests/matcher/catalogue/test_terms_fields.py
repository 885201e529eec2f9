"""The terms of a listing as JSON: round trip, choices by key or in Chinese, refusals that name the field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import fields_of, listing_from
from matcher.catalogue.terms_fields import terms_fields, terms_from
from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.terms import (
    NO_TERMS,
    PLATFORM_TYPE_NAMES,
    TIER_NAMES,
    VERIFICATION_NAMES,
    Fee,
    MachineHours,
    Terms,
    Window,
)

FULL = Terms(
    tier="province",
    tier_evidence="粤工信函〔2025〕12号",
    tier_expires="2027-12-31",
    platform_type="pilot_workshop",
    verifications=("process", "production"),
    windows=(Window("2026-03-01", "2026-05-31", "仅夜班"), Window(None, None, None)),
    queue_days=14.0,
    lead_days=45.5,
    open_share=0.3,
    fees=(Fee("发酵", 800.0, 1200.0, "小时"), Fee("方案评估")),
    minimum_batch=Parameter("起做量", 50.0, None, "kg"),
    machine_hours=(MachineHours(700.0, "中小企业"),),
    vouchers=("PO-0001",),
    insurance="中试综合险",
    leasing="设备可融资租赁",
    ip_terms="成果归委托方",
)

words = st.text("中试abc 9", min_size=1).filter(lambda word: bool(word.strip()))
days = st.dates().map(lambda day: day.isoformat())
amounts = st.floats(0, 1e9, allow_nan=False)
some_terms = st.builds(
    Terms,
    tier=st.none() | st.sampled_from(list(TIER_NAMES)),
    tier_evidence=st.none() | words,
    tier_expires=st.none() | days,
    platform_type=st.none() | st.sampled_from(list(PLATFORM_TYPE_NAMES)),
    verifications=st.lists(st.sampled_from(list(VERIFICATION_NAMES)), unique=True).map(tuple),
    windows=st.lists(st.builds(Window, st.none() | days, st.none(), st.none() | words), max_size=2).map(tuple),
    queue_days=st.none() | st.floats(0, 1000),
    open_share=st.none() | st.floats(0, 1),
    fees=st.lists(st.builds(Fee, words, amounts, st.none(), st.none() | words), max_size=2).map(tuple),
    minimum_batch=st.none() | st.builds(Parameter, words, amounts, st.none(), st.none() | words),
    machine_hours=st.lists(st.builds(MachineHours, st.floats(0, 8000), st.none() | words), max_size=2).map(tuple),
    vouchers=st.lists(words, max_size=2).map(tuple),
    ip_terms=st.none() | words,
)


class TestRoundTrip:
    def test_everything_that_can_be_said(self) -> None:
        fields = terms_fields(FULL)
        assert terms_from(json.loads(json.dumps(fields))) == FULL
        assert set(fields) == set(Terms.__dataclass_fields__)

    @given(some_terms)
    @settings(max_examples=80, deadline=None)
    def test_any_terms(self, terms: Terms) -> None:
        assert terms_from(json.loads(json.dumps(terms_fields(terms)))) == terms

    def test_nothing_said_is_nothing_written(self) -> None:
        assert terms_fields(NO_TERMS) == {}
        assert terms_from({}) == NO_TERMS
        assert not NO_TERMS
        assert FULL
        assert Terms(queue_days=0.0)

    def test_a_listing_carries_them(self) -> None:
        listing = Listing("PF-1", "platform", "平台", terms=FULL, verified_on="2026-01-31", stale_since="2026-06-01")
        assert listing_from(json.loads(json.dumps(fields_of(listing)))) == listing
        plain = fields_of(Listing("PF-1", "platform", "平台"))
        assert not {"terms", "verified_on", "stale_since"} & set(plain)

    def test_whole_numbers_are_written_as_people_write_them(self) -> None:
        fields = terms_fields(FULL)
        assert json.dumps(fields["queue_days"]) == "14"
        assert json.dumps(fields["fees"][0]["low"]) == "800"
        assert json.dumps(fields["machine_hours"][0]["hours"]) == "700"
        assert json.dumps(fields["minimum_batch"]["min"]) == "50"


@pytest.mark.parametrize(
    ("field", "word", "key"),
    [
        ("tier", "重点培育", "key"),
        ("tier", "national", "national"),
        ("platform_type", "概念验证中心", "proof_of_concept"),
    ],
)
def test_choices_may_be_given_in_chinese(field: str, word: str, key: str) -> None:
    assert getattr(terms_from({field: word}), field) == key


def test_verifications_are_named_once_each() -> None:
    assert terms_from({"verifications": ["工艺", "process", "生产"]}).verifications == ("process", "production")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tier": "村级"}, "terms.tier"),
        ({"tier": 3}, "terms.tier"),
        ({"tier_expires": "2026-02-30"}, "terms.tier_expires"),
        ({"tier_expires": "明年"}, "terms.tier_expires"),
        ({"verifications": ["口头"]}, "terms.verifications"),
        ({"windows": [{"start": "2026-05-01", "end": "2026-04-01"}]}, "terms.windows"),
        ({"windows": "随时"}, "terms.windows"),
        ({"windows": ["随时"]}, "terms.windows"),
        ({"queue_days": -1}, "terms.queue_days"),
        ({"queue_days": 20_000}, "terms.queue_days"),
        ({"open_share": 30}, "terms.open_share"),
        ({"fees": [{"low": 3}]}, "terms.item"),
        ({"fees": [{"item": "x", "low": -3}]}, "terms.fees"),
        ({"fees": [{"item": "x", "low": 3, "high": 2}]}, "terms.fees"),
        ({"machine_hours": [{"group": "中小企业"}]}, "terms.machine_hours"),
        ({"machine_hours": [{"hours": 9000}]}, "terms.hours"),
        ({"minimum_batch": 5}, "terms.parameters[0]"),
        ({"vouchers": "PO-1"}, "terms.vouchers"),
        ({"price": 3}, "terms.price"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name_with_what_would_do(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        terms_from(fields)
    assert caught.value.field == field
    assert caught.value.hint


def test_terms_that_are_no_object_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        listing_from({"id": "a", "kind": "platform", "name": "x", "terms": [1]})
    assert caught.value.field == "terms"
