"""What goes out: the shapes that `matcher.answers` fills, declared for OpenAPI and checked by tests."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import NeedBody
from matcher.records import Coverage, Grade, Kind, Outcome, Strength
from matcher.terms import PlatformType, Tier, Verification


class RequirementAnswer(BaseModel):
    """One condition read from a need; which further fields it has depends on `type`."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str
    start: int | None = None
    end: int | None = None
    strength: Strength = "prefer"


class UnderstandAnswer(BaseModel):
    """What was read; `notes` tell what contradicts or could not be used."""

    requirements: list[RequirementAnswer]
    notes: list[str]


class ParameterAnswer(BaseModel):
    name: str
    min: float | None
    max: float | None
    unit: str | None


class WindowAnswer(BaseModel):
    start: str | None = None
    end: str | None = None
    note: str | None = None


class FeeAnswer(BaseModel):
    item: str
    low: float | None = None
    high: float | None = None
    per: str | None = None


class MachineHoursAnswer(BaseModel):
    hours: float
    group: str | None = None


class TermsAnswer(BaseModel):
    """On what terms a listing can be had; what its operator does not say is left out."""

    model_config = ConfigDict(extra="forbid")

    tier: Tier | None = None
    tier_evidence: str | None = None
    tier_expires: str | None = None
    platform_type: PlatformType | None = None
    verifications: list[Verification] = []
    windows: list[WindowAnswer] = []
    queue_days: float | None = None
    lead_days: float | None = None
    open_share: float | None = None
    fees: list[FeeAnswer] = []
    minimum_batch: ParameterAnswer | None = None
    machine_hours: list[MachineHoursAnswer] = []
    vouchers: list[str] = []
    insurance: str | None = None
    leasing: str | None = None
    ip_terms: str | None = None


class ListingAnswer(BaseModel):
    """A listing as everybody may see it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Kind
    kind_name: str
    name: str
    operator: str | None
    province: str | None
    city: str | None
    industry: list[str]
    summary: str
    capabilities: list[str]
    equipment: list[str]
    parameters: list[ParameterAnswer]
    qualifications: list[str]
    services: list[str]
    level: str | None
    source_url: str | None
    source_title: str | None
    source_date: str | None
    terms: TermsAnswer
    verified_on: str | None
    stale_since: str | None


class EvidenceAnswer(BaseModel):
    """`text` stands in the listing's `field`."""

    field: str
    text: str


class FitAnswer(BaseModel):
    requirement: RequirementAnswer
    outcome: Outcome
    shortfall: str | None
    factor: float | None
    evidence: EvidenceAnswer | None
    note: str | None


class ReasonAnswer(BaseModel):
    text: str
    feature: str
    evidence: EvidenceAnswer | None


class MatchAnswer(BaseModel):
    rank: int
    score: float
    grade: Grade
    listing: ListingAnswer
    fits: list[FitAnswer]
    reasons: list[ReasonAnswer]
    rule: str | None = None


class NeedAnswer(BaseModel):
    """What was understood; `start` and `end` count characters of `text`."""

    text: str
    requirements: list[RequirementAnswer]


class QuestionAnswer(BaseModel):
    text: str
    type: str
    suggestions: list[str]


class ProfileAnswer(BaseModel):
    name: str
    version: str


class FacetAnswer(BaseModel):
    value: str
    name: str
    count: int


class CaseAnswer(BaseModel):
    id: str
    name: str


class AnswerExperimentAnswer(BaseModel):
    id: str
    what: str


class MatchesAnswer(BaseModel):
    """The ranked listings for a need; `coverage` none says that nothing in the catalogue fits.

    `answer_id` is random; with it `POST /v1/feedback` tells what was done with the answer. Null where nothing of it is
    kept. `experiment` is there for admins only, in an answer that is part of one. `grades` counts the first hundred.
    Where they were asked for: `facets` counts for each value what would be left if it were chosen; `cases` are those
    of the same operator, by the listing's id.
    """

    model_config = ConfigDict(extra="forbid")

    need: NeedAnswer
    matches: list[MatchAnswer]
    near_misses: list[MatchAnswer]
    coverage: Coverage
    questions: list[QuestionAnswer]
    removed: dict[str, int]
    relaxation: str | None
    notes: list[str]
    rules: list[str] = []
    grades: dict[Grade, int] = {}
    profile: ProfileAnswer
    facets: dict[str, list[FacetAnswer]] | None = None
    cases: dict[str, list[CaseAnswer]] | None = None
    took_ms: float
    answer_id: str | None = None
    experiment: AnswerExperimentAnswer | None = None


class LackAnswer(BaseModel):
    """A feature in which the listing is behind: what it adds to its score, and to those of the first ten."""

    feature: str
    text: str
    own: float
    median: float


class AdviceAnswer(BaseModel):
    """What the operator could write, and the rank that it would bring."""

    requirement: RequirementAnswer
    text: str
    rank: int


class ExplanationAnswer(BaseModel):
    """Where a listing stands among the `count` of its kind, why, and what would raise it."""

    model_config = ConfigDict(extra="forbid")

    listing: ListingAnswer
    rank: int
    count: int
    score: float
    grade: Grade
    tenth: float | None
    is_wanted: bool
    removal: str | None = Field(description="为何不出现:未达到的硬性条件,或管理员屏蔽的理由")
    rule: str | None = Field(None, description="被置顶时向需求方注明的理由")
    missed: list[FitAnswer]
    unsaid: list[FitAnswer]
    lacks: list[LackAnswer]
    advice: list[AdviceAnswer]
    profile: ProfileAnswer


class DocumentAnswer(BaseModel):
    """What a document says: `need` can be sent to `POST /v1/matches` as it is."""

    name: str
    need: NeedBody
    notes: list[str]
