"""What a requester answers to what was read."""

from __future__ import annotations

import pytest

from matcher.records import Need, Parameter, Requirement
from matcher.understanding.corrections import eased, left, name_of
from matcher.understanding.reading import Reader, Understood

TEXT = "8英寸MEMS流片,必须在深圳,要有CNAS,预算200万以内,三个月内"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def words(understood: Understood, kind: str | None = None) -> list[str]:
    return [one.text for one in understood.requirements if kind in (None, one.type)]


def test_a_condition_is_taken_away_by_its_words(reader: Reader) -> None:
    assert "深圳" in words(reader.read(Need(TEXT)))
    read = reader.read(Need(TEXT, without=("深圳",)))
    assert "深圳" not in words(read)
    assert "CNAS" in words(read)
    assert read.text == TEXT


def test_one_of_two_conditions_read_from_one_word_is_named_with_its_type(reader: Reader) -> None:
    read = reader.read(Need(TEXT, without=("kind:流片",)))
    assert words(read, "kind") == []
    assert "流片" in words(read, "industry")
    both = reader.read(Need(TEXT, without=("流片",)))
    assert "流片" not in words(both)


@pytest.mark.parametrize(("name", "kind"), [("budget:预算200万以内", "budget"), ("deadline:三个月内", "deadline")])
def test_the_number_of_a_budget_goes_with_it(reader: Reader, name: str, kind: str) -> None:
    before, after = reader.read(Need(TEXT)), reader.read(Need(TEXT, without=(name,)))
    assert kind in {one.type for one in before.conditions}
    dimension = "money" if kind == "budget" else "time"
    assert all(getattr(one, "dimension", "") != dimension for one in after.conditions)
    assert kind not in {one.type for one in after.conditions}


def test_a_field_is_taken_away_too_and_words_count_again(reader: Reader) -> None:
    need = Need("要在苏州做", places=("东莞",))
    assert words(reader.read(need), "place") == ["东莞"]
    after = reader.read(Need(need.text, places=need.places, without=("东莞",)))
    assert words(after, "place") == ["苏州"]


def test_a_parameter_is_named_as_it_is_written(reader: Reader) -> None:
    need = Need("发酵", parameters=(Parameter("容积", 500, None, "L"),))
    (written,) = words(reader.read(need), "quantity")
    assert words(reader.read(Need("发酵", parameters=need.parameters, without=(written,))), "quantity") == []


def test_a_must_becomes_a_wish(reader: Reader) -> None:
    strengths = {one.text: one.strength for one in reader.read(Need(TEXT)).requirements}
    assert strengths["深圳"] == strengths["CNAS"] == "must"
    after = {one.text: one.strength for one in reader.read(Need(TEXT, prefer=("place:深圳",))).requirements}
    assert after["深圳"] == "prefer"
    assert after["CNAS"] == "must"


def test_a_wish_becomes_a_must_by_type_and_words(reader: Reader) -> None:
    read = reader.read(Need(TEXT, must=("kind:流片",)))
    strengths = {(one.type, one.text): one.strength for one in read.requirements}
    assert strengths["kind", "流片"] == "must"
    assert strengths["industry", "流片"] == "prefer"


def test_prefer_wins_over_must(reader: Reader) -> None:
    read = reader.read(Need("需要GMP", must=("GMP",), prefer=("GMP",)))
    assert [one.strength for one in read.requirements if one.type == "certificate"] == ["prefer"]


def test_what_names_nothing_is_told(reader: Reader) -> None:
    read = reader.read(Need(TEXT, without=("火星",), prefer=("deadline:一年",)))
    assert len([note for note in read.notes if "调整不起作用" in note]) == 2
    assert not [note for note in reader.read(Need(TEXT, without=("深圳",))).notes if "调整" in note]


def test_widths_and_blanks_make_no_difference(reader: Reader) -> None:
    assert "CNAS" not in words(reader.read(Need(TEXT, without=(" CNAS ",))))


def test_without_names_nothing_changes() -> None:
    read = Reader.load().read(Need(TEXT)).requirements
    assert left(read, ()) == list(read)
    assert eased(read, ()) == list(read)


def test_every_condition_can_be_taken_away_by_its_name(reader: Reader) -> None:
    one: Requirement
    for one in reader.read(Need(TEXT)).requirements:
        rest = reader.read(Need(TEXT, without=(name_of(one.type, one.text),))).requirements
        assert one not in rest
