from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.catalogue.listings_file import read_listings
from matcher.errors import InvalidInput
from matcher.evaluation.fit_pairs import FIT_PAIRS, FitPair, read_fit_pairs

LISTINGS = FIT_PAIRS.with_name("listings.jsonl")
FIELDS = {
    "requirement_text": "500 L发酵罐",
    "type": "quantity",
    "listing_id": "MF-0001",
    "outcome": "misses",
    "why": "只有 300 L",
    "split": "dev",
}


def write(path: Path, **fields: object) -> Path:
    path.write_text(json.dumps({**FIELDS, **fields}, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def test_a_line_is_a_pair(tmp_path: Path) -> None:
    assert read_fit_pairs(write(tmp_path / "pairs.jsonl")) == (
        FitPair("500 L发酵罐", "quantity", "MF-0001", "misses", "只有 300 L", "dev"),
    )


def test_an_outcome_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"第 1 行.*maybe"):
        read_fit_pairs(write(tmp_path / "pairs.jsonl", outcome="maybe"))


def test_a_missing_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_fit_pairs(write(tmp_path / "pairs.jsonl", why=""))


def test_the_shipped_pairs_are_many_and_of_all_outcomes_and_types() -> None:
    pairs = read_fit_pairs()
    counts = {outcome: sum(pair.outcome == outcome for pair in pairs) for outcome in ("meets", "misses", "unknown")}
    assert len(pairs) >= 220
    assert counts["meets"] >= 80
    assert min(counts.values()) >= 60
    assert len({pair.type for pair in pairs}) == 8


def test_no_shipped_pair_stands_twice_and_all_name_real_listings() -> None:
    pairs = read_fit_pairs()
    assert len({(pair.requirement_text, pair.type, pair.listing_id) for pair in pairs}) == len(pairs)
    assert {pair.listing_id for pair in pairs} <= {listing.id for listing in read_listings(LISTINGS)}
