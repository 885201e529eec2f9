"""Pins and hides: whose turn it is first, for which needs, until when, and what the reader is told."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.answers import answer_json
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.facts import default_tables
from matcher.ranking.rules import Rule, Scope, What
from matcher.ranking.ruling import RuleBook
from matcher.records import Matches, Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from matcher.understanding.reading import Reader
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY

TODAY = date(2026, 6, 1)
NEED = Need("酶制剂发酵放大,500升发酵罐")
ALWAYS = Scope()


def rule(listing_id: str, what: What = "pin", when: Scope = ALWAYS, expires: str = "2999-12-31", id: str = "") -> Rule:
    return Rule(id or f"{what}-{listing_id}", what, listing_id, f"{listing_id}的理由", "工信局", expires, when)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Settings(_env_file=None))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    return Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=HashEncoder())


@pytest.fixture
def answer(plain: Matcher, vocabulary: Vocabulary):  # type: ignore[no-untyped-def]
    def asked(*rules: Rule, need: Need = NEED, top: int = 50) -> Matches:
        return plain.with_document(Document(PROFILE, rules=rules), vocabulary).match(need, top=top)

    return asked


def ids(matches: Matches) -> list[str]:
    return [match.listing.id for match in matches.matches]


class TestPins:
    def test_a_pinned_listing_comes_first_with_its_label_and_its_own_score(self, answer, plain: Matcher) -> None:  # type: ignore[no-untyped-def]
        before, after = plain.match(NEED, top=50), answer(rule("SO-1"))
        assert ids(after) == ["SO-1", *(one for one in ids(before) if one != "SO-1")]
        assert after.matches[0].rule == "置顶:SO-1的理由"
        assert [match.rule for match in after.matches[1:]] == [None] * (len(SUPPLY) - 1)
        assert after.rules == ("置顶:SO-1的理由",)
        scores = {match.listing.id: match.score for match in before.matches}
        assert {match.listing.id: match.score for match in after.matches} == scores
        assert [match.rank for match in after.matches] == list(range(1, len(SUPPLY) + 1))

    def test_several_in_the_order_of_the_document(self, answer) -> None:  # type: ignore[no-untyped-def]
        assert ids(answer(rule("MF-2"), rule("EQ-2"), rule("MF-2", id="again")))[:2] == ["MF-2", "EQ-2"]

    def test_a_shorter_list_begins_like_a_longer_one(self, answer) -> None:  # type: ignore[no-untyped-def]
        rules = rule("SO-1"), rule("MF-2")
        assert ids(answer(*rules, top=1)) == ids(answer(*rules))[:1]
        assert ids(answer(*rules, top=4)) == ids(answer(*rules))[:4]

    def test_the_caller_s_filters_and_hard_conditions_are_stronger(self, answer) -> None:  # type: ignore[no-untyped-def]
        only = Need(NEED.text, kinds=("manufacturer",))
        filtered = answer(rule("PF-1"), need=only)
        assert "PF-1" not in ids(filtered)
        assert filtered.rules == ()
        hard = answer(rule("PF-5"), need=Need("必须在广东,发酵"))
        assert "PF-5" not in ids(hard)
        assert hard.rules == ()

    @pytest.mark.parametrize("listing_id", ["CA-1", "PF-99", ""])
    def test_what_is_not_on_offer_is_passed_over(self, answer, plain: Matcher, listing_id: str) -> None:  # type: ignore[no-untyped-def]
        assert ids(answer(rule(listing_id), rule(listing_id, "hide"))) == ids(plain.match(NEED, top=50))


class TestHides:
    def test_a_hidden_listing_is_nowhere_and_the_reason_is_told(self, answer) -> None:  # type: ignore[no-untyped-def]
        after = answer(rule("PF-1", "hide"), need=Need("必须在上海,发酵"))
        assert "PF-1" not in str(answer_json(after)["matches"])
        assert "PF-1" not in str(answer_json(after)["near_misses"])
        assert after.rules == ("屏蔽:PF-1的理由",)

    def test_hiding_is_stronger_than_pinning(self, answer) -> None:  # type: ignore[no-untyped-def]
        for rules in ((rule("PF-1"), rule("PF-1", "hide")), (rule("PF-1", "hide"), rule("PF-1"))):
            after = answer(*rules)
            assert "PF-1" not in ids(after)
            assert after.rules == ("屏蔽:PF-1的理由",)

    def test_what_a_condition_removed_anyway_is_not_counted(self, answer) -> None:  # type: ignore[no-untyped-def]
        assert answer(rule("PF-1", "hide"), need=Need("发酵", kinds=("equipment",))).rules == ()


class TestScopes:
    @pytest.mark.parametrize(
        ("when", "text", "holds"),
        [
            (Scope(), "随便什么", True),
            (Scope(words=("发酵",)), "酶制剂發酵放大", True),
            (Scope(words=("发酵", "流片")), "MEMS流片", True),
            (Scope(words=("mems",)), "MEMS流片", True),
            (Scope(words=("冻干",)), "酶制剂发酵放大", False),
            (Scope(places=("440000",)), "发酵,广州优先", True),
            (Scope(places=("440100",)), "发酵,广州优先", True),
            (Scope(places=("440300",)), "发酵,广州优先", False),
            (Scope(places=("440000",)), "发酵,不要广东", False),
            (Scope(places=("440000",)), "发酵", False),
            (Scope(places=("nowhere",)), "发酵,广州优先", False),
            (Scope(words=("发酵",), places=("440000",)), "流片,广州优先", False),
            (Scope(kinds=("equipment",)), "发酵", True),
        ],
    )
    def test_each_part_by_any_of_its_values(self, when: Scope, text: str, holds: bool) -> None:
        requirements = Reader.load().read(Need(text), TODAY, strict=False).requirements
        book = RuleBook((rule("PF-1", when=when),), default_tables())
        kinds = ("platform", "equipment", "manufacturer", "solution")
        assert bool(book.holding(text, requirements, kinds, TODAY)) == holds

    def test_kinds_are_those_asked_for(self) -> None:
        book = RuleBook((rule("PF-1", when=Scope(kinds=("platform", "solution"))),), default_tables())
        assert book.holding("发酵", (), ("platform",), TODAY)
        assert not book.holding("发酵", (), ("equipment", "manufacturer"), TODAY)

    def test_industries_and_those_below_them(self) -> None:
        requirements = Reader.load().read(Need("发酵中试"), TODAY, strict=False).requirements
        (own,) = [one.industry for one in requirements if one.type == "industry"]  # type: ignore[attr-defined]
        parent = default_tables().industries[own].parent
        assert parent is not None
        for industry, holds in ((own, True), (parent, True), ("nothing", False)):
            book = RuleBook((rule("PF-1", when=Scope(industries=(industry,))),), default_tables())
            assert bool(book.holding("发酵中试", requirements, ("platform",), TODAY)) == holds

    def test_a_rule_ends_after_its_last_day(self) -> None:
        book = RuleBook((rule("PF-1", expires="2026-06-01"),), default_tables())
        assert book.holding("发酵", (), ("platform",), TODAY)
        assert not book.holding("发酵", (), ("platform",), date(2026, 6, 2))


def test_rules_go_on_while_the_catalogue_changes(plain: Matcher, vocabulary: Vocabulary) -> None:
    """A pin waits for its listing: it holds as soon as that is published, and ends with it."""
    pinned = plain.with_document(Document(PROFILE, rules=(rule("SO-1"),)), vocabulary)
    without = pinned.with_changes([], ["SO-1"])
    assert without.match(NEED).rules == ()
    back = without.with_changes([one for one in LISTINGS if one.id == "SO-1"])
    assert ids(back.match(NEED))[0] == "SO-1"
