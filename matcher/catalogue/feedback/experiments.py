"""Experiments: a draft beside the published profile on live requests, unseen (shadow) or in one list (interleaving).

Every start and end is audited, stands in the change log that the workers follow, and in the public ledger: what people
see is part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue import ledger
from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import record_change
from matcher.catalogue.feedback.shadows import requests_of
from matcher.catalogue.feedback.store import PART, Kept, unsettled
from matcher.catalogue.profiles.drafts import checked_reason
from matcher.catalogue.profiles.drafts import get as get_profile
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.base import new_key, now
from matcher.catalogue.tables.feedback import ExperimentRow, ImpressionRow
from matcher.errors import Conflict, InvalidInput, NotFound
from matcher.feedback.interleaving import Interleaved, Team, winner
from matcher.feedback.sequential import ALPHA, SequentialTest, Standing, Verdict

What = Literal["shadow", "interleaving"]
State = Literal["running", "decided", "stopped"]
WHAT_NAMES: Final[dict[What, str]] = {"shadow": "影子排序", "interleaving": "交错比较"}
STATE_NAMES: Final[dict[State, str]] = {"running": "进行中", "decided": "已有结论", "stopped": "已停止"}
VERDICT_NAMES: Final[dict[Verdict, str]] = {"a": "已发布方案更好", "b": "草稿更好", "undecided": "尚不能分出高下"}

#: Each holds a matcher of its own in memory, and takes time from what is served.
SHADOWS_MAX: Final = 2
#: Requests that tell all that a shadow can tell; it ends there.
REQUESTS_MAX: Final = 10_000
#: What is done with an answer is counted when this long has passed: most who act do so within minutes.
SETTLE: Final = timedelta(minutes=30)
#: Answers counted in one transaction.
_COUNTED: Final = 1000
_OTHER_PUBLISHED: Final = "已发布的方案已更换,比较不再成立"
_ENOUGH: Final = f"已满 {REQUESTS_MAX} 个请求"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment. Side a is `against_id`, the profile that was published when it began; side b is the draft.

    Attributes:
        share: of requests. ending: why it ended, in words; None while it runs.
        wins, losses, ties: of an interleaving, answers that a won, that b won, and neither.
        p_value, verdict: as `Standing` has them; alpha: chance of naming a winner where there is none.
    """

    id: str
    what: What
    state: State
    draft_id: str
    against_id: str
    share: float
    reason: str
    user_id: str | None
    started_at: datetime
    ended_at: datetime | None
    ending: str | None
    wins: int
    losses: int
    ties: int
    p_value: float
    alpha: float
    verdict: Verdict


