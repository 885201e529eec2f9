"""The measurement of changes measures changes."""

from __future__ import annotations

from pathlib import Path
from random import Random

from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.settings import Settings
from tests.benchmarks.changes import Cost, measure
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY


def test_so_many_listings_change_so_many_times(tmp_path: Path) -> None:
    encoder, settings = HashEncoder(), Settings(_env_file=None, data=tmp_path)
    live = LiveMatcher(Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=encoder))
    encoder.texts.clear()
    cost = measure(live, 3, 4, Random(1))
    assert (cost.listings, cost.at_once, len(cost.changes), len(cost.matches)) == (len(SUPPLY), 3, 4, 4)
    assert min(cost.changes) > 0
    assert encoder.texts == []
    changed = [one for one in live.current.catalogue.supply if one not in SUPPLY]
    assert 3 <= len(changed) <= 12


def test_a_row_of_the_table() -> None:
    assert Cost(24_000, 512, [1.0, 2.0, 9.0], [5.0]).row() == "| 24,000 | 512 | 3 | 2 | 8 | 9 | 5.0 |"
