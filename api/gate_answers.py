"""Gates and previews on the wire: what comes in and goes out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.account_answers import Answer, Body
from matcher.catalogue.gates import StoredGate
from matcher.evaluation.gate import group_name
from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.preview import JudgedPreview, NeedPreview
from matcher.understanding.text import MAX_CHARACTERS

#: More is an evaluation of its own.
RECENT_MAX = 50
NAMED_MAX = 200


class GateBody(Body):
    judgement_set: str | None = Field(
        None, max_length=NAMED_MAX, description="数据库中的标注集:名称、名称@版本或编号;不填时用随附的已标注需求"
    )
    recent: list[str] | None = Field(
        None,
        max_length=RECENT_MAX,
        description="近期需求(自己的话):报告列出它们前 10 名的变化,不保存原文;不填时用需求墙上最新的公开需求",
    )


class GateAnswer(Answer):
    """One run of the gate; `report` holds all figures, by group, with their intervals."""

    id: str
    profile_id: str
    against_id: str | None
    judgement_set: str
    verdict: Literal["passed", "blocked", "too_few"]
    why: str = Field(description="一句话说明")
    user_id: str | None
    at: datetime
    report: dict[str, Any]


class GatesAnswer(Answer):
    total: int
    page: int
    size: int
    gates: list[GateAnswer]


class PreviewBody(Body):
    """A stored version by `profile`, with `changes` of it or without; or a whole `document`."""

    profile: str | None = Field(None, max_length=NAMED_MAX, description="编号、名称(最新一版)或 名称@版本")
    changes: dict[str, Any] | None = Field(
        None, description="对 profile 的修改,同保存新版本", examples=[{"weights": {"late": 20.0}}]
    )
    document: dict[str, Any] | None = Field(None, description="完整的方案文档,代替 profile")
    need: str | None = Field(None, max_length=MAX_CHARACTERS, description="另看这一条需求(自己的话)的前 20 名")
    need_id: str | None = Field(None, max_length=NAMED_MAX, description="另看一条已标注的需求")
    judgement_set: str | None = Field(None, max_length=NAMED_MAX, description="同门禁")


class NeedChangeAnswer(Answer):
    """`text`: the need's own words, so that somebody can tell which it is."""

    need_id: str
    text: str
    before: float
    after: float


class GroupMeansAnswer(Answer):
    """The mean nDCG@10 of one group of needs, as the gate groups them, and which share of their first ten is judged."""

    dimension: str
    value: str
    name: str
    needs: int
    before: float
    after: float
    judged_before: float
    judged_after: float


class JudgedPreviewAnswer(Answer):
    """Means over judged needs that have an answer, by metric; the needs whose nDCG@10 changes, most first."""

    judgement_set: str
    needs: int
    before: dict[str, float]
    after: dict[str, float]
    changed: int
    changes: list[NeedChangeAnswer]
    groups: list[GroupMeansAnswer]


class PlaceAnswer(Answer):
    """Null where it is no candidate; `rule` tells the rule that pins or hides it."""

    rank: int | None
    score: float | None
    rule: str | None


class PointsAnswer(Answer):
    feature: str
    points: float


class MovedAnswer(Answer):
    """A listing among the first 20 of either answer; `why`: by what its score changed. Empty: others passed it."""

    listing_id: str
    name: str
    before: PlaceAnswer
    after: PlaceAnswer
    why: list[PointsAnswer]


class NeedPreviewAnswer(Answer):
    """In the order of the draft; what fell out of the first 20 behind."""

    moved: list[MovedAnswer]


class PreviewAnswer(Answer):
    against: str = Field(description="与之比较的方案")
    judged: JudgedPreviewAnswer | None
    need: NeedPreviewAnswer | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Group:
    dimension: str
    value: str


def gate_json(stored: StoredGate) -> GateAnswer:
    """A run as it is shown; groups say what they are called."""
    fields = {name: getattr(stored, name) for name in GateAnswer.model_fields if name not in ("why", "report")}
    report = dict(stored.report)
    for part in ("overall", "groups"):
        report[part] = [
            one | {"name": group_name(_Group(one["dimension"], one["value"]))} for one in report.get(part, ())
        ]
    return GateAnswer(**fields, report=report, why=str(stored.report.get("why", "")))


def judged_json(found: JudgedPreview, judged: JudgedSet) -> JudgedPreviewAnswer:
    """What changes on judged needs, as it is shown."""
    texts = {need.id: need.text for need in judged.needs}
    return JudgedPreviewAnswer(
        judgement_set=judged.version,
        needs=found.needs,
        before=dict(found.before),
        after=dict(found.after),
        changed=found.changed,
        changes=[NeedChangeAnswer(text=texts.get(one.need_id, ""), **asdict(one)) for one in found.changes],
        groups=[GroupMeansAnswer(name=group_name(one), **asdict(one)) for one in found.groups],
    )


def need_json(found: NeedPreview) -> NeedPreviewAnswer:
    """What changes for one need, as it is shown."""
    return NeedPreviewAnswer.model_validate(found.as_dict())
