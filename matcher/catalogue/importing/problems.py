"""What is wrong or doubtful in a row, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a row.

    Attributes:
        code: one word, the same for all findings of a sort (they are counted by it).
        column: the heading of the column, None where the whole row is meant.
        message, hint: what is wrong and what to do, in Chinese.
    """

    level: Level
    code: str
    sheet: str
    row: int
    column: str | None
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.sheet} " if self.sheet else ""
        column = f"“{self.column}”列" if self.column else ""
        return f"{place}第 {self.row} 行{column}:{self.message}" + (f"({self.hint})" if self.hint else "")
