"""Questions: asked for what would change the list, with answers that are understood and change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.match import Matcher
from matcher.ranking import questions
from matcher.ranking.conditions import Conditions
from matcher.ranking.features import COMPLETENESS, FEATURES, feature_matrix
from matcher.ranking.questions import (
    DEPTH,
    FEW,
    LEAST_CHANGE,
    MAX_QUESTIONS,
    MAX_SUGGESTIONS,
    PERSISTENCE,
    POOL,
    answered,
    change_of_top,
    with_answers,
)
from matcher.records import CertificateRequirement, IndustryRequirement, Listing, Matches, Need, Question
from matcher.retrieval.retriever import SIGNALS
from matcher.scoring import DEPTH as POOL_MAX
from tests.matcher.ranking.vessels_catalogue import PLACES, matcher_over, platform, platforms

VAGUE = Need(text="想把一个菌种的发酵放大,不知道找谁")
VOLUME = "发酵罐需要多大容积?"
PLACE = "必须在哪里做?"
#: Needs of all sorts: vague and exact, of several branches; every 30th of those composed for training.
STEP = 30


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return matcher_over(platforms(), tmp_path_factory.mktemp("questions"))


@pytest.fixture(scope="module")
def composed_needs() -> list[Need]:
    from matcher.catalogue.needs_file import read_needs

    path = Path(__file__).parents[3] / "datasets" / "needs_train.jsonl"
    return [Need(text=need.text) for need in read_needs(path)[0][::STEP]]


def asked(answer: Matches) -> dict[str, Question]:
    return {question.text: question for question in answer.questions}


def ids(answer: Matches) -> list[str]:
    return [match.listing.id for match in answer.matches]


def test_a_vague_need_is_asked_what_tells_its_candidates_apart(matcher: Matcher) -> None:
    questions = asked(matcher.match(VAGUE))
    assert VOLUME in questions
    assert questions[VOLUME].type == "quantity"
    assert PLACE in questions
    assert set(questions[PLACE].suggestions) == {"限广东", "限江苏", "限上海"}
    assert questions[PLACE].suggestions[0] == "限广东"


def test_answers_are_what_candidates_have_smallest_first(matcher: Matcher) -> None:
    suggestions = asked(matcher.match(VAGUE))[VOLUME].suggestions
    volumes = [float(words.removeprefix("发酵罐").removesuffix(" L以上")) for words in suggestions]
    assert volumes == sorted(volumes)
    assert 2 <= len(volumes) <= MAX_SUGGESTIONS
    assert volumes[0] >= 50
    assert volumes[-1] <= 5000


def test_what_a_need_says_is_not_asked(matcher: Matcher) -> None:
    exact = Need(text="发酵放大,1000 L以上发酵罐,限江苏,要有GMP,找中试平台,生物制造行业,做到中试放大")
    assert matcher.match(exact).questions == ()
    assert VOLUME not in asked(matcher.match(replace(VAGUE, text="发酵放大,1000 L以上发酵罐")))
    assert PLACE not in asked(matcher.match(replace(VAGUE, places=("江苏",))))


def test_nothing_is_asked_where_candidates_are_alike(tmp_path: Path) -> None:
    alike = [platform(f"PF-{number}", 500.0, PLACES[0], "GMP") for number in range(8)]
    assert matcher_over(alike, tmp_path).match(VAGUE).questions == ()


def test_nothing_is_asked_where_there_is_no_choice(tmp_path: Path) -> None:
    assert matcher_over([platform("PF-1", 500.0, PLACES[0])], tmp_path).match(VAGUE).questions == ()


def test_nothing_is_asked_of_what_nobody_states(tmp_path: Path) -> None:
    silent = [platform(f"PF-{number}", None, PLACES[number % 4]) for number in range(8)]
    assert set(asked(matcher_over(silent, tmp_path).match(VAGUE))) == {PLACE}


def test_a_kind_that_is_given_is_not_asked(tmp_path: Path) -> None:
    mixed: list[Listing] = [
        replace(one, id=f"{number}", kind="manufacturer" if number % 2 else "platform")
        for number, one in enumerate(platforms())
    ]
    matcher = matcher_over(mixed, tmp_path)
    kinds = asked(matcher.match(VAGUE))["要找哪一类供给?"]
    assert set(kinds.suggestions) == {"找中试平台", "找代工厂"}
    for given_kinds in (matcher.match(VAGUE, kinds=("platform",)), matcher.match(replace(VAGUE, kinds=("platform",)))):
        assert "kind" not in {one.type for one in given_kinds.questions}


def test_unexplained_answers_ask_nothing(matcher: Matcher) -> None:
    assert matcher.match(VAGUE, explained=False).questions == ()


def test_an_answer_re_ranks_at_once(matcher: Matcher) -> None:
    before = matcher.match(VAGUE)
    for question in before.questions:
        changed = [ids(matcher.match(answered(VAGUE, words))) != ids(before) for words in question.suggestions]
        assert any(changed), question
    largest = matcher.match(answered(VAGUE, asked(before)[VOLUME].suggestions[-1]))
    assert largest.matches[0].listing.id == "PF-07"
    assert set(ids(matcher.match(answered(VAGUE, "限江苏")))) == {"PF-02", "PF-06"}


@pytest.mark.slow
def test_an_answer_settles_its_question_for_good(shipped_matcher: Matcher, composed_needs: list[Need]) -> None:
    count = 0
    for need in composed_needs:
        for question in shipped_matcher.match(need, top=1).questions:
            for words in question.suggestions:
                again = shipped_matcher.match(answered(need, words), top=1)
                assert question.text not in asked(again), (need.text, words)
                assert any(one.type == question.type for one in again.requirements)
                count += 1
    assert count > 40


def test_vague_needs_are_asked_more_than_exact_ones(shipped_matcher: Matcher) -> None:
    vague = ["想做个样机", "我们有个新产品想中试", "找地方放大"]
    exact = [
        "限上海,8英寸MEMS晶圆流片,找代工厂,洁净室百级,月产能500片以上,要有ISO 9001",
        "限广东,10000 L发酵罐,要有GMP,益生菌发酵,找代工厂,年产能10吨以上",
    ]
    counts = [
        [len(shipped_matcher.match(Need(text=text), top=1).questions) for text in texts] for texts in (vague, exact)
    ]
    assert min(counts[0]) >= 1
    assert sum(counts[0]) / len(vague) > sum(counts[1]) / len(exact)
    assert max(max(group) for group in counts) <= MAX_QUESTIONS


def test_the_same_need_is_asked_the_same(shipped_matcher: Matcher, composed_needs: list[Need]) -> None:
    for need in composed_needs[:3]:
        assert shipped_matcher.match(need, top=1).questions == shipped_matcher.match(need, top=20).questions


def test_an_answer_is_a_sentence_of_its_own() -> None:
    assert answered(Need(text="做发酵 "), "限江苏").text == "做发酵。限江苏"
    assert answered(Need(text="", industry=("食品",)), "限江苏") == Need(text="限江苏", industry=("食品",))


class TestChange:
    """1 − rank-biased overlap, against a plain reading of its definition."""

    BEFORE = np.arange(30.0)[::-1].copy()

    @staticmethod
    def overlap(one: list[int], other: list[int], size: int) -> float:
        weights = [PERSISTENCE ** (depth - 1) for depth in range(1, size + 1)]
        shares = [len(set(one[:depth]) & set(other[:depth])) / depth for depth in range(1, size + 1)]
        return sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)

    @given(st.permutations(range(14)), st.integers(1, 14))
    @settings(max_examples=60, deadline=None)
    def test_against_the_definition(self, order: list[int], count: int) -> None:
        before = -np.arange(float(count))
        after = np.array([-float(order.index(place)) for place in range(count)])
        size = min(DEPTH, count)
        new = sorted(range(count), key=lambda place: order.index(place))
        expected = 1 - self.overlap(list(range(count)), new, size)
        assert change_of_top(before, after[None])[0] == pytest.approx(expected, abs=1e-9)

    def test_the_same_list_has_not_changed(self) -> None:
        assert change_of_top(self.BEFORE, self.BEFORE[None])[0] == pytest.approx(0)

    def test_a_list_of_others_has_changed_wholly(self) -> None:
        assert change_of_top(self.BEFORE, -self.BEFORE[None])[0] == pytest.approx(1)

    def test_a_candidate_that_is_left_out_is_not_shared(self) -> None:
        without = self.BEFORE.copy()
        without[0] = -np.inf
        all_gone = np.full(30, -np.inf)
        first_gone, nothing_left = change_of_top(self.BEFORE, np.stack([without, all_gone]))
        assert first_gone == pytest.approx(0.37, abs=0.01)
        assert nothing_left == pytest.approx(1)
        assert first_gone / LEAST_CHANGE == pytest.approx(12, abs=1)

    def test_the_first_place_counts_more_than_the_tenth(self) -> None:
        def without(place: int) -> np.ndarray:
            scores = self.BEFORE.copy()
            scores[place] = -np.inf
            return scores

        first, fifth, tenth, beyond = change_of_top(self.BEFORE, np.stack([without(place) for place in (0, 4, 9, 10)]))
        assert first > fifth > tenth > beyond
        assert beyond == pytest.approx(0)


def test_trial_features_are_those_that_the_answered_need_would_have(matcher: Matcher) -> None:
    """What an answer changes in the features is computed from the need's own; here it is computed from scratch."""
    need = Need(text="发酵放大,100 L以上发酵罐,广东优先")
    requirements = matcher.reader.read(need).conditions
    extra = [one for one in matcher.reader.read(Need(text="发酵罐2000 L以上")).conditions if one.type == "quantity"]
    ranked = matcher.candidates(need)
    outcomes = matcher.conditions.outcomes(requirements, ranked.rows)
    more = matcher.conditions.outcomes(extra, ranked.rows)
    signals, complete = ranked.features[:, : len(SIGNALS)], ranked.features[:, FEATURES.index(COMPLETENESS)]
    whole = feature_matrix(signals, [*requirements, *extra], np.concatenate([outcomes, more]), complete)
    counts = {"quantity": sum(one.type == "quantity" for one in requirements)}
    assert counts == {"quantity": 1}
    np.testing.assert_allclose(with_answers(ranked.features, extra, more, counts)[0], whole, atol=1e-6)


