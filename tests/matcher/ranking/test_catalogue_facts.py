"""The columns against the slow path, on real listings and real needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.ranking.catalogue_facts import CODES, CatalogueFacts, must_mask
from matcher.ranking.facts import default_tables, facts_of_all
from matcher.ranking.fit import check_for
from matcher.records import KindRequirement, PlaceRequirement, Requirement
from matcher.understanding.reading import Reader

DATASETS = Path(__file__).parents[3] / "datasets"


@pytest.fixture(scope="module")
def catalogue() -> CatalogueFacts:
    """Every fifth listing of the shipped catalogue."""
    return CatalogueFacts(facts_of_all(read_listings(DATASETS / "listings.jsonl")[::5]))


@pytest.fixture(scope="module")
def requirements() -> list[Requirement]:
    needs, _ = read_needs(DATASETS / "needs_train.jsonl")
    reader = Reader.load()
    read = [reader.read(need, date(2025, 6, 1), strict=False).requirements for need in needs[::6]]
    return [requirement for found in read for requirement in found]


def test_columns_agree_with_the_slow_path(catalogue: CatalogueFacts, requirements: list[Requirement]) -> None:
    assert len({requirement.type for requirement in requirements}) == 8
    for requirement in requirements:
        check = check_for(requirement, default_tables())
        slow = [CODES[check(facts).outcome] for facts in catalogue.facts]
        assert catalogue.outcomes(requirement).tolist() == slow, requirement


def test_a_mask_keeps_what_does_not_miss(catalogue: CatalogueFacts) -> None:
    wanted = PlaceRequirement(text="东莞", code="441900", name="东莞市", strength="must")
    kept = must_mask(wanted, catalogue)
    places = np.array([facts.place or "" for facts in catalogue.facts])
    assert kept[places == "441900"].all()
    assert kept[places == ""].all()
    assert not kept[places == "310000"].any()


def test_kinds_split_the_catalogue(catalogue: CatalogueFacts) -> None:
    kept = must_mask(KindRequirement(text="设备", kind="equipment"), catalogue)
    assert kept.sum() == sum(facts.kind == "equipment" for facts in catalogue.facts) > 0


def test_an_empty_catalogue_has_empty_outcomes() -> None:
    assert CatalogueFacts(()).outcomes(KindRequirement(text="设备", kind="equipment")).shape == (0,)
