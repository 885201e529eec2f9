"""Listings by id and by row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.listings_file import read_listings
from matcher.errors import Conflict
from matcher.records import KINDS, SUPPLY_KINDS, Kind, Listing

LISTINGS = Path(__file__).resolve().parents[3] / "datasets" / "listings.jsonl"

drawn = st.lists(
    st.builds(Listing, id=st.text("ABC0129", min_size=1, max_size=4), kind=st.sampled_from(KINDS), name=st.just("名")),
    max_size=30,
    unique_by=lambda listing: listing.id,
)


def listing(key: str, kind: Kind = "platform") -> Listing:
    return Listing(id=key, kind=kind, name="名")


@given(drawn)
@settings(max_examples=100, deadline=None)
def test_every_listing_by_id_and_every_supply_by_row(listings: list[Listing]) -> None:
    catalogue = Catalogue(iter(listings))
    assert len(catalogue) == len(listings)
    assert [one.id for one in catalogue.listings] == sorted(one.id for one in listings)
    for one in listings:
        assert catalogue.get(one.id) is one
        row = catalogue.row(one.id)
        assert (row is None) == (one.kind not in SUPPLY_KINDS)
        assert row is None or catalogue.supply[row] is one
    assert [catalogue.row(one.id) for one in catalogue.supply] == list(range(len(catalogue.supply)))


@given(drawn, st.permutations(range(30)))
@settings(max_examples=60, deadline=None)
def test_the_order_given_does_not_matter(listings: list[Listing], order: list[int]) -> None:
    moved = [listings[place] for place in order if place < len(listings)]
    assert Catalogue(moved).listings == Catalogue(listings).listings


@given(drawn, st.sets(st.sampled_from(KINDS)))
@settings(max_examples=100, deadline=None)
def test_rows_of_kinds(listings: list[Listing], kinds: set[Kind]) -> None:
    catalogue = Catalogue(listings)
    mask = catalogue.of_kinds(kinds)
    assert mask.dtype == bool
    assert mask.tolist() == [one.kind in kinds for one in catalogue.supply]


def test_two_listings_with_one_id_are_refused_by_name() -> None:
    with pytest.raises(Conflict, match="PF-2 重复") as caught:
        Catalogue([listing("PF-2"), listing("PF-1"), listing("PF-2", "case"), listing("PF-3")])
    assert caught.value.hint


def test_an_unknown_id_is_nowhere() -> None:
    catalogue = Catalogue([listing("PF-1")])
    assert catalogue.get("PF-2") is None
    assert catalogue.row("PF-2") is None


def test_an_empty_catalogue() -> None:
    catalogue = Catalogue([])
    assert len(catalogue) == 0
    assert catalogue.supply == ()
    assert catalogue.of_kinds(SUPPLY_KINDS).shape == (0,)


def test_a_catalogue_does_not_follow_the_list_it_was_made_of() -> None:
    given_list = [listing("PF-1")]
    catalogue = Catalogue(given_list)
    given_list.append(listing("PF-2"))
    assert len(catalogue) == 1


def test_the_shipped_catalogue() -> None:
    shipped = read_listings(LISTINGS)
    catalogue = Catalogue(shipped)
    assert len(catalogue) == 943
    assert len(catalogue.supply) == 798
    assert catalogue.of_kinds(SUPPLY_KINDS).all()
    assert catalogue.of_kinds(["equipment"]).sum() == 152
    assert not catalogue.of_kinds(["case", "policy"]).any()
    with pytest.raises(Conflict):
        Catalogue([*shipped, replace(shipped[0], name="另一个")])


class TestChanged:
    KINDS = ("platform", "equipment", "case")

    @given(
        st.dictionaries(st.integers(0, 9), st.integers(0, 2), max_size=10),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=6),
        st.lists(st.integers(0, 9), max_size=6),
    )
    @settings(max_examples=100, deadline=None)
    def test_as_one_that_is_made_anew(
        self, before: dict[int, int], upserts: list[tuple[int, int]], removals: list[int]
    ) -> None:
        now = {place: self.listing(place, kind) for place, kind in before.items()}
        old = Catalogue(now.values())
        new, change = old.changed(
            [self.listing(place, kind) for place, kind in upserts], [f"L-{place}" for place in removals]
        )
        wanted = {place: one for place, one in now.items() if place not in removals}
        wanted |= {place: self.listing(place, kind) for place, kind in upserts}
        anew = Catalogue(wanted.values())
        assert new.listings == anew.listings
        assert new.supply == anew.supply == change.moved_items(old.supply, change.added)
        for kind in self.KINDS:
            assert new.of_kinds([kind]).tolist() == anew.of_kinds([kind]).tolist()  # type: ignore[list-item]  # kinds
        for place in range(10):
            assert new.get(f"L-{place}") == anew.get(f"L-{place}") == wanted.get(place)
            assert new.row(f"L-{place}") == anew.row(f"L-{place}")
        assert (new is old) == (wanted == now)
        assert old.listings == tuple(sorted(now.values(), key=lambda one: one.id))

    def listing(self, place: int, kind: int) -> Listing:
        return Listing(id=f"L-{place}", kind=self.KINDS[kind], name="甲")  # type: ignore[arg-type]  # kinds

    def test_what_changes_nothing_leaves_the_catalogue_as_it_is(self) -> None:
        one = self.listing(1, 0)
        old = Catalogue([one])
        new, change = old.changed([replace(one)], ["unknown"])
        assert new is old
        assert len(change) == 0

    def test_the_last_of_several_upserts_counts_and_stays_though_removed(self) -> None:
        one = self.listing(1, 0)
        new, _ = Catalogue([one]).changed([replace(one, name="乙"), replace(one, name="丙")], [one.id])
        assert [listing.name for listing in new.listings] == ["丙"]

    def test_reference_kinds_move_no_row(self) -> None:
        old = Catalogue([self.listing(1, 0), self.listing(2, 2)])
        new, change = old.changed([replace(self.listing(2, 2), name="乙")], [])
        assert len(change) == 0
        assert new.supply == old.supply
        found = new.get("L-2")
        assert found is not None
        assert found.name == "乙"
