"""`/admin/judging`: sets of judged pairs, who has how much to do, agreement, adjudication; and the judging itself."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked
from api.portal.client import Refused
from api.portal.desks.listing_forms import LABELS
from api.portal.desks.typed import Typed
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

#: Disagreements of a page.
SIZE: Final = 20
JUDGES: Final = 50
DEPTH, EACH = 10, 2
#: What a judge sees of a need beside its text.
NEED_LABELS: Final = {
    "province": later("省份"),
    "city": later("城市"),
    "industry": later("行业"),
    "parameters": later("技术参数"),
    "stage": later("阶段"),
    "budget_wan": later("预算(万元)"),
    "deadline": later("期限"),
    "org_type": later("单位性质"),
}
MADE: Final = later("标注集已新建")
QUEUED: Final = later("已安排 %(count)s 个任务")
FROZEN: Final = later("第 %(number)s 版已冻结,继续在新的一版里标注")
DECIDED: Final = later("已裁定")

router = APIRouter(include_in_schema=False)


@router.get("/admin/judging")
async def sets(page: PageDep) -> Response:
    """Every version of every set, and the form for another set."""
    page.needs_sign_in("admin")
    return await _sets_page(page, Form())


@router.post("/admin/judging")
async def create(page: PageDep, form: FormDep) -> Response:
    """An empty set."""
    page.needs_sign_in("admin")
    body = {"name": form.get("name"), "description": form.get("description")}
    try:
        made = await page.api.call("POST", "/v1/judgement-sets", json=body, once=form.once)
    except Refused as error:
        return await _sets_page(page, form.refused(error), error.status)
    return page.go(f"/admin/judging/{made.json['id']}", page.text(MADE))


@router.get("/admin/judging/{set_id}")
async def one(page: PageDep, set_id: str, number: NumberQuery = 1) -> Response:
    """One version: what is in it, who has what to do, how well judges agree."""
    page.needs_sign_in("admin")
    return await set_page(page, set_id, Form.of(depth=DEPTH, each=EACH), number=number)


@router.post("/admin/judging/{set_id}/queue")
async def queue(page: PageDep, set_id: str, form: FormDep) -> Response:
    """Pool the tops of rankings and share the pairs out among judges."""
    page.needs_sign_in("admin")
    typed = Typed(page, form)
    numbers = {name: typed.number(name) for name in ("depth", "each")}
    if not typed.is_readable:
        return await set_page(page, set_id, typed.form, 422)
    body = {
        "judges": form.all("judges"),
        "profiles": form.all("profiles"),
        "only_ungraded": form.has("only_ungraded", "yes"),
        **{name: int(value) for name, value in numbers.items() if value is not None},
    }
    try:
        answer = await page.api.call("POST", f"/v1/judgement-sets/{set_id}/queue", json=body)
    except Refused as error:
        return await set_page(page, set_id, form.refused(error), error.status)
    return page.go(f"/admin/judging/{set_id}", page.text(QUEUED, count=answer.json["added"]))


@router.post("/admin/judging/{set_id}/freezing")
async def freeze(page: PageDep, set_id: str, form: FormDep) -> Response:
    """Keep this version as it is for good."""
    page.needs_sign_in("admin")
    checking = checked(page, form, reason=False)
    if checking.errors:
        return await set_page(page, set_id, checking, 422)
    try:
        answer = await page.api.call("POST", f"/v1/judgement-sets/{set_id}/freezing", once=form.once)
    except Refused as error:
        return await set_page(page, set_id, form.with_error("", error.message, error.hint), error.status)
    said = page.text(FROZEN, number=answer.json["frozen"]["version"])
    return page.go(f"/admin/judging/{answer.json['open']['id']}", said)


@router.post("/admin/judging/{set_id}/adjudications")
async def adjudicate(page: PageDep, set_id: str, form: FormDep) -> Response:
    """Decide a grade, whatever the judges said."""
    page.needs_sign_in("admin")
    grade = form.get("grade")
    body = {name: form.get(name) for name in ("need_id", "listing_id", "reason")}
    sent = body | {"grade": int(grade) if grade.isdecimal() else None}
    try:
        await page.api.call("PUT", f"/v1/judgement-sets/{set_id}/adjudications", json=sent)
    except Refused as error:
        return await set_page(page, set_id, form.with_error("", error.message, error.hint), error.status)
    return page.go(f"/admin/judging/{set_id}#disagreements", page.text(DECIDED))


@router.get("/admin/judging/{set_id}/next")
async def following(page: PageDep, set_id: str) -> Response:
    """The caller's next pair: need left, listing right, guideline beside."""
    page.needs_sign_in("admin")
    found, about = await asyncio.gather(
        page.api.get(f"/v1/judgement-sets/{set_id}/next"), page.api.get(f"/v1/judgement-sets/{set_id}")
    )
    return _next_page(page, about, found)


@router.post("/admin/judging/{set_id}/next")
async def judge(page: PageDep, set_id: str, form: FormDep) -> Response:
    """Store a grade, or put the pair aside; then the next one."""
    page.needs_sign_in("admin")
    pair: dict[str, Any] = {name: form.get(name) for name in ("need_id", "listing_id")}
    grade = form.get("grade")
    try:
        if grade == "skip":
            await page.api.call("POST", f"/v1/judgement-sets/{set_id}/skips", json=pair)
        else:
            number = int(grade) if grade.isdecimal() else None
            await page.api.call("PUT", f"/v1/judgement-sets/{set_id}/grades", json=pair | {"grade": number})
    except Refused as error:
        found = await page.api.get(f"/v1/judgement-sets/{set_id}/next")
        about = await page.api.get(f"/v1/judgement-sets/{set_id}")
        return _next_page(page, about, found, error.status, form.with_error("", error.message, error.hint))
    return page.go(f"/admin/judging/{set_id}/next")


def _next_page(page: Page, about: Any, found: Any, status: int = 200, form: Form | None = None) -> Response:
    done = found["progress"]["graded"] + found["progress"]["skipped"]
    return page.render(
        "admin/judging_next.html",
        status,
        about=about,
        found=found,
        task=found["task"],
        done=done,
        total=done + found["progress"]["open"],
        labels=LABELS,
        need_labels=NEED_LABELS,
        form=form or Form(),
    )


async def _sets_page(page: Page, form: Form, status: int = 200) -> Response:
    found = await page.api.get("/v1/judgement-sets")
    return page.render("admin/judging.html", status, sets=found["sets"], form=form)


async def set_page(page: Page, set_id: str, form: Form, status: int = 200, *, number: int = 1) -> Response:
    """One version of a set, with its forms."""
    base = f"/v1/judgement-sets/{set_id}"
    about, progress, agreement, admins, brokers, profiles = await asyncio.gather(
        page.api.get(base),
        page.api.get(f"{base}/queue"),
        page.api.get(f"{base}/agreement", page=number, size=SIZE),
        page.api.get("/v1/users", role="admin", active="true", size=JUDGES),
        page.api.get("/v1/users", role="broker", active="true", size=JUDGES),
        page.api.get("/v1/profiles", size=10),
    )
    people = {one["id"]: one["name"] for one in (*brokers["users"], *admins["users"])}
    return page.render(
        "admin/judging_set.html",
        status,
        about=about,
        judges=progress["judges"],
        agreement=agreement,
        people=people,
        choices=list(people.items()),
        profiles=[
            (one["id"], f"{one['name']} · {page.text(later('第 %(number)s 版'), number=one['version'])}")
            for one in profiles["profiles"]
        ],
        form=form,
        number=number,
        size=SIZE,
        mine=page.caller.actor.user_id,
    )
