"""Addresses with the site before them, for search engines and structured data."""

from __future__ import annotations

from api.portal.rendering import Page


def site(page: Page) -> str:
    """The address that people reach the site by: the setting, else what this request asked for."""
    return page.settings.public_url or str(page.request.base_url).rstrip("/")


def canonical(page: Page, path: str) -> str:
    """The one address of a page that can be reached by several."""
    return site(page) + path
