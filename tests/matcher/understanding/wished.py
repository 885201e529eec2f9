"""What a need's text wishes for, as the reader has it."""

from __future__ import annotations

from datetime import date

from matcher.records import IndustryRequirement, Need
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


def industries(reader: Reader, text: str) -> list[str]:
    """The words of the industries that a need wishes for."""
    found = reader.read(Need(text=text), DAY).requirements
    return [one.text for one in found if isinstance(one, IndustryRequirement)]
