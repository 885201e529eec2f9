"""Short ways to make a listing, its facts, and a requirement read from words."""

from __future__ import annotations

from matcher.ranking.facts import ListingFacts, facts_of
from matcher.ranking.fit import assess
from matcher.records import Fit, Kind, Listing, Parameter, QuantityRequirement
from matcher.understanding.quantities import read_quantities


def listing(
    *parameters: Parameter,
    kind: Kind = "platform",
    name: str = "某平台",
    summary: str = "",
    province: str | None = None,
    city: str | None = None,
    industry: tuple[str, ...] = (),
    capabilities: tuple[str, ...] = (),
    equipment: tuple[str, ...] = (),
    qualifications: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
) -> Listing:
    """A listing that states what is given and nothing else."""
    return Listing(
        id="X-1",
        kind=kind,
        name=name,
        province=province,
        city=city,
        industry=industry,
        summary=summary,
        capabilities=capabilities,
        equipment=equipment,
        parameters=parameters,
        qualifications=qualifications,
        services=services,
    )


def parameter(name: str, low: float | None, high: float | None, unit: str) -> Parameter:
    return Parameter(name, low, high, unit)


def quantity(words: str) -> QuantityRequirement:
    """The first quantity that is read from a need's words."""
    return read_quantities(words)[0]


def quantity_fit(words: str, offer: Listing | ListingFacts) -> Fit:
    """The fit of the first quantity of a need's words."""
    facts = facts_of(offer) if isinstance(offer, Listing) else offer
    return assess([quantity(words)], facts)[0]
