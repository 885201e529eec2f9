"""`/admin/profiles`: the versions of ranking profiles, one of them in words, its gates, publishing and going back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked, chosen, optional
from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.ranking_words import ranking_words
from api.portal.rendering import Page, PageDep
from matcher.errors import NotFound

SIZE: Final = 20
STATES: Final = {
    "draft": later("草稿"),
    "evaluated": later("已评测"),
    "published": later("已发布"),
    "superseded": later("已被替换"),
    "rolled_back": later("已回退"),
}
VERDICTS: Final = {
    "passed": later("通过"),
    "blocked": later("未通过"),
    "too_few": later("需求太少,不能判断"),
}
PUBLISHED: Final = later("已发布,从下一次匹配起按它排序")
ROLLED_BACK: Final = later("已回退到上一个方案")
WAIVED: Final = later("已签署同意,另一位管理员可以发布")
GATED: Final = later("门禁已运行")

router = APIRouter(include_in_schema=False)


@router.get("/admin/profiles")
async def profiles(
    page: PageDep, state: str | None = None, name: str | None = None, number: NumberQuery = 1
) -> Response:
    """One page of the versions, the latest first."""
    page.needs_sign_in("admin")
    wanted, named = chosen(state, STATES), (name or "")[:200]
    found, counted = await asyncio.gather(
        page.api.get("/v1/profiles", state=wanted, name=named, page=number, size=SIZE),
        asyncio.gather(*(page.api.get("/v1/profiles", state=one, name=named, size=1) for one in STATES)),
    )
    counts = {one: answer["total"] for one, answer in zip(STATES, counted, strict=True)}
    values = {"states": STATES, "state": wanted, "counts": counts, "name": named, "number": number, "size": SIZE}
    return page.render("admin/profiles.html", 200, found=found, **values)


@router.get("/admin/profiles/published")
async def published(page: PageDep) -> Response:
    """To the one that ranks now."""
    page.needs_sign_in("admin")
    found = await page.api.get("/v1/profiles/published")
    return page.go(f"/admin/profiles/{found['id']}")


@router.get("/admin/profiles/{profile_id}")
async def one(page: PageDep, profile_id: str) -> Response:
    """One version in words, what it changes, and the next step."""
    page.needs_sign_in("admin")
    return await profile_page(page, profile_id, Form())


@router.post("/admin/profiles/{profile_id}/gates")
async def run_gate(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Hold it against the published one on judged needs; takes seconds to a minute."""
    page.needs_sign_in("admin")
    body = {"judgement_set": form.get("judgement_set") or None, "recent": form.lines("recent") or None}
    try:
        made = await page.api.call("POST", f"/v1/profiles/{profile_id}/gates", json=body)
    except Refused as error:
        return await profile_page(page, profile_id, form.refused(error), error.status)
    return page.go(f"/admin/profiles/{profile_id}/gates/{made.json['id']}", page.text(GATED))


@router.get("/admin/profiles/{profile_id}/gates/{gate_id}")
async def gate(page: PageDep, profile_id: str, gate_id: str) -> Response:
    """What a run found: groups with their intervals, the verdict, what changes among the first ten."""
    page.needs_sign_in("admin")
    profile, found = await asyncio.gather(
        page.api.get(f"/v1/profiles/{profile_id}"), page.api.get(f"/v1/profiles/{profile_id}/gates", size=100)
    )
    seen = next((one for one in found["gates"] if one["id"] == gate_id), None)
    if seen is None:
        raise NotFound("没有这次门禁")
    names = await _names(page, seen["report"].get("differences", ()))
    values = {"profile": profile, "gate": seen, "report": seen["report"], "verdicts": VERDICTS, "names": names}
    return page.render("admin/gate.html", metrics=METRICS, **values)


