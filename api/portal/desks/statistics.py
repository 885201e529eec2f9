"""`/operator/statistics`: how often listings were shown, opened, saved and enquired about, by week."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.desks.alerts import CHOICES_MAX
from api.portal.desks.charts import lines
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

COUNTS: Final = {
    "shown": later("展示"),
    "opened": later("打开"),
    "saved": later("收藏"),
    "enquired": later("对接"),
}
#: Weeks to look back at, in days, and what each choice is called.
SPANS: Final = {28: later("近 4 周"), 84: later("近 12 周"), 364: later("近 52 周")}
#: Before the counts in the file.
HEADINGS: Final = (later("编号"), later("名称"), later("周(从周一起)"))
#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

router = APIRouter(include_in_schema=False)


@router.get("/operator/statistics")
async def statistics(page: PageDep, listing: str | None = None, days: int = 84) -> Response:
    """Figures of each listing, and those of one or all week by week."""
    page.needs_sign_in("operator")
    span = days if days in SPANS else 84
    mine, found = await _counted(page, span)
    chosen = listing if listing in found else None
    weeks = _weeks([found[chosen]] if chosen else list(found.values()))
    names = {name: page.text(label) for name, label in COUNTS.items()}
    series = {names[name]: [week[name] for week in weeks] for name in COUNTS}
    return page.render(
        "desks/statistics.html",
        listings=sorted(mine, key=lambda one: (-found[one["id"]]["total"]["shown"], one["name"])),
        found=found,
        chosen=chosen,
        weeks=weeks,
        totals={name: sum(week[name] for week in weeks) for name in COUNTS},
        chart=lines([week["start"][5:] for week in weeks], series) if weeks else None,
        counts=COUNTS,
        span=span,
        spans=SPANS,
    )


@router.get("/operator/statistics.csv")
async def export(page: PageDep, days: int = 84) -> Response:
    """The same as a file: one line a listing and week, with a mark at its beginning by which Excel knows UTF-8."""
    page.needs_sign_in("operator")
    mine, found = await _counted(page, days if days in SPANS else 84)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([page.text(one) for one in (*HEADINGS, *COUNTS.values())])
    for one in mine:
        for week in found[one["id"]]["periods"]:
            writer.writerow([one["id"], plain(one["name"]), week["start"], *(week[name] for name in COUNTS)])
    headers = {"Content-Disposition": "attachment; filename=statistics.csv", "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


async def _counted(page: Page, days: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The caller's listings that were ever published, and the figures of each by its id."""
    found = (await page.api.get("/v1/listings", mine="true", size=CHOICES_MAX))["listings"]
    mine = [one for one in found if one["standing"]["published_at"]]
    counted = [await page.api.get(f"/v1/listings/{one['id']}/statistics", by="week", days=days) for one in mine]
    return mine, {one["id"]: figures for one, figures in zip(mine, counted, strict=True)}


def _weeks(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The weeks of several listings added up, in order."""
    sums: dict[str, dict[str, Any]] = {}
    for figures in found:
        for week in figures["periods"]:
            added = sums.setdefault(week["start"], {"start": week["start"], **dict.fromkeys(COUNTS, 0)})
            for name in COUNTS:
                added[name] += week[name]
    return [sums[start] for start in sorted(sums)]
