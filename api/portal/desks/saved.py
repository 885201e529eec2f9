"""`/desk/saved`: searches that were kept, with their titles."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 20
RENAMED: Final = later("名称已修改")
REMOVED: Final = later("已从收藏中删除")

router = APIRouter(include_in_schema=False)


@router.get("/desk/saved")
async def saved(page: PageDep, number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1) -> Response:
    """One page of what was kept."""
    page.needs_sign_in("requester", "broker")
    return await _shown(page, number)


@router.post("/desk/saved/{search_id}")
async def rename(page: PageDep, search_id: str, form: FormDep) -> Response:
    """Give it another title."""
    page.needs_sign_in("requester", "broker")
    try:
        await page.api.call("PATCH", f"/v1/searches/{search_id}", json={"title": form.get("title")})
    except Refused as error:
        return await _shown(page, 1, error.status, wrong=search_id, form=form.refused(error))
    return page.go("/desk/saved", page.text(RENAMED))


@router.post("/desk/saved/{search_id}/deletion")
async def remove(page: PageDep, search_id: str, form: FormDep) -> Response:
    """Forget it."""
    page.needs_sign_in("requester", "broker")
    await page.api.call("DELETE", f"/v1/searches/{search_id}")
    return page.go("/desk/saved", page.text(REMOVED))


async def _shown(
    page: Page, number: int, status: int = 200, *, wrong: str | None = None, form: Form | None = None
) -> Response:
    found: Any = await page.api.get("/v1/searches", saved="true", page=number, size=SIZE)
    forms = {one["id"]: Form.of(title=one["title"]) for one in found["searches"]}
    if wrong in forms and form is not None:
        forms[wrong] = form
    return page.render("desks/saved.html", status, found=found, forms_by_id=forms, number=number, size=SIZE)
