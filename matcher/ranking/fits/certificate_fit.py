"""Certificates: held ones meet, planned and related ones stay unknown, and only a stated lack misses."""

from __future__ import annotations

import re
from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import CertificateRequirement, Evidence, Fit
from matcher.understanding.certificates import Certificates

#: GMP is given for dosage forms: a plant for one of them says nothing of another.
_FORMS: Final = re.compile(
    "冻干粉针|冻干|小容量注射剂|注射剂|注射液|无菌制剂|口服固体|固体制剂|片剂|胶囊|颗粒剂|口服液|原料药|中药饮片|中药|生物制品|疫苗|细胞|"
    "化妆品|保健食品|兽药|医疗器械|吸入|滴眼|软膏|贴剂|乳膏"
)


def certificate_check(requirement: CertificateRequirement, certificates: Certificates) -> Check:
    """Return the check of a wanted certificate; one that the table does not hold stays unknown."""
    wanted = requirement.certificate
    if wanted not in certificates:
        return lambda facts: unknown(requirement, note=f"不认识的资质 {wanted}")
    name = certificates[wanted].name
    silent = unknown(requirement)
    forms = frozenset(_FORMS.findall(requirement.text))

    def check(facts: ListingFacts) -> Fit:
        if not facts.holdings and not facts.lacking:
            return silent
        answer = certificates.answer(facts.holdings, wanted)
        if answer.outcome == "meets":
            other = _other_form(forms, answer.evidence)
            if other:
                return unknown(requirement, answer.evidence, other)
            return meets(requirement, answer.evidence, answer.note)
        if wanted in facts.lacking:
            return misses(requirement, f"需要 {name},供方写明没有", facts.lacking[wanted])
        return unknown(requirement, answer.evidence, answer.note)

    return check


def _other_form(forms: frozenset[str], evidence: Evidence | None) -> str | None:
    """Say that the certificate was given for another dosage form than the one asked for."""
    held = frozenset(_FORMS.findall(evidence.text)) if evidence and forms else frozenset()
    if held and not held & forms:
        return f"写明的范围是{'、'.join(sorted(held))},未说明{'、'.join(sorted(forms))}"
    return None
