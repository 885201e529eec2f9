"""Requesters whose wishes are known: they look at places with known propensities and act on what they like.

The position-based model (Craswell et al., WSDM 2008): an act on a row needs a look at its place and then the liking of
its listing, independent of each other. Real people are not so simple; but a method that fails here can't be trusted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.feedback.interleaving import interleave, winner
from matcher.feedback.propensity import agreement, estimate
from matcher.feedback.sequential import ALPHA, SequentialTest, Verdict
from matcher.feedback.shown import Act, Shown
from matcher.feedback.swaps import apply, draw
from matcher.feedback.worth import worths

#: p(k) = 1 / k^0.8: steep, as measured on lists of ten (Joachims et al. 2017 report η near 1).
STEEPNESS = 0.8
ROWS = 10


@dataclass(frozen=True, slots=True)
class Requesters:
    """`likes[topic][listing]` is the chance that somebody with that topic who sees the listing acts on it."""

    likes: Mapping[str, Mapping[str, float]]
    propensities: tuple[float, ...]

    def act(self, topic: str, listings: Sequence[str], chance: random.Random) -> dict[str, frozenset[Act]]:
        """What one of them does with an answer."""
        done: dict[str, frozenset[Act]] = {}
        for listing_id, looked in zip(listings, self.propensities, strict=False):
            if chance.random() < looked * self.likes[topic][listing_id]:
                done[listing_id] = frozenset(("opened",))
        return done


def requesters(topics: int, listings: int, seed: int) -> Requesters:
    """Made-up ones: each topic likes a few listings much and most hardly."""
    chance = np.random.default_rng(seed)
    likes = {
        f"topic-{topic}": dict(
            zip((f"L{number:02}" for number in range(listings)), chance.beta(0.6, 2.0, listings).tolist(), strict=True)
        )
        for topic in range(topics)
    }
    return Requesters(likes, tuple(1 / place**STEEPNESS for place in range(1, ROWS + 1)))


def log_of(
    people: Requesters, ranking_of: Callable[[str], Sequence[str]], answers: int, share: float, seed: int
) -> list[Shown]:
    """Answers as they are logged while one ranking serves, with exchanged neighbours in a share of them."""
    chance = random.Random(seed)
    topics = sorted(people.likes)
    log = []
    for _ in range(answers):
        topic = chance.choice(topics)
        served = list(ranking_of(topic))[:ROWS]
        swap = draw(len(served), share, chance)
        shown = apply(served, swap)
        acts = people.act(topic, shown, chance)
        log.append(Shown(topic, tuple(shown), acts, swap.place if swap else None, bool(swap and swap.exchanged)))
    return log


@dataclass(frozen=True, slots=True)
class Recovery:
    """How well two estimates recover the true order: mean Kendall's τ over topics; 1 is the true order."""

    naive: float
    corrected: float
    propensity_error: float


def recover(answers: int = 20_000, share: float = 0.1, topics: int = 20, seed: int = 0) -> Recovery:
    """Let one fixed, mediocre ranking serve made-up requesters, and order the listings by what was done with them."""
    people = requesters(topics, ROWS, seed)
    order = random.Random(seed)
    served = {topic: order.sample(sorted(likes), len(likes)) for topic, likes in people.likes.items()}
    log = log_of(people, served.__getitem__, answers, share, seed + 1)
    found = estimate(log, ROWS)
    return Recovery(
        naive=_tau(people, {(one.topic, one.listing_id): one.value for one in worths(log)}),
        corrected=_tau(people, {(one.topic, one.listing_id): one.value for one in worths(log, found)}),
        propensity_error=agreement(found, people.propensities),
    )


def _tau(people: Requesters, values: Mapping[tuple[str, str], float]) -> float:
    """Mean over topics of (pairs in the true order − pairs in the other) / pairs."""
    found = []
    for topic, likes in people.likes.items():
        ids = [one for one in sorted(likes) if (topic, one) in values]
        true = np.array([likes[one] for one in ids])
        estimated = np.array([values[topic, one] for one in ids])
        signs = np.sign(np.subtract.outer(true, true)) * np.sign(np.subtract.outer(estimated, estimated))
        found.append(float(signs.sum() / (len(ids) * (len(ids) - 1))))
    return float(np.mean(found))


@dataclass(frozen=True, slots=True)
class Power:
    """Of many simulated comparisons: how many named the better side, the worse side, or neither; mean answers used."""

    better: int
    worse: int
    undecided: int
    answers: float


def power(runs: int = 1000, answers: int = 2000, gap: float = 1.0, alpha: float = ALPHA, seed: int = 0) -> Power:
    """Interleave a good ranking with a worse one, many times, and see what the sequential test says.

    Args:
        gap: how much of the worse ranking is worse: 0 makes both alike, so that every verdict is an error.
    """
    people = requesters(8, 2 * ROWS, seed)
    good = {topic: sorted(likes, key=lambda one: (-likes[one], one)) for topic, likes in people.likes.items()}
    verdicts: list[Verdict] = []
    used = 0
    for run in range(runs):
        chance = random.Random(f"{seed}/{run}")
        standing, spent = _compare(people, good, gap, answers, alpha, chance)
        verdicts.append(standing)
        used += spent
    return Power(verdicts.count("a"), verdicts.count("b"), verdicts.count("undecided"), used / runs)


def _compare(
    people: Requesters,
    good: Mapping[str, Sequence[str]],
    gap: float,
    answers: int,
    alpha: float,
    chance: random.Random,
) -> tuple[Verdict, int]:
    test, topics = SequentialTest(alpha), sorted(people.likes)
    for number in range(1, answers + 1):
        topic = chance.choice(topics)
        # With gap 0 both are shuffled alike, so neither is better though they differ.
        a = _worsened(good[topic], 0.0 if gap else 1.0, chance)
        b = _worsened(good[topic], gap or 1.0, chance)
        shown = interleave(a, b, ROWS, chance)
        won = winner(shown, people.act(topic, shown.listings, chance))
        if won is not None and test.add(won == "a").verdict != "undecided":
            return test.standing().verdict, number
    return "undecided", answers


def _worsened(ranking: Sequence[str], gap: float, chance: random.Random) -> list[str]:
    """Each row's place moved by up to gap × 6 places at random."""
    moved = sorted(range(len(ranking)), key=lambda place: place + gap * chance.uniform(-6, 6))
    return [ranking[place] for place in moved]
