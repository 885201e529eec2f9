"""What a listing states, read once when the catalogue is loaded: `ListingFacts` is all that fits look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from matcher.ranking.listing_quantities import QuantityFact, quantity_facts, texts
from matcher.ranking.offers import industries_of, stages_of
from matcher.ranking.prices import Fee, fees_of
from matcher.records import Evidence, Kind, Listing, Stage
from matcher.understanding.certificates import Certificates, Holding, default_certificates
from matcher.understanding.industries import Industries
from matcher.understanding.regions import Regions
from matcher.understanding.text import normalise

#: Called with listings done and listings in all.
Progress = Callable[[int, int], None]
_PROGRESS_EVERY: Final = 500
_LACKS: Final = re.compile("未通过|未取得|尚未取得|没有取得|不具备|尚无|暂无|暂未取得|没有")
#: GMP is given for dosage forms: a plant for one of them says nothing of another.
_FORMS: Final = re.compile(
    "冻干|注射|无菌制剂|口服固体|固体制剂|片剂|胶囊|颗粒剂|口服液|原料药|中药饮片|生物制品|疫苗|细胞|化妆品|保健食品|兽药|吸入|滴眼|软膏|贴剂|乳膏"
)
_CLAUSE_END: Final = re.compile("[,，。;；]")
#: Characters behind 不具备 in which the certificate's name must stand.
_NAME_REACH: Final = 16


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that listings and requirements are read with."""

    regions: Regions
    certificates: Certificates
    industries: Industries


@cache
def default_tables() -> Tables:
    """The shipped tables, read once. Raises BrokenArtefact where one is missing or damaged."""
    return Tables(Regions.load(), default_certificates(), Industries.load())


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What one listing states; what it does not state is None or empty.

    Attributes:
        place: code of the place it names, as exact as it goes; `place_evidence` quotes it.
        quantities: its numbers by dimension, in base units.
        forms: certificate → dosage forms that its entry names (GMP(口服固体制剂)), where it names any.
        industries: ids of its tags; `industry_tags` quotes for each the first tag that stands for it.
        offered: ids of the industries of what it says it does and of those above them, each with its words.
        stages: stages it offers, each with the words that offer it.
    """

    id: str
    kind: Kind
    name: str
    place: str | None
    place_evidence: Evidence | None
    holdings: tuple[Holding, ...]
    lacking: dict[str, Evidence]
    forms: dict[str, frozenset[str]]
    quantities: dict[str, tuple[QuantityFact, ...]]
    industries: frozenset[str]
    industry_tags: dict[str, Evidence]
    offered: dict[str, Evidence]
    stages: dict[Stage, Evidence]
    fees: tuple[Fee, ...]


def facts_of(listing: Listing, tables: Tables | None = None) -> ListingFacts:
    """Return what a listing states (some 2 ms each: read them when the catalogue is loaded)."""
    tables = tables or default_tables()
    place = tables.regions.resolve(listing.province, listing.city)
    holdings = tuple(tables.certificates.held(listing))
    return ListingFacts(
        id=listing.id,
        kind=listing.kind,
        name=listing.name,
        place=place,
        place_evidence=_place_evidence(listing) if place else None,
        holdings=holdings,
        lacking=_lacking(listing, tables.certificates),
        forms=_forms(listing, holdings),
        quantities=_by_dimension(quantity_facts(listing)),
        industries=tables.industries.of_tags(listing.industry),
        industry_tags=_industry_tags(listing, tables.industries),
        offered=industries_of(listing, tables.industries),
        stages=stages_of(listing),
        fees=fees_of(listing),
    )


def dosage_forms(text: str) -> frozenset[str]:
    """Return the dosage forms that a text names, by their common stems (注射 for 小容量注射剂)."""
    return frozenset(_FORMS.findall(text))


def facts_of_all(
    listings: Sequence[Listing], tables: Tables | None = None, progress: Progress | None = None
) -> tuple[ListingFacts, ...]:
    """Return the facts of a catalogue, in its order; `progress` is told how far reading is."""
    found = []
    for done, listing in enumerate(listings, 1):
        found.append(facts_of(listing, tables))
        if progress is not None and (done % _PROGRESS_EVERY == 0 or done == len(listings)):
            progress(done, len(listings))
    return tuple(found)


def _lacking(listing: Listing, certificates: Certificates) -> dict[str, Evidence]:
    """Return the certificates that a listing says it has not got."""
    found: dict[str, Evidence] = {}
    for field, text in texts(listing):
        for match in _LACKS.finditer(text):
            words = normalise(_CLAUSE_END.split(text[match.end() : match.end() + _NAME_REACH])[0])
            for named in certificates.read(words):
                quote = text[match.start() : match.end() + (named.end or 0)]
                found.setdefault(named.certificate, Evidence(field, quote))
    return found


def _forms(listing: Listing, holdings: Iterable[Holding]) -> dict[str, frozenset[str]]:
    """Return the dosage forms that stand with a certificate in its entry of `qualifications`."""
    entries = {f"qualifications[{position}]": text for position, text in enumerate(listing.qualifications)}
    found = {one.certificate: dosage_forms(entries.get(one.evidence.field, "")) for one in holdings}
    return {certificate: forms for certificate, forms in found.items() if forms}


def _place_evidence(listing: Listing) -> Evidence | None:
    if listing.city:
        return Evidence("city", listing.city)
    return Evidence("province", listing.province) if listing.province else None


def _industry_tags(listing: Listing, industries: Industries) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for position, tag in enumerate(listing.industry):
        for id in industries.of_tags([tag]):
            found.setdefault(id, Evidence(f"industry[{position}]", tag))
    return found


def _by_dimension(facts: Iterable[QuantityFact]) -> dict[str, tuple[QuantityFact, ...]]:
    found: dict[str, list[QuantityFact]] = {}
    for fact in facts:
        found.setdefault(fact.measure.dimension, []).append(fact)
    return {dimension: tuple(group) for dimension, group in found.items()}
