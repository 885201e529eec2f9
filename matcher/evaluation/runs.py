"""Runs: what one system ranked for many needs, kept as TREC lines `need_id Q0 listing_id rank score tag`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from matcher.errors import InvalidInput, NotFound

#: need_id, Q0 (a relic of TREC), listing_id, rank, score, tag.
COLUMNS = 6
DEFAULT_TAG = "pilotmatch"


class Ranked(NamedTuple):
    """One place in a ranking."""

    listing_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Run:
    """Rankings by need id, best first. Build one with `from_scores` or `from_rankings`, which keep the order right.

    The order is score descending, then listing id ascending, so that equal scores never depend on the order in
    which a system happened to return them. Like other TREC readers, this one goes by score and not by rank.
    """

    rankings: Mapping[str, tuple[Ranked, ...]]
    tag: str = DEFAULT_TAG

    @classmethod
    def from_scores(cls, scores: Mapping[str, Mapping[str, float]], tag: str = DEFAULT_TAG) -> Run:
        """From scores by need id and listing id.

        Raises:
            InvalidInput: a score is not finite.
        """
        return cls({need: _ordered(need, listings.items()) for need, listings in scores.items()}, tag)

    @classmethod
    def from_rankings(cls, rankings: Mapping[str, Sequence[str]], tag: str = DEFAULT_TAG) -> Run:
        """From listing ids in order (e.g. after pins, where the order is not the score's); scores are 1 / rank.

        Raises:
            InvalidInput: a listing stands twice in one ranking.
        """
        return cls({need: _by_position(need, listings) for need, listings in rankings.items()}, tag)

    def of(self, need_id: str) -> tuple[str, ...]:
        """Listing ids, best first; empty for a need without any."""
        return tuple(ranked.listing_id for ranked in self.rankings.get(need_id, ()))

    def top_score(self, need_id: str) -> float | None:
        """Score of the first listing; None where there is none."""
        ranking = self.rankings.get(need_id)
        return ranking[0].score if ranking else None


def read_run(path: Path) -> Run:
    """Reads run lines; the tag is the first line's.

    Raises:
        NotFound: no such file.
        InvalidInput: not UTF-8, empty, or a line (named by its number) with other columns, a score that is not a
            finite number, or a listing that the need already has.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"找不到排名文件 {path}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"排名文件 {path.name} 不是 UTF-8 编码", field="run") from error
    return parse_run(text.splitlines(), source=path.name)


def parse_run(lines: Iterable[str], source: str = "run") -> Run:
    """As `read_run`, from lines; `source` names the file in errors."""
    scores: dict[str, dict[str, float]] = {}
    tag: str | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{source} 第 {number} 行"
        need, listing, score, line_tag = _columns(line, where)
        tag = tag or line_tag
        listings = scores.setdefault(need, {})
        if listing in listings:
            raise InvalidInput(f"{where}:{need} 已有条目 {listing}", field="run")
        listings[listing] = score
    if tag is None:
        raise InvalidInput(f"{source} 里没有任何排名", hint=_EXPECTED, field="run")
    return Run.from_scores(scores, tag)


def run_lines(run: Run) -> Iterator[str]:
    """TREC lines without line ends, ranks from 1; scores are written in full, so that reading gives the same run.

    Raises:
        InvalidInput: an id or the tag is empty or holds white space, which would shift the columns.
    """
    _require_word(run.tag)
    for need, ranking in run.rankings.items():
        _require_word(need)
        for rank, (listing, score) in enumerate(ranking, start=1):
            _require_word(listing)
            yield f"{need} Q0 {listing} {rank} {score!r} {run.tag}"


def write_run(run: Run, path: Path) -> None:
    """Writes `run_lines` to a file, replacing it."""
    path.write_text("".join(f"{line}\n" for line in run_lines(run)), encoding="utf-8")


_EXPECTED = "每行六列:need_id Q0 listing_id rank score tag"


def _columns(line: str, where: str) -> tuple[str, str, float, str]:
    columns = line.split()
    if len(columns) != COLUMNS:
        raise InvalidInput(f"{where}有 {len(columns)} 列,应为 {COLUMNS} 列", hint=_EXPECTED, field="run")
    need, _, listing, _, written, tag = columns
    try:
        score = float(written)
    except ValueError as error:
        raise InvalidInput(f"{where}:分数“{written}”不是数", field="run") from error
    if not math.isfinite(score):
        raise InvalidInput(f"{where}:分数“{written}”不是有限的数", field="run")
    return need, listing, score, tag


def _ordered(need: str, listings: Iterable[tuple[str, float]]) -> tuple[Ranked, ...]:
    ranking = [Ranked(listing, float(score)) for listing, score in listings]
    if not all(math.isfinite(ranked.score) for ranked in ranking):
        raise InvalidInput(f"{need} 的分数里有不是有限数的值", field="run")
    return tuple(sorted(ranking, key=lambda ranked: (-ranked.score, ranked.listing_id)))


def _by_position(need: str, listings: Sequence[str]) -> tuple[Ranked, ...]:
    if len(set(listings)) != len(listings):
        raise InvalidInput(f"{need} 的排名里有条目出现两次", field="run")
    return tuple(Ranked(listing, 1.0 / rank) for rank, listing in enumerate(listings, start=1))


def _require_word(value: str) -> None:
    if not value or value.split() != [value]:
        raise InvalidInput(f"“{value}”是空的或含空白,不能写进排名文件", field="run")
