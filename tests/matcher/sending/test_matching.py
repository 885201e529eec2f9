"""Which listings an alert is sent for: the fast way against the obvious one, and what a requester would see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from embeddings import Encoder
from matcher.fitting import NeedReadings
from matcher.following import Progress
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.records import Listing, Match, Need
from matcher.sending import matching
from matcher.sending.matching import MatcherFits, fitting_listings
from matcher.settings import Settings
from matcher.today import today

NEEDS = (
    Need("酶制剂发酵放大,需要500 L以上发酵罐", id="n1"),
    Need("酶制剂发酵放大,必须有GMP,仅限广东", id="n2", must=("GMP",)),
    Need("酶制剂发酵放大", id="n3", kinds=("manufacturer",)),
    Need("MEMS 压力传感器流片", id="n4"),
    Need("发酵", id="n5", places=("广东", "江苏"), must=("place",)),
    Need("给猫做一件毛衣", id="n6"),
    Need("", id="n7", certificates=("GMP",), must=("certificate",)),
)


@pytest.fixture(scope="module")
def graded(small_data: Path, small_listings: tuple[Listing, ...], bundled: Encoder) -> Matcher:
    """The small catalogue with the shipped profile that reads nothing: as an alert is, a search is graded unread."""
    return Matcher.load(Settings(_env_file=None, data=small_data), small_listings, profile="fast", encoder=bundled)


class Following:
    """A follower that stands still."""

    def __init__(self, matcher: Matcher, waiting: int = 0) -> None:
        self.live, self.waiting = LiveMatcher(matcher), waiting

    def progress(self) -> Progress:
        return Progress(7, self.waiting)


def obvious(matcher: Matcher, need: Need) -> list[tuple[str, str]]:
    """From the need's own answer: what it shows, with every hard condition met and not graded weak."""
    answer = matcher.match(need, top=1000)
    return sorted((one.listing.id, one.grade) for one in answer.matches if one.grade != "weak" and _all_met(one))


def _all_met(match: Match) -> bool:
    musts = [fit for fit in match.fits if fit.requirement.strength == "must"]
    places = [fit for fit in musts if fit.requirement.type == "place"]
    others = [fit for fit in musts if fit.requirement.type != "place"]
    return all(one.outcome == "meets" for one in others) and (
        not places or any(one.outcome == "meets" for one in places)
    )


def ids(matcher: Matcher) -> Sequence[str]:
    return [listing.id for listing in matcher.catalogue.supply]


@pytest.mark.parametrize("few", [0, 1000])
def test_the_pairs_are_those_of_the_need_s_own_answer(
    graded: Matcher, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether listings are first held against all needs or each need against all listings."""
    monkeypatch.setattr(matching, "FEW", few)
    found = MatcherFits(Following(graded))(NEEDS, ids(graded))
    assert [sorted((one.listing_id, one.grade) for one in of_need) for of_need in found] == [
        obvious(graded, need) for need in NEEDS
    ]
    assert any(found)


@pytest.mark.parametrize("few", [0, 1000])
def test_stale_listings_are_graded_as_in_the_need_s_own_answer(
    graded: Matcher, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "FEW", few)
    since = (today() - timedelta(days=400)).isoformat()
    stale = graded.with_changes([replace(listing, stale_since=since) for listing in graded.catalogue.supply])
    found = MatcherFits(Following(stale))(NEEDS, ids(stale))
    assert [sorted((one.listing_id, one.grade) for one in of_need) for of_need in found] == [
        obvious(stale, need) for need in NEEDS
    ]
    assert found != MatcherFits(Following(graded))(NEEDS, ids(graded))


def test_of_a_few_listings_the_same_are_found_as_of_all(graded: Matcher) -> None:
    fits = MatcherFits(Following(graded))
    everything = fits(NEEDS, ids(graded))
    for listing_id in ids(graded):
        alone = fits(NEEDS, [listing_id])
        assert [list(of_need) for of_need in alone] == [
            [one for one in of_need if one.listing_id == listing_id] for of_need in everything
        ]


def test_unknown_listings_and_no_listings(graded: Matcher) -> None:
    fits = MatcherFits(Following(graded))
    assert fits(NEEDS, []) == [[] for _ in NEEDS]
    assert fits(NEEDS, ["PF-404"]) == [[] for _ in NEEDS]
    assert fits([], ids(graded)) == []


def test_nothing_fits_a_need_that_says_nothing_readable(graded: Matcher) -> None:
    fits = MatcherFits(Following(graded))
    found = fits([Need("", id="x"), NEEDS[0]], ids(graded))
    assert found[0] == []
    assert list(found[1]) == list(fits([NEEDS[0]], ids(graded))[0])


def test_an_import_is_waited_for(graded: Matcher) -> None:
    assert MatcherFits(Following(graded)).followed() == 7
    assert MatcherFits(Following(graded, waiting=3)).followed() == 0


def test_a_hard_condition_that_nobody_speaks_of_is_not_met(graded: Matcher) -> None:
    need = Need("发酵放大", id="x", certificates=("GMP",), must=("certificate",))
    found = fitting_listings(graded, need, ids(graded), NeedReadings(), today())
    for one in found:
        listing = graded.catalogue.get(one.listing_id)
        assert listing is not None
        assert "GMP" in listing.qualifications
