"""On what terms a listing can be had: everything optional, None and () where the operator does not say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # records.py imports this module
    from matcher.records import Parameter

Tier = Literal["reserve", "city", "province", "key", "national"]
#: In rising order, as the ministry's and the provinces' notices on 制造业中试平台 grade them.
TIER_NAMES: dict[Tier, str] = {
    "reserve": "储备",
    "city": "市级",
    "province": "省级",
    "key": "重点培育",
    "national": "国家级",
}
PlatformType = Literal["proof_of_concept", "pilot_platform", "pilot_workshop"]
PLATFORM_TYPE_NAMES: dict[PlatformType, str] = {
    "proof_of_concept": "概念验证中心",
    "pilot_platform": "中试平台",
    "pilot_workshop": "中试车间",
}
Verification = Literal["design", "performance", "process", "adaptation", "production"]
VERIFICATION_NAMES: dict[Verification, str] = {
    "design": "设计",
    "performance": "功能性能",
    "process": "工艺",
    "adaptation": "适配",
    "production": "生产",
}


@dataclass(frozen=True, slots=True)
class Window:
    """Days (ISO, both included) in which capacity is free; an open end is None."""

    start: str | None = None
    end: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """What one unit (`per`: 批, 小时, 天 …) of an item costs, in CNY; one of the ends may be missing."""

    item: str
    low: float | None = None
    high: float | None = None
    per: str | None = None


@dataclass(frozen=True, slots=True)
class MachineHours:
    """Hours a year that are kept for a group of users (不少于 700 小时/年 for 中小企业)."""

    hours: float
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one listing.

    Attributes:
        tier, tier_evidence, tier_expires: official grade, the notice that gave it, and its last day (ISO).
        queue_days: until work can begin; lead_days: from then until the result.
        open_share: share of the capacity that outsiders may use, 0–1.
        vouchers: ids of policy listings whose vouchers (中试券, 创新券) are accepted.
        insurance, leasing, ip_terms: in words.
    """

    tier: Tier | None = None
    tier_evidence: str | None = None
    tier_expires: str | None = None
    platform_type: PlatformType | None = None
    verifications: tuple[Verification, ...] = ()
    windows: tuple[Window, ...] = ()
    queue_days: float | None = None
    lead_days: float | None = None
    open_share: float | None = None
    fees: tuple[Fee, ...] = ()
    minimum_batch: Parameter | None = None
    machine_hours: tuple[MachineHours, ...] = ()
    vouchers: tuple[str, ...] = ()
    insurance: str | None = None
    leasing: str | None = None
    ip_terms: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is said at all."""
        return any(getattr(self, field.name) not in (None, ()) for field in fields(self))


NO_TERMS = Terms()
