"""Ways to the pages of desks that are about one thing, for their pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.api.portal.browser import Visitor


def _need(visitor: Visitor) -> None:
    visitor.sign_in("requester")
    visitor.open("/desk/needs")
    visitor.page.click(".list h2 a >> nth=0")
    visitor.page.wait_for_selector("#privacy")


def _enquiry(visitor: Visitor) -> None:
    visitor.sign_in("requester")
    visitor.open("/desk/enquiries/new?listing=PF-0001")
    visitor.page.fill("[name=text]", "想了解三季度的排期,可否先看现场?")
    visitor.page.click("main form button")
    # The second picture of one sender finds the first one's enquiry still open.
    if not visitor.page.is_visible(".thread"):
        visitor.open("/desk/enquiries")
        visitor.page.click(".list h2 a >> nth=0")
        visitor.page.wait_for_selector(".thread")


def _standing(visitor: Visitor) -> None:
    visitor.sign_in("operator")
    visitor.open("/operator/needs?listing=SO-0041&least=weak")
    visitor.page.click("a[href^='/operator/needs/'] >> nth=0")
    visitor.page.wait_for_url("**/operator/needs/*?*")


DESKS_JOURNEYS: Final[dict[str, Callable[[Visitor], None]]] = {
    "desk_need": _need,
    "desk_enquiry": _enquiry,
    "operator_standing": _standing,
}
