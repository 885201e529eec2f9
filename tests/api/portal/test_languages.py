"""English is complete: every text of pages has words in it, and none is left over."""

from __future__ import annotations

import re

import pytest

from api.portal.languages import LANGUAGES, LOCALE, catalogue, translations
from tests.api.portal.words import texts

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PLACE = re.compile(r"%\((\w+)\)s")
#: Names that stay as they are.
CHINESE_ON_PURPOSE = frozenset[str]()


def test_every_text_has_english_words() -> None:
    """`python -m tests.api.portal.words` prints what is missing, ready to be filled in."""
    known = catalogue("en")
    missing = {one: where for one, where in texts().items() if one not in known or not known[one].string}
    assert missing == {}


def test_no_words_are_left_over() -> None:
    used = texts()
    assert [message.id for message in catalogue("en") if message.id and message.id not in used] == []


def test_english_words_are_english_and_keep_their_places() -> None:
    for message in catalogue("en"):
        if message.id and message.id not in CHINESE_ON_PURPOSE:
            assert not _CHINESE.search(message.string), message.id
            assert set(_PLACE.findall(message.id)) == set(_PLACE.findall(message.string)), message.id


def test_texts_stand_in_one_file_each() -> None:
    seen: dict[str, str] = {}
    for path in sorted((LOCALE / "en").glob("*.po")):
        for one in re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE):
            assert one not in seen, f"{one} stands in {seen.get(one)} and {path.name}"
            seen[one] = path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_nobody_translated_stays(language: str) -> None:
    assert translations(language).ugettext("没有人译过的话") == "没有人译过的话"  # type: ignore[arg-type]
