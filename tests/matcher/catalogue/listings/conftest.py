"""Both kinds of database for every test of this folder, and people who act on listings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.catalogue.access import Actor
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.records import Listing
from tests.databases import database
from tests.matcher.small import LISTINGS

__all__ = ["database"]

ADMIN = Actor("u-admin", "admin")
OPERATOR = Actor("u-one", "operator", "o-one")
OTHER = Actor("u-two", "operator", "o-two")
REQUESTER = Actor("u-three", "requester", "o-three")
BROKER = Actor("u-four", "broker", "o-one")
#: Without an id and without what only admins set.
CONTENT: Listing = replace(LISTINGS[0], id="", level=None)


@pytest.fixture
def people(database: Database) -> Database:
    """The database with the organisations of these people."""
    with database.session() as session:
        for name in ("one", "two", "three"):
            session.add(OrganisationRow(id=f"o-{name}", name=f"单位 {name}"))
    return database
