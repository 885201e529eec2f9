"""`/admin/audit`: who did what; `/admin/ledger`: the public ledger, whether it holds, and all of it as a file."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.admin.acting import optional, table_file
from api.portal.admin.acts import act_words
from api.portal.languages import later
from api.portal.rendering import PageDep

SIZE: Final = 50
#: Entries of one file; who needs more asks again with a narrower filter.
FILE_MAX: Final = 5_000
#: Entries of the ledger on a page, and in one call while the file is made.
LEDGER, LEDGER_PART = 50, 1000
HEADINGS: Final = (
    later("编号"), later("时间"), later("谁"), later("身份"), later("操作"), later("对象类别"), later("对象"),
    later("细节"),
)  # fmt: skip
BeforeQuery = Annotated[int | None, Query(ge=1, le=2**62)]

router = APIRouter(include_in_schema=False)


@router.get("/admin/audit")
async def audit(
    page: PageDep, user_id: str = "", action: str = "", about_id: str = "", before: BeforeQuery = None
) -> Response:
    """Acts, the latest first, with filters."""
    page.needs_sign_in("admin")
    wanted = _wanted(user_id, action, about_id)
    found = await page.api.get("/v1/audit", size=SIZE, before=before, **wanted)
    ids = {one["user_id"] for one in found["entries"] if one["user_id"]}
    named = await asyncio.gather(*(_name(page, one) for one in sorted(ids)))
    chinese = page.language == "zh"
    rows = [
        one
        | {
            "told": json.dumps(one["details"], ensure_ascii=False),
            "words": act_words(one["action"]) if chinese else None,
        }
        for one in found["entries"]
    ]
    return page.render(
        "admin/audit.html", 200, rows=rows, names=dict(named), following=found["next"], before=before, **wanted
    )


@router.get("/admin/audit.csv")
async def audit_file(page: PageDep, user_id: str = "", action: str = "", about_id: str = "") -> Response:
    """The same as a file."""
    page.needs_sign_in("admin")
    wanted, before = _wanted(user_id, action, about_id), None
    rows: list[tuple[Any, ...]] = []
    while len(rows) < FILE_MAX:
        found = await page.api.get("/v1/audit", size=100, before=before, **wanted)
        rows += [_row(one) for one in found["entries"]]
        before = found["next"]
        if before is None:
            break
    return table_file(page, "audit", HEADINGS, rows)


@router.get("/admin/ledger")
async def ledger(page: PageDep, after: Annotated[int, Query(ge=0, le=2**62)] = 0) -> Response:
    """Entries of the chain, and whether every hash is right."""
    page.needs_sign_in("admin")
    found, verified = await asyncio.gather(
        page.api.get("/v1/ledger", after=after, limit=LEDGER), page.api.get("/v1/ledger/verification")
    )
    rows = [one | {"told": json.dumps(one["content"], ensure_ascii=False)} for one in found["entries"]]
    return page.render("admin/ledger.html", found=found, rows=rows, verified=verified, after=after)


@router.get("/admin/ledger.ndjson")
async def ledger_file(page: PageDep) -> Response:
    """All of it, as `pilotmatch ledger verify` reads it."""
    page.needs_sign_in("admin")
    parts, after = [], 0
    while True:
        answer = await page.api.call("GET", "/v1/ledger/lines", query={"after": after, "limit": LEDGER_PART})
        lines = answer.content.splitlines()
        if not lines:
            break
        parts.append(answer.content)
        after = json.loads(lines[-1])["number"]
    headers = {"Content-Disposition": "attachment; filename=ledger.ndjson", "Cache-Control": "no-store"}
    return Response(b"".join(parts), headers=headers, media_type="application/x-ndjson")


def _wanted(user_id: str, action: str, about_id: str) -> dict[str, str]:
    return {"user_id": user_id.strip()[:64], "action": action.strip()[:60], "about_id": about_id.strip()[:64]}


async def _name(page: PageDep, user_id: str) -> tuple[str, str]:
    """Who it was; whoever is gone keeps the id."""
    user = await optional(page, f"/v1/users/{user_id}")
    return user_id, user["name"] if user else user_id


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    told = json.dumps(one["details"], ensure_ascii=False)
    names = ("number", "at", "user_id", "role", "action", "about_kind", "about_id")
    return (*(one[name] for name in names), told)
