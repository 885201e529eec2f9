"""`/admin/rules/synonyms` and `/admin/rules/dictionary`: the words of a version. Each edit makes a new version."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import content_of
from api.portal.admin.profiles import measured_sets
from api.portal.admin.rules import edited, version_of, versions
from api.portal.client import Refused
from api.portal.desks.typed import words_of
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

PARTS: Final = {
    "add": later("意思相同"),
    "remove": later("拆开随附的一组"),
    "narrower": later("前窄后宽(上下位)"),
}
SYNONYMS: Final = "/admin/rules/synonyms"
DICTIONARY: Final = "/admin/rules/dictionary"

router = APIRouter(include_in_schema=False)


@router.get(SYNONYMS)
async def synonyms(page: PageDep, profile: str = "", term: str = "") -> Response:
    """The groups of a version, and what a search for a term is widened to."""
    page.needs_sign_in("admin")
    return await _synonyms_page(page, await version_of(page, profile), Form.of(part="add"), term=term.strip()[:60])


@router.post(SYNONYMS + "/{profile_id}")
async def add(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """A group more, or what it would change."""
    page.needs_sign_in("admin")
    preview = form.get("act") == "preview"
    body = {"part": form.get("part"), "terms": words_of(form.get("terms")), "preview": preview}
    body["judgement_set"] = form.get("judgement_set") or None
    try:
        answer = await page.api.call("POST", f"/v1/profiles/{profile_id}/synonyms", json=body)
    except Refused as error:
        return await _synonyms_page(page, profile_id, form.refused(error), error.status)
    if preview:
        return await _synonyms_page(page, profile_id, form, seen=answer.json)
    return edited(page, SYNONYMS, profile_id, answer.json)


@router.post(SYNONYMS + "/{profile_id}/files")
async def add_lines(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Many lines, pasted or of a file: those that can be used are taken, the others told one by one."""
    page.needs_sign_in("admin")
    file = form.files.get("file")
    text = None if file else form.get("lines")
    preview = form.get("act") == "preview"
    data = {"preview": str(preview).lower(), "apart": str(form.has("apart", "yes")).lower(), "judged": "false"}
    sent = {"file": await content_of(file)} if file else None
    try:
        path = f"/v1/profiles/{profile_id}/synonyms/lines"
        values = data | ({"text": text} if text is not None else {})
        answer = await page.api.call("POST", path, data=values, files=sent)
    except Refused as error:
        return await _synonyms_page(page, profile_id, form.refused(error, {"text": "lines"}), error.status)
    found = answer.json
    if preview or found["refused"]:
        made = found["profile"]
        # What was refused stays to be read: the page of the new version, made from the same request.
        return await _synonyms_page(page, made["id"] if made else profile_id, form, lines=found)
    return edited(page, SYNONYMS, profile_id, found)


@router.post(SYNONYMS + "/{profile_id}/{part}/{number}")
async def remove(page: PageDep, profile_id: str, part: str, number: int, form: FormDep) -> Response:
    """A version without one of the groups."""
    page.needs_sign_in("admin")
    path = f"/v1/profiles/{profile_id}/synonyms/{quote(part, safe='')}/{number}"
    answer = await page.api.call("DELETE", path)
    return edited(page, SYNONYMS, profile_id, answer.json)


@router.get(DICTIONARY)
async def dictionary(page: PageDep, profile: str = "") -> Response:
    """The words that a version keeps whole."""
    page.needs_sign_in("admin")
    return await _dictionary_page(page, await version_of(page, profile), Form())


@router.post(DICTIONARY + "/{profile_id}")
async def add_words(page: PageDep, profile_id: str, form: FormDep) -> Response:
    """Words more, or one less."""
    page.needs_sign_in("admin")
    path = f"/v1/profiles/{profile_id}/dictionary"
    if form.get("act") == "delete":
        answer = await page.api.call("DELETE", f"{path}/{quote(form.get('word'), safe='')}")
        return edited(page, DICTIONARY, profile_id, answer.json)
    try:
        answer = await page.api.call("POST", path, json={"words": words_of(form.get("words"))})
    except Refused as error:
        return await _dictionary_page(page, profile_id, form.refused(error), error.status)
    if answer.json["refused"]:
        made = answer.json["profile"]
        return await _dictionary_page(page, made["id"] if made else profile_id, form, found=answer.json)
    return edited(page, DICTIONARY, profile_id, answer.json)


async def _synonyms_page(
    page: Page,
    profile_id: str,
    form: Form,
    status: int = 200,
    *,
    term: str = "",
    seen: Any = None,
    lines: Any = None,
) -> Response:
    found = await page.api.get(f"/v1/profiles/{profile_id}/synonyms", term=term)
    return page.render(
        "admin/synonyms.html",
        status,
        found=found,
        profile=found["profile"],
        versions=await versions(page),
        parts_of=PARTS,
        choices=[(code, page.text(words)) for code, words in PARTS.items()],
        form=form,
        term=term,
        seen=seen,
        lines=lines,
        sets=await measured_sets(page),
    )


async def _dictionary_page(
    page: Page, profile_id: str, form: Form, status: int = 200, *, found: Any = None
) -> Response:
    own = await page.api.get(f"/v1/profiles/{profile_id}/synonyms")
    values = {"words": own["dictionary"], "profile": own["profile"], "versions": await versions(page)}
    return page.render("admin/dictionary.html", status, form=form, found=found, **values)
