"""The columns against the slow path, on real listings and real needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.catalogue.row_change import RowChange
from matcher.ranking import catalogue_facts
from matcher.ranking.catalogue_facts import CODES, CatalogueFacts, must_mask
from matcher.ranking.facts import default_tables, facts_of, facts_of_all
from matcher.ranking.fit import assess_each, check_for
from matcher.records import (
    CertificateRequirement,
    Interval,
    KindRequirement,
    Listing,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
)
from matcher.understanding.reading import Reader
from tests.matcher.ranking.stated import listing, parameter, quantity

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


NUMBERS = st.floats(1, 1000)
OFFERS = st.lists(
    st.tuples(st.sampled_from(["发酵罐容积", "储罐容积", "单罐体积", "质粒线规模"]), NUMBERS, NUMBERS), max_size=3
)


@settings(max_examples=40, deadline=None)
@given(st.lists(OFFERS, min_size=1, max_size=6), NUMBERS, st.sampled_from(["发酵罐", None, "反应器"]))
def test_columns_agree_on_made_up_vessels(
    catalogue_of: list[list[tuple[str, float, float]]], needed: float, name: str | None
) -> None:
    facts = [
        facts_of(listing(*(parameter(kind, min(low, high), max(low, high), "L") for kind, low, high in offers)))
        for offers in catalogue_of
    ]
    wanted = QuantityRequirement(
        text="x", dimension="volume", interval=Interval(min=needed), unit="L", role="capacity", name=name
    )
    slow = [fit.outcome != "misses" for (fit,) in assess_each([wanted], facts)]
    assert must_mask(wanted, CatalogueFacts(facts)).tolist() == slow


def test_dosage_forms_keep_certificates_apart() -> None:
    facts = [facts_of(listing(qualifications=(entry,))) for entry in ("GMP", "GMP(口服固体制剂)", "GMP(注射剂)")]
    wanted = CertificateRequirement(text="注射剂GMP", certificate="gmp")
    assert CatalogueFacts(facts).outcomes(wanted).tolist() == [1, 0, 1]


def test_a_type_that_nobody_knows_removes_nothing() -> None:
    class Odd(Requirement):
        type = "odd"

    assert must_mask(Odd(text="?"), CatalogueFacts([facts_of(listing())])).all()


def test_numbers_of_one_row_are_taken_together() -> None:
    offer = listing(parameter("发酵罐容积", 50, 50, "L"), parameter("发酵罐容积", 800, 800, "L"))
    small = listing(parameter("发酵罐容积", 50, 50, "L"))
    silent = listing()
    facts = [facts_of(one) for one in (offer, small, silent)]
    assert CatalogueFacts(facts).outcomes(quantity("500 L发酵罐")).tolist() == [1, -1, 0]


class TestChanged:
    @pytest.fixture(scope="class")
    @classmethod
    def everything(cls) -> tuple[Listing, ...]:
        return read_listings(DATASETS / "listings.jsonl")[::9]

    @pytest.mark.parametrize("tidied", [False, True])
    def test_as_facts_that_are_read_anew(
        self,
        everything: tuple[Listing, ...],
        requirements: list[Requirement],
        tidied: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(catalogue_facts, "DEAD_SHARE", 0.0 if tidied else 1.0)
        random = Random(7)
        now = sorted(random.sample(everything, len(everything) // 2), key=lambda one: one.id)
        facts = CatalogueFacts(facts_of_all(now))
        for _ in range(12):
            for requirement in random.sample(requirements, 8):
                facts.outcomes(requirement)  # remembered, and then carried over
            added = {one.id: one for one in random.sample(everything, 5)}
            gone = {one.id for one in random.sample(now, 6)} | added.keys()
            change = RowChange.between(now, gone, added.values())
            before = facts, facts.outcomes(requirements[0]).copy()
            facts = facts.changed(change, CatalogueFacts(facts_of_all(change.added)))
            assert before[0].outcomes(requirements[0]).tolist() == before[1].tolist()
            now = list(change.moved_items(now, change.added))
        anew = CatalogueFacts(facts_of_all(now))
        assert facts.facts == anew.facts
        for requirement in requirements:
            assert facts.outcomes(requirement).tolist() == anew.outcomes(requirement).tolist(), requirement

    def test_a_place_that_comes_and_goes(self) -> None:
        wanted = PlaceRequirement(text="东莞", code="441900", name="东莞市", strength="must")
        one, other = (
            Listing(id=name, kind="platform", name="", province="广东", city=city)
            for name, city in (("A", "东莞"), ("B", "广州"))
        )
        facts = CatalogueFacts(facts_of_all([one, other]))
        for now, gone, added, codes in (
            ([one, other], {"A"}, [], [-1]),
            ([other], {"B"}, [], []),
            ([], set[str](), [one], [1]),
            ([one], set[str](), [other], [1, -1]),
        ):
            change = RowChange.between(now, gone, added)
            facts = facts.changed(change, CatalogueFacts(facts_of_all(change.added)))
            assert facts.outcomes(wanted).tolist() == codes
