"""CSV and qrels in and out; every fault is told with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.judging.agreement import final_grades
from matcher.catalogue.judging.files import ROWS_MAX, Form, csv_of, qrels_of, read_grades
from matcher.errors import InvalidInput, TooLarge
from matcher.evaluation.judgements import parse_judgements

IDS = st.from_regex(r"[A-Za-z0-9一-龥._@-]{1,12}", fullmatch=True)
GRADED = st.dictionaries(
    st.tuples(IDS, IDS), st.dictionaries(IDS, st.integers(0, 3), min_size=1, max_size=3), min_size=1, max_size=8
)


def read(text: str, form: Form = "csv") -> tuple[list[tuple[str, str, str, int]], list[tuple[int, str]]]:
    rows, problems = read_grades(text.encode(), form, "me")
    return [(*row.pair, row.judge, row.grade) for row in rows], [(one.line, one.code) for one in problems]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_csv_with_headings_in_any_order(delimiter: str, mark: str) -> None:
    lines = [
        ["grade", "备注", "条目编号", "judge", "需求"],
        ["2", "好", "PF-1", "ann", "N-1"],
        ["0", "", "PF-2", "", "N-1"],
    ]
    text = mark + "\r\n".join(delimiter.join(line) for line in lines)
    assert read(text) == ([("N-1", "PF-1", "ann", 2), ("N-1", "PF-2", "me", 0)], [])


def test_qrels_with_tabs_or_spaces_and_blank_lines() -> None:
    assert read("N-1\t0\tPF-1\t3\n\n  N-1 Q0 PF-2   0 \n", "qrels") == (
        [("N-1", "PF-1", "me", 3), ("N-1", "PF-2", "me", 0)],
        [],
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("N-1,PF-1,4", "grade"),
        ("N-1,PF-1,-1", "grade"),
        ("N-1,PF-1,高", "grade"),
        ("N-1,PF-1,2.0", "grade"),
        ("N-1,PF-1,２", "grade"),
        ("N-1,PF-1,", "grade"),
        (",PF-1,1", "id"),
        ("N-1,PF 1,1", "id"),
        ("N-1,PF\x001,1", "id"),
        (f"N-1,{'x' * 65},1", "id"),
        ("N-1,PF-1", "columns"),
        ("N-1,PF-1,1,a b", "judge"),
        ("N-0,PF-0,1,me", "duplicate"),
        ("N-0,PF-0,2,", "duplicate"),
    ],
)
def test_a_row_at_fault_is_told_and_the_others_are_read(cells: str, code: str) -> None:
    rows, problems = read(f"need_id,listing_id,grade,judge\nN-0,PF-0,1,me\n\n{cells}\nN-9,PF-9,3,me\n")
    assert problems == [(4, code)]
    assert [row[0] for row in rows] == ["N-0", "N-9"]


@pytest.mark.parametrize("line", ["N-1 PF-1 3", "N-1 0 PF-1 3 x"])
def test_a_qrels_line_of_other_columns(line: str) -> None:
    assert read(f"N-0 0 PF-0 1\n{line}", "qrels") == ([("N-0", "PF-0", "me", 1)], [(2, "columns")])


def test_two_judges_of_one_pair_are_no_duplicates() -> None:
    rows, problems = read("need_id,listing_id,grade,judge\nN,P,1,a\nN,P,2,b\nN,P,1,a")
    assert (len(rows), problems) == (2, [(4, "duplicate")])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf \n", "空的"),
        ("需求,条目,等级\nN,P,1".encode("gb18030"), "UTF-8"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"need_id,listing_id\nN,P", "grade"),
        (b"N-1,PF-1,2\n", "缺少表头"),
        (b"need_id,listing_id,grade,grade\nN,P,1,1", "重复"),
        ("需求,need_id,listing_id,grade".encode(), "重复"),
        (b"need_id,listing_id,grade\n", "没有任何标注"),
        (b'need_id,listing_id,grade\n"N,P,1', "引号"),
        (b'need_id,listing_id,grade\nN,P,"1"x', "引号"),
    ],
)
def test_files_that_cannot_be_read(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        read_grades(content, "csv", "me")
    assert caught.value.field == "file"
    assert caught.value.hint


def test_an_encoding_at_fault_is_told_with_its_line() -> None:
    with pytest.raises(InvalidInput, match="第 3 行"):
        read_grades(b"N 0 P 1\nN 0 Q 1\nN 0 \xb7 1", "qrels", "me")


@pytest.mark.parametrize("judge", ["", "a b", "x" * 65, "a\x00"])
def test_judges_that_cannot_be_stored(judge: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_grades(b"N 0 P 1", "qrels", judge)
    assert caught.value.field == "judge"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "qrels"])
def test_the_hundred_thousand_and_first_row(form: Form) -> None:
    heading, between = ("need_id,listing_id,grade\n", ",{},1\n") if form == "csv" else ("", " 0 {} 1\n")
    text = heading + "".join(f"N{between.format(number)}" for number in range(ROWS_MAX))
    assert len(read_grades(text.encode(), form, "me")[0]) == ROWS_MAX == 100_000
    with pytest.raises(TooLarge):
        read_grades((text + f"N{between.format('x')}").encode(), form, "me")


@settings(max_examples=60, deadline=None)
@given(GRADED)
def test_what_goes_out_as_csv_comes_in_again(graded: dict[tuple[str, str], dict[str, int]]) -> None:
    text = csv_of(graded, {})
    rows, problems = read_grades(text.encode(), "csv", "me")
    assert problems == []
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.pair, {})[row.judge] = row.grade
    assert found == graded
    # Nothing that a spreadsheet would take for a formula.
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


@settings(max_examples=60, deadline=None)
@given(GRADED)
def test_what_goes_out_as_qrels_is_what_the_evaluation_reads(graded: dict[tuple[str, str], dict[str, int]]) -> None:
    final = final_grades(graded, {})
    assert parse_judgements(qrels_of(final).splitlines()).grades == final


def test_the_csv_tells_which_grade_holds() -> None:
    text = csv_of({("N", "P"): {"b": 1, "a": 3}}, {("N", "P"): 2})
    assert text.splitlines() == ["need_id,listing_id,judge,grade,final,adjudicated", "N,P,a,3,2,1", "N,P,b,1,2,1"]
