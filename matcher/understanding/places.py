"""Reads places from a need: where the work is wanted, and on request every place that is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from matcher.records import PlaceRequirement
from matcher.understanding.english_places import (
    EnglishPlaceNames,
    english_excluded_span,
    read_bare_role,
    read_english_names,
    read_english_role,
)
from matcher.understanding.local_places import local_place
from matcher.understanding.place_names import FoundPlace, PlaceNames
from matcher.understanding.place_roles import PlaceReading, PlaceRole, excluded_span, read_role
from matcher.understanding.regions import Regions

#: What may stand between the places of one list: what is said of one is said of all.
_LINK: Final = re.compile(r"\s?(?:[、/和与及或&]|以及|或者|还是|,? ?(?:or|and)|,(?= [A-Z]))?\s?")
_LATIN: Final = re.compile("[A-Za-z]")
_CHINESE: Final = re.compile("[一-龥]")


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place named in a text: wanted or excluded for the work, the requester's own (origin), or neither (mention)."""

    requirement: PlaceRequirement
    role: PlaceRole
    #: Offsets of an excluded place with the words that exclude it (不要江苏、浙江), which alone make sense when quoted.
    said: tuple[int, int] | None = None

    def as_condition(self, text: str) -> PlaceRequirement:
        """The requirement as it is quoted to people."""
        if self.said is None:
            return self.requirement
        start, end = self.said
        return replace(self.requirement, text=text[start:end], start=start, end=end)


@cache
def default_regions() -> Regions:
    """The shipped table of places, read once."""
    return Regions.load()


@cache
def _english_names() -> EnglishPlaceNames:
    return EnglishPlaceNames(default_regions(), read_english_names())


@cache
def _names() -> PlaceNames:
    return PlaceNames(default_regions())


def read_places(text: str, *, all: bool = False, home: str | None = None) -> list[PlaceRequirement]:
    """The places where the work is wanted or must not be, in the order of the text; with `all`, every place named.

    `text` is in normalised spelling (matcher.understanding.text.normalise). Several *must* places of one text are
    alternatives (限广东、福建): a listing in one of them meets.
    """
    return [
        mention.as_condition(text)
        for mention in read_mentions(text, home)
        if all or mention.role in ("wanted", "excluded")
    ]


def read_mentions(text: str, home: str | None = None) -> list[PlaceMention]:
    """Every place named, with what it is there for.

    Args:
        home: the code of where the requester is, for a text that says 本地 and names no place.
    """
    mentions: list[PlaceMention] = []
    for places in _lists(text, _find(text)):
        start, end = places[0].start, places[-1].end
        reading = _role(text, start, end)
        said = _excluded_span(text, start, end) if reading.role == "excluded" else None
        mentions.extend(PlaceMention(_requirement(text, place, reading), reading.role, said) for place in places)
    return _with_local(text, mentions, home)


def _with_local(text: str, mentions: list[PlaceMention], home: str | None) -> list[PlaceMention]:
    """The mentions with the place that 本地 means, where the text says where that is."""
    origins = [mention.requirement for mention in mentions if mention.role == "origin"]
    wanted = any(mention.role == "wanted" for mention in mentions)
    local = local_place(text, origins, default_regions(), None if wanted else home)
    if local is None:
        return mentions
    return sorted([*mentions, PlaceMention(local, "wanted")], key=lambda mention: mention.requirement.start or 0)


def _find(text: str) -> list[FoundPlace]:
    chinese = _names().find(text)
    if not _LATIN.search(text):
        return chinese
    return sorted([*chinese, *_english_names().find(text)], key=lambda place: place.start)


def _role(text: str, start: int, end: int) -> PlaceReading:
    """The words right beside a place tell in which language it is asked for: 必须在 Suzhou, must be in 苏州."""
    beside = text[max(0, start - 4) : start] + text[end : end + 4]
    if _LATIN.search(beside) and (reading := read_english_role(text, start, end)):
        return reading
    if _CHINESE.search(beside) or _CHINESE.match(text, start):
        # Between the scripts stands a blank that says nothing: Suzhou 附近.
        gap = text[end : end + 1] == " " and _LATIN.match(text, end - 1) is not None
        return read_role(text, start, end + gap)
    return read_english_role(text, start, end) or read_bare_role(text, start, end)


def _excluded_span(text: str, start: int, end: int) -> tuple[int, int]:
    beside = text[max(0, start - 4) : start] + text[end : end + 4]
    return (_LATIN.search(beside) and english_excluded_span(text, start, end)) or excluded_span(text, start, end)


def _lists(text: str, places: Sequence[FoundPlace]) -> list[list[FoundPlace]]:
    lists: list[list[FoundPlace]] = []
    for place in places:
        if lists and _LINK.fullmatch(text, lists[-1][-1].end, place.start):
            lists[-1].append(place)
        else:
            lists.append([place])
    return lists


def _requirement(text: str, place: FoundPlace, reading: PlaceReading) -> PlaceRequirement:
    return PlaceRequirement(
        text=text[place.start : place.end],
        start=place.start,
        end=place.end,
        strength=reading.strength,
        code=place.code,
        name=default_regions()[place.code].name,
        near=reading.near,
        excluded=reading.role == "excluded",
        radius_km=reading.radius_km,
    )
