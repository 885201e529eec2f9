"""Ranking profiles on the wire: what comes in and goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.account_answers import Answer, Body, PageQuery
from matcher.catalogue.profiles.allowance import GateFinding, Waiver
from matcher.catalogue.profiles.publishing import Publication
from matcher.catalogue.profiles.stored import STATE_NAMES, State, StoredProfile

NAMED_MAX = 200


class ProfilesQuery(PageQuery):
    name: str | None = Field(None, max_length=NAMED_MAX, description="方案名称")
    state: State | None = Field(None, description="状态")


class HistoryQuery(Body):
    before: int | None = Field(None, ge=1, le=2**31 - 1, description="只要这一编号之前的")
    size: int = Field(20, ge=1, le=100, description="条数")


class NewProfileBody(Body):
    """A whole `document`, or `changes` of a `base`."""

    name: str | None = Field(None, max_length=NAMED_MAX, description="方案名称;有 base 时可不填,即沿用其名称")
    reason: str = Field(description="改了什么,为什么")
    base: str | None = Field(None, max_length=NAMED_MAX, description="以哪一版为底:编号、名称(最新一版)或 名称@版本")
    changes: dict[str, Any] | None = Field(
        None,
        description="对 base 的修改:weights、thresholds 只写要改的;synonyms、dictionary、rules 整体替换;"
        "encoder_source 为换用的编码器,null 为本站设置的",
        examples=[{"weights": {"late": 20.0}}],
    )
    document: dict[str, Any] | None = Field(None, description="完整的方案文档,代替 changes")


class ProfileReasonBody(Body):
    reason: str = Field(description="理由,会写入公开的账本")


class WaiverBody(Body):
    reason: str = Field(description="为什么门禁未通过仍可发布")


class RollbackBody(ProfileReasonBody):
    profile_id: str | None = Field(None, max_length=64, description="要撤下的方案编号;已不是它时拒绝(412)")


class ProfileAnswer(Answer):
    id: str
    name: str
    version: int
    state: State
    state_name: str
    document_hash: str
    parent_id: str | None
    author_id: str | None
    reason: str
    created_at: datetime
    published_at: datetime | None


class ProfilesAnswer(Answer):
    total: int
    page: int
    size: int
    profiles: list[ProfileAnswer]


class GateFindingAnswer(Answer):
    """What the gate said last of this profile against the published one."""

    id: str
    verdict: str
    judgement_set: str
    at: datetime


class WaiverAnswer(Answer):
    """A second administrator's reason; it holds while `against_id` is published and `gate_id` is the last finding."""

    id: str
    profile_id: str
    against_id: str
    gate_id: str | None
    user_id: str
    reason: str
    at: datetime


class WholeProfileAnswer(ProfileAnswer):
    """With the document. Where it can't be used by this version of the program `complaint` says why."""

    document: dict[str, Any] | None
    complaint: str | None
    from_parent: dict[str, Any] | None = Field(description="与上一版的差异;没有上一版时为 null")
    from_published: dict[str, Any] | None = Field(description="与已发布方案的差异;没有已发布方案时为 null")
    gate: GateFindingAnswer | None
    waivers: list[WaiverAnswer]


class ProfileInUseAnswer(Answer):
    name: str
    version: str


class EncodedAnswer(Answer):
    """Texts of the catalogue that have vectors of the encoder that the profile waits for; 0 of 0 while it is loaded."""

    done: int
    total: int


class PublishedProfileAnswer(WholeProfileAnswer):
    """The published profile, and whether the process that answers ranks by it."""

    in_use: ProfileInUseAnswer | None = Field(description="正在排序的方案;与已发布的不同,说明后者还在准备或未能启用")
    waiting: EncodedAnswer | None = Field(description="换用编码器的进度:已编码、全部的文字段数;不在等待时为 null")
    not_in_use: str | None = Field(description="为什么还不能启用")


class PublicationAnswer(Answer):
    """One switch: `what` is publish, rollback, or automatic for a rollback by an alarm."""

    number: int
    at: datetime
    profile_id: str
    previous_id: str | None
    what: Literal["publish", "rollback", "automatic"]
    user_id: str | None
    second_id: str | None
    reason: str
    gate_id: str | None


class HistoryAnswer(Answer):
    """`next` continues where this page ends."""

    publications: list[PublicationAnswer]
    next: int | None


def profile_json(stored: StoredProfile) -> dict[str, Any]:
    """The fields of `ProfileAnswer`."""
    fields = ("id", "name", "version", "state", "parent_id", "author_id", "reason", "created_at", "published_at")
    values = {name: getattr(stored, name) for name in fields}
    return values | {"state_name": STATE_NAMES[stored.state], "document_hash": stored.hash}


def gate_answer(found: GateFinding | None) -> GateFindingAnswer | None:
    """A finding as it is shown; None of none."""
    if found is None:
        return None
    return GateFindingAnswer(id=found.id, verdict=found.verdict, judgement_set=found.judgement_set, at=found.at)


def waiver_answer(waiver: Waiver) -> WaiverAnswer:
    """A waiver as it is shown."""
    return WaiverAnswer(**{name: getattr(waiver, name) for name in WaiverAnswer.model_fields})


def publication_answer(one: Publication) -> PublicationAnswer:
    """A switch as it is shown."""
    return PublicationAnswer(**{name: getattr(one, name) for name in PublicationAnswer.model_fields})
