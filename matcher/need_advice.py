"""What an operator could add to a listing, counted over the needs that it might fit: for operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.fitting import FittingNeed
from matcher.ranking.fits.stage_fit import STAGE_NAMES
from matcher.ranking.near_misses import requirement_name
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    Fit,
    IndustryRequirement,
    PlaceRequirement,
    QuantityRequirement,
    StageRequirement,
)


@dataclass(frozen=True, slots=True)
class MissingField:
    """Something that a listing does not say and `needs` needs ask for.

    Attributes:
        field: of the listing, where it would be written. name: what is asked for. why: both in a sentence.
    """

    field: str
    name: str
    why: str
    needs: int


def missing_fields(found: Iterable[FittingNeed]) -> list[MissingField]:
    """What to add, most asked for first.

    Only needs count that the listing could answer: no hard condition is missed, and were all that it does not say as
    wanted, it would be a possible match at least.
    """
    counts: dict[tuple[str, str], int] = {}
    names: dict[tuple[str, str], str] = {}
    for one in found:
        if one.is_kept and one.best != "weak":
            asked = {key: name for fit in one.fits for key, name in _unsaid(fit)}
            names = asked | names
            for key in asked:
                counts[key] = counts.get(key, 0) + 1
    advice = [
        MissingField(key[0], names[key], f"{count} 个需求提到“{names[key]}”,条目没有写明", count)
        for key, count in counts.items()
    ]
    return sorted(advice, key=lambda one: (-one.needs, one.field, one.name))


def _unsaid(fit: Fit) -> list[tuple[tuple[str, str], str]]:
    """The field that would answer a condition, what makes two such conditions one, and its name; [] for none."""
    wanted = fit.requirement
    if fit.outcome != "unknown" or fit.evidence is not None:
        return []
    match wanted:
        case QuantityRequirement():
            name = requirement_name(wanted)
            return [(("parameters", name), name)]
        case CertificateRequirement():
            return [(("qualifications", wanted.certificate), wanted.text)]
        case PlaceRequirement():
            return [(("province", ""), "所在地")]
        case IndustryRequirement():
            return [(("industry", wanted.industry), wanted.text)]
        case StageRequirement():
            stage = STAGE_NAMES[wanted.wanted] if wanted.wanted else wanted.text
            return [(("services", stage), stage)]
        case BudgetRequirement():
            return [(("terms.fees", ""), "收费")]
        case DeadlineRequirement():
            return [(("terms.lead_days", ""), "交期")]
    return []
