"""Lines of synonyms as people write and paste them, each held by itself against the synonyms that there are.

    发酵罐 = 生物反应器 = fermenter        the same thing; between the terms = | or a tab, else ; or 、, else commas
    选区激光熔化 > 增材制造                 the first is a kind of the second; also → or ->
    g9,发酵罐|生物反应器,equal,自编          the shipped form, below a header that begins with id,terms,kind

Empty lines and lines that begin with # say nothing. A line that can't be used never harms another.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matcher.errors import InvalidInput
from matcher.retrieval.synonyms import COMMENT, MIN_TERM_LENGTH, NARROWER, SYMMETRIC_KINDS, Synonyms
from matcher.retrieval.words import normalise

#: What a line does: terms that mean the same, terms that no longer do, a narrower term and a broader one.
Part = Literal["add", "remove", "narrower"]
PARTS: Final[tuple[Part, ...]] = ("add", "remove", "narrower")
PART_NAMES: Final[dict[Part, str]] = {"add": "同义", "remove": "拆开", "narrower": "上下位"}
#: Longer than any name of a process or machine; a sentence got in.
TERM_MAX: Final = 60
#: More terms for one thing are a list of different things.
TERMS_MAX: Final = 50
#: Characters of a refused line that are shown again.
SHOWN: Final = 80

_ARROW: Final = re.compile(r"\s*(?:->|=>|[\u2192>\uff1e])\s*")
#: The first kind of sign that stands in a line divides it: 1,4-丁二醇 = BDO has one comma that divides nothing.
_BETWEEN: Final = tuple(re.compile(rf"\s*[{signs}]\s*") for signs in ("=|\uff1d\uff5c\t", ";\uff1b、\uff0c", ","))
_HEADER: Final = ("id", "terms", "kind")
_HOW: Final = "每行一组,如:发酵罐 = 生物反应器"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is taken; `number` counts from 1, `notes` tell what it does beyond what it says."""

    number: int
    part: Part
    terms: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not taken, its first characters, why, and what to do."""

    number: int
    text: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What became of the lines of a text."""

    taken: tuple[Line, ...]
    refused: tuple[Refused, ...]


