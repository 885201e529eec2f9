"""Narrowing a list: counts against brute force, and a list that is never shorter than it must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.catalogue.catalogue import Catalogue
from matcher.match import Matcher
from matcher.narrowing import CASES_MAX, Narrowing
from matcher.ranking.conditions import Conditions
from matcher.ranking.facts import default_tables
from matcher.records import KIND_NAMES, SUPPLY_KINDS, Kind, Listing, Need, Within
from tests.matcher.small import LISTINGS, SUPPLY

CASES = tuple(
    Listing(id=f"CA-{number}", kind="case", name=f"案例{number}", operator="珠江生物有限公司") for number in range(2, 7)
)


@pytest.fixture(scope="module")
def narrowing() -> Narrowing:
    catalogue = Catalogue((*LISTINGS, *CASES))
    return Narrowing(catalogue, Conditions(catalogue.supply, default_tables()).facts)


def everything() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(SUPPLY), np.bool_)


def rows(narrowing: Narrowing, **chosen: str) -> set[str]:
    catalogue = Catalogue(LISTINGS)
    return {catalogue.supply[row].id for row in np.flatnonzero(narrowing.mask(Within(**chosen)))}


def test_places_are_found_as_they_begin(narrowing: Narrowing) -> None:
    assert rows(narrowing, province="广") == {one.id for one in SUPPLY if one.province == "广东"}
    assert rows(narrowing, province="广东", city="东莞") == {"PF-4"}
    assert rows(narrowing, city="东莞市") == set()
    assert rows(narrowing) == {one.id for one in SUPPLY}


def test_certificates_are_those_that_are_held(narrowing: Narrowing) -> None:
    assert rows(narrowing, certificate="gmp") == {"PF-1", "MF-1"}
    assert rows(narrowing, certificate="no-such") == set()


@pytest.mark.parametrize("kinds", [(), ("platform",), ("equipment", "solution")])
@pytest.mark.parametrize(
    "within", [Within(), Within("广东"), Within("广东", "广州"), Within(certificate="gmp"), Within("广东", None, "gmp")]
)
def test_each_count_is_what_choosing_it_would_leave(
    narrowing: Narrowing, kinds: tuple[Kind, ...], within: Within
) -> None:
    facets = narrowing.facets(everything(), kinds, within)
    supply = Catalogue(LISTINGS).supply

    def left(chosen: tuple[Kind, ...], place: Within) -> int:
        mask = narrowing.mask(place)
        return sum(bool(mask[row]) and one.kind in (chosen or SUPPLY_KINDS) for row, one in enumerate(supply))

    assert facets.kinds == {kind: left((kind,), within) for kind in SUPPLY_KINDS}
    for province, count in facets.provinces.items():
        assert count == left(kinds, replace(within, province=province, city=None))
    for city, count in facets.cities.items():
        assert count == left(kinds, replace(within, city=city))
    for certificate, count in facets.certificates.items():
        assert count == left(kinds, replace(within, certificate=certificate))
    assert all(facets.provinces.values())


def test_what_is_removed_is_not_counted(narrowing: Narrowing) -> None:
    facets = narrowing.facets(np.zeros(len(SUPPLY), np.bool_), (), Within())
    assert set(facets.kinds.values()) == {0}
    assert not any((facets.provinces, facets.cities, facets.certificates))


def test_cases_are_of_the_same_operator_and_few(narrowing: Narrowing) -> None:
    assert [one.id for one in narrowing.cases(LISTINGS[0])] == ["CA-2", "CA-3", "CA-4"]
    assert len(narrowing.cases(LISTINGS[0])) == CASES_MAX
    assert narrowing.cases(LISTINGS[1]) == ()


def test_a_match_within_a_province_has_as_many_as_there_are(small_matcher: Matcher) -> None:
    answer = small_matcher.match(Need("发酵放大", within=Within("广东")), top=10)
    assert {match.listing.id for match in answer.matches} == {one.id for one in SUPPLY if one.province == "广东"}
    whole = small_matcher.match(Need("发酵放大"), top=20)
    order = [match.listing.id for match in whole.matches if match.listing.province == "广东"]
    assert [match.listing.id for match in answer.matches] == order


def test_counts_beside_an_answer_know_its_hard_conditions(small_matcher: Matcher) -> None:
    answer = small_matcher.match(Need("发酵放大,仅限广东"), top=20)
    facets = small_matcher.facets(answer)
    # 膜分离中试解决方案 does not say where it is, and what is unsaid removes nothing.
    assert set(facets.provinces) == {"广东"}
    assert sum(facets.kinds.values()) == len(answer.matches)
    assert sum(answer.grades.values()) == len(answer.matches)


def test_counts_follow_the_catalogue(small_matcher: Matcher) -> None:
    gone = small_matcher.with_changes((), ("PF-4",))
    need = Need("挤出注塑")
    before, after = (one.facets(one.match(need)) for one in (small_matcher, gone))
    assert before.kinds["platform"] - after.kinds["platform"] == 1
    assert "东莞" in before.cities
    assert "东莞" not in after.cities


def test_cases_follow_the_catalogue(small_matcher: Matcher) -> None:
    more = small_matcher.with_changes(CASES[:1])
    assert [one.id for one in more.narrowing.cases(LISTINGS[0])] == ["CA-2"]
    assert small_matcher.narrowing.cases(LISTINGS[0]) == ()


def test_every_kind_has_a_name() -> None:
    assert set(SUPPLY_KINDS) <= set(KIND_NAMES)
