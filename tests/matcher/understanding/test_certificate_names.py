"""Names of certificates in running text, in the many ways they are written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.certificate_names import CertificateNames
from matcher.understanding.certificate_table import read_certificates_table

ROWS = read_certificates_table()
NAMES = CertificateNames(ROWS)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.id) for one in NAMES.find(text)]


@pytest.mark.parametrize(
    ("text", "certificates"),
    [
        ("ISO9001", [("ISO9001", "iso-9001")]),
        ("ISO 9001:2015体系", [("ISO 9001:2015", "iso-9001")]),
        ("iso-13485车间", [("iso-13485", "iso-13485")]),
        ("ISO/IEC 17025认可", [("ISO/IEC 17025", "iso-17025")]),
        ("GB/T 19001-2016认证", [("GB/T 19001-2016", "iso-9001")]),
        ("GB/T19001", [("GB/T19001", "iso-9001")]),
        ("YY/T 0287体系", [("YY/T 0287", "iso-13485")]),
        ("ISO/TS 16949", [("ISO/TS 16949", "iatf-16949")]),
        ("IATF16949", [("IATF16949", "iatf-16949")]),
        ("AS9100D", [("AS9100D", "as9100")]),
        ("GJB9001C", [("GJB9001C", "gjb-9001c")]),
        ("ISO 9001、14001和45001", [("ISO 9001", "iso-9001"), ("14001", "iso-14001"), ("45001", "iso-45001")]),
        ("药品生产质量管理规范", [("药品生产质量管理规范", "gmp")]),
        ("gmp车间", [("gmp", "gmp")]),
        ("cGMP车间", [("cGMP", "cgmp")]),
        ("欧盟GMP线", [("欧盟GMP", "eu-gmp")]),
        ("兽药GMP车间", [("兽药GMP", "veterinary-gmp")]),
        ("保健食品GMP", [("保健食品GMP", "health-food-gmp")]),
        ("CMA/CNAS双章", [("CMA", "cma"), ("CNAS", "cnas")]),
        ("CMA、CAL、CNAS", [("CMA", "cma"), ("CAL", "cal"), ("CNAS", "cnas")]),
        ("GLP实验室", [("GLP", "glp")]),
        ("UN38.3测试", [("UN38.3", "un38-3")]),
        ("AEC-Q100摸底", [("AEC-Q100", "aec-q100")]),
        ("AECQ101", [("AECQ101", "aec-q101")]),
        ("要有3C", [("3C", "ccc")]),
        ("CE认证", [("CE", "ce")]),
        ("过UL", [("UL", "ul")]),
        ("带SC生产许可的车间", [("SC生产许可", "sc")]),
        ("还要办SC 生产许可", [("SC 生产许可", "sc")]),
        ("FDA 510(k)", [("FDA 510(k)", "fda-510k")]),
        ("P3实验室", [("P3实验室", "bsl-3")]),
        ("药品生产许可证(C证)", [("药品生产许可证", "drug-production")]),
        ("二级保密资质", [("二级保密资质", "secrecy-2")]),
    ],
)
def test_names_are_found(text: str, certificates: list[tuple[str, str]]) -> None:
    assert found(text) == certificates


@pytest.mark.parametrize(
    "text",
    [
        "GLP-1类似物",
        "GLP-1R激动剂",
        "UL94 V-0阻燃",
        "UL 9540A机柜级",
        "3C产品外壳",
        "3C倍率放电",
        "库仑效率CE偏低",
        "CE效率99.8%",
        "PC/ABS外壳",
        "HTOL、TC、ESD",
        "AC 220V供电",
        "SC晶体",
        "gap值过大,reach不到",
        "ISO 14644-1 7级",
        "ISO 16750温振",
        "ISO 90012",
        "AISO 9001",
        "GMPX",
        "DMF溶剂",
        "十万级洁净间",
        "样品客户认可了",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert found(text) == []


def test_every_name_of_the_table_is_found_as_its_own_certificate() -> None:
    wrong = [
        (name, found(f"需要有{name}认证"))
        for row in ROWS
        for name in row.names
        if [one for _, one in found(f"需要有{name}认证")] != [row.id]
    ]
    assert wrong == []


@given(st.text(alphabet="GMPCNASISO 9001/、欧盟药品生产许可证认CEULglp-1", max_size=40))
@settings(max_examples=100, deadline=None)
def test_finds_stand_in_order_and_apart(text: str) -> None:
    certificates = NAMES.find(text)
    assert all(a.end <= b.start for a, b in pairwise(certificates))
    assert all(0 <= one.start < one.end <= len(text) for one in certificates)
