"""Saving, sharing and deleting a search; and saying that a match is no match."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.matching.asking import ASIDE_MAX, KEPT, address_of, keep, search_of
from api.portal.matching.changes import query_of
from api.portal.matching.words import REASONS
from api.portal.rendering import PageDep

SAVED: Final = later("已收藏,可在“收藏的匹配”里找到")
DROPPED: Final = later("已取消收藏,30 天后删除")
SHARED: Final = later("已共享:拿到链接的人都能查看")
UNSHARED: Final = later("已停止共享,链接只有您能打开")
DELETED: Final = later("这次查找已删除")
THANKS: Final = later("已记下“%(reason)s”,谢谢。这条已收起,可以恢复;管理员评估排序时会参考")
#: Of an answer that was given long ago, or where nothing is kept.
NOT_KEPT: Final = later("这次结果的记录已过保存期,反馈未能记下")

router = APIRouter(include_in_schema=False)


@router.post("/matches/{search_id}/saving")
async def saving(search_id: str, page: PageDep, form: FormDep) -> Response:
    """Save it for good, or let it pass again; a stranger signs in first, and what is not one's own is copied."""
    page.needs_sign_in()
    search = await search_of(page, search_id)
    saved = form.get("act") != "drop"
    # What a stranger looked for is nobody's: it is not taken from whoever else has the link.
    mine = search | {"own": search["own"] and search["has_owner"]}
    after, _ = await keep(page, mine, {"saved": saved}, once=form.once)
    return page.go(f"/matches/{after['id']}", page.text(SAVED if saved else DROPPED))


@router.post("/matches/{search_id}/sharing")
async def sharing(search_id: str, page: PageDep, form: FormDep) -> Response:
    """Let whoever has the link read it, or no longer."""
    shared = form.get("act") != "stop"
    await page.api.call("PATCH", address_of(search_id), json={"shared": shared})
    return page.go(f"/matches/{search_id}", page.text(SHARED if shared else UNSHARED))


@router.post("/matches/{search_id}/deletion")
async def deletion(search_id: str, page: PageDep, form: FormDep) -> Response:
    """Delete it for good."""
    await page.api.call("DELETE", address_of(search_id))
    return page.go("/", page.text(DELETED))


@router.post("/matches/{search_id}/dismissals")
async def dismissal(search_id: str, page: PageDep, form: FormDep) -> Response:
    """Tell that a match is none, with a reason."""
    reason, _, listing = form.get("what").partition(":")
    body = {"answer_id": form.get("answer"), "listing_id": listing, "act": "dismissed", "reason": reason}
    why = page.text(REASONS[reason]) if reason in REASONS else reason
    query, said, kind = aside_of(form, listing), page.text(THANKS, reason=why), "done"
    try:
        await page.api.call("POST", "/v1/feedback", json=body)
    except Refused as error:
        if error.status not in (404, 422):
            raise
        query, said, kind = query_of(form), page.text(NOT_KEPT), "note"
    return page.go(f"/matches/{search_id}{query}", said, kind)


def aside_of(form: Form, listing: str) -> str:
    """The same part of the list, with one more listing set aside."""
    given = parse_qsl(form.get("query"))
    kept = [(name, value) for name, value in given if name in (*KEPT, "page")]
    aside = dict.fromkeys((*(value for name, value in given if name == "aside"), listing))
    return f"?{urlencode([*kept, *(('aside', one) for one in list(aside)[-ASIDE_MAX:])])}"
