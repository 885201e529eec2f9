"""What enquiries teach the ranking."""

from __future__ import annotations

from sqlalchemy import select

from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries.outcomes import record_outcome
from matcher.catalogue.enquiries.records import EnquiryDraft, Step
from matcher.catalogue.enquiries.store import move_enquiry, send_enquiry, write_message
from matcher.catalogue.tables.feedback import FeedbackRow
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    NOON,
    OPERATOR,
    OWNER,
    TODAY,
    database,
    lead,
    noon,
    peopled,
    scene,
)
from tests.matcher.catalogue.feedback.answers import answer, put


def sent(session: Session, answer_id: str | None, listing_id: str = "L-a") -> Step:
    return send_enquiry(session, OWNER, EnquiryDraft(listing_id, "想看现场", answer_id=answer_id), TODAY)


def acts(session: Session) -> list[tuple[str, str, str]]:
    query = select(FeedbackRow.answer_id, FeedbackRow.listing_id, FeedbackRow.act).order_by(FeedbackRow.act)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def shown(database: Database, listing_id: str = "L-a") -> str:  # noqa: F811
    """An answer in which the listing stood; its id."""
    given = answer([listing_id], at=NOON)  # type: ignore[arg-type]  # ids of several letters
    put(database, given)
    return given.id


def test_enquired_contracted_completed_and_nothing_between(scene: Database) -> None:  # noqa: F811
    answer_id = shown(scene)
    with scene.session() as session:
        first = sent(session, answer_id)
        assert record_outcome(session, first)
        for step in (
            lead(session, OPERATOR, first.enquiry, "read"),
            write_message(session, OPERATOR, first.enquiry.id, "欢迎", TODAY),
            write_message(session, OWNER, first.enquiry.id, "谢谢", TODAY),
            move_enquiry(session, OPERATOR, first.enquiry.id, "visiting", TODAY),
        ):
            assert not record_outcome(session, step)
        for state in ("contracted", "completed"):
            assert record_outcome(session, lead(session, OWNER, first.enquiry, state))
        assert acts(session) == [(answer_id, "L-a", act) for act in ("completed", "contracted", "enquired")]


def test_an_enquiry_that_came_from_no_answer_teaches_nothing(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        assert not record_outcome(session, sent(session, None))
        assert acts(session) == []


def test_an_answer_that_is_unknown_or_without_the_listing_spoils_nothing(scene: Database) -> None:  # noqa: F811
    other = shown(scene, "L-b")
    with scene.session() as session:
        for answer_id in ("answer-none", other, "a\x00"):
            step = Step(sent(session, None).enquiry, "sent", "requester", "user-owner")
            assert not record_outcome(session, step)
            lead(session, OWNER, step.enquiry, "withdrawn")
            unknown = sent(session, answer_id.replace("\x00", ""))
            assert not record_outcome(session, unknown)
            lead(session, OWNER, unknown.enquiry, "withdrawn")
        assert acts(session) == []


def test_sent_again_it_counts_once(scene: Database) -> None:  # noqa: F811
    answer_id = shown(scene)
    with scene.session() as session:
        first = sent(session, answer_id)
        assert record_outcome(session, first)
        lead(session, OWNER, first.enquiry, "withdrawn")
        assert not record_outcome(session, sent(session, answer_id))
        assert len(acts(session)) == 1
