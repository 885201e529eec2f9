"""The operator's desk and the page of needs hold needs against the listings that everybody sees, and say the same."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from api.portal.desks import fitting as module
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Listing
from tests.api.fitting_people import offering  # noqa: F401
from tests.api.people import People
from tests.api.test_fitting_needs import FERMENTING, publish
from tests.databases import database  # noqa: F401

NONE = "现在没有与您的条目相合的公开需求"


def drafts(people: People, count: int) -> None:
    """Listings that come before all others by their ids and that nobody sees."""
    with people.database.session() as session:
        made = [Listing(f"A-{number}", "platform", f"草稿 {number}") for number in range(count)]
        put_many(session, made, CONSOLE, state="draft", organisation_id=people.orgs["org"])


def desk(people: People, path: str = "/operator") -> str:
    answer = people.operator.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<main")[2]


def test_drafts_do_not_stand_before_what_is_published(offering: People) -> None:  # noqa: F811
    need = publish(offering, FERMENTING)
    drafts(offering, 60)
    assert f'href="/operator/needs/{need}?listing=PF-1"' in desk(offering)
    assert f'href="/operator/needs/{need}?listing=PF-1"' in desk(offering, "/operator/needs")
    assert NONE not in desk(offering)


def test_a_need_of_a_late_listing_is_found(
    offering: People,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need = publish(offering, {"text": "中试放大", "kinds": ["platform"]})
    monkeypatch.setattr(module, "STEP", 1)
    found = desk(offering)
    assert need in found
    assert NONE not in found


def test_a_listing_that_an_admin_hid_is_not_asked_for(offering: People) -> None:  # noqa: F811
    publish(offering, FERMENTING)
    with offering.database.session() as session:
        session.execute(update(ListingRow).where(ListingRow.organisation_id.is_not(None)).values(hidden=True))
    assert NONE in desk(offering)


def test_whoever_has_more_than_is_looked_at_is_told(
    offering: People,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "HELD_AGAINST", 1)
    assert "前 1 个条目没有相合的公开需求" in desk(offering)
    monkeypatch.undo()
    assert NONE in desk(offering)
