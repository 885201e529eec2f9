"""How texts go through an encoder: one by one, in order, remembered and counted."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embeddings.encoded import _REMEMBERED_NEEDS, Encoded, SingleTextEncoder, available_cores, pooled, unit


class Lengths(SingleTextEncoder):
    """A text's vector is made of its prompt and length; reading takes a moment and is counted."""

    def __init__(self, workers: int = 2, seconds: float = 0.0) -> None:
        super().__init__("lengths", 2, ("q", "p"), workers)
        self.read: list[str] = []
        self.seconds = seconds

    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        time.sleep(self.seconds)
        self.read.append(text)
        if text == "bad":
            raise RuntimeError("unreadable")
        vector = unit(np.array([[1.0 if prompt == "q" else 2.0, len(text)]], np.float32))[0]
        return Encoded(vector, np.zeros((len(text) if tokens else 0, 2), np.float32), np.zeros((0, 2), np.int32))


@pytest.mark.parametrize("workers", [1, 3])
def test_bulk_keeps_the_order_and_counts(workers: int) -> None:
    texts = ["a" * (length % 17) for length in range(100)]
    done: list[int] = []
    encoder = Lengths(workers, seconds=0.0005)
    vectors = encoder.encode_listings(texts, done.append)
    np.testing.assert_array_equal(vectors, np.stack([Lengths().read_listing(text).vector for text in texts]))
    assert done == list(range(1, 101))
    assert [len(encoded.tokens) for encoded in encoder.read_listings(texts)] == [len(text) for text in texts]


def test_needs_and_listings_have_their_own_prompt() -> None:
    encoder = Lengths()
    assert encoder.encode_needs(["a"])[0] @ encoder.encode_listings(["a"])[0] < 0.99
    np.testing.assert_array_equal(encoder.encode_needs(["a"])[0], encoder.read_need("a").vector)
    np.testing.assert_array_equal(encoder.encode_listings(["a"])[0], encoder.read_listing("a").vector)


def test_no_texts_give_a_shape() -> None:
    encoder = Lengths()
    for vectors in (encoder.encode_needs([]), encoder.encode_listings([])):
        assert vectors.shape == (0, 2)
        assert vectors.dtype == np.float32
    assert list(encoder.read_listings([])) == []


def test_a_need_is_read_once_and_forgotten_at_last() -> None:
    encoder = Lengths()
    first = encoder.read_need("发酵")
    assert encoder.read_need("发酵") is first
    assert encoder.encode_needs(["发酵"]).tolist() == [first.vector.tolist()]
    assert encoder.read == ["发酵"]
    encoder.encode_needs([str(number) for number in range(_REMEMBERED_NEEDS)])
    encoder.read_need("发酵")
    assert encoder.read.count("发酵") == 2


def test_what_is_remembered_cant_be_changed_by_a_caller() -> None:
    encoder = Lengths()
    with pytest.raises(ValueError, match="read-only"):
        encoder.read_need("a").vector[0] = 9
    encoder.encode_needs(["a"])[0, 0] = 9
    assert encoder.encode_needs(["a"])[0, 0] < 1


def test_remembering_from_many_threads() -> None:
    encoder, wrong = Lengths(), []

    def ask(seed: int) -> None:
        for number in np.random.default_rng(seed).integers(0, 200, 300):
            if not np.array_equal(encoder.read_need("a" * int(number)).vector, expected[number]):
                wrong.append(number)

    expected = [Lengths().read_need("a" * number).vector for number in range(200)]
    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_reader_that_stops_early_stops_the_work() -> None:
    encoder = Lengths(workers=2, seconds=0.001)
    reading = encoder.read_listings(["a"] * 10_000)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # a generator, promised as an iterator
    assert len(encoder.read) < 50


def test_work_runs_only_a_little_ahead_of_its_reader() -> None:
    encoder = Lengths(workers=2)
    reading = encoder.read_listings(["a"] * 1000)
    next(reading)
    time.sleep(0.1)
    assert len(encoder.read) <= 1 + 4 * 2
    assert sum(1 for _ in reading) == 999


@pytest.mark.parametrize("workers", [1, 2])
def test_a_text_that_fails_is_raised(workers: int) -> None:
    with pytest.raises(RuntimeError, match="unreadable"):
        Lengths(workers).encode_listings(["a", "b", "bad", "c"] + ["d"] * 50)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float32, (3, 5), elements=st.floats(-100, 100, width=32)))
def test_unit_rows_have_length_one_or_stay_zero(rows: np.ndarray) -> None:
    rows[np.abs(rows) < 1e-3] = 0
    lengths = np.linalg.norm(unit(rows), axis=1)
    np.testing.assert_allclose(lengths, (np.abs(rows).sum(axis=1) > 0).astype(float), atol=1e-5)


def test_pooling_is_the_mean_over_all_rows() -> None:
    hidden = np.array([[3, 0], [0, 3], [3, 3]], np.float32)
    np.testing.assert_allclose(pooled(hidden), [2**-0.5, 2**-0.5], rtol=1e-6)
    np.testing.assert_allclose(pooled(hidden[:1]), [1, 0])


def test_at_least_one_core() -> None:
    assert available_cores() >= 1


def test_a_need_that_is_begun_is_remembered_once_it_was_waited_for() -> None:
    encoder = Lengths()
    waiting = encoder.begin_need("发酵")
    assert waiting() is encoder.read_need("发酵")
    assert encoder.begin_need("发酵")() is encoder.read_need("发酵")
    assert encoder.read == ["发酵"]


def test_the_need_that_was_used_last_is_forgotten_last() -> None:
    encoder = Lengths()
    encoder.encode_needs([str(number) for number in range(_REMEMBERED_NEEDS)])
    encoder.read_need("0")
    encoder.read_need("another")
    encoder.encode_needs(["0", "1"])
    assert (encoder.read.count("0"), encoder.read.count("1")) == (1, 2)
