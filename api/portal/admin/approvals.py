"""`/admin/approvals`: what operators handed in, held against what was approved before; hidden listings; any listing."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked, chosen
from api.portal.client import Refused
from api.portal.desks.listing_forms import LABELS, STATES
from api.portal.forms import Form, FormDep, local_path
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.errors import NotFound

#: Each entry of a queue shows its differences.
SIZE: Final = 10
#: As many organisations as a menu of choices bears; the search box narrows them.
ORGANISATIONS: Final = 100
#: Queue → what it is called, and the filter of `/v1/listings`.
QUEUES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "submitted": (later("待审核"), {"state": "submitted"}),
    "changed": (later("通过后又有修改"), {"changed": "true"}),
    "hidden": (later("已屏蔽"), {"hidden": "true"}),
    "all": (later("全部条目"), {}),
}
#: Act → how and where `/v1` has it, and what is said afterwards.
ACTS: Final = {
    "approve": ("POST", "approval", later("已通过审核")),
    "return": ("POST", "return", later("已退回,理由已告知供给方")),
    "hide": ("POST", "hiding", later("已屏蔽,从现在起不再展示")),
    "unhide": ("DELETE", "hiding", later("已取消屏蔽")),
    "assign": ("PUT", "assignment", later("已划归")),
}

router = APIRouter(include_in_schema=False)


@router.get("/admin/approvals")
async def queue(page: PageDep, queue: str | None = None, q: str = "", number: NumberQuery = 1) -> Response:
    """One page of a queue."""
    page.needs_sign_in("admin")
    return await _queue_page(page, chosen(queue, QUEUES) or "submitted", q.strip()[:100], number, Form())


@router.get("/admin/approvals/{listing_id}")
async def one(page: PageDep, listing_id: str, q: str = "") -> Response:
    """One listing: how it stands, what changed, and all that an administrator can do with it."""
    page.needs_sign_in("admin")
    return await _listing_page(page, listing_id, Form(), q=q.strip()[:100])


@router.post("/admin/approvals/{listing_id}")
async def act(page: PageDep, listing_id: str, form: FormDep) -> Response:
    """Approve, return, hide, show again, or say whose it is."""
    page.needs_sign_in("admin")
    name = form.get("act")
    if name not in ACTS:
        raise NotFound("没有这种操作")
    checking = checked(page, form) if name == "hide" else form
    if checking.errors:
        return await _listing_page(page, listing_id, checking, 422)
    method, where, said = ACTS[name]
    try:
        body, etag = _body(form, name), form.get("etag") or None
        await page.api.call(method, f"/v1/listings/{listing_id}/{where}", json=body, etag=etag)
    except Refused as error:
        if error.status == 404:
            raise
        return await _listing_page(page, listing_id, form.refused(error), error.status)
    return page.go(local_path(form.get("back"), f"/admin/approvals/{listing_id}"), page.text(said))


def _body(form: Form, name: str) -> dict[str, str | None] | None:
    if name in ("return", "hide"):
        return {"reason": form.get("reason")}
    return {"organisation_id": form.get("organisation_id") or None} if name == "assign" else None


async def _queue_page(page: Page, name: str, words: str, number: int, form: Form) -> Response:
    counted = await asyncio.gather(
        *(page.api.get("/v1/listings", mine="true", size=1, **conditions) for _, conditions in QUEUES.values())
    )
    found = await page.api.get("/v1/listings", mine="true", q=words, page=number, size=SIZE, **QUEUES[name][1])
    listings = found["listings"]
    compared = name in ("submitted", "changed")
    changes = await asyncio.gather(*(_differences(page, one["id"]) for one in listings)) if compared else []
    return page.render(
        "admin/approvals.html",
        queue=name,
        queues=QUEUES,
        counts={key: one["total"] for key, one in zip(QUEUES, counted, strict=True)},
        found=found,
        changes=changes,
        labels=LABELS,
        states=STATES,
        words=words,
        number=number,
        size=SIZE,
        form=form,
    )


async def _differences(page: Page, listing_id: str) -> list[dict[str, Any]]:
    found: dict[str, Any] = await page.api.get(f"/v1/listings/{listing_id}/differences")
    return list(found["differences"])


async def _listing_page(page: Page, listing_id: str, form: Form, status: int = 200, *, q: str = "") -> Response:
    answer = await page.api.call("GET", f"/v1/listings/{listing_id}")
    listing = answer.json
    changes, organisations = await asyncio.gather(
        _differences(page, listing_id),
        page.api.get("/v1/organisations", size=ORGANISATIONS, q=q or (listing.get("operator") or "")[:20]),
    )
    owner = listing["standing"]["organisation_id"]
    own = await page.api.get(f"/v1/organisations/{owner}") if owner else None
    others = [one for one in organisations["organisations"] if one["id"] != owner]
    return page.render(
        "admin/approval.html",
        status,
        listing=listing,
        etag=answer.etag,
        changes=changes,
        labels=LABELS,
        states=STATES,
        owner=own,
        organisations=others,
        q=q,
        form=form,
        act=form.get("act"),
    )
