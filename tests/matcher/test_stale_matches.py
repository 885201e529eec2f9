"""Stale listings in a match: they sink, say so, and nobody else moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from matcher.fitting import NeedReadings, fitting_needs
from matcher.match import Matcher
from matcher.ranking.staleness import FEATURE, largest
from matcher.records import Listing, Need
from matcher.today import today
from tests.matcher.small import LISTINGS

NEED = Need("酶制剂发酵放大,需要500 L以上发酵罐")


def made_stale(matcher: Matcher, listing_id: str, days: int) -> Matcher:
    listing = next(one for one in LISTINGS if one.id == listing_id)
    since = today() - timedelta(days=days)
    return matcher.with_changes([replace(listing, stale_since=since.isoformat())])


@pytest.mark.parametrize("days", [400, 4000])
def test_only_the_stale_one_loses(small_matcher: Matcher, days: int) -> None:
    before = small_matcher.match(NEED, top=50).matches
    first = before[0].listing.id
    after = made_stale(small_matcher, first, days).match(NEED, top=50).matches
    scores, old = ({match.listing.id: match.score for match in matches} for matches in (after, before))
    lost = {id: old[id] - score for id, score in scores.items() if score != old[id]}
    assert list(lost) == [first]
    assert lost[first] == pytest.approx(largest(small_matcher.ranker.profile), abs=1e-5)
    assert [match.score for match in after] == sorted(scores.values(), reverse=True)


@pytest.mark.parametrize("days", [100, 400])
def test_for_its_operator_it_sinks_as_for_a_requester(small_matcher: Matcher, days: int) -> None:
    need = replace(NEED, id="N-1")
    stale = made_stale(small_matcher, "PF-1", days)
    ((before,), (found,)) = (
        fitting_needs(matcher, "PF-1", [need], NeedReadings(), today()) for matcher in (small_matcher, stale)
    )
    own = next(one for one in stale.match(need, top=50).matches if one.listing.id == "PF-1")
    assert found.score == own.score < before.score
    assert found.grade == stale.ranker.grade(own.score)


def test_it_says_so_and_the_others_do_not(small_matcher: Matcher) -> None:
    matches = made_stale(small_matcher, "PF-1", 100).match(NEED, top=50).matches
    said = {match.listing.id: [one.text for one in match.reasons if one.feature == FEATURE] for match in matches}
    assert said.pop("PF-1") == ["信息过期未核实已 3 个月,名次下调"]
    assert set(map(tuple, said.values())) == {()}


def test_verified_again_it_is_as_before(small_matcher: Matcher) -> None:
    listing: Listing = next(one for one in LISTINGS if one.id == "PF-1")
    again = made_stale(small_matcher, "PF-1", 400).with_changes([listing])
    found, before = (
        [(match.listing.id, match.score) for match in one.match(NEED, top=50).matches] for one in (again, small_matcher)
    )
    assert found == before


def test_a_loaded_matcher_and_a_changed_one_agree(small_matcher: Matcher) -> None:
    changed = made_stale(small_matcher, "PF-2", 200)
    fresh = Matcher(
        changed.catalogue, changed.retriever, changed.reader, changed.ranker, changed.tables
    )  # its conditions and days are made anew
    one, other = (
        [(match.listing.id, match.score) for match in matcher.match(NEED, top=50).matches]
        for matcher in (changed, fresh)
    )
    assert one == other
