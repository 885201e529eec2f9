"""How often fits say what a reader says: accuracy, confusion, and the unknowns that were called misses.

Run `python -m matcher.evaluation.fit_accuracy` for the table.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from matcher.catalogue.listings_file import read_listings
from matcher.errors import NotFound
from matcher.evaluation.fit_pairs import FIT_PAIRS, FitPair, read_fit_pairs
from matcher.ranking.facts import ListingFacts, facts_of
from matcher.ranking.fit import assess
from matcher.records import Fit, Listing, Need, Outcome, Requirement
from matcher.understanding.reading import Reader

_LISTINGS: Final = Path(__file__).resolve().parents[2] / "datasets" / "listings.jsonl"
#: Deadlines are counted from this day, so that the figures do not change with the calendar.
_TODAY: Final = date(2025, 6, 1)
_OUTCOMES: Final[tuple[Outcome, ...]] = ("meets", "misses", "unknown")


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A labelled pair and its fit; None where no requirement of its type was read from the words."""

    pair: FitPair
    fit: Fit | None

    @property
    def outcome(self) -> Outcome:
        """What is said of the pair: a requirement that was not read leaves everything open."""
        return self.fit.outcome if self.fit else "unknown"

    @property
    def is_right(self) -> bool:
        """Whether a requirement was read and its fit is the reader's."""
        return self.fit is not None and self.fit.outcome == self.pair.outcome


def judge_pairs(pairs: Sequence[FitPair], listings: Mapping[str, Listing], reader: Reader) -> list[JudgedPair]:
    """Return the fit of each pair.

    Raises:
        NotFound: a pair names a listing that is not there.
    """
    facts: dict[str, ListingFacts] = {}
    judged = []
    for pair in pairs:
        if pair.listing_id not in listings:
            raise NotFound(f"标注中的条目 {pair.listing_id} 不在目录里")
        if pair.listing_id not in facts:
            facts[pair.listing_id] = facts_of(listings[pair.listing_id])
        requirement = read_requirement(pair, reader)
        fit = assess([requirement], facts[pair.listing_id])[0] if requirement else None
        judged.append(JudgedPair(pair, fit))
    return judged


def read_requirement(pair: FitPair, reader: Reader) -> Requirement | None:
    """Return the first requirement of the pair's type in its words, None where none is read."""
    understood = reader.read(Need(text=pair.requirement_text), _TODAY, strict=False)
    return next((found for found in understood.requirements if found.type == pair.type), None)


def report(judged: Sequence[JudgedPair]) -> str:
    """Return the figures as lines: per split accuracy, per type accuracy, confusion, unknowns called misses, errors."""
    lines = [
        _accuracy(f"{split} pairs", [one for one in judged if one.pair.split == split]) for split in _splits(judged)
    ]
    lines.append(_accuracy("all pairs", judged))
    for type_ in sorted({one.pair.type for one in judged}):
        lines.append(_accuracy(f"  {type_}", [one for one in judged if one.pair.type == type_]))
    lines += _confusion(judged)
    lines.append(f"unknown reported as misses: {unknown_as_misses(judged)}")
    lines += [_error(one) for one in judged if not one.is_right]
    return "\n".join(lines)


def accuracy(judged: Sequence[JudgedPair]) -> float:
    """Return the share of pairs that are right; 0 where there is none."""
    return sum(one.is_right for one in judged) / len(judged) if judged else 0.0


def unknown_as_misses(judged: Iterable[JudgedPair]) -> int:
    """Return how many pairs nobody can tell were called misses; there must be none."""
    return sum(one.pair.outcome == "unknown" and one.outcome == "misses" for one in judged)


def _splits(judged: Sequence[JudgedPair]) -> list[str]:
    return list(dict.fromkeys(one.pair.split for one in judged))


def _accuracy(name: str, judged: Sequence[JudgedPair]) -> str:
    return f"{name:<20} {accuracy(judged):.3f}  ({sum(one.is_right for one in judged)} of {len(judged)})"


def _confusion(judged: Sequence[JudgedPair]) -> list[str]:
    counts = Counter((one.pair.outcome, one.outcome) for one in judged)
    head = f"{'label / said':<14}" + "".join(f"{outcome:>9}" for outcome in _OUTCOMES)
    rows = [f"{label:<14}" + "".join(f"{counts[label, said]:>9}" for said in _OUTCOMES) for label in _OUTCOMES]
    return [head, *rows]


def _error(one: JudgedPair) -> str:
    said = one.fit.outcome if one.fit else "not read"
    detail = (one.fit.shortfall or one.fit.note or "") if one.fit else ""
    pair = one.pair
    asked = f"{pair.type} “{pair.requirement_text}” × {pair.listing_id}"
    return f"  {asked}: {said}, label {pair.outcome} ({pair.why}) {detail}"


def main(path: Path = FIT_PAIRS) -> None:
    """Write the report of the shipped pairs to standard output."""
    listings = {listing.id: listing for listing in read_listings(_LISTINGS)}
    sys.stdout.write(report(judge_pairs(read_fit_pairs(path), listings, Reader.load())) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FIT_PAIRS)
