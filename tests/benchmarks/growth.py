"""A larger catalogue from the shipped one: the same listings again, each copy with another id, name, place and numbers.

For speed and memory only. Copies share most words with their originals, which is harder on an inverted index than a
catalogue of new listings would be (longer posting lists), so timings err on the safe side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any

Row = Mapping[str, object]

#: Half to double: a copy stays a plausible plant, and quantity conditions cut some copies and keep others.
SMALLEST_FACTOR, LARGEST_FACTOR = 0.5, 2.0
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TEXTS = ("summary",)
_TEXT_LISTS = ("capabilities", "equipment", "services")


def grown(rows: Sequence[Row], count: int, seed: int = 0) -> list[dict[str, object]]:
    """The first `count` of: the rows as they are, then copy after copy of them. The same arguments, the same rows.

    Ids of copies are `<id>-1`, `<id>-2` …; the row at `n` is a copy of row `n % len(rows)`.
    """
    return list(islice(_endless(rows, seed), count))


def _endless(rows: Sequence[Row], seed: int) -> Iterator[dict[str, object]]:
    yield from (dict(row) for row in rows)
    copy = 0
    while True:
        copy += 1
        for row in rows:
            yield _copy(row, copy, Random(f"{seed}:{copy}:{row['id']}"), rows)


def _copy(row: Row, copy: int, random: Random, rows: Sequence[Row]) -> dict[str, object]:
    factor = random.uniform(SMALLEST_FACTOR, LARGEST_FACTOR)
    place = random.choice(rows)
    changed = dict(row)
    changed["id"] = f"{row['id']}-{copy}"
    changed["name"] = f"{row['name']}({place.get('city') or place.get('province') or '全国'}{copy}号)"
    changed["province"], changed["city"] = place.get("province"), place.get("city")
    changed["parameters"] = [_scaled(parameter, factor) for parameter in _list(row.get("parameters"))]
    for field in _TEXTS:
        changed[field] = _renumbered(str(row.get(field) or ""), factor)
    for field in _TEXT_LISTS:
        changed[field] = [_renumbered(str(text), factor) for text in _list(row.get(field))]
    return changed


def _scaled(parameter: Row, factor: float) -> dict[str, object]:
    ends = {end: parameter.get(end) for end in ("min", "max")}
    return {**parameter, **{end: _times(value, factor) for end, value in ends.items()}}


def _times(value: object, factor: float) -> object:
    return round(value * factor, 3) if isinstance(value, int | float) else value


def _renumbered(text: str, factor: float) -> str:
    return _NUMBER.sub(lambda number: f"{float(number.group()) * factor:.2f}".rstrip("0").rstrip("."), text)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []
