"""Why a removed listing is shown: one line, hard conditions only, places as alternatives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matcher.ranking.removals import NEAR_MISS, hard_groups, removal_reason
from matcher.records import Evidence, Fit, Interval, Need, PlaceRequirement, QuantityRequirement
from tests.matcher.ranking.vessels_catalogue import matcher_over, platforms

VOLUME = QuantityRequirement(
    text="500 L以上", dimension="volume", interval=Interval(min=500), unit="L", role="capacity", strength="must"
)
DONGGUAN = PlaceRequirement(text="东莞", code="441900", name="东莞市", strength="must")
WUXI = PlaceRequirement(text="无锡", code="320200", name="无锡市", strength="must")
QUOTE = Evidence("parameters[0]", "发酵罐容积 30–300 L")
SHORT = Fit(VOLUME, "misses", "需要 ≥ 500 L,最大 300 L", 5 / 3, QUOTE)
NOT_THERE = Fit(DONGGUAN, "misses", "需要东莞市,位于无锡市")
NOT_HERE = Fit(WUXI, "misses", "需要无锡市,位于上海市")
HERE = Fit(WUXI, "meets")


def test_all_but_one() -> None:
    reason = removal_reason([SHORT, HERE])
    assert reason is not None
    assert (reason.text, reason.feature) == ("除容积外均符合:需要 ≥ 500 L,最大 300 L", NEAR_MISS)
    assert reason.evidence == QUOTE


def test_several_are_all_named() -> None:
    reason = removal_reason([SHORT, NOT_THERE])
    assert reason is not None
    assert reason.text == "不符合容积、地点要求:需要 ≥ 500 L,最大 300 L;需要东莞市,位于无锡市"


def test_places_are_alternatives() -> None:
    assert removal_reason([NOT_THERE, HERE]) is None
    reason = removal_reason([NOT_THERE, NOT_HERE])
    assert reason is not None
    assert reason.text == "不符合地点要求:需要东莞市,位于无锡市"
    all_but_volume = removal_reason([SHORT, NOT_THERE, HERE])
    assert all_but_volume is not None
    assert all_but_volume.text == "除容积外均符合:需要 ≥ 500 L,最大 300 L"


def test_what_nobody_removed_has_no_reason() -> None:
    assert removal_reason([]) is None
    assert removal_reason([HERE]) is None
    wish = replace(SHORT, requirement=replace(VOLUME, strength="prefer"))
    assert removal_reason([wish, HERE]) is None


def test_groups() -> None:
    wish = replace(VOLUME, strength="prefer")
    assert hard_groups([wish, DONGGUAN, VOLUME, WUXI]) == [(1, 3), (2,)]
    assert hard_groups([wish]) == []


def test_near_misses_begin_with_it_and_matches_do_not(tmp_path: Path) -> None:
    matcher = matcher_over(platforms(), tmp_path)
    answer = matcher.match(Need(text="发酵放大,限江苏,600 L以上发酵罐", must=("quantity",)))
    assert answer.near_misses
    assert all(match.reasons[0].feature == NEAR_MISS for match in answer.near_misses)
    assert all(reason.feature != NEAR_MISS for match in answer.matches for reason in match.reasons)
    by_id = {match.listing.id: match.reasons[0].text for match in answer.near_misses}
    small_in_wuxi = by_id.get("PF-02")
    assert small_in_wuxi is None or small_in_wuxi.startswith("除发酵罐容积外")


def test_excluded_places_hold_each_by_itself() -> None:
    away, elsewhere = replace(DONGGUAN, excluded=True), replace(WUXI, excluded=True)
    assert hard_groups([DONGGUAN, away, WUXI, elsewhere]) == [(0, 2), (1,), (3,)]
    reason = removal_reason([Fit(away, "meets"), Fit(elsewhere, "misses", "不要无锡市,位于无锡市")])
    assert reason is not None
    assert reason.text == "除地点外均符合:不要无锡市,位于无锡市"
