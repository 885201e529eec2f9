"""`fit_pairs.jsonl`: requirements in a requester's words against real listings, with the outcome that a reader gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast, get_args

from matcher.catalogue import json_lines
from matcher.errors import InvalidInput
from matcher.records import Outcome

FIT_PAIRS: Final = Path(__file__).resolve().parents[2] / "datasets" / "fit_pairs.jsonl"


@dataclass(frozen=True, slots=True)
class FitPair:
    """One labelled pair; `split` is `held-out` for those labelled before any outcome was looked at."""

    requirement_text: str
    type: str
    listing_id: str
    outcome: Outcome
    why: str
    split: str


def read_fit_pairs(path: Path = FIT_PAIRS) -> tuple[FitPair, ...]:
    """The pairs of a file in its order.

    Raises:
        InvalidInput: a line lacks a field or names an outcome that is none.
        NotFound, Unavailable: the file is not there or can't be read.
    """
    pairs = []
    for number, line in json_lines.read_lines(path):
        fields = json_lines.parse_line(line)
        values = [json_lines.required(fields, name) for name in FitPair.__slots__]
        if values[3] not in get_args(Outcome):
            raise InvalidInput(f"{path.name} 第 {number} 行:没有“{values[3]}”这种结果", field="outcome")
        text, type_, listing, outcome, why, split = values
        pairs.append(FitPair(text, type_, listing, cast(Outcome, outcome), why, split))
    return tuple(pairs)
