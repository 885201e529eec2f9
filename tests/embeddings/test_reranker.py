"""Scores of pairs: the formula, independence of company and thread, and refusal of what is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from embeddings.errors import EncoderUnavailable
from embeddings.reranker import CARD_TOKENS, HEAD, NEED_TOKENS, PAIRS, TEMPERATURE, Head, Reranker, load_reranker, score
from tests.embeddings import tiny

CARDS = ["发酵罐 500L", "中试平台", "a b c", "", "罐" * 300, "发酵罐 500L"]
NEED = "发酵罐 50L 中试"


def write_head(folder: Path, **changes: Any) -> None:
    random = np.random.default_rng(1)
    parts = {name: random.normal(size=(2, tiny.HIDDEN)).round(4).tolist() for name in ("segments", "head")}
    stored = {"frozen": 1, **parts, "gain": [1.2], "bias": [-3.0], **changes}
    folder.mkdir(exist_ok=True)
    (folder / HEAD).write_text(json.dumps(stored), "utf-8")


@pytest.fixture
def trained(tiny_source: Path, tmp_path: Path) -> Path:
    """A folder as training leaves it, with random numbers."""
    folder, random = tmp_path / "trained", np.random.default_rng(2)
    write_head(folder)
    name = "encoder.layer.1.output.dense.weight"
    a, b = random.normal(size=(2, tiny.FEED_FORWARD)) / 8, random.normal(size=(tiny.HIDDEN, 2)) / 8
    pair = {f"{name}.lora_A": a.astype(np.float16), f"{name}.lora_B": b.astype(np.float16)}
    save_file(pair, folder / PAIRS)
    (folder / "joint.json").write_text('{"scale": 2.0}', "utf-8")
    return folder


def test_a_pair_scores_the_same_in_any_company(trained: Path, tmp_path: Path) -> None:
    reranker = load_reranker(tmp_path / "cache", 2, trained=trained)
    together = reranker.scores(NEED, CARDS)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert len(set(together[:4].tolist())) == 4
    assert together[0] == together[5]
    for card, own in zip(CARDS, together, strict=True):
        assert reranker.scores(NEED, [card])[0] == own
    turned = load_reranker(tmp_path / "cache", 1, trained=trained).scores(NEED, CARDS[::-1])
    assert turned[::-1].tolist() == together.tolist()


def test_a_need_that_was_begun_scores_the_same(trained: Path, tmp_path: Path) -> None:
    plain = load_reranker(tmp_path / "cache", 1, trained=trained).scores(NEED, CARDS)
    reranker = load_reranker(tmp_path / "cache", 1, trained=trained)
    reranker.begin(NEED)
    reranker._pool.submit(int).result(10)  # its one thread has read the need by now
    assert reranker.scores(NEED, CARDS).tolist() == plain.tolist()
    read = reranker._need.cache_info()
    assert (read.misses, read.hits) == (1, 1)


def lower_runs(reranker: Reranker, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that a re-ranker's lower layers read from now on."""
    texts: list[str] = []
    read = reranker._reader.read

    def noted(prompt: str, limit: int, segment: int, text: str) -> Any:
        texts.append(text)
        return read(prompt, limit, segment, text)

    monkeypatch.setattr(reranker._reader, "read", noted)
    return texts


