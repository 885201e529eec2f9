"""Enquiries sent, answered, led on and forwarded, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries.records import Enquiry, EnquiryDraft
from matcher.catalogue.enquiries.rows import new_row
from matcher.catalogue.enquiries.states import EnquiryState
from matcher.catalogue.enquiries.store import forward_enquiry, move_enquiry, send_enquiry, write_message
from matcher.catalogue.enquiries.views import read_enquiry
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.store import delete_need
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.enquiries import EnquiryEntryRow, EnquiryRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    ADMIN,
    BROKER,
    COLLEAGUE,
    CONTACT,
    OPERATOR,
    OTHER,
    OWNER,
    STRANGERS,
    TODAY,
    database,
    keep,
    lead,
    noon,
    peopled,
    scene,
    send,
)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(EnquiryRow)) or 0


class TestSending:
    def test_it_goes_to_the_organisation_of_the_listing(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            assert (sent.organisation_id, sent.state, sent.version, sent.by_broker) == ("org-a", "sent", 1, False)
            row = session.get_one(EnquiryRow, sent.id)
            assert (row.contact_name, row.contact_phone, row.text) == (CONTACT.name, CONTACT.phone, "想看现场")
            audited = read_audit(session, about_id=sent.id)
        assert [(one.action, one.user_id) for one in audited] == [("enquiry.create", OWNER.user_id)]
        assert audited[0].details == {"listing_id": "L-a", "organisation_id": "org-a", "share": []}

    def test_nobody_has_claimed_the_listing_or_its_organisation_is_off(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            assert send(session, "L-free").organisation_id is None
            session.execute(update(OrganisationRow).where(OrganisationRow.id == "org-a").values(active=False))
            session.expire_all()
            assert send(session, "L-a").organisation_id is None

    def test_a_broker_sends_too_and_it_is_said(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            assert send(session, actor=BROKER).by_broker

    @pytest.mark.parametrize(("actor", "error"), [(Actor(), NotSignedIn), (OPERATOR, Forbidden), (OTHER, Forbidden)])
    def test_others_may_not(self, scene: Database, actor: Actor, error: type[Exception]) -> None:  # noqa: F811
        with scene.session() as session, pytest.raises(error):
            send(session, actor=actor)

    def test_a_key_needs_the_scope_of_needs(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            with pytest.raises(Forbidden):
                send(session, actor=replace(OWNER, scopes=frozenset({"read", "listings"})))
            assert send(session, actor=replace(OWNER, scopes=frozenset({"needs"}))).state == "sent"

    @pytest.mark.parametrize("listing_id", ["L-hidden", "L-none", "", "L\x00", "x" * 70])
    def test_what_is_out_of_sight_is_as_what_is_not_there(self, scene: Database, listing_id: str) -> None:  # noqa: F811
        with scene.session() as session, pytest.raises(NotFound) as caught:
            send(session, listing_id)
        assert caught.value.message == f"没有编号为 {listing_id[:64]} 的条目"
        assert caught.value.field == "listing_id"

    def test_cases_answer_nothing_and_one_s_own_organisation_is_no_partner(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            with pytest.raises(InvalidInput, match="案例"):
                send(session, "L-case")
            inside = replace(OWNER, organisation_id="org-a")
            with pytest.raises(Conflict, match="本单位"):
                send(session, "L-a", actor=inside)

    def test_one_open_enquiry_for_a_listing(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            first = send(session)
            with pytest.raises(Conflict, match=first.id):
                send(session)
            send(session, "L-a2")
            need = keep(session)
            about_need = send(session, need_id=need.id)
            with pytest.raises(Conflict, match=about_need.id):
                send(session, need_id=need.id, text="再问一次")
            send(session, need_id=keep(session).id)
            assert count(session) == 4

    @pytest.mark.parametrize(
        ("actor", "states"),
        [(OWNER, ("withdrawn",)), (OPERATOR, ("declined",)), (ADMIN, ("declined",))],
        ids=("withdrawn", "declined", "declined by the platform"),
    )
    def test_after_one_that_ended_another_may_follow(
        self,
        scene: Database,  # noqa: F811
        actor: Actor,
        states: tuple[EnquiryState, ...],
    ) -> None:
        with scene.session() as session:
            lead(session, actor, send(session), *states)
            assert send(session).state == "sent"

    def test_the_database_holds_the_rule_as_well(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            send(session)
        with pytest.raises(IntegrityError), scene.session() as session:
            session.add(new_row(EnquiryDraft("L-a", "又一份"), OWNER, "org-a"))

    def test_only_with_a_need_of_one_s_own(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            listed, hidden = keep(session, actor=COLLEAGUE), keep(session, actor=COLLEAGUE, listed=False)
            with pytest.raises(Forbidden):
                send(session, need_id=listed.id)
            with pytest.raises(NotFound):
                send(session, need_id=hidden.id)
            with pytest.raises(NotFound):
                send(session, need_id="need-none")
            # An admin may read every need, and speaks for nobody else.
            with pytest.raises(Forbidden):
                send(session, actor=ADMIN, need_id=listed.id)
            assert count(session) == 0

    def test_a_draft_will_do_and_a_need_that_is_over_will_not(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            assert send(session, need_id=keep(session, publish=False).id).state == "sent"
            need = keep(session)
            move_need(session, OWNER, need.id, need.version, "close", TODAY)
            with pytest.raises(Conflict, match="已结束"):
                send(session, need_id=need.id)
            late = keep(session, expires_on=TODAY)
            draft = EnquiryDraft("L-a", need_id=late.id)
            with pytest.raises(Conflict, match="已结束"):
                send_enquiry(session, OWNER, draft, TODAY + timedelta(days=1))

    def test_it_outlives_its_need(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            plain = send(session)
            needs = [keep(session) for _ in range(2)]
            kept = [send(session, need_id=need.id) for need in needs]
            for need in needs:
                delete_need(session, OWNER, need.id, need.version, TODAY)
            seen = [read_enquiry(session, OWNER, one.id) for one in (plain, *kept)]
        assert [(one.need_id, one.need, one.state) for one in seen] == [(None, None, "sent")] * 3


class TestLeading:
    def test_from_the_first_word_to_the_last(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            lead(session, OPERATOR, sent, "read", "answered", "visiting")
            done = lead(session, OWNER, sent, "contracted", "completed")
            assert (done.enquiry.state, done.enquiry.version, done.side) == ("completed", 6, "requester")
            entries = read_enquiry(session, OWNER, sent.id).entries
            audited = [one.action for one in read_audit(session, about_id=sent.id)]
        assert [(one.what, one.side, one.by_me) for one in entries] == [
            ("sent", "requester", True),
            ("read", "operator", False),
            ("answered", "operator", False),
            ("visiting", "operator", False),
            ("contracted", "requester", True),
            ("completed", "requester", True),
        ]
        assert audited == [f"enquiry.{one.what}" for one in entries[:0:-1]] + ["enquiry.create"]

    def test_strangers_learn_nothing(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            for actor in STRANGERS[1:]:
                with pytest.raises(NotFound) as caught:
                    lead(session, actor, sent, "read")
                assert caught.value.message == f"没有编号为 {sent.id} 的对接申请"
                with pytest.raises(NotFound):
                    write_message(session, actor, sent.id, "您好", TODAY)
            with pytest.raises(NotSignedIn):
                lead(session, Actor(), sent, "read")
            for enquiry_id in ("enq-none", "", "a\x00"):
                with pytest.raises(NotFound):
                    move_enquiry(session, OPERATOR, enquiry_id, "read", TODAY)

    def test_each_side_takes_its_own_steps(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            with pytest.raises(Forbidden):
                lead(session, OWNER, sent, "answered")
            with pytest.raises(Forbidden):
                lead(session, OPERATOR, sent, "withdrawn")
            with pytest.raises(Forbidden):
                lead(session, ADMIN, sent, "answered")
            with pytest.raises(Conflict):
                lead(session, OPERATOR, sent, "visiting")

    def test_a_refusal_needs_its_reason(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            for note in (None, "  "):
                with pytest.raises(InvalidInput, match="缺少理由"):
                    lead(session, OPERATOR, sent, "declined", note=note)
            assert lead(session, OPERATOR, sent, "declined", note="档期已满").enquiry.state == "declined"
            assert read_enquiry(session, OWNER, sent.id).entries[-1].text == "档期已满"

    def test_who_saw_an_older_version_is_told(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            move_enquiry(session, OPERATOR, sent.id, "read", TODAY, version=1)
            with pytest.raises(Outdated):
                move_enquiry(session, OPERATOR, sent.id, "answered", TODAY, version=1)
            assert move_enquiry(session, OPERATOR, sent.id, "answered", TODAY, version=2).enquiry.version == 3

    @pytest.mark.parametrize(
        ("actor", "scope", "passes"),
        [
            (OWNER, "needs", "withdrawn"),
            (OWNER, "listings", None),
            (OWNER, "read", None),
            (OPERATOR, "listings", "read"),
            (OPERATOR, "needs", None),
            (ADMIN, "admin", "declined"),
        ],
    )
    def test_keys_act_as_their_scope_lets(
        self,
        scene: Database,  # noqa: F811
        actor: Actor,
        scope: str,
        passes: EnquiryState | None,
    ) -> None:
        keyed = replace(actor, scopes=frozenset({scope}))  # type: ignore[arg-type]  # scopes, as listed
        with scene.session() as session:
            sent = send(session)
            if passes is not None:
                assert lead(session, keyed, sent, passes).enquiry.state == passes
                return
            with pytest.raises(Forbidden):
                lead(session, keyed, sent, "withdrawn" if actor is OWNER else "read")
            with pytest.raises(Forbidden):
                write_message(session, keyed, sent.id, "您好", TODAY)


class TestMessages:
    def test_the_operator_s_first_words_answer(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            assert write_message(session, OWNER, sent.id, "补充一句", TODAY).enquiry.state == "sent"
            answered = write_message(session, OPERATOR, sent.id, " 欢迎 ", TODAY)
            assert (answered.what, answered.enquiry.state) == ("answered", "answered")
            assert write_message(session, OPERATOR, sent.id, "何时来?", TODAY).what == "message"
            assert write_message(session, ADMIN, sent.id, "请双方留意", TODAY).side == "platform"
            entries = read_enquiry(session, OWNER, sent.id).entries
        assert [one.what for one in entries] == ["sent", "message", "answered", "message", "message"]
        assert [one.text for one in entries] == [None, "补充一句", "欢迎", "何时来?", "请双方留意"]

    def test_words_are_needed_and_an_end_is_an_end(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            with pytest.raises(InvalidInput, match="不能为空"):
                write_message(session, OWNER, sent.id, " ", TODAY)
            lead(session, OWNER, sent, "withdrawn")
            for actor in (OWNER, OPERATOR, ADMIN):
                with pytest.raises(Conflict, match="已结束"):
                    write_message(session, actor, sent.id, "您好", TODAY)

    def test_the_audit_log_holds_no_words(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, text="机密甲")
            write_message(session, OPERATOR, sent.id, "机密乙", TODAY)
            lead(session, OPERATOR, sent, "declined", note="机密丙")
            audited = str(read_audit(session, about_id=sent.id))
        assert "机密" not in audited
        assert "21234567" not in audited


class TestForwarding:
    def unclaimed(self, session: Session) -> Enquiry:
        return send(session, "L-free")

    def test_the_platform_hands_it_to_an_organisation(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = self.unclaimed(session)
            lead(session, ADMIN, sent, "read")
            step = forward_enquiry(session, ADMIN, sent.id, organisation_id="org-b", note="请联系", version=2)
            assert (step.what, step.side, step.enquiry.organisation_id) == ("forwarded", "platform", "org-b")
            # It was the platform that had read it.
            assert step.enquiry.state == "sent"
            assert lead(session, OTHER, sent, "read").enquiry.state == "read"
            with pytest.raises(NotFound):
                lead(session, OPERATOR, sent, "answered")

    def test_by_itself_to_whoever_has_claimed_the_listing_since(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = self.unclaimed(session)
            with pytest.raises(InvalidInput, match="暂无人认领"):
                forward_enquiry(session, ADMIN, sent.id)
            session.execute(update(ListingRow).where(ListingRow.id == "L-free").values(organisation_id="org-a"))
            assert read_enquiry(session, ADMIN, sent.id).claimed_by == "org-a"
            assert forward_enquiry(session, ADMIN, sent.id).enquiry.organisation_id == "org-a"

    def test_the_platform_answers_what_it_keeps(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = self.unclaimed(session)
            assert write_message(session, ADMIN, sent.id, "正在联系", TODAY).enquiry.state == "answered"
            done = lead(session, ADMIN, sent, "visiting", "contracted", "completed")
            assert (done.enquiry.state, done.side) == ("completed", "platform")

    @pytest.mark.parametrize("actor", [OWNER, OPERATOR, BROKER, replace(ADMIN, scopes=frozenset({"read"}))])
    def test_admins_only(self, scene: Database, actor: Actor) -> None:  # noqa: F811
        with scene.session() as session:
            sent = self.unclaimed(session)
            with pytest.raises(Forbidden):
                forward_enquiry(session, actor, sent.id, organisation_id="org-b")

    def test_what_can_t_be_forwarded(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            with pytest.raises(Conflict, match="已有单位受理"):
                forward_enquiry(session, ADMIN, send(session).id, organisation_id="org-b")
            sent = self.unclaimed(session)
            for nobody in ("org-none", "a\x00"):
                with pytest.raises(InvalidInput, match="没有这个单位"):
                    forward_enquiry(session, ADMIN, sent.id, organisation_id=nobody)
            with pytest.raises(Outdated):
                forward_enquiry(session, ADMIN, sent.id, organisation_id="org-b", version=9)
            lead(session, OWNER, sent, "withdrawn")
            with pytest.raises(Conflict, match="已结束"):
                forward_enquiry(session, ADMIN, sent.id, organisation_id="org-b")
            with pytest.raises(NotFound):
                forward_enquiry(session, ADMIN, "enq-none", organisation_id="org-b")


def test_a_failed_step_leaves_nothing(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        sent = send(session)
    with pytest.raises(Conflict), scene.session() as session:
        lead(session, OPERATOR, sent, "read", "visiting")
    with scene.reading() as session:
        assert session.get_one(EnquiryRow, sent.id).state == "sent"
        assert session.scalar(select(func.count()).select_from(EnquiryEntryRow)) == 1
