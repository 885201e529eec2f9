"""What enquiries teach the ranking: which answer of the matcher led to an enquiry, a contract, a finished job."""

from __future__ import annotations

import contextlib
from typing import Final

from sqlalchemy.orm import Session

from matcher.catalogue.enquiries.records import Step, What
from matcher.catalogue.feedback.store import Event, add_events
from matcher.errors import InvalidInput, NotFound
from matcher.feedback.shown import Act

_ACTS: Final[dict[What, Act]] = {"sent": "enquired", "contracted": "contracted", "completed": "completed"}


def record_outcome(session: Session, step: Step) -> bool:
    """Write what a step says of the answer that the enquiry came from; whether there was anything new to write.

    An answer that is not kept, any more or at all, or in which the listing did not stand, teaches nothing and spoils
    no enquiry.
    """
    enquiry, act = step.enquiry, _ACTS.get(step.what)
    if act is None or enquiry.answer_id is None:
        return False
    with contextlib.suppress(NotFound, InvalidInput):
        return add_events(session, [Event(enquiry.answer_id, enquiry.listing_id, act)]) > 0
    return False
