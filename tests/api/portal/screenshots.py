"""Pictures of every page, for people to look at: `make screenshots` (OUT=folder).

Each page of `page_table.py` that has an address to try is taken as the first role that may open it, at both sizes;
pages at the end of a journey are taken by the functions in `JOURNEYS`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright
from rich.progress import track

from matcher.installation import open_encoder
from matcher.settings import Settings
from tests.api.portal.browser import SIZES, Visitor, new_visitor, open_browser, running_server
from tests.api.portal.desks_journeys import DESKS_JOURNEYS
from tests.api.portal.matching_journeys import MATCHING_JOURNEYS
from tests.api.portal.page_table import PAGES, PageRow

#: Addresses that give a file instead of a page.
FILES: Final = (".csv", ".xlsx", ".pdf", ".docx", ".txt", ".xml", ".jsonl")
#: Name → what leads a visitor to the page that is to be taken; areas of pages add theirs.
JOURNEYS: Final[dict[str, Callable[[Visitor], None]]] = {**MATCHING_JOURNEYS, **DESKS_JOURNEYS}


def _role(row: PageRow) -> str | None:
    first = row.allowed.split()[0]
    return None if first == "anonymous" else first


def _name(path: str) -> str:
    return re.sub(r"[^\w-]+", "_", path).strip("_") or "front"


def take(out: Path) -> int:
    """All pictures into a folder; how many."""
    out.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    assert open_encoder(settings).dimension
    rows = [row for row in PAGES if row.method == "GET" and row.status == 200 and (row.sample or "{" not in row.path)]
    rows = [row for row in rows if not row.path.startswith("/static") and not row.path.endswith(FILES)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(settings.data.resolve(), Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = open_browser(playwright)
        for row in track(rows, "截图"):
            for size in SIZES:
                visitor = new_visitor(browser, address, size)
                if (role := _role(row)) is not None:
                    visitor.sign_in(role)
                visitor.open(row.sample or row.path)
                visitor.page.screenshot(path=out / f"{_name(row.sample or row.path)}-{size}.png", full_page=True)
                visitor.context.close()
        for name, journey in JOURNEYS.items():
            for size in SIZES:
                visitor = new_visitor(browser, address, size)
                journey(visitor)
                visitor.page.screenshot(path=out / f"{name}-{size}.png", full_page=True)
                visitor.context.close()
        browser.close()
    return len(SIZES) * (len(rows) + len(JOURNEYS))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "var/screenshots")
    sys.stdout.write(f"{take(target)} 张图片在 {target}\n")
