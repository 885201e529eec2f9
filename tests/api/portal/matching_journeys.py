"""What leads to the pages of matches, for pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.api.portal.browser import Visitor

TEXT: Final = "8英寸MEMS流片,必须在深圳,要有CNAS,三个月内,预算50万以内"


def look(visitor: Visitor, text: str = TEXT) -> str:
    """From the front page to the matches of a text; the path of the search."""
    visitor.open("/")
    visitor.page.fill("#field-text", text)
    visitor.page.click("text=查找匹配")
    visitor.page.wait_for_url("**/matches/*")
    return visitor.page.url.removeprefix(visitor.address)


def _matches(visitor: Visitor) -> None:
    look(visitor)


def _matches_that_fit(visitor: Visitor) -> None:
    look(visitor, "MEMS传感器8英寸中试线流片")


def _nothing_fits(visitor: Visitor) -> None:
    look(visitor, "月球基地农业中试")


def _comparison(visitor: Visitor) -> None:
    look(visitor)
    for number in (1, 2, 3):
        visitor.page.check(f"#match-{number} [name=listing]")
    visitor.page.click("button[form=compare]")
    visitor.page.wait_for_url("**/compare?*")


MATCHING_JOURNEYS: Final[dict[str, Callable[[Visitor], None]]] = {
    "matches": _matches,
    "matches_that_fit": _matches_that_fit,
    "matches_none": _nothing_fits,
    "matches_comparison": _comparison,
}
