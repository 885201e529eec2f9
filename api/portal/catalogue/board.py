"""`/needs`: the column 中试需求, and one need as its visitor may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.catalogue.addresses import canonical
from api.portal.catalogue.browse import Chip, Group, Value
from api.portal.catalogue.ranges import range_words
from api.portal.desks.need_forms import LABELS
from api.portal.filters import KINDS
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 20
FACETS: Final = {"industry": later("行业"), "province": later("省份"), "kind": later("寻找")}

router = APIRouter(include_in_schema=False)


@router.get("/needs")
async def board(
    page: PageDep, q: str = "", number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1
) -> Response:
    """One page of the needs that are listed, with what is open to the visitor."""
    given = page.request.query_params
    chosen = {name: value for name in FACETS if (value := given.get(name))}
    if chosen.get("kind") not in KINDS:
        chosen.pop("kind", None)
    words = q.strip()
    found = await page.api.get("/v1/needs/board", q=words, page=number, size=SIZE, **chosen)
    return page.render(
        "catalogue/needs.html",
        found=found,
        groups=_groups(page, found["facets"], chosen),
        chips=_chips(page, chosen, words),
        form=Form.of(q=words),
        chosen=chosen,
        labels=LABELS,
        number=number,
        size=SIZE,
        canonical=canonical(page, page.address()),
    )


@router.get("/needs/{need_id}")
async def one(page: PageDep, need_id: str) -> Response:
    """A need: all of it for its owner, for others what is open to them."""
    need = await page.api.get(f"/v1/needs/{quote(need_id, safe='')}")
    is_own = "visibility" in need
    fields = [
        (page.text(LABELS.get(name, name)), _said(page, name, value))
        for name, value in need["fields"].items()
        if value not in (None, "", [])
    ]
    hidden = [] if is_own else [page.text(LABELS.get(one["field"], one["name"])) for one in need["hidden"]]
    return page.render(
        "catalogue/need.html",
        need=need,
        is_own=is_own,
        title=need["outside"] if is_own else need["abstract"],
        fields=fields,
        hidden=hidden,
        is_operator=page.caller.actor.role == "operator",
        canonical=canonical(page, f"/needs/{quote(need_id, safe='')}"),
    )


def _said(page: Page, name: str, value: Any) -> list[str]:
    """A field as lines of text."""
    if name == "kinds":
        return [page.text(KINDS[one]) for one in value]
    if name == "parameters":
        return [
            f"{one['name']} {range_words(one['min'], one['max'], one['unit'], page.language)}".strip() for one in value
        ]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def _groups(page: Page, facets: Mapping[str, Mapping[str, int]], chosen: Mapping[str, str]) -> list[Group]:
    groups = []
    for name, title in FACETS.items():
        values = []
        for value, count in facets.get(name, {}).items():
            is_chosen = name in chosen and value.startswith(chosen[name])
            address = page.address(**{name: None if is_chosen else value, "page": None})
            values.append(Value(_words(page, name, value), count, is_chosen, address))
        if values:
            groups.append(Group(name, page.text(title), values))
    return groups


def _words(page: Page, name: str, value: str) -> str:
    return page.text(KINDS.get(value, value)) if name == "kind" else value


def _chips(page: Page, chosen: Mapping[str, str], q: str) -> list[Chip]:
    chips = [
        Chip(page.text(FACETS[name]), _words(page, name, value), page.address(**{name: None, "page": None}))
        for name, value in chosen.items()
    ]
    return [*chips, Chip(page.text(later("搜索词")), q, page.address(q=None, page=None))] if q else chips
