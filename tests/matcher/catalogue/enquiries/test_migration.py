"""What was there before enquiries had their tables: consents keep their meaning, up and down."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from matcher.catalogue.database import Database
from matcher.catalogue.needs.rows import consented
from matcher.catalogue.tables.enquiries import EnquiryRow
from tests.databases import BACKENDS, fresh_url

BEFORE = """
INSERT INTO organisations (id, name, active, version, created_at, updated_at) VALUES ('o', 'O', {yes}, 1, {at}, {at});
INSERT INTO users (id, email, name, role, email_verified, active, language, version, created_at, updated_at)
 VALUES ('u', 'u@x.cn', 'U', 'requester', {yes}, {yes}, 'zh-CN', 1, {at}, {at});
INSERT INTO listings (id, kind, state, name, hidden, changed, version, created_at, updated_at, provenance, fields,
 words) VALUES ('l', 'platform', 'published', 'L', {no}, {no}, 1, {at}, {at}, '{{}}', '{{}}', '');
INSERT INTO needs (id, user_id, state, fields, visibility, listed, version, created_at, updated_at)
 VALUES ('n', 'u', 'published', '{{}}', '{{}}', {no}, 1, {at}, {at});
INSERT INTO consents (need_id, organisation_id, at) VALUES ('n', 'o', {at});
INSERT INTO enquiries (id, need_id, listing_id, user_id, state, message, version, created_at, updated_at)
 VALUES ('e', 'n', 'l', 'u', 'sent', '您好', 1, {at}, {at}), ('f', NULL, 'l', 'u', 'sent', '又', 1, {at}, {at});
"""


@pytest.fixture(params=BACKENDS)
def old(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A database of before, with a consent and two enquiries in it."""
    opened = Database(fresh_url(request.param, tmp_path, migrated=False))
    opened.migrate("0002")
    values = {"yes": "true", "no": "false", "at": "'2026-11-01 00:00:00'"}
    with opened.engine.begin() as connection:
        for statement in BEFORE.format(**values).strip().split(";\n"):
            connection.execute(text(statement.rstrip(";")))
    yield opened
    opened.dispose()


def test_consents_are_to_all_chosen_fields_and_enquiries_are_about_need_or_sender(old: Database) -> None:
    old.migrate()
    with old.session() as session:
        assert consented(session, "n") == {"o"}
        found = {one: session.get_one(EnquiryRow, one) for one in ("e", "f")}
        said = {(row.subject, row.text, row.by_broker, *row.share) for row in found.values()}
        assert said == {("n", "您好", False), ("u", "又", False)}


def test_down_again_consents_to_single_fields_are_dropped_and_not_widened(old: Database) -> None:
    old.migrate()
    with old.engine.begin() as connection:
        connection.execute(text("UPDATE consents SET chosen = false"))
        connection.execute(text("UPDATE enquiries SET state = 'withdrawn', need_id = 'n'"))
    old.migrate("0002")
    with old.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM consents")).scalar_one() == 0
        # Two about the same thing can't both stay.
        assert connection.execute(text("SELECT id, message FROM enquiries")).all() == [("e", "您好")]
    old.migrate()