def test_the_pool_is_within_what_a_match_ranks() -> None:
    assert DEPTH < POOL <= POOL_MAX


def test_no_listing_no_question() -> None:
    from matcher.ranking.conditions import Conditions
    from matcher.ranking.facts import default_tables
    from matcher.ranking.questions import Questions
    from matcher.ranking.ranker import Ranker
    from tests.matcher.small import PROFILE

    empty: list[Listing] = []
    questions = Questions(Conditions(empty, default_tables()), default_tables())
    rows, scores = np.zeros(0, np.int64), np.zeros(0)
    features = np.zeros((0, len(FEATURES)), np.float32)
    assert questions.ask([], rows, scores, features, Ranker(PROFILE)) == ()


def test_few_listings_are_held_as_many_are(monkeypatch: pytest.MonkeyPatch, shipped_matcher: Matcher) -> None:
    """Both ways of holding every answer against listings."""
    few = Conditions(shipped_matcher.catalogue.supply[::70], shipped_matcher.tables)
    assert FEW < len(few.facts) < 20
    by_columns = shipped_matcher.questions._held(few)
    monkeypatch.setattr(questions, "FEW", 20)
    one_by_one = shipped_matcher.questions._held(few)
    for ours, theirs in zip(one_by_one, by_columns, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("refusal", ["不要发酵", "发酵不需要", "发酵这一步可以省"])
def test_what_is_refused_is_not_asked(matcher: Matcher, refusal: str) -> None:
    vague = replace(VAGUE, text="想把一个菌种放大,不知道找谁")
    assert VOLUME in asked(matcher.match(vague))
    assert VOLUME not in asked(matcher.match(replace(vague, text=f"{vague.text},{refusal}")))


def test_what_a_listing_states_is_looked_up_as_one_would(shipped_matcher: Matcher) -> None:
    """Industries and certificates by rows against asking each listing."""
    conditions, asking = shipped_matcher.conditions, shipped_matcher.questions
    codes = conditions.outcomes([one.requirement for one in asking._answers], np.arange(len(conditions.facts)))
    stated = asking._stated.of(np.arange(len(conditions.facts))).T
    seen = set()
    for answer, meets, states in zip(asking._answers, codes > 0, stated, strict=True):
        wanted = answer.requirement
        if isinstance(wanted, IndustryRequirement):
            says = [wanted.industry in one.industries for one in conditions.facts]
        elif isinstance(wanted, CertificateRequirement):
            says = [wanted.certificate in {held.certificate for held in one.holdings} for one in conditions.facts]
        else:
            continue
        np.testing.assert_array_equal(states, meets & says)
        seen.add((wanted.type, bool(states.any())))
    assert {("industry", True), ("certificate", True)} <= seen
