"""Previews: what a draft changes on judged needs, and which features moved which listing."""

from __future__ import annotations

import json
from datetime import date

import pytest

from matcher.evaluation.cached_features import Answers, features_of
from matcher.evaluation.gate_groups import Group
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.preview import FEATURES_SHOWN, Moved, judged_preview, need_preview
from matcher.evaluation.runs import Run
from matcher.match import Matcher
from matcher.records import Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.evaluation.small_judged import document
from tests.matcher.small import PROFILE

TODAY = date.today()
NEED = Need(text="酶制剂发酵放大,500 L发酵罐,GMP,广东", id="N")
JUDGEMENTS = Judgements({"a": {"x": 3}, "b": {"x": 3}, "c": {"x": 0}, "d": {"y": 2}})


@pytest.fixture(scope="module")
def vocabulary(shipped_settings: Settings) -> Vocabulary:
    return Vocabulary.load(shipped_settings)


def answers(**rankings: list[str]) -> Answers:
    return Answers(Run.from_rankings(rankings), {})


class TestJudged:
    def test_means_and_the_needs_that_change_most_first(self) -> None:
        before = answers(a=["x", "y"], b=["y", "x"], c=["y"], d=["x", "y"])
        after = answers(a=["z", "y", "x"], b=["x", "y"], c=["x"], d=["x", "y"])
        found = judged_preview(before, after, JUDGEMENTS)
        assert (found.needs, found.changed) == (3, 2)
        assert [one.need_id for one in found.changes] == ["a", "b"]
        assert (found.changes[0].before, found.changes[0].after) == (1.0, 0.5)
        assert found.before["mrr"] == pytest.approx((1 + 0.5 + 0.5) / 3)
        assert found.after["mrr"] == pytest.approx((1 / 3 + 1 + 0.5) / 3)
        assert set(found.after) == {"ndcg@10", "recall@50", "mrr", "judged@10"}

    def test_groups_have_means_of_their_own(self) -> None:
        before = answers(a=["x", "y"], b=["y", "x"], d=["x", "y"])
        after = answers(a=["z", "y", "x"], b=["x", "y"], d=["x", "y"])
        groups = [
            Group("wording", "vague", frozenset({"a"})),
            Group("wording", "explicit", frozenset({"b", "d"})),
            Group("operators", "few", frozenset({"a", "d"}), frozenset({"x"})),
        ]
        vague, explicit, few = judged_preview(before, after, JUDGEMENTS, groups).groups
        assert (vague.needs, vague.before, vague.after) == (1, 1.0, 0.5)
        assert (explicit.value, explicit.needs) == ("explicit", 2)
        assert explicit.after > explicit.before
        # Of d's answer y does not count, so that nothing of it is left to be found.
        assert (few.needs, few.before, few.after) == (1, 1.0, 0.5)

    def test_groups_without_needs(self) -> None:
        group = Group("kind", "platform", frozenset({"nobody"}))
        found = judged_preview(answers(a=["x"]), answers(a=["x"]), JUDGEMENTS, [group])
        assert [(one.needs, one.before, one.after) for one in found.groups] == [(0, 0.0, 0.0)]

    def test_nothing_to_judge(self) -> None:
        found = judged_preview(answers(c=["x"]), answers(c=["y"]), Judgements({"c": {"x": 0}}))
        assert (found.needs, found.changed, dict(found.before)) == (0, 0, {})


class TestOneNeed:
    def preview(self, matcher: Matcher, vocabulary: Vocabulary, **weights: float) -> tuple[Moved, ...]:
        after = matcher.with_document(document(PROFILE, **weights), vocabulary)
        features = features_of(matcher, NEED)
        return need_preview((features, matcher), (features, after), TODAY).moved

    def test_order_and_scores_are_those_of_the_answers(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        after = small_matcher.with_document(document(late=2.0, completeness=80.0), vocabulary)
        moved = self.preview(small_matcher, vocabulary, late=2.0, completeness=80.0)
        for matcher, side in ((small_matcher, "before"), (after, "after")):
            answer = matcher.match(NEED, top=20).matches
            places = {one.listing_id: getattr(one, side) for one in moved}
            assert {one.listing.id: one.rank for one in answer} == {own: place.rank for own, place in places.items()}
            assert all(places[one.listing.id].score == pytest.approx(one.score) for one in answer)
        assert [one.after.rank for one in moved] == sorted(one.after.rank or 0 for one in moved)
        assert moved[0].name

    def test_the_features_that_moved_a_listing_add_up(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        for one in self.preview(small_matcher, vocabulary, late=2.0, completeness=80.0):
            assert {feature for feature, _ in one.why} == {"late", "completeness"}
            assert one.before.score is not None
            assert one.after.score is not None
            gained = sum(points for _, points in one.why)
            assert one.after.score - one.before.score == pytest.approx(gained, abs=1e-5)

    def test_the_largest_come_first_and_not_all(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        weights = {"words": 9.0, "ngrams": 8.0, "dense": 0.0, "late": 1.0, "completeness": 70.0, "dense_short": 3.0}
        for one in self.preview(small_matcher, vocabulary, **weights):
            sizes = [abs(points) for _, points in one.why]
            assert sizes == sorted(sizes, reverse=True)
            assert len(sizes) <= FEATURES_SHOWN

    def test_the_same_profile_moves_nothing(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        for one in self.preview(small_matcher, vocabulary):
            assert one.before == one.after
            assert one.why == ()

    def test_what_falls_out_stands_behind(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        after = small_matcher.with_document(document(late=-20.0), vocabulary)
        features = features_of(small_matcher, NEED)
        moved = need_preview((features, small_matcher), (features, after), TODAY, depth=2).moved
        best = [found.listing.id for found in small_matcher.match(NEED, top=2).matches]
        assert [one.listing_id for one in moved][2:] == best
        assert [one.after.rank for one in moved][:2] == [1, 2]
        assert all((one.after.rank or 0) > 2 for one in moved[2:])

    def test_words_that_find_other_candidates(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        """A listing that only one of the two answers has no other place, and nothing to say of features."""
        fewer = small_matcher.with_changes([], [])
        some = features_of(small_matcher, Need(text=NEED.text, kinds=("equipment",)))
        found = need_preview((some, small_matcher), (features_of(fewer, NEED), fewer), TODAY).moved
        new = [one for one in found if one.before.rank is None]
        assert len(new) == 9
        assert all(one.why == () and one.before.score is None and one.after.rank for one in new)

    def test_json(self, small_matcher: Matcher, vocabulary: Vocabulary) -> None:
        after = small_matcher.with_document(document(late=2.0), vocabulary)
        features = features_of(small_matcher, NEED)
        found = need_preview((features, small_matcher), (features, after), TODAY).as_dict()
        first = json.loads(json.dumps(found))["moved"][0]
        assert set(first) == {"listing_id", "name", "before", "after", "why"}
        assert set(first["why"][0]) == {"feature", "points"}
