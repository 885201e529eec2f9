"""Rules as JSON: round trip, expiry, and refusals that name the field."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.ranking.rules import PINS_MAX, RULES_MAX, Rule, Scope, rule_fields, rules_from
from matcher.records import SUPPLY_KINDS

PIN: dict[str, Any] = {
    "id": "r1",
    "what": "pin",
    "listing_id": "PF-1",
    "reason": "省级示范平台",
    "owner": "工信局",
    "expires": "2026-12-31",
    "when": {"places": ["440100"], "words": ["发酵"]},
}

words = st.text("发酵pin 9", min_size=1, max_size=20).filter(lambda word: word.strip() == word)
scopes = st.builds(
    Scope,
    kinds=st.lists(st.sampled_from(SUPPLY_KINDS), unique=True).map(tuple),
    places=st.lists(words, unique=True, max_size=3).map(tuple),
    industries=st.lists(words, unique=True, max_size=3).map(tuple),
    words=st.lists(words, unique=True, max_size=3).map(tuple),
)
rules = st.builds(
    Rule,
    id=words,
    what=st.sampled_from(["pin", "hide"]),
    listing_id=words,
    reason=words,
    owner=words,
    expires=st.dates().map(lambda day: day.isoformat()),
    when=scopes,
)


@given(st.lists(rules, max_size=5, unique_by=lambda rule: rule.id))
@settings(max_examples=60, deadline=None)
def test_rules_are_read_back_as_they_were(some: list[Rule]) -> None:
    assert rules_from(json.loads(json.dumps([rule_fields(rule) for rule in some]))) == tuple(some)


def test_a_rule_as_people_write_it() -> None:
    (rule,) = rules_from([PIN])
    assert rule == Rule(
        "r1", "pin", "PF-1", "省级示范平台", "工信局", "2026-12-31", Scope(places=("440100",), words=("发酵",))
    )
    assert rules_from([PIN | {"when": {}}])[0].when == Scope()
    assert rules_from([]) == ()


def test_it_holds_through_its_last_day() -> None:
    (rule,) = rules_from([PIN])
    assert rule.holds_on(date(2026, 12, 31))
    assert not rule.holds_on(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"what": "boost"}, "rules[0].what"),
        ({"what": None}, "rules[0].what"),
        ({"listing_id": ""}, "rules[0].listing_id"),
        ({"reason": "  "}, "rules[0].reason"),
        ({"reason": "长" * 501}, "rules[0].reason"),
        ({"owner": 3}, "rules[0].owner"),
        ({"expires": "2026-02-30"}, "rules[0].expires"),
        ({"expires": "never"}, "rules[0].expires"),
        ({"price": 5}, "rules[0].price"),
        ({"when": []}, None),
        ({"when": ["x"]}, "rules[0].when"),
        ({"when": {"kind": ["platform"]}}, "rules[0].when.kind"),
        ({"when": {"kinds": ["policy"]}}, "rules[0].when.kinds"),
        ({"when": {"words": "发酵"}}, "rules[0].when.words"),
        ({"when": {"words": [""]}}, "rules[0].when.words"),
        ({"when": {"places": [3]}}, "rules[0].when.places"),
        ({"when": {"words": [f"词{number}" for number in range(501)]}}, "rules[0].when.words"),
    ],
)
def test_what_can_not_be_used_is_refused_by_its_name(change: dict[str, Any], field: str | None) -> None:
    if field is None:  # nothing is the same as no scope
        assert rules_from([PIN | change])[0].when == Scope()
        return
    with pytest.raises(InvalidInput) as caught:
        rules_from([PIN | change])
    assert caught.value.field == field
    assert caught.value.hint


def test_one_number_for_each_and_not_too_many() -> None:
    with pytest.raises(InvalidInput) as caught:
        rules_from([PIN, PIN])
    assert caught.value.field == "rules[1].id"
    with pytest.raises(InvalidInput, match="置顶"):
        rules_from([PIN | {"id": str(number)} for number in range(PINS_MAX + 1)])
    hides = [PIN | {"id": str(number), "what": "hide"} for number in range(RULES_MAX + 1)]
    assert len(rules_from(hides[:-1])) == RULES_MAX
    with pytest.raises(InvalidInput, match=str(RULES_MAX)):
        rules_from(hides)


@pytest.mark.parametrize("values", [{}, "pin", None, 3])
def test_rules_are_a_list(values: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules_from(values)
    assert caught.value.field == "rules"
