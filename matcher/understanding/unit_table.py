"""The unit table of datasets/units.toml, read once, and pint's registry with our own units beside its own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pint

from matcher.errors import BrokenArtefact
from matcher.records import Role

#: Magnitudes are floats or integers; pint leaves the type open.
Registry = pint.UnitRegistry[Any]
_DECIBELS = re.compile("dBm?")
UNITS = Path(__file__).resolve().parents[2] / "datasets" / "units.toml"


@dataclass(frozen=True, slots=True)
class Term:
    """One spelling of a unit: `factor` takes a number written with it to the pint unit `name` (斤 → 0.5 kg)."""

    dimension: str
    name: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a number measures; `base` is the pint unit it is compared in ("" where there is none)."""

    name: str
    base: str
    role: Role


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Spellings and what they mean.

    Attributes:
        terms: spelling → term, those of running text.
        loose: counters that only structured parameters use (家, 项), and `rated` among them that rates make readable.
        each: spellings that below a stroke add no dimension (kg/批).
        longest: length of the longest spelling.
    """

    dimensions: dict[str, Dimension]
    terms: dict[str, Term]
    loose: frozenset[str]
    rated: frozenset[str]
    each: frozenset[str]
    compounds: dict[str, str]
    not_before: dict[str, frozenset[str]]
    longest: int


@cache
def table() -> UnitTable:
    """Return the unit table.

    Raises:
        BrokenArtefact: datasets/units.toml is missing or is not what this version reads.
    """
    data = _read(UNITS)
    try:
        return _build(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenArtefact(f"units.toml 内容不完整: {error}", hint="请从源码仓库恢复 datasets 目录") from error


@cache
def registry() -> Registry:
    """Return pint's registry with money and counts (`piece`) beside its own units."""
    units: Registry = pint.UnitRegistry()
    for line in _read(UNITS)["define"]:
        units.define(line)
    return units


@cache
def to_base(unit: str, dimension: str) -> tuple[float, float]:
    """Return (factor, offset) that takes a number in `unit` to the base unit of `dimension`.

    Only temperatures have an offset. A dimension without a base unit of its own has SI's.

    Raises:
        ValueError: pint can't take one to the other.
    """
    known = table().dimensions.get(dimension)
    base = known.base if known else ""
    if unit == base or dimension in ("price", "count"):
        return 1.0, 0.0
    units = registry()
    if "/" in unit and "dB" in unit:
        # Pint takes no logarithmic unit apart; decibels a metre add up as any count does.
        unit, base = _DECIBELS.sub("piece", unit), _DECIBELS.sub("piece", base)
    try:
        zero, one = (_in(units, value, unit, base) for value in (0.0, 1.0))
    except (pint.DimensionalityError, pint.UndefinedUnitError, pint.LogarithmicUnitCalculusError) as error:
        raise ValueError(f"{unit} is no unit of {dimension}") from error
    return one - zero, zero


def _in(units: Registry, value: float, unit: str, base: str) -> float:
    quantity = units.Quantity(value, units.parse_units(unit))
    converted = quantity.to(units.parse_units(base)) if base else quantity.to_root_units()
    return float(converted.magnitude)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenArtefact(f"{path.name} 缺失或损坏", hint="请重新安装,或从源码仓库恢复 datasets 目录") from error


def _build(data: dict[str, Any]) -> UnitTable:
    counters = data["counters"]
    terms = {
        spelling: Term(dimension, name)
        for dimension, units in data["units"].items()
        for name, spellings in units.items()
        for spelling in spellings
    }
    terms |= {spelling: Term(row[2], row[0], float(row[1])) for spelling, row in data["scaled"].items()}
    counted = [*counters["strict"], *counters["loose"]]
    terms |= {spelling: Term("count", "1") for spelling in counted if spelling not in terms}
    return UnitTable(
        dimensions={name: Dimension(name, row["base"], row["role"]) for name, row in data["dimensions"].items()},
        terms=terms,
        loose=frozenset(counters["loose"]),
        rated=frozenset(counters["rated"]),
        each=frozenset(counters["each"]),
        compounds=dict(data["compounds"]),
        not_before={spelling: frozenset(following) for spelling, following in data["not_before"].items()},
        longest=max(map(len, terms)),
    )
