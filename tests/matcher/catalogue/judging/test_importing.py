"""Imports: previewed with every fault, written as a whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging.content import grades_by_judge, judged_needs, judgements_of
from matcher.catalogue.judging.grades import put_grade
from matcher.catalogue.judging.importing import PROBLEMS_SHOWN, Preview, Upload, confirm, parse, preview
from matcher.catalogue.judging.queues import make_queue, progress
from matcher.catalogue.judging.sets import freeze, get_set, verify_set
from matcher.catalogue.tables.accounts import AuditRow
from matcher.errors import Conflict, InvalidInput, NotFound, TooLarge
from tests.matcher.catalogue.judging.world import stored

QRELS = Upload(b"N-1 0 PF-1 3\nN-1 0 PF-2 0\nN-2 0 PF-1 1\n", form="qrels")
NEED = {"id": "N-7", "title": "酶制剂", "description": "发酵放大", "budget_wan": 12.5, "explicit": True}


def lines(*needs: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(need, ensure_ascii=False) for need in needs).encode()


def previewed(database: Database, set_id: str, upload: Upload) -> Preview:
    with database.reading() as session:
        return preview(session, set_id, parse(upload))


def confirmed(database: Database, set_id: str, upload: Upload, seen: str | None = None) -> Preview:
    with database.session() as session:
        return confirm(session, CONSOLE, set_id, parse(upload), seen or upload.hash)


def test_a_preview_writes_nothing_and_the_confirmation_all(database: Database) -> None:
    made, _ = stored(database)
    found = previewed(database, made.id, QRELS)
    assert (found.grades, found.needs) == ({"new": 3, "changed": 0, "same": 0}, {"new": 0, "changed": 0, "same": 0})
    assert (found.judges, found.problem_count, found.written) == ({"imported": 3}, 0, False)
    with database.reading() as session:
        assert get_set(session, made.id).judgements == 0
    assert confirmed(database, made.id, QRELS, found.hash) == replace(found, written=True)
    with database.reading() as session:
        assert judgements_of(session, made.id).grades == {"N-1": {"PF-1": 3, "PF-2": 0}, "N-2": {"PF-1": 1}}
        assert get_set(session, made.id).judges == 1
        assert "judgements.import" in session.scalars(select(AuditRow.action)).all()
    assert previewed(database, made.id, QRELS).grades == {"new": 0, "changed": 0, "same": 3}
    assert confirmed(database, made.id, QRELS).grades["same"] == 3


def test_faults_are_told_by_row_and_nothing_is_written(database: Database) -> None:
    made, _ = stored(database)
    broken = Upload(
        b"need_id,listing_id,grade,judge\nN-1,PF-1,2,a\nN-9,PF-1,1,a\nN-1,XX-1,1,a\nN-1,PF-2,5,a\nN-1,PF-1,2,a\n"
    )
    found = previewed(database, made.id, broken)
    assert sorted((one.line, one.code) for one in found.problems) == [
        (3, "unknown_need"),
        (4, "unknown_listing"),
        (5, "grade"),
        (6, "duplicate"),
    ]
    assert (found.problem_count, found.grades["new"]) == (4, 1)
    with pytest.raises(InvalidInput, match="4 处错误"):
        confirmed(database, made.id, broken)
    with database.reading() as session:
        assert grades_by_judge(session, made.id) == {}


def test_many_faults_are_counted_and_the_first_are_told(database: Database) -> None:
    made, _ = stored(database)
    found = previewed(database, made.id, Upload("".join(f"N-1 0 X-{n} 1\n" for n in range(999)).encode(), form="qrels"))
    assert (found.problem_count, len(found.problems)) == (999, PROBLEMS_SHOWN)


def test_needs_and_their_judgements_come_together(database: Database) -> None:
    made, _ = stored(database)
    upload = Upload(b"N-7 0 PF-1 2\n", lines(NEED), form="qrels", judge="panel")
    assert previewed(database, made.id, upload).needs == {"new": 1, "changed": 0, "same": 0}
    confirmed(database, made.id, upload)
    with database.reading() as session:
        need = next(one for one in judged_needs(session, made.id) if one.id == "N-7")
        assert (need.text, need.budget_wan) == ("酶制剂。发酵放大", 12.5)
        assert grades_by_judge(session, made.id) == {("N-7", "PF-1"): {"panel": 2}}
    assert previewed(database, made.id, upload).needs == {"new": 0, "changed": 0, "same": 1}
    again = Upload(None, lines(NEED | {"title": "新题"}))
    assert previewed(database, made.id, again).needs == {"new": 0, "changed": 1, "same": 0}
    confirmed(database, made.id, again)
    with database.reading() as session:
        assert "新题。发酵放大" in [one.text for one in judged_needs(session, made.id)]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"{", [(1, "need")]),
        (lines({"title": "a"}), [(1, "need")]),
        (lines({"id": "N-8"}), [(1, "need")]),
        (lines({"id": "a/b", "title": "a"}), [(1, "need")]),
        (lines({"id": "N-8", "title": "a\x00"}), [(1, "need")]),
        (lines({"id": "N-8", "title": "长" * 20_001}), [(1, "need")]),
        (lines({"id": "N-8", "title": "a", "rest": "x" * 90_000}), [(1, "need")]),
        (lines(NEED, {"id": "N-8", "title": "a", "budget_wan": -1}, NEED), [(2, "need"), (3, "duplicate")]),
    ],
)
def test_needs_at_fault(database: Database, content: bytes, codes: list[tuple[int, str]]) -> None:
    made, _ = stored(database)
    upload = Upload(None, content)
    problems = previewed(database, made.id, upload).problems
    assert [(one.line, one.code) for one in problems] == codes
    assert {one.file for one in problems} == {"needs"}
    with pytest.raises(InvalidInput):
        confirmed(database, made.id, upload)
    with database.reading() as session:
        assert len(judged_needs(session, made.id)) == 3


@pytest.mark.parametrize("upload", [Upload(), Upload(None, b" \n"), Upload(None, b"\xff\xff"), Upload(b"")])
def test_uploads_that_cannot_be_read(upload: Upload) -> None:
    with pytest.raises(InvalidInput):
        parse(upload)


def test_needs_too_many() -> None:
    with pytest.raises(TooLarge):
        parse(Upload(None, b"{}\n" * 100_001))


def test_another_grade_of_the_same_judge_needs_to_be_asked_for(database: Database) -> None:
    made, _ = stored(database)
    confirmed(database, made.id, QRELS)
    other = Upload(b"N-1 0 PF-1 0\nN-1 0 PF-2 0\n", form="qrels")
    assert [(one.line, one.code) for one in previewed(database, made.id, other).problems] == [(1, "already")]
    with pytest.raises(InvalidInput):
        confirmed(database, made.id, other)
    asked = replace(other, replace=True)
    assert confirmed(database, made.id, asked).grades == {"new": 0, "changed": 1, "same": 1}
    with database.reading() as session:
        assert judgements_of(session, made.id).of("N-1") == {"PF-1": 0, "PF-2": 0}


def test_what_is_confirmed_is_what_was_previewed(database: Database) -> None:
    made, _ = stored(database)
    seen = previewed(database, made.id, QRELS).hash
    for other in (
        replace(QRELS, judgements=b"N-1 0 PF-1 2"),
        replace(QRELS, judge="x"),
        replace(QRELS, replace=True),
        replace(QRELS, needs=lines(NEED)),
    ):
        with pytest.raises(Conflict, match="预览"):
            confirmed(database, made.id, other, seen)


def test_a_frozen_or_unknown_set_takes_no_file(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, ("N-1", "PF-1"), 3)
        freeze(session, CONSOLE, made.id)
    for act in (previewed, confirmed):
        with pytest.raises(Conflict):
            act(database, made.id, QRELS)
        with pytest.raises(NotFound):
            act(database, "x", QRELS)
    with database.reading() as session:
        verify_set(session, made.id)


def test_tasks_that_a_file_has_done_are_done(database: Database) -> None:
    made, people = stored(database)
    ann = str(people["ann"].user_id)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [("N-1", "PF-1"), ("N-3", "PF-1")], [ann], 1)
    confirmed(database, made.id, replace(QRELS, judge=ann))
    with database.reading() as session:
        assert [(one.open, one.graded) for one in progress(session, made.id)] == [(1, 1)]
