"""Two rankings in one list by team draft, and whose rows were preferred.

Radlinski, Kurup and Joachims, "How does clickthrough data reflect retrieval quality?" (CIKM 2008), §3.2: in each round
a coin decides who picks first, then each picks its best row that is not in the list yet. Rows at the same depth come
from both alike, so the place where a row stands favours neither.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from matcher.feedback.shown import Act

Team = Literal["a", "b"]
#: Acts by which a row wins for its team.
WINNING: frozenset[Act] = frozenset(("opened", "saved", "enquired", "contracted", "completed"))


@dataclass(frozen=True, slots=True)
class Interleaved:
    """`listings` in the order shown and who picked each; rows at the top on which both agree belong to nobody."""

    listings: tuple[str, ...]
    teams: tuple[Team | None, ...]


def interleave(a: Sequence[str], b: Sequence[str], length: int, chance: random.Random) -> Interleaved:
    """The first `length` of two rankings of listing ids, best first and without repetition, in one list.

    What both begin with alike is shown as it is and credited to nobody: it can't tell them apart (and crediting it by a
    coin would only add noise).
    """
    common = 0
    while common < min(len(a), len(b), length) and a[common] == b[common]:
        common += 1
    listings: list[str] = list(a[:common])
    teams: list[Team | None] = [None] * common
    seen = set(listings)
    rest: dict[Team, Sequence[str]] = {"a": a, "b": b}
    while len(listings) < length:
        first: Team = "a" if chance.random() < 0.5 else "b"
        order: tuple[Team, Team] = ("a", "b") if first == "a" else ("b", "a")
        before = len(listings)
        for team in order:
            if len(listings) == length:
                break
            pick = next((one for one in rest[team] if one not in seen), None)
            if pick is not None:
                listings.append(pick)
                teams.append(team)
                seen.add(pick)
        if len(listings) == before:
            break
    return Interleaved(tuple(listings), tuple(teams))


def winner(interleaved: Interleaved, acts: Mapping[str, frozenset[Act]]) -> Team | None:
    """Whose rows got more acts; None where neither's did."""
    won = {"a": 0, "b": 0}
    for listing_id, team in zip(interleaved.listings, interleaved.teams, strict=True):
        if team is not None and acts.get(listing_id, frozenset()) & WINNING:
            won[team] += 1
    if won["a"] == won["b"]:
        return None
    return "a" if won["a"] > won["b"] else "b"