class TestKeptCards:
    def test_a_card_that_was_read_once_is_not_read_by_the_next_process(
        self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = load_reranker(tmp_path / "cache", 2, trained=trained)
        scores = first.scores(NEED, CARDS)
        first._states.put("", first._reader.card("")).result(10)  # the writer has done all before
        second = load_reranker(tmp_path / "cache", 2, trained=trained)
        read = lower_runs(second, monkeypatch)
        assert second.scores("另一条需求", CARDS).tolist() != scores.tolist()
        assert read == []
        assert second.scores(NEED, CARDS).tolist() == scores.tolist()

    def test_keeping_reads_what_is_new(self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        reranker = load_reranker(tmp_path / "cache", 2, trained=trained)
        read, told = lower_runs(reranker, monkeypatch), list[tuple[int, int]]()
        assert reranker.keep(CARDS[:2], lambda done, total: told.append((done, total))) == 2
        assert told == [(1, 2), (2, 2)]
        assert reranker.keep([*CARDS, *CARDS]) == 3
        assert sorted(read) == sorted(set(CARDS))
        assert reranker.keep(CARDS) == 0

    def test_other_weights_read_for_themselves(self, trained: Path, tmp_path: Path) -> None:
        load_reranker(tmp_path / "cache", 1, trained=trained).keep(CARDS)
        write_head(trained, bias=[1.0])
        assert load_reranker(tmp_path / "cache", 1, trained=trained).keep(CARDS) == len(set(CARDS))


def test_no_cards_no_scores(trained: Path, tmp_path: Path) -> None:
    assert load_reranker(tmp_path / "cache", 1, trained=trained).scores(NEED, []).shape == (0,)


def test_threads_may_share_it(trained: Path, tmp_path: Path) -> None:
    reranker = load_reranker(tmp_path / "cache", 2, trained=trained)
    needs = [f"发酵 {number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda need: reranker.scores(need, CARDS).tolist(), needs))
    fresh = load_reranker(tmp_path / "cache", 1, trained=trained)
    assert found == [fresh.scores(need, CARDS).tolist() for need in needs]


def test_only_so_many_tokens_are_read(trained: Path, tmp_path: Path) -> None:
    reranker = load_reranker(tmp_path / "cache", 1, trained=trained)
    long, longer = "罐" * CARD_TOKENS, "罐" * CARD_TOKENS + "发酵"
    assert reranker.scores(NEED, [long])[0] == reranker.scores(NEED, [longer])[0]
    assert reranker.scores("罐" * NEED_TOKENS, CARDS).tolist() == reranker.scores("罐" * 9999, CARDS).tolist()
    assert reranker.scores(NEED, ["罐" * 5])[0] != reranker.scores(NEED, ["罐" * 6])[0]


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00", "\n" * 50])
def test_any_text_has_a_score(trained: Path, tmp_path: Path, text: str) -> None:
    assert np.isfinite(load_reranker(tmp_path / "cache", 1, trained=trained).scores(text, [text, "罐"])).all()


def test_both_texts_count_and_their_sides_differ(trained: Path, tmp_path: Path) -> None:
    reranker = load_reranker(tmp_path / "cache", 1, trained=trained)
    assert reranker.scores("发酵罐", ["平台"])[0] != reranker.scores("中试", ["平台"])[0]
    assert reranker.scores("发酵罐", ["平台"])[0] != reranker.scores("平台", ["发酵罐"])[0]


def test_the_fingerprint_names_what_was_trained(trained: Path, tmp_path: Path) -> None:
    def fingerprint() -> str:
        return load_reranker(tmp_path / "cache", 1, trained=trained).fingerprint

    first = fingerprint()
    assert fingerprint() == first
    write_head(trained, bias=[-2.0])
    second = fingerprint()
    (trained / "joint.json").write_text('{"scale": 1.0}', "utf-8")
    assert len({first, second, fingerprint()}) == 3


def test_progress_is_told_while_building_only(trained: Path, tmp_path: Path) -> None:
    told: list[float] = []
    load_reranker(tmp_path / "cache", 1, told.append, trained)
    assert told == sorted(told)
    assert told[-1] == 1.0
    told.clear()
    load_reranker(tmp_path / "cache", 1, told.append, trained)
    assert told == []


@pytest.mark.parametrize(
    "change",
    [
        {"segments": [[0.0] * 3] * 2}, {"head": [[0.0] * tiny.HIDDEN]}, {"gain": []}, {"gain": [float("nan")]},
        {"bias": "much"}, {"bias": [float("inf")]}, {"frozen": None},
    ],
)  # fmt: skip
def test_a_damaged_head_is_refused(trained: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    write_head(trained, **change)
    with pytest.raises(EncoderUnavailable, match=HEAD) as caught:
        load_reranker(tmp_path / "cache", 1, trained=trained)
    assert "train reranker" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_text("{"), lambda path: path.write_text("[1]")]
)
def test_a_missing_or_broken_head_file_is_refused(
    trained: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damage(trained / HEAD)
    with pytest.raises(EncoderUnavailable, match=HEAD):
        load_reranker(tmp_path / "cache", 1, trained=trained)


def unit_head(**changes: Any) -> Head:
    return replace(Head(1, np.zeros((2, 2), np.float32), 1.0, np.zeros((2, 2), np.float32), 0.0), **changes)


def test_the_score_hand_worked() -> None:
    # One prompt token and one at the end each; the need's own are (3, 0) and (0, 2), the card's own (5, 0) alone.
    need = np.array([[9, 9], [3, 0], [0, 2], [9, 9]], np.float32)
    card = np.array([[7, 1], [5, 0], [1, 7]], np.float32)
    assert score(need, card, 1, 1, unit_head()) == pytest.approx(TEMPERATURE * 0.5)
    weights = np.array([[0.1, 0], [0, 1]], np.float32)
    # Means over all tokens: the need's first channel 21 / 4, the card's second 8 / 3.
    linear = 0.1 * 21 / 4 + 8 / 3
    head = unit_head(gain=2.0, weights=weights, bias=-4.0)
    assert score(need, card, 1, 1, head) == pytest.approx(2 * TEMPERATURE * 0.5 + linear - 4, rel=1e-5)


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_late_interaction_lies_between_minus_one_and_one(need: int, card: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    ours, theirs = (random.normal(size=(size, 2)).astype(np.float32) for size in (need, card))
    assert abs(score(ours, theirs, 1, 1, unit_head())) <= TEMPERATURE * 1.0001


def test_a_text_of_nothing_but_its_prompt_has_no_late_interaction() -> None:
    two = np.ones((2, 2), np.float32)
    assert score(two, two, 1, 1, unit_head(bias=0.25)) == 0.25
