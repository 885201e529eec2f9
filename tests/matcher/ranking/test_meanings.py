from __future__ import annotations

import csv

import pytest

from matcher.errors import BrokenArtefact
from matcher.ranking import meanings as module
from matcher.ranking.meanings import PARAMETER_NAMES, Meanings, meaning_of, meanings
from matcher.understanding.unit_table import table

ROW = {"meaning": "volume.tank", "parents": "", "dimensions": "volume", "sense": "covers", "side": "facility"}


def row(**cells: str) -> dict[str, str]:
    return {**ROW, "names": "罐", **cells}


@pytest.mark.parametrize(
    ("name", "dimension", "meaning"),
    [
        ("发酵罐容积", "volume", "volume.fermenter"),
        ("罐体规模", "volume", "volume.fermenter"),
        ("单罐体积", "volume", "volume.vessel"),
        ("储罐容积", "volume", "volume.storage"),
        ("搪玻璃反应釜", "volume", "volume.kettle"),
        ("晶圆尺寸", "length", "length.wafer"),
        ("最小线宽线距", "length", "length.line"),
        ("洁净厂房面积", "area", "area.clean"),
        ("占地面积", "area", "area.site"),
        ("总投资", "money", None),
        ("环境温度", "temperature", "temperature.environment"),
        ("烧结温度", "temperature", "temperature.furnace"),
        ("交付周期", "time", "time.lead"),
        ("累计服务时长", "time", "time.project"),
        ("拉伸强度", "pressure", "pressure.strength"),
        ("试验压力", "pressure", "pressure.any"),
    ],
)
def test_names_have_the_meaning_a_reader_gives_them(name: str, dimension: str, meaning: str | None) -> None:
    found = meaning_of(name, dimension)
    assert (found.id if found else None) == meaning


def test_the_longest_name_wins_and_of_equals_the_later() -> None:
    known = Meanings([row(), row(meaning="volume.jar", names="储罐"), row(meaning="volume.pot", names="锅")])
    assert known.of("储罐", "volume") is known.by_id["volume.jar"]
    assert known.of("罐锅", "volume") is known.by_id["volume.pot"]
    assert known.of("锅罐", "volume") is known.by_id["volume.tank"]


def test_a_name_counts_in_its_dimensions_only() -> None:
    known = Meanings([row(dimensions="volume|area")])
    assert known.of("罐", "area") is known.by_id["volume.tank"]
    assert known.of("罐", "mass") is None


def test_case_of_latin_names_does_not_matter() -> None:
    assert meaning_of("d50", "length") is meaning_of("D50", "length") is not None


def test_siblings_are_not_related_but_kinds_of_a_thing_are() -> None:
    by_id = meanings().by_id
    assert not by_id["volume.fermenter"].related(by_id["volume.kettle"])
    assert by_id["volume.fermenter"].related(by_id["volume.vessel"])
    assert by_id["volume.vessel"].related(by_id["volume.crystalliser"])
    assert by_id["volume.kettle"].related(by_id["volume.kettle"])


def test_relation_is_symmetric() -> None:
    found = list(meanings().by_id.values())
    assert all(one.related(other) == other.related(one) for one in found for other in found)


def test_every_dimension_of_the_table_is_a_known_one() -> None:
    with PARAMETER_NAMES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    dimensions = {dimension for found in rows for dimension in found["dimensions"].split("|")}
    assert dimensions <= set(table().dimensions)


def test_no_name_stands_twice_in_a_meaning_or_is_empty() -> None:
    with PARAMETER_NAMES.open(encoding="utf-8", newline="") as lines:
        for found in csv.DictReader(lines):
            names = found["names"].split("|")
            assert "" not in names
            assert len(names) == len(set(names)), found["meaning"]


@pytest.mark.parametrize("cells", [{"sense": "bigger"}, {"side": "nobody"}])
def test_a_word_that_is_no_sense_or_side_is_refused(cells: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"volume\.tank"):
        Meanings([row(**cells)])


def test_a_meaning_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Meanings([row(), row()])


def test_an_unknown_parent_is_refused() -> None:
    with pytest.raises(KeyError):
        Meanings([row(parents="volume.nothing")])


def test_a_damaged_table_names_the_file(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]  # fixtures of pytest
    broken = tmp_path / "parameter_names.csv"
    broken.write_text("meaning,names\nx,y\n", encoding="utf-8")
    monkeypatch.setattr(module, "PARAMETER_NAMES", broken)
    meanings.cache_clear()
    try:
        with pytest.raises(BrokenArtefact, match="parameter_names"):
            meanings()
    finally:
        meanings.cache_clear()
