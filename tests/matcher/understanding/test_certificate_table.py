"""The shipped table of certificates and its checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matcher.errors import BrokenArtefact
from matcher.understanding.certificate_table import Certificate, check_certificates, read_certificates_table

GMP = Certificate("gmp", ("GMP", "药品GMP"), (), (), "医药", "", "GMP 2010", "")
CGMP = Certificate("cgmp", ("cGMP",), ("gmp",), (), "医药", "", "21 CFR 211", "")


def test_the_shipped_table_is_sound_and_every_row_has_a_source() -> None:
    rows = read_certificates_table()
    assert len(rows) > 100
    assert all(row.source and row.field for row in rows)


def test_clean_room_classes_are_no_certificates() -> None:
    names = {name for row in read_certificates_table() for name in row.names}
    assert not [name for name in names if "级洁净" in name or "ISO 14644" in name]


def test_nothing_is_implied_by_what_it_implies() -> None:
    rows = {row.id: row for row in read_certificates_table()}
    for row in rows.values():
        assert all(row.id not in rows[implied].implies for implied in row.implies), row.id


def test_the_first_name_is_shown() -> None:
    assert GMP.name == "GMP"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (replace(CGMP, id="gmp"), "编号重复"),
        (replace(CGMP, names=("GMP",)), "名称"),
        (replace(CGMP, implies=("glp",)), "glp"),
        (replace(CGMP, related=("cgmp",)), "cgmp"),
    ],
)
def test_bad_rows_are_named(row: Certificate, problem: str) -> None:
    with pytest.raises(BrokenArtefact, match=problem):
        check_certificates([GMP, row])


def test_good_rows_pass() -> None:
    check_certificates([GMP, CGMP])


def test_a_missing_or_wrong_file_is_a_broken_table(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact, match=r"certificates\.csv"):
        read_certificates_table(tmp_path / "none.csv")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,names\ngmp,GMP\n", encoding="utf-8")
    with pytest.raises(BrokenArtefact):
        read_certificates_table(wrong)
