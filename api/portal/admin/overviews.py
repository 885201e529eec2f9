"""`/admin`: what waits for an administrator, how the service does, and how it is set up."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.figures import BOARDS, SPAN, series_of
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

#: What waits → where it is done with. Each is a number, and 0 where nothing waits.
WAITING: Final = {
    "submitted": (later("待审核的条目"), "/admin/approvals"),
    "changed": (later("通过后又有修改的条目"), "/admin/approvals?queue=changed"),
    "alarms": (later("未确认的报警"), "/admin/watch"),
    "experiments": (later("进行中的试验"), "/admin/experiments"),
    "enquiries": (later("待转交的对接申请"), "/desk/enquiries"),
    "outbox": (later("发送失败的邮件与推送"), "/admin/outbox"),
}

router = APIRouter(include_in_schema=False)


@router.get("/admin")
async def overview(page: PageDep) -> Response:
    """Numbers that lead to where something can be done."""
    page.needs_sign_in("admin")
    get = page.api.get
    submitted, changed, alarms, experiments, outbox, daily, exposure, present = await asyncio.gather(
        get("/v1/listings", mine="true", state="submitted", size=1),
        get("/v1/listings", mine="true", changed="true", size=1),
        get("/v1/alarms", open="true", size=1),
        get("/v1/experiments", state="running", size=1),
        get("/v1/outbox", state="given_up", size=1),
        get("/v1/figures", days=SPAN),
        get("/v1/exposure", operators=1),
        get("/v1/ranking"),
    )
    counts = {
        "submitted": submitted["total"],
        "changed": changed["total"],
        "alarms": alarms["open"],
        "experiments": experiments["total"],
        "enquiries": daily["queued_enquiries"],
        "outbox": outbox["given_up"],
    }
    return page.render(
        "admin/overview.html",
        waiting=WAITING,
        counts=counts,
        boards=BOARDS,
        totals={name: series_of(board, daily["days"])[1] for name, board in BOARDS.items()},
        exposure=exposure,
        ranked_by=present["profile"],
        span=SPAN,
        facts=_facts(page),
    )


def _facts(page: Page) -> list[tuple[str, str]]:
    """How the service is set up: read here, changed where it is started."""
    settings, text = page.settings, page.text
    days: Any = settings.feedback_days
    return [
        (text("运行方式"), text("生产") if settings.env == "production" else text("开发")),
        (text("需求方自行注册"), text("开放") if settings.sign_up else text("关闭")),
        (text("反馈保存"), text("%(days)s 天", days=days) if days else text("不保存")),
        (text("邮件"), text("已设置") if settings.smtp_url else text("未设置,邀请和重置链接须由管理员转交")),
        (text("单点登录"), text("已设置") if settings.oidc_issuer else text("未设置")),
        (text("站点网址"), settings.public_url or text("未设置")),
    ]
