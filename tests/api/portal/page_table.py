"""Who may open which page: one row each. `test_pages.py` opens every page as everybody.

A page with places in its path needs `sample`, a path that is there in the demo; a POST is tried without a form, which
must never do anything: nothing is asked of it here but that strangers are sent to sign in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYBODY: Final = "anonymous requester operator broker admin"
PEOPLE: Final = "requester operator broker admin"
REQUESTERS: Final = "requester broker admin"
OPERATORS: Final = "operator admin"
ADMINS: Final = "admin"
VISITORS: Final = tuple(EVERYBODY.split())


@dataclass(frozen=True)
class PageRow:
    """One page: `allowed` may open it; strangers are sent to sign in, others are told that they may not (403).

    Attributes:
        sample: an address to try; None leaves trying to the page's own tests, which must then say so.
        status: what those who may get.
    """

    method: str
    path: str
    allowed: str = EVERYBODY
    sample: str | None = None
    status: int = 200

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


FLOOR: Final = (
    PageRow("GET", "/static/{name}", sample="/static/portal.css"),
    PageRow("GET", "/language/{code}", sample="/language/en", status=303),
    PageRow("GET", "/theme/{name}", sample="/theme/dark", status=303),
    PageRow("GET", "/design"),
    PageRow("GET", "/sign-in", sample="/password-reset"),
    PageRow("POST", "/sign-in"),
    PageRow("POST", "/sign-out"),
    PageRow("GET", "/sign-up"),
    PageRow("POST", "/sign-up"),
    PageRow("GET", "/password-reset"),
    PageRow("POST", "/password-reset"),
    PageRow("GET", "/account", PEOPLE),
    PageRow("POST", "/account", PEOPLE),
    PageRow("POST", "/account/password", PEOPLE),
)
from tests.api.portal.admin_table import ADMIN  # noqa: E402  # its rows are made of the class above
from tests.api.portal.catalogue_table import CATALOGUE  # noqa: E402  # its rows are made of the class above
from tests.api.portal.desks_table import DESKS  # noqa: E402  # its rows are made of the class above
from tests.api.portal.matching_table import MATCHING  # noqa: E402  # its rows are made of the class above

#: Each area adds its own rows in its own file and is named here.
PAGES: Final = (
    *FLOOR,
    *DESKS,
    *MATCHING,
    *CATALOGUE,
    *ADMIN,
)
