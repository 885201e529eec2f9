"""Which language a page is in, and its words: Chinese stands in the source, English in `locale/en/*.po`."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Final, Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

Language = Literal["zh", "en"]
#: The language to the name that it calls itself.
LANGUAGES: Final[dict[Language, str]] = {"zh": "简体中文", "en": "English"}
#: As the `lang` of a page.
TAGS: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}
COOKIE: Final = "pilotmatch_language"
LOCALE: Final = Path(__file__).parent / "locale"


def language_of(request: Request) -> Language:
    """The language that the visitor chose; Chinese until then, whatever the browser asks for: offices share machines
    whose browsers were never set."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else "zh"


@cache
def translations(language: Language) -> NullTranslations:
    """The words of a language; a text without a translation stays as it is in the source."""
    if language == "zh":
        return NullTranslations()
    file = io.BytesIO()
    write_mo(file, catalogue(language))
    file.seek(0)
    return Translations(file)


def catalogue(language: Language) -> Catalog:
    """All files of a language as one catalogue; of a text that stands in several the first file's words count."""
    whole = Catalog(locale=language)
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.id not in whole:
                    whole[message.id] = message
    return whole


def later(text: str) -> str:
    """Marks a text for translation where it is written; it is translated where it is shown."""
    return text
