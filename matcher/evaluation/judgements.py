"""Judgements: graded opinions of need–listing pairs, kept as TREC qrels lines `need_id 0 listing_id grade`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.metrics import MAX_GRADE, RELEVANT

#: need_id, iteration (unused by TREC tools, 0 by custom), listing_id, grade.
COLUMNS = 4
_NOTHING: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Judgements:
    """Grades 0–3 by need id and listing id, in the order of the file."""

    grades: Mapping[str, Mapping[str, int]]

    @property
    def need_ids(self) -> tuple[str, ...]:
        """Every judged need."""
        return tuple(self.grades)

    @property
    def pairs(self) -> int:
        """How many need–listing pairs are judged."""
        return sum(map(len, self.grades.values()))

    def of(self, need_id: str) -> Mapping[str, int]:
        """Grades by listing id; empty for a need nobody judged."""
        return self.grades.get(need_id, _NOTHING)

    def answers(self, need_id: str) -> tuple[str, ...]:
        """Listings with grade ≥ RELEVANT."""
        return tuple(listing for listing, grade in self.of(need_id).items() if grade >= RELEVANT)

    def is_answerable(self, need_id: str) -> bool:
        """Whether anything judged answers the need; where not, "nothing fits" is the right answer."""
        return any(grade >= RELEVANT for grade in self.of(need_id).values())

    def kept(self, need_ids: Collection[str]) -> Judgements:
        """The judgements of these needs only, e.g. of one fold."""
        return Judgements({need: grades for need, grades in self.grades.items() if need in need_ids})


def read_judgements(path: Path) -> Judgements:
    """Reads a qrels file, tabs or spaces between the columns, blank lines passed over, a repeated equal line kept once.

    Raises:
        NotFound: no such file.
        InvalidInput: not UTF-8, no line at all, or a line (named by its number) that has not four columns, has a
            grade other than 0–3, or gives a pair another grade than an earlier line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"找不到标注文件 {path}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"标注文件 {path.name} 不是 UTF-8 编码", field="judgements") from error
    return parse_judgements(text.splitlines(), source=path.name)


def parse_judgements(lines: Iterable[str], source: str = "judgements") -> Judgements:
    """As `read_judgements`, from lines; `source` names the file in errors."""
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{source} 第 {number} 行"
        need, listing, grade = _columns(line, where)
        if grades.setdefault(need, {}).setdefault(listing, grade) != grade:
            earlier = grades[need][listing]
            raise InvalidInput(f"{where}:{need} 与 {listing} 已标为 {earlier},这里又标为 {grade}", field="judgements")
    if not grades:
        raise InvalidInput(f"{source} 里没有任何标注", hint="每行四列:need_id 0 listing_id grade", field="judgements")
    return Judgements(grades)


def _columns(line: str, where: str) -> tuple[str, str, int]:
    columns = line.split()
    if len(columns) != COLUMNS:
        problem = f"{where}有 {len(columns)} 列,应为 {COLUMNS} 列"
        raise InvalidInput(problem, hint="每行四列:need_id 0 listing_id grade", field="judgements")
    need, _, listing, grade = columns
    if grade not in _GRADES:
        raise InvalidInput(f"{where}:等级“{grade}”不是 0–{MAX_GRADE} 的整数", field="judgements")
    return need, listing, int(grade)


_GRADES = frozenset(str(grade) for grade in range(MAX_GRADE + 1))
