"""Rules of a profile in every way that tells of a ranking, each held against the need's own matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.answers import why_not_json
from matcher.commands.why import _print
from matcher.evaluation.cached_features import CachedFeatures, NeedFeatures, features_of
from matcher.evaluation.preview import need_preview
from matcher.fitting import FittingNeed, NeedReadings, fitting_needs
from matcher.following import Progress
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.rules import Rule, Scope, What
from matcher.ranking.why_not import why_not
from matcher.records import Kind, Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.sending import matching
from matcher.sending.matching import MatcherFits
from matcher.settings import Settings
from matcher.today import today
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY

TODAY = today()
NEEDS = (
    Need("酶制剂发酵放大,500升发酵罐", id="N-1"),
    Need("必须在广东,发酵", id="N-2"),
    Need("发酵", id="N-3", kinds=("manufacturer", "equipment")),
    Need("MEMS流片", id="N-4"),
)
IDS = [one.id for one in SUPPLY]
LATER, PAST = "2999-12-31", (TODAY - timedelta(days=1)).isoformat()
#: Every pair is worth an alert, so that only rules and conditions decide.
GENEROUS = replace(PROFILE, thresholds=replace(PROFILE.thresholds, strong=0.0, possible=0.0, good=0.0, partial=0.0))
Ruled = Callable[..., Matcher]


def rule(listing_id: str, what: What = "pin", expires: str = LATER, **when: tuple[str, ...]) -> Rule:
    scope = Scope(**when)  # type: ignore[arg-type]  # kinds are kinds
    return Rule(f"{what}-{listing_id}", what, listing_id, f"{listing_id}的理由", "工信局", expires, scope)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Settings(_env_file=None))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    options = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    return Matcher.load(options, LISTINGS, profile=GENEROUS, encoder=HashEncoder())


@pytest.fixture(scope="module")
def ruled(plain: Matcher, vocabulary: Vocabulary) -> Ruled:
    def by(*rules: Rule) -> Matcher:
        return plain.with_document(Document(GENEROUS, rules=rules), vocabulary)

    return by


@pytest.fixture(scope="module")
def features(plain: Matcher) -> tuple[NeedFeatures, ...]:
    return tuple(features_of(plain, need) for need in NEEDS)


def listed(matcher: Matcher, need: Need, kinds: Sequence[Kind] = ()) -> list[str]:
    return [one.listing.id for one in matcher.match(need, top=50, kinds=kinds, explained=False).matches]


class TestFittingNeeds:
    def fitting(self, matcher: Matcher, listing_id: str) -> dict[str | None, FittingNeed]:
        found = fitting_needs(matcher, listing_id, NEEDS, NeedReadings(), TODAY)
        return {one.need.id: one for one in found}

    def test_an_operator_reads_that_and_why_a_listing_is_hidden(self, ruled: Ruled) -> None:
        matcher = ruled(rule("PF-1", "hide", words=("发酵",)))
        found = self.fitting(matcher, "PF-1")
        assert found["N-1"].removal == "管理员屏蔽:PF-1的理由"
        assert found["N-4"].removal is None
        for need in NEEDS:
            assert found[need.id].is_kept == ("PF-1" in listed(matcher, need))

    def test_a_hard_condition_is_said_before_a_rule(self, ruled: Ruled) -> None:
        found = self.fitting(ruled(rule("PF-5", "hide")), "PF-5")
        assert "地点" in (found["N-2"].removal or "")

    def test_a_pin_is_labelled_where_it_holds(self, ruled: Ruled) -> None:
        found = self.fitting(ruled(rule("PF-5", words=("发酵", "流片"))), "PF-5")
        # N-2 wants Guangdong, N-3 other kinds: no pin is stronger than that.
        assert {one: found[one].rule for one in found} == {
            "N-1": "置顶:PF-5的理由",
            "N-2": None,
            "N-3": None,
            "N-4": "置顶:PF-5的理由",
        }

    def test_rules_change_no_score(self, plain: Matcher, ruled: Ruled) -> None:
        before, after = self.fitting(plain, "PF-1"), self.fitting(ruled(rule("PF-1"), rule("PF-2", "hide")), "PF-1")
        assert {one: (before[one].score, before[one].grade) for one in before} == {
            one: (after[one].score, after[one].grade) for one in after
        }
        assert self.fitting(ruled(rule("PF-1", expires=PAST)), "PF-1") == before


class TestAlerts:
    class Standing:
        def __init__(self, matcher: Matcher) -> None:
            self.live = LiveMatcher(matcher)

        def progress(self) -> Progress:
            return Progress(1, 0)

    @pytest.mark.parametrize("few", [0, 1000])
    def test_nobody_is_told_of_what_is_hidden(self, ruled: Ruled, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(matching, "FEW", few)
        matcher = ruled(rule("PF-1", "hide"), rule("PF-2", "hide", words=("流片",)), rule("PF-3", "hide", expires=PAST))
        told = MatcherFits(self.Standing(matcher))(NEEDS, IDS)
        for need, pairs in zip(NEEDS, told, strict=True):
            assert {one.listing_id for one in pairs} <= set(listed(matcher, need))
        assert "PF-2" in {one.listing_id for one in told[0]}
        assert "PF-3" in {one.listing_id for one in told[0]}


class TestWhyNot:
    @pytest.mark.parametrize("listing_id", IDS)
    def test_ranks_are_those_of_the_match(self, ruled: Ruled, listing_id: str) -> None:
        matcher = ruled(rule("PF-4"), rule("PF-1", "hide"), rule("PF-5"), rule("PF-1"), rule("MF-2"))
        for need in NEEDS:
            found = why_not(matcher, need, listing_id)
            own = listed(matcher, need, (found.listing.kind,))
            if listing_id in own and found.is_wanted:
                # A match of one kind: pins of other kinds stand elsewhere.
                kinds = {one.id: one.kind for one in SUPPLY}
                assert found.rank == [one for one in own if kinds[one] == found.listing.kind].index(listing_id) + 1
                assert found.removal is None
            else:
                assert found.removal is not None or not found.is_wanted

    def test_a_hidden_one_reads_why_and_is_advised_nothing(self, ruled: Ruled) -> None:
        found = why_not(ruled(rule("PF-2", "hide")), NEEDS[0], "PF-2")
        assert found.removal == "管理员屏蔽:PF-2的理由"
        assert found.advice == ()
        assert why_not_json(found)["rule"] is None

    def test_a_pinned_one_stands_first_and_reads_why(self, ruled: Ruled, capsys: pytest.CaptureFixture[str]) -> None:
        found = why_not(ruled(rule("PF-3")), NEEDS[0], "PF-3")
        assert (found.rank, found.rule) == (1, "置顶:PF-3的理由")
        assert why_not_json(found)["rule"] == "置顶:PF-3的理由"
        _print(found)
        assert "置顶:PF-3的理由" in capsys.readouterr().out

    def test_a_pin_lifts_nothing_over_a_hard_condition(self, ruled: Ruled) -> None:
        found = why_not(ruled(rule("PF-5")), NEEDS[1], "PF-5")
        assert found.rule is None
        assert "地点" in (found.removal or "")


RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from([*IDS, "PF-99", "CA-1"]),
        st.sampled_from(["pin", "hide"]),
        st.sampled_from([LATER, PAST]),
        words=st.sampled_from([(), ("发酵",), ("流片",)]),
        kinds=st.sampled_from([(), ("platform",), ("manufacturer",)]),
    ),
    max_size=6,
)


class TestPreviews:
    @given(rules=RULES)
    @settings(max_examples=60, deadline=None)
    def test_any_rules_rank_as_the_matcher_does(
        self, ruled: Ruled, features: tuple[NeedFeatures, ...], rules: list[Rule]
    ) -> None:
        matcher = ruled(*rules)
        answers = CachedFeatures(features).answers(matcher, TODAY)
        for need in NEEDS:
            answer = matcher.match(need, top=50, explained=False)
            assert list(answers.run.of(str(need.id))) == [one.listing.id for one in answer.matches]
            assert answers.coverage[str(need.id)] == answer.coverage

    def test_a_pin_that_was_no_candidate_comes_first(self, ruled: Ruled, features: tuple[NeedFeatures, ...]) -> None:
        """In a real catalogue most listings are no candidates of a need."""
        whole = features[0]
        some = whole.rows != IDS.index("SO-1")
        few = replace(whole, rows=whole.rows[some], features=whole.features[some], since=whole.since[some])
        matcher = ruled(rule("SO-1"))
        assert CachedFeatures((few,)).answers(matcher, TODAY).run.of("N-1")[0] == "SO-1"
        (first, *_) = need_preview((few, matcher), (few, matcher), TODAY).moved
        assert (first.listing_id, first.after.rank, first.after.score) == ("SO-1", 1, None)

    def test_one_need_shows_what_a_rule_did(
        self, plain: Matcher, ruled: Ruled, features: tuple[NeedFeatures, ...]
    ) -> None:
        after = ruled(rule("SO-1"), rule("PF-1", "hide"))
        moved = {one.listing_id: one for one in need_preview((features[0], plain), (features[0], after), TODAY).moved}
        assert moved["SO-1"].after.rank == 1
        assert (moved["SO-1"].before.rule, moved["SO-1"].after.rule) == (None, "置顶:SO-1的理由")
        assert moved["SO-1"].after.score == moved["SO-1"].before.score
        assert (moved["PF-1"].after.rank, moved["PF-1"].after.rule) == (None, "屏蔽:PF-1的理由")
        assert {one: moved[one].after.rank for one in moved if moved[one].after.rank} == {
            own: rank for rank, own in enumerate(listed(after, NEEDS[0]), 1)
        }


def test_new_synonyms_reach_the_needs_that_were_read_before(plain: Matcher, vocabulary: Vocabulary) -> None:
    """What is remembered of a need are its vectors; its words are those of the profile that ranks."""
    readings, need = NeedReadings(), Need("酶制剂", id="N")
    heavy = replace(GENEROUS, weights=GENEROUS.weights | {"words": 90.0})
    matchers = [
        plain.with_document(one, vocabulary)
        for one in (Document(heavy), Document(heavy, (("酶制剂", "晶圆流片"),)), Document(heavy))
    ]
    scores = [fitting_needs(matcher, "PF-5", [need], readings, TODAY)[0].score for matcher in matchers]
    assert scores[1] > scores[0]
    assert scores[2] == scores[0]
    assert readings.missing(["酶制剂"]) == []


def test_rules_end_by_themselves(ruled: Ruled) -> None:
    """A day later, with nothing loaded anew."""
    last = date(2030, 1, 1)
    matcher = ruled(rule("SO-1", expires=last.isoformat()))
    assert matcher.rules.ruling("发酵", (), (), last).pins
    assert not matcher.rules.ruling("发酵", (), (), last + timedelta(days=1))


def test_what_is_about_one_listing(ruled: Ruled) -> None:
    book = ruled(rule("SO-1"), rule("PF-1", "hide"), rule("PF-1")).rules
    assert [one.id for one in book.about("PF-1").rules] == ["hide-PF-1", "pin-PF-1"]
    assert book.about("PF-9").rules == ()
    ruling = book.ruling("发酵", (), (), TODAY)
    assert list(ruling.pins) == ["SO-1"]
    assert list(ruling.hides) == ["PF-1"]
