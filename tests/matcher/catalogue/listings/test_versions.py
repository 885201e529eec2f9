"""Every version is kept; differences; taking one back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.database import Database
from matcher.catalogue.listings.store import create, edit, perform
from matcher.catalogue.listings.versions import (
    Difference,
    changes_to_approve,
    differences,
    take_back,
    version_of,
    versions_of,
)
from matcher.errors import Forbidden, NotFound, NotSignedIn
from matcher.terms import Terms
from tests.matcher.catalogue.listings.conftest import ADMIN, CONTENT, OPERATOR, OTHER, REQUESTER


@pytest.fixture
def edited(people: Database) -> tuple[Database, str]:
    """Approved as version 3, edited as version 4."""
    with people.session() as session:
        listing_id = create(session, OPERATOR, CONTENT).listing.id
        perform(session, OPERATOR, listing_id, "submit")
        perform(session, ADMIN, listing_id, "approve")
        changed = replace(CONTENT, summary="新的", terms=Terms(queue_days=14, insurance="有"))
        edit(session, OPERATOR, listing_id, changed, seen=3)
    return people, listing_id


def test_all_of_them_latest_first(edited: tuple[Database, str]) -> None:
    database, listing_id = edited
    with database.reading() as session:
        found = versions_of(session, OPERATOR, listing_id)
    assert [(one.version, one.act, one.state, one.user_id) for one in found] == [
        (4, "edit", "approved", "u-one"),
        (3, "approve", "approved", "u-admin"),
        (2, "submit", "submitted", "u-one"),
        (1, "create", "draft", "u-one"),
    ]
    assert [one.fields["summary"] for one in found] == ["新的", *[CONTENT.summary] * 3]


def test_what_an_approver_compares(edited: tuple[Database, str]) -> None:
    database, listing_id = edited
    with database.session() as session:
        assert changes_to_approve(session, ADMIN, listing_id) == [
            Difference("summary", CONTENT.summary, "新的"),
            Difference("terms.queue_days", None, 14),
            Difference("terms.insurance", None, "有"),
        ]
        perform(session, ADMIN, listing_id, "approve", seen=4)
        assert changes_to_approve(session, ADMIN, listing_id) == []


def test_before_the_first_approval_everything_is_new(people: Database) -> None:
    with people.session() as session:
        listing_id = create(session, OPERATOR, CONTENT).listing.id
        found = {one.field: one.after for one in changes_to_approve(session, ADMIN, listing_id)}
    assert found["name"] == CONTENT.name
    assert "id" not in found
    assert all(one not in (None, "", []) for one in found.values())


def test_taken_back(edited: tuple[Database, str]) -> None:
    database, listing_id = edited
    with database.session() as session:
        back = take_back(session, OPERATOR, listing_id, 1, seen=4)
        assert (back.version, back.listing) == (5, replace(CONTENT, id=listing_id))
        assert versions_of(session, OPERATOR, listing_id)[0].act == "take_back"


def test_what_was_granted_is_not_taken_back_by_its_operator(edited: tuple[Database, str]) -> None:
    database, listing_id = edited
    with database.session() as session:
        edit(session, ADMIN, listing_id, replace(CONTENT, level="省级", terms=Terms(tier="province")), seen=4)
        back = take_back(session, OPERATOR, listing_id, 4, seen=5)
        assert (back.listing.level, back.listing.terms.tier, back.listing.terms.queue_days) == ("省级", "province", 14)


def test_who_may_not_read_them(edited: tuple[Database, str]) -> None:
    database, listing_id = edited
    with database.session() as session:
        perform(session, OPERATOR, listing_id, "publish")
        for actor, error in ((ANONYMOUS, NotSignedIn), (REQUESTER, Forbidden), (OTHER, Forbidden)):
            with pytest.raises(error):
                versions_of(session, actor, listing_id)


@pytest.mark.parametrize("number", [0, 9, -1, 2**31, 10**30])
def test_a_version_that_is_not_there(edited: tuple[Database, str], number: int) -> None:
    database, listing_id = edited
    with pytest.raises(NotFound), database.reading() as session:
        version_of(session, OPERATOR, listing_id, number)


def test_differences_pass_over_what_says_nothing() -> None:
    assert differences({"name": "甲", "city": None, "services": []}, {"name": "甲", "terms": {}}) == []
    assert differences({"terms": {"lead_days": 3}}, {}) == [Difference("terms.lead_days", 3, None)]
