"""`/listings`: the catalogue with facets and their counts, search, order and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.catalogue.addresses import canonical
from api.portal.filters import KINDS
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 24
#: Values of a facet that stand in the open; the others are behind one click.
OPEN_VALUES: Final = 8
PLATFORM_TYPES: Final = {
    "proof_of_concept": later("概念验证中心"),
    "pilot_platform": later("中试平台"),
    "pilot_workshop": later("中试车间"),
}
TIERS: Final = {
    "national": later("国家级"),
    "key": later("重点培育"),
    "province": later("省级"),
    "city": later("市级"),
    "reserve": later("储备"),
}
VERIFICATIONS: Final = {
    "design": later("设计"),
    "performance": later("功能性能"),
    "process": later("工艺"),
    "adaptation": later("适配"),
    "production": later("生产"),
}
#: Facet → its title and the words of its codes; what operators write themselves has none.
FACETS: Final[dict[str, tuple[str, Mapping[str, str]]]] = {
    "province": (later("省份"), {}),
    "city": (later("城市"), {}),
    "industry": (later("行业"), {}),
    "qualification": (later("资质"), {}),
    "platform_type": (later("平台类型"), PLATFORM_TYPES),
    "tier": (later("级别"), TIERS),
    "verification": (later("可做的验证"), VERIFICATIONS),
}
SORTS: Final = {
    "id": later("默认顺序"),
    "name": later("按名称"),
    "verified": later("最近核实"),
    "updated": later("最近更新"),
    "queue": later("排队短的在前"),
    "fee": later("收费低的在前"),
    "place": later("按地区"),
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: `address` chooses it, or takes it back where it is chosen."""

    words: str
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    values: list[Value]

    @property
    def open_values(self) -> list[Value]:
        """What stands in the open: the chosen one always."""
        return [one for place, one in enumerate(self.values) if place < OPEN_VALUES or one.is_chosen]

    @property
    def more_values(self) -> list[Value]:
        shown = self.open_values
        return [one for one in self.values if one not in shown]


@dataclass(frozen=True, slots=True)
class Chip:
    """What is chosen, with the address of the page without it."""

    title: str
    words: str
    address: str


@router.get("/listings")
async def listings(
    page: PageDep,
    kind: str | None = None,
    q: str = "",
    sort: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """One page; what the address names and nobody knows is left out, so that an old link still shows something."""
    given = page.request.query_params
    chosen = {name: given[name] for name, (_, codes) in FACETS.items() if _is_value(given.get(name), codes)}
    kind = kind if kind in KINDS and kind != "need" else None
    order = sort if sort in SORTS else "id"
    found = await page.api.get("/v1/listings", kind=kind, q=q.strip(), sort=order, page=number, size=SIZE, **chosen)
    return page.render(
        "catalogue/listings.html",
        found=found,
        kinds=_kinds(page, found, kind),
        groups=_groups(page, found, chosen),
        chips=_chips(page, chosen, q.strip()),
        kind=kind,
        chosen=chosen,
        form=Form.of(q=q.strip(), sort=order),
        sorts=[(code, page.text(words)) for code, words in SORTS.items()],
        number=number,
        size=SIZE,
        canonical=canonical(page, page.address(sort=None)),
        cleared=page.address(**dict.fromkeys((*FACETS, "q", "page"))),
    )


def _is_value(value: str | None, codes: Mapping[str, str]) -> bool:
    return bool(value) and (not codes or value in codes)


def _kinds(page: Page, found: Mapping[str, Any], kind: str | None) -> list[Value]:
    counts = found["kinds"]
    everything = Value(page.text(later("全部")), sum(counts.values()), kind is None, page.address(kind=None, page=None))
    return [everything] + [
        Value(page.text(KINDS[code]), count, code == kind, page.address(kind=code, page=None))
        for code, count in counts.items()
    ]


def _groups(page: Page, found: Mapping[str, Any], chosen: Mapping[str, str]) -> list[Group]:
    groups = []
    for name, (title, codes) in FACETS.items():
        counts = found["facets"].get(name, {})
        if name == "city" and "province" not in chosen:
            continue  # fifty cities of all provinces are no choice
        values = [
            Value(_words(page, codes, value), count, _is(value, chosen.get(name)), _address(page, name, value, chosen))
            for value, count in counts.items()
        ]
        if values:
            groups.append(Group(name, page.text(title), values))
    return groups


def _is(value: str, chosen: str | None) -> bool:
    return chosen is not None and value.startswith(chosen)


def _address(page: Page, name: str, value: str, chosen: Mapping[str, str]) -> str:
    changes: dict[str, Any] = {name: None if _is(value, chosen.get(name)) else value, "page": None}
    if name == "province":
        changes["city"] = None
    return page.address(**changes)


def _words(page: Page, codes: Mapping[str, str], value: str) -> str:
    return page.text(codes[value]) if value in codes else value


def _chips(page: Page, chosen: Mapping[str, str], q: str) -> list[Chip]:
    chips = []
    for name, value in chosen.items():
        without: dict[str, Any] = {name: None, "page": None} | ({"city": None} if name == "province" else {})
        title, codes = FACETS[name]
        chips.append(Chip(page.text(title), _words(page, codes, value), page.address(**without)))
    if q:
        chips.append(Chip(page.text(later("搜索词")), q, page.address(q=None, page=None)))
    return chips
