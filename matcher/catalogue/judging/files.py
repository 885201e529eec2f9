"""Files of judgements in and out: CSV with headings, and TREC qrels lines `need_id 0 listing_id grade`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from matcher.catalogue.importing.delimited import bared, guarded
from matcher.catalogue.judging.agreement import Graded, final_grades
from matcher.catalogue.judging.pooling import Pair
from matcher.errors import InvalidInput, TooLarge
from matcher.evaluation.judgements import COLUMNS
from matcher.evaluation.metrics import MAX_GRADE

Form = Literal["csv", "qrels"]
FORMS: Final[tuple[Form, ...]] = ("csv", "qrels")
#: Rows of one file; the shipped set has some 4,500.
ROWS_MAX: Final = 100_000
ID_MAX: Final = 64
#: Ours first: exports have these; people's own sheets often have the Chinese ones.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "need_id": ("need_id", "需求编号", "需求"),
    "listing_id": ("listing_id", "条目编号", "条目"),
    "grade": ("grade", "等级", "标注等级"),
    "judge": ("judge", "标注人"),
}
_REQUIRED: Final = ("need_id", "listing_id", "grade")
_DELIMITERS: Final = (",", "\t", ";")
_ID: Final = re.compile(rf"[\w.@-]{{1,{ID_MAX}}}")
_GRADES: Final = {str(grade): grade for grade in range(MAX_GRADE + 1)}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row: its line from 1 in its file, a word for programs, and what to tell."""

    line: int
    code: Literal["columns", "id", "grade", "judge", "duplicate", "unknown_need", "unknown_listing", "already", "need"]
    message: str
    field: str | None = None
    file: Literal["judgements", "needs"] = "judgements"


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One grade of one judge, as a line of the file says."""

    line: int
    pair: Pair
    judge: str
    grade: int


def read_grades(content: bytes, form: Form, judge: str) -> tuple[list[GradeRow], list[RowProblem]]:
    """The grades of a file in its order, and the rows that hold none.

    Args:
        judge: whose grades these are, where the file does not say.

    Raises:
        InvalidInput: not UTF-8, empty, no usable headings, quotes that don't close, or `judge` can't be used.
        TooLarge: more than `ROWS_MAX` rows.
    """
    if not _ID.fullmatch(judge):
        raise InvalidInput("标注人名称不能用", hint=f"1–{ID_MAX} 个字母、数字、汉字、. _ @ -", field="judge")
    text = decoded(content)
    rows: list[GradeRow] = []
    problems: list[RowProblem] = []
    first: dict[tuple[Pair, str], int] = {}
    for line, cells in _within_limit(_csv_rows(text) if form == "csv" else _qrels_rows(text)):
        found = _row(line, cells, judge)
        if isinstance(found, GradeRow) and first.setdefault((found.pair, found.judge), line) != line:
            found = _twice(found, first[found.pair, found.judge])
        if isinstance(found, GradeRow):
            rows.append(found)
        else:
            problems.append(found)
    if not rows and not problems:
        raise InvalidInput("文件里没有任何标注", hint="CSV 首行为表头,其后每行一条;qrels 每行四列", field="file")
    return rows, problems


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        InvalidInput: it is not UTF-8, or empty.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"第 {line} 行附近不是 UTF-8 编码", hint="请在 Excel 里另存为“CSV UTF-8”", field="file"
        ) from error
    if not text.strip():
        raise InvalidInput("文件是空的", hint="请检查是否选对了文件", field="file")
    return text


_Cells = Mapping[str, str] | int
"""Cells by column, or how many there are where that is not what there should be."""


def _within_limit(rows: Iterable[tuple[int, _Cells]]) -> Iterator[tuple[int, _Cells]]:
    for count, row in enumerate(rows, 1):
        if count > ROWS_MAX:
            raise TooLarge(f"文件超过 {ROWS_MAX} 行", hint="请分成几个文件", field="file")
        yield row


def _qrels_rows(text: str) -> Iterator[tuple[int, _Cells]]:
    for line, words in enumerate(map(str.split, io.StringIO(text)), 1):
        if len(words) == COLUMNS:
            yield line, {"need_id": words[0], "listing_id": words[2], "grade": words[3]}
        elif words:
            yield line, len(words)


def _csv_rows(text: str) -> Iterator[tuple[int, _Cells]]:
    heading = text.splitlines()[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        places = _places([bared(cell.strip()) for cell in next(reader)])
        for cells in reader:
            if not any(map(str.strip, cells)):
                continue
            # The line that a row ends on; rows of ours have no line ends in them. The judge may be left out at the end.
            complete = len(cells) > max(places[name] for name in _REQUIRED)
            yield (
                reader.line_num,
                {name: _cell(cells, place) for name, place in places.items()} if complete else len(cells),
            )
    except csv.Error as error:
        raise InvalidInput(
            f"第 {reader.line_num} 行的引号或格式有误", hint="请用 Excel 重新另存为 CSV UTF-8", field="file"
        ) from error


def _cell(cells: list[str], place: int) -> str:
    return bared(cells[place].strip()) if place < len(cells) else ""


def _places(headings: list[str]) -> dict[str, int]:
    """The place of each column that is ours."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = next((name for name, known in HEADINGS.items() if heading.lower() in known), None)
        if name in places:
            raise InvalidInput(f"表头“{heading[:40]}”重复", hint="每个表头只能出现一次", field="file")
        if name is not None:
            places[name] = place
    missing = [name for name in _REQUIRED if name not in places]
    if missing:
        raise InvalidInput(
            f"缺少表头 {'、'.join(missing)}", hint="首行应有 need_id, listing_id, grade,另可有 judge", field="file"
        )
    return places


