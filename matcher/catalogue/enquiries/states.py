"""The life of an enquiry, and who may lead it where: a small table, without database or HTTP."""

from __future__ import annotations

from typing import Final, Literal

from matcher.errors import Conflict, Forbidden

EnquiryState = Literal["sent", "read", "answered", "visiting", "contracted", "completed", "declined", "withdrawn"]
ENQUIRY_STATES: Final[dict[EnquiryState, str]] = {
    "sent": "已发送",
    "read": "已阅",
    "answered": "已答复",
    "visiting": "考察中",
    "contracted": "已签约",
    "completed": "已完成",
    "declined": "已婉拒",
    "withdrawn": "已撤回",
}
#: While it stands so, its sender can't send another about the same thing. `tables.enquiries` has an index of these.
OPEN: Final[tuple[EnquiryState, ...]] = ("sent", "read", "answered", "visiting")
#: It came to nothing: the other side no longer sees contact data or what was shared of the need.
LOST: Final[tuple[EnquiryState, ...]] = ("declined", "withdrawn")
#: A refusal says why, so that the requester can mend the need or look elsewhere.
NEEDS_NOTE: Final[frozenset[EnquiryState]] = frozenset({"declined"})

Side = Literal["requester", "operator", "platform"]
SIDE_NAMES: Final[dict[Side, str]] = {"requester": "需求方", "operator": "供给方", "platform": "平台"}
#: As whom somebody acts: an admin stands in for the operator while nobody has claimed the listing (`keeper`), and
#: otherwise watches (`overseer`).
Party = Literal["requester", "operator", "keeper", "overseer"]

_ANSWERING: Final[frozenset[Party]] = frozenset({"operator", "keeper"})
#: Contracts weigh in what the ranking learns, so an operator can't claim one: the requester says it, or the platform.
_CONFIRMING: Final[frozenset[Party]] = frozenset({"requester", "keeper", "overseer"})
_REFUSING: Final[frozenset[Party]] = frozenset({"operator", "keeper", "overseer"})
#: From a state to a state, and who may; what is not here can't be done.
MOVES: Final[dict[tuple[EnquiryState, EnquiryState], frozenset[Party]]] = {
    ("sent", "read"): _ANSWERING,
    ("sent", "answered"): _ANSWERING,
    ("read", "answered"): _ANSWERING,
    ("answered", "visiting"): frozenset({"requester", "operator", "keeper"}),
    ("answered", "contracted"): _CONFIRMING,
    ("visiting", "contracted"): _CONFIRMING,
    ("contracted", "completed"): _CONFIRMING,
    **{(state, "declined"): _REFUSING for state in OPEN},
    **{(state, "withdrawn"): frozenset({"requester"}) for state in OPEN},
}


def moves_from(state: EnquiryState, party: Party) -> tuple[EnquiryState, ...]:
    """Where a party may lead an enquiry that stands so, in the order of the table."""
    return tuple(to for (before, to), parties in MOVES.items() if before == state and party in parties)


def check_move(state: EnquiryState, to: EnquiryState, party: Party) -> None:
    """Pass where a party may lead an enquiry from a state to another.

    Raises:
        Forbidden: this party may lead no enquiry there. Conflict: not from this state; the hint says what can be.
    """
    if not any(party in parties for (_, after), parties in MOVES.items() if after == to):
        raise Forbidden(f"没有权限将对接申请标为“{ENQUIRY_STATES[to]}”", hint=_who_may(to))
    if party not in MOVES.get((state, to), ()):
        open_moves = [ENQUIRY_STATES[one] for one in moves_from(state, party)]
        hint = f"现在可以标为:{'、'.join(open_moves)}" if open_moves else "该申请已不能再改变状态"
        raise Conflict(f"对接申请{ENQUIRY_STATES[state]},不能标为“{ENQUIRY_STATES[to]}”", hint=hint, field="state")


def _who_may(to: EnquiryState) -> str:
    parties = {one for (_, after), found in MOVES.items() if after == to for one in found}
    sides: dict[Side, bool] = {
        "requester": "requester" in parties,
        "operator": "operator" in parties,
        "platform": bool(parties & {"keeper", "overseer"}),
    }
    named = [SIDE_NAMES[side] for side, may in sides.items() if may]
    return f"由{'或'.join(named)}标明" if named else "发送时自动标明"
