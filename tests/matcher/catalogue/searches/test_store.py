"""Searches: who reads and changes them, how long they are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.access import ANONYMOUS, CONSOLE, Actor
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.searches.content import TITLE_LENGTH, search_from, title_of
from matcher.catalogue.searches.store import (
    KEPT_DAYS,
    Changes,
    Search,
    add_search,
    change_search,
    delete_search,
    forget_searches,
    own_searches,
    read_search,
)
from matcher.catalogue.tables import base
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn

NEED = {"text": "500 L发酵罐,东莞附近", "without": ["发酵"], "must": ["东莞"]}


@pytest.fixture
def owner(database: Database) -> Actor:
    return somebody(database, "owner")


@pytest.fixture
def other(database: Database) -> Actor:
    return somebody(database, "other")


def somebody(database: Database, name: str) -> Actor:
    with database.session() as session:
        return Actor(add_user(session, CONSOLE, UserFields(f"{name}@example.cn", name)).id, "requester")


def kept(database: Database, actor: Actor, **changes: object) -> Search:
    with database.session() as session:
        return add_search(session, actor, Changes(NEED, **changes))  # type: ignore[arg-type]  # the names are Changes'


def test_a_search_comes_back_as_it_was(database: Database, owner: Actor) -> None:
    made = kept(database, owner)
    with database.reading() as session:
        found = read_search(session, owner, made.id)
    assert found == made
    assert found.fields == {"text": NEED["text"], "must": ["东莞"], "without": ["发酵"]}
    assert found.title == NEED["text"]
    assert (found.saved, found.shared, found.is_own, found.has_owner) == (False, False, True, True)


def test_ids_can_not_be_guessed(database: Database) -> None:
    ids = {kept(database, ANONYMOUS).id for _ in range(5)}
    assert len(ids) == 5
    assert all(len(one) == 22 for one in ids)  # 128 bits in 64 letters


def test_a_strangers_is_of_whoever_has_its_id(database: Database, other: Actor) -> None:
    made = kept(database, ANONYMOUS)
    for actor in (ANONYMOUS, other):
        with database.session() as session:
            assert read_search(session, actor, made.id).is_own
            changed = change_search(session, actor, made.id, Changes({"text": "流片"}))
            assert changed.fields == {"text": "流片"}
    with database.session() as session:
        delete_search(session, other, made.id)
        with pytest.raises(NotFound):
            read_search(session, ANONYMOUS, made.id)


@pytest.mark.parametrize("shared", [False, True])
def test_an_owners_is_read_by_others_only_where_it_is_shared(
    database: Database, owner: Actor, other: Actor, shared: bool
) -> None:
    made = kept(database, owner, shared=shared)
    for actor in (ANONYMOUS, other):
        with database.reading() as session:
            if shared:
                found = read_search(session, actor, made.id)
                assert (found.is_own, found.fields) == (False, made.fields)
            else:
                with pytest.raises(NotFound):
                    read_search(session, actor, made.id)
        with database.session() as session, pytest.raises(Forbidden if shared else NotFound):
            change_search(session, actor, made.id, Changes(title="我的"))
        with database.session() as session, pytest.raises(Forbidden if shared else NotFound):
            delete_search(session, actor, made.id)


def test_an_admin_reads_and_it_is_written_down(database: Database, owner: Actor) -> None:
    made = kept(database, owner)
    with database.session() as session:
        assert not read_search(session, CONSOLE, made.id).is_own
    with database.session() as session, pytest.raises(Forbidden):
        change_search(session, CONSOLE, made.id, Changes(shared=True))
    with database.reading() as session:
        assert [one.action for one in read_audit(session, about_id=made.id)] == ["search.read"]


def test_an_owners_own_reading_is_not_written_down(database: Database, owner: Actor) -> None:
    made = kept(database, owner)
    with database.session() as session:
        read_search(session, owner, made.id)
        assert not read_audit(session, about_id=made.id)


def test_what_is_not_saved_is_kept_for_a_while_and_saved_for_good(
    database: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing, lasting = kept(database, owner), kept(database, owner, saved=True)
    assert passing.expires_at == passing.updated_at + timedelta(days=KEPT_DAYS)
    assert lasting.expires_at is None
    later = base.now() + timedelta(days=KEPT_DAYS, seconds=1)
    monkeypatch.setattr("matcher.catalogue.searches.store.now", lambda: later)
    with database.session() as session:
        with pytest.raises(NotFound):  # gone at once, thrown away when the day turns
            read_search(session, owner, passing.id)
        assert forget_searches(session, later) == 1
        assert forget_searches(session, later) == 0
        assert read_search(session, owner, lasting.id).id == lasting.id


def test_changing_it_begins_the_time_anew(database: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kept(database, owner)
    later = made.created_at + timedelta(days=KEPT_DAYS - 1)
    monkeypatch.setattr("matcher.catalogue.searches.store.now", lambda: later)
    with database.session() as session:
        changed = change_search(session, owner, made.id, Changes({"text": "流片"}))
    assert changed.expires_at == later + timedelta(days=KEPT_DAYS)
    assert changed.created_at == made.created_at


def test_a_stranger_saves_nothing(database: Database) -> None:
    with database.session() as session, pytest.raises(NotSignedIn):
        add_search(session, ANONYMOUS, Changes(NEED, saved=True))
    made = kept(database, ANONYMOUS)
    with database.session() as session, pytest.raises(NotSignedIn):
        change_search(session, ANONYMOUS, made.id, Changes(saved=True))


def test_there_is_an_end_to_saving(database: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.catalogue.searches.store.SAVED_MAX", 2)
    made = [kept(database, owner, saved=True) for _ in range(2)]
    with database.session() as session, pytest.raises(Conflict):
        add_search(session, owner, Changes(NEED, saved=True))
    with database.session() as session:
        change_search(session, owner, made[0].id, Changes(saved=True))  # as it is: takes no place more
        change_search(session, owner, made[0].id, Changes(saved=False))
        add_search(session, owner, Changes(NEED, saved=True))


def test_ones_own_are_listed_latest_first(database: Database, owner: Actor, other: Actor) -> None:
    first, second = kept(database, owner, saved=True), kept(database, owner, saved=True)
    passing = kept(database, owner)
    kept(database, other, saved=True)
    with database.session() as session:
        change_search(session, owner, first.id, Changes(title="第一个"))
    with database.reading() as session:
        total, found = own_searches(session, owner, 1, 10)
        assert (total, [one.id for one in found]) == (2, [first.id, second.id])
        assert own_searches(session, owner, 2, 1)[1][0].id == second.id
        assert [one.id for one in own_searches(session, owner, 1, 10, saved=False)[1]] == [passing.id]
        with pytest.raises(NotSignedIn):
            own_searches(session, ANONYMOUS, 1, 10)


def test_a_title_follows_the_need_until_it_is_given(database: Database, owner: Actor) -> None:
    made = kept(database, owner)
    with database.session() as session:
        assert change_search(session, owner, made.id, Changes({"text": "流片"})).title == "流片"
        assert change_search(session, owner, made.id, Changes(title=" 三季度 ")).title == "三季度"
        assert change_search(session, owner, made.id, Changes({"text": "发酵"})).title == "三季度"
        assert change_search(session, owner, made.id, Changes(title="")).title == "发酵"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({}, "text"), ({"text": "a\x00"}, "text"), ({"text": "x", "without": ["a\x01"]}, "without[0]"),
     ({"text": "x", "prefer": "GMP"}, "prefer"), ({"text": "x", "colour": 1}, "colour")],
)  # fmt: skip
def test_what_can_not_be_kept_is_told(database: Database, fields: dict[str, object], field: str) -> None:
    with database.session() as session, pytest.raises(InvalidInput) as error:
        add_search(session, ANONYMOUS, Changes(fields))
    assert error.value.field == field


@pytest.mark.parametrize("search_id", ["", "nobody's", "x" * 100, "a\x00b"])
def test_ids_of_nothing_find_nothing(database: Database, search_id: str) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        read_search(session, ANONYMOUS, search_id)


@given(st.text(min_size=1, max_size=300).filter(str.strip))
@settings(max_examples=60, deadline=None)
def test_a_title_is_one_short_line(text: str) -> None:
    title = title_of({"text": text})
    assert 0 < len(title) <= TITLE_LENGTH
    assert len(title.splitlines()) <= 1


def test_a_need_of_fields_alone_has_a_title() -> None:
    assert title_of(search_from({"parameters": [{"name": "容积", "min": 5}]})) == "容积"
    assert title_of(search_from({"certificates": ["GMP"]})) == "GMP"
    assert title_of(search_from({"budget_wan": 20})) == "20"
    assert title_of(search_from({"title": "酶制剂", "text": "发酵"})) == "酶制剂"
