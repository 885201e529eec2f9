"""Pasted tables: the unit stands in the heading and the value behind or below it (容积(L)\\t500, 容积/L:500)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from matcher.records import Interval
from matcher.understanding.comparators import comparison, interval
from matcher.understanding.numerals import read_numeral
from matcher.understanding.readings import Reading
from matcher.understanding.units import Unit, match_unit, resolve
from matcher.understanding.word_starts import from_word_start

_UNIT = r"[^()\n\t,。;:、|]{1,14}"
_NAME = r"[一-龥A-Za-z][一-龥A-Za-z0-9 ]{0,11}?"
_WORDS = r"(?P<words>[≥≤><=~约±]{0,2}|不低于|不小于|不大于|不超过|不少于) ?(?P<sign>-?)(?=\d)"
_SLASHED = r"[^\s()/,。;:、|]{1,8}(?:/[^\s()/,。;:、|]{1,4})?"
#: A heading's unit is followed by its value only behind one of these; most texts have neither and are done.
_MAYBE = re.compile(
    r"[)\t|][ \t]*[:|=]?[ \t]*(?:[≥≤><=~约±]{0,2}|不低于|不小于|不大于|不超过|不少于) ?-?\d|/[^\s/]{1,12}[ \t]*[:\t|=]"
)
_INLINE = re.compile(
    rf"(?P<name>{_NAME}) ?(?:\( ?(?P<bracket>{_UNIT}(?:\([^()\n]{{1,8}}\))?) ?\)[ \t]*[:|=]?[ \t]*"
    rf"|/ ?(?P<slash>{_SLASHED})[ \t]*[:\t|=][ \t]*){_WORDS}"
)
_CELLS = re.compile(rf"(?:^|[\n|]) *(?P<name>{_NAME}) *[\t|] *(?P<unit>{_UNIT}?) *[\t|] *{_WORDS}")
#: A name that is too long is cut to what fits; so far back its words are looked for.
_REACH = 24
_TO = re.compile(r" ?[-~至到] ?(?P<sign>-?)(?=\d)")
_HEAD_CELL = re.compile(
    rf"^ *(?P<name>{_NAME}) ?(?:\( ?(?P<bracket>{_UNIT}(?:\([^()]*\))?) ?\)|/ ?(?P<slash>[^\s()]{{1,12}})) *$"
)
_SEPARATOR = re.compile(r"[\t|]")
_CELL_NUMBER = re.compile(r"\s*[≥≤><=~约±]{0,2} ?(-?)(?=\d)")


def read_headings(text: str) -> list[Reading]:
    """Return the values of a normalised text whose unit stands in a heading.

    Beside its heading a value's span begins with the heading; below it, it is the value alone.
    """
    if not _MAYBE.search(text):
        return []
    readings = [
        reading
        for match in _INLINE.finditer(text)
        if (reading := _beside(text, match, match["bracket"] or match["slash"]))
    ]
    readings += [reading for match in _CELLS.finditer(text) if (reading := _beside(text, match, match["unit"]))]
    if "\t" in text or "|" in text:
        readings += _columns(text)
    return readings


def _beside(text: str, match: re.Match[str], unit_text: str) -> Reading | None:
    unit = resolve(unit_text)
    if unit is None:
        return None
    left = max(0, match.start("name") - _REACH)
    name = from_word_start(text[left : match.end("name")], match.start("name") - left)
    begin = match.end("name") - len(name)
    return _value(text, match.start("words"), match.end(), unit, name.strip(), begin, match["sign"])


def _value(text: str, floor: int, start: int, unit: Unit, name: str, begin: int, sign: str) -> Reading | None:
    """Return the number or range at `start`, given in `unit`; None where another unit follows it."""
    first = read_numeral(text, start)
    if first is None:
        return None
    low = high = first.low * (-1 if sign else 1)
    end = first.end
    if (to := _TO.match(text, end)) and (second := read_numeral(text, to.end())):
        high, end = second.low * (-1 if to["sign"] else 1), second.end
    if match_unit(text, end) or text[end : end + 1] in (".", ":", "%") or low > high:
        return None
    words = comparison(text, start - len(sign), end, floor)
    bounds = interval(low, high, words, unit.dimension)
    if text[floor:start].startswith("±"):
        bounds = Interval(max=high)
    scaled = Interval(
        bounds.min * unit.factor if math.isfinite(bounds.min) else bounds.min,
        bounds.max * unit.factor if math.isfinite(bounds.max) else bounds.max,
        bounds.min_closed, bounds.max_closed, bounds.approximate,
    )  # fmt: skip
    return Reading(min(begin, words.start), words.end, unit.dimension, scaled, unit.name, name=name)


def _columns(text: str) -> Iterator[Reading]:
    """Yield the cells below headings with units, row by row while the number of cells stays the same."""
    head: list[tuple[str, Unit] | None] = []
    offset = 0
    for line in text.split("\n"):
        cells = _cells(line, offset)
        offset += len(line) + 1
        heading = [_heading(cell) for _, cell in cells]
        if len(cells) > 1 and any(heading):
            head = heading
        elif len(cells) == len(head):
            yield from _row(text, cells, head)
        else:
            head = []


def _row(text: str, cells: list[tuple[int, str]], head: list[tuple[str, Unit] | None]) -> Iterator[Reading]:
    for (start, cell), column in zip(cells, head, strict=True):
        number = _CELL_NUMBER.match(cell)
        if column is None or number is None:
            continue
        first = start + len(cell) - len(cell.lstrip())
        reading = _value(text, first, start + number.end(), column[1], column[0], first, number[1])
        if reading:
            yield reading


def _cells(line: str, offset: int) -> list[tuple[int, str]]:
    cells, start = [], 0
    for separator in _SEPARATOR.finditer(line):
        cells.append((offset + start, line[start : separator.start()]))
        start = separator.end()
    return [*cells, (offset + start, line[start:])]


def _heading(cell: str) -> tuple[str, Unit] | None:
    match = _HEAD_CELL.match(cell)
    unit = resolve(match["bracket"] or match["slash"]) if match else None
    return (match["name"].strip(), unit) if match and unit else None
