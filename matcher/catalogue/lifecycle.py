"""The life of a listing as a table: which act leads from which state to which, and who may do it. No database here.

    draft ─submit→ submitted ─approve→ approved ─publish→ published ─(clock)→ due ─(clock)→ stale
      ↑              │ return                                 ↑─────── verify ────────┴────────┘
    reopen        returned ─submit→ …                         any but draft: retire → retired ─reopen→ draft

What was decided beyond the picture:

- Publishing confirms the content: a listing that nobody verified before counts as verified on the day of publication.
- An operator may edit a listing in every state but `retired`. What is published stays in sight with its new content at
  once, and is marked as changed since approval for the admins' queue; `approve` clears the mark, `return` takes it out
  of sight until it is put right. The same holds between approval and publication: one rule for both.
- Editing is no verification: whoever corrects a telephone number has not looked through the machine list. `verify`
  says that all of it still holds, and starts the clock anew; it also brings a stale listing back.
- Hiding is apart from the states: an admin takes a listing out of sight with a reason, in whatever state it is, and
  nothing but an admin's act shows it again.
- A draft that was never published can be deleted; all else is retired, as enquiries and judgements may point to it.
- Admins may do all that operators may.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Final, Literal

from matcher.errors import Conflict

State = Literal["draft", "submitted", "returned", "approved", "published", "due", "stale", "retired"]
STATES: Final[tuple[State, ...]] = (
    "draft", "submitted", "returned", "approved", "published", "due", "stale", "retired",
)  # fmt: skip
STATE_NAMES: Final[dict[State, str]] = {
    "draft": "草稿",
    "submitted": "待审核",
    "returned": "已退回",
    "approved": "已通过",
    "published": "已发布",
    "due": "待复核",
    "stale": "已过期",
    "retired": "已下架",
}
#: In sight, unless hidden.
VISIBLE: Final[tuple[State, ...]] = ("published", "due", "stale")

Act = Literal[
    "edit", "submit", "withdraw", "approve", "return", "publish", "verify", "retire", "reopen", "hide", "unhide",
    "assign", "delete", "fall_due", "turn_stale",
]  # fmt: skip
ACTS: Final[tuple[Act, ...]] = (
    "edit", "submit", "withdraw", "approve", "return", "publish", "verify", "retire", "reopen", "hide", "unhide",
    "assign", "delete", "fall_due", "turn_stale",
)  # fmt: skip
ACT_NAMES: Final[dict[Act, str]] = {
    "edit": "修改",
    "submit": "提交审核",
    "withdraw": "撤回提交",
    "approve": "通过审核",
    "return": "退回",
    "publish": "发布",
    "verify": "复核",
    "retire": "下架",
    "reopen": "重新编辑",
    "hide": "屏蔽",
    "unhide": "取消屏蔽",
    "assign": "划归单位",
    "delete": "删除",
    "fall_due": "转为待复核",
    "turn_stale": "转为已过期",
}
Performer = Literal["operator", "admin", "clock"]
PERFORMERS: Final[tuple[Performer, ...]] = ("operator", "admin", "clock")
_PEOPLE: Final[frozenset[Performer]] = frozenset({"operator", "admin"})
_ADMIN: Final[frozenset[Performer]] = frozenset({"admin"})
_CLOCK: Final[frozenset[Performer]] = frozenset({"clock"})
#: The operator is the one whose organisation holds the listing.
ALLOWED: Final[dict[Act, frozenset[Performer]]] = {
    "edit": _PEOPLE,
    "submit": _PEOPLE,
    "withdraw": _PEOPLE,
    "approve": _ADMIN,
    "return": _ADMIN,
    "publish": _PEOPLE,
    "verify": _PEOPLE,
    "retire": _PEOPLE,
    "reopen": _PEOPLE,
    "hide": _ADMIN,
    "unhide": _ADMIN,
    "assign": _ADMIN,
    "delete": _PEOPLE,
    "fall_due": _CLOCK,
    "turn_stale": _CLOCK,
}
#: The state after each act, by the state before; what is not here can't be done. `delete` leaves no state.
TRANSITIONS: Final[dict[Act, dict[State, State]]] = {
    "edit": {state: state for state in STATES if state != "retired"},
    "submit": {"draft": "submitted", "returned": "submitted"},
    "withdraw": {"submitted": "draft"},
    "approve": {"submitted": "approved", "approved": "approved", **{state: state for state in VISIBLE}},
    "return": dict.fromkeys(("submitted", "approved", *VISIBLE), "returned"),
    "publish": {"approved": "published"},
    "verify": dict.fromkeys(VISIBLE, "published"),
    "retire": {state: "retired" for state in STATES if state != "retired"},
    "reopen": {"retired": "draft"},
    "hide": {state: state for state in STATES},
    "unhide": {state: state for state in STATES},
    "assign": {state: state for state in STATES},
    "delete": {"draft": "draft"},
    "fall_due": {"published": "due"},
    "turn_stale": {"due": "stale"},
}
#: Acts that need a reason in words: the operator has to know what to put right.
NEEDS_REASON: Final[frozenset[Act]] = frozenset({"return", "hide"})

#: A verification holds for a year: provinces' notices on 中试平台 ask for yearly reports of what a platform can do.
VERIFY_MONTHS: Final = 12
#: A month is enough to ask the people at the machines.
REMIND_DAYS: Final = 30
#: After this an operator who has been reminded twice is not going to answer, and readers should know.
GRACE_DAYS: Final = 60


def after(act: Act, state: State) -> State:
    """The state after an act.

    Raises:
        Conflict: the act can't be done in this state.
    """
    found = TRANSITIONS[act].get(state)
    if found is None:
        possible = "、".join(STATE_NAMES[one] for one in TRANSITIONS[act])
        raise Conflict(
            f"“{STATE_NAMES[state]}”的条目不能{ACT_NAMES[act]}", hint=f"只有以下状态可以:{possible}", field="state"
        )
    return found


def possible(state: State, performer: Performer) -> tuple[Act, ...]:
    """The acts that somebody can do in a state, in the order of `ACTS`."""
    return tuple(act for act in ACTS if performer in ALLOWED[act] and state in TRANSITIONS[act])


def due_after(verified_on: date, months: int = VERIFY_MONTHS) -> date:
    """The same day so many months later; the last of that month where it has no such day."""
    years, month = divmod(verified_on.month - 1 + months, 12)
    year, month = verified_on.year + years, month + 1
    return date(year, month, min(verified_on.day, calendar.monthrange(year, month)[1]))


def stale_after(due_on: date) -> date:
    """The day on which a listing that is due turns stale."""
    return due_on + timedelta(days=GRACE_DAYS)


def clock_act(state: State, due_on: date | None, today: date) -> Act | None:
    """What time alone does to a listing now; None where nothing."""
    if due_on is None:
        return None
    if state == "published" and due_on <= today:
        return "fall_due"
    return "turn_stale" if state == "due" and stale_after(due_on) <= today else None


def is_time_to_remind(state: State, due_on: date | None, reminded_on: date | None, today: date) -> bool:
    """Whether the operator should hear today that re-verification comes up; once for each due day."""
    if state != "published" or due_on is None:
        return False
    begins = due_on - timedelta(days=REMIND_DAYS)
    return begins <= today < due_on and (reminded_on is None or reminded_on < begins)
