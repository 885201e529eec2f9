"""What was understood of a need, as chips: each with its words, where they stand, and what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.portal.matching.words import STAGES, TYPES, written
from api.portal.rendering import Page
from matcher.ranking.wording import unit_words

Json = Mapping[str, Any]
#: What money is counted in where people talk of budgets.
WAN = 10_000
#: Units that Chinese readers write in Chinese.
_UNITS: Final = {"年": "year", "月": "month", "周": "week", "天": "day", "元": "CNY", "英寸": "inch", "代": "G"}
#: Signs that stand right behind their number.
_CLOSE: Final = ("%", "℃", "°")
_CHINESE_UNIT: Final = re.compile("|".join(_UNITS))


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition. `mark` is the place in the need that it was read from, None where a field gave it.

    Attributes:
        name: how it is named in `prefer`, `must` and `without`. meaning: beside its words, where these say less.
    """

    number: int
    type: str
    type_name: str
    words: str
    name: str
    meaning: str
    is_must: bool
    start: int | None
    end: int | None
    mark: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the need: `mark` is its number where conditions were read from it, `chip` the first of them."""

    text: str
    mark: int | None = None
    chip: int | None = None


def chips_of(page: Page, need: Json) -> list[Chip]:
    """The conditions that listings are held against, in their order.

    Args:
        need: `need` of an answer.
    """
    conditions = conditions_of(need["requirements"])
    places = _places(conditions)
    chips = []
    for number, one in enumerate(conditions):
        type_name = TYPES[one["type"]]
        mark = next((place for place, (start, end) in enumerate(places) if _inside(one, start, end)), None)
        chips.append(
            Chip(
                number=number,
                type=one["type"],
                type_name=page.text(type_name),
                words=one["text"],
                name=f"{one['type']}:{one['text']}",
                meaning=_meaning(page, one),
                is_must=one["strength"] == "must",
                start=one["start"],
                end=one["end"],
                mark=mark,
            )
        )
    return chips


def segments_of(text: str, chips: Sequence[Chip]) -> list[Segment]:
    """The whole text of a need, cut where conditions begin and end."""
    found: list[Segment] = []
    position = 0
    first = {chip.mark: chip.number for chip in reversed(chips)}
    for mark, (start, end) in enumerate(_places([{"start": one.start, "end": one.end} for one in chips])):
        if start > position:
            found.append(Segment(text[position:start]))
        found.append(Segment(text[start:end], mark, first.get(mark)))
        position = end
    if position < len(text):
        found.append(Segment(text[position:]))
    return found


def conditions_of(requirements: Iterable[Json]) -> list[Json]:
    """All but the numbers that a budget or deadline was read from, as listings are held against them."""
    requirements = list(requirements)
    spans = [(one["start"], one["end"]) for one in requirements if one["type"] in ("budget", "deadline")]
    return [
        one
        for one in requirements
        if one["type"] != "quantity" or not any(start is not None and _inside(one, start, end) for start, end in spans)
    ]


def _inside(requirement: Json, start: int, end: int) -> bool:
    return requirement["start"] is not None and start <= requirement["start"] and requirement["end"] <= end


def _places(requirements: Iterable[Json]) -> list[tuple[int, int]]:
    """Stretches of the text that conditions were read from; those that overlap are one."""
    spans = sorted((one["start"], one["end"]) for one in requirements if one["start"] is not None)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _meaning(page: Page, one: Json) -> str:
    """What the words were taken to mean, where they don't say it themselves; else nothing."""
    meanings = {"quantity": _quantity, "budget": _budget, "place": _place, "stage": _stage, "deadline": _deadline}
    meaning = meanings[one["type"]](page, one) if one["type"] in meanings else ""
    if one["type"] == "kind":
        meaning = written(page, "kind_name", one["kind"])
    return "" if meaning == one["text"] else meaning


def _quantity(page: Page, one: Json) -> str:
    name = f"{one['name']} " if one.get("name") else ""
    unit = unit_words(one["unit"], one["dimension"])
    if page.language == "en":
        unit = _CHINESE_UNIT.sub(lambda found: _UNITS[found[0]], unit)
    return f"{name}{_range(one, unit)}".strip()


def _budget(page: Page, one: Json) -> str:
    # English counts in thousands, not in ten thousands.
    scale = 1e3 if page.language == "en" else WAN
    scaled = {end: None if one[end] is None else one[end] / scale for end in ("min", "max")}
    return _range(scaled, page.text("万元"))


def _place(page: Page, one: Json) -> str:
    if one.get("radius_km"):
        km = f"{one['radius_km']:g}"
        if one["excluded"]:
            return page.text("%(place)s %(km)s 公里以外", place=one["name"], km=km)
        return page.text("%(place)s %(km)s 公里以内", place=one["name"], km=km)
    if one["excluded"]:
        return page.text("不要%(place)s", place=one["name"])
    return page.text("%(place)s附近", place=one["name"]) if one["near"] else str(one["name"])


def _stage(page: Page, one: Json) -> str:
    ends = [page.text(STAGES[stage]) for stage in (one["now"], one["wanted"]) if stage]
    return " → ".join(ends)


def _deadline(page: Page, one: Json) -> str:
    if one["date"]:
        return written(page, "day", one["date"])
    return _range(one, page.text("天"))


def _range(one: Json, unit: str) -> str:
    low, high = one["min"], one["max"]
    if low is not None and high is not None:
        amount = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    elif low is not None:
        amount = f"≥ {low:g}"
    else:
        amount = "" if high is None else f"≤ {high:g}"
    return f"{amount}{'' if unit in _CLOSE else ' '}{unit}".strip()
