from __future__ import annotations

import pytest

from matcher.ranking.facts import default_tables, facts_of
from matcher.ranking.fits.certificate_fit import certificate_check
from matcher.records import CertificateRequirement, Evidence, Fit
from tests.matcher.ranking.stated import listing


def fit(certificate: str, *qualifications: str, text: str = "GMP", summary: str = "") -> Fit:
    requirement = CertificateRequirement(text=text, certificate=certificate)
    facts = facts_of(listing(qualifications=qualifications, summary=summary))
    return certificate_check(requirement, default_tables().certificates)(facts)


def test_a_held_certificate_meets_with_its_words() -> None:
    found = fit("gmp", "GMP")
    assert (found.outcome, found.evidence) == ("meets", Evidence("qualifications[0]", "GMP"))


def test_one_that_implies_it_meets_with_a_note() -> None:
    found = fit("gmp", "cGMP")
    assert found.outcome == "meets"
    assert found.note is not None
    assert "cGMP" in found.note


def test_a_planned_one_is_unknown_with_a_note() -> None:
    found = fit("cnas", "CNAS(申请中)")
    assert found.outcome == "unknown"
    assert found.evidence is not None
    assert found.note is not None


def test_a_related_one_is_unknown_with_a_note() -> None:
    found = fit("cgmp", "GMP", text="cGMP")
    assert found.outcome == "unknown"
    assert found.note is not None


@pytest.mark.parametrize("qualifications", [(), ("ISO 9001",)])
def test_silence_is_never_a_miss(qualifications: tuple[str, ...]) -> None:
    found = fit("gmp", *qualifications)
    assert (found.outcome, found.shortfall) == ("unknown", None)


def test_a_stated_lack_misses() -> None:
    found = fit("gmp", summary="可做小试,尚无GMP证书。")
    assert (found.outcome, found.shortfall) == ("misses", "需要 GMP,供方写明没有")
    assert found.evidence is not None
    assert found.evidence.text == "尚无GMP"


def test_a_lack_of_another_one_says_nothing() -> None:
    assert fit("cnas", text="CNAS", summary="尚无GMP证书。").outcome == "unknown"


@pytest.mark.parametrize(
    ("held", "asked", "outcome"),
    [
        ("GMP(口服固体制剂)", "GMP", "meets"),
        ("GMP(口服固体制剂)", "注射剂GMP", "unknown"),
        ("GMP(小容量注射剂)", "注射剂GMP", "meets"),
        ("GMP", "注射剂GMP", "meets"),
    ],
)
def test_a_certificate_counts_for_the_dosage_forms_it_names(held: str, asked: str, outcome: str) -> None:
    assert fit("gmp", held, text=asked).outcome == outcome


def test_another_dosage_form_is_said_in_a_note() -> None:
    assert fit("gmp", "GMP(口服固体制剂)", text="注射剂GMP").note == "写明的范围是口服固体,未说明注射"


def test_a_certificate_that_nobody_knows_is_unknown() -> None:
    found = fit("no-such", "GMP")
    assert (found.outcome, found.note) == ("unknown", "不认识的资质 no-such")
