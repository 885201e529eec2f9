"""The nouns of the service as frozen records; none of them knows HTTP, SQL or files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from matcher.terms import NO_TERMS, Terms

Kind = Literal["platform", "equipment", "manufacturer", "solution", "case", "policy"]
KINDS: tuple[Kind, ...] = ("platform", "equipment", "manufacturer", "solution", "case", "policy")
#: Kinds that answer a need; cases and policies are shown beside matches, never ranked among them.
SUPPLY_KINDS: tuple[Kind, ...] = ("platform", "equipment", "manufacturer", "solution")
KIND_NAMES: dict[Kind, str] = {
    "platform": "中试平台",
    "equipment": "中试设备",
    "manufacturer": "中试代工厂",
    "solution": "中试解决方案",
    "case": "案例",
    "policy": "政策",
}

Strength = Literal["must", "prefer"]
Outcome = Literal["meets", "misses", "unknown"]
Role = Literal["capacity", "property", "money", "time", "other"]
Grade = Literal["strong", "possible", "weak"]
Coverage = Literal["good", "partial", "none"]
Stage = Literal["lab", "pilot", "production", "prototype", "verification"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A range on one axis in one unit; an open end is ±inf. `min == max` is a point.

    `min_closed` / `max_closed` tell ≥ from > and ≤ from <; they mean nothing at an infinite end.
    `approximate` marks 左右 / 约 / 上下 and orders of magnitude such as 吨级.
    """

    min: float = -math.inf
    max: float = math.inf
    min_closed: bool = True
    max_closed: bool = True
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named quantity range as its source wrote it; either end and the unit may be missing."""

    name: str
    min: float | None = None
    max: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One thing on offer. None and () mean that the source does not say.

    `verified_on` and `stale_since` are ISO days: when somebody last confirmed it, and since when it counts as stale.
    """

    id: str
    kind: Kind
    name: str
    operator: str | None = None
    province: str | None = None
    city: str | None = None
    industry: tuple[str, ...] = ()
    summary: str = ""
    capabilities: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    qualifications: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    level: str | None = None
    source_url: str | None = None
    source_title: str | None = None
    source_date: str | None = None
    terms: Terms = NO_TERMS
    verified_on: str | None = None
    stale_since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One condition read from a need.

    Attributes:
        text: the words it was read from.
        start, end: character offsets of `text` in the need's text; None where a structured field gave it.
        strength: a *must* that misses removes a listing; a *prefer* only lowers it.
        type: which condition it is, one word per subclass.
    """

    type: ClassVar[str]
    text: str
    start: int | None = None
    end: int | None = None
    strength: Strength = "prefer"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRequirement(Requirement):
    """A number with its unit: `interval` is in `unit`, a name that pint parses (money CNY, counts 1).

    `name` is what is measured as the text names it (发酵罐, 脱盐率), where it does. `start_scale` is the lower
    scale of a from–to statement (5 L 放大到 5000 L), in `unit`; the interval is then the scale wanted.
    """

    type: ClassVar[str] = "quantity"
    dimension: str
    interval: Interval
    unit: str
    role: Role = "other"
    name: str | None = None
    start_scale: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequirement(Requirement):
    """`code` is a GB/T 2260 code or a city group's id from regions.csv; `near` when 附近 / 周边 is asked for.

    `excluded` turns the condition round: a listing there (or near there) misses, one elsewhere meets.
    `radius_km` is how far near reaches where the need says so (离南京100公里以内), above 0; None leaves it open.
    """

    type: ClassVar[str] = "place"
    code: str
    name: str
    near: bool = False
    excluded: bool = False
    radius_km: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequirement(Requirement):
    """`certificate` is an id from certificates.csv."""

    type: ClassVar[str] = "certificate"
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndustryRequirement(Requirement):
    """`industry` is an id from industries.csv."""

    type: ClassVar[str] = "industry"
    industry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRequirement(Requirement):
    """Stage now and stage wanted (小试 → 中试 is lab → pilot); either may be unsaid."""

    type: ClassVar[str] = "stage"
    now: Stage | None = None
    wanted: Stage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRequirement(Requirement):
    """Money the requester can spend, in CNY."""

    type: ClassVar[str] = "budget"
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRequirement(Requirement):
    """Time until the result is needed, in days; `date` (ISO) where the text names one."""

    type: ClassVar[str] = "deadline"
    interval: Interval
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRequirement(Requirement):
    """The kind of supply wanted."""

    type: ClassVar[str] = "kind"
    kind: Kind


@dataclass(frozen=True, slots=True)
class Within:
    """What a reader of answers looks at, as in a catalogue: it narrows the list and is no condition of the need.

    `province` and `city` as they begin (广东 finds 广东省); `certificate` is an id from certificates.csv that is held.
    """

    province: str | None = None
    city: str | None = None
    certificate: str | None = None


EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class Need:
    """What a requester wants scaled up, verified or made, as given: own words, structured fields, or both.

    `text` is what understanding reads and offsets point into. Structured fields win over text.
    `kinds` restricts the kinds returned; `must` names conditions that are hard (certificate ids or names,
    places, or the words "place", "certificate", "quantity" … to make all of that type hard). `prefer` and `without`
    name conditions, by their words or as `type:words`, that are not hard whatever the words say, or none at all.
    """

    text: str
    id: str | None = None
    title: str | None = None
    province: str | None = None
    city: str | None = None
    #: Where the work must be done, asked for as a condition (province and city above say where the requester is).
    places: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    certificates: tuple[str, ...] = ()
    stage: str | None = None
    budget_wan: float | None = None
    deadline: str | None = None
    kinds: tuple[Kind, ...] = ()
    must: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    within: Within = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quotation that can be checked: `text` stands in the listing's `field` (summary, capabilities[2] …)."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How one requirement stands against one listing.

    `shortfall` says by how much it misses in words (需要 ≥500 L,只有 300 L); `factor` is needed / available
    where that is a ratio. `evidence` is what the outcome was read from; None exactly when nothing was said.
    """

    requirement: Requirement
    outcome: Outcome
    shortfall: str | None = None
    factor: float | None = None
    evidence: Evidence | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved listing: its row in the catalogue's arrays."""

    row: int
    listing: Listing


@dataclass(frozen=True, slots=True)
class Reason:
    """Plain words a requester can check; `feature` is what contributed to the score, `evidence` what backs it."""

    text: str
    feature: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A ranked listing."""

    rank: int
    score: float
    grade: Grade
    listing: Listing
    fits: tuple[Fit, ...] = ()
    reasons: tuple[Reason, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    #: What put it here beside its score, in words for the requester (置顶:…); None where nothing did.
    rule: str | None = None
    #: What was measured of the pair: float32 in the order of `FEATURES`, as bytes. For feedback; never shown.
    measured: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A missing fact worth asking for, with answers taken from the catalogue."""

    text: str
    type: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """The answer to one need."""

    need: Need
    requirements: tuple[Requirement, ...]
    matches: tuple[Match, ...]
    near_misses: tuple[Match, ...]
    coverage: Coverage
    questions: tuple[Question, ...]
    profile: str
    profile_version: str
    removed: dict[str, int] = field(default_factory=dict)
    #: The one hard condition whose easing would open most, in words.
    relaxation: str | None = None
    notes: tuple[str, ...] = ()
    #: The rules of the profile that changed this answer, in words.
    rules: tuple[str, ...] = ()
    #: How many of the first hundred are of each grade.
    grades: dict[Grade, int] = field(default_factory=dict)
    took_ms: float = 0.0
