"""Words that a need names and nobody in the catalogue does: said of these, and of no others."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict

import pytest

from matcher.match import Matcher
from matcher.ranking.unmentioned import unmentioned_note
from matcher.records import IndustryRequirement, Interval, Listing, Need, Parameter, QuantityRequirement, Requirement
from matcher.retrieval.words import normalise
from matcher.scoring import SHORTLIST

HOT = {"热压罐": ("热压罐", "autoclave")}


def note(
    text: str,
    unmentioned: dict[str, tuple[str, ...]],
    requirements: Sequence[Requirement] = (),
    first: Sequence[Listing] = (),
) -> str | None:
    return unmentioned_note(text, requirements, unmentioned, first)


def listing(**fields: object) -> Listing:
    return Listing(**({"id": "PF-1", "kind": "platform", "name": "甲平台"} | fields))  # type: ignore[arg-type]  # by name


def told(answer_notes: Sequence[str]) -> list[str]:
    """The words that a note of an answer names, without what stands behind one in brackets."""
    return [
        re.sub(r"\(.*\)$", "", word)
        for one in answer_notes
        if one.startswith("目录里没有条目提到")
        for word in re.findall(r"“([^”]+)”", one)
    ]


def test_the_word_is_quoted_as_it_was_written() -> None:
    assert note("要 Lnp 包封", {"lnp": ("lnp",)}) == "目录里没有条目提到“Lnp”,名次按意思相近排出,请向供给方核实"


def test_nothing_lacking_is_nothing_said() -> None:
    assert note("要热压罐", {}) is None


def test_of_many_words_five_are_named_and_all_counted() -> None:
    words = {word: (word,) for word in ["压合", "煅烧", "破壁", "吹膜", "磺化", "复性", "醇解"]}
    said = note("、".join(words), words)
    assert said is not None
    assert told([said]) == ["压合", "煅烧", "破壁", "吹膜", "磺化"]
    assert "等 7 个词" in said
    assert "等" not in str(note("压合", {"压合": ("压合",)}))


@pytest.mark.parametrize(
    "requirement",
    [
        IndustryRequirement(text="热压罐成型", industry="composites"),
        QuantityRequirement(
            text="5m以上", dimension="length", interval=Interval(5.0), unit="m", role="size", name="热压罐长度"
        ),
    ],
    ids=["in its words", "in its name"],
)
def test_what_is_a_condition_is_shown_there(requirement: Requirement) -> None:
    assert note("热压罐", HOT, [requirement]) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "大型热压罐平台"},
        {"summary": "有两台Autoclave。"},
        {"equipment": ("复材热压罐",)},
        {"parameters": (Parameter("热压罐直径", 3.0, 3.0, "m"),)},
        {"qualifications": ("热压罐操作许可",)},
    ],
    ids=["name", "a synonym in capitals", "equipment", "a parameter's name", "a permit"],
)
def test_a_candidate_that_says_it_inside_a_longer_word(fields: dict[str, object]) -> None:
    assert note("热压罐", HOT) is not None
    assert note("热压罐", HOT, first=[listing(), listing(**fields)]) is None


def test_latin_words_stand_alone() -> None:
    assert note("做PP件", {"pp": ("pp",)}, first=[listing(name="PPS改性")]) is not None
    assert note("做PP件", {"pp": ("pp",)}, first=[listing(name="PP改性")]) is None


class TestShippedCatalogue:
    def test_of_a_word_that_is_there_and_one_that_is_not(self, shipped_matcher: Matcher) -> None:
        found = shipped_matcher.match(Need(text="冻干加热压罐,委托加工,小批量"))
        assert told(found.notes) == ["热压罐"]

    def test_synonyms_are_named_once(self, shipped_matcher: Matcher) -> None:
        assert told(shipped_matcher.match(Need(text="热压罐成型,autoclave")).notes) == ["热压罐"]

    def test_an_english_need_is_answered_in_both_languages(self, shipped_matcher: Matcher) -> None:
        [said] = shipped_matcher.match(Need(text="we need hot isostatic pressing and fermentation")).notes
        assert "“热等静压(hot isostatic pressing)”" in said

    def test_what_is_refused_is_not_looked_for(self, shipped_matcher: Matcher) -> None:
        assert told(shipped_matcher.match(Need(text="做复材固化,不要热压罐")).notes) == []

    def test_without_explanations_nobody_reads_it(self, shipped_matcher: Matcher) -> None:
        assert told(shipped_matcher.match(Need(text="热压罐"), explained=False).notes) == []

    def test_a_listing_that_comes_says_it(self, shipped_matcher: Matcher) -> None:
        more = shipped_matcher.with_changes([listing(id="PF-new", summary="有热压罐。")])
        assert told(more.match(Need(text="热压罐")).notes) == []
        assert told(more.with_changes([], ["PF-new"]).match(Need(text="热压罐")).notes) == ["热压罐"]

    def test_no_candidate_says_what_is_said_to_be_lacking(
        self, shipped_matcher: Matcher, real_needs: list[Need]
    ) -> None:
        """Against all that the first hundred say, as one text; and there is something to say of many needs."""
        with_words = 0
        for need in real_needs[::5]:
            answer = shipped_matcher.match(need, top=SHORTLIST)
            words = [normalise(word) for word in told(answer.notes)]
            with_words += bool(words)
            for match in answer.matches:
                said = normalise(json.dumps(asdict(match.listing), ensure_ascii=False, default=str))
                assert not [word for word in words if not word.isascii() and word in said], match.listing.id
        assert with_words >= 5
