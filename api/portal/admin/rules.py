"""`/admin/rules`: pins and hides of a version, one by one. Each edit makes a new version; what is published stays."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.profiles import measured_sets
from api.portal.client import Refused
from api.portal.desks.typed import Typed, words_of
from api.portal.filters import KINDS
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.errors import NotFound

WHATS: Final = {"pin": later("置顶"), "hide": later("屏蔽")}
SUPPLY: Final = ("platform", "equipment", "manufacturer", "solution")
SAVED: Final = later("已存为第 %(number)s 版草稿,运行门禁并发布后生效")
SAME: Final = later("没有改动")
#: Parts of a scope that are typed as words in a line.
LINES: Final = ("places", "industries", "words")
#: Versions to choose from.
VERSIONS: Final = 30

router = APIRouter(include_in_schema=False)


@router.get("/admin/rules")
async def rules(page: PageDep, profile: str = "") -> Response:
    """The rules of a version; without one of the latest draft, else of what is published."""
    page.needs_sign_in("admin")
    return await rules_page(page, await version_of(page, profile), Form.of(what="pin"))


@router.get("/admin/rules/{profile_id}/{rule_id}")
async def one(page: PageDep, profile_id: str, rule_id: str) -> Response:
    """The form of one rule, filled in."""
    page.needs_sign_in("admin")
    found = await page.api.get(f"/v1/profiles/{profile_id}/rules")
    rule = next((one for one in found["rules"] if one["id"] == rule_id), None)
    if rule is None:
        raise NotFound("没有这条规则")
    return await _rule_page(page, profile_id, rule_id, _filled(rule))


@router.post("/admin/rules/{profile_id}")
async def add(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """A rule more, or what it would change."""
    page.needs_sign_in("admin")
    body, form = _body(page, form)
    if form.errors:
        return await rules_page(page, profile_id, form, 422)
    try:
        answer = await page.api.call("POST", f"/v1/profiles/{profile_id}/rules", json=body)
    except Refused as error:
        return await rules_page(page, profile_id, form.refused(error), error.status)
    if body["preview"]:
        return await rules_page(page, profile_id, form, seen=answer.json)
    return edited(page, "/admin/rules", profile_id, answer.json)


@router.post("/admin/rules/{profile_id}/{rule_id}")
async def change(page: PageDep, profile_id: str, rule_id: str, form: FormDep) -> Response:
    """Some of its fields changed, or what that would change; or the rule deleted."""
    page.needs_sign_in("admin")
    path = f"/v1/profiles/{profile_id}/rules/{rule_id}"
    if form.get("act") == "delete":
        answer = await page.api.call("DELETE", path, query={"note": form.get("note") or None})
        return edited(page, "/admin/rules", profile_id, answer.json)
    body, form = _body(page, form)
    if form.errors:
        return await _rule_page(page, profile_id, rule_id, form, 422)
    try:
        answer = await page.api.call("PATCH", path, json=body)
    except Refused as error:
        return await _rule_page(page, profile_id, rule_id, form.refused(error), error.status)
    if body["preview"]:
        return await _rule_page(page, profile_id, rule_id, form, seen=answer.json)
    return edited(page, "/admin/rules", profile_id, answer.json)


def edited(page: Page, path: str, profile_id: str, answer: Any) -> Response:
    """To the new version, or back where nothing changed."""
    made = answer["profile"]
    if made is None:
        return page.go(f"{path}?profile={profile_id}", page.text(SAME), "note")
    return page.go(f"{path}?profile={made['id']}", page.text(SAVED, number=made["version"]))


async def version_of(page: Page, profile_id: str) -> str:
    """The version that was asked for; else the latest of the published profile's name, which is the one to edit."""
    if profile_id:
        return profile_id
    present = await page.api.get("/v1/profiles/published")
    found = await page.api.get("/v1/profiles", name=present["name"], size=1)
    return str(found["profiles"][0]["id"])


async def versions(page: Page) -> list[dict[str, Any]]:
    """Versions to choose from, the latest first."""
    found: dict[str, Any] = await page.api.get("/v1/profiles", size=VERSIONS)
    return list(found["profiles"])


async def rules_page(page: Page, profile_id: str, form: Form, status: int = 200, *, seen: Any = None) -> Response:
    """The rules of a version, with the form for another."""
    found = await page.api.get(f"/v1/profiles/{profile_id}/rules")
    return page.render(
        "admin/rules.html",
        status,
        found=found,
        profile=found["profile"],
        versions=await versions(page),
        form=form,
        seen=seen,
        sets=await measured_sets(page),
        **_choices(page),
    )


async def _rule_page(
    page: Page, profile_id: str, rule_id: str, form: Form, status: int = 200, *, seen: Any = None
) -> Response:
    profile = await page.api.get(f"/v1/profiles/{profile_id}")
    values = {"profile": profile, "rule_id": rule_id, "form": form, "seen": seen, "sets": await measured_sets(page)}
    return page.render("admin/rule.html", status, **values, **_choices(page))


def _choices(page: Page) -> dict[str, Any]:
    return {
        "whats": [(code, page.text(words)) for code, words in WHATS.items()],
        "kinds": [(kind, page.text(KINDS[kind])) for kind in SUPPLY],
    }


def _body(page: Page, form: Form) -> tuple[dict[str, Any], Form]:
    typed = Typed(page, form)
    place = typed.number("place")
    when: dict[str, Any] = {name: words_of(form.get(name)) for name in LINES}
    when["kinds"] = [kind for kind in form.all("kinds") if kind in SUPPLY]
    body = {name: form.get(name) for name in ("what", "listing_id", "reason", "owner", "expires")}
    judged = {"judgement_set": form.get("judgement_set") or None}
    beside = judged | {"place": int(place) if place is not None else None, "note": form.get("note") or None}
    return body | beside | {"when": when, "preview": form.get("act") == "preview"}, typed.form


def _filled(rule: dict[str, Any]) -> Form:
    when = rule["when"]
    lines = {name: "、".join(when.get(name, ())) for name in LINES}
    own = {name: rule[name] for name in ("what", "listing_id", "reason", "owner", "expires", "place")}
    return Form.of(**own, **lines, kinds=when.get("kinds", []))
