"""Features measured once rank as the matcher itself does, by any weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from matcher.evaluation import cached_features
from matcher.evaluation.cached_features import CachedFeatures, FeatureCache, features_of
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.records import Listing, Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.evaluation.small_judged import CONTRARY, document, judged_set, needs
from tests.matcher.small import PROFILE, SUPPLY

TODAY = date.today()
NEEDS = (
    *needs(6),
    Need(text="发酵罐500 L以上,必须有GMP,必须在广东", id="hard"),
    Need(text="发酵", id="kinds", kinds=("equipment",)),
    Need(text="发酵放大", id="nowhere", places=("西藏",), must=("place",)),
    Need(text="酶制剂发酵放大,不要CDMO龙头,也不找饮料代工厂", id="refusing"),
    Need("", id="fields", industry=("生物制造",), certificates=("GMP",)),
)
#: Weights that no signal or condition has by default.
WEIGHTS: list[dict[str, float]] = [
    {},
    {"late": 0.0},
    {"dense": -9.0, "words": 40.0},
    {"completeness": 90.0},
    {"place_meets": 30.0, "late": 1.0},
]


@pytest.fixture(scope="module")
def vocabulary(shipped_settings: Settings) -> Vocabulary:
    return Vocabulary.load(shipped_settings)


@pytest.fixture
def cache(vocabulary: Vocabulary) -> FeatureCache:
    return FeatureCache(vocabulary)


def direct(matcher: Matcher, need: Need) -> list[str]:
    answer = matcher.match(need, top=100, explained=False, strict=False)
    return [found.listing.id for found in answer.matches]


def found_by(matcher: Matcher, asked: Sequence[Need]) -> CachedFeatures:
    return CachedFeatures(tuple(features_of(matcher, need) for need in asked))


class Counting:
    """Measures as always, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        measure = features_of

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            return measure(*arguments)

        monkeypatch.setattr(cached_features, "features_of", counted)


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_any_weights_rank_as_the_matcher_does(
    small_matcher: Matcher, vocabulary: Vocabulary, weights: dict[str, float]
) -> None:
    draft = small_matcher.with_document(document(PROFILE, **weights), vocabulary)
    answers = found_by(small_matcher, NEEDS).answers(draft, TODAY)
    for need in NEEDS:
        assert list(answers.run.of(str(need.id))) == direct(draft, need)
        assert answers.coverage[str(need.id)] == draft.match(need, strict=False).coverage