@router.post("/admin/profiles/{profile_id}/publication")
async def publish(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Rank by it from the next answer on."""
    page.needs_sign_in("admin")
    return await _act(page, profile_id, form, f"/v1/profiles/{profile_id}/publication", PUBLISHED)


@router.post("/admin/profiles/{profile_id}/waivers")
async def waive(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Sign, as the second administrator."""
    page.needs_sign_in("admin")
    return await _act(page, profile_id, form, f"/v1/profiles/{profile_id}/waivers", WAIVED)


@router.post("/admin/profiles/{profile_id}/rollback")
async def roll_back(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Put what was published before in the place of this one."""
    page.needs_sign_in("admin")
    return await _act(page, profile_id, form, "/v1/profiles/rollback", ROLLED_BACK, {"profile_id": profile_id})


async def _act(
    page: Page, profile_id: str, form: Form, path: str, said: str, seen: dict[str, str] | None = None
) -> Response:
    checking = checked(page, form)
    if checking.errors:
        return await profile_page(page, profile_id, checking, 422)
    try:
        await page.api.call("POST", path, json=(seen or {}) | {"reason": form.get("reason")}, once=form.once)
    except Refused as error:
        wrong = form.refused(error) if error.field == "reason" else form.with_error("", error.message, error.hint)
        return await profile_page(page, profile_id, wrong, error.status)
    return page.go(f"/admin/profiles/{profile_id}", page.text(said))


#: Measures on judged needs, as people say them.
METRICS: Final = {
    "ndcg@10": later("nDCG@10(前十名的总体质量)"),
    "mrr": later("MRR(第一个合适的排在第几)"),
    "recall@50": later("前 50 名找回的比例"),
    "judged@10": later("前 10 名中已标注的比例"),
}


async def profile_page(page: Page, profile_id: str, form: Form, status: int = 200) -> Response:
    """One version; `form` is one that was refused, and names itself by `act`."""
    profile, words, gates, sets = await asyncio.gather(
        page.api.get(f"/v1/profiles/{profile_id}"),
        feature_words(page),
        page.api.get(f"/v1/profiles/{profile_id}/gates", size=10),
        measured_sets(page),
    )
    present = await optional(page, "/v1/profiles/published")
    parent = await optional(page, f"/v1/profiles/{profile['parent_id']}") if profile["parent_id"] else None
    return page.render(
        "admin/profile.html",
        status,
        profile=profile,
        document=profile["document"],
        weights=in_order((profile["document"] or {}).get("weights", {}), words),
        words=words,
        present=present,
        parent=parent,
        gates=gates["gates"],
        sets=sets,
        states=STATES,
        verdicts=VERDICTS,
        form=form,
        act=form.get("act"),
        me=page.caller.actor.user_id,
    )


async def feature_words(page: Page) -> Mapping[str, str]:
    """Features and thresholds in words, as everybody may read them, in the language of the page."""
    found = await page.api.get("/v1/ranking")
    return {one["name"]: ranking_words(page, one["words"]) for one in (*found["weights"], *found["thresholds"])}


async def measured_sets(page: Page) -> list[dict[str, Any]]:
    """Judgement sets that something can be measured on."""
    found = await page.api.get("/v1/judgement-sets")
    return [one for one in found["sets"] if one["judgements"]]


def in_order(weights: Mapping[str, float], words: Mapping[str, str]) -> list[tuple[str, float]]:
    """Weights in the order in which the ranking tells what it uses; a document has them by name."""
    places = {name: place for place, name in enumerate(words)}
    return sorted(weights.items(), key=lambda one: (places.get(one[0], len(places)), one[0]))


async def _names(page: Page, differences: list[dict[str, Any]]) -> dict[str, str]:
    """Names of the listings that moved; those that are gone keep their ids."""
    ids = {one for found in differences for one in (*found["entered"], *found["left"])}
    ids |= {one[0] for found in differences for one in found["moved"]}
    names = {}
    for listing_id in sorted(ids)[:200]:
        listing = await optional(page, f"/v1/listings/{listing_id}")
        names[listing_id] = listing["name"] if listing else listing_id
    return names
