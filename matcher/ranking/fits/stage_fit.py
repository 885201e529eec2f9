"""The stage that a product must be taken to against the stages that a listing offers."""

from __future__ import annotations

from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, unknown
from matcher.records import Fit, Stage, StageRequirement

STAGE_NAMES: Final[dict[Stage, str]] = {
    "lab": "小试", "pilot": "中试", "production": "量产", "prototype": "样机", "verification": "检测验证",
}  # fmt: skip


def stage_check(requirement: StageRequirement) -> Check:
    """Return the check of a wanted stage. It never misses: listings name what they are proud of, not all they do."""
    wanted = requirement.wanted
    silent = unknown(requirement)
    if wanted is None:
        return lambda facts: silent

    def check(facts: ListingFacts) -> Fit:
        evidence = facts.stages.get(wanted)
        if evidence is not None:
            return meets(requirement, evidence)
        if not facts.stages:
            return silent
        stage, other = next(iter(facts.stages.items()))
        return unknown(requirement, other, f"写明的是{STAGE_NAMES[stage]},未提{STAGE_NAMES[wanted]}")

    return check
