"""`/design`: every part of the pages on one page, to be looked at and tested."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.forms import Form
from api.portal.rendering import PageDep

router = APIRouter(include_in_schema=False)


@router.get("/design")
async def design(page: PageDep) -> Response:
    """Colours, type, spacing and parts, with the macros that pages use."""
    form = Form.of(text="酶制剂发酵放大,需要500 L以上发酵罐", wrong="十二个月", kind="platform", agreed="yes")
    return page.render("design.html", form=form.with_error("wrong", "请填写数字", "例如 12"))