def _row(line: int, cells: _Cells, judge: str) -> GradeRow | RowProblem:
    if isinstance(cells, int):
        return RowProblem(
            line, "columns", f"只有 {cells} 列" if cells < COLUMNS else f"有 {cells} 列,应为 {COLUMNS} 列"
        )
    for name in ("need_id", "listing_id"):
        if not _ID.fullmatch(cells[name]):
            return RowProblem(line, "id", f"编号“{cells[name][:ID_MAX]}”不能用", name)
    if cells["grade"] not in _GRADES:
        return RowProblem(line, "grade", f"等级“{cells['grade'][:20]}”不是 0–{MAX_GRADE} 的整数", "grade")
    by = cells.get("judge") or judge
    if not _ID.fullmatch(by):
        return RowProblem(line, "judge", f"标注人“{by[:ID_MAX]}”不能用", "judge")
    return GradeRow(line, (cells["need_id"], cells["listing_id"]), by, _GRADES[cells["grade"]])


def _twice(row: GradeRow, before: int) -> RowProblem:
    need_id, listing_id = row.pair
    said = f"{row.judge} 对 {need_id} 与 {listing_id} 的标注与第 {before} 行重复"
    return RowProblem(row.line, "duplicate", said, "judge")


def csv_of(graded: Graded, adjudicated: Mapping[Pair, int]) -> str:
    """Every judge's grade as CSV, with the grade that holds beside it; `read_grades` reads it again.

    A pair that was adjudicated says so in the column `adjudicated`; it is for people and not read.
    """
    final = final_grades(graded, adjudicated)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["need_id", "listing_id", "judge", "grade", "final", "adjudicated"])
    for (need_id, listing_id), grades in graded.items():
        decided = "1" if (need_id, listing_id) in adjudicated else "0"
        for judge, grade in sorted(grades.items()):
            ids = map(guarded, (need_id, listing_id, judge))
            writer.writerow([*ids, grade, final[need_id][listing_id], decided])
    return out.getvalue()


def qrels_of(grades: Mapping[str, Mapping[str, int]]) -> str:
    """The grades that hold as qrels lines, in the order given."""
    lines = (f"{need}\t0\t{listing}\t{grade}\n" for need, of in grades.items() for listing, grade in of.items())
    return "".join(lines)