class Ties:
    """Which terms mean the same and which are broader, while groups come in and go: a table that can still change."""

    def __init__(self, synonyms: Synonyms) -> None:
        self._group: dict[str, set[str]] = {}
        self._above: dict[str, set[str]] = {}
        for group in synonyms.groups:
            self._join(group)
        for narrow, broad in synonyms.pairs:
            self._above.setdefault(narrow, set()).add(broad)

    def take(self, part: Part, terms: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Put a group or a pair in, or take a group apart: its terms in one spelling, and what it does beyond that.

        Args:
            terms: as people write them.

        Raises:
            InvalidInput: the terms can't be used, say nothing new, contradict what there is, or close a cycle.
        """
        spelt = checked_terms(part, terms)
        if part == "narrower":
            return spelt, self._link(*spelt)
        return spelt, self._add(spelt) if part == "add" else self._remove(spelt)

    def _add(self, terms: Sequence[str]) -> tuple[str, ...]:
        groups = self._groups_of(terms)
        if len(groups) == 1 and set(terms) <= groups[0]:
            raise InvalidInput(f"“{terms[0]}”与“{terms[1]}”已在同一组", hint="不必再加", field="terms")
        for term in terms:
            above = self._reached(term) - self._same(term)
            for other in terms:
                if other in above:
                    message = f"“{term}”已是“{other}”的下位词,再作同义就成环"
                    raise InvalidInput(message, hint="先删去上下位关系,或不加这一组", field="terms")
        notes = tuple(f"并入已有的一组:{'、'.join(sorted(group)[:6])}" for group in groups if len(group) > 1)
        self._join(terms)
        return notes

    def _remove(self, terms: Sequence[str]) -> tuple[str, ...]:
        first = self._same(terms[0])
        apart = [term for term in terms[1:] if term not in first]
        if apart:
            raise InvalidInput(f"“{terms[0]}”与“{apart[0]}”本不在同一组", hint="不必拆开", field="terms")
        for term in terms[1:]:
            first.discard(term)
            self._group[term] = {term}
        return (f"“{terms[0]}”还与{'、'.join(sorted(first - {terms[0]})[:6])}同组",) if len(first) > 1 else ()

    def _link(self, narrow: str, broad: str) -> tuple[str, ...]:
        if broad in self._same(narrow):
            raise InvalidInput(f"“{narrow}”与“{broad}”已是同义词,不能又分上下位", hint="先拆开这一组", field="terms")
        if broad in self._reached(narrow):
            raise InvalidInput(f"“{narrow}”已是“{broad}”的下位词", hint="不必再加", field="terms")
        if narrow in self._reached(broad):
            raise InvalidInput(f"“{narrow}”与“{broad}”的上下位关系成环", hint="请检查哪个词更宽", field="terms")
        self._above.setdefault(narrow, set()).add(broad)
        return ()

    def _same(self, term: str) -> set[str]:
        return self._group.get(term) or {term}

    def _groups_of(self, terms: Iterable[str]) -> list[set[str]]:
        found = {id(group): group for term in terms if (group := self._group.get(term)) is not None}
        return list(found.values())

    def _join(self, terms: Iterable[str]) -> None:
        joined = set(terms).union(*self._groups_of(terms))
        self._group.update(dict.fromkeys(joined, joined))

    def _reached(self, term: str) -> set[str]:
        """All terms that a search for this one is widened to, itself included."""
        seen, waiting = set(self._same(term)), list(self._same(term))
        while waiting:
            for above in self._above.get(waiting.pop(), ()):
                new = self._same(above) - seen
                seen |= new
                waiting += new
        return seen


def read_lines(text: str, synonyms: Synonyms, *, apart: bool = False, room: int) -> Lines:
    """Lines that can be used, in order, and those that can't.

    Args:
        synonyms: those that there are, with what the profile changes of them. apart: whether the groups are to be
            taken apart. room: groups and pairs that still have a place.
    """
    ties, taken, refused = Ties(synonyms), list[Line](), list[Refused]()
    has_columns = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip().lstrip("\ufeff").strip()
        if not line or line.startswith(COMMENT):
            continue
        if not (taken or refused or has_columns) and _is_header(line):
            has_columns = True
            continue
        try:
            part, terms = _row(line) if has_columns else _written(line)
            part = _turned(part) if apart else part
            if len(taken) >= room:
                raise InvalidInput("已到同义词组数的上限", hint="请先删去不用的组", field="terms")
            taken.append(Line(number, part, *ties.take(part, terms)))
        except InvalidInput as error:
            refused.append(Refused(number, line[:SHOWN], error.message, error.hint or _HOW))
    return Lines(tuple(taken), tuple(refused))


def checked_terms(part: Part, terms: Sequence[str]) -> tuple[str, ...]:
    """The terms in one spelling, each once.

    Raises:
        InvalidInput: a term is empty, too short or too long, or there are too few different ones or too many.
    """
    spelt = tuple(dict.fromkeys(normalise(term).strip() for term in terms))
    for term in spelt:
        if not term:
            raise InvalidInput("有空的词", hint="请删去多余的分隔符", field="terms")
        if len(term) < MIN_TERM_LENGTH:
            hint = "单个字会出现在许多别的词里"
            raise InvalidInput(f"“{term}”太短,每个词至少 {MIN_TERM_LENGTH} 个字", hint=hint, field="terms")
        if len(term) > TERM_MAX:
            raise InvalidInput(f"“{term[:10]}…”太长,每个词至多 {TERM_MAX} 字", hint="请写词,不写句子", field="terms")
        if not term.isprintable():
            raise InvalidInput("词里有无法显示的字符", hint="请去掉乱码", field="terms")
    if len(spelt) < 2:
        same = len(terms) > 1
        message = f"“{spelt[0]}”与自己同义" if same and spelt else "一组至少要有两个不同的词"
        raise InvalidInput(message, hint=_HOW, field="terms")
    if len(spelt) > TERMS_MAX:
        raise InvalidInput(f"一组至多 {TERMS_MAX} 个词", hint="请分成几组", field="terms")
    if part == "narrower" and len(spelt) != 2:
        raise InvalidInput("上下位关系须恰好两个词", hint="窄者在前,如:选区激光熔化 > 增材制造", field="terms")
    return spelt


def _written(line: str) -> tuple[Part, list[str]]:
    """The terms of a line as people write it; a cell in quotes may hold what else divides terms."""
    if '"' in line:
        return "add", _cells(line)
    if _ARROW.search(line):
        return "narrower", _ARROW.split(line)
    return "add", next((signs.split(line) for signs in _BETWEEN if signs.search(line)), [line])


def _row(line: str) -> tuple[Part, list[str]]:
    """The terms of a row of the shipped form."""
    cells = _cells(line)
    if len(cells) < len(_HEADER):
        raise InvalidInput(f"应有 id,terms,kind 三列,实有 {len(cells)} 列", hint="如:g1,发酵罐|生物反应器,equal")
    kind = cells[2].strip()
    if kind not in (*SYMMETRIC_KINDS, NARROWER):
        known = "、".join((*SYMMETRIC_KINDS, NARROWER))
        raise InvalidInput(f"类别“{kind[:20]}”无效", hint=f"可用:{known}")
    return ("narrower" if kind == NARROWER else "add"), cells[1].split("|")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise InvalidInput("引号不成对,无法按 CSV 读取", hint="请补上引号,或去掉引号") from error


def _is_header(line: str) -> bool:
    return tuple(cell.strip().lower() for cell in line.split(",")[:3]) == _HEADER


def _turned(part: Part) -> Part:
    if part == "narrower":
        raise InvalidInput("上下位关系不能用拆开删去", hint="请在同义词页删去这一条")
    return "remove"
