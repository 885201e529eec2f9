"""A small real matcher over the shipped catalogue: ranks by shared characters, so HTTP is tested without an encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from matcher.catalogue.listings_file import read_listings
from matcher.errors import InvalidInput, NotFound
from matcher.narrowing import Facets
from matcher.ranking.why_not import Advice, Lack, WhyNot
from matcher.records import (
    SUPPLY_KINDS,
    CertificateRequirement,
    Evidence,
    Fit,
    Interval,
    Listing,
    Match,
    Matches,
    Need,
    QuantityRequirement,
    Question,
    Reason,
    Requirement,
)
from matcher.scales import Scale

SHIPPED = Path(__file__).parents[2] / "datasets" / "listings.jsonl"


class CharacterCatalogue:
    def __init__(self, listings: Sequence[Listing]) -> None:
        self.listings = listings
        self._by_id = {listing.id: listing for listing in listings}

    def get(self, listing_id: str, /) -> Listing | None:
        return self._by_id.get(listing_id)


class CharacterMatcher:
    def __init__(self, listings: Sequence[Listing] | None = None) -> None:
        self.catalogue = CharacterCatalogue(read_listings(SHIPPED) if listings is None else listings)
        self.needs: list[Need] = []

    def why_not(self, need: Need, listing_id: str) -> WhyNot:
        listing = self.catalogue.get(listing_id)
        if listing is None:
            raise NotFound(f"没有编号为 {listing_id} 的条目")
        if listing.kind not in SUPPLY_KINDS:
            raise InvalidInput("不参加匹配", field="listing_id")
        self.needs.append(need)
        requirements = _requirements(need)
        fits = _fits(requirements, listing)
        lack = Lack("words", "共有的字", 0.1, 0.2)
        advice = tuple(Advice(one, f"写明{one.text}", 1) for one in requirements)
        return WhyNot(listing, 2, 9, 0.5, "weak", None, True, None, (), fits, (lack,), advice)

    def facets(self, answer: Matches) -> Facets:
        kinds = Counter(match.listing.kind for match in answer.matches)
        provinces = Counter(match.listing.province for match in answer.matches if match.listing.province)
        return Facets(kinds, provinces, {}, {})

    def similar(self, listing_id: str, count: int) -> tuple[Listing, ...]:
        listing = self.catalogue.get(listing_id)
        if listing is None:
            raise NotFound(f"没有编号为 {listing_id} 的条目")
        return tuple(one for one in self.catalogue.listings if one.kind == listing.kind and one is not listing)[:count]

    def scales(self, listing: Listing) -> tuple[Scale, ...]:
        return tuple(
            Scale(position, "volume", "L", one.min, one.max, 1.0, 50_000.0, 9)
            for position, one in enumerate(listing.parameters)
            if one.unit == "L"
        )

    @property
    def narrowing(self) -> CharacterMatcher:
        return self

    def cases(self, listing: Listing) -> tuple[Listing, ...]:
        return tuple(one for one in self.catalogue.listings if one.kind == "case" and one.operator == listing.operator)

    def match(self, need: Need, *, top: int) -> Matches:
        self.needs.append(need)
        wanted = set(need.text)
        listings = [one for one in self.catalogue.listings if one.kind in (need.kinds or SUPPLY_KINDS)]
        scored = sorted((-len(wanted & set(one.name + one.summary)), one.id, one) for one in listings)[:top]
        requirements = _requirements(need)
        return Matches(
            need=need,
            requirements=requirements,
            matches=tuple(
                Match(rank, -score / (1 + len(wanted)), "possible", one, _fits(requirements, one), _reasons(one))
                for rank, (score, _, one) in enumerate(scored, 1)
            ),
            near_misses=(),
            coverage="partial",
            questions=(Question("需要多大规模?", "quantity", ("500 L", "5000 L")),),
            profile="characters",
            profile_version="1",
            removed={"kind": len(self.catalogue.listings) - len(listings)},
            took_ms=0.123456,
        )


def _requirements(need: Need) -> tuple[Requirement, ...]:
    found: list[Requirement] = []
    if (start := need.text.find("GMP")) >= 0:
        found.append(CertificateRequirement(text="GMP", start=start, end=start + 3, certificate="gmp"))
    for one in need.parameters:
        interval = Interval() if one.min is None else Interval(min=one.min)
        found.append(QuantityRequirement(text=one.name, dimension="volume", interval=interval, unit="L"))
    return tuple(found)


def _fits(requirements: Sequence[Requirement], listing: Listing) -> tuple[Fit, ...]:
    has = next((one for one in listing.qualifications if "GMP" in one), None)
    evidence = Evidence("qualifications[0]", has) if has else None
    return tuple(Fit(one, "meets" if has else "unknown", evidence=evidence) for one in requirements)


def _reasons(listing: Listing) -> tuple[Reason, ...]:
    return (Reason("字面相近", "characters", Evidence("name", listing.name)),)
