"""Matches whose first candidates are read together with the need: what moves, what does not, and who is told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings import Encoder
from matcher.match import Matcher
from matcher.ranking.profile import INTERCEPT, Profile
from matcher.ranking.reranking import ODDS_MAX, READ, card
from matcher.ranking.why_not import why_not
from matcher.records import Match, Need
from matcher.settings import Settings
from tests.matcher.small import LISTINGS, PROFILE

READS = 4
PLAIN = replace(PROFILE, weights=PROFILE.weights | {"joint": 0.0})
#: What is not read is never more than weak; what is read mostly is.
READING = replace(
    PROFILE,
    weights=PROFILE.weights | {"joint": 1.5},
    confidence=PROFILE.confidence | {INTERCEPT: 9.0},
    unread=((0.0, 0.0), (100.0, 0.1)),
    reads=READS,
)
NEED = Need(text="发酵放大,1000 L以上发酵罐,广东优先")
HARD = replace(NEED, must=("quantity",))


class Reader:
    """Odds by the hash of need and card: any order may come of them. Remembers what it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def begin(self, need: str) -> None:
        """Reads nothing ahead."""

    def scores(self, need: str, cards: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append((need, tuple(cards)))
        digests = (hashlib.sha256(f"{need}/{one}".encode()).digest() for one in cards)
        return np.array([digest[0] / 16 - ODDS_MAX for digest in digests], np.float32)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def load(small_data: Path, bundled: Encoder, reader: Reader) -> object:
    settings = Settings(_env_file=None, data=small_data)

    def loaded(profile: Profile) -> Matcher:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("matcher.match.open_reranker", lambda given, encoder: reader)
            return Matcher.load(settings, LISTINGS, profile=profile, encoder=bundled)

    return loaded


@pytest.fixture(scope="module")
def plain(load) -> Matcher:  # type: ignore[no-untyped-def]  # a function of this module
    return load(PLAIN)  # type: ignore[no-any-return]  # as above


@pytest.fixture(scope="module")
def reading(load) -> Matcher:  # type: ignore[no-untyped-def]  # as above
    return load(READING)  # type: ignore[no-any-return]  # as above


def ids(matches: Sequence[Match]) -> list[str]:
    return [match.listing.id for match in matches]


def test_the_first_change_places_among_themselves(plain: Matcher, reading: Matcher) -> None:
    before, after = (one.match(NEED, top=20).matches for one in (plain, reading))
    assert set(ids(after[:READS])) == set(ids(before[:READS]))
    assert ids(after[:READS]) != ids(before[:READS])
    assert ids(after[READS:]) == ids(before[READS:])
    assert [match.score for match in after] == sorted((match.score for match in after), reverse=True)


def test_a_score_is_the_sum_of_its_named_parts(plain: Matcher, reading: Matcher, reader: Reader) -> None:
    before = {match.listing.id: match.score for match in plain.match(NEED, top=20).matches}
    for place, match in enumerate(reading.match(NEED, top=20).matches):
        assert sum(match.features.values()) == pytest.approx(match.score, abs=1e-4)
        odds = float(reader.scores(NEED.text, [card(match.listing)])[0])
        part = 1.5 * (odds + ODDS_MAX + READ) if place < READS else 0.0
        assert match.features["joint"] == pytest.approx(part, abs=1e-4)
        assert match.score == pytest.approx(before[match.listing.id] + part, abs=1e-4)


@pytest.mark.slow
def test_coverage_is_told_before_anything_is_read(load, plain: Matcher) -> None:  # type: ignore[no-untyped-def]  # as above
    """What is promised of an answer is the same with the re-ranker and without."""
    for intercept in (-60.0, -20.0, 0.0, 20.0):
        weights = PROFILE.confidence | {INTERCEPT: intercept, "best_score": 1.0}
        one, other = (load(replace(profile, confidence=weights)) for profile in (PLAIN, READING))
        assert one.match(NEED).coverage == other.match(NEED).coverage


@pytest.mark.parametrize("top", [1, 2, 4, 5, 9])
def test_a_longer_list_begins_like_a_shorter_one(reading: Matcher, top: int) -> None:
    whole, part = reading.match(NEED, top=20).matches, reading.match(NEED, top=top).matches
    assert [(match.listing.id, match.score) for match in part] == [(m.listing.id, m.score) for m in whole[:top]]


def test_each_need_is_read_with_its_first_only(reading: Matcher, plain: Matcher, reader: Reader) -> None:
    reader.asked.clear()
    reading.match(HARD)
    first = plain.match(HARD, top=READS).matches
    assert reader.asked == [(HARD.text, tuple(card(match.listing) for match in first))]
    reader.asked.clear()
    plain.match(HARD)
    assert not reader.asked


def test_what_was_not_read_is_graded_by_its_own_curve(reading: Matcher) -> None:
    answer = reading.match(HARD, top=20)
    assert answer.near_misses
    assert all(match.features["joint"] == 0 and match.grade == "weak" for match in answer.near_misses)
    everything = reading.match(NEED, top=20).matches
    assert {match.grade for match in everything[READS:]} == {"weak"}
    curve = np.array(READING.calibration).T
    for match in everything[:READS]:
        share = float(np.interp(match.score, *curve))
        limits = READING.thresholds
        assert match.grade == (
            "weak" if share < limits.possible else "strong" if share >= limits.strong else "possible"
        )


def test_a_changed_listing_is_read_as_it_is_now(reading: Matcher, reader: Reader) -> None:
    first = reading.match(NEED, top=1).matches[0].listing
    changed = replace(first, summary="停产检修。")
    reader.asked.clear()
    reading.with_changes([changed]).match(NEED)
    assert card(changed) in reader.asked[0][1]
    assert card(first) not in reader.asked[0][1]


def test_fewer_than_would_be_read(reading: Matcher) -> None:
    answer = reading.match(NEED, kinds=("solution",), top=20)
    assert ids(answer.matches) == ["SO-1"]
    assert answer.matches[0].features["joint"] > 0


@pytest.mark.parametrize("need", [NEED, HARD, Need(text="需要GMP车间做酶制剂中试,最好在广州")])
def test_operators_are_told_the_place_that_a_match_gives(reading: Matcher, need: Need) -> None:
    for kind in ("platform", "manufacturer", "equipment"):
        for match in reading.match(need, kinds=(kind,), top=20, explained=False).matches:
            found = why_not(reading, need, match.listing.id)
            assert found.rank == match.rank
            assert found.score == pytest.approx(match.score, abs=1e-4)


def test_what_would_be_read_if_it_met_a_condition_is_advised_so(load) -> None:  # type: ignore[no-untyped-def]  # as above
    """Followed advice gives the rank that was promised."""
    strict = replace(READING, weights=READING.weights | {"quantity_meets": 90.0, "quantity_misses": 90.0}, reads=1)
    matcher: Matcher = load(strict)
    found = why_not(matcher, NEED, "PF-1")
    (advice,) = (one for one in found.advice if one.requirement.type == "quantity")
    listing = matcher.catalogue.get("PF-1")
    assert listing is not None
    larger = replace(listing, parameters=(replace(listing.parameters[0], max=9000.0),))
    answer = matcher.with_changes([larger]).match(NEED, kinds=("platform",), top=20)
    assert ids(answer.matches).index("PF-1") + 1 == advice.rank
