"""Certificates: held ones meet, planned and related ones stay unknown, and only a stated lack misses."""

from __future__ import annotations

from matcher.ranking.facts import ListingFacts, dosage_forms
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import CertificateRequirement, Evidence, Fit
from matcher.understanding.certificates import Certificates


def certificate_check(requirement: CertificateRequirement, certificates: Certificates) -> Check:
    """Return the check of a wanted certificate; one that the table does not hold stays unknown."""
    wanted = requirement.certificate
    if wanted not in certificates:
        return lambda facts: unknown(requirement, note=f"不认识的资质 {wanted}")
    name = certificates[wanted].name
    silent = unknown(requirement)
    forms = dosage_forms(requirement.text)

    def check(facts: ListingFacts) -> Fit:
        if not facts.holdings and not facts.lacking:
            return silent
        answer = certificates.answer(facts.holdings, wanted)
        if answer.outcome == "meets":
            other = _other_form(forms, _held_forms(facts, answer.evidence))
            if other:
                return unknown(requirement, answer.evidence, other)
            return meets(requirement, answer.evidence, answer.note)
        if wanted in facts.lacking:
            return misses(requirement, f"需要 {name},供方写明没有", facts.lacking[wanted])
        return unknown(requirement, answer.evidence, answer.note)

    return check


def _held_forms(facts: ListingFacts, evidence: Evidence | None) -> frozenset[str]:
    """The dosage forms of the certificate that the answer rests on."""
    named = (holding.certificate for holding in facts.holdings if holding.evidence == evidence)
    return facts.forms.get(next(named, ""), frozenset())


def _other_form(asked: frozenset[str], held: frozenset[str]) -> str | None:
    """Say that the certificate was given for another dosage form than the one asked for; None where it was not."""
    if not asked or not held or asked & held:
        return None
    return f"写明的范围是{'、'.join(sorted(held))},未说明{'、'.join(sorted(asked))}"
