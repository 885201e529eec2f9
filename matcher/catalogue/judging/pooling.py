"""Which pairs are worth a judge's time, and who looks at which: pooled from rankings, balanced, blind to the source."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from matcher.errors import InvalidInput

#: Need id and listing id.
Pair = tuple[str, str]
#: Listing ids, best first, by need id.
Rankings = Mapping[str, Sequence[str]]


def pool(runs: Mapping[str, Rankings], depth: int, most: int | None = None) -> tuple[Pair, ...]:
    """The first `depth` listings of every run for each need, each pair once.

    Args:
        runs: rankings by the name of the profile that made them; a run may leave needs out.
        most: of pairs per need; the runs then take turns, each adding its best listing that is not yet pooled, and
            which run begins is another for each need, so that none gets more of its listings judged.

    Returns:
        Sorted by id: neither the order nor anything else in it tells who ranked a pair, or where.

    Raises:
        InvalidInput: depth or most is below 1, or a listing stands twice in a ranking.

    Source: pooling is Spärck Jones & van Rijsbergen 1975; the turns are team-draft interleaving (Radlinski, Kurup &
    Joachims, CIKM 2008), which is fair to both sides at every length.
    """
    if depth < 1 or (most is not None and most < 1):
        raise InvalidInput("深度与条数必须至少为 1", hint="例如取每个方案的前 10 条", field="depth")
    needs = {need: None for rankings in runs.values() for need in rankings}
    return tuple(sorted((need, listing) for need in needs for listing in _pool_of(need, runs, depth, most)))


def _pool_of(need: str, runs: Mapping[str, Rankings], depth: int, most: int | None) -> set[str]:
    names = sorted((name for name in runs if need in runs[name]), key=lambda name: digest(need, name))
    left = [_checked(need, runs[name][need])[:depth] for name in names]
    if most is None:
        return {listing for ranking in left for listing in ranking}
    taken: set[str] = set()
    queues = [iter(ranking) for ranking in left]
    while queues and len(taken) < most:
        for queue in tuple(queues):
            listing = next((one for one in queue if one not in taken), None)
            if listing is None:
                queues.remove(queue)
            elif len(taken) < most:
                taken.add(listing)
    return taken


def _checked(need: str, ranking: Sequence[str]) -> Sequence[str]:
    if len(set(ranking)) != len(ranking):
        twice = Counter(ranking).most_common(1)[0][0]
        raise InvalidInput(f"需求 {need} 的排名里条目 {twice} 出现了两次", hint="每个条目只能排一次", field="runs")
    return ranking


def assign(
    pairs: Iterable[Pair], judges: Sequence[str], each: int, offered: Mapping[Pair, Collection[str]] | None = None
) -> dict[str, list[Pair]]:
    """Give every pair to `each` judges, so that no judge gets more than one pair more than another.

    Args:
        offered: who has each pair already; they count, and get it no second time.

    Returns:
        New pairs by judge. Which judges share a pair is mixed by its hash, so that all of them can be compared.

    Raises:
        InvalidInput: no judge, one named twice, or fewer judges than `each`.
    """
    if len(set(judges)) != len(judges):
        twice = Counter(judges).most_common(1)[0][0]
        raise InvalidInput(f"标注人 {twice} 重复", hint="每位标注人只写一次", field="judges")
    if not 1 <= each <= len(judges):
        raise InvalidInput(
            f"每对须由 1–{len(judges)} 人标注,收到 {each}" if judges else "没有标注人",
            hint="请增加标注人或减少每对的人数",
            field="judges",
        )
    offered = offered or {}
    given: dict[str, list[Pair]] = {judge: [] for judge in judges}
    for pair in sorted(set(pairs), key=lambda pair: digest(*pair)):
        have = offered.get(pair, ())
        free = [(len(given[judge]), digest(*pair, judge), judge) for judge in judges if judge not in have]
        for _, _, judge in sorted(free)[: max(0, each - len(have))]:
            given[judge].append(pair)
    return given


def place_of(judge: str, pair: Pair) -> str:
    """Where a pair comes in a judge's order: 64 hexadecimal digits, another order for each judge, always the same.

    Pairs of one need follow each other: to read a need once and then its listings takes a fraction of the time.
    """
    need, _ = pair
    return digest(judge, need)[:24] + digest(judge, *pair)[:40]


def digest(*parts: str) -> str:
    """SHA-256 of texts, so that ("ab", "c") and ("a", "bc") differ."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def judged_share(rankings: Rankings, grades: Mapping[str, Mapping[str, int]], k: int = 10) -> dict[str, float]:
    """The share of the first k that was judged, for each need; of shorter rankings the share of all, 0.0 of none.

    Where it is low, a measure of the ranking says little: what nobody judged counts as grade 0.
    """
    if k < 1:
        raise InvalidInput(f"截断深度 k 必须至少为 1,收到 {k}", field="k")
    nothing: Mapping[str, int] = {}
    return {
        need: sum(listing in grades.get(need, nothing) for listing in ranking[:k]) / max(1, len(ranking[:k]))
        for need, ranking in rankings.items()
    }
