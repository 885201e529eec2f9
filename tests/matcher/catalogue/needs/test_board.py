"""The wall: what one outsider sees, by page, filter and count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.database import Database
from matcher.catalogue.needs.board import RECENT, Wanted, board, recent_needs, seen_need, seen_needs
from matcher.catalogue.needs.consents import give_consent
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.errors import NotFound
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.needs.people import (
    ADMIN,
    BROKER,
    OPERATOR,
    OWNER,
    TODAY,
    keep,
    peopled,  # noqa: F401
)


def need(number: int, abstract: str = "中试需求", **fields: Any) -> SeenNeed:
    return SeenNeed(f"need-{number}", abstract, True, fields, date(2026, 1, 1))


NEEDS = [
    need(1, "酶制剂发酵", industry=["生物制造", "食品"], province="广东省", kinds=["platform"]),
    need(2, "饮料灌装", industry=["食品"], province="广东省", kinds=[]),
    need(3, "MEMS流片", industry=[], province="上海市"),
    need(4, parameters=[{"name": "发酵罐容积", "min": 1, "max": None, "unit": "L"}], title="ＧＭＰ 车间"),
]


def ids(wanted: Wanted) -> list[str]:
    return [one.id[-1] for one in board(NEEDS, wanted, 1, 100).needs]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), "1234"),
        (Wanted(industry="食品"), "12"),
        (Wanted(industry="食"), ""),
        (Wanted(province="广东"), "12"),
        (Wanted(province="广东省", industry="生物制造"), "1"),
        (Wanted(kind="platform"), "1"),
        (Wanted(words="发酵"), "14"),
        (Wanted(words="gmp"), "4"),
        (Wanted(words="发酵 GMP"), "4"),
        (Wanted(words="ＧＭＰ"), "4"),
        (Wanted(words="发酵", province="广东"), "1"),
        (Wanted(words="没有"), ""),
    ],
)
def test_filters_look_at_what_is_seen(wanted: Wanted, found: str) -> None:
    assert ids(wanted) == list(found)
    assert board(NEEDS, wanted, 1, 1).total == len(found)


def test_facets_count_what_the_other_filters_leave() -> None:
    facets = board(NEEDS, Wanted(industry="食品"), 1, 1).facets
    assert facets == {"industry": {"食品": 2, "生物制造": 1}, "province": {"广东省": 2}, "kind": {"platform": 1}}
    assert board(NEEDS, Wanted(words="流片"), 1, 1).facets["province"] == {"上海市": 1}


@given(st.integers(1, 5), st.sampled_from([Wanted(), Wanted(province="广东"), Wanted(words="发酵")]))
@settings(max_examples=30, deadline=None)
def test_all_pages_together_are_the_wall(size: int, wanted: Wanted) -> None:
    whole = board(NEEDS, wanted, 1, 100)
    pages = [board(NEEDS, wanted, page, size) for page in range(1, 6)]
    assert tuple(one for page in pages for one in page.needs) == whole.needs
    assert {page.total for page in pages} == {whole.total}


def test_the_wall_holds_open_listed_needs_latest_first(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        first = keep(session, visibility={"industry": "public", "province": "signed_in", "text": "chosen"})
        second, closed = keep(session, actor=BROKER), keep(session)
        keep(session, publish=False)
        unlisted = keep(session, listed=False, visibility={"text": "chosen"})
        move_need(session, OWNER, closed.id, 1, "close", TODAY)
        keep(session, expires_on=TODAY)
        give_consent(session, OWNER, unlisted.id, "org-a", TODAY)
        give_consent(session, OWNER, first.id, "org-a", TODAY)
    day = TODAY + timedelta(days=1)
    with peopled.reading() as session:
        for actor in (ANONYMOUS, OWNER, ADMIN, BROKER):
            assert [one.id for one in seen_needs(session, actor, day)] == [second.id, first.id]
        assert [one.id for one in seen_needs(session, OPERATOR, day)] == [unlisted.id, second.id, first.id]
        fields = [set(seen_need(session, one, first.id, day).fields) for one in (ANONYMOUS, OWNER, ADMIN, OPERATOR)]
        assert fields == [
            {"industry"},
            {"industry", "province"},
            {"industry", "province"},
            {"industry", "province", "text"},
        ]
        assert seen_needs(session, OPERATOR, day)[2] == seen_need(session, OPERATOR, first.id, day)
        for missing in (closed.id, unlisted.id, "need-none"):
            with pytest.raises(NotFound):
                seen_need(session, BROKER, missing, day)
        assert seen_need(session, OPERATOR, unlisted.id, day).fields["text"]


def test_recent_needs_are_the_latest_as_anybody_reads_them(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        keep(session, {"text": "秘密的发酵"}, visibility={"text": "signed_in"})
        texts = [{"text": f"发酵放大{number}", "stage": "小试→中试"} for number in range(RECENT + 1)]
        shown = [keep(session, text, visibility={"text": "public"}) for text in texts]
        keep(session, publish=False, visibility={"text": "public"})
    with peopled.reading() as session:
        found = recent_needs(session, TODAY)
    assert [one.id for one in found] == [one.id for one in reversed(shown)][:RECENT]
    assert {one.text for one in found} == {f"发酵放大{number}" for number in range(1, RECENT + 1)}
    assert not any(one.stage for one in found)
