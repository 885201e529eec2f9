from __future__ import annotations

from pathlib import Path

import pytest

from matcher.errors import BrokenArtefact
from matcher.understanding.english_terms import EnglishTerms, english_terms, without_empty_ends
from matcher.understanding.industries import Industries

INDUSTRIES = Industries.load()


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("fermentation", ["发酵"]),
        ("Lithium-ion batteries", ["锂电池"]),
        ("freeze-drying", ["冻干"]),
        ("glasses", ["玻璃"]),
        ("foundries and glassware", []),
        ("wet chemistry", []),
        ("solid state batteries and a battery", ["固态电池", "电池"]),
        ("发酵", []),
    ],
)
def test_terms_are_found_in_one_and_in_many(text: str, chinese: list[str]) -> None:
    assert [one.chinese for one in english_terms().find(text)] == chinese


def test_a_term_is_where_it_says() -> None:
    text = "We need Spray-drying of probiotics"
    assert [text[one.start : one.end] for one in english_terms().find(text)] == ["Spray-drying", "probiotics"]


def test_search_reads_chinese_terms_and_no_empty_words() -> None:
    words = english_terms().in_chinese("We are looking for the fermentation of PHA with GMP in 5 tanks").split()
    assert words == ["发酵", "PHA", "GMP", "5", "tanks"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("glass moulds", {"glass", "moulds"}),
        ("no fermentation, injection moulding only", {"injection-moulding"}),
        ("without electroplating", set()),
        ("polymer, polymers and polymer", {"polymers"}),
        ("a good price", set()),
    ],
)
def test_industries_are_read_by_the_chinese_names(text: str, ids: set[str]) -> None:
    found = list(english_terms().read_industries(text, INDUSTRIES))
    assert {one.industry for one in found} == ids
    assert len(found) == len(ids)
    assert all(text[one.start : one.end] == one.text for one in found)


def test_the_first_of_two_names_counts() -> None:
    terms = EnglishTerms([("press", "压机"), ("press", "印刷")])
    assert [one.chinese for one in terms.find("a press, two presses")] == ["压机", "压机"]


def test_the_table_holds_every_name_once() -> None:
    path = Path(__file__).resolve().parents[3] / "datasets" / "english_terms.csv"
    names = [name for row in path.read_text("utf-8").splitlines()[1:] for name in row.split(",")[1].split("|")]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and "-" not in name for name in names)


def test_a_missing_table_names_what_mends_it(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact):
        english_terms(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "left"),
    [("of the membrane with", "membrane"), ("the", ""), ("membrane", "membrane"), ("膜 of", "膜"), ("", "")],
)
def test_empty_ends_are_left_out(text: str, left: str) -> None:
    assert without_empty_ends(text) == left
