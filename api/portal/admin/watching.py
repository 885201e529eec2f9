"""`/admin/watch`: what the published profile does, alarms, when they ring, and what each publication did."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, optional
from api.portal.admin.profiles import feature_words
from api.portal.client import Refused
from api.portal.desks.typed import Typed
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 10
#: Metric → words, and how its numbers are written.
METRICS: Final = {
    "zero": (later("没有结果的比例"), "percent"),
    "nothing": (later("“没有合适的”的比例"), "percent"),
    "errors": (later("出错的比例"), "percent"),
    "p95": (later("耗时的 95 分位"), "milliseconds"),
    "enquiries": (later("每次匹配带来的对接申请"), "percent"),
}
LEVELS: Final = {"off": later("不报警"), "soft": later("只报警"), "hard": later("报警并自动回退")}
WHATS: Final = {"publish": later("发布"), "rollback": later("回退"), "automatic": later("自动回退")}
#: Figures of a publication that are shown, and their words.
FIGURES: Final = {
    "answers": (later("答复"), "number"),
    "zero_share": (later("没有结果的比例"), "percent"),
    "nothing_share": (later("“没有合适的”的比例"), "percent"),
    "errors_share": (later("出错的比例"), "percent"),
    "enquiry_rate": (later("每次匹配带来的对接申请"), "percent"),
    "p95_ms": (later("耗时的 95 分位"), "milliseconds"),
}
PARTS: Final = ("level", "limit", "worse", "least")
ACKNOWLEDGED: Final = later("报警已确认")
SAVED: Final = later("报警设置已保存")

router = APIRouter(include_in_schema=False)


@router.get("/admin/watch")
async def watch(page: PageDep, number: NumberQuery = 1) -> Response:
    """Before and after the current publication, with the alarms."""
    page.needs_sign_in("admin")
    return await _watch_page(page, number)


@router.post("/admin/watch/alarms/{alarm_id}")
async def acknowledge(page: PageDep, alarm_id: str, form: FormDep) -> Response:
    """Write down that it was seen, and what was done."""
    page.needs_sign_in("admin")
    path, body = f"/v1/alarms/{alarm_id}/acknowledgement", {"note": form.get("note") or None}
    try:
        await page.api.call("POST", path, json=body, once=form.once)
    except Refused as error:
        if error.status == 404:
            raise
        return await _watch_page(page, 1, error.status, form.with_error("", error.message, error.hint))
    return page.go("/admin/watch", page.text(ACKNOWLEDGED))


@router.get("/admin/watch/thresholds")
async def thresholds(page: PageDep) -> Response:
    """When alarms ring."""
    page.needs_sign_in("admin")
    answer = await page.api.call("GET", "/v1/watch/thresholds")
    return _thresholds_page(page, _filled(answer.json, answer.etag))


@router.post("/admin/watch/thresholds")
async def change_thresholds(page: PageDep, form: FormDep) -> Response:
    """Put others in their place."""
    page.needs_sign_in("admin")
    typed = Typed(page, form)
    metrics = {name: _threshold(typed, name) for name in METRICS}
    days = {name: typed.number(name) for name in ("before_days", "watch_days")}
    if not typed.is_readable:
        return _thresholds_page(page, typed.form, 422)
    body = {name: _whole(value) for name, value in days.items() if value is not None} | {"metrics": metrics}
    try:
        await page.api.call("PUT", "/v1/watch/thresholds", json=body, etag=form.get("etag"))
    except Refused as error:
        return _thresholds_page(page, form.refused(error, _names(error)), error.status)
    return page.go("/admin/watch/thresholds", page.text(SAVED))


@router.get("/admin/watch/publications")
async def publications(page: PageDep, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Response:
    """Who published or went back to what, when and why, what it changed and what came of it."""
    page.needs_sign_in("admin")
    found, words = await asyncio.gather(page.api.get("/v1/publications", before=before, size=SIZE), feature_words(page))
    values = {"whats": WHATS, "figures": FIGURES, "metrics": METRICS, "words": words}
    return page.render("admin/publications.html", 200, found=found, **values)


async def _watch_page(page: Page, number: int, status: int = 200, form: Form | None = None) -> Response:
    seen, alarms = await asyncio.gather(optional(page, "/v1/watch"), page.api.get("/v1/alarms", page=number, size=SIZE))
    values = {"metrics": METRICS, "levels": LEVELS, "whats": WHATS, "number": number, "size": SIZE}
    return page.render("admin/watch.html", status, seen=seen, alarms=alarms, form=form or Form(), **values)


def _thresholds_page(page: Page, form: Form, status: int = 200) -> Response:
    levels = [(code, page.text(words)) for code, words in LEVELS.items()]
    return page.render("admin/thresholds.html", status, form=form, metrics=METRICS, levels=levels)


def _filled(found: dict[str, Any], etag: str | None) -> Form:
    values = {f"{name}-{part}": found["metrics"][name][part] for name in METRICS for part in PARTS}
    return Form.of(**values, before_days=found["before_days"], watch_days=found["watch_days"], etag=etag)


def _threshold(typed: Typed, name: str) -> dict[str, Any]:
    limit, worse, least = (typed.number(f"{name}-{part}") for part in ("limit", "worse", "least"))
    return {"level": typed.form.get(f"{name}-level"), "limit": limit, "worse": worse, "least": _whole(least)}


def _whole(value: float | None) -> float | int | None:
    """A whole number as one: 200.0 was typed as 200."""
    return int(value) if value is not None and value.is_integer() else value


def _names(error: Refused) -> dict[str, str]:
    """`metrics.zero.limit` → the field of the form."""
    parts = (error.field or "").split(".")
    return {error.field or "": "-".join(parts[-2:])} if parts[0] == "metrics" and len(parts) > 2 else {}
