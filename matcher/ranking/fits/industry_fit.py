"""Industry along the tree: near branches meet, the same field is unknown, and only branches far apart miss."""

from __future__ import annotations

from functools import cache
from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import Fit, IndustryRequirement
from matcher.understanding.industries import Industries, Industry

#: The same industry, one above or below it, or a sibling (固态电池 and 钠离子电池 share lines and people).
NEAR: Final = 0.5
#: From here on no note is needed: the same industry, or its parent or child.
SAME: Final = 0.8
#: Whoever tests, measures or transfers does so for any industry.
_COMMON_FIELD: Final = "common-needs"
#: Branches that share neither materials nor equipment with those of `_HARD`; a miss is said of no other pair.
_SOFT: Final = frozenset(
    ("biomedicine", "food", "cosmetics", "agriculture", "textile", "paper", "biomanufacturing", "life-health")
)
# fmt: off
_HARD: Final = frozenset((
    "semiconductors", "display", "electronics", "optoelectronics", "communications", "vehicles", "rail", "marine",
    "aerospace", "low-altitude", "machine-tools", "metallurgy", "quantum", "industrial-software",
    "electrical-machinery",
))
# fmt: on


def industry_check(requirement: IndustryRequirement, industries: Industries) -> Check:
    """Return the check of a wanted industry; one that the tree does not hold stays unknown."""
    wanted = requirement.industry
    tree = industry_tree(industries)
    known = tree.known
    if wanted not in known:
        return lambda facts: unknown(requirement, note=f"不认识的行业 {wanted}")
    closeness, far = tree.closeness(wanted), tree.far(wanted)

    def check(facts: ListingFacts) -> Fit:
        if not facts.industries:
            return unknown(requirement)
        closest = max(facts.industries, key=lambda id: (closeness[id], id))
        if closeness[closest] >= NEAR:
            note = None if closeness[closest] >= SAME else f"相近行业:{known[closest].name}"
            return meets(requirement, facts.industry_tags[closest], note)
        if all(far[id] for id in facts.industries):
            names = "、".join(sorted(known[id].name for id in facts.industries))
            return misses(requirement, f"需要{known[wanted].name},供方写明的是{names}", facts.industry_tags[closest])
        return unknown(requirement, facts.industry_tags[closest], f"写明的行业:{known[closest].name}")

    return check


class IndustryTree:
    """The tree as look-ups: made once, as every need asks of it."""

    def __init__(self, industries: Industries) -> None:
        self.known: dict[str, Industry] = {industry.id: industry for industry in industries}
        self.branch = {id: _path(industries, id) for id in self.known}
        self.closeness = cache(lambda wanted: {id: industries.closeness(wanted, id) for id in self.known})
        self.far = cache(lambda wanted: {id: _is_far(self.branch[wanted], self.branch[id]) for id in self.known})


@cache
def industry_tree(industries: Industries) -> IndustryTree:
    """The look-ups of a tree, made once."""
    return IndustryTree(industries)


def _path(industries: Industries, id: str) -> frozenset[str]:
    path = {id}
    while (parent := industries[id].parent) is not None:
        path.add(parent)
        id = parent
    return frozenset(path)


def _is_far(one: frozenset[str], other: frozenset[str]) -> bool:
    if _COMMON_FIELD in one or _COMMON_FIELD in other:
        return False
    return bool(one & _SOFT and other & _HARD) or bool(one & _HARD and other & _SOFT)
