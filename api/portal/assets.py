"""Style, script and pictures: read once, named by their content, so that browsers may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from matcher.errors import NotFound

STATIC: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
#: A year, as RFC 9111 caches take it for "for ever".
FOR_EVER: Final = "public, max-age=31536000, immutable"
#: The one style sheet: all of `static/css`, in the order of their names.
STYLE: Final = "portal.css"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `address` changes with its content."""

    address: str
    media_type: str
    content: bytes
    zipped: bytes


@cache
def assets() -> dict[str, Asset]:
    """Name → asset. Scripts are modules of their own, so that a page loads only what it uses."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}
    files[STYLE] = b"\n".join(path.read_bytes() for path in sorted((STATIC / "css").glob("*.css")))
    return {name: _asset(name, content) for name, content in files.items()}


def _asset(name: str, content: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    address = f"/static/{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    return Asset(address, f"{TYPES['.' + suffix]}; charset=utf-8", content, gzip.compress(content, 9, mtime=0))


def asset_address(name: str) -> str:
    """The address of a file of `static`.

    Raises:
        KeyError: there is none: a mistake in a template.
    """
    return assets()[name].address


@router.get("/static/{name}")
async def static(name: str, request: Request) -> Response:
    """One file; an old address of a changed file gives the file as it is now, not to be kept."""
    path = request.url.path
    found = next((one for one in assets().values() if one.address == path), None)
    keeping = FOR_EVER
    if found is None:
        parts = name.split(".")
        found = assets().get(f"{'.'.join(parts[:-2])}.{parts[-1]}" if len(parts) > 2 else name)
        keeping = "no-cache"
    if found is None:
        raise NotFound("没有这个文件")
    headers = {"Cache-Control": keeping, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, 200, headers | {"Content-Encoding": "gzip"}, found.media_type)
    return Response(found.content, 200, headers, found.media_type)
