"""The life of a need: draft → published → in talks → matched / closed / expired, and back by re-opening."""

from __future__ import annotations

from typing import Final, Literal

from matcher.errors import Conflict, Forbidden

NeedState = Literal["draft", "published", "in_talks", "matched", "closed", "expired"]
NEED_STATES: Final[dict[NeedState, str]] = {
    "draft": "草稿",
    "published": "已发布",
    "in_talks": "洽谈中",
    "matched": "已对接",
    "closed": "已关闭",
    "expired": "已过期",
}
#: States in which a listed need is on the wall. Talks are nobody else's business: outside, they look like published.
OPEN: Final[tuple[NeedState, ...]] = ("published", "in_talks")

Act = Literal["publish", "talk", "match", "close", "reopen", "expire"]
ACTS: Final[dict[Act, str]] = {
    "publish": "发布",
    "talk": "转入洽谈",
    "match": "标为已对接",
    "close": "关闭",
    "reopen": "重新开放",
    "expire": "过期",
}
#: Who acts: the requester whose need it is, an admin (audited), or the daily tick.
Party = Literal["owner", "admin", "clock"]

#: From a state by an act to a state; what is not here can't be done. Talks that fail lead back to published.
TRANSITIONS: Final[dict[tuple[NeedState, Act], NeedState]] = {
    ("draft", "publish"): "published",
    ("in_talks", "publish"): "published",
    ("published", "talk"): "in_talks",
    ("published", "match"): "matched",
    ("in_talks", "match"): "matched",
    ("draft", "close"): "closed",
    ("published", "close"): "closed",
    ("in_talks", "close"): "closed",
    ("published", "expire"): "expired",
    ("in_talks", "expire"): "expired",
    ("matched", "reopen"): "published",
    ("closed", "reopen"): "published",
    ("expired", "reopen"): "published",
}
#: Putting somebody's need before strangers is for its requester alone.
MAY: Final[dict[Act, frozenset[Party]]] = {
    "publish": frozenset({"owner"}),
    "talk": frozenset({"owner", "admin"}),
    "match": frozenset({"owner", "admin"}),
    "close": frozenset({"owner", "admin"}),
    "reopen": frozenset({"owner"}),
    "expire": frozenset({"clock"}),
}


def next_state(state: NeedState, act: Act, party: Party) -> NeedState:
    """Where an act leads.

    Raises:
        Forbidden: this party may not do that to any need. Conflict: not from this state; the hint says what can be.
    """
    if party not in MAY[act]:
        raise Forbidden(f"没有权限{ACTS[act]}此需求", hint="只有需求方本人可以操作")
    after = TRANSITIONS.get((state, act))
    if after is None:
        open_acts = [ACTS[one] for (before, one) in TRANSITIONS if before == state and party in MAY[one]]
        hint = f"现在可以:{'、'.join(open_acts)}" if open_acts else None
        raise Conflict(f"需求{NEED_STATES[state]},不能{ACTS[act]}", hint=hint)
    return after
