"""`/operator/listings`: an operator's listings by state, one of them, and the form in which they are written."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Answer, Refused
from api.portal.desks.listing_forms import KIND_NAMES, LABELS, STATES, body_of, form_of, refused_listing, shown
from api.portal.desks.overwriting import over_a_newer_version
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

#: Each row asks how complete its listing is, which holds it against every need: some ten milliseconds.
SIZE: Final = 10
CREATED: Final = later("草稿已保存")
SUBMITTED: Final = later("已提交审核,通过后即可发布")
SAVED: Final = later("条目已保存")
NOT_SUBMITTED: Final = later("草稿已保存,但没有提交:")

router = APIRouter(include_in_schema=False)


@router.get("/operator/listings")
async def listed(
    page: PageDep,
    state: str | None = None,
    kind: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """One page of the listings that the caller keeps, each with its score."""
    page.needs_sign_in("operator")
    wanted, of_kind = (state if state in STATES else None), (kind if kind in KIND_NAMES else None)
    chosen = {"mine": "true", "state": wanted, "kind": of_kind, "sort": "updated"}
    found = await page.api.get("/v1/listings", **chosen, page=number, size=SIZE)
    scores = [await completeness(page, one["id"]) for one in found["listings"]]
    return page.render(
        "desks/listings.html",
        found=found,
        scores=[one["score"] if one else None for one in scores],
        states=STATES,
        state=wanted,
        kind=of_kind,
        kinds=KIND_NAMES,
        number=number,
        size=SIZE,
    )


@router.get("/operator/listings/new")
async def new(page: PageDep, kind: str | None = None) -> Response:
    """Which kind; then the form, with the place of the organisation filled in."""
    page.needs_sign_in("operator")
    if kind not in KIND_NAMES:
        return page.render("desks/listing_kinds.html", kinds=KIND_NAMES)
    place = {}
    if page.caller.actor.organisation_id is not None:
        place = await page.api.get(f"/v1/organisations/{page.caller.actor.organisation_id}")
    form = Form.of(kind=kind, province=place.get("province"), city=place.get("city"))
    return form_page(page, form, None)


@router.post("/operator/listings")
async def create(page: PageDep, form: FormDep) -> Response:
    """Keep a draft; hand it to the admins where that was asked for."""
    page.needs_sign_in("operator")
    body, form = body_of(page, form)
    if form.errors:
        return form_page(page, form, None, 422)
    try:
        made = await page.api.call("POST", "/v1/listings", json=body, once=form.once)
    except Refused as error:
        return form_page(page, refused_listing(page, form, error), None, error.status)
    return await _saved(page, form, made, CREATED)


@router.get("/operator/listings/{listing_id}")
async def one(page: PageDep, listing_id: str) -> Response:
    """All about a listing."""
    page.needs_sign_in("operator")
    return await listing_page(page, listing_id)


@router.get("/operator/listings/{listing_id}/edit")
async def edit(page: PageDep, listing_id: str) -> Response:
    """The form, filled in."""
    page.needs_sign_in("operator")
    answer = await page.api.call("GET", f"/v1/listings/{listing_id}")
    if answer.json.get("standing") is None:
        return page.go(f"/listings/{listing_id}")
    return form_page(page, form_of(answer.json, answer.etag), answer.json)


@router.post("/operator/listings/{listing_id}/edit")
async def change(page: PageDep, listing_id: str, form: FormDep) -> Response:
    """Write it anew; what the form has no field for stays."""
    page.needs_sign_in("operator")
    body, form = body_of(page, form)
    path = f"/v1/listings/{listing_id}"
    status = 422
    if not form.errors:
        try:
            return await _saved(page, form, await page.api.call("PATCH", path, json=body, etag=form.get("etag")), SAVED)
        except Refused as error:
            status = error.status
            if status == 412:
                form = await over_a_newer_version(page, form, path)
            else:
                form = refused_listing(page, form, error)
    return form_page(page, form, await page.api.get(path), status)


@router.get("/operator/listings/{listing_id}/versions/{number}")
async def version(page: PageDep, listing_id: str, number: int) -> Response:
    """An older version beside what holds now."""
    page.needs_sign_in("operator")
    listing = await page.api.get(f"/v1/listings/{listing_id}")
    path = f"/v1/listings/{listing_id}/versions"
    older = await page.api.get(f"{path}/{number}")
    newest = await page.api.get(f"{path}/{listing['standing']['version']}")
    then, now = _flat(older["fields"]), _flat(newest["fields"])
    fields = [name for name in dict.fromkeys((*then, *now)) if then.get(name) != now.get(name)]
    return page.render(
        "desks/version.html",
        listing=listing,
        version=older,
        differences=[{"field": name, "before": then.get(name), "after": now.get(name)} for name in fields],
        labels=LABELS,
        states=STATES,
    )


async def listing_page(page: Page, listing_id: str, status: int = 200, *, form: Form | None = None) -> Response:
    """The page of a listing, with what was refused at its top."""
    answer = await page.api.call("GET", f"/v1/listings/{listing_id}")
    if answer.json.get("standing") is None:
        return page.go(f"/listings/{listing_id}")
    path = f"/v1/listings/{listing_id}"
    return page.render(
        "desks/listing.html",
        status,
        listing=answer.json,
        standing=answer.json["standing"],
        etag=answer.etag,
        score=await completeness(page, listing_id),
        versions=(await page.api.get(f"{path}/versions"))["versions"],
        differences=(await page.api.get(f"{path}/differences"))["differences"],
        states=STATES,
        labels=LABELS,
        form=form or Form(),
    )


def form_page(page: Page, form: Form, listing: Any, status: int = 200) -> Response:
    """The form of a listing; None for one that is new."""
    return page.render("desks/listing_form.html", status, form=form, listing=listing, **shown(page, form))


async def completeness(page: Page, listing_id: str) -> Any:
    """How complete a listing is; None while that can't be measured."""
    try:
        return await page.api.get(f"/v1/listings/{listing_id}/completeness")
    except Refused as error:
        if error.status == 503:
            return None
        raise


async def _saved(page: Page, form: Form, answer: Answer, said: str) -> Response:
    """Where it goes from here: handed to the admins where that was asked for and is still to be done."""
    path = f"/operator/listings/{answer.json['id']}"
    if form.get("act") != "submit":
        return page.go(path, page.text(said))
    try:
        await page.api.call("POST", f"/v1/listings/{answer.json['id']}/submission")
    except Refused as error:
        # Sent twice, the second finds it submitted already: what was asked for is done.
        state = (await page.api.get(f"/v1/listings/{answer.json['id']}"))["standing"]["state"]
        if state in ("draft", "returned"):
            return page.go(path, page.text(NOT_SUBMITTED) + error.message, "problem")
    return page.go(path, page.text(SUBMITTED))


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a version with those of its terms by themselves."""
    terms: dict[str, Any] = fields.get("terms") or {}
    return {name: value for name, value in fields.items() if name != "terms"} | {
        f"terms.{name}": value for name, value in terms.items()
    }
