"""Whether a profile may be published: the gate passed it against the published one, or a second administrator signs.

A waiver is a written reason about two profiles and what the gate had said of them by then. It holds for somebody else
than its writer, and only until the gate finds something new or another profile is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.profiles.drafts import checked_reason, get
from matcher.catalogue.profiles.publishing import Publication, publish, published
from matcher.catalogue.profiles.rule_checks import check_pins
from matcher.catalogue.profiles.stored import usable_document
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow
from matcher.catalogue.tables.waivers import WaiverRow
from matcher.errors import Conflict
from matcher.today import today

PASSED = "passed"
_SAID = {"blocked": "门禁未通过:有切片退步", "too_few": "门禁无法下结论:已标注的需求太少"}
_HOW = (
    "请先运行门禁 pilotmatch gate(或 POST /v1/profiles/{0}/gates);"
    "未通过时须由另一位管理员写明理由:POST /v1/profiles/{0}/waivers"
)


@dataclass(frozen=True, slots=True)
class GateFinding:
    """What the gate said of a profile against the published one: `verdict` is passed, blocked or too_few."""

    id: str
    verdict: str
    judgement_set: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiver:
    """A written reason of the administrator `user_id`; `gate_id` is what the gate had said last, if anything."""

    id: str
    profile_id: str
    against_id: str
    gate_id: str | None
    user_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """Why a profile may be published in the place of `against_id`: None where nothing was published yet."""

    against_id: str | None
    gate_id: str | None = None
    second_id: str | None = None


def publish_allowed(session: Session, actor: Actor, profile_id: str, reason: str) -> Publication:
    """Publish a version that the gate passed, or that a second administrator signed for.

    Raises:
        NotFound: as for `publish`. InvalidInput: no reason.
        Conflict: neither holds; its document can't be used; it pins what nobody sees; another profile was published
            meanwhile; or as for `publish`.
    """
    reason, profile = checked_reason(reason), get(session, profile_id)
    if profile.state == "published":
        raise Conflict("这个方案已经发布", hint="无需再次发布")
    check_pins(session, usable_document(profile), today())
    allowed = allowance(session, actor, profile_id)
    done = publish(session, actor, profile_id, reason, gate_id=allowed.gate_id, second_id=allowed.second_id)
    if done.previous_id != allowed.against_id:
        raise Conflict("同时有人发布了另一个方案,门禁结论已不适用", hint="请对新的已发布方案重新运行门禁")
    return done


def allowance(session: Session, actor: Actor, profile_id: str) -> Allowance:
    """Why the actor may publish a version now.

    Raises:
        Conflict: neither the gate nor a second administrator allows it; the hint says how to get there.
    """
    present = published(session)
    if present is None:
        return Allowance(None)
    gate = latest_gate(session, profile_id, present.id)
    if gate is not None and gate.verdict == PASSED:
        return Allowance(present.id, gate.id)
    signed = [one for one in _holding(session, profile_id, present.id, gate) if one.user_id != actor.user_id]
    if signed:
        return Allowance(present.id, gate.id if gate else None, signed[0].user_id)
    said = _SAID.get(gate.verdict, "门禁未通过") if gate else "还没有与当前已发布方案比较的门禁结论"
    raise Conflict(f"不能发布:{said}", hint=_HOW.format(profile_id))


def latest_gate(session: Session, profile_id: str, against_id: str | None) -> GateFinding | None:
    """What the gate said last of a version against another; None where it has not looked."""
    query = (
        select(GateRow)
        .where(GateRow.profile_id == profile_id, GateRow.against_id == against_id)
        .order_by(GateRow.at.desc(), GateRow.id.desc())
        .limit(1)
    )
    row = session.scalars(query).one_or_none()
    return None if row is None else GateFinding(row.id, row.verdict, row.judgement_set, row.at)


def waive(session: Session, actor: Actor, profile_id: str, reason: str) -> Waiver:
    """Sign that somebody else may publish a version in the place of the published one. The caller is an admin.

    Raises:
        NotFound: no such version. InvalidInput: no reason.
        Conflict: nothing is to be waived: it is published, nothing else is, or the gate passed it.
    """
    user_id = actor.needs_sign_in()
    reason, present = checked_reason(reason), published(session)
    profile = get(session, profile_id)
    if present is None or profile.id == present.id:
        raise Conflict("这个方案不需要另一位管理员同意", hint="它已发布,或尚无已发布的方案")
    gate = latest_gate(session, profile_id, present.id)
    if gate is not None and gate.verdict == PASSED:
        raise Conflict("门禁已通过,不需要另一位管理员同意", hint="可以直接发布")
    row = WaiverRow(
        id=new_key("waiver"),
        profile_id=profile.id,
        against_id=present.id,
        gate_id=gate.id if gate else None,
        user_id=user_id,
        reason=reason,
    )
    session.add(row)
    session.flush()
    record_act(session, actor, "profile.waive", "profile", profile.id, against=present.id, gate=row.gate_id)
    return _waiver(row)


def waivers(session: Session, profile_id: str) -> Sequence[Waiver]:
    """All that were signed for a version, the latest first."""
    query = select(WaiverRow).where(WaiverRow.profile_id == profile_id)
    return [_waiver(row) for row in session.scalars(query.order_by(WaiverRow.at.desc(), WaiverRow.id))]


def _holding(session: Session, profile_id: str, against_id: str, gate: GateFinding | None) -> Sequence[Waiver]:
    seen = gate.id if gate else None
    return [one for one in waivers(session, profile_id) if (one.against_id, one.gate_id) == (against_id, seen)]


def _waiver(row: WaiverRow) -> Waiver:
    return Waiver(row.id, row.profile_id, row.against_id, row.gate_id, row.user_id, row.reason, row.at)
