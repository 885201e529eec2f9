"""What the gate found, kept."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database, Session
from matcher.catalogue.gates import StoredGate, gate, gates_of, store_gate
from matcher.catalogue.profiles.allowance import latest_gate
from matcher.catalogue.profiles.drafts import create, get
from matcher.catalogue.profiles.publishing import publish
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.errors import NotFound
from matcher.ranking.documents import Document
from tests.matcher.evaluation.small_judged import CONTRARY
from tests.matcher.small import PROFILE

ADMIN = Actor("u-1", "admin")
REPORT: dict[str, Any] = {"verdict": "blocked", "why": "变差", "overall": [{"difference": -0.0123, "low": None}]}


def two(session: Session) -> tuple[StoredProfile, StoredProfile]:
    published = create(session, ADMIN, "default", Document(PROFILE), "随附")
    publish(session, ADMIN, published.id, "首次")
    return published, create(session, ADMIN, "city", Document(CONTRARY), "试")


def store(session: Session, draft: StoredProfile, against: StoredProfile, verdict: str = "blocked") -> StoredGate:
    return store_gate(session, ADMIN, draft.id, against.id, "dev@0123", verdict, REPORT)


def test_a_run_is_kept_as_it_was_and_the_draft_counts_as_evaluated(database: Database) -> None:
    with database.session() as session:
        published, draft = two(session)
        stored = store(session, draft, published)
    with database.reading() as session:
        assert gate(session, stored.id) == stored
        assert stored.report == REPORT
        assert (stored.verdict, stored.judgement_set, stored.user_id) == ("blocked", "dev@0123", "u-1")
        assert get(session, draft.id).state == "evaluated"
        entry = read_audit(session, action="profile.gate")[0]
        assert entry.about_id == draft.id
        assert entry.details["verdict"] == "blocked"


def test_the_latest_decides_and_comes_first(database: Database) -> None:
    with database.session() as session:
        published, draft = two(session)
        stored = [store(session, draft, published, verdict) for verdict in ("too_few", "blocked", "passed")]
    with database.reading() as session:
        total, found = gates_of(session, draft.id)
        assert (total, {one.id for one in found}) == (3, {one.id for one in stored})
        assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
        latest = latest_gate(session, draft.id, published.id)
        assert latest is not None
        assert latest.id == found[0].id
        assert [one.id for one in gates_of(session, draft.id, 1, 1)[1]] == [found[1].id]
        assert gates_of(session, published.id) == (0, [])


def test_a_published_profile_stays_so(database: Database) -> None:
    with database.session() as session:
        published, _ = two(session)
        store(session, published, published, "passed")
        assert get(session, published.id).state == "published"


def test_what_is_not_there(database: Database) -> None:
    with database.session() as session:
        published, _ = two(session)
        with pytest.raises(NotFound):
            store_gate(session, ADMIN, "none", published.id, "s", "passed", {})
        with pytest.raises(NotFound):
            gates_of(session, "none")
        with pytest.raises(NotFound):
            gate(session, "none")
        with pytest.raises(ValueError, match="maybe"):
            store_gate(session, ADMIN, published.id, None, "s", "maybe", {})
