"""`/robots.txt` and `/sitemap.xml`: what search engines may look at, and where it is."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.catalogue.addresses import site
from api.portal.rendering import PageDep

#: Desks are for their people, searches for their finders; the API is for programs that know what they want.
CLOSED: Final = ("/desk", "/operator", "/admin", "/account", "/matches", "/v1/", "/sign-in", "/language", "/theme")
FIXED: Final = ("/", "/listings", "/needs", "/cases", "/policies", "/ranking", "/privacy")
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"

router = APIRouter(include_in_schema=False)


@router.get("/robots.txt")
async def robots(page: PageDep) -> Response:
    """What to leave alone, and where the list of addresses is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), f"Sitemap: {site(page)}/sitemap.xml", ""]
    return Response("\n".join(lines), media_type="text/plain; charset=utf-8")


@router.get("/sitemap.xml")
async def sitemap(page: PageDep) -> Response:
    """The public pages and every listing that everybody may see: as many as the protocol lets one file have."""
    found = await page.api.get("/v1/sitemap")
    fixed = [f"<url><loc>{escape(site(page) + path)}</loc></url>" for path in FIXED]
    room = 50_000 - len(fixed)
    listed = [
        f"<url><loc>{escape(site(page))}/listings/{quote(one['id'], safe='')}</loc>"
        f"<lastmod>{one['updated_at'][:10]}</lastmod></url>"
        for one in found["listings"][:room]
    ]
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">{"".join([*fixed, *listed])}</urlset>\n'
    )
    return Response(body, media_type="application/xml")
