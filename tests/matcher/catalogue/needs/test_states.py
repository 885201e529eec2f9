"""The table of a need's states: every state × act × party is either a step of it or refused."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from matcher.catalogue.needs.states import ACTS, MAY, NEED_STATES, OPEN, TRANSITIONS, Act, NeedState, Party, next_state
from matcher.errors import Conflict, Forbidden

#: Written out once more, by hand, for the owner: what each state leads to.
OWNER: dict[NeedState, dict[Act, NeedState]] = {
    "draft": {"publish": "published", "close": "closed"},
    "published": {"talk": "in_talks", "match": "matched", "close": "closed"},
    "in_talks": {"publish": "published", "match": "matched", "close": "closed"},
    "matched": {"reopen": "published"},
    "closed": {"reopen": "published"},
    "expired": {"reopen": "published"},
}
ADMIN = {
    state: {act: to for act, to in acts.items() if act in ("talk", "match", "close")} for state, acts in OWNER.items()
}
CLOCK: dict[NeedState, dict[Act, NeedState]] = {
    state: {"expire": "expired"} if state in OPEN else {} for state in NEED_STATES
}
TABLE: dict[Party, dict[NeedState, dict[Act, NeedState]]] = {"owner": OWNER, "admin": ADMIN, "clock": CLOCK}


@pytest.mark.parametrize(
    ("party", "state", "act"), list(product(get_args(Party), NEED_STATES, ACTS)), ids=lambda one: str(one)
)
def test_each_step_is_in_the_table_or_refused(party: Party, state: NeedState, act: Act) -> None:
    wanted = TABLE[party][state].get(act)
    if wanted is not None:
        assert next_state(state, act, party) == wanted
        return
    with pytest.raises(Forbidden if party not in MAY[act] else Conflict):
        next_state(state, act, party)


def test_a_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(Conflict) as refused:
        next_state("published", "publish", "owner")
    assert refused.value.message == "需求已发布,不能发布"
    assert refused.value.hint == "现在可以:转入洽谈、标为已对接、关闭"


def test_every_state_can_be_left_and_reached() -> None:
    assert {before for before, _ in TRANSITIONS} == set(NEED_STATES)
    assert set(TRANSITIONS.values()) | {"draft"} == set(NEED_STATES)
