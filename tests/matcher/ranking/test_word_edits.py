"""Words of a document put in and taken out, and what the ranker's own tables make of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.errors import InvalidInput, NotFound
from matcher.ranking import word_edits
from matcher.ranking.documents import SYNONYMS_MAX, Document, canonical, document_from
from matcher.ranking.word_edits import (
    groups_of,
    meanings,
    present,
    with_group,
    with_lines,
    with_words,
    without_group,
    without_word,
)
from matcher.retrieval.synonym_lines import TERM_MAX, Part
from matcher.retrieval.synonyms import BROADER_WEIGHT, SYNONYM_WEIGHT, Synonyms
from matcher.retrieval.vocabulary import Vocabulary
from tests.matcher.small import PROFILE

EMPTY = Document(PROFILE)
SHIPPED = Vocabulary.of(
    ["深硅刻蚀"], Synonyms([("玻璃通孔", "tgv"), ("增材制造", "3d打印")], [("选区激光熔化", "增材制造")])
)


class TestGroups:
    def test_a_group_and_a_pair_are_searched_for(self) -> None:
        first, line = with_group(EMPTY, SHIPPED, "add", ["发酵罐", "Fermenter"])
        assert line.terms == ("发酵罐", "fermenter")
        second, _ = with_group(first, SHIPPED, "narrower", ["电子束熔化", "3D打印"])
        synonyms = present(SHIPPED, second)
        assert meanings(synonyms, "发酵罐") == {"fermenter": SYNONYM_WEIGHT}
        assert meanings(synonyms, "电子束熔化") == {"增材制造": BROADER_WEIGHT, "3d打印": BROADER_WEIGHT}
        assert meanings(synonyms, "玻璃通孔") == {"tgv": SYNONYM_WEIGHT}
        assert document_from(second.as_dict()) == second

    def test_a_shipped_group_is_taken_apart_and_put_together_again(self) -> None:
        apart, _ = with_group(EMPTY, SHIPPED, "remove", ["玻璃通孔", "TGV"])
        assert meanings(present(SHIPPED, apart), "tgv") == {}
        again, terms = without_group(apart, "remove", 1)
        assert terms == ("玻璃通孔", "tgv")
        assert canonical(again) == canonical(EMPTY)

    def test_what_the_document_joined_is_not_taken_apart_but_deleted(self) -> None:
        """What is added comes behind what is taken out, so taking it out would do nothing."""
        joined, _ = with_group(EMPTY, SHIPPED, "add", ["发酵罐", "fermenter"])
        with pytest.raises(InvalidInput, match="自己加在一组") as caught:
            with_group(joined, SHIPPED, "remove", ["发酵罐", "fermenter"])
        assert caught.value.hint
        after, lines = with_lines(joined, SHIPPED, "发酵罐=fermenter\n玻璃通孔=TGV", apart=True)
        assert [one.number for one in lines.refused] == [1]
        assert after.removed == (("玻璃通孔", "tgv"),)
        assert without_group(joined, "add", 1)[0] == EMPTY

    @pytest.mark.parametrize(
        ("part", "terms"),
        [("add", ["发酵罐"]), ("add", ["玻璃通孔", "TGV"]), ("narrower", ["增材制造", "选区激光熔化"]), ("add", [])],
    )
    def test_refusals_come_through(self, part: Part, terms: list[str]) -> None:
        with pytest.raises(InvalidInput) as caught:
            with_group(EMPTY, SHIPPED, part, terms)
        assert caught.value.field == "terms"

    def test_unknown_numbers(self) -> None:
        for number in (0, 1, -1):
            with pytest.raises(NotFound):
                without_group(EMPTY, "add", number)

    def test_the_ten_thousand_and_first(self) -> None:
        full = replace(EMPTY, added=tuple((f"甲词{number}", f"乙词{number}") for number in range(SYNONYMS_MAX)))
        with pytest.raises(InvalidInput, match=str(SYNONYMS_MAX)):
            with_group(full, SHIPPED, "add", ["发酵罐", "fermenter"])
        after, lines = with_lines(full, SHIPPED, "发酵罐=fermenter")
        assert (after, lines.taken, len(lines.refused)) == (full, (), 1)
        with pytest.raises(InvalidInput, match="10001"):
            with_lines(EMPTY, SHIPPED, "\n".join(["甲种罐=乙种罐"] * (SYNONYMS_MAX + 1)))


class TestLines:
    def test_good_ones_are_taken_and_bad_ones_told(self) -> None:
        text = "发酵罐=fermenter\n坏\n电子束熔化>增材制造\n玻璃通孔=TGV"
        after, lines = with_lines(EMPTY, SHIPPED, text)
        assert after.added == (("发酵罐", "fermenter"),)
        assert after.narrower == (("电子束熔化", "增材制造"),)
        assert [one.number for one in lines.refused] == [2, 4]

    def test_ten_thousand_lines_are_checked_and_served_in_seconds(self) -> None:
        """Groups are looked up, not searched for: a table of this size once took half a minute to put in place."""
        text = "\n".join(f"甲词{number} = 乙词{number}" for number in range(SYNONYMS_MAX))
        after, lines = with_lines(EMPTY, SHIPPED, text)
        assert len(lines.taken) == SYNONYMS_MAX
        synonyms = present(SHIPPED, after)
        assert meanings(synonyms, "甲词9999") == {"乙词9999": SYNONYM_WEIGHT}


class TestWords:
    def test_each_by_itself(self) -> None:
        words = ["膜分离", "深硅刻蚀", "TGV", "膜分离", "膜", "", "长" * (TERM_MAX + 1), "键合\x00机", "键合机"]
        after, taken, refused = with_words(EMPTY, SHIPPED, words)
        assert taken == after.dictionary == ("膜分离", "键合机")
        assert [one.number for one in refused] == [2, 3, 4, 5, 6, 7, 8]
        assert all(one.message and one.hint for one in refused)
        assert "膜分离" in SHIPPED.edited((), (), after.dictionary).words.cut("膜分离设备")

    def test_taken_out_again(self) -> None:
        after, _, _ = with_words(EMPTY, SHIPPED, ["膜分离", "Key机"])
        assert without_word(after, "KEY机").dictionary == ("膜分离",)
        for word in ("深硅刻蚀", "没有"):
            with pytest.raises(NotFound):
                without_word(after, word)

    def test_no_more_than_fit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(word_edits, "WORDS_MAX", 1)
        _, taken, refused = with_words(EMPTY, SHIPPED, ["膜分离", "键合机"])
        assert taken == ("膜分离",)
        assert "上限" in refused[0].message


def test_parts_by_name() -> None:
    document = replace(EMPTY, added=(("a1", "b1"),), removed=(("c1", "d1"),), narrower=(("e1", "f1"),))
    assert [groups_of(document, part) for part in ("add", "remove", "narrower")] == [
        (("a1", "b1"),),
        (("c1", "d1"),),
        (("e1", "f1"),),
    ]
