"""Alternatives among certificates are wished for each, and never demanded both."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import CertificateRequirement, Need
from matcher.understanding.reading import Reader, Understood

READER = Reader.load()


def read(text: str) -> Understood:
    return READER.read(Need(text=text), date(2025, 7, 1))


def strengths(understood: Understood) -> list[tuple[str, str]]:
    return [
        (one.certificate, one.strength) for one in understood.requirements if isinstance(one, CertificateRequirement)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "要有ISO9001或IATF16949认证",
        "必须具备ISO9001认证或者IATF16949认证",
        "要有ISO9001和IATF16949其中一个",
        "必须有ISO9001、IATF16949之一",
        "必须有 ISO9001 or IATF16949",
        "要求ISO9001/IATF16949二选一",
    ],
)
def test_one_of_two_is_enough(text: str) -> None:
    understood = read(text)
    assert strengths(understood) == [("iso-9001", "prefer"), ("iatf-16949", "prefer")]
    assert "“ISO9001”、“IATF16949”有一项即可,各按希望判断,不用于排除" in understood.notes


@pytest.mark.parametrize(
    "text",
    [
        "必须有ISO9001和IATF16949",
        "必须有ISO9001,必须有IATF16949",
        "必须有ISO9001、IATF16949两项",
        "必须有ISO9001/IATF16949",
    ],
)
def test_both_are_demanded(text: str) -> None:
    understood = read(text)
    assert strengths(understood) == [("iso-9001", "must"), ("iatf-16949", "must")]
    assert not any("有一项即可" in note for note in understood.notes)


def test_a_third_beside_them_stays_a_demand() -> None:
    understood = read("必须有GMP认证或ISO13485认证,必须有SC证")
    assert strengths(understood) == [("gmp", "prefer"), ("iso-13485", "prefer"), ("sc", "must")]


def test_wishes_need_no_note() -> None:
    assert read("最好有CNAS或CMA").notes == ()
    assert read("必须有GMP或同等资质").notes == ()
