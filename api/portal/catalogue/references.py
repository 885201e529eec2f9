"""`/cases` and `/policies`: what stands beside the columns; policies and vouchers by city."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.catalogue.addresses import canonical
from api.portal.catalogue.browse import Chip, Group, Value
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 24
#: Policies are read by place: a page holds many places.
POLICIES: Final = 100
NATIONAL: Final = later("全国")
FACETS: Final = {"province": later("省份"), "city": later("城市"), "industry": later("行业")}

router = APIRouter(include_in_schema=False)
NumberDep = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get("/cases")
async def cases(page: PageDep, q: str = "", number: NumberDep = 1) -> Response:
    """What others have taken through a pilot test."""
    return await _listed(page, "case", "catalogue/cases.html", q.strip(), number, SIZE)


@router.get("/policies")
async def policies(page: PageDep, q: str = "", number: NumberDep = 1) -> Response:
    """Policies and vouchers, by province and city."""
    return await _listed(page, "policy", "catalogue/policies.html", q.strip(), number, POLICIES)


async def _listed(page: Page, kind: str, template: str, q: str, number: int, size: int) -> Response:
    chosen = {name: value for name in FACETS if (value := page.request.query_params.get(name))}
    order = "place" if kind == "policy" else "verified"
    found = await page.api.get("/v1/listings", kind=kind, q=q, sort=order, page=number, size=size, **chosen)
    return page.render(
        template,
        found=found,
        places=_places(page, found["listings"]),
        groups=_groups(page, found["facets"], chosen),
        chips=_chips(page, chosen, q),
        form=Form.of(q=q),
        chosen=chosen,
        number=number,
        size=size,
        canonical=canonical(page, page.address()),
    )


def _places(page: Page, listings: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, list[dict[str, Any]]]]]]:
    """Province → city → listings, in the order that they came in; those without a city are the province's own."""
    return [
        (province or page.text(NATIONAL), [(city or "", list(inner)) for city, inner in groupby(of_it, _city)])
        for province, of_it in groupby(listings, lambda one: one["province"])
    ]


def _city(listing: dict[str, Any]) -> str | None:
    city = listing["city"]
    return None if city == listing["province"] else city


def _groups(page: Page, facets: dict[str, dict[str, int]], chosen: dict[str, str]) -> list[Group]:
    groups = []
    for name, title in FACETS.items():
        if name == "city" and "province" not in chosen:
            continue
        values = []
        for value, count in facets.get(name, {}).items():
            is_chosen = name in chosen and value.startswith(chosen[name])
            changes: dict[str, Any] = {name: None if is_chosen else value, "page": None}
            values.append(Value(value, count, is_chosen, page.address(**changes | _without_city(name))))
        if values:
            groups.append(Group(name, page.text(title), values))
    return groups


def _without_city(name: str) -> dict[str, Any]:
    return {"city": None} if name == "province" else {}


def _chips(page: Page, chosen: dict[str, str], q: str) -> list[Chip]:
    chips = [
        Chip(page.text(FACETS[name]), value, page.address(**{name: None, "page": None} | _without_city(name)))
        for name, value in chosen.items()
    ]
    return [*chips, Chip(page.text(later("搜索词")), q, page.address(q=None, page=None))] if q else chips
