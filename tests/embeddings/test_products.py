"""Eight-bit codes of token vectors and their integer products, against float32."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embeddings.onnx import OnnxEncoder
from embeddings.products import SCALE, ZERO, Codes, best_cosines, cosines, quantise, restore

Floats = NDArray[np.float32]

DIMENSION = 384
#: Half a step of a need's component is half of its greatest one through 64.
NEED_STEPS = 64
TEXTS = [
    "500 L 发酵罐中试放大,GMP 车间,东莞附近",
    "8英寸MEMS晶圆流片与封装测试平台",
    "锂电池正极材料吨级中试线,回转窑与气流粉碎",
    "薄荷醇连续流微反应中试",
    "ADC药物偶联工艺开发与临床样品生产",
]

components = st.floats(-0.3125, 0.3125, width=32)
seeds = st.integers(0, 2**32 - 1)


def unit_rows(seed: int, count: int, dimension: int = DIMENSION) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension))
    rows: Floats = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return rows


def error_bound(codes: Codes, need: Floats) -> NDArray[np.float64]:
    """[n, t]: what rounding a need's components to steps of max / 64 can at most add up to."""
    steps = np.abs(need).max(axis=1) / NEED_STEPS
    bound: NDArray[np.float64] = np.abs(restore(codes).astype(np.float64)).sum(axis=1)[:, None] * steps / 2
    return bound


@given(arrays(np.float32, st.tuples(st.integers(0, 6), st.integers(1, 9)), elements=components))
@settings(max_examples=100, deadline=None)
def test_restored_components_are_within_half_a_step(tokens: Floats) -> None:
    codes = quantise(tokens)
    assert codes.dtype == np.uint8
    assert codes.shape == tokens.shape
    restored = restore(codes)
    assert restored.dtype == np.float32
    np.testing.assert_allclose(restored, tokens, rtol=0, atol=0.5 / SCALE + 1e-7)


@given(arrays(np.uint8, (4, 8)))
@settings(max_examples=100, deadline=None)
def test_every_code_comes_back(codes: Codes) -> None:
    np.testing.assert_array_equal(quantise(restore(codes)), codes)


def test_components_beyond_the_range_are_cut_and_nothing_stays_nothing() -> None:
    restored = restore(quantise(np.array([[-1.0, 1.0, 0.0]], np.float32)))
    np.testing.assert_allclose(restored, [[-0.32, 0.3175, 0.0]], rtol=1e-6)


def test_float16_is_taken_too() -> None:
    tokens = unit_rows(0, 3)
    assert np.abs(restore(quantise(tokens.astype(np.float16))) - tokens).max() <= 0.5 / SCALE + 1e-3


@given(seeds, st.integers(1, 40), st.integers(1, 12), st.sampled_from([8, 33, 384]))
@settings(max_examples=60, deadline=None)
def test_cosines_stay_within_what_rounding_allows(seed: int, n: int, t: int, dimension: int) -> None:
    tokens, need = unit_rows(seed, n, dimension), unit_rows(seed + 1, t, dimension)
    codes = quantise(tokens)
    found = cosines(codes, need)
    assert found.dtype == np.float32
    assert found.shape == (n, t)
    wanted = restore(codes).astype(np.float64) @ need.T.astype(np.float64)
    assert (np.abs(found - wanted) <= error_bound(codes, need) + 1e-6).all()


def test_extreme_codes_do_not_overflow() -> None:
    """All products at their greatest: where two are added in 16 bits, one more step would be too much."""
    codes = np.array([[255] * DIMENSION, [0] * DIMENSION], np.uint8)
    need = np.array([[1.0] * DIMENSION, [-1.0] * DIMENSION], np.float32) / np.sqrt(np.float32(DIMENSION))
    np.testing.assert_allclose(cosines(codes, need), restore(codes) @ need.T, rtol=1e-5)


def test_error_over_random_vectors() -> None:
    tokens, need = unit_rows(1, 2000), unit_rows(2, 50)
    error = np.abs(cosines(quantise(tokens), need) - tokens @ need.T)
    assert np.sqrt(np.square(error).mean()) < 0.0013
    assert error.max() < 0.006


def test_error_over_tokens_of_the_bundled_encoder(encoder: OnnxEncoder) -> None:
    tokens = np.concatenate([encoder.read_listing(text).tokens for text in TEXTS])
    need = np.concatenate([encoder.read_need(text).tokens for text in TEXTS])
    assert np.abs(tokens).max() < ZERO / SCALE
    error = np.abs(cosines(quantise(tokens), need) - tokens @ need.T)
    assert np.sqrt(np.square(error).mean()) < 0.0013
    assert error.max() < 0.006


@given(seeds, st.integers(1, 60), st.data())
@settings(max_examples=60, deadline=None)
def test_a_row_is_the_same_bit_for_bit_in_any_batch(seed: int, n: int, data: st.DataObject) -> None:
    codes, need = quantise(unit_rows(seed, n)), unit_rows(seed + 1, 7)
    whole = cosines(codes, need)
    rows = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=9))
    np.testing.assert_array_equal(cosines(codes[rows], need), whole[rows])
    np.testing.assert_array_equal(cosines(codes[rows[0] :: 3], need), whole[rows[0] :: 3])


@given(seeds, st.lists(st.integers(1, 400), min_size=1, max_size=8), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_best_of_each_run(seed: int, sizes: list[int], t: int) -> None:
    codes, need = quantise(unit_rows(seed, sum(sizes))), unit_rows(seed + 1, t)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    best = best_cosines(np.split(codes, starts[1:]), need)
    assert best.dtype == np.float32
    all_of_them = cosines(codes, need)
    wanted = [all_of_them[start : start + size].max(axis=0) for start, size in zip(starts, sizes, strict=True)]
    np.testing.assert_array_equal(best, wanted)


@given(seeds, st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_a_token_of_the_need_is_the_same_in_any_company(seed: int, t: int) -> None:
    codes, need = quantise(unit_rows(seed, 20)), unit_rows(seed + 1, t)
    whole = cosines(codes, need)
    for place in range(t):
        np.testing.assert_array_equal(cosines(codes, need[place : place + 1])[:, 0], whole[:, place])


@pytest.mark.parametrize(("n", "t"), [(0, 3), (3, 0), (0, 0)])
def test_nothing_by_something_is_empty(n: int, t: int) -> None:
    assert cosines(quantise(unit_rows(0, n)), unit_rows(1, t)).shape == (n, t)


def test_a_need_of_zeros_is_like_nothing() -> None:
    assert not cosines(quantise(unit_rows(0, 3)), np.zeros((2, DIMENSION), np.float32)).any()


def test_a_read_only_need_is_taken_and_left_alone() -> None:
    need = unit_rows(3, 4)
    need.setflags(write=False)
    before = need.copy()
    assert cosines(quantise(need), need).diagonal() == pytest.approx([1] * 4, abs=0.006)
    np.testing.assert_array_equal(need, before)
