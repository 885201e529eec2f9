"""How well places and certificates are read, against sentences marked by hand (datasets/place_gold.jsonl)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from matcher.errors import BrokenArtefact
from matcher.understanding.certificates import read_certificates
from matcher.understanding.places import read_mentions
from matcher.understanding.text import normalise

GOLD_PATH: Final = Path(__file__).parents[2] / "datasets" / "place_gold.jsonl"

#: `held` sentences were written before the reader and are never tuned on; `tune` ones may be looked at.
Split = Literal["held", "tune"]
#: A mention is right where its span and its code, role or id are.
Mention = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class MentionScore:
    """Precision, recall and F1 (van Rijsbergen 1979) over exact mentions; 1.0 where there was nothing to find."""

    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.found + self.wrong + self.missed
        return 2 * self.found / total if total else 1.0


def score_gold(path: Path = GOLD_PATH) -> dict[str, dict[str, MentionScore]]:
    """Scores by split (held, tune) of `places` (span, code), `roles` (span, role) and `certificates` (span, id).

    Raises BrokenArtefact where the gold file cannot be read.
    """
    pairs: dict[str, dict[str, list[tuple[Set[Mention], Set[Mention]]]]] = {}
    for row in _read(path):
        kinds = pairs.setdefault(row["split"], {"places": [], "roles": [], "certificates": []})
        for kind, pair in _compare(row).items():
            kinds[kind].append(pair)
    return {split: {kind: score_mentions(found) for kind, found in kinds.items()} for split, kinds in pairs.items()}


def score_mentions(pairs: Iterable[tuple[Set[Mention], Set[Mention]]]) -> MentionScore:
    """The score over (gold, read) sets, one pair a sentence."""
    rows = list(pairs)
    return MentionScore(
        found=sum(len(gold & read) for gold, read in rows),
        wrong=sum(len(read - gold) for gold, read in rows),
        missed=sum(len(gold - read) for gold, read in rows),
    )


def _compare(row: dict[str, Any]) -> dict[str, tuple[set[Mention], set[Mention]]]:
    text = normalise(row["text"])
    read = [
        (found.requirement.start or 0, found.requirement.end or 0, found.requirement.code, found.role)
        for found in read_mentions(text)
    ]
    gold = [(place["start"], place["end"], place["code"], place["role"]) for place in row["places"]]
    certificates = {(found.start or 0, found.end or 0, found.certificate) for found in read_certificates(text)}
    return {
        "places": ({(a, b, code) for a, b, code, _ in gold}, {(a, b, code) for a, b, code, _ in read}),
        "roles": ({(a, b, role) for a, b, _, role in gold}, {(a, b, role) for a, b, _, role in read}),
        "certificates": ({(one["start"], one["end"], one["id"]) for one in row["certificates"]}, certificates),
    }


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from (json.loads(line) for line in lines)
    except (OSError, json.JSONDecodeError) as error:
        raise BrokenArtefact(f"{path.name} 无法读取:{error}", hint="请恢复 datasets/place_gold.jsonl") from error
