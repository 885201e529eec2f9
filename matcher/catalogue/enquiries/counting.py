"""How often listings were enquired about, and what became of it: for statistics."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.enquiries.states import EnquiryState
from matcher.catalogue.listings.published import IDS
from matcher.catalogue.tables.enquiries import EnquiryRow


def enquired(
    session: Session, listing_ids: Collection[str] | None = None, since: datetime | None = None
) -> dict[str, dict[EnquiryState, int]]:
    """Enquiries by listing and by the state that they are in now; a listing without any is left out.

    Args:
        listing_ids: None for every listing. since: the moment from which on they were sent, with its zone; None for
            all time.
    """
    if listing_ids is None:
        return _counted(session, None, since)
    wanted = sorted(set(listing_ids))
    counted: dict[str, dict[EnquiryState, int]] = {}
    for start in range(0, len(wanted), IDS):
        counted |= _counted(session, wanted[start : start + IDS], since)
    return counted


def _counted(
    session: Session, ids: Collection[str] | None, since: datetime | None
) -> dict[str, dict[EnquiryState, int]]:
    query = select(EnquiryRow.listing_id, EnquiryRow.state, func.count())
    if ids is not None:
        query = query.where(EnquiryRow.listing_id.in_(ids))
    if since is not None:
        query = query.where(EnquiryRow.created_at >= since)
    counted: dict[str, dict[EnquiryState, int]] = {}
    for listing_id, state, count in session.execute(query.group_by(EnquiryRow.listing_id, EnquiryRow.state)):
        counted.setdefault(listing_id, {})[cast(EnquiryState, state)] = count
    return counted
