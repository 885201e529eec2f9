"""Who may open the pages of what is public: everybody."""

from __future__ import annotations

from typing import Final

from tests.api.portal.page_table import PageRow

CATALOGUE: Final = (
    PageRow("GET", "/listings"),
    PageRow("GET", "/listings/{listing_id}", sample="/listings/PF-0001"),
    PageRow("POST", "/listings/{listing_id}/corrections"),
    PageRow("GET", "/needs"),
    PageRow("GET", "/needs/{need_id}"),
    PageRow("GET", "/cases"),
    PageRow("GET", "/policies"),
    PageRow("GET", "/ranking"),
    PageRow("GET", "/privacy"),
    PageRow("GET", "/robots.txt"),
    PageRow("GET", "/sitemap.xml"),
)
