"""Who may lead an enquiry where: the whole table, and that it is the whole."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from matcher.catalogue.enquiries.states import (
    ENQUIRY_STATES,
    LOST,
    MOVES,
    NEEDS_NOTE,
    OPEN,
    EnquiryState,
    Party,
    check_move,
    moves_from,
)
from matcher.errors import Conflict, Forbidden

STATES: tuple[EnquiryState, ...] = get_args(EnquiryState)
PARTIES: tuple[Party, ...] = get_args(Party)
#: Written out by hand: from → party → to.
ALLOWED: dict[str, dict[str, str]] = {
    "sent": {
        "requester": "withdrawn",
        "operator": "read answered declined",
        "keeper": "read answered declined",
        "overseer": "declined",
    },
    "read": {
        "requester": "withdrawn",
        "operator": "answered declined",
        "keeper": "answered declined",
        "overseer": "declined",
    },
    "answered": {
        "requester": "visiting contracted withdrawn",
        "operator": "visiting declined",
        "keeper": "visiting contracted declined",
        "overseer": "contracted declined",
    },
    "visiting": {
        "requester": "contracted withdrawn",
        "operator": "declined",
        "keeper": "contracted declined",
        "overseer": "contracted declined",
    },
    "contracted": {"requester": "completed", "keeper": "completed", "overseer": "completed"},
}


@pytest.mark.parametrize(("state", "party", "to"), list(product(STATES, PARTIES, STATES)))
def test_the_table_is_what_is_written_here(state: EnquiryState, party: Party, to: EnquiryState) -> None:
    may = to in ALLOWED.get(state, {}).get(party, "").split()
    assert (to in moves_from(state, party)) == may
    if may:
        check_move(state, to, party)
        return
    ever = any(to in ALLOWED[one].get(party, "").split() for one in ALLOWED)
    with pytest.raises(Conflict if ever else Forbidden) as caught:
        check_move(state, to, party)
    assert caught.value.hint


def test_what_has_ended_stays_so() -> None:
    for state in ("completed", "declined", "withdrawn"):
        assert not any(moves_from(state, party) for party in PARTIES)


def test_every_state_has_a_name_and_can_be_reached() -> None:
    assert set(ENQUIRY_STATES) == set(STATES)
    assert {to for _, to in MOVES} | {"sent"} == set(STATES)
    assert not set(OPEN) & set(LOST)
    assert set(LOST) >= NEEDS_NOTE


def test_an_operator_can_t_claim_a_contract() -> None:
    """What is contracted teaches the ranking: an operator that could say so would rank itself."""
    for to in ("contracted", "completed"):
        assert not any("operator" in parties for (_, after), parties in MOVES.items() if after == to)
        with pytest.raises(Forbidden, match="没有权限") as caught:
            check_move("answered", to, "operator")
        assert caught.value.hint == "由需求方或平台标明"


def test_a_refusal_says_what_can_be_done() -> None:
    with pytest.raises(Conflict) as caught:
        check_move("read", "visiting", "operator")
    assert caught.value.message == "对接申请已阅,不能标为“考察中”"
    assert caught.value.hint == "现在可以标为:已答复、已婉拒"
    with pytest.raises(Forbidden) as refused:
        check_move("read", "sent", "operator")
    assert refused.value.hint == "发送时自动标明"
