"""A set of judged needs: what a ranking profile is held against before it is published."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from matcher.catalogue.needs_file import read_needs
from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.slices import NeedTraits, read_traits
from matcher.records import Need
from matcher.settings import Settings

#: The set that is shipped: needs of real requesters. The shipped profiles are learnt from them as well, so its figures
#: lean towards these.
SHIPPED = "dev"
#: So many digits of a hash tell versions of a set apart.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Needs with their grades; `hash` is over what they were read from, hexadecimal."""

    name: str
    needs: tuple[Need, ...]
    traits: tuple[NeedTraits, ...]
    judgements: Judgements
    hash: str

    @property
    def version(self) -> str:
        """Name and beginning of the hash, at most 64 characters: what a verdict was reached on."""
        return f"{self.name[: 63 - _DIGITS]}@{self.hash[:_DIGITS]}"


def read_judged_set(needs: Path, judgements: Path, name: str | None = None) -> JudgedSet:
    """The set of a file of needs (JSON lines) and one of judgements (TREC qrels); needs nobody judged are left out.

    Raises:
        NotFound: a file is not there. InvalidInput: a line can't be used, or no need of the file is judged.
    """
    for path in (needs, judgements):
        if not path.is_file():
            raise NotFound(f"找不到文件 {path}", hint="请检查路径")
    found, broken = read_needs(needs)
    if broken:
        raise InvalidInput(f"{needs.name} {broken[0]}", field="needs")
    grades = read_judgements(judgements)
    judged = frozenset(grades.need_ids)
    kept = tuple(need for need in found if need.id in judged)
    if not kept:
        hint = "两个文件的需求编号应相同"
        raise InvalidInput(f"{judgements.name} 里没有 {needs.name} 中的需求", hint=hint, field="judgements")
    return JudgedSet(
        name=name or needs.stem,
        needs=kept,
        traits=tuple(one for one in read_traits(needs) if one.id in judged),
        judgements=grades.kept({need.id or "" for need in kept}),
        hash=hashlib.sha256(needs.read_bytes() + judgements.read_bytes()).hexdigest(),
    )


def shipped_set(settings: Settings) -> JudgedSet:
    """The set that is shipped; errors as for `read_judged_set`."""
    folder = settings.datasets
    return read_judged_set(folder / f"needs_{SHIPPED}.jsonl", folder / f"judgements_{SHIPPED}.tsv", SHIPPED)
