"""Messages on screen: whose they are, what is read, and what they still name."""

from __future__ import annotations

import pytest

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.alerts.messages import add_message, inbox, mark_all_read, read_message, unread_count
from matcher.catalogue.database import Database
from matcher.catalogue.needs.store import Openness
from matcher.errors import NotFound, NotSignedIn
from matcher.today import today
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import TODAY, Scene, listing


@pytest.fixture
def scene(database: Database) -> Scene:  # noqa: F811
    return Scene(database)


def write(scene: Scene, who: str = "requester", **more: object) -> str:
    with scene.database.session() as session:
        return add_message(session, scene.actors[who].user_id or "", "题", "文", **more)  # type: ignore[arg-type]  # as add_message


def test_pages_latest_first_with_what_is_unread(scene: Scene) -> None:
    ids = [write(scene) for _ in range(5)]
    write(scene, "operator")
    actor = scene.actors["requester"]
    with scene.database.session() as session:
        assert read_message(session, actor, ids[0], TODAY).read_at is not None
        pages = [inbox(session, actor, TODAY, unread=False, page=page, size=2) for page in (1, 2, 3)]
        assert [one.id for page in pages for one in page.messages] == ids[::-1]
        assert {(page.total, page.unread) for page in pages} == {(5, 4)}
        unread = inbox(session, actor, TODAY, unread=True, page=1, size=10)
        assert (unread.total, [one.id for one in unread.messages]) == (4, ids[:0:-1])
        assert mark_all_read(session, actor) == 4
        assert (unread_count(session, actor), unread_count(session, scene.actors["operator"])) == (0, 1)


def test_reading_again_keeps_the_first_time(scene: Scene) -> None:
    key = write(scene)
    with scene.database.session() as session:
        first = read_message(session, scene.actors["requester"], key, TODAY).read_at
        assert read_message(session, scene.actors["requester"], key, TODAY).read_at == first


def test_another_s_message_is_not_there(scene: Scene) -> None:
    key = write(scene)
    with scene.database.session() as session:
        for unknown in (key, "msg-x", "\x00", "x" * 999):
            with pytest.raises(NotFound):
                read_message(session, scene.actors["admin"], unknown, TODAY)
        with pytest.raises(NotSignedIn):
            inbox(session, ANONYMOUS, TODAY, unread=False, page=1, size=1)


def names(scene: Scene, who: str) -> list[str]:
    with scene.database.reading() as session:
        (message,) = inbox(session, scene.actors[who], today(), unread=False, page=1, size=1).messages
        return [item.name for item in message.items]


def test_a_listing_that_was_hidden_since_is_named_no_more(scene: Scene) -> None:
    scene.publish(listing("PF-1", "甲"), listing("PF-2", "乙"))
    write(scene, items=[("listing", "PF-1", "strong"), ("listing", "PF-2", "possible"), ("listing", "PF-9", None)])
    assert names(scene, "requester") == ["甲", "乙"]
    scene.retire("PF-1")
    assert names(scene, "requester") == ["乙"]


def test_a_need_is_named_by_what_its_reader_may_see(scene: Scene) -> None:
    shown = scene.need("机密", publish=True, title="发酵", openness=Openness({"title": "signed_in"}, listed=True))
    closed = scene.need("机密", publish=True, title="机密标题", openness=Openness({}, listed=True))
    unlisted = scene.need("机密", publish=True, title="公开", openness=Openness({"title": "public"}))
    write(scene, "operator", items=[("need", one.id, None) for one in (shown, closed, unlisted)])
    seen = names(scene, "operator")
    assert len(seen) == 2
    assert seen[0] == "发酵"
    assert "机密" not in "".join(seen)
