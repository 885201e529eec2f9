"""The shipped table is whole, and its units are pint's."""

from __future__ import annotations

from pathlib import Path

import pint
import pytest

from matcher.errors import BrokenArtefact
from matcher.understanding import unit_table
from matcher.understanding.unit_table import registry, table, to_base

MONEY = {"CNY", "USD", "EUR", "HKD", "JPY"}


def test_every_unit_is_one_that_pint_parses() -> None:
    """Callers convert with their own registry, which knows no currency."""
    plain: pint.UnitRegistry[float] = pint.UnitRegistry()
    for spelling, term in table().terms.items():
        if term.name not in MONEY:
            assert plain.parse_units(term.name) is not None, spelling


def test_every_unit_converts_to_its_dimensions_base() -> None:
    for spelling, term in table().terms.items():
        factor, _ = to_base(term.name, term.dimension)
        assert factor > 0, spelling


def test_every_compound_leads_to_a_dimension_with_a_role() -> None:
    units = table()
    for kinds, name in units.compounds.items():
        assert name in units.dimensions or "/" in name, kinds


def test_spellings_belong_to_one_unit_each() -> None:
    units = table()
    assert not units.loose & {spelling for spelling, term in units.terms.items() if term.dimension != "count"}
    assert units.rated <= set(units.terms)
    assert units.longest == max(map(len, units.terms))


@pytest.mark.parametrize(
    ("unit", "dimension", "factor", "offset"),
    [
        ("m^3", "volume", 1000, 0),
        ("t/month", "mass_rate", 12, 0),
        ("degF", "temperature", 5 / 9, -160 / 9),
        ("K", "temperature", 1, -273.15),
        ("MPa", "pressure", 1e6, 0),
        ("USD", "money", 7.1, 0),
        ("CNY/h", "price", 1, 0),
        ("1", "count", 1, 0),
    ],
)
def test_takes_units_to_the_base(unit: str, dimension: str, factor: float, offset: float) -> None:
    assert to_base(unit, dimension) == pytest.approx((factor, offset))


def test_refuses_a_unit_of_another_dimension() -> None:
    with pytest.raises(ValueError, match="kg"):
        to_base("kg", "volume")


def test_money_and_pieces_are_dimensions_of_their_own() -> None:
    units = registry()
    assert units.parse_units("CNY").dimensionality == {"[currency]": 1}
    assert units.parse_units("piece").dimensionality == {"[piece]": 1}


@pytest.mark.parametrize("content", [None, "[units", "", "[dimensions]\nvolume = 1\n"])
def test_names_a_broken_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None) -> None:
    broken = tmp_path / "units.toml"
    if content is not None:
        broken.write_text(content, encoding="utf-8")
    monkeypatch.setattr(unit_table, "UNITS", broken)
    with pytest.raises(BrokenArtefact, match=r"units\.toml"):
        table.__wrapped__()
