"""The pages of the desks; what needs a thing of one's own is tried by the tests of its page."""

from __future__ import annotations

from typing import Final

from tests.api.portal.page_table import OPERATORS, PEOPLE, REQUESTERS, PageRow

_LISTING: Final = "/operator/listings/{listing_id}"
_NEED: Final = "/desk/needs/{need_id}"

DESKS: Final = (
    PageRow("GET", "/desk", REQUESTERS),
    PageRow("GET", "/desk/needs", REQUESTERS),
    PageRow("POST", "/desk/needs", REQUESTERS),
    PageRow("GET", "/desk/needs/new", REQUESTERS),
    PageRow("GET", _NEED, REQUESTERS),
    PageRow("GET", f"{_NEED}/edit", REQUESTERS),
    *(
        PageRow("POST", f"{_NEED}/{act}", REQUESTERS)
        for act in ("edit", "acts", "matches", "visibility", "consents", "alerts", "deletion")
    ),
    PageRow("GET", "/desk/saved", REQUESTERS),
    PageRow("POST", "/desk/saved/{search_id}", REQUESTERS),
    PageRow("POST", "/desk/saved/{search_id}/deletion", REQUESTERS),
    PageRow("GET", "/desk/alerts", PEOPLE),
    PageRow("POST", "/desk/alerts/read", PEOPLE),
    PageRow("POST", "/desk/alerts/messages/{message_id}", PEOPLE),
    PageRow("POST", "/desk/alerts/subscriptions", PEOPLE),
    PageRow("POST", "/desk/alerts/subscriptions/{subscription_id}", PEOPLE),
    PageRow("POST", "/desk/alerts/subscriptions/{subscription_id}/deletion", PEOPLE),
    PageRow("GET", "/desk/enquiries", PEOPLE),
    PageRow("POST", "/desk/enquiries", REQUESTERS),
    PageRow("GET", "/desk/enquiries/new", REQUESTERS, sample="/desk/enquiries/new?listing=PF-0067"),
    PageRow("GET", "/desk/enquiries/{enquiry_id}", PEOPLE),
    *(PageRow("POST", f"/desk/enquiries/{{enquiry_id}}/{act}", PEOPLE) for act in ("messages", "state", "forwarding")),
    PageRow("GET", "/operator", OPERATORS),
    PageRow("GET", "/operator/listings", OPERATORS),
    PageRow("POST", "/operator/listings", OPERATORS),
    PageRow("GET", "/operator/listings/new", OPERATORS, sample="/operator/listings/new?kind=platform"),
    PageRow("GET", _LISTING, OPERATORS, sample="/operator/listings/PF-0067"),
    PageRow("GET", f"{_LISTING}/edit", OPERATORS, sample="/operator/listings/PF-0067/edit"),
    PageRow("POST", f"{_LISTING}/edit", OPERATORS),
    PageRow("POST", f"{_LISTING}/acts", OPERATORS),
    PageRow("GET", f"{_LISTING}/versions/{{number}}", OPERATORS, sample="/operator/listings/PF-0067/versions/1"),
    PageRow("POST", f"{_LISTING}/versions/{{number}}", OPERATORS),
    PageRow("GET", "/operator/needs", OPERATORS, sample="/operator/needs?listing=SO-0041&least=weak"),
    PageRow("GET", "/operator/needs/{need_id}", OPERATORS),
    PageRow("GET", "/operator/imports", OPERATORS),
    PageRow("POST", "/operator/imports/files", OPERATORS),
    PageRow("GET", "/operator/imports/{import_id}", OPERATORS),
    PageRow("POST", "/operator/imports/{import_id}", OPERATORS),
    PageRow("POST", "/operator/imports/{import_id}/deletion", OPERATORS),
    PageRow("GET", "/operator/statistics", OPERATORS),
    PageRow("GET", "/operator/statistics.csv", OPERATORS),
)
