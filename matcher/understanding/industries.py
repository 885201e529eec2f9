"""The tree of industries: reading them from a need, mapping free tags to them, and how close two of them are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.records import IndustryRequirement
from matcher.understanding.negations import is_refused, may_refuse, refusal
from matcher.understanding.spans import Spans
from matcher.understanding.terms import FoundTerm, Terms
from matcher.understanding.text import normalise

_DATASETS = Path(__file__).resolve().parents[2] / "datasets"
TABLE = _DATASETS / "industries.csv"
TAGS = _DATASETS / "industry_tags.csv"

#: Which layer of Dongguan's plans an industry belongs to; a field is a root of the tree, `other` is in no layer.
LAYERS = ("field", "pillar", "emerging", "future", "other")
MAX_DEPTH = 3

# A platform for the parent usually does part of what a child needs; the whole field (信息技术) says less.
ANCESTOR_CLOSENESS = (1.0, 0.8, 0.5)
# 固态电池 and 钠离子电池 share lines and people.
SIBLING_CLOSENESS = 0.5
# Two industries of one field (半导体 and 通信), or an industry and its parent's sibling: neighbours at most.
FIELD_SIBLING_CLOSENESS = 0.3
UNCLE_CLOSENESS = 0.2
COUSIN_CLOSENESS = 0.15

_COLUMNS = ("id", "name", "parent", "layer", "aliases", "exceptions", "source")
# ASCII only: lower-casing İ or ẞ would move every offset behind it.
_LOWER_CASE = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Industry:
    """A node of the tree.

    Attributes:
        parent: id of the node above; None for a field.
        layer: one of `LAYERS`.
        aliases: other names of it that needs and listings use.
        exceptions: words that hold its name and mean something else (玻璃通孔 is not 玻璃).
    """

    id: str
    name: str
    parent: str | None = None
    layer: str = "other"
    aliases: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()


class Industries:
    """The tree, its names and the tags that map to it.

    Raises:
        InvalidInput: an id or a name stands twice, a parent or a tag's industry is unknown, the parents form a cycle,
            a branch is deeper than `MAX_DEPTH` or a layer is not one of `LAYERS`.
    """

    def __init__(self, industries: Iterable[Industry], tags: Mapping[str, str] | None = None) -> None:
        self._by_id: dict[str, Industry] = {}
        self._by_name: dict[str, str] = {}
        for industry in industries:
            self._add(industry)
        self._paths = {id: self._path_up(id) for id in self._by_id}
        self._close_to = self._measure_all()
        self._by_tag = dict(self._by_name)
        for tag, id in (tags or {}).items():
            self._by_tag[_fold(tag)] = self[id].id
        exceptions = (_fold(word) for industry in self for word in industry.exceptions)
        self._terms = Terms([*self._by_name, *exceptions])

    @classmethod
    def load(cls, table: Path = TABLE, tags: Path = TAGS) -> Industries:
        """The tree from its two CSV files.

        Raises:
            BrokenArtefact: a file is not there or lacks a column.
            InvalidInput: as the constructor.
        """
        industries = [
            Industry(
                id=row["id"],
                name=row["name"],
                parent=row["parent"] or None,
                layer=row["layer"],
                aliases=_split(row["aliases"]),
                exceptions=_split(row["exceptions"]),
            )
            for row in _rows(table, _COLUMNS)
        ]
        return cls(industries, {row["tag"]: row["industry"] for row in _rows(tags, ("tag", "industry"))})

    def __getitem__(self, id: str) -> Industry:
        """The industry with this id, or InvalidInput."""
        try:
            return self._by_id[id]
        except KeyError:
            raise InvalidInput(f"没有编号为“{id}”的行业", field="industry") from None

    def __iter__(self) -> Iterator[Industry]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def of_tags(self, tags: Iterable[str]) -> frozenset[str]:
        """Ids of free tags: by the table of tags, by name, or by the names that stand in an unknown tag."""
        ids: set[str] = set()
        for tag in tags:
            known = self._by_tag.get(_fold(tag).strip())
            ids.update([known] if known else (requirement.industry for requirement in self.read_industries(tag)))
        return frozenset(ids)

    def read_industries(self, text: str, *, wished: bool = False) -> list[IndustryRequirement]:
        """The industries that a need names, each once, where it is named first; offsets count characters of `text`.

        The longest name wins at each place (装备制造 over 装备), names never overlap, and a name inside one of its
        exceptions is passed over. With `wished`, so is one that the words beside it refuse (不要发酵,要冻干).
        """
        first: dict[str, IndustryRequirement] = {}
        wished = wished and may_refuse(text)
        for id, found in self._named(text):
            if id not in first and not (wished and is_refused(text, found.start, found.end)):
                span = text[found.start : found.end]
                first[id] = IndustryRequirement(text=span, start=found.start, end=found.end, industry=id)
        return list(first.values())

    def refused(self, text: str) -> list[tuple[int, int]]:
        """Where the words begin and end that refuse industries, the names included: 不需要发酵, 电镀、喷涂都不要."""
        if not may_refuse(text):
            return []
        spans = (refusal(text, found.start, found.end) for _, found in self._named(text))
        return list(Spans(span for span in spans if span))

    def unwanted(self, text: str) -> frozenset[str]:
        """Ids of the industries that a need names only to refuse them, and of all below them."""
        if not may_refuse(text):
            return frozenset()
        refused = {id for id, found in self._named(text) if is_refused(text, found.start, found.end)}
        refused -= {one.industry for one in self.read_industries(text, wished=True)}
        return frozenset(id for id, path in self._paths.items() if not refused.isdisjoint(path))

    def _named(self, text: str) -> Iterator[tuple[str, FoundTerm]]:
        for found in self._terms.find(_fold(text)):
            if id := self._by_name.get(found.term):
                yield id, found

    def closeness(self, one: str, other: str) -> float:
        """How near two industries stand in the tree, from 0 (no common field) to 1 (the same); symmetric.

        Raises:
            InvalidInput: an id is unknown.
        """
        return self._close_to[self[one].id].get(self[other].id, 0.0)

    def coverage(self, wanted: Iterable[str], offered: Iterable[str]) -> float:
        """How well the industries offered cover those wanted: the mean, over those wanted, of the closest one offered.

        In [0, 1]; 0 where either is empty. Ids must be known; nothing is checked here, on the path of every match.
        """
        offers = tuple(offered)
        best = [max((self._close_to[want].get(offer, 0.0) for offer in offers), default=0.0) for want in wanted]
        return sum(best) / len(best) if best else 0.0

    def _measure_all(self) -> dict[str, dict[str, float]]:
        """For each industry those that share its field, with their closeness."""
        fields: dict[str, list[str]] = {}
        for id, path in self._paths.items():
            fields.setdefault(path[-1], []).append(id)
        return {id: {other: self._measure(id, other) for other in fields[path[-1]]} for id, path in self._paths.items()}

    def _measure(self, one: str, other: str) -> float:
        path, other_path = self._paths[one], self._paths[other]
        meeting = next(id for id in path if id in other_path)
        fewer, more = sorted((path.index(meeting), other_path.index(meeting)))
        if fewer == 0:
            return ANCESTOR_CLOSENESS[more]
        if more == 1:
            return SIBLING_CLOSENESS if self._by_id[meeting].parent else FIELD_SIBLING_CLOSENESS
        return UNCLE_CLOSENESS if fewer == 1 else COUSIN_CLOSENESS

    def _add(self, industry: Industry) -> None:
        if industry.id in self._by_id:
            raise InvalidInput(f"行业编号“{industry.id}”重复", field="id")
        if industry.layer not in LAYERS:
            raise InvalidInput(f"行业“{industry.name}”的层次“{industry.layer}”无效", field="layer")
        self._by_id[industry.id] = industry
        for name in {_fold(name) for name in (industry.name, *industry.aliases)}:
            first = self._by_name.setdefault(name, industry.id)
            if first != industry.id:
                raise InvalidInput(f"名称“{name}”同时属于“{first}”和“{industry.id}”", field="aliases")

    def _path_up(self, id: str) -> tuple[str, ...]:
        """The id and those above it, a field last."""
        path = [id]
        while (parent := self._by_id[path[-1]].parent) is not None:
            if parent not in self._by_id:
                raise InvalidInput(f"行业“{path[-1]}”的上级“{parent}”不存在", field="parent")
            if parent in path:
                raise InvalidInput(f"行业“{id}”的上级关系成环", field="parent")
            path.append(parent)
        if len(path) > MAX_DEPTH:
            raise InvalidInput(f"行业“{id}”超过 {MAX_DEPTH} 级", field="parent")
        return tuple(path)


def _fold(text: str) -> str:
    return normalise(text).translate(_LOWER_CASE)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise BrokenArtefact(f"找不到 {path.name}", hint="请从源码仓库恢复 datasets 目录") from error
    for number, row in enumerate(rows, start=2):
        if any(row.get(column) is None for column in columns):
            raise BrokenArtefact(f"{path.name} 第 {number} 行缺列", hint=f"各列应为 {','.join(columns)}")
    return rows
