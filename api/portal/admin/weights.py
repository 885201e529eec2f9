"""`/admin/profiles/{id}/weights`: weights and thresholds moved, what that would change, and a new version of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.profiles import METRICS, feature_words, in_order, measured_sets
from api.portal.client import Refused
from api.portal.desks.typed import Typed
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SAVED: Final = later("已存为新的一版草稿")
UNCHANGED: Final = later("没有改动任何数值")
UNCHANGED_HINT: Final = later("先移动一个权重或界限")
#: Fields: this and the name of a weight or threshold.
PREFIXES: Final = {"weights": "w-", "thresholds": "t-"}
#: A slider goes to this many times the value, and at least this far, so that a weight of 0 can be moved.
REACH, REACH_LEAST = 2.5, 1.0
#: Of one need so many rows are shown side by side.
ROWS: Final = 20

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Slider:
    """One number: its field, words and bounds; `published` is null where nothing is."""

    field: str
    words: str
    value: float
    low: float
    high: float
    published: float | None


@router.get("/admin/profiles/{profile_id}/weights")
async def weights(page: PageDep, profile_id: str) -> Response:
    """The numbers of a version, to be moved."""
    page.needs_sign_in("admin")
    return await _shown(page, profile_id, Form(), None)


@router.post("/admin/profiles/{profile_id}/weights")
async def moved(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Show what the numbers would change, or keep them as a new version."""
    page.needs_sign_in("admin")
    profile = await page.api.get(f"/v1/profiles/{profile_id}")
    changes, form = _changes(page, form, profile["document"] or {})
    if form.errors:
        return await _shown(page, profile_id, form, None, 422)
    if form.get("act") == "save":
        return await _saved(page, profile_id, form, changes)
    try:
        seen = await _preview(page, profile_id, form, changes)
    except Refused as error:
        return await _shown(page, profile_id, form.refused(error, _names(error)), None, error.status)
    return await _shown(page, profile_id, form, seen)


async def _saved(page: Page, profile_id: str, form: Form, changes: Mapping[str, Any]) -> Response:
    if not changes:
        wrong = form.with_error("", page.text(UNCHANGED), page.text(UNCHANGED_HINT))
        return await _shown(page, profile_id, wrong, None, 422)
    body = {"base": profile_id, "changes": changes, "reason": form.get("reason"), "name": form.get("name") or None}
    try:
        made = await page.api.call("POST", "/v1/profiles", json=body, once=form.once)
    except Refused as error:
        return await _shown(page, profile_id, form.refused(error, _names(error)), None, error.status)
    return page.go(f"/admin/profiles/{made.json['id']}", page.text(SAVED))


async def _preview(page: Page, profile_id: str, form: Form, changes: Mapping[str, Any]) -> Any:
    need, need_id = form.get("need") or None, form.get("need_id") or None
    body = {
        "profile": profile_id,
        "changes": dict(changes),
        "need": need,
        "need_id": None if need else need_id,
        "judgement_set": form.get("judgement_set") or None,
    }
    return (await page.api.call("POST", "/v1/previews", json=body)).json


def _changes(page: Page, form: Form, document: Mapping[str, Any]) -> tuple[dict[str, dict[str, float]], Form]:
    """The numbers that are not those of the version, and the form with an error beside what is no number."""
    typed, found = Typed(page, form), {}
    for part, prefix in PREFIXES.items():
        stored = document.get(part, {})
        numbers = {name: typed.number(prefix + name) for name in stored}
        other = {
            name: value
            for name, value in numbers.items()
            if value is not None and f"{value:.6g}" != f"{stored[name]:.6g}"
        }
        if other:
            found[part] = other
    return found, typed.form


def _names(error: Refused) -> dict[str, str]:
    """`changes.weights.late` → the field of that slider; a document that can't be used stands above the form."""
    parts = (error.field or "").split(".")
    if len(parts) == 3 and parts[1] in PREFIXES:
        return {error.field or "": PREFIXES[parts[1]] + parts[2]}
    return {"document": "", "changes": "", "base": ""}


async def _shown(page: Page, profile_id: str, form: Form, seen: Any, status: int = 200) -> Response:
    profile, words, sets = await asyncio.gather(
        page.api.get(f"/v1/profiles/{profile_id}"), feature_words(page), measured_sets(page)
    )
    present = (await page.api.get("/v1/profiles/published"))["document"]
    document = profile["document"] or {part: {} for part in PREFIXES}
    sliders = {
        part: [_slider(part, name, value, words, present) for name, value in in_order(document[part], words)]
        for part in PREFIXES
    }
    filled = Form(
        {one.field: (_written(one.value),) for part in sliders.values() for one in part} | dict(form.values),
        form.files,
        form.errors,
    )
    return page.render(
        "admin/weights.html",
        status,
        profile=profile,
        sliders=sliders,
        words=words,
        form=filled,
        seen=seen,
        metrics=METRICS,
        rows=ROWS,
        sets=sets,
    )


def _slider(part: str, name: str, value: float, words: Mapping[str, str], present: Any) -> Slider:
    published = present[part].get(name) if present else None
    field = PREFIXES[part] + name
    if part == "thresholds":
        return Slider(field, words.get(name, name), value, 0.0, 1.0, published)
    reach = max(REACH * abs(value), REACH * abs(published or 0), REACH_LEAST)
    return Slider(field, words.get(name, name), value, 0.0 if value >= 0 else -reach, reach, published)


def _written(value: float) -> str:
    return f"{value:.6g}"
