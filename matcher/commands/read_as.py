"""What was read from a need, in words that its writer knows: ≥ 500 L(发酵罐), 江苏省以外, 小试 → 中试."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from matcher.ranking.comparison import is_scale
from matcher.ranking.fits.quantity_fit import Demand
from matcher.ranking.fits.stage_fit import STAGE_NAMES
from matcher.ranking.wording import money_words, number_words
from matcher.records import (
    KIND_NAMES,
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    IndustryRequirement,
    Interval,
    KindRequirement,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
    Strength,
)
from matcher.understanding.certificates import Certificates
from matcher.understanding.industries import Industries

STRENGTHS: Final[dict[Strength, str]] = {"must": "必须", "prefer": "优先"}
_ROLES: Final = {"capacity": "设施能力", "property": "产品指标"}


def read_as(requirement: Requirement, certificates: Certificates, industries: Industries) -> str:
    """What a requirement asks for, in Chinese; its strength is not part of it."""
    match requirement:
        case QuantityRequirement():
            return _quantity(requirement)
        case PlaceRequirement():
            return _place(requirement)
        case CertificateRequirement():
            known = requirement.certificate in certificates
            return certificates[requirement.certificate].name if known else requirement.text
        case IndustryRequirement():
            names = {one.id: one.name for one in industries}
            return names.get(requirement.industry, requirement.text)
        case StageRequirement():
            stages = [STAGE_NAMES[one] if one else "未说明" for one in (requirement.now, requirement.wanted)]
            return f"{stages[0]} → {stages[1]}" if requirement.now else stages[1]
        case BudgetRequirement():
            return _ends(requirement.interval, money_words)
        case DeadlineRequirement():
            days = f"{number_words(requirement.interval.max)} 天内"
            return f"{requirement.date} 前({days})" if requirement.date else days
        case KindRequirement():
            return KIND_NAMES[requirement.kind]
    return requirement.text


def _place(requirement: PlaceRequirement) -> str:
    around = "附近" if requirement.near else ""
    if requirement.radius_km is not None:
        around = f" {requirement.radius_km:g} 公里{'' if requirement.excluded else '以内'}"
    return f"{requirement.name}{around}{'以外' if requirement.excluded else ''}"


def _quantity(requirement: QuantityRequirement) -> str:
    about = "约 " if requirement.interval.approximate and not is_scale(requirement.interval) else ""
    words = Demand(requirement).wanted_words()
    named = [part for part in (requirement.name, _ROLES.get(requirement.role)) if part]
    return f"{about}{words}" + (f"({','.join(named)})" if named else "")


def _ends(interval: Interval, words: Callable[[float], str]) -> str:
    about = "约 " if interval.approximate else ""
    if math.isinf(interval.min):
        return f"{about}≤ {words(interval.max)}"
    if math.isinf(interval.max):
        return f"{about}≥ {words(interval.min)}"
    return f"{about}{words(interval.min)}~{words(interval.max)}" if interval.min < interval.max else words(interval.min)
