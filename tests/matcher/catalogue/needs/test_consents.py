"""Consents: given by the requester alone, to organisations that are there, and taken back at once."""

from __future__ import annotations

import pytest

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database, Session
from matcher.catalogue.needs.consents import consents, give_consent, take_back_consent
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.rows import consented_needs
from matcher.catalogue.needs.store import read_need
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.errors import Conflict, Forbidden, NotFound, NotSignedIn
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.needs.people import (
    ADMIN,
    BROKER,
    COLLEAGUE,
    OPERATOR,
    OTHER,
    OWNER,
    TODAY,
    keep,
    peopled,  # noqa: F401
)


def may_read_text(session: Session, need_id: str) -> list[str]:
    found = []
    for actor in (COLLEAGUE, OPERATOR, OTHER, BROKER):
        need = read_need(session, actor, need_id, TODAY)
        assert isinstance(need, SeenNeed)
        found += [str(actor.user_id)] if "text" in need.fields else []
    return found


def test_consent_opens_the_chosen_fields_to_one_organisation_until_it_is_taken_back(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session, visibility={"text": "chosen"})
        assert may_read_text(session, need.id) == []
        given = give_consent(session, OWNER, need.id, "org-a", TODAY)
        assert (given.organisation_id, given.organisation) == ("org-a", "甲平台")
        assert may_read_text(session, need.id) == ["user-operator"]
        assert give_consent(session, OWNER, need.id, "org-a", TODAY) == given
        give_consent(session, OWNER, need.id, "org-c", TODAY)
        assert may_read_text(session, need.id) == ["user-operator", "user-broker"]
        assert [one.organisation for one in consents(session, OWNER, need.id, TODAY)] == ["丙经纪", "甲平台"]
        take_back_consent(session, OWNER, need.id, "org-a", TODAY)
        assert may_read_text(session, need.id) == ["user-broker"]
        assert consented_needs(session, "org-c") == {need.id}
        assert consented_needs(session, "org-a") == consented_needs(session, None) == frozenset()
        assert len(read_audit(session, action="need.consent")) == 2
        assert len(read_audit(session, action="need.consent_end")) == 1


@pytest.mark.parametrize("organisation_id", ["org-none", "", "org-\x00", "o" * 65, "' OR ''='"])
def test_organisations_that_are_not_there(peopled: Database, organisation_id: str) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        for act in (give_consent, take_back_consent):
            with pytest.raises(NotFound) as refused:
                act(session, OWNER, need.id, organisation_id, TODAY)
            assert refused.value.field == "organisation_id"


def test_an_organisation_that_left_is_not_consented_to(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        session.get_one(OrganisationRow, "org-a").active = False
        session.flush()
        with pytest.raises(NotFound):
            give_consent(session, OWNER, need.id, "org-a", TODAY)


def test_taking_back_what_was_not_given(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        with pytest.raises(NotFound):
            take_back_consent(session, OWNER, need.id, "org-a", TODAY)


def test_only_the_requester_consents_admins_may_look_and_end(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        give_consent(session, OWNER, need.id, "org-a", TODAY)
        for actor, error in ((ADMIN, Forbidden), (OPERATOR, Forbidden), (ANONYMOUS, NotSignedIn)):
            with pytest.raises(error):
                give_consent(session, actor, need.id, "org-b", TODAY)
        for actor, error in ((OPERATOR, Forbidden), (ANONYMOUS, NotSignedIn)):
            with pytest.raises(error):
                consents(session, actor, need.id, TODAY)
            with pytest.raises(error):
                take_back_consent(session, actor, need.id, "org-a", TODAY)
        consents(session, OWNER, need.id, TODAY)
        assert read_audit(session, action="need.read") == []
        assert len(consents(session, ADMIN, need.id, TODAY)) == 1
        assert [(one.user_id, one.about_id) for one in read_audit(session, action="need.read")] == [
            (ADMIN.user_id, need.id)
        ]
        take_back_consent(session, ADMIN, need.id, "org-a", TODAY)


def test_a_need_that_is_over_takes_no_consents(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        draft, need = keep(session, publish=False), keep(session)
        move_need(session, OWNER, need.id, 1, "close", TODAY)
        with pytest.raises(Conflict):
            give_consent(session, OWNER, need.id, "org-a", TODAY)
        assert give_consent(session, OWNER, draft.id, "org-a", TODAY).organisation_id == "org-a"
