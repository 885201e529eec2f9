from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.terms import FoundTerm, Terms


def found(terms: list[str], text: str) -> list[str]:
    return [hit.term for hit in Terms(terms).find(text)]


def test_the_longest_term_wins_and_nothing_overlaps() -> None:
    assert found(["装备", "装备制造", "制造业"], "装备制造业") == ["装备制造"]


def test_offsets_point_into_the_text() -> None:
    assert Terms(["发酵罐"]).find("一台发酵罐。") == [FoundTerm("发酵罐", 2, 5)]


def test_latin_terms_are_whole_words() -> None:
    terms = ["mes", "3d打印", "pha", "car-t"]
    assert found(terms, "times mes pha2 xpha pha") == ["mes", "pha"]
    assert found(terms, "13d打印 3d打印 car-t疗法 car-t2") == ["3d打印", "car-t"]


def test_chinese_beside_latin_is_a_border() -> None:
    assert found(["pha"], "做pha的") == ["pha"]


def test_a_shorter_term_is_tried_where_a_longer_one_breaks_a_word() -> None:
    assert found(["x射线ct", "x射线"], "x射线cto") == ["x射线"]


def test_an_empty_vocabulary_or_text_finds_nothing() -> None:
    assert found([], "发酵") == []
    assert found(["发酵"], "") == []
    assert found(["", "发酵"], "发酵") == ["发酵"]


def test_it_is_a_collection() -> None:
    terms = Terms(["b", "a", "a"])
    assert len(terms) == 2
    assert "a" in terms
    assert list(terms) == ["a", "b"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("膜材料ab1 ", min_size=1, max_size=3), max_size=6), st.text("膜材料ab1 ", max_size=12))
def test_finds_the_same_as_trying_every_term_at_every_place(terms: list[str], text: str) -> None:
    assert Terms(terms).find(text) == slowly(terms, text)


def slowly(terms: list[str], text: str) -> list[FoundTerm]:
    hits, position = [], 0
    while position < len(text):
        fitting = [
            term
            for term in terms
            if text.startswith(term, position)
            and not inside_word(text, position)
            and not inside_word(text, position + len(term))
        ]
        if fitting:
            longest = max(fitting, key=len)
            hits.append(FoundTerm(longest, position, position + len(longest)))
        position += len(hits[-1].term) if fitting else 1
    return hits


def inside_word(text: str, border: int) -> bool:
    beside = text[max(border - 1, 0) : border + 1]
    return border > 0 and len(beside) == 2 and beside.isascii() and beside.isalnum()
