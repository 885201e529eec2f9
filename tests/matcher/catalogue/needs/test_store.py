"""Needs in the database: kept, read by who may, changed by who saw the last version."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changes_after, last_change
from matcher.catalogue.database import Database, Session
from matcher.catalogue.needs.consents import give_consent
from matcher.catalogue.needs.expiry import EXPIRES_AFTER, EXPIRES_MAX
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.rows import consented, find_need, is_id
from matcher.catalogue.needs.store import (
    NeedDraft,
    Openness,
    delete_need,
    edit_need,
    open_fields,
    own_need,
    own_needs,
    read_need,
    reading_own_need,
)
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.needs.people import (
    ADMIN,
    BROKER,
    COLLEAGUE,
    OPERATOR,
    OWNER,
    TODAY,
    keep,
    peopled,  # noqa: F401
    stored,
)

DRAFT = NeedDraft({"text": "膜分离中试"})


def test_what_is_kept_comes_back(peopled: Database) -> None:  # noqa: F811
    fields = {"text": "放大 <b>500 L</b> '; DROP TABLE needs; --", "budget_wan": 1.5, "parameters": []}
    with peopled.session() as session:
        made = keep(session, fields, publish=False, abstract=" 摘要 ", visibility={"text": "chosen"})
    with peopled.reading() as session:
        need = stored(session, made.id)
    assert need == made
    assert need.fields == {"text": "放大 <b>500 L</b> '; DROP TABLE needs; --", "budget_wan": 1.5}
    assert (need.state, need.version, need.listed, need.abstract) == ("draft", 1, True, "摘要")
    assert (need.user_id, need.organisation_id) == (OWNER.user_id, OWNER.organisation_id)
    assert need.visibility == {"text": "chosen"}
    assert need.published_at is need.expires_on is None


def test_a_need_published_at_once_stands_open_for_half_a_year(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need, other = keep(session), keep(session, expires_on=TODAY)
    assert (need.state, need.expires_on) == ("published", TODAY + EXPIRES_AFTER)
    assert need.published_at is not None
    assert other.expires_on == TODAY


@pytest.mark.parametrize("days", [-1, EXPIRES_MAX.days + 1])
def test_a_last_day_in_the_past_or_far_away_is_refused(peopled: Database, days: int) -> None:  # noqa: F811
    with pytest.raises(InvalidInput) as refused, peopled.session() as session:
        keep(session, expires_on=TODAY + timedelta(days=days))
    assert refused.value.field == "expires_on"


@pytest.mark.parametrize(("actor", "error"), [(ANONYMOUS, NotSignedIn), (OPERATOR, Forbidden)])
def test_requesters_and_brokers_have_needs(peopled: Database, actor: Actor, error: type[Exception]) -> None:  # noqa: F811
    with pytest.raises(error), peopled.session() as session:
        keep(session, actor=actor)
    with peopled.session() as session:
        assert keep(session, actor=BROKER).user_id == BROKER.user_id


def test_an_api_key_needs_the_scope(peopled: Database) -> None:  # noqa: F811
    reader = replace(OWNER, scopes=frozenset({"read"}))
    with pytest.raises(Forbidden), peopled.session() as session:
        keep(session, actor=reader)
    with peopled.session() as session:
        need = keep(session, actor=replace(OWNER, scopes=frozenset({"needs"})))
        assert read_need(session, reader, need.id, TODAY) == need
        for refused in (own_need, delete_for):
            with pytest.raises(Forbidden):
                refused(session, reader, need.id, TODAY)
        with pytest.raises(Forbidden):
            read_need(session, replace(OPERATOR, scopes=frozenset({"match"})), need.id, TODAY)


def delete_for(session: Session, actor: Actor, need_id: str, today: Any) -> StoredNeed:
    return delete_need(session, actor, need_id, 1, today)


def test_the_owner_reads_all_and_others_what_is_open(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
    with peopled.reading() as session:
        assert read_need(session, OWNER, need.id, TODAY) == need
        for actor in (ANONYMOUS, COLLEAGUE, OPERATOR, BROKER):
            found = read_need(session, actor, need.id, TODAY)
            assert isinstance(found, SeenNeed)
            assert found.fields == {"industry": ["生物制造"], "province": "广东省"}


def test_what_is_not_on_the_wall_is_not_there(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        hidden = [keep(session, listed=False), keep(session, publish=False), keep(session, expires_on=TODAY)]
        give_consent(session, OWNER, hidden[0].id, "org-a", TODAY)
    tomorrow = TODAY + timedelta(days=1)
    with peopled.reading() as session:
        for actor in (ANONYMOUS, COLLEAGUE, BROKER):
            said = {refusal(lambda: read_need(session, actor, need.id, tomorrow), need.id) for need in hidden}  # noqa: B023
            assert said == {refusal(lambda: read_need(session, actor, "need-none", tomorrow), "need-none")}  # noqa: B023
        assert isinstance(read_need(session, OPERATOR, hidden[0].id, tomorrow), SeenNeed)


def refusal(ask: Callable[[], object], need_id: str) -> str:
    with pytest.raises(NotFound) as refused:
        ask()
    return repr((refused.value.message.replace(need_id, "…"), refused.value.hint, refused.value.field))


@pytest.mark.parametrize("need_id", ["", "need-\x00", "x" * 65, "' OR 1=1 --", "../x", "需求", "need-\ud800"])
def test_ids_of_every_kind_are_just_not_there(peopled: Database, need_id: str) -> None:  # noqa: F811
    with peopled.reading() as session:
        assert find_need(session, need_id) is None
        with pytest.raises(NotFound):
            read_need(session, OWNER, need_id, TODAY)
    assert is_id("需求-1")
    assert not is_id("a\x00")


def test_an_admins_reading_is_written_down_and_nobody_elses(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        for actor in (OWNER, OPERATOR, ANONYMOUS):
            read_need(session, actor, need.id, TODAY)
        assert [one.action for one in read_audit(session)] == ["need.create"]
        assert read_need(session, ADMIN, need.id, TODAY) == reading_own_need(session, ADMIN, need.id, TODAY) == need
        session.flush()
        assert [(one.action, one.user_id) for one in read_audit(session, action="need.read")] == [
            ("need.read", ADMIN.user_id)
        ] * 2


def test_the_audit_holds_no_content(peopled: Database) -> None:  # noqa: F811
    secret = "不可外传的配方"
    with peopled.session() as session:
        need = keep(session, {"text": secret}, abstract=secret)
        edit_need(session, OWNER, need.id, 1, NeedDraft({"text": secret * 2, "title": secret}), TODAY)
        open_fields(session, OWNER, need.id, 2, Openness({"title": "public"}, True), TODAY)
        move_need(session, OWNER, need.id, 3, "close", TODAY)
        delete_need(session, OWNER, need.id, 4, TODAY)
        entries = read_audit(session)
    assert [one.action for one in entries] == [
        "need.delete", "need.close", "need.visibility", "need.edit", "need.create",
    ]  # fmt: skip
    assert entries[3].details == {"changed": ["abstract", "fields"], "version": 2}
    assert secret not in repr(entries)


def test_an_edit_replaces_the_content_and_raises_the_version(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session, abstract="旧")
        after = edit_need(session, OWNER, need.id, 1, replace(DRAFT, expires_on=TODAY), TODAY)
        again = edit_need(session, OWNER, need.id, 2, DRAFT, TODAY)
    assert (after.fields, after.abstract, after.version, after.expires_on) == ({"text": "膜分离中试"}, None, 2, TODAY)
    assert (after.state, after.visibility, after.listed) == (need.state, need.visibility, need.listed)
    assert after.updated_at > need.updated_at
    assert (again.version, again.expires_on) == (3, TODAY)


def test_who_saw_an_older_version_changes_nothing(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        edit_need(session, OWNER, need.id, 1, DRAFT, TODAY)
        acts: list[Callable[[], object]] = [
            lambda: edit_need(session, OWNER, need.id, 1, NeedDraft({"text": "别的"}), TODAY),
            lambda: open_fields(session, OWNER, need.id, 1, Openness({}), TODAY),
            lambda: move_need(session, OWNER, need.id, 1, "close", TODAY),
            lambda: delete_need(session, OWNER, need.id, 1, TODAY),
            lambda: edit_need(session, OWNER, need.id, 7, DRAFT, TODAY),
        ]
        for act in acts:
            with pytest.raises(Outdated):
                act()
        assert stored(session, need.id).fields == {"text": "膜分离中试"}
        assert stored(session, need.id).version == 2


def test_of_two_editors_at_once_one_wins(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
    said: list[str] = []
    ready = threading.Barrier(2)

    def edit(words: str) -> None:
        ready.wait()
        try:
            with peopled.session() as session:
                edit_need(session, OWNER, need.id, 1, NeedDraft({"text": words}), TODAY)
            said.append(words)
        except Outdated:
            said.append("outdated")

    threads = [threading.Thread(target=edit, args=(words,)) for words in ("甲的写法", "乙的写法")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with peopled.reading() as session:
        left = stored(session, need.id)
    assert sorted(said) == sorted(["outdated", left.fields["text"]])
    assert left.version == 2


def test_only_the_owner_and_admins_change_a_need(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        unlisted = keep(session, listed=False)
        for actor in (COLLEAGUE, OPERATOR, BROKER):
            with pytest.raises(Forbidden):
                edit_need(session, actor, need.id, 1, DRAFT, TODAY)
            with pytest.raises(NotFound):
                edit_need(session, actor, unlisted.id, 1, DRAFT, TODAY)
        with pytest.raises(NotSignedIn):
            edit_need(session, ANONYMOUS, need.id, 1, DRAFT, TODAY)
        assert edit_need(session, ADMIN, unlisted.id, 1, DRAFT, TODAY).version == 2


def test_an_admin_takes_out_of_sight_but_opens_nothing(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        for openness in (Openness({"text": "public"}), Openness({}, True)):
            with pytest.raises(Forbidden):
                open_fields(session, ADMIN, need.id, 1, openness, TODAY)
        closed = open_fields(session, ADMIN, need.id, 1, Openness({"text": "private"}), TODAY)
    assert (closed.visibility, closed.listed) == ({}, False)


def test_what_is_over_is_not_edited(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        move_need(session, OWNER, need.id, 1, "close", TODAY)
        with pytest.raises(Conflict):
            edit_need(session, OWNER, need.id, 2, DRAFT, TODAY)


def test_deleting_takes_the_consents_along(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        give_consent(session, OWNER, need.id, "org-a", TODAY)
        delete_need(session, OWNER, need.id, 1, TODAY)
    with peopled.reading() as session:
        assert find_need(session, need.id) is None
        assert consented(session, need.id) == frozenset()


def test_own_needs_by_page_state_and_order(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        needs = [keep(session, {"text": f"需求{one}"}, publish=one % 2 == 0) for one in range(5)]
        keep(session, actor=BROKER)
    with peopled.reading() as session:
        everything = own_needs(session, OWNER, sort="created", size=100)
        assert [one.id for one in everything.needs] == [one.id for one in needs]
        assert (everything.total, everything.states) == (5, {"published": 3, "draft": 2})
        pages = [own_needs(session, OWNER, sort="-created", page=page, size=2) for page in (1, 2, 3, 4)]
        assert [one.id for page in pages for one in page.needs] == [one.id for one in reversed(needs)]
        drafts = own_needs(session, OWNER, state="draft")
        assert (drafts.total, len(drafts.needs), drafts.states) == (2, 2, everything.states)
        assert own_needs(session, OWNER, state="closed").total == 0


@pytest.mark.parametrize("sort", ["published", "-published", "expires", "-expires"])
def test_what_has_no_such_day_comes_last(peopled: Database, sort: str) -> None:  # noqa: F811
    with peopled.session() as session:
        draft = keep(session, publish=False)
        keep(session)
    with peopled.reading() as session:
        assert own_needs(session, OWNER, sort=sort).needs[-1].id == draft.id


def test_everybodys_needs_are_for_admins_and_audited(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        keep(session, publish=False)
        keep(session, actor=BROKER)
        for actor, error in ((OWNER, Forbidden), (ANONYMOUS, NotSignedIn)):
            with pytest.raises(error):
                own_needs(session, actor, everyone=True)
        assert own_needs(session, ADMIN, everyone=True).total == 2
        assert own_needs(session, ADMIN).total == 0
        assert [one.action for one in read_audit(session, user_id=ADMIN.user_id)] == ["need.list"]
        with pytest.raises(InvalidInput) as refused:
            own_needs(session, OWNER, sort="fields")
        assert refused.value.field == "sort"


def changes_of(session: Session) -> list[tuple[str, object]]:
    return [(one.what, one.content) for one in changes_after(session, 0, about="need")]


def test_the_change_log_says_what_strangers_see_change(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        assert changes_of(session) == [("shown", None)]
        open_fields(session, OWNER, need.id, 1, Openness({"industry": "public", "text": "public"}, True), TODAY)
        edit_need(session, OWNER, need.id, 2, NeedDraft({"text": "新的公开文字"}), TODAY)
        assert changes_of(session) == [("shown", None)] * 3
        open_fields(session, OWNER, need.id, 3, Openness({"text": "public"}, False), TODAY)
        assert changes_of(session)[3:] == [("gone", None)]
        open_fields(session, OWNER, need.id, 4, Openness({"text": "public"}, True), TODAY)
        delete_need(session, OWNER, need.id, 5, TODAY)
        assert changes_of(session)[4:] == [("shown", None), ("gone", None)]


def test_the_change_log_is_silent_about_what_strangers_do_not_see(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session, abstract="摘要")
        unlisted = keep(session, listed=False)
        before = last_change(session)
        edit_need(
            session, OWNER, need.id, 1,
            NeedDraft({**need.fields, "text": "改了", "budget_wan": 9}, "摘要", TODAY + timedelta(days=3)), TODAY,
        )  # fmt: skip
        levels = {"industry": "public", "province": "public", "text": "signed_in", "budget_wan": "chosen"}
        open_fields(session, OWNER, need.id, 2, Openness(levels, True), TODAY)
        move_need(session, OWNER, need.id, 3, "talk", TODAY)
        move_need(session, OWNER, need.id, 4, "publish", TODAY)
        give_consent(session, OWNER, need.id, "org-a", TODAY)
        keep(session, publish=False)
        edit_need(session, OWNER, unlisted.id, 1, DRAFT, TODAY)
        delete_need(session, OWNER, unlisted.id, 2, TODAY)
        # A consent is heard by the organisation that has it, and by nobody else.
        assert [one.what for one in changes_after(session, before)] == ["consented"]
