"""Profiles in the database: immutable versions, one published, each switch whole, told to workers and to the ledger."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from matcher.catalogue import ledger
from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changed_after
from matcher.catalogue.database import Database, Session
from matcher.catalogue.profiles.drafts import create, find, get, mark_evaluated, versions
from matcher.catalogue.profiles.publishing import history, publish, published, rollback
from matcher.catalogue.profiles.seeding import seed
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound, PilotMatchError
from matcher.ranking.documents import Document
from tests.matcher.small import PROFILE

ADMIN = Actor("u-1", "admin")


def document(late: float = 20.0) -> Document:
    return Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))


def draft(session: Session, late: float = 20.0, name: str = "city", parent: str | None = None) -> StoredProfile:
    return create(session, ADMIN, name, document(late), "试一试", parent_id=parent)


class TestVersions:
    def test_each_edit_is_a_version_and_none_changes(self, database: Database) -> None:
        with database.session() as session:
            first = draft(session, 20.0)
            second = draft(session, 21.0, parent=first.id)
        with database.reading() as session:
            assert (first.version, second.version, second.parent_id) == (1, 2, first.id)
            assert get(session, first.id).document().profile.weights["late"] == 20.0
            assert get(session, second.id).document().profile.weights["late"] == 21.0
            assert [one.version for one in versions(session, "city")] == [2, 1]
            assert first.author_id == "u-1"
            assert first.reason == "试一试"
            assert first.label == "city 第 1 版"

    def test_people_name_the_latest_or_one_version_or_its_id(self, database: Database) -> None:
        with database.session() as session:
            first, second = draft(session, 20.0), draft(session, 21.0)
            assert find(session, "city").id == second.id
            assert find(session, "city@1").id == first.id
            assert find(session, first.id).id == first.id
            for unknown in ("town", "city@9", "city@x", "", "city@²"):
                with pytest.raises(NotFound):
                    find(session, unknown)
            with pytest.raises(NotFound):
                get(session, "x")

    def test_an_edit_that_changes_nothing_is_refused(self, database: Database) -> None:
        with database.session() as session:
            first = draft(session)
            with pytest.raises(Conflict, match="相同"):
                draft(session, parent=first.id)

    @pytest.mark.parametrize("name", ["", "City", "-a", "a b", "城市", "a" * 61, "a/b", "a@1", "../x"])
    def test_names_stand_in_addresses(self, database: Database, name: str) -> None:
        with database.session() as session, pytest.raises(InvalidInput) as caught:
            draft(session, name=name)
        assert caught.value.field == "name"

    @pytest.mark.parametrize("reason", ["", "  ", "长" * 2001])
    def test_a_reason_is_asked_for(self, database: Database, reason: str) -> None:
        with database.session() as session, pytest.raises(InvalidInput) as caught:
            create(session, ADMIN, "city", document(), reason)
        assert caught.value.field == "reason"

    def test_a_document_that_was_altered_in_the_database_is_found(self, database: Database) -> None:
        with database.session() as session:
            stored = draft(session)
            session.execute(update(ProfileRow).values(document=stored.text.replace("20.0", "90.0")))
        with database.reading() as session, pytest.raises(BrokenArtefact, match="被改动"):
            get(session, stored.id).document()

    def test_only_a_draft_becomes_evaluated(self, database: Database) -> None:
        with database.session() as session:
            one, other = draft(session), draft(session, 30.0)
            publish(session, ADMIN, other.id, "上线")
            mark_evaluated(session, one.id)
            mark_evaluated(session, other.id)
            mark_evaluated(session, "x")
            assert get(session, one.id).state == "evaluated"
            assert get(session, other.id).state == "published"


class TestPublishing:
    def test_one_takes_the_place_of_the_other(self, database: Database) -> None:
        with database.session() as session:
            assert published(session) is None
            first, second = draft(session, 20.0), draft(session, 21.0)
            publish(session, ADMIN, first.id, "首次")
        with database.session() as session:
            switch = publish(session, ADMIN, second.id, "更好", gate_id="g-1", second_id="u-2")
        with database.reading() as session:
            now = published(session)
            assert now is not None
            assert now.id == second.id
            assert now.published_at is not None
            assert get(session, first.id).state == "superseded"
            assert (switch.previous_id, switch.gate_id, switch.second_id) == (first.id, "g-1", "u-2")
            assert [one.profile_id for one in history(session)] == [second.id, first.id]

    def test_it_is_told_to_workers_to_the_audit_and_to_the_ledger(self, database: Database) -> None:
        with database.session() as session:
            first, second = draft(session, 20.0), draft(session, 21.0)
            publish(session, ADMIN, first.id, "首次")
            publish(session, ADMIN, second.id, "更好")
        with database.reading() as session:
            assert changed_after(session, 0, "profile")[1] == {first.id, second.id}
            assert [one.action for one in read_audit(session)][:2] == ["profile.publish", "profile.publish"]
            entries = list(ledger.entries(session))
            assert ledger.verify(entries) == 2
            assert entries[1].content["changes"] == {"weights": {"late": [20.0, 21.0]}}
            assert entries[1].content["previous_hash"] == first.hash

    def test_rolling_back_brings_the_one_before_and_again_the_one_before_that(self, database: Database) -> None:
        with database.session() as session:
            ids = [draft(session, 20.0 + number).id for number in range(3)]
            for one in ids:
                publish(session, ADMIN, one, "上线")
            assert rollback(session, ADMIN, "差了").profile_id == ids[1]
            assert get(session, ids[2]).state == "rolled_back"
            assert rollback(session, ADMIN, "还差", automatic=True).profile_id == ids[0]
            assert [one.what for one in history(session)][:2] == ["automatic", "rollback"]
            with pytest.raises(Conflict):
                rollback(session, ADMIN, "再退")
            publish(session, ADMIN, ids[2], "修好了再上")
            assert rollback(session, ADMIN, "又差").profile_id == ids[0]

    def test_nothing_to_roll_back_to(self, database: Database) -> None:
        with database.session() as session, pytest.raises(Conflict):
            rollback(session, ADMIN, "x")

    def test_publishing_what_is_published_is_refused(self, database: Database) -> None:
        with database.session() as session:
            one = draft(session)
            publish(session, ADMIN, one.id, "上线")
        with database.session() as session, pytest.raises(Conflict):
            publish(session, ADMIN, one.id, "上线")

    def test_what_can_not_be_loaded_is_not_published_and_the_old_one_stays(self, database: Database) -> None:
        with database.session() as session:
            good, bad = draft(session, 20.0), draft(session, 21.0)
            publish(session, ADMIN, good.id, "上线")
            session.execute(update(ProfileRow).where(ProfileRow.id == bad.id).values(document="{}"))
        with pytest.raises(BrokenArtefact), database.session() as session:
            publish(session, ADMIN, bad.id, "上线")
        with database.reading() as session:
            now = published(session)
            assert now is not None
            assert now.id == good.id

    def test_many_publish_at_once_and_one_is_published(self, database: Database) -> None:
        with database.session() as session:
            ids = [draft(session, 20.0 + number).id for number in range(6)]
        refused: list[PilotMatchError] = []

        def go(profile_id: str) -> None:
            try:
                with database.session() as session:
                    publish(session, ADMIN, profile_id, "上线")
            except PilotMatchError as error:
                refused.append(error)

        threads = [threading.Thread(target=go, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(isinstance(error, Conflict) for error in refused)
        with database.reading() as session:
            count = select(func.count()).select_from(ProfileRow).where(ProfileRow.state == "published")
            assert session.execute(count).scalar_one() == 1
            assert len(history(session)) == 6 - len(refused)
            assert ledger.verify(ledger.entries(session)) == 6 - len(refused)


class TestSeeding:
    def test_the_first_start_publishes_the_default_and_the_second_does_nothing(self, database: Database) -> None:
        for _ in range(2):
            with database.session() as session:
                seed(session)
        with database.reading() as session:
            now = published(session)
            assert now is not None
            assert (now.name, now.version) == ("default", 1)
            assert len(history(session)) == 1
            assert len(versions(session, "default")) == 1

    def test_what_an_admin_published_stays(self, database: Database) -> None:
        with database.session() as session:
            own = draft(session)
            publish(session, ADMIN, own.id, "本市")
            seed(session)
            now = published(session)
            assert now is not None
            assert now.id == own.id
            assert find(session, "default").state == "draft"
