"""The life of a listing, every act in every state by everybody; days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.lifecycle import (
    ACT_NAMES,
    ACTS,
    ALLOWED,
    GRACE_DAYS,
    NEEDS_REASON,
    PERFORMERS,
    REMIND_DAYS,
    STATE_NAMES,
    STATES,
    TRANSITIONS,
    VISIBLE,
    Act,
    Performer,
    State,
    after,
    clock_act,
    due_after,
    is_time_to_remind,
    possible,
    stale_after,
)
from matcher.errors import Conflict

#: The whole table once more, written from the requirements: rows are acts, columns states in the order of STATES,
#: letters the state after (the first letter of draft, submitted, returned, approved, published, due, stale → "t",
#: retired → "x"), "." where the act can't be done.
EXPECTED: dict[Act, tuple[str, str]] = {
    "edit": ("dsrapet.", "operator admin"),
    "submit": ("s.s.....", "operator admin"),
    "withdraw": (".d......", "operator admin"),
    "approve": (".a.apet.", "admin"),
    "return": (".r.rrrr.", "admin"),
    "publish": ("...p....", "operator admin"),
    "verify": ("....ppp.", "operator admin"),
    "retire": ("xxxxxxx.", "operator admin"),
    "reopen": (".......d", "operator admin"),
    "hide": ("dsrapetx", "admin"),
    "unhide": ("dsrapetx", "admin"),
    "assign": ("dsrapetx", "admin"),
    "delete": ("d.......", "operator admin"),
    "fall_due": ("....e...", "clock"),
    "turn_stale": (".....t..", "clock"),
}
LETTERS: dict[State, str] = dict(zip(STATES, "dsrapetx", strict=True))


def test_the_tables_are_complete() -> None:
    assert set(EXPECTED) == set(ACTS) == set(ALLOWED) == set(TRANSITIONS) == set(ACT_NAMES)
    assert set(STATE_NAMES) == set(STATES)


@pytest.mark.parametrize(("act", "state"), list(product(ACTS, STATES)))
def test_every_act_in_every_state(act: Act, state: State) -> None:
    expected = EXPECTED[act][0][STATES.index(state)]
    if expected == ".":
        with pytest.raises(Conflict) as caught:
            after(act, state)
        assert STATE_NAMES[state] in caught.value.message
    else:
        assert LETTERS[after(act, state)] == expected


@pytest.mark.parametrize(("act", "performer"), list(product(ACTS, PERFORMERS)))
def test_who_may(act: Act, performer: Performer) -> None:
    assert (performer in ALLOWED[act]) == (performer in EXPECTED[act][1].split())


@pytest.mark.parametrize(("state", "performer"), list(product(STATES, PERFORMERS)))
def test_possible_acts_agree_with_the_tables(state: State, performer: Performer) -> None:
    found = possible(state, performer)
    for act in ACTS:
        expected = performer in EXPECTED[act][1].split() and EXPECTED[act][0][STATES.index(state)] != "."
        assert (act in found) == expected


def test_nothing_comes_in_sight_without_approval() -> None:
    ways = {(state, then) for of in TRANSITIONS.values() for state, then in of.items() if then in VISIBLE}
    assert {state for state, then in ways if state not in VISIBLE} == {"approved"}


def test_an_operator_can_not_reach_approved() -> None:
    own = [TRANSITIONS[act] for act in ACTS if "operator" in ALLOWED[act]]
    reached, new = {"draft"}, {"draft"}
    while new:
        new = {then for of in own for state, then in of.items() if state in new} - reached
        reached |= new
    assert reached == {"draft", "submitted", "retired"}


def test_what_takes_away_says_why() -> None:
    assert {"return", "hide"} == NEEDS_REASON


@pytest.mark.parametrize(
    ("verified", "months", "due"),
    [
        ("2025-01-15", 12, "2026-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-08-31", 1, "2025-09-30"),
        ("2025-11-30", 1, "2025-12-30"),
    ],
)
def test_due_days(verified: str, months: int, due: str) -> None:
    assert due_after(date.fromisoformat(verified), months).isoformat() == due


@settings(max_examples=100, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 24))
def test_due_days_follow_the_months(day: date, months: int) -> None:
    due = due_after(day, months)
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months
    assert due.day <= day.day
    assert due_after(day, months + 1) > due


DUE = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        ("published", -1, None),
        ("published", 0, "fall_due"),
        ("published", 500, "fall_due"),
        ("due", 0, None),
        ("due", GRACE_DAYS - 1, None),
        ("due", GRACE_DAYS, "turn_stale"),
        ("stale", 5000, None),
        ("draft", 5000, None),
        ("retired", 5000, None),
    ],
)
def test_the_clock(state: State, days: int, expected: Act | None) -> None:
    assert clock_act(state, DUE, DUE + timedelta(days=days)) == expected
    assert clock_act(state, None, DUE + timedelta(days=days)) is None


@pytest.mark.parametrize(
    ("days", "expected"), [(-REMIND_DAYS - 1, False), (-REMIND_DAYS, True), (-1, True), (0, False), (9, False)]
)
def test_when_to_remind(days: int, expected: bool) -> None:
    today = DUE + timedelta(days=days)
    assert is_time_to_remind("published", DUE, None, today) is expected
    assert not is_time_to_remind("draft", DUE, None, today)
    assert not is_time_to_remind("published", None, None, today)


def test_reminded_once_for_each_due_day() -> None:
    today = DUE - timedelta(days=10)
    assert not is_time_to_remind("published", DUE, today - timedelta(days=3), today)
    assert is_time_to_remind("published", DUE, DUE - timedelta(days=365), today)


def test_stale_follows_due() -> None:
    assert stale_after(DUE) == DUE + timedelta(days=GRACE_DAYS)
