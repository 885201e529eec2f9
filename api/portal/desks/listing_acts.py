"""What an operator does with a listing: submit, publish, verify, retire; go back to an older version."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.listings import listing_page
from api.portal.forms import FormDep, local_path
from api.portal.languages import later
from api.portal.rendering import PageDep
from matcher.errors import NotFound

#: Act → how and where `/v1` has it, and what is said afterwards.
ACTS: Final = {
    "submit": ("POST", "/submission", later("已提交审核,通过后即可发布")),
    "withdraw": ("DELETE", "/submission", later("已撤回提交")),
    "publish": ("POST", "/publication", later("条目已发布,从现在起可以被找到")),
    "verify": ("POST", "/verification", later("已复核:条目内容今天仍然有效")),
    "retire": ("POST", "/retirement", later("条目已下架")),
    "reopen": ("DELETE", "/retirement", later("条目已转为草稿,可以重新编辑")),
    "delete": ("DELETE", "", later("草稿已删除")),
}
RESTORED: Final = later("已恢复到所选版本")

router = APIRouter(include_in_schema=False)


@router.post("/operator/listings/{listing_id}/acts")
async def act(page: PageDep, listing_id: str, form: FormDep) -> Response:
    """Lead a listing from state to state."""
    page.needs_sign_in("operator")
    if form.get("act") not in ACTS:
        raise NotFound("没有这种操作")
    method, path, said = ACTS[form.get("act")]
    try:
        answer = await page.api.call(method, f"/v1/listings/{listing_id}{path}", etag=form.get("etag") or None)
    except Refused as error:
        wrong = form.with_error("", error.message, error.hint)
        return await listing_page(page, listing_id, error.status, form=wrong)
    here = "/operator/listings" if answer.status == 204 else f"/operator/listings/{listing_id}"
    return page.go(local_path(form.get("back"), here), page.text(said))


@router.post("/operator/listings/{listing_id}/versions/{number}")
async def restore(page: PageDep, listing_id: str, number: int, form: FormDep) -> Response:
    """Give it the content of an older version, as a new one."""
    page.needs_sign_in("operator")
    path = f"/v1/listings/{listing_id}/versions/{number}/restoration"
    await page.api.call("POST", path, etag=form.get("etag") or None)
    return page.go(f"/operator/listings/{listing_id}", page.text(RESTORED))
