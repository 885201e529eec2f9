"""Needs with their judgements from the data folder, and which of them the encoder and the ranker are learnt from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matcher.catalogue.needs_file import read_needs
from matcher.errors import InvalidInput
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judgements import read_judgements
from matcher.records import Need

FOLDS = 5
#: Sets of judged needs: real ones to report on, and composed ones that are only learnt from.
DEVELOPMENT = "dev"
TRAINING = ("train", "extra")


@dataclass(frozen=True, slots=True)
class JudgedNeeds:
    """Needs and grades by listing id, of one or several sets; `data_hash` is over the files they were read from."""

    needs: tuple[Need, ...]
    grades: Mapping[str, Mapping[str, int]]
    data_hash: str

    def fold(self, number: int, *, inside: bool) -> tuple[Need, ...]:
        """The needs of one fold of `FOLDS`, or of all the others."""
        return tuple(need for need in self.needs if (fold_of(need.id or "", FOLDS) == number) == inside)

    def answerable(self, need: Need) -> bool:
        """Whether some listing is worth a call (grade ≥ 2)."""
        return max(self.grades.get(need.id or "", {}).values(), default=0) >= 2


def read_judged(folder: Path, *sets: str) -> JudgedNeeds:
    """The named sets of a data folder, `needs_NAME.jsonl` with `judgements_NAME.tsv`; those not there are left out.

    Raises:
        InvalidInput: a line of a file is broken, or a need stands in two sets; training on the rest in silence would
            be worse.
    """
    needs: list[Need] = []
    grades: dict[str, Mapping[str, int]] = {}
    digest = hashlib.sha256()
    for name in sets:
        paths = (folder / f"needs_{name}.jsonl", folder / f"judgements_{name}.tsv")
        if not all(path.exists() for path in paths):
            continue
        found, broken = read_needs(paths[0])
        if broken:
            raise InvalidInput(f"{paths[0].name} {broken[0]}")
        if twice := {need.id for need in needs} & {need.id for need in found}:
            raise InvalidInput(f"{paths[0].name}:编号 {min(filter(None, twice))} 已在另一组需求中出现")
        judgements = read_judgements(paths[1])
        needs += found
        grades |= {need_id: judgements.of(need_id) for need_id in judgements.need_ids}
        for path in paths:
            digest.update(path.read_bytes())
    return JudgedNeeds(tuple(needs), grades, digest.hexdigest())
