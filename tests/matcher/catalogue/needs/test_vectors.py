"""Vectors of needs: stored beside their need, and gone with it or with a change of it."""

from __future__ import annotations

import numpy as np
from sqlalchemy import func, select

from matcher.catalogue.database import Database, Session
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.store import NeedDraft, Openness, delete_need, edit_need, open_fields
from matcher.catalogue.needs.vectors import PART, keep_vectors, known_vectors
from matcher.catalogue.tables.needs import NeedVectorRow
from matcher.retrieval.one_listing import CodedNeed
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.needs.people import OWNER, TODAY, keep, peopled  # noqa: F401


def coded(seed: int, tokens: int = 3) -> CodedNeed:
    random = np.random.default_rng(seed)
    codes = random.integers(-64, 65, (tokens, 4), np.int8)
    return CodedNeed(random.random(4, np.float32), codes, random.random(tokens, np.float32))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(NeedVectorRow)) or 0


def same(one: CodedNeed, other: CodedNeed) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_is_kept_is_known_by_need_text_and_encoder(peopled: Database) -> None:  # noqa: F811
    first, second = coded(1), coded(2, tokens=0)
    with peopled.session() as session:
        one, other = keep(session), keep(session)
        keep_vectors(session, "e5", {one.id: ("发酵", first), other.id: ("", second)})
    with peopled.reading() as session:
        found = known_vectors(session, "e5", {one.id: "发酵", other.id: "", "need-none": "发酵"})
        assert set(found) == {"发酵", ""}
        assert same(found["发酵"], first)
        assert same(found[""], second)
        assert known_vectors(session, "e5", {one.id: "别的", other.id: "发酵"}) == {}
        assert known_vectors(session, "bge", {one.id: "发酵"}) == {}
        assert known_vectors(session, "e5", {}) == {}


def test_keeping_twice_and_for_needs_that_are_gone(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        for _ in range(2):
            keep_vectors(session, "e5", {need.id: ("发酵", coded(1)), "need-none": ("发酵", coded(1))})
        assert count(session) == 1
        keep_vectors(session, "e5", {need.id: ("发酵罐", coded(2))})
        assert count(session) == 2


def test_nothing_outlives_the_words_it_was_computed_from(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need, other = keep(session), keep(session)

        def put() -> None:
            keep_vectors(session, "e5", {need.id: ("发酵", coded(1)), other.id: ("发酵", coded(1))})

        put()
        edit_need(session, OWNER, need.id, 1, NeedDraft({"text": "别的"}), TODAY)
        assert count(session) == 1
        put()
        open_fields(session, OWNER, need.id, 2, Openness({}, True), TODAY)
        assert count(session) == 1
        put()
        move_need(session, OWNER, need.id, 3, "talk", TODAY)
        assert count(session) == 2
        delete_need(session, OWNER, need.id, 4, TODAY)
        assert count(session) == 1


def test_more_than_one_statement_takes(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        needs = {keep(session).id: ("发酵", coded(place)) for place in range(3)}
        many = needs | {f"need-{place}": ("发酵", coded(9)) for place in range(PART)}
        keep_vectors(session, "e5", many)
        assert count(session) == 3
        assert set(known_vectors(session, "e5", {need_id: text for need_id, (text, _) in many.items()})) == {"发酵"}
