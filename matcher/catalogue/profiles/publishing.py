"""Which profile is published, how that changes, and how it came to be.

Every switch is one transaction: the old state, the new state, the history, the ledger, the audit and the change log
that the workers follow. The database itself refuses a second published profile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue import ledger
from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import record_change
from matcher.catalogue.profiles.drafts import checked_reason, get
from matcher.catalogue.profiles.stored import StoredProfile, record
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.governance import GateRow, ProfileRow, PublicationRow
from matcher.errors import BrokenArtefact, Conflict, Outdated
from matcher.ranking.documents import differences
from matcher.ranking.rules import rule_fields

How = Literal["publish", "rollback", "automatic"]
#: The role of whoever signs for a profile that the gate did not pass: the public ledger tells roles and no names.
SIGNER = "admin"


@dataclass(frozen=True, slots=True)
class Publication:
    """One switch: `second_id` is the second administrator, where the gate had blocked and one was needed."""

    number: int
    at: datetime
    profile_id: str
    previous_id: str | None
    what: How
    user_id: str | None
    second_id: str | None
    reason: str
    gate_id: str | None


def published(session: Session) -> StoredProfile | None:
    """The published version; None before the first one."""
    row = session.scalars(select(ProfileRow).where(ProfileRow.state == "published")).one_or_none()
    return None if row is None else record(row)


def publish(
    session: Session,
    actor: Actor,
    profile_id: str,
    reason: str,
    *,
    gate_id: str | None = None,
    second_id: str | None = None,
) -> Publication:
    """Put a version in the place of the published one. The caller has checked that the actor and the gate allow it.

    Raises:
        NotFound: no such version. Conflict: it is published already, or somebody publishes at the same moment.
        BrokenArtefact: its document can't be used by this version of the program.
    """
    profile = get(session, profile_id)
    if profile.state == "published":
        raise Conflict("这个方案已经发布", hint="无需再次发布")
    profile.document()
    return _switch(session, actor, profile, "superseded", "publish", reason, gate_id, second_id)


def rollback(
    session: Session, actor: Actor, reason: str, *, automatic: bool = False, seen: str | None = None
) -> Publication:
    """Put the version that was published before in the place of the published one.

    Args:
        seen: id of the version that is to leave: two who see the same fault shall not go back two steps.

    Raises:
        Outdated: another one than `seen` is published by now. InvalidInput: a person gave no reason.
        Conflict: nothing was published before; or somebody switches at the same moment.
        BrokenArtefact: the version before can't be used by this version of the program.
    """
    reason = reason if automatic else checked_reason(reason)
    present = published(session)
    if seen is not None and (present is None or present.id != seen):
        raise Outdated("已发布的已不是这个方案", hint="可能已有人回退,请刷新后再看", field="profile_id")
    before = _before(session, present.id) if present is not None else None
    if before is None:
        raise Conflict("没有可以回退的上一个方案", hint="可以发布另一个方案")
    profile = get(session, before)
    profile.document()
    return _switch(session, actor, profile, "rolled_back", "automatic" if automatic else "rollback", reason, None, None)


def history(session: Session, limit: int = 100, *, before: int | None = None) -> Sequence[Publication]:
    """Switches, the latest first, from below the number `before`."""
    query = select(PublicationRow).order_by(PublicationRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(PublicationRow.id < before)
    return [_publication(row) for row in session.scalars(query)]


def _before(session: Session, profile_id: str) -> str | None:
    """What was published when `profile_id` was published last."""
    query = (
        select(PublicationRow.previous_id)
        .where(PublicationRow.profile_id == profile_id, PublicationRow.what == "publish")
        .order_by(PublicationRow.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def _switch(
    session: Session,
    actor: Actor,
    profile: StoredProfile,
    left_as: Literal["superseded", "rolled_back"],
    what: How,
    reason: str,
    gate_id: str | None,
    second_id: str | None,
) -> Publication:
    old = published(session)
    try:
        if old is not None:
            session.execute(update(ProfileRow).where(ProfileRow.id == old.id).values(state=left_as))
        changed = update(ProfileRow).where(ProfileRow.id == profile.id, ProfileRow.state == profile.state)
        found = session.execute(changed.values(state="published", published_at=now()).returning(ProfileRow.id)).all()
        session.flush()
    except IntegrityError as error:
        raise Conflict("同时有人发布了另一个方案", hint="请刷新后再试") from error
    if not found:
        raise Conflict("这个方案的状态刚刚变化", hint="请刷新后再试")
    row = PublicationRow(
        at=now(), profile_id=profile.id, previous_id=old.id if old else None, what=what, user_id=actor.user_id,
        second_id=second_id, reason=reason, gate_id=gate_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_act(session, actor, f"profile.{what}", "profile", profile.id, previous=old.id if old else None, gate=gate_id)
    entry = _entry(profile, old, reason)
    if what == "publish":
        entry |= {"gate": _gate(session, gate_id), "waiver": None if second_id is None else {"signed_by": SIGNER}}
    ledger.append(session, f"profile.{what}", entry)
    record_change(session, "profile", profile.id, "shown")
    return _publication(row)


def _entry(profile: StoredProfile, old: StoredProfile | None, reason: str) -> dict[str, object]:
    """What the public ledger says of a switch: which document, by its hash, and what it changes."""
    entry: dict[str, object] = {
        "profile": profile.name,
        "version": profile.version,
        "document_hash": profile.hash,
        "reason": reason,
    }
    if old is not None:
        entry |= {"previous": old.name, "previous_version": old.version, "previous_hash": old.hash}
        try:
            entry["changes"] = without_owners(differences(old.document(), profile.document()))
        except BrokenArtefact:
            entry["changes"] = None
    else:
        # Every later entry tells what it changes; the first one, from what.
        document = profile.document()
        entry["weights"] = dict(document.profile.weights)
        entry["rules"] = [_without_owner(rule_fields(rule)) for rule in document.rules]
    return entry


def _gate(session: Session, gate_id: str | None) -> dict[str, object] | None:
    """What the gate had said of it, and by which judgements; None where it had not looked."""
    row = session.get(GateRow, gate_id) if gate_id is not None else None
    if row is None:
        return None
    return {"verdict": row.verdict, "judgement_set": row.judgement_set, "at": row.at.astimezone(UTC).isoformat()}


def without_owners(changes: dict[str, Any]) -> dict[str, Any]:
    """Differences as the public may read them: who owns a rule is a person's name."""
    rules = changes.get("rules")
    if rules is None:
        return changes
    return changes | {"rules": {part: [_without_owner(one) for one in rules[part]] for part in rules}}


def _without_owner(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "owner"}


def _publication(row: PublicationRow) -> Publication:
    what: How = row.what  # type: ignore[assignment]  # only this module writes the column
    return Publication(
        row.id, row.at, row.profile_id, row.previous_id, what, row.user_id, row.second_id, row.reason, row.gate_id
    )
