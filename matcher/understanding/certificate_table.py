"""The table of certificates (datasets/certificates.csv): their names, and which of them says what about another."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matcher.errors import BrokenArtefact

CERTIFICATES_PATH: Final = Path(__file__).parents[2] / "datasets" / "certificates.csv"
#: The scope of rows that are worked or tested to (AEC-Q100, IPC-6012) rather than held.
TEST_SCOPE: Final = "试验标准"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One row. `names[0]` is shown; who holds it has what it `implies`; `related` ones are close, and no more."""

    id: str
    names: tuple[str, ...]
    implies: tuple[str, ...]
    related: tuple[str, ...]
    field: str
    scope: str
    source: str
    note: str

    @property
    def name(self) -> str:
        return self.names[0]


def read_certificates_table(path: Path = CERTIFICATES_PATH) -> list[Certificate]:
    """The checked rows. Raises BrokenArtefact for a missing file, an id or name given twice, or an unknown relation."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [_certificate(row) for row in csv.DictReader(lines)]
    except (OSError, KeyError, AttributeError) as error:
        raise BrokenArtefact(f"资质表无法读取:{error}", hint="请恢复 datasets/certificates.csv") from error
    check_certificates(rows)
    return rows


def check_certificates(rows: Sequence[Certificate]) -> None:
    """Raises BrokenArtefact where two rows share an id or a name, or a relation points nowhere or at its own row."""
    ids: set[str] = set()
    names: dict[str, str] = {}
    for row in rows:
        if row.id in ids:
            raise _broken(row, "编号重复")
        ids.add(row.id)
        for name in row.names:
            if names.setdefault(name, row.id) != row.id:
                raise _broken(row, f"名称与 {names[name]} 重复:{name}")
    for row in rows:
        if unknown := [other for other in (*row.implies, *row.related) if other not in ids or other == row.id]:
            raise _broken(row, f"关系指向不存在的资质:{unknown[0]}")


def _certificate(row: dict[str, str]) -> Certificate:
    return Certificate(
        id=row["id"],
        names=tuple(row["names"].split("|")),
        implies=_split(row["implies"]),
        related=_split(row["related"]),
        field=row["field"],
        scope=row["scope"],
        source=row["source"],
        note=row["note"],
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _broken(row: Certificate, problem: str) -> BrokenArtefact:
    return BrokenArtefact(f"资质表 {row.id}:{problem}", hint="请恢复 datasets/certificates.csv")
