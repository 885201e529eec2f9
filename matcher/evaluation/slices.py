"""Slices: groups of needs whose scores are read apart, because a mean hides who is served badly."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judgements import Judgements
from matcher.records import KINDS, Kind

#: Below this many needs a slice's interval spans most of [0, 1]; small industries are read together as OTHER.
SMALLEST_INDUSTRY = 5
OTHER = "other"
#: Upper ends of the classes of answers a need has (listings with grade ≥ RELEVANT), by thirds of the dev needs.
FEW_ANSWERS, SOME_ANSWERS = 1, 4
#: Upper ends of the classes of judged listings a need has; about 36 is usual, fewer means that less was looked at.
THIN_POOL, USUAL_POOL = 30, 40
#: A digit, or a Chinese numeral directly before a unit that needs state scales in.
_NUMBER = re.compile(
    r"\d|[零一二两三四五六七八九十百千万亿]+(?:余|多)?(?:升|吨|公斤|千克|英寸|寸|平方米|微米|纳米|摄氏度|度|万元|元|个月|天|件|套|台|片)"
)


@dataclass(frozen=True, slots=True)
class NeedTraits:
    """What slicing asks of a need; `explicit` is None where the file does not say."""

    id: str
    text: str = ""
    industry: tuple[str, ...] = ()
    explicit: bool | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Needs that share `value` under `dimension` (wording, kind, industry, numbers, answers, pool)."""

    dimension: str
    value: str
    need_ids: frozenset[str]


IndustryOf = Callable[[NeedTraits], str | None]


def first_industry(need: NeedTraits) -> str | None:
    """The first tag as written; pass another function to `slices_of` to go by a taxonomy."""
    return need.industry[0] if need.industry else None


def slices_of(
    needs: Sequence[NeedTraits],
    judgements: Judgements,
    *,
    kinds: Mapping[str, Kind] | None = None,
    industry_of: IndustryOf = first_industry,
) -> tuple[Slice, ...]:
    """Every non-empty slice of the answerable ones of `needs`; within a dimension no need stands in two slices.

    Args:
        kinds: kind by listing id; without it there are no slices by kind.
    """
    answerable = [need for need in needs if judgements.is_answerable(need.id)]
    return (
        *_grouped("wording", answerable, _wording, ("explicit", "vague")),
        *_grouped("kind", answerable, lambda need: asked_kind(need.id, judgements, kinds or {}), KINDS),
        *_grouped(
            "numbers", answerable, lambda need: "with" if has_number(need.text) else "without", ("with", "without")
        ),
        *_grouped("answers", answerable, lambda need: _answers_class(len(judgements.answers(need.id))), _ANSWERS),
        *_grouped("pool", answerable, lambda need: _pool_class(len(judgements.of(need.id))), _POOLS),
        *_by_industry(answerable, industry_of),
    )


def asked_kind(need_id: str, judgements: Judgements, kinds: Mapping[str, Kind]) -> Kind | None:
    """The kind most of a need's answers are of; equal counts go to the kind named first in `KINDS`.

    None where no answer's kind is known.
    """
    counts = Counter(kinds[listing] for listing in judgements.answers(need_id) if listing in kinds)
    return min(counts, key=lambda kind: (-counts[kind], KINDS.index(kind)), default=None)


def has_number(text: str) -> bool:
    """Whether the words state any number, in digits or in Chinese numerals before a unit."""
    return _NUMBER.search(text) is not None


def read_traits(path: Path) -> tuple[NeedTraits, ...]:
    """Reads traits from needs as JSON lines (`id`, `description`, `industry`, `explicit`).

    Raises:
        NotFound: no such file.
        InvalidInput: a line (named by its number) that is not a JSON object with an `id`, or an id that came before.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise NotFound(f"找不到需求文件 {path}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"需求文件 {path.name} 不是 UTF-8 编码", field="needs") from error
    traits: dict[str, NeedTraits] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            need = _traits(line, f"{path.name} 第 {number} 行")
            if traits.setdefault(need.id, need) is not need:
                raise InvalidInput(f"{path.name} 第 {number} 行:需求 {need.id} 重复", field="needs")
    return tuple(traits.values())


def _traits(line: str, where: str) -> NeedTraits:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{where}不是 JSON:{error.msg}", field="needs") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise InvalidInput(f"{where}缺少 id", field="needs")
    explicit = row.get("explicit")
    return NeedTraits(
        id=row["id"],
        text=str(row.get("description") or row.get("text") or ""),
        industry=tuple(map(str, row.get("industry") or ())),
        explicit=explicit if isinstance(explicit, bool) else None,
    )


def _grouped(
    dimension: str, needs: Iterable[NeedTraits], value_of: Callable[[NeedTraits], str | None], order: Sequence[str]
) -> Iterable[Slice]:
    groups: dict[str, set[str]] = {value: set() for value in order}
    for need in needs:
        value = value_of(need)
        if value is not None:
            groups[value].add(need.id)
    return (Slice(dimension, value, frozenset(ids)) for value, ids in groups.items() if ids)


def _by_industry(needs: Sequence[NeedTraits], industry_of: IndustryOf) -> Iterable[Slice]:
    named = {need.id: industry_of(need) for need in needs}
    counts = Counter(industry for industry in named.values() if industry is not None)
    large = sorted(
        (name for name, count in counts.items() if count >= SMALLEST_INDUSTRY), key=lambda n: (-counts[n], n)
    )

    def value_of(need: NeedTraits) -> str | None:
        industry = named[need.id]
        return industry if industry is None or industry in large else OTHER

    return _grouped("industry", needs, value_of, [*large, OTHER])


def _wording(need: NeedTraits) -> str | None:
    return None if need.explicit is None else "explicit" if need.explicit else "vague"


_ANSWERS = (f"{FEW_ANSWERS}", f"{FEW_ANSWERS + 1}-{SOME_ANSWERS}", f">{SOME_ANSWERS}")
_POOLS = (f"<={THIN_POOL}", f"{THIN_POOL + 1}-{USUAL_POOL}", f">{USUAL_POOL}")


def _answers_class(count: int) -> str:
    return _ANSWERS[0] if count <= FEW_ANSWERS else _ANSWERS[1] if count <= SOME_ANSWERS else _ANSWERS[2]


def _pool_class(count: int) -> str:
    return _POOLS[0] if count <= THIN_POOL else _POOLS[1] if count <= USUAL_POOL else _POOLS[2]
