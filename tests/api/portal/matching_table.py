"""Who may open the pages of matches. What needs a search is tried by its own tests."""

from __future__ import annotations

from typing import Final

from tests.api.portal.page_table import PageRow

MATCHING: Final = (
    PageRow("GET", "/"),
    PageRow("GET", "/matches", status=303),
    PageRow("POST", "/matches"),
    PageRow("POST", "/matches/files"),
    PageRow("GET", "/matches/{search_id}"),
    PageRow("POST", "/matches/{search_id}/changes"),
    PageRow("GET", "/matches/{search_id}/compare"),
    PageRow("GET", "/matches/{search_id}/report.{form}"),
    PageRow("POST", "/matches/{search_id}/saving"),
    PageRow("POST", "/matches/{search_id}/sharing"),
    PageRow("POST", "/matches/{search_id}/deletion"),
    PageRow("POST", "/matches/{search_id}/dismissals"),
)
