"""Filtered search against brute force: of the ten best that pass a filter, how many does the usual search find?

Brute force scores every listing that passes, a part of the catalogue at a time, so that no proposer can miss one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.match import Matcher
from matcher.ranking.ranked import Ranked
from matcher.records import SUPPLY_KINDS, Need

#: As many as fit on the first screen.
DEPTH = 10
#: Conditions keep listings that say nothing of them, so no requester's filter is as narrow as these.
ONE_IN = (100, 1_000)
#: The token vectors of a thousand listings take some 200 MB while they are scored.
PART = 1_000

Floats = NDArray[np.float32]
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Filter:
    """A restriction that a requester can ask for."""

    name: str
    apply: Callable[[Need], Need]


@dataclass(frozen=True, slots=True)
class FilteredRecall:
    """`share` of the catalogue passes (mean over needs), `recall` of brute force's ten best were found.

    `short` counts answers with fewer listings than pass, up to `DEPTH`: a filter must never starve an answer.
    """

    filter: str
    share: float
    recall: float
    short: int
    needs: int


FILTERS = (
    Filter("none", lambda need: need),
    Filter("equipment", lambda need: replace(need, kinds=("equipment",))),
    Filter("Guangdong or unsaid", lambda need: _placed(need, "广东省")),
    Filter("solutions", lambda need: replace(need, kinds=("solution",))),
    Filter("Dongguan or unsaid, equipment", lambda need: replace(_placed(need, "东莞市"), kinds=("equipment",))),
    Filter("Dongguan or unsaid, GMP or unsaid, solutions", lambda need: _certified(_placed(need, "东莞市"))),
)


def filtered_recall(matcher: Matcher, needs: Sequence[Need], tick: Tick) -> Iterator[FilteredRecall]:
    """One row a filter, over the needs that leave at least one listing; `tick` is called once a need and filter."""
    size = len(matcher.catalogue.supply)
    compared: dict[str, list[_Compared]] = {}
    for need in needs:
        for one in FILTERS:
            compared.setdefault(one.name, []).append(_compare(matcher, one.apply(need)))
            tick()
        for one_in in ONE_IN:
            rows = np.arange(one_in // 2, size, one_in)
            compared.setdefault(f"one row in {one_in:,}", []).append(_compare_rows(matcher, need, rows))
            tick()
    for name, results in compared.items():
        yield _summed(name, [result for result in results if result.passing], size)


@dataclass(frozen=True, slots=True)
class _Compared:
    passing: int
    found: int
    shown: int


def _compare(matcher: Matcher, need: Need) -> _Compared:
    usual = [match.listing.id for match in matcher.match(need, top=DEPTH, explained=False).matches]
    passing = passing_rows(matcher, need)
    best = brute_force(matcher, need, passing)[:DEPTH]
    return _Compared(len(passing), len(set(usual) & set(best)), len(usual))


def _compare_rows(matcher: Matcher, need: Need, rows: NDArray[np.int64]) -> _Compared:
    """Any set of rows as the filter, which no requester can ask for: retrieval within it, then the usual ranking."""
    mask = np.zeros(len(matcher.catalogue.supply), np.bool_)
    mask[rows] = True
    read = matcher.reader.read(need, strict=False)
    candidates = matcher.shortlist(matcher.retriever.read(need.text), read.conditions, mask)
    usual = brute_force(matcher, need, candidates)[:DEPTH]
    best = brute_force(matcher, need, rows)[:DEPTH]
    return _Compared(len(rows), len(set(usual) & set(best)), len(usual))


def passing_rows(matcher: Matcher, need: Need) -> NDArray[np.int64]:
    """Rows that the need's kinds and hard conditions leave."""
    conditions = matcher.reader.read(need, strict=True).conditions
    allowed = matcher.catalogue.of_kinds(need.kinds or SUPPLY_KINDS)
    return np.flatnonzero(allowed & matcher.conditions.kept(conditions))


def brute_force(matcher: Matcher, need: Need, rows: NDArray[np.int64]) -> list[str]:
    """Ids of all the rows, best first, the first of them read where the profile wants that."""
    listings = matcher.catalogue.supply
    found: dict[int, tuple[float, Floats]] = {}
    for start in range(0, len(rows), PART):
        part = [listings[row].id for row in rows[start : start + PART]]
        ranked = matcher.candidates(need, part)
        found.update(zip(ranked.rows.tolist(), zip(ranked.scores.tolist(), ranked.features, strict=True), strict=True))
    best = sorted(rows.tolist(), key=lambda row: (-found[row][0], row))
    if not best:
        return []
    scores, features = zip(*(found[row] for row in best), strict=True)
    ranked = matcher.read(need.text, Ranked(np.array(best), np.array(scores), np.stack(features)))
    return [listings[row].id for row in ranked.rows]


def _summed(name: str, results: Sequence[_Compared], size: int) -> FilteredRecall:
    wanted = [min(DEPTH, result.passing) for result in results]
    short = sum(result.shown < least for result, least in zip(results, wanted, strict=True))
    if not results:
        return FilteredRecall(name, 0.0, float("nan"), 0, 0)
    return FilteredRecall(
        name,
        share=sum(result.passing for result in results) / len(results) / size,
        recall=sum(result.found for result in results) / sum(wanted),
        short=short,
        needs=len(results),
    )


def _placed(need: Need, place: str) -> Need:
    return replace(need, places=(place,), must=(*need.must, "place"))


def _certified(need: Need) -> Need:
    return replace(need, certificates=("GMP",), must=(*need.must, "certificate"), kinds=("solution",))
