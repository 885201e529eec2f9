"""Language and light: chosen once, kept in a cookie of a year."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from api.portal.forms import local_path
from api.portal.languages import COOKIE, LANGUAGES
from api.portal.rendering import THEME, THEMES, PageDep
from matcher.errors import NotFound

SECONDS = 365 * 24 * 3600

router = APIRouter(include_in_schema=False)


@router.get("/language/{code}")
async def language(code: str, page: PageDep, back: Annotated[str | None, Query(alias="next")] = None) -> Response:
    """Chooses the language and goes back to where the visitor was."""
    if code not in LANGUAGES:
        raise NotFound("没有这种语言")
    return _kept(page, COOKIE, code, back)


@router.get("/theme/{name}")
async def theme(name: str, page: PageDep, back: Annotated[str | None, Query(alias="next")] = None) -> Response:
    """Chooses light or dark; `auto` follows the device again."""
    if name not in (*THEMES, "auto"):
        raise NotFound("没有这种配色")
    return _kept(page, THEME, name if name in THEMES else "", back)


def _kept(page: PageDep, cookie: str, value: str, back: str | None) -> Response:
    response = RedirectResponse(local_path(back), 303)
    secure = page.settings.env == "production"
    response.set_cookie(cookie, value, SECONDS if value else 0, path="/", httponly=True, samesite="lax", secure=secure)
    return response
