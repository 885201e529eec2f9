"""A search is shown once, however often its page is loaded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.portal.matching.shown import Shown


def search(id: str, text: str) -> dict[str, object]:
    return {"id": id, "need": {"text": text, "kinds": ["platform"]}, "expires_at": text}


def test_what_was_shown_is_held() -> None:
    shown = Shown()
    assert not shown.holds(search("a", "发酵"))
    shown.add(search("a", "发酵"))
    assert shown.holds(search("a", "发酵"))
    assert not shown.holds(search("b", "发酵"))


def test_a_changed_need_is_another_one() -> None:
    shown = Shown()
    shown.add(search("a", "发酵"))
    assert not shown.holds(search("a", "发酵罐"))


def test_what_is_kept_besides_the_need_makes_no_difference() -> None:
    shown = Shown()
    shown.add(search("a", "发酵"))
    assert shown.holds(search("a", "发酵") | {"saved": True, "expires_at": None})


def test_the_one_shown_longest_ago_is_forgotten() -> None:
    shown = Shown(most=2)
    for id in "abac":
        shown.add(search(id, "发酵"))
    assert [shown.holds(search(id, "发酵")) for id in "abc"] == [True, False, True]


@given(st.lists(st.sampled_from("abcdef")), st.integers(1, 4))
def test_as_a_list_of_the_latest(ids: list[str], most: int) -> None:
    shown, latest = Shown(most), []
    for id in ids:
        shown.add(search(id, ""))
        latest = [*(one for one in latest if one != id), id][-most:]
    assert {id for id in "abcdef" if shown.holds(search(id, ""))} == set(latest)
