"""Imports: kept, looked at, confirmed once and as a whole, within what the actor may see and change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from matcher.catalogue.access import ANONYMOUS, CONSOLE, Actor
from matcher.catalogue.change_log import last_change
from matcher.catalogue.database import Database, Session
from matcher.catalogue.importing.plan import Decision
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.importable import preview_file
from matcher.catalogue.listings.imports import (
    Import,
    confirm,
    discard,
    find_import,
    forget_old_imports,
    imports_of,
    keep_preview,
)
from matcher.catalogue.listings.published import published, published_by_ids
from matcher.catalogue.listings.queries import ListingFilter, page_of
from matcher.catalogue.listings.rows import StoredListing
from matcher.catalogue.listings.store import edit, find, perform
from matcher.catalogue.listings_file import line_of
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import UserRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated
from matcher.records import Listing
from matcher.terms import Terms
from tests.matcher.catalogue.listings.conftest import ADMIN, CONTENT, OPERATOR, OTHER, REQUESTER

FIRST = replace(CONTENT, id="PF-1", name="珠江发酵平台", operator="珠江生物")
SECOND = Listing(id="EQ-2", kind="equipment", name="晶圆划片机", operator="太湖微电子", summary="8 英寸")


@pytest.fixture
def people(people: Database) -> Database:
    """With accounts, which imports belong to."""
    with people.session() as session:
        for actor in (ADMIN, OPERATOR, OTHER):
            fields = {"email": f"{actor.user_id}@example.cn", "name": "某人", "organisation_id": actor.organisation_id}
            session.add(UserRow(id=actor.user_id or "", role=actor.role or "", **fields))
    return people


def file_of(*listings: Listing) -> bytes:
    return "\n".join(map(line_of, listings)).encode()


def kept(session: Session, actor: Actor, *listings: Listing) -> Import:
    return keep_preview(session, actor, preview_file(session, actor, "表.jsonl", file_of(*listings)))


def mine(session: Session, actor: Actor) -> Sequence[StoredListing]:
    return page_of(session, actor, ListingFilter(mine=True), size=100).listings


def test_nothing_is_written_before_it_is_confirmed(people: Database) -> None:
    with people.session() as session:
        found = kept(session, ADMIN, FIRST, SECOND)
        assert found.summary["counts"]["new"] == 2
        assert mine(session, ADMIN) == ()
        done = confirm(session, ADMIN, found.id, {})
        assert done.summary["result"] == {"added": 2, "changed": 0, "left_out": 0}
        assert sorted(one.id for one in published(session)) == ["EQ-2", "PF-1"]


def test_an_operators_become_drafts_of_its_own_organisation_with_ids_of_ours(people: Database) -> None:
    tiered = replace(FIRST, level="国家级", terms=Terms(tier="national", queue_days=3), verified_on="2026-01-01")
    with people.session() as session:
        found = kept(session, OPERATOR, tiered)
        assert found.summary["warnings"]["granted"] == 1
        confirm(session, OPERATOR, found.id, {})
        (stored,) = mine(session, OPERATOR)
        assert stored.state == "draft"
        assert stored.organisation_id == "o-one"
        assert stored.listing == replace(FIRST, id=stored.listing.id, terms=Terms(queue_days=3))
        assert stored.listing.id != "PF-1"
        assert stored.provenance["file"] == "表.jsonl"
        assert stored.provenance["row"] == 1
        assert last_change(session) == 0


def test_an_operator_can_submit_but_not_publish(people: Database) -> None:
    with people.session() as session:
        found = kept(session, OPERATOR, FIRST)
        for state in ("published", "approved"):
            with pytest.raises((Forbidden, InvalidInput)), session.begin_nested():
                confirm(session, OPERATOR, found.id, {}, state=state)  # type: ignore[arg-type]  # states
        confirm(session, OPERATOR, found.id, {}, state="submitted")
        assert [one.state for one in mine(session, OPERATOR)] == ["submitted"]


def test_the_same_file_again_changes_nothing(people: Database) -> None:
    for actor in (ADMIN, OPERATOR):
        with people.session() as session:
            confirm(session, actor, kept(session, actor, SECOND).id, {})
            before = mine(session, actor)
            again = kept(session, actor, SECOND)
            assert again.summary["counts"]["same"] == 1
            done = confirm(session, actor, again.id, {})
            assert done.summary["result"] == {"added": 0, "changed": 0, "left_out": 1}
            assert mine(session, actor) == before
            for one in before:
                perform(session, ADMIN, one.listing.id, "retire")


def test_an_update_of_ones_own_is_seen_at_once_and_marked(people: Database) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-one")
        found = kept(session, OPERATOR, replace(FIRST, summary="导入的新简介"))
        assert found.summary["counts"]["changed"] == 1
        confirm(session, OPERATOR, found.id, {})
        stored = find(session, OPERATOR, "PF-1")
        assert (stored.state, stored.version, stored.changed) == ("published", 2, True)
        shown = published_by_ids(session, ["PF-1"])["PF-1"]
        assert shown is not None
        assert shown.summary == "导入的新简介"


def test_a_row_for_anothers_listing_is_an_error_of_that_row(people: Database) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-two")
        found = kept(session, OPERATOR, replace(FIRST, summary="冒名"), SECOND)
        rows = find_import(session, OPERATOR, found.id, with_rows=True).rows
        assert [(one["outcome"], one["base"]) for one in rows] == [("error", None), ("new", None)]
        assert rows[0]["problems"][-1]["code"] == "foreign"
        with pytest.raises(InvalidInput), session.begin_nested():
            confirm(session, OPERATOR, found.id, {})
        confirm(session, OPERATOR, found.id, {}, skip_errors=True)
        assert find(session, ADMIN, "PF-1").listing.summary == FIRST.summary
        assert [one.listing.name for one in mine(session, OPERATOR)] == ["晶圆划片机"]


def test_what_is_hidden_from_the_operator_leaves_no_trace_in_its_preview(people: Database) -> None:
    with people.session() as session:
        before = find_import(session, OPERATOR, kept(session, OPERATOR, FIRST).id, with_rows=True).rows
        put_many(session, [FIRST], CONSOLE, organisation_id="o-two", state="draft")
        found = kept(session, OPERATOR, FIRST)
        assert find_import(session, OPERATOR, found.id, with_rows=True).rows == before
        confirm(session, OPERATOR, found.id, {})
        assert len(mine(session, OPERATOR)) == 1
        assert find(session, OTHER, "PF-1").version == 1


def like(session: Session, actor: Actor) -> tuple[str, str]:
    """An import of one row, without id, that is much like `FIRST`; its id and the key of the row."""
    fields = json.loads(line_of(replace(FIRST, name="珠江发酵平台部", capabilities=("新能力",))))
    del fields["id"]
    data = json.dumps(fields, ensure_ascii=False).encode()
    found = keep_preview(session, actor, preview_file(session, actor, "表.jsonl", data))
    (row,) = find_import(session, actor, found.id, with_rows=True).rows
    assert row["outcome"] == "duplicate"
    return found.id, row["key"]


@pytest.mark.parametrize(
    ("decision", "capabilities"),
    [
        ("keep", [FIRST.capabilities, ("新能力",)]),
        ("skip", [FIRST.capabilities]),
        ("merge", [(*FIRST.capabilities, "新能力")]),
    ],
)
def test_likely_duplicates_wait_for_a_decision(
    people: Database, decision: Decision, capabilities: list[tuple[str, ...]]
) -> None:
    with people.session() as session:
        put_many(session, [replace(FIRST, name="珠江发酵平台一部")], CONSOLE, organisation_id="o-one")
        import_id, key = like(session, OPERATOR)
        with pytest.raises(InvalidInput), session.begin_nested():
            confirm(session, OPERATOR, import_id, {})
        confirm(session, OPERATOR, import_id, {key: decision})
        assert sorted(one.listing.capabilities for one in mine(session, OPERATOR)) == sorted(capabilities)


def test_merging_into_anothers_listing_is_refused(people: Database) -> None:
    with people.session() as session:
        put_many(session, [replace(FIRST, name="珠江发酵平台一部")], CONSOLE, organisation_id="o-two")
        import_id, key = like(session, OPERATOR)
        (row,) = find_import(session, OPERATOR, import_id, with_rows=True).rows
        assert {one["suggestion"] for one in row["duplicates"]} == {"keep"}
        with pytest.raises(Forbidden), session.begin_nested():
            confirm(session, OPERATOR, import_id, {key: "merge"})
        confirm(session, OPERATOR, import_id, {}, suggestions=True)
        assert find(session, OTHER, "PF-1").version == 1


def test_what_changed_since_the_preview_is_not_written_over(people: Database) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-one")
        found = kept(session, OPERATOR, replace(FIRST, summary="来自文件"), SECOND)
        edit(session, OPERATOR, "PF-1", replace(FIRST, summary="手工修改"), seen=1)
    with pytest.raises(Outdated), people.session() as session:
        confirm(session, OPERATOR, found.id, {})
    with people.session() as session:
        assert [one.listing.summary for one in mine(session, OPERATOR)] == ["手工修改"]
        assert find_import(session, OPERATOR, found.id).state == "previewed"


def test_an_id_taken_since_the_preview(people: Database) -> None:
    with people.session() as session:
        found = kept(session, ADMIN, FIRST)
        put_many(session, [replace(SECOND, id="PF-1")], CONSOLE)
    with pytest.raises(Outdated), people.session() as session:
        confirm(session, ADMIN, found.id, {})


def test_once(people: Database) -> None:
    with people.session() as session:
        found = kept(session, ADMIN, FIRST)
        confirm(session, ADMIN, found.id, {})
        with pytest.raises(Conflict), session.begin_nested():
            confirm(session, ADMIN, found.id, {})
        with pytest.raises(Conflict), session.begin_nested():
            discard(session, ADMIN, found.id)


def test_all_or_nothing(people: Database) -> None:
    with people.session() as session:
        found = kept(session, ADMIN, FIRST, SECOND)
    with pytest.raises(InvalidInput), people.session() as session:
        confirm(session, ADMIN, found.id, {"7-7": "skip"})
    with people.session() as session:
        assert mine(session, ADMIN) == ()
        assert find_import(session, ADMIN, found.id).state == "previewed"


def test_discarded(people: Database) -> None:
    with people.session() as session:
        found = kept(session, OPERATOR, FIRST)
        discard(session, OPERATOR, found.id)
        assert find_import(session, OPERATOR, found.id, with_rows=True).rows == []
        with pytest.raises(Conflict), session.begin_nested():
            confirm(session, OPERATOR, found.id, {})


def test_a_retired_listing_comes_back_by_an_import(people: Database) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-one")
        perform(session, OPERATOR, "PF-1", "retire")
        confirm(session, OPERATOR, kept(session, OPERATOR, replace(FIRST, summary="又来")).id, {})
        assert find(session, OPERATOR, "PF-1").state == "draft"


@pytest.mark.parametrize(("actor", "state"), [(OPERATOR, "draft"), (ADMIN, "published")])
def test_a_retired_listing_comes_back_unchanged(people: Database, actor: Actor, state: str) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-one")
        before = perform(session, OPERATOR, "PF-1", "retire").listing
        found = kept(session, actor, FIRST, SECOND)
        (row, _) = find_import(session, actor, found.id, with_rows=True).rows
        assert (row["outcome"], [one["code"] for one in row["problems"]]) == ("changed", ["returns"])
        assert confirm(session, actor, found.id, {}).summary["result"]["changed"] == 1
        after = find(session, OPERATOR, "PF-1")
        assert (after.state, after.listing, after.version) == (state, before, 3)
        again = kept(session, actor, FIRST)
        assert again.summary["counts"]["same"] == 1


def test_what_an_admin_hid_stays_hidden_when_it_comes_back(people: Database) -> None:
    with people.session() as session:
        put_many(session, [FIRST], CONSOLE, organisation_id="o-one")
        perform(session, ADMIN, "PF-1", "hide", reason="投诉")
        perform(session, ADMIN, "PF-1", "retire")
        confirm(session, ADMIN, kept(session, ADMIN, FIRST).id, {})
        after = find(session, ADMIN, "PF-1")
        assert (after.state, after.hidden) == ("published", True)
        assert published_by_ids(session, ["PF-1"]) == {"PF-1": None}


def test_a_likely_duplicate_that_is_retired_comes_back_by_merging(people: Database) -> None:
    with people.session() as session:
        whole = replace(FIRST, name="珠江发酵平台一部", capabilities=(*FIRST.capabilities, "新能力"))
        put_many(session, [whole], CONSOLE, organisation_id="o-one")
        perform(session, OPERATOR, "PF-1", "retire")
        import_id, key = like(session, OPERATOR)
        (row,) = find_import(session, OPERATOR, import_id, with_rows=True).rows
        assert "已下架" in row["duplicates"][0]["reason"]
        confirm(session, OPERATOR, import_id, {key: "merge"})
        assert find(session, OPERATOR, "PF-1").state == "draft"


@pytest.mark.parametrize("bad", ["a/b", "..", "PF?1", "PF#1", "%2f"])
@pytest.mark.parametrize("actor", [ADMIN, CONSOLE])
def test_an_id_that_no_address_can_hold_is_an_error_of_its_row(people: Database, actor: Actor, bad: str) -> None:
    with people.session() as session:
        found = preview_file(session, actor, "表.jsonl", file_of(SECOND, replace(FIRST, id=bad)))
        assert [one.outcome for one in found.rows] == ["new", "error"]
        (problem,) = found.problems()
        assert (problem.code, problem.row, bad in problem.message, bool(problem.hint)) == ("id", 2, True, True)


def test_an_operators_own_numbers_may_be_anything_as_it_gets_ids_of_ours(people: Database) -> None:
    with people.session() as session:
        confirm(session, OPERATOR, kept(session, OPERATOR, replace(FIRST, id="a/b")).id, {})
        (stored,) = mine(session, OPERATOR)
        assert "/" not in stored.listing.id


def test_imports_are_ones_own(people: Database) -> None:
    with people.session() as session:
        found = kept(session, OPERATOR, FIRST)
        assert imports_of(session, OPERATOR) == (1, [found])
        assert imports_of(session, ADMIN)[0] == 1
        assert imports_of(session, OTHER) == (0, [])
        for one in (found.id, "nowhere", "a\x00"):
            with pytest.raises(NotFound):
                find_import(session, OTHER, one)


@pytest.mark.parametrize(("actor", "error"), [(ANONYMOUS, NotSignedIn), (REQUESTER, Forbidden)])
def test_who_may_not(people: Database, actor: Actor, error: type[Exception]) -> None:
    with pytest.raises(error), people.session() as session:
        preview_file(session, actor, "表.jsonl", file_of(FIRST))


def test_into_which_organisation(people: Database) -> None:
    with people.session() as session:
        with pytest.raises(Forbidden):
            preview_file(session, OPERATOR, "表.jsonl", file_of(FIRST), "o-two")
        with pytest.raises(InvalidInput):
            preview_file(session, ADMIN, "表.jsonl", file_of(FIRST), "nowhere")
        found = preview_file(session, ADMIN, "表.jsonl", file_of(FIRST), "o-two")
        confirm(session, ADMIN, keep_preview(session, ADMIN, found, "o-two").id, {})
        assert [one.organisation_id for one in mine(session, OTHER)] == ["o-two"]


def test_old_ones_are_forgotten(people: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with people.session() as session:
        found = kept(session, OPERATOR, FIRST)
        assert forget_old_imports(session) == 0
    later = base.now() + timedelta(days=31)
    monkeypatch.setattr(base, "now", lambda: later)
    with people.session() as session:
        assert forget_old_imports(session) == 1
    with pytest.raises(NotFound), people.session() as session:
        find_import(session, OPERATOR, found.id)
