"""Single fields of a need, shown by an enquiry: to its receiver, in the enquiry, for as long as it goes on."""

from __future__ import annotations

import pytest

from matcher.catalogue.access import Actor
from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries.sharing import shared_fields
from matcher.catalogue.enquiries.store import forward_enquiry
from matcher.catalogue.enquiries.views import read_enquiry
from matcher.catalogue.needs.board import seen_needs
from matcher.catalogue.needs.consents import consents, give_consent, take_back_consent
from matcher.catalogue.needs.rows import consented, consented_needs
from matcher.catalogue.needs.store import read_need
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.errors import NotFound
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    ADMIN,
    OPERATOR,
    OTHER,
    OWNER,
    TODAY,
    database,
    keep,
    lead,
    noon,
    peopled,
    scene,
    send,
)

CONTENT = {"text": "代号丁,酶制剂", "industry": ["生物制造"], "province": "广东省", "city": "东莞市", "budget_wan": 80}
LEVELS = {"industry": "public", "province": "signed_in", "city": "chosen"}


def private(session: Session, *, listed: bool = False) -> StoredNeed:
    """A need that shows its industry, its province to who is signed in, its city to chosen ones, and nothing else."""
    return keep(session, CONTENT, listed=listed, visibility=LEVELS)


def fields_seen(session: Session, enquiry_id: str, actor: Actor = OPERATOR) -> set[str]:
    need = read_enquiry(session, actor, enquiry_id).need
    assert need is not None
    return {name for name, value in need.fields.items() if value not in (None, [], "")}


class TestWhatIsShown:
    def test_what_is_open_anyway_and_what_was_ticked(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            plain = send(session, "L-a", need_id=need.id)
            assert fields_seen(session, plain.id) == {"industry", "province"}
            more = send(session, "L-b", need_id=need.id, share=("budget_wan",))
            assert fields_seen(session, more.id, OTHER) == {"industry", "province", "budget_wan"}
            assert fields_seen(session, plain.id) == {"industry", "province"}

    def test_the_rest_is_hidden_and_named_as_such(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            sent = send(session, need_id=private(session).id, share=("budget_wan",))
            need = read_enquiry(session, OPERATOR, sent.id).need
        assert need is not None
        assert {"text", "city", "deadline"} <= set(need.hidden)
        assert "代号丁" not in str(need)

    def test_nowhere_but_in_the_enquiry(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            send(session, need_id=need.id, share=("text", "city", "budget_wan"))
            assert seen_needs(session, OPERATOR, TODAY) == []
            with pytest.raises(NotFound):
                read_need(session, OPERATOR, need.id, TODAY)
            assert consented(session, need.id) == frozenset()
            assert consented_needs(session, "org-a") == frozenset()

    def test_a_listed_need_shows_no_more_on_the_wall(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session, listed=True)
            before = read_need(session, OPERATOR, need.id, TODAY)
            send(session, need_id=need.id, share=("text", "city"))
            assert isinstance(before, SeenNeed)
            assert read_need(session, OPERATOR, need.id, TODAY) == before

    def test_what_the_platform_keeps_goes_with_it_when_it_is_handed_on(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            sent = send(session, "L-free", need_id=need.id, share=("budget_wan",))
            assert fields_seen(session, sent.id, ADMIN) == {"industry", "province", "budget_wan"}
            assert consents(session, OWNER, need.id, TODAY) == ()
            forward_enquiry(session, ADMIN, sent.id, organisation_id="org-b")
            assert fields_seen(session, sent.id, OTHER) == {"industry", "province", "budget_wan"}
            assert [one.organisation_id for one in consents(session, OWNER, need.id, TODAY)] == ["org-b"]


class TestConsents:
    def test_it_is_listed_among_them(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            send(session, need_id=need.id, share=("text", "budget_wan"))
            found = consents(session, OWNER, need.id, TODAY)
        assert [(one.organisation_id, one.chosen, one.fields) for one in found] == [
            ("org-a", False, ("text", "budget_wan"))
        ]

    def test_a_consent_to_the_chosen_fields_stands_beside_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            sent = send(session, need_id=need.id, share=("budget_wan",))
            given = give_consent(session, OWNER, need.id, "org-a", TODAY)
            assert (given.chosen, given.fields) == (True, ("budget_wan",))
            assert fields_seen(session, sent.id) == {"industry", "province", "city", "budget_wan"}
            lead(session, OWNER, sent, "withdrawn")
            found = consents(session, OWNER, need.id, TODAY)
            assert [(one.chosen, one.fields) for one in found] == [(True, ())]
            assert consented(session, need.id) == {"org-a"}

    def test_sharing_takes_nothing_from_an_earlier_consent(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            give_consent(session, OWNER, need.id, "org-a", TODAY)
            send(session, need_id=need.id, share=("budget_wan",))
            assert consented(session, need.id) == {"org-a"}
            assert shared_fields(session, need.id, "org-a") == {"budget_wan"}

    def test_taken_back_it_is_gone_from_the_enquiry_too(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            sent = send(session, need_id=need.id, share=("budget_wan",))
            take_back_consent(session, OWNER, need.id, "org-a", TODAY)
            assert fields_seen(session, sent.id) == {"industry", "province"}


class TestTheEnd:
    @pytest.mark.parametrize(("actor", "state"), [(OWNER, "withdrawn"), (OPERATOR, "declined")])
    def test_what_came_to_nothing_shows_nothing_more(self, scene: Database, actor: Actor, state: str) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            sent = send(session, need_id=need.id, share=("budget_wan",))
            lead(session, actor, sent, state)  # type: ignore[arg-type]  # states, as listed
            assert consents(session, OWNER, need.id, TODAY) == ()
            assert shared_fields(session, need.id, "org-a") == frozenset()

    def test_what_another_enquiry_shares_stays(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            first = send(session, "L-a", need_id=need.id, share=("budget_wan", "text"))
            second = send(session, "L-a2", need_id=need.id, share=("text", "city"))
            lead(session, OWNER, first, "withdrawn")
            assert shared_fields(session, need.id, "org-a") == {"text", "city"}
            lead(session, OWNER, second, "withdrawn")
            assert shared_fields(session, need.id, "org-a") == frozenset()

    def test_what_was_taken_back_does_not_return(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            first = send(session, "L-a", need_id=need.id, share=("text",))
            send(session, "L-a2", need_id=need.id, share=("text",))
            take_back_consent(session, OWNER, need.id, "org-a", TODAY)
            lead(session, OWNER, first, "withdrawn")
            assert shared_fields(session, need.id, "org-a") == frozenset()

    def test_a_contract_keeps_it(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            need = private(session)
            sent = send(session, need_id=need.id, share=("text",))
            lead(session, OPERATOR, sent, "answered")
            lead(session, OWNER, sent, "contracted", "completed")
            assert "text" in fields_seen(session, sent.id)
