"""What each side sees of an enquiry, and that nobody else sees any of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.enquiries.records import Contact, SeenListing
from matcher.catalogue.enquiries.store import forward_enquiry
from matcher.catalogue.enquiries.views import EnquiryFilter, page_of_enquiries, read_enquiry
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Forbidden, NotFound, NotSignedIn
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    ADMIN,
    BROKER,
    CONTACT,
    OPERATOR,
    OTHER,
    OWNER,
    STRANGERS,
    database,
    keep,
    lead,
    noon,
    peopled,
    scene,
    send,
)


class TestOne:
    def test_both_sides_and_the_platform_see_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = keep(session)
            sent = send(session, need_id=need.id, share=("budget_wan",))
            own, got, kept = (read_enquiry(session, actor, sent.id) for actor in (OWNER, OPERATOR, ADMIN))
        assert [one.side for one in (own, got, kept)] == ["requester", "operator", "platform"]
        for one in (own, got, kept):
            assert one.listing == SeenListing("L-a", "platform", "名称L-a", one.listing.operator)
            assert (one.organisation, one.text, one.contact) == (("org-a", "甲平台"), "想看现场", CONTACT)
            assert one.need is not None
        assert [(one.need_id, one.share) for one in (own, got, kept)] == [
            (need.id, ("budget_wan",)), (None, None), (need.id, ("budget_wan",)),
        ]  # fmt: skip
        assert [one.moves for one in (own, got, kept)] == [
            ("withdrawn",), ("read", "answered", "declined"), ("declined",),
        ]  # fmt: skip

    def test_nobody_else_sees_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            with pytest.raises(NotFound) as nothing:
                read_enquiry(session, OTHER, "enq-none")
            for actor in STRANGERS[1:]:
                with pytest.raises(NotFound) as caught:
                    read_enquiry(session, actor, sent.id)
                assert str(caught.value) == str(nothing.value).replace("enq-none", sent.id)
            with pytest.raises(NotSignedIn):
                read_enquiry(session, Actor(), sent.id)

    def test_requesters_of_the_operator_s_organisation_do_not_see_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            for role in ("requester", "broker"):
                with pytest.raises(NotFound):
                    read_enquiry(session, Actor("user-x", role, "org-a"), sent.id)

    def test_an_admin_s_look_is_audited_and_nobody_else_s(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            for actor in (OWNER, OPERATOR, ADMIN):
                read_enquiry(session, actor, sent.id)
            looks = [one.user_id for one in read_audit(session, action="enquiry.read")]
        assert looks == [ADMIN.user_id]

    @pytest.mark.parametrize("by", [OWNER, OPERATOR], ids=("withdrawn", "declined"))
    def test_contact_and_need_go_when_it_comes_to_nothing(self, scene: Database, by: Actor) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, need_id=keep(session).id, share=("text",))
            lead(session, by, sent, "withdrawn" if by is OWNER else "declined")
            got, own = read_enquiry(session, OPERATOR, sent.id), read_enquiry(session, OWNER, sent.id)
        assert (got.contact, got.need) == (None, None)
        assert own.contact == CONTACT

    def test_nobody_has_to_say_how_to_be_reached(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, contact=Contact())
            assert read_enquiry(session, OPERATOR, sent.id).contact == Contact()

    def test_what_is_kept_for_the_platform_is_nobody_s_but_the_sender_s(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, "L-free")
            assert read_enquiry(session, OWNER, sent.id).organisation is None
            for actor in (OPERATOR, OTHER, BROKER, Actor("user-x", "operator", None)):
                with pytest.raises(NotFound):
                    read_enquiry(session, actor, sent.id)

    def test_a_listing_out_of_sight_is_an_id_to_who_may_not_see_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            session.execute(update(ListingRow).where(ListingRow.id == "L-a").values(hidden=True))
            assert read_enquiry(session, OWNER, sent.id).listing == SeenListing("L-a")
            assert read_enquiry(session, OPERATOR, sent.id).listing.name == "名称L-a"
            session.execute(update(ListingRow).where(ListingRow.id == "L-a").values(organisation_id="org-b"))
            # The enquiry stays with whom it was sent to, the listing does not.
            assert read_enquiry(session, OPERATOR, sent.id).listing == SeenListing("L-a")
            with pytest.raises(NotFound):
                read_enquiry(session, OTHER, sent.id)

    def test_a_key_may_read_with_the_scope(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session)
            for actor, scope, may in (
                (OWNER, "read", True), (OWNER, "needs", False), (OPERATOR, "read", True),
                (OPERATOR, "listings", False), (ADMIN, "admin", True),
            ):  # fmt: skip
                keyed = replace(actor, scopes=frozenset({scope}))  # type: ignore[arg-type]  # scopes, as listed
                if may:
                    assert read_enquiry(session, keyed, sent.id).id == sent.id
                else:
                    with pytest.raises(Forbidden):
                        read_enquiry(session, keyed, sent.id)
            # An admin's key for reading is nobody's here: it is not the platform, and sent nothing.
            with pytest.raises(NotFound):
                read_enquiry(session, replace(ADMIN, scopes=frozenset({"read"})), sent.id)


class TestPages:
    def ids(self, database: Database, actor: Actor, **wanted: object) -> set[str]:  # noqa: F811
        with database.session() as session:
            found = page_of_enquiries(session, actor, EnquiryFilter(**wanted))  # type: ignore[arg-type]  # as named
        assert found.total == len(found.enquiries)
        return {one.listing.id for one in found.enquiries}

    def test_each_sees_their_own(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            for listing_id in ("L-a", "L-b", "L-free"):
                send(session, listing_id)
            send(session, "L-a2", actor=BROKER)
        assert self.ids(scene, OWNER) == {"L-a", "L-b", "L-free"}
        assert self.ids(scene, OPERATOR) == {"L-a", "L-a2"}
        assert self.ids(scene, OTHER) == {"L-b"}
        assert self.ids(scene, BROKER) == {"L-a2"}
        assert self.ids(scene, ADMIN) == {"L-a", "L-b", "L-free", "L-a2"}
        assert self.ids(scene, ADMIN, box="queue") == {"L-free"}
        assert self.ids(scene, ADMIN, box="sent") == set()
        assert self.ids(scene, OWNER, box="received") == set()
        assert self.ids(scene, OPERATOR, box="received", listing_id="L-a2") == {"L-a2"}

    def test_nothing_of_others_is_counted(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = keep(session)
            send(session, need_id=need.id)
            for actor in STRANGERS[1:]:
                for wanted in (EnquiryFilter(), EnquiryFilter(listing_id="L-a"), EnquiryFilter(need_id=need.id)):
                    found = page_of_enquiries(session, actor, wanted)
                    assert (found.total, found.states, found.enquiries) == (0, {}, ())
                with pytest.raises(Forbidden):
                    page_of_enquiries(session, actor, EnquiryFilter(box="queue"))
            with pytest.raises(NotSignedIn):
                page_of_enquiries(session, Actor())

    def test_which_need_stands_behind_it_is_not_found_out_by_asking(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = keep(session)
            send(session, need_id=need.id)
        assert self.ids(scene, OPERATOR, need_id=need.id) == set()
        assert self.ids(scene, OWNER, need_id=need.id) == {"L-a"}
        assert self.ids(scene, ADMIN, need_id=need.id) == {"L-a"}

    def test_states_are_counted_whatever_is_asked_for(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            lead(session, OPERATOR, send(session, "L-a"), "answered")
            send(session, "L-a2")
            found = page_of_enquiries(session, OPERATOR, EnquiryFilter(state="answered"))
        assert (found.total, found.states) == (1, {"answered": 1, "sent": 1})
        assert [one.listing.id for one in found.enquiries] == ["L-a"]

    def test_pages_hold_no_contact_data_and_no_need(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            send(session, need_id=keep(session).id, share=("text",))
            for actor in (OWNER, OPERATOR, ADMIN):
                one = page_of_enquiries(session, actor).enquiries[0]
                assert (one.contact, one.need, one.entries) == (None, None, ())
                assert "21234567" not in str(one)

    def test_pages_are_cut_and_hold_each_once(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = {send(session, listing_id).id for listing_id in ("L-a", "L-a2", "L-b", "L-free")}
            pages = [page_of_enquiries(session, OWNER, page=page, size=3) for page in (1, 2, 3)]
        assert [len(page.enquiries) for page in pages] == [3, 1, 0]
        assert {one.id for page in pages for one in page.enquiries} == sent
        assert {page.total for page in pages} == {4}

    def test_an_admin_s_look_at_others_is_audited(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, "L-free")
            forward_enquiry(session, ADMIN, sent.id, organisation_id="org-a")
            for actor in (OWNER, OPERATOR, ADMIN):
                page_of_enquiries(session, actor)
            page_of_enquiries(session, ADMIN, EnquiryFilter(box="sent"))
            assert [one.user_id for one in read_audit(session, action="enquiry.list")] == [ADMIN.user_id]
