"""The desks of requesters, brokers and operators."""

from __future__ import annotations

from api.portal.desks import (
    alerts,
    enquiries,
    imports,
    listing_acts,
    listings,
    need_acts,
    needs,
    needs_for_listings,
    overviews,
    saved,
    statistics,
)

ROUTERS = (
    overviews.router,
    needs.router,
    need_acts.router,
    saved.router,
    alerts.router,
    enquiries.router,
    listings.router,
    listing_acts.router,
    needs_for_listings.router,
    imports.router,
    statistics.router,
)
