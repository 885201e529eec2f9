"""Experiments on the wire: what comes in and goes out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import Field

from api.account_answers import Answer, Body, PageQuery
from matcher.catalogue.database import Session
from matcher.catalogue.feedback.experiments import (
    STATE_NAMES,
    VERDICT_NAMES,
    WHAT_NAMES,
    Experiment,
    State,
    What,
    waiting,
)
from matcher.catalogue.feedback.shadows import shadow_statistics
from matcher.catalogue.profiles.drafts import get
from matcher.feedback.sequential import ALPHA, Verdict

NAMED_MAX = 200


class ExperimentBody(Body):
    what: What = Field(description="shadow:草稿在后台排序,不展示;interleaving:两个方案的结果交错成一个列表")
    profile: str = Field(min_length=1, max_length=NAMED_MAX, description="草稿:编号、名称(最新一版)或 名称@版本")
    share: float = Field(gt=0, le=1, strict=True, allow_inf_nan=False, description="参加的请求所占比例,如 0.1")
    reason: str = Field(description="为什么要比较")
    alpha: float = Field(
        ALPHA, gt=0, lt=0.5, allow_inf_nan=False, description="交错比较:没有高下时误判出高下的概率上限"
    )


class EndingBody(Body):
    reason: str = Field(description="为什么停止")


class ExperimentsQuery(PageQuery):
    state: State | None = Field(None, description="状态")


class ComparedAnswer(Answer):
    """One side."""

    id: str
    name: str
    version: int


class ShadowAnswer(Answer):
    """Of a shadow: likeness to what was shown, means over requests, 1 for the same; times in ms."""

    requests: int
    failed: int
    overlap: float | None = Field(description="前 10 名中相同条目的比例")
    rank_biased: float | None = Field(description="RBO(p = 0.9)")
    kendall: float | None = Field(description="共有条目的 Kendall τ")
    same_first: float | None = Field(description="第一名相同的比例")
    p50: float | None
    p95: float | None
    against_p50: float | None
    against_p95: float | None


class InterleavingAnswer(Answer):
    """Of an interleaving: answers that the published profile won, that the draft won, ties, and those to be counted."""

    wins: int
    losses: int
    ties: int
    waiting: int
    p_value: float
    alpha: float
    verdict: Verdict
    verdict_name: str


class ExperimentAnswer(Answer):
    id: str
    what: What
    what_name: str
    state: State
    state_name: str
    draft: ComparedAnswer
    published: ComparedAnswer
    share: float
    reason: str
    user_id: str | None
    started_at: datetime
    ended_at: datetime | None
    ending: str | None
    shadow: ShadowAnswer | None
    interleaving: InterleavingAnswer | None


class ExperimentsAnswer(Answer):
    total: int
    page: int
    size: int
    experiments: list[ExperimentAnswer]


def experiment_answer(session: Session, one: Experiment) -> ExperimentAnswer:
    """An experiment with what it has shown so far."""
    same = ("id", "what", "state", "share", "reason", "user_id", "started_at", "ended_at", "ending")
    values: dict[str, Any] = {name: getattr(one, name) for name in same}
    shadow = interleaving = None
    if one.what == "shadow":
        shadow = ShadowAnswer(**asdict(shadow_statistics(session, one.id)))
    else:
        counts = {name: getattr(one, name) for name in ("wins", "losses", "ties", "p_value", "alpha", "verdict")}
        interleaving = InterleavingAnswer(
            **counts, waiting=waiting(session, one.id), verdict_name=VERDICT_NAMES[one.verdict]
        )
    return ExperimentAnswer(
        **values,
        what_name=WHAT_NAMES[one.what],
        state_name=STATE_NAMES[one.state],
        draft=_compared(session, one.draft_id),
        published=_compared(session, one.against_id),
        shadow=shadow,
        interleaving=interleaving,
    )


def _compared(session: Session, profile_id: str) -> ComparedAnswer:
    stored = get(session, profile_id)
    return ComparedAnswer(id=stored.id, name=stored.name, version=stored.version)
