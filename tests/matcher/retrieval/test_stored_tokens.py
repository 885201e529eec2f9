"""Tokens read when they are asked for score as those in memory, and only so many are remembered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.catalogue.encodings import Encodings
from matcher.catalogue.row_change import RowChange
from matcher.catalogue.vector_store import text_key
from matcher.retrieval.late import TokenStore
from matcher.retrieval.stored_tokens import RecentTokens, StoredTokens
from matcher.retrieval.views import full_text
from tests.matcher.hash_encoder import DIMENSION, HashEncoder
from tests.matcher.small import SUPPLY

ROWS = np.array([3, 0, 9, 3, 7])
LISTINGS = sorted(SUPPLY, key=lambda listing: listing.id)


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def encodings(tmp_path: Path, encoder: HashEncoder) -> Encodings:
    return Encodings(tmp_path, encoder)


def in_memory(encodings: Encodings) -> TokenStore:
    stored = encodings.read([full_text(listing) for listing in LISTINGS])
    return TokenStore([(one.tokens, one.offsets) for one in stored], DIMENSION)


@pytest.mark.parametrize("together", [512, 2])
def test_as_in_memory(
    encoder: HashEncoder, encodings: Encodings, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("matcher.retrieval.stored_tokens._TOGETHER", together)
    stored, wanted = StoredTokens(LISTINGS, RecentTokens(encodings), DIMENSION), in_memory(encodings)
    need = encoder.read_need("发酵罐放大 500 L").tokens
    np.testing.assert_array_equal(stored.scores(need, ROWS), wanted.scores(need, ROWS))
    np.testing.assert_array_equal(stored.best(need, ROWS), wanted.best(need, ROWS))
    for one, other in zip(stored.similar(need, ROWS), wanted.similar(need, ROWS), strict=True):
        np.testing.assert_array_equal(one.cosines, other.cosines)
        np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(stored.tokens(4).vectors, wanted.tokens(4).vectors)
    assert len(stored) == len(wanted)


def test_no_rows(encoder: HashEncoder, encodings: Encodings) -> None:
    stored, none = StoredTokens(LISTINGS, RecentTokens(encodings), DIMENSION), np.zeros(0, np.int64)
    need = encoder.read_need("发酵").tokens
    assert stored.scores(need, none).shape == (0,)
    assert stored.best(need, none).shape == (0, len(need))
    assert stored.similar(need, none) == []


def test_nothing_is_read_before_it_is_asked_for_or_twice(encoder: HashEncoder, encodings: Encodings) -> None:
    stored, need = StoredTokens(LISTINGS, RecentTokens(encodings), DIMENSION), encoder.read_need("发酵").tokens
    assert encoder.texts == []
    for _ in range(2):
        stored.scores(need, np.array([2, 5]))
        assert encoder.texts == [full_text(LISTINGS[2]), full_text(LISTINGS[5])]


def test_after_a_change_rows_are_others(encoder: HashEncoder, encodings: Encodings) -> None:
    need = encoder.read_need("发酵").tokens
    stored = StoredTokens(LISTINGS[1:], RecentTokens(encodings), DIMENSION)
    after = stored.changed(RowChange.between(LISTINGS[1:], {LISTINGS[4].id}, [LISTINGS[0]]))
    left = [0, 1, 2, 3, *range(5, len(LISTINGS))]
    wanted = in_memory(encodings).scores(need, np.array(left))
    np.testing.assert_array_equal(after.scores(need, np.arange(len(left))), wanted)
    assert len(stored) == len(LISTINGS) - 1


def test_the_oldest_are_forgotten(encodings: Encodings) -> None:
    keys = [text_key(full_text(listing)) for listing in LISTINGS]
    sizes = [codes.nbytes + offsets.nbytes for codes, offsets in RecentTokens(encodings).of(LISTINGS, keys)]
    recent = RecentTokens(encodings, sum(sizes[2:]))
    for listing, key in zip(LISTINGS, keys, strict=True):
        recent.of([listing], [key])
        assert recent.nbytes <= sum(sizes[2:])
    assert recent.nbytes == sum(sizes[2:])
    recent.of(LISTINGS, keys)  # more at once than it may keep
    assert recent.nbytes <= sum(sizes[2:])
