"""本地 is where the requester says it is, and a word that only holds it asks for nothing."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "said", "code", "strength"),
    [
        ("我们是成都的公司,要在本地做发酵中试", "本地", "510100", "prefer"),
        ("我们是成都的公司,必须在本地做", "本地", "510100", "must"),
        ("我司在苏州,本地优先", "本地优先", "320500", "prefer"),
        ("我们在昆山,想找本地的注塑厂", "本地", "320583", "prefer"),
        ("我们在武汉,希望在省内做", "省内", "420000", "prefer"),
        ("省外的不要,我们在湖北", "省外的不要", "420000", "must"),
        ("不出省,我们在湖北武汉", "不出省", "420000", "must"),
        ("我们在武汉,外地的不考虑", "外地的不考虑", "420100", "must"),
    ],
)
def test_local_is_where_the_requester_is(reader: Reader, text: str, said: str, code: str, strength: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    (place,) = [one for one in found if isinstance(one, PlaceRequirement)]
    assert (place.text, place.code, place.strength, place.excluded) == (said, code, strength, False)
    assert text[place.start : place.end] == said


@pytest.mark.parametrize("text", ["我们在武汉,本地化部署", "我们是成都的公司,产品在当地销售,找发酵"])
def test_words_that_hold_it_ask_for_nothing(reader: Reader, text: str) -> None:
    understood = reader.read(Need(text=text), DAY)
    assert not [one for one in understood.requirements if isinstance(one, PlaceRequirement)]
    assert not understood.notes


def test_it_is_said_where_nobody_knows_where_local_is(reader: Reader) -> None:
    note = "“要在本地”没有写明是哪里,未作为地点条件"
    assert list(reader.read(Need(text="要在本地做发酵"), DAY).notes) == [note]
    assert list(reader.read(Need(text="要在本地做发酵", city="成都"), DAY).notes) == []
    assert list(reader.read(Need(text="发酵,宁波本地最好"), DAY).notes) == []
