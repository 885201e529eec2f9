"""What the ranking says of itself is said in English on English pages, numbers and all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from api.portal.ranking_words import SENTENCES, ranking_words
from matcher.ranking.documents import Document
from matcher.ranking.profile import Profile, load_profile
from matcher.ranking.statement import statement
from tests.api.portal.test_matching_parts import page_in

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHIPPED = load_profile()


def sentences(profile: Profile) -> list[str]:
    said = statement(Document(profile), date(2026, 11, 23))
    return [*(one.words for one in (*said.weights, *said.thresholds)), *said.beyond, *said.not_used]


@pytest.mark.parametrize("profile", [SHIPPED, load_profile("fast"), replace(SHIPPED, few_layers=True)])
def test_every_sentence_is_english_on_an_english_page(profile: Profile) -> None:
    for said in sentences(profile):
        words = ranking_words(page_in("en"), said)
        assert not _CHINESE.search(words), said
        assert re.findall(r"\d+\.?\d*", said.replace("BM25", "")) == re.findall(r"\d+\.?\d*", words.replace("BM25", ""))


def test_in_chinese_nothing_changes() -> None:
    for said in sentences(SHIPPED):
        assert ranking_words(page_in("zh"), said) == said


def test_no_sentence_is_left_over() -> None:
    said = {re.sub(r"\d+(\.\d+)?", "%(number)s", one) for one in sentences(replace(SHIPPED, few_layers=True))}
    said |= set(sentences(SHIPPED))
    assert said >= SENTENCES


@pytest.mark.parametrize("said", ["没有人译过的话", "共 3 条,又 4 条", "100% 的 5", "", "%(number)s"])
def test_what_nobody_translated_stays(said: str) -> None:
    assert ranking_words(page_in("en"), said) == said
