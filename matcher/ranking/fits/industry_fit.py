"""Industry along the tree: near branches meet, broad ones above leave it open, and only branches far apart miss.

What a listing says it does meets where it names the industry itself or one below it; tags also stand for neighbours.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import Fit, IndustryRequirement
from matcher.understanding.industries import Industries, Industry

#: From here on an industry stands for the wanted one: the same, one below it, a narrow one above it, or its family.
NEAR: Final = 0.5
#: What the closeness of others is held below: they leave it open.
_OPEN: Final = NEAR - 0.1
#: An industry of more branches says too little of each: 新材料 (23) need not know 聚乳酸, 氢能 (2) does know 燃料电池.
NARROW: Final = 3
#: Branches that share lines and people, so that whoever does one is asked for the other.
FAMILIES: Final = tuple(
    frozenset(family.split())
    for family in (
        "lithium-batteries solid-state-batteries sodium-batteries", "pcb flexible-circuits",
        "antibodies biologics", "polymers engineering-plastics", "composites carbon-fibres",
        "machining precision-machining", "mems compound-semiconductors chip-manufacturing", "graphene carbon-materials",
        "metal-materials metal-powders", "fermentation synthetic-biology", "drones evtol", "apis chemical-drugs",
        "lithium-resources salt-lake-chemicals", "nonferrous hydrometallurgy",
    )
)  # fmt: skip
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
        offered = facts.offered.get(wanted)
        if not facts.industries:
            if offered is None:
                return unknown(requirement)
            return meets(requirement, offered, _other_word(requirement.text, offered.text, known[wanted].name))
        closest = max(facts.industries, key=lambda id: (closeness[id], id))
        if closeness[closest] >= SAME or (offered is None and closeness[closest] >= NEAR):
            tag = facts.industry_tags[closest]
            near = None if closeness[closest] >= SAME else f"相近行业:{known[closest].name}"
            note = _other_word(requirement.text, tag.text, known[wanted].name) if closest == wanted else near
            return meets(requirement, tag, note)
        if offered is not None:
            return meets(requirement, offered, _other_word(requirement.text, offered.text, known[wanted].name))
        if all(far[id] for id in facts.industries):
            names = "、".join(sorted(known[id].name for id in facts.industries))
            return misses(requirement, f"需要{known[wanted].name},供方写明的是{names}", facts.industry_tags[closest])
        return unknown(requirement, facts.industry_tags[closest], f"写明的行业:{known[closest].name}")

    return check


def _other_word(asked: str, stated: str, name: str) -> str | None:
    """What is said where neither word is the other or the industry's own: 正极材料 and 负极材料 are 电池材料."""
    asked, stated, own = asked.casefold(), stated.casefold(), name.casefold()
    said = asked in stated or stated in asked or own in stated or stated in own or asked == own
    return None if said else f"同属“{name}”"


class IndustryTree:
    """The tree as look-ups: made once, as every need asks of it."""

    def __init__(self, industries: Industries) -> None:
        self.known: dict[str, Industry] = {industry.id: industry for industry in industries}
        self.branch = {id: _path(industries, id) for id in self.known}
        self._branches = Counter(industry.parent for industry in self.known.values())
        self.closeness = cache(lambda wanted: {id: self._closeness(industries, wanted, id) for id in self.known})
        self.far = cache(lambda wanted: {id: _is_far(self.branch[wanted], self.branch[id]) for id in self.known})

    def _closeness(self, industries: Industries, wanted: str, offered: str) -> float:
        """The tree's closeness, held below `NEAR` where `offered` says too little of the industry wanted."""
        close = industries.closeness(wanted, offered)
        return close if close < NEAR or self._stands_for(wanted, offered) else _OPEN

    def _stands_for(self, wanted: str, offered: str) -> bool:
        if wanted in self.branch[offered] or any({wanted, offered} <= family for family in FAMILIES):
            return True
        is_parent = self.known[wanted].parent == offered
        return is_parent and self.known[offered].parent is not None and self._branches[offered] <= NARROW


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