def start(
    session: Session, actor: Actor, what: What, draft_id: str, share: float, reason: str, alpha: float = ALPHA
) -> Experiment:
    """Begin to compare a version with the published profile. The caller is an admin.

    Raises:
        NotFound: no such version. InvalidInput: no reason; the share is not within 0 and 1, or α not within 0 and 0.5.
        Conflict: nothing is published, or this very version is; an interleaving runs, or two shadows.
        BrokenArtefact: the version can't be used by this version of the program.
    """
    reason, draft, present = checked_reason(reason), get_profile(session, draft_id), published(session)
    if not 0 < share <= 1:
        raise InvalidInput(f"比例应大于 0 且不超过 1,收到 {share}", hint="如 0.1,即十分之一的请求", field="share")
    SequentialTest(alpha)
    if present is None or present.id == draft.id:
        raise Conflict("没有可以比较的已发布方案", hint="比较的是一个未发布的版本与已发布的方案")
    draft.document()
    if sum(one.what == "shadow" for one in running(session)) >= SHADOWS_MAX and what == "shadow":
        raise Conflict(f"同时至多有 {SHADOWS_MAX} 个影子排序", hint="请先停止一个")
    row = ExperimentRow(
        id=new_key("experiment"), what=what, state="running", draft_id=draft.id, against_id=present.id, share=share,
        reason=reason, user_id=actor.user_id, started_at=now(), wins=0, losses=0, ties=0, p_value=1.0, alpha=alpha,
        verdict="undecided",
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("已有一个交错比较在进行", hint="同时只能有一个,请先停止它") from error
    record_act(session, actor, "experiment.start", "experiment", row.id, what=what, draft=draft.id, share=share)
    _tell(session, row, draft, present, {"share": share, "reason": reason})
    return _experiment(row)


def stop(session: Session, actor: Actor, experiment_id: str, reason: str) -> Experiment:
    """End an experiment by hand. The caller is an admin.

    Raises:
        NotFound: there is none. InvalidInput: no reason. Conflict: it has ended already.
    """
    reason = checked_reason(reason)
    get(session, experiment_id)
    if not _end(session, actor, experiment_id, "stopped", reason):
        raise Conflict("这个试验已经结束", hint="要再比较一次请新建一个")
    return get(session, experiment_id)


def get(session: Session, experiment_id: str) -> Experiment:
    """An experiment.

    Raises:
        NotFound: there is none.
    """
    query = select(ExperimentRow).where(ExperimentRow.id == experiment_id)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("没有这个试验", hint="全部试验见 /v1/experiments", field="experiment_id")
    return _experiment(row)


def running(session: Session) -> Sequence[Experiment]:
    """What runs now, the oldest first."""
    query = select(ExperimentRow).where(ExperimentRow.state == "running")
    return [_experiment(row) for row in session.scalars(query.order_by(ExperimentRow.started_at, ExperimentRow.id))]


def page_of(
    session: Session, *, state: State | None = None, first: int = 0, size: int = 20
) -> tuple[int, Sequence[Experiment]]:
    """How many there are, and `size` of them behind the first `first`, the latest first."""
    query = select(ExperimentRow)
    if state is not None:
        query = query.where(ExperimentRow.state == state)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = session.scalars(query.order_by(ExperimentRow.started_at.desc(), ExperimentRow.id).offset(first).limit(size))
    return total, [_experiment(row) for row in rows]


def tend(session: Session, at: datetime | None = None) -> Experiment | None:
    """Count what has settled, and end what is decided, full, or no longer against the published profile.

    At most one is ended, which comes back: whoever ends one holds the counters of ledger and change log, and must not
    wait for another row. Safe to repeat: each answer counts once.
    """
    present = published(session)
    for one in running(session):
        if present is None or present.id != one.against_id:
            done = _end(session, ANONYMOUS, one.id, "stopped", _OTHER_PUBLISHED)
        elif one.what == "shadow":
            full = requests_of(session, one.id) >= REQUESTS_MAX
            done = full and _end(session, ANONYMOUS, one.id, "stopped", _ENOUGH)
        else:
            verdict = _settle(session, one, (at or now()) - SETTLE)
            done = verdict != "undecided" and _end(session, ANONYMOUS, one.id, "decided", VERDICT_NAMES[verdict])
        if done:
            return get(session, one.id)
    return None


def waiting(session: Session, experiment_id: str) -> int:
    """Answers of an interleaving that are not counted yet."""
    query = select(func.count()).select_from(ImpressionRow)
    query = query.where(ImpressionRow.experiment_id == experiment_id, ImpressionRow.settled.is_(False))
    return session.execute(query).scalar_one()


def _settle(session: Session, one: Experiment, before: datetime) -> Verdict:
    """Counts answers until the test is decided; its verdict."""
    test = SequentialTest(one.alpha, standing=Standing(one.wins, one.losses, one.p_value, one.verdict))
    counted, ties = [], 0
    for answer in unsettled(session, one.id, before, _COUNTED):
        won = _won_by(answer)
        counted.append(answer.id)
        ties += won is None
        if won is not None and test.add(won == "a").verdict != "undecided":
            break
    if counted:
        for part in (counted[first : first + PART] for first in range(0, len(counted), PART)):
            session.execute(update(ImpressionRow).where(ImpressionRow.id.in_(part)).values(settled=True))
        standing = test.standing()
        values = {"wins": standing.wins, "losses": standing.losses, "p_value": standing.p_value}
        changed = update(ExperimentRow).where(ExperimentRow.id == one.id)
        session.execute(changed.values(**values, verdict=standing.verdict, ties=ExperimentRow.ties + ties))
    return test.standing().verdict


def _won_by(answer: Kept) -> Team | None:
    teams = tuple(place.team for place in answer.places)
    return winner(Interleaved(answer.shown.listings, teams), answer.shown.acts)


def _end(session: Session, actor: Actor, experiment_id: str, state: State, ending: str) -> bool:
    """Whether it ran until now."""
    still = (ExperimentRow.id == experiment_id, ExperimentRow.state == "running")
    values: dict[str, Any] = {"state": state, "ended_at": now(), "ending": ending}
    ended = session.execute(update(ExperimentRow).where(*still).values(**values).returning(ExperimentRow.id)).all()
    if not ended:
        return False
    session.expire_all()
    row = session.get_one(ExperimentRow, experiment_id)
    record_act(session, actor, "experiment.end", "experiment", experiment_id, state=state, ending=ending)
    draft, against = get_profile(session, row.draft_id), get_profile(session, row.against_id)
    counts = {"wins": row.wins, "losses": row.losses, "ties": row.ties} if row.what == "interleaving" else {}
    if not actor.signed_in:
        _say(session, row, f"{draft.label} 与 {against.label} 的{WHAT_NAMES[_experiment(row).what]}已结束:{ending}")
    _tell(session, row, draft, against, {"ending": ending, **counts})
    return True


def _say(session: Session, row: ExperimentRow, text: str) -> None:
    """A message to whoever began it: it has ended by itself."""
    if row.user_id is not None and session.get(UserRow, row.user_id) is not None:
        counts = (
            f"胜负(已发布方案 : 草稿){row.wins} : {row.losses},平 {row.ties}。" if row.what == "interleaving" else ""
        )
        add_message(session, row.user_id, text, f"{text}。{counts}详情见 /v1/experiments/{row.id}")


def _tell(
    session: Session, row: ExperimentRow, draft: StoredProfile, against: StoredProfile, more: dict[str, Any]
) -> None:
    """The public ledger, and last of all the change log."""
    began = row.state == "running"
    entry = {
        "what": row.what,
        "draft": draft.name,
        "draft_version": draft.version,
        "draft_hash": draft.hash,
        "published": against.name,
        "published_version": against.version,
        **more,
    }
    ledger.append(session, "experiment.start" if began else "experiment.end", entry)
    record_change(session, "experiment", row.id, "shown" if began else "gone")


def _experiment(row: ExperimentRow) -> Experiment:
    what: What = row.what  # type: ignore[assignment]  # the table's constraint knows these words only
    state: State = row.state  # type: ignore[assignment]  # the table's constraint knows these words only
    verdict: Verdict = row.verdict  # type: ignore[assignment]  # only this module writes the column
    return Experiment(
        row.id, what, state, row.draft_id, row.against_id, row.share, row.reason, row.user_id, row.started_at,
        row.ended_at, row.ending, row.wins, row.losses, row.ties, row.p_value, row.alpha, verdict,
    )  # fmt: skip
