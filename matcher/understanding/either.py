"""Certificates of which one is enough (ISO 9001 或 IATF 16949): neither alone may rule a listing out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from matcher.records import CertificateRequirement, Requirement

_NOUN: Final = r"\s?(?:认证|资质|证书|体系|认可|标准|证)?\s?"
_OR: Final = re.compile(rf"{_NOUN}(?:或者?|or)\s?(?:者|有|具备|通过|是)?\s?", re.IGNORECASE)
_AND: Final = re.compile(rf"{_NOUN}(?:和|与|及|、|,|/|and)\s?", re.IGNORECASE)
_ONE_OF: Final = re.compile(
    rf"{_NOUN}(?:中|这)?[里两二三]?(?:者|个|种|项)?(?:其中)?(?:之一|任一|任选|任意|有?一个|一种|一项|[二三]选一|其一)"
)


def alternatives(text: str, requirements: Sequence[Requirement]) -> list[tuple[CertificateRequirement, ...]]:
    """Return the certificates of a normalised text that are named as alternatives, each group in the text's order."""
    named = sorted(
        (one for one in requirements if isinstance(one, CertificateRequirement) and one.start is not None),
        key=lambda one: one.start or 0,
    )
    groups: list[list[CertificateRequirement]] = [[one] for one in named[:1]]
    for before, one in pairwise(named):
        between = text[before.end or 0 : one.start or 0]
        if _OR.fullmatch(between) or _AND.fullmatch(between):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [tuple(group) for group in groups if len(group) > 1 and _is_choice(text, group)]


def with_alternatives(text: str, requirements: Sequence[Requirement]) -> list[Requirement]:
    """Return the requirements, alternatives among them preferred instead of demanded."""
    eased = [one for group in alternatives(text, requirements) for one in group]
    return [replace(one, strength="prefer") if one in eased else one for one in requirements]


def alternative_notes(text: str, requirements: Sequence[Requirement]) -> list[str]:
    """Notes in Chinese on alternatives that stand where a demand does."""
    return [
        f"{'、'.join(f'“{one.text}”' for one in group)}有一项即可,各按希望判断,不用于排除"
        for group in alternatives(text, requirements)
        if any(one.strength == "must" for one in group)
    ]


def _is_choice(text: str, group: Sequence[CertificateRequirement]) -> bool:
    if any(_OR.fullmatch(text[one.end or 0 : other.start or 0]) for one, other in pairwise(group)):
        return True
    return bool(_ONE_OF.match(text, group[-1].end or 0))
