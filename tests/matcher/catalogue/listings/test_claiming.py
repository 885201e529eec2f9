"""What an admin imports goes to the organisation that is called as its operator is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.importable import preview_file
from matcher.catalogue.listings.imports import Import, confirm, keep_preview
from matcher.catalogue.listings_file import line_of
from matcher.catalogue.tables.accounts import OrganisationRow, UserRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Listing
from tests.matcher.catalogue.listings.conftest import ADMIN, CONTENT, OPERATOR, OTHER

FIRST = replace(CONTENT, id="PF-1", name="珠江发酵平台", operator="珠江生物(东莞)有限公司", level=None)


@pytest.fixture
def named(people: Database) -> Database:
    """Two organisations by their registered names, and accounts that imports belong to."""
    with people.session() as session:
        for key, name in ((OPERATOR.organisation_id, "珠江生物(东莞)有限公司"), (OTHER.organisation_id, "太湖微电子")):
            session.execute(update(OrganisationRow).where(OrganisationRow.id == key).values(name=name))
        for actor in (ADMIN, OPERATOR, OTHER):
            fields = {"email": f"{actor.user_id}@example.cn", "name": "某人", "organisation_id": actor.organisation_id}
            session.add(UserRow(id=actor.user_id or "", role=actor.role or "", **fields))
    return people


def imported(session: Session, listings: Sequence[Listing], actor: Actor = ADMIN, org: str | None = None) -> Import:
    data = "\n".join(map(line_of, listings)).encode()
    found = preview_file(session, actor, "表.jsonl", data, org)
    kept = keep_preview(session, actor, found, org)
    confirm(session, actor, kept.id, {}, suggestions=True)
    return kept


def owners(session: Session) -> dict[str, str | None]:
    return {row[0]: row[1] for row in session.execute(select(ListingRow.id, ListingRow.organisation_id))}


def test_by_the_operator_s_name_however_it_is_typed(named: Database) -> None:
    rows = [
        replace(FIRST, name="甲平台"),
        replace(FIRST, id="PF-2", name="乙平台", operator="珠江生物 (东莞)有限公司"),
        replace(FIRST, id="PF-3", name="丙平台", operator="太湖微电子"),
        replace(FIRST, id="PF-4", name="丁平台", operator="太湖微电子研究所"),
        replace(FIRST, id="PF-5", name="戊平台", operator="珠江生物(东莞)有限公司、太湖微电子"),
        replace(FIRST, id="PF-6", name="己平台", operator=None),
    ]
    with named.session() as session:
        kept = imported(session, rows)
        assert owners(session) == {
            "PF-1": OPERATOR.organisation_id,
            "PF-2": OPERATOR.organisation_id,
            "PF-3": OTHER.organisation_id,
            "PF-4": None,
            "PF-5": None,
            "PF-6": None,
        }
    assert "运营单位与已登记单位同名的有 3 行,确认后划归该单位(已有归属的不变)" in kept.summary["notes"]


def test_a_listing_that_nobody_had_is_claimed_when_it_changes(named: Database) -> None:
    with named.session() as session:
        put_many(session, [FIRST, replace(FIRST, id="PF-2", name="乙平台")], ADMIN)
        put_many(session, [replace(FIRST, id="PF-3", name="丙平台")], ADMIN, organisation_id=OTHER.organisation_id)
        changed = [
            replace(FIRST, id=one, name=name, summary="新的简介")
            for one, name in (("PF-1", FIRST.name), ("PF-3", "丙平台"))
        ]
        imported(session, [*changed, replace(FIRST, id="PF-2", name="乙平台")])
        assert owners(session) == {"PF-1": OPERATOR.organisation_id, "PF-2": None, "PF-3": OTHER.organisation_id}
        audited = read_audit(session, action="listing.assign")
    assert [(one.about_id, one.details["organisation_id"]) for one in audited] == [("PF-1", OPERATOR.organisation_id)]


def test_an_organisation_that_the_admin_names_wins(named: Database) -> None:
    with named.session() as session:
        kept = imported(session, [FIRST], org=OTHER.organisation_id)
        assert owners(session) == {"PF-1": OTHER.organisation_id}
    assert not any("同名" in note for note in kept.summary["notes"])


def test_an_operator_gives_nothing_to_others(named: Database) -> None:
    with named.session() as session:
        imported(session, [replace(FIRST, operator="太湖微电子")], OPERATOR)
        assert set(owners(session).values()) == {OPERATOR.organisation_id}


def test_organisations_that_are_off_or_called_the_same_claim_nothing(named: Database) -> None:
    with named.session() as session:
        session.add(OrganisationRow(id="org-twin", name="太湖 微电子"))
        session.execute(
            update(OrganisationRow).where(OrganisationRow.id == OPERATOR.organisation_id).values(active=False)
        )
        imported(session, [FIRST, replace(FIRST, id="PF-2", name="乙平台", operator="太湖微电子")])
        assert owners(session) == {"PF-1": None, "PF-2": None}
