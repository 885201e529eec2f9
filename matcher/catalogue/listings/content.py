"""What a listing must not say, beyond what the database can't hold (`limits`): a source that is no page, a city that
lies elsewhere than its province."""

from __future__ import annotations

from matcher.errors import InvalidInput
from matcher.records import Listing
from matcher.understanding.places import default_regions
from matcher.web_address import is_web_address


def check_content(listing: Listing) -> None:
    """Refuse what a person who is there to mend it writes.

    Raises:
        InvalidInput: as for `check_source` and `check_place`.
    """
    check_source(listing)
    check_place(listing)


def check_source(listing: Listing) -> None:
    """Pages link to the source: an address with another scheme could run there.

    Raises:
        InvalidInput: it is given, and no http or https address with a host.
    """
    if listing.source_url and not is_web_address(listing.source_url):
        hint = "请填以 http:// 或 https:// 开头的完整网址,如 https://example.cn/"
        raise InvalidInput("source_url 不是网址", hint=hint, field="source_url")


def check_place(listing: Listing) -> None:
    """A matter of two names that the table of places knows; others pass.

    Raises:
        InvalidInput: the city is known to lie elsewhere than in the province.
    """
    if is_elsewhere(listing.province, listing.city):
        message = f"城市“{listing.city}”不在“{listing.province}”"
        raise InvalidInput(message, hint="请改正省份或城市", field="city")


def is_elsewhere(province: str | None, city: str | None) -> bool:
    """Whether both are known, and no place called as the city lies in the province."""
    regions = default_regions()
    top, inner = regions.resolve(province, None), regions.resolve(None, city)
    if top is None or inner is None or regions.contains(top, inner):
        return False
    # One name may stand for several places: the one within the province is meant, where there is one.
    return regions.resolve(province, city) == top