def test_late_interaction_looks_at_the_same_rows(
    small_matcher: Matcher, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a catalogue that is larger than the shortlist, as all real ones are."""
    import matcher.scoring as scoring

    for module in (scoring, cached_features):
        monkeypatch.setattr(module, "SHORTLIST", 4)
        monkeypatch.setattr(module, "NEAR", 0.5)
    draft = small_matcher.with_document(document(PROFILE, dense=30.0), vocabulary)
    answers = found_by(small_matcher, NEEDS[:6]).answers(draft, TODAY)
    for need in NEEDS[:6]:
        found = answers.run.of(str(need.id))
        assert list(found) == direct(draft, need)[: len(found)]
    assert any(len(answers.run.of(str(need.id))) < len(SUPPLY) for need in NEEDS[:6])


def test_stale_listings_sink_as_they_do_there(small_matcher: Matcher, vocabulary: Vocabulary) -> None:
    need = NEEDS[0]
    first = small_matcher.catalogue.get(direct(small_matcher, need)[0])
    assert first is not None
    stale = small_matcher.with_changes([replace(first, stale_since="2020-01-01")])
    answers = found_by(stale, [need]).answers(stale, TODAY)
    assert list(answers.run.of(str(need.id))) == direct(stale, need)
    assert direct(stale, need)[0] != first.id


class TestReRanker:
    """A profile whose first candidates are read: by something that likes long cards, and counts what it reads."""

    @pytest.fixture
    def reading(self, small_matcher: Matcher, vocabulary: Vocabulary) -> Matcher:
        from copy import copy

        matcher = copy(small_matcher)
        self.read: list[str] = []

        def together(text: str, cards: Sequence[str]) -> Any:
            self.read += cards
            return np.array([len(card) / 20 - 3 for card in cards], np.float32)

        matcher._together = together
        profile = replace(PROFILE, reads=3, unread=PROFILE.calibration, weights=PROFILE.weights | {"joint": 2.0})
        return matcher.with_document(Document(profile), vocabulary)

    def test_answers_are_the_matchers_own(self, reading: Matcher) -> None:
        answers = found_by(reading, NEEDS).answers(reading, TODAY)
        for need in NEEDS:
            assert list(answers.run.of(str(need.id))) == direct(reading, need)

    def test_twice_as_many_are_read_before_and_none_again(self, reading: Matcher, vocabulary: Vocabulary) -> None:
        found = found_by(reading, NEEDS[:2])
        assert [len(one.odds) for one in found.needs] == [6, 6]
        self.read.clear()
        found.answers(reading, TODAY)
        assert self.read == []
        other = replace(reading.ranker.profile, weights=CONTRARY.weights)
        found.answers(reading.with_document(Document(other), vocabulary), TODAY)
        assert 0 < len(self.read) <= 6

    def test_what_was_read_stays_when_the_catalogue_changes(
        self, reading: Matcher, cache: FeatureCache, small_listings: tuple[Listing, ...]
    ) -> None:
        judged, draft = judged_set(NEEDS[:2], {"a": {"b": 3}}), Document(reading.ranker.profile)
        cache.of(reading, draft, judged)
        self.read.clear()
        changed = reading.with_changes([replace(SUPPLY[0], name="换了名字的平台")])
        cache.of(changed, draft, judged)
        assert {card for card in self.read if "换了名字" not in card} == set()


class TestCache:
    def test_weights_and_thresholds_are_no_reason_to_measure_again(
        self, small_matcher: Matcher, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counting, judged = Counting(monkeypatch), judged_set(NEEDS[:3], {"a": {"b": 3}})
        first = cache.of(small_matcher, document(), judged)
        assert cache.of(small_matcher, document(late=3.0), judged) is first
        assert cache.of(small_matcher, document(CONTRARY), judged) is first
        assert counting.calls == 3

    def test_words_the_catalogue_and_the_set_are(
        self, small_matcher: Matcher, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counting, judged = Counting(monkeypatch), judged_set(NEEDS[:1], {"a": {"b": 3}})
        cache.of(small_matcher, document(), judged)
        synonyms = replace(document(), added=(("酶制剂", "晶圆"),))
        cache.of(small_matcher, synonyms, judged)
        cache.of(small_matcher.with_changes([], ["PF-2"]), document(), judged)
        cache.of(small_matcher, document(), replace(judged, hash="f" * 64))
        assert counting.calls == 4
        cache.of(small_matcher, synonyms, judged)
        assert counting.calls == 4

    def test_synonyms_of_a_draft_count(self, small_matcher: Matcher, cache: FeatureCache) -> None:
        judged = judged_set([Need(text="酶制剂", id="a")], {"a": {"PF-5": 3}})
        plain, words = document(words=90.0), replace(document(words=90.0), added=(("酶制剂", "晶圆流片"),))
        lists = [
            cache.of(small_matcher, one, judged).answers(cache.matcher(small_matcher, one), TODAY).run.of("a")
            for one in (plain, words)
        ]
        assert lists[0].index("PF-5") > lists[1].index("PF-5")

    def test_only_the_latest_are_kept(
        self, small_matcher: Matcher, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cached_features, "KEPT", 2)
        small = FeatureCache(cache._vocabulary)
        counting = Counting(monkeypatch)
        sets = [replace(judged_set(NEEDS[:1], {"a": {"b": 3}}), hash=letter) for letter in "abc"]
        for judged in (sets[0], sets[1], sets[0], sets[2], sets[0], sets[1]):
            small.of(small_matcher, document(), judged)
        assert counting.calls == 4

    def test_a_need_in_own_words_is_kept_too(
        self, small_matcher: Matcher, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counting = Counting(monkeypatch)
        first = cache.one(small_matcher, document(), Need(text="发酵"))
        assert cache.one(small_matcher, document(late=1.0), Need(text="发酵")) is first
        assert cache.one(small_matcher, document(), Need(text="涂布")) is not first
        assert counting.calls == 2

    def test_needs_that_can_not_be_read_get_nothing(self, small_matcher: Matcher, cache: FeatureCache) -> None:
        judged = judged_set([Need(text="。。。", id="x"), NEEDS[0]], {"x": {"PF-1": 3}})
        told: list[tuple[int, int]] = []
        found = cache.of(small_matcher, document(), judged, lambda done, total: told.append((done, total)))
        answers = found.answers(small_matcher, TODAY)
        assert found.unread == ("x",)
        assert (answers.run.of("x"), answers.coverage["x"]) == ((), "none")
        assert told == [(1, 2), (2, 2)]
