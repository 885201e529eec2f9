"""Single fields of a need, shown to the organisation that an enquiry goes to: consents that end with the enquiry."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.enquiries.states import LOST
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.catalogue.tables.needs import ConsentRow


def share_fields(session: Session, need_id: str, organisation_id: str, fields: Collection[str]) -> None:
    """Add to the fields of a need that an organisation may read in enquiries."""
    if not fields:
        return
    row = _consent(session, need_id, organisation_id)
    if row is None:
        row = ConsentRow(need_id=need_id, organisation_id=organisation_id, chosen=False, fields=[])
        session.add(row)
    row.fields = [*row.fields, *(name for name in fields if name not in row.fields)]
    session.flush()


def shared_fields(session: Session, need_id: str, organisation_id: str) -> frozenset[str]:
    """The fields of a need that its requester shows an organisation in enquiries."""
    row = session.get(ConsentRow, (need_id, organisation_id))
    return frozenset() if row is None else frozenset(row.fields)


def end_sharing(session: Session, ended: EnquiryRow) -> None:
    """Take back what an enquiry shared that came to nothing, but what another one to the same organisation shares.

    What the requester has taken back already stays so.
    """
    if ended.need_id is None or ended.organisation_id is None:
        return
    row = _consent(session, ended.need_id, ended.organisation_id)
    if row is None:
        return
    others = session.scalars(
        select(EnquiryRow.share).where(
            EnquiryRow.need_id == ended.need_id,
            EnquiryRow.organisation_id == ended.organisation_id,
            EnquiryRow.id != ended.id,
            EnquiryRow.state.not_in(LOST),
        )
    )
    still = {name for share in others for name in share}
    row.fields = [name for name in row.fields if name in still]
    if not row.fields and not row.chosen:
        session.delete(row)
    session.flush()


def _consent(session: Session, need_id: str, organisation_id: str) -> ConsentRow | None:
    return session.get(ConsentRow, (need_id, organisation_id), with_for_update=True)
