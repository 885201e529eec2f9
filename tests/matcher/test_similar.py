"""Listings like a listing, held against brute force; and their numbers on the catalogue's scale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.errors import NotFound
from matcher.match import Matcher
from matcher.records import Listing, Parameter
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY

SEVERAL = (
    *LISTINGS,
    Listing(id="CA-8", kind="case", name="甲", province="广东", industry=("生物制造", "医药")),
    Listing(id="CA-9", kind="case", name="乙", province="广东", industry=("生物制造",)),
    Listing(id="CA-10", kind="case", name="丙", province="四川", industry=("医药",)),
    Listing(id="PO-9", kind="policy", name="丁", province="广东", industry=("医药",)),
)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    data = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    return Matcher.load(data, SEVERAL, profile=PROFILE, encoder=HashEncoder())


@pytest.mark.parametrize("listing", SUPPLY, ids=lambda one: one.id)
def test_the_nearest_of_its_kind_and_then_the_others(matcher: Matcher, listing: Listing) -> None:
    supply = matcher.catalogue.supply
    own = matcher.catalogue.row(listing.id)
    assert own is not None
    vector = matcher.retriever.vectors(own)[0]
    others = [row for row in range(len(supply)) if row != own]
    ranked = sorted(
        others, key=lambda row: (supply[row].kind != listing.kind, -float(vector @ matcher.retriever.vectors(row)[0]))
    )
    found = [one.id for one in matcher.similar(listing.id, 5)]
    assert found == [supply[row].id for row in ranked[:5]]


def test_cases_are_like_cases_with_more_in_common_first(matcher: Matcher) -> None:
    found = [one.id for one in matcher.similar("CA-8", 9)]
    assert found[:2] == ["CA-9", "CA-10"]
    assert all(one.kind == "case" for one in matcher.similar("CA-8", 9))


def test_an_unknown_listing_is_like_nothing(matcher: Matcher) -> None:
    with pytest.raises(NotFound):
        matcher.similar("XX-1", 3)


def test_a_removed_listing_is_like_nothing_any_more(matcher: Matcher) -> None:
    first = matcher.similar("PF-1", 1)[0].id
    after = matcher.with_changes([], [first])
    assert first not in [one.id for one in after.similar("PF-1", 20)]


class TestScales:
    def test_a_fermenter_stands_among_fermenters(self, matcher: Matcher) -> None:
        listing = matcher.catalogue.get("PF-1")
        assert listing is not None
        (scale,) = matcher.scales(listing)
        assert (scale.position, scale.dimension, scale.unit) == (0, "volume", "L")
        assert (scale.low, scale.high, scale.least, scale.most) == (50, 500, 50, 50_000)
        assert scale.listings == 4

    def test_the_scale_is_in_the_unit_of_the_listing(self, matcher: Matcher) -> None:
        mine = Listing(id="X", kind="platform", name="x", parameters=(Parameter("发酵罐容积", None, 5, "m³"),))
        (scale,) = matcher.scales(mine)
        assert (scale.low, scale.unit) == (None, "m³")
        assert (scale.high, scale.least, scale.most) == pytest.approx((5, 0.05, 50))

    @pytest.mark.parametrize(
        "parameter",
        [
            Parameter("晶圆尺寸", 8, 8, "英寸"),  # one listing in all says it
            Parameter("发酵罐容积", None, None, "L"),
            Parameter("员工", 20, 30, "人"),
            Parameter("发酵罐容积", 0, 0, "L"),
            Parameter("发酵罐容积", 5, 50, "斗"),
        ],
    )
    def test_what_can_not_be_compared_is_left_out(self, matcher: Matcher, parameter: Parameter) -> None:
        assert matcher.scales(Listing(id="X", kind="platform", name="x", parameters=(parameter,))) == ()

    def test_a_change_of_the_catalogue_moves_the_ends(self, matcher: Matcher) -> None:
        listing = matcher.catalogue.get("PF-1")
        assert listing is not None
        greater = replace(listing, id="PF-0", parameters=(Parameter("发酵罐容积", 1, 90_000, "L"),))
        (scale,) = matcher.with_changes([greater]).scales(listing)
        assert (scale.least, scale.most, scale.listings) == (1, 90_000, 5)
        assert matcher.scales(listing)[0].most == 50_000


def test_too_few_of_a_kind_stand_among_the_broader_kind(matcher: Matcher) -> None:
    """One other bioreactor is no scale: vessels of all sorts are."""
    mine = Listing(id="X", kind="platform", name="x", parameters=(Parameter("生物反应器容积", 10, 200, "L"),))
    (scale,) = matcher.scales(mine)
    assert (scale.least, scale.most) == (10, 50_000)
    assert scale.listings >= 4
