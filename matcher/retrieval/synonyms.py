"""Words that mean the same (TGV = 玻璃通孔) or something broader (选区激光熔化 → 增材制造), to widen a search."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.retrieval.words import normalise
from matcher.understanding.terms import Terms

# A synonym counts for less than the requester's own word: abbreviations are ambiguous and translations are loose.
SYNONYM_WEIGHT = 0.6
# Each step to a broader term halves: a platform for 增材制造 may do 选区激光熔化, one that says so surely does.
BROADER_WEIGHT = 0.3
# One character (膜, 胶) is part of too many words to stand for one of them.
MIN_TERM_LENGTH = 2
SYMMETRIC_KINDS = ("equal", "abbreviation", "english")
NARROWER = "narrower"
HEADER = ("id", "terms", "kind", "source")
SEPARATOR = "|"
COMMENT = "#"


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one line of a table of synonyms; lines are counted from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"第 {self.line} 行:{self.message}"


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    id: str
    terms: tuple[str, ...]
    kind: str


class Synonyms:
    """Groups of equal terms and one-way links from a term's group to a broader one.

    Args:
        groups: terms that mean the same; a term stands in one group only.
        broader: pairs (narrower term, broader term); each is in a group or stands for itself. No cycles.
        errors: what `parse` left out.

    Raises:
        InvalidInput: a term stands in two groups, or the pairs form a cycle.
    """

    def __init__(
        self,
        groups: Iterable[Sequence[str]] = (),
        broader: Iterable[tuple[str, str]] = (),
        errors: Sequence[LineError] = (),
    ) -> None:
        self.errors = tuple(errors)
        self._groups: list[tuple[str, ...]] = []
        self._group_of: dict[str, int] = {}
        self._broader: dict[int, list[int]] = {}
        for group in groups:
            self._add_group(tuple(dict.fromkeys(normalise(term).strip() for term in group)))
        for narrow, broad in broader:
            self._add_broader(normalise(narrow).strip(), normalise(broad).strip())
        self._related = {term: self._relatives(term) for term in self._group_of}
        self._latin_terms = Terms(term for term in self._group_of if _has_latin(term))

    @classmethod
    def load(cls, path: Path) -> Synonyms:
        """Synonyms from a UTF-8 table; broken lines are left out and stand in `errors`.

        Raises:
            BrokenArtefact: the file is not there or is not UTF-8.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError) as error:
            raise BrokenArtefact(
                f"无法读取同义词表 {path.name}", hint="请检查文件是否存在、编码是否为 UTF-8"
            ) from error
        return cls.parse(text.splitlines())[0]

    @classmethod
    def parse(cls, lines: Iterable[str]) -> tuple[Synonyms, list[LineError]]:
        """Synonyms from CSV lines `id,terms,kind,source`, terms joined by `|`, and the lines that were refused.

        `kind` is equal, abbreviation or english (all symmetric), or narrower (two terms, narrower first). Every line
        stands alone: a broken one never harms another. A term that an earlier line has, or a pair that closes a cycle,
        is refused. The header, empty lines and lines that begin with # are skipped.
        """
        rows: list[_Row] = []
        errors: list[LineError] = []
        for number, line in enumerate(lines, start=1):
            if not _is_blank(line):
                _sort_out(_read_row(number, line), rows, errors)
        synonyms = cls()
        seen_ids: dict[str, int] = {}
        # Pairs come last, so that a pair may stand above the groups that it links.
        for row in sorted(rows, key=lambda row: (row.kind == NARROWER, row.line)):
            try:
                _claim_id(row, seen_ids)
                synonyms._add_row(row)
            except InvalidInput as error:
                errors.append(LineError(row.line, error.message))
        errors.sort(key=lambda error: error.line)
        return cls(synonyms._groups, synonyms._pairs(), errors), errors

    def __len__(self) -> int:
        """How many groups have two terms or more."""
        return sum(len(group) > 1 for group in self._groups)

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term, normalised and sorted: the words that a segmenter should keep whole."""
        return tuple(sorted(self._group_of))

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Every group, normalised; those of one term stand in a broader link."""
        return tuple(self._groups)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Broader links as (narrower, broader), each by the first term of its groups."""
        return tuple(self._pairs())

    def edited(
        self,
        added: Iterable[Sequence[str]],
        removed: Iterable[Sequence[str]],
        narrower: Iterable[Sequence[str]] = (),
    ) -> Synonyms:
        """Synonyms with groups taken apart, groups put in and pairs (narrower, broader) put in, in this order.

        Of a removed group each term but the first leaves the group it is in and stands alone. An added group joins
        whatever groups its terms are in already. Broader links stay with the terms that they were stated for; one that
        would close a cycle is left out.
        """
        groups = [list(group) for group in self._groups]
        place_of = dict(self._group_of)
        for terms in removed:
            for term in _spelt(terms)[1:]:
                if term in place_of:
                    groups[place_of[term]].remove(term)
                place_of[term] = len(groups)
                groups.append([term])
        for terms in added:
            new = _spelt(terms)
            joined = sorted({place_of[term] for term in new if term in place_of})
            group = list(dict.fromkeys([*(term for place in joined for term in groups[place]), *new]))
            for place in joined:
                groups[place] = []
            place_of.update(dict.fromkeys(group, len(groups)))
            groups.append(group)
        made = Synonyms(group for group in groups if group)
        for narrow, broad in (*self._pairs(), *(_spelt(pair) for pair in narrower)):
            # Joining two groups that were linked leaves nothing broader between them.
            with suppress(InvalidInput):
                made._add_broader(narrow, broad)
        return Synonyms(made._groups, made._pairs(), self.errors)

    def expand(self, words: Sequence[str], text: str = "") -> dict[str, float]:
        """Words to search for, with weights: own words 1, synonyms `SYNONYM_WEIGHT`, broader terms less with each step.

        Args:
            words: as `Words.cut` gives them.
            text: what they were cut from; terms with Latin letters or spaces are also looked for here and count as own
                words, so that `through glass via` is found where a segmenter took it apart.

        Expanding the result again adds nothing.
        """
        own = [*words, *(found.term for found in self._latin_terms.find(normalise(text)))]
        weights = dict.fromkeys(own, 1.0)
        for word in own:
            for term, weight in self._related.get(word, _NOTHING).items():
                weights[term] = max(weights.get(term, 0.0), weight)
        return weights

    def _add_row(self, row: _Row) -> None:
        if row.kind == NARROWER:
            self._add_broader(*row.terms)
        else:
            self._add_group(row.terms)

    def _add_group(self, terms: tuple[str, ...]) -> None:
        for term in terms:
            if term in self._group_of:
                raise InvalidInput(
                    f"“{term}”已在“{SEPARATOR.join(self._groups[self._group_of[term]])}”一组中", field="terms"
                )
        self._groups.append(terms)
        self._group_of.update(dict.fromkeys(terms, len(self._groups) - 1))

    def _add_broader(self, narrow: str, broad: str) -> None:
        for term in (narrow, broad):
            if term not in self._group_of:
                self._add_group((term,))
        child, parent = self._group_of[narrow], self._group_of[broad]
        if child in self._steps_up(parent):
            raise InvalidInput(f"“{narrow}”与“{broad}”的上下位关系成环", field="terms")
        parents = self._broader.setdefault(child, [])
        if parent not in parents:
            parents.append(parent)

    def _steps_up(self, group: int) -> dict[int, int]:
        """Each group that is reached by broader links, itself included, with the fewest steps."""
        steps = {group: 0}
        waiting = deque([group])
        while waiting:
            here = waiting.popleft()
            for parent in self._broader.get(here, ()):
                if parent not in steps:
                    steps[parent] = steps[here] + 1
                    waiting.append(parent)
        return steps

    def _relatives(self, term: str) -> Mapping[str, float]:
        return {
            other: BROADER_WEIGHT**steps if steps else SYNONYM_WEIGHT
            for group, steps in self._steps_up(self._group_of[term]).items()
            for other in self._groups[group]
            if other != term
        }

    def _pairs(self) -> list[tuple[str, str]]:
        return [
            (self._groups[child][0], self._groups[parent][0])
            for child, parents in self._broader.items()
            for parent in parents
        ]


def _spelt(terms: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(normalise(term).strip() for term in terms))


_NOTHING: Mapping[str, float] = {}


def _has_latin(term: str) -> bool:
    return any(character.isascii() for character in term)


def _is_blank(line: str) -> bool:
    line = line.strip().lstrip("\ufeff")
    return not line or line.startswith(COMMENT) or line.split(",")[:2] == list(HEADER[:2])


def _sort_out(found: _Row | LineError, rows: list[_Row], errors: list[LineError]) -> None:
    if isinstance(found, LineError):
        errors.append(found)
    else:
        rows.append(found)


def _read_row(number: int, line: str) -> _Row | LineError:
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error:
        return LineError(number, "引号不成对,无法按 CSV 读取")
    if len(cells) not in (len(HEADER) - 1, len(HEADER)):
        return LineError(number, f"应有 {','.join(HEADER)} 四列,实有 {len(cells)} 列")
    terms = tuple(dict.fromkeys(normalise(term).strip() for term in cells[1].split(SEPARATOR)))
    row = _Row(number, cells[0].strip(), terms, cells[2].strip())
    fault = _fault_of(row)
    return LineError(number, fault) if fault else row


def _fault_of(row: _Row) -> str | None:
    if not row.id:
        return "缺少 id"
    if row.kind not in (*SYMMETRIC_KINDS, NARROWER):
        return f"类别“{row.kind}”无效,应为 {'、'.join((*SYMMETRIC_KINDS, NARROWER))} 之一"
    if any(len(term) < MIN_TERM_LENGTH for term in row.terms):
        return f"每个词至少 {MIN_TERM_LENGTH} 个字"
    if row.kind == NARROWER and len(row.terms) != 2:
        return "上下位关系须恰好两个不同的词,窄者在前"
    if len(row.terms) < 2:
        return "一组至少要有两个不同的词"
    return None


def _claim_id(row: _Row, seen: dict[str, int]) -> None:
    first = seen.setdefault(row.id, row.line)
    if first != row.line:
        raise InvalidInput(f"编号“{row.id}”与第 {first} 行重复", field="id")
