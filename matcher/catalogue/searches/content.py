"""What a search holds: the fields of a need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matcher.catalogue.json_lines import Fields
from matcher.catalogue.needs.content import content_from
from matcher.catalogue.titles import clipped

TITLE_MAX: Final = 200
#: Of a need without a title, so many of its first characters: as much as a list shows on a line.
TITLE_LENGTH: Final = 40


def search_from(raw: Mapping[str, Any]) -> Fields:
    """The content of a search as JSON values, without what says nothing.

    Raises:
        InvalidInput: as `content_from`.
    """
    return content_from(raw)


def title_of(content: Mapping[str, Any], given: str | None = None) -> str:
    """What a search is called in a list: as its owner says, or by its need."""
    words = given or content.get("title") or " ".join(str(content.get("text") or "").split()) or _first_field(content)
    return clipped(words, TITLE_MAX if given else TITLE_LENGTH)


def _first_field(content: Mapping[str, Any]) -> str:
    """Some words of a need that has only structured fields."""
    for value in content.values():
        if isinstance(value, list) and value:
            return str(value[0].get("name", "") if isinstance(value[0], dict) else value[0])
        if isinstance(value, str | int | float):
            return str(value)
    return ""
