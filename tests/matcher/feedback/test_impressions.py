"""What is kept of an answer: enough to learn from, nothing that tells who asked or in what words."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from matcher.feedback.impressions import FEATURE_SET, MINUTES, impression_of, packed, rounded, topic_of, unpacked
from matcher.feedback.swaps import Swap
from matcher.match import Matcher
from matcher.ranking.features import FEATURES
from matcher.records import (
    CertificateRequirement,
    IndustryRequirement,
    Interval,
    KindRequirement,
    Match,
    Need,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
)
from tests.matcher.small import LISTINGS

AT = datetime(2026, 11, 22, 4, 13, 59, 123, UTC)
BIO = IndustryRequirement(text="发酵", industry="biotech")
VOLUME = QuantityRequirement(text="500 L", dimension="volume", interval=Interval(500), unit="L", role="capacity")


class TestTopic:
    def test_it_names_industries_kinds_and_measures(self) -> None:
        assert topic_of([VOLUME, BIO], ["platform"]) == "biotech|platform|volume"
        assert topic_of([BIO, KindRequirement(text="代工", kind="manufacturer")]) == "biotech|manufacturer|-"
        assert topic_of([VOLUME]) == "-|-|volume"

    def test_the_order_of_words_does_not_matter(self) -> None:
        food = IndustryRequirement(text="食品", industry="food")
        assert topic_of([BIO, food, VOLUME]) == topic_of([VOLUME, food, BIO])

    @pytest.mark.parametrize(
        "more",
        [
            PlaceRequirement(text="东莞虎门", code="441900", name="东莞市"),
            CertificateRequirement(text="GMP", certificate="gmp"),
            QuantityRequirement(text="纯度", dimension="dimensionless", interval=Interval(), unit="", role="property"),
        ],
    )
    def test_what_would_tell_needs_apart_is_not_in_it(self, more: Requirement) -> None:
        assert topic_of([BIO, VOLUME, more]) == topic_of([BIO, VOLUME])
        assert topic_of([more]) == ""

    def test_however_much_a_need_says_it_stays_short(self) -> None:
        many = [IndustryRequirement(text="x", industry=f"industry-{number}") for number in range(30)]
        assert topic_of(many) == "industry-0+industry-1|-|-"

    def test_nothing_read_is_no_topic(self) -> None:
        assert topic_of([], ["platform"]) == ""


def test_times_are_cut() -> None:
    assert rounded(AT) == datetime(2026, 11, 22, 4, 10, tzinfo=UTC)
    assert rounded(AT.astimezone(timezone(timedelta(hours=8)))) == rounded(AT)
    assert rounded(AT).minute % MINUTES == 0


class TestFeatures:
    def test_three_digits_of_each_survive(self) -> None:
        rows = np.random.default_rng(0).normal(0, 10, (4, len(FEATURES))).astype(np.float32)
        matches = [Match(1, 0, "weak", LISTINGS[0], measured=row.tobytes()) for row in rows]
        stored = packed(matches)
        assert stored is not None
        assert len(stored) == rows.size * 2
        np.testing.assert_allclose(unpacked(stored), rows, rtol=1e-3, atol=1e-6)

    def test_what_is_beyond_half_precision_is_held(self) -> None:
        row = np.full(len(FEATURES), 1e9, np.float32)
        stored = packed([Match(1, 0, "weak", LISTINGS[0], measured=row.tobytes())])
        assert stored is not None
        assert np.isfinite(unpacked(stored)).all()

    def test_a_matcher_that_measures_nothing_leaves_none(self) -> None:
        assert packed([Match(1, 0, "weak", LISTINGS[0])]) is None
        assert packed([]) == b""
        assert re.fullmatch("[0-9a-f]{16}", FEATURE_SET)


def test_an_answer_of_the_matcher(small_matcher: Matcher) -> None:
    need = Need("王小明的公司要500 L发酵罐,做GMP中试放大,广州天河", kinds=("platform",))
    answer = small_matcher.match(need, top=4)
    made = impression_of(answer, "answer-1", AT, swap=Swap(1, False))
    assert [place.listing_id for place in made.places] == [match.listing.id for match in answer.matches]
    assert (made.profile, made.version, made.coverage) == (answer.profile, answer.profile_version, answer.coverage)
    assert made.features is not None
    scores = unpacked(made.features).astype(float) @ np.array(
        [small_matcher.ranker.profile.weights[name] for name in FEATURES]
    )
    np.testing.assert_allclose(scores, [match.score for match in answer.matches], rtol=5e-3)
    # The time that it took may well have a 500 among its digits.
    told = str(asdict(made) | {"took_ms": None})
    assert not any(word in told for word in ("王小明", "发酵", "500", "广州", "天河", "gmp", "GMP"))


def test_teams_and_pins() -> None:
    matches = tuple(
        Match(rank, 0, "weak", one, rule=rule)
        for rank, (one, rule) in enumerate(zip(LISTINGS, ["置顶:示范", None, None], strict=False), 1)
    )
    from matcher.records import Matches

    answer = Matches(Need("x"), (), matches, (), "good", (), "city", "3")
    made = impression_of(answer, "answer-1", AT, teams=(None, "b", "a"), experiment_id="e")
    assert [(place.pinned, place.team) for place in made.places] == [(True, None), (False, "b"), (False, "a")]
    assert made.experiment_id == "e"
