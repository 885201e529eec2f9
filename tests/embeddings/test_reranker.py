"""Scores of pairs: the formula, independence of company and thread, and refusal of what is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from embeddings.bundled import bundled_fingerprint, layer_tensors, merged_digest
from embeddings.encoded import unit
from embeddings.errors import EncoderUnavailable
from embeddings.need_layers import write_layers
from embeddings.onnx import OnnxEncoder, load_onnx
from embeddings.reranker import CARD_TOKENS, HEAD, NEED_TOKENS, PAIRS, Reranker, load_reranker
from embeddings.tokenizer import PASSAGE
from embeddings.weights import open_source, source_path
from tests.embeddings import tiny

CARDS = ["发酵罐 500L", "中试平台", "a b c", "", "罐" * 300, "发酵罐 500L"]
NEED = "发酵罐 50L 中试"
#: Nothing is trained of the miniature encoder.
UNTRAINED = Path("none")


def write_head(folder: Path, **changes: Any) -> None:
    random = np.random.default_rng(1)
    parts = {name: random.normal(size=(2, tiny.HIDDEN)).round(4).tolist() for name in ("segments", "head")}
    stored = {"encoder": merged_digest(UNTRAINED), **parts, "gain": [1.2], "bias": [-3.0], **changes}
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


def load(
    trained: Path,
    threads: int = 1,
    progress: Callable[[float], None] | None = None,
    encoder: OnnxEncoder | None = None,
) -> Reranker:
    """A re-ranker over the miniature encoder, its files beside what was trained."""
    return load_reranker(trained.parent / "cache", threads, progress, trained, encoder, UNTRAINED)


def test_few_layers_may_read_the_need_and_cards_are_what_they_were(trained: Path, tmp_path: Path) -> None:
    every = layer_tensors(open_source(source_path()), UNTRAINED)
    first = {name: values for name, values in every.items() if name.startswith("encoder.layer.0.")}
    write_layers(tmp_path / "needs", first, bundled_fingerprint(UNTRAINED), {})
    cache = trained.parent / "cache"
    encoder = load_onnx(cache, trained=UNTRAINED, needs=tmp_path / "needs")
    whole, few = (load(trained, encoder=one) for one in (encoder, encoder.few))
    assert few.fingerprint.startswith(whole.fingerprint)
    assert few.fingerprint != whole.fingerprint
    assert not np.allclose(few.scores(NEED, CARDS), whole.scores(NEED, CARDS), atol=1e-3)
    assert len(list(cache.glob("*-cards.db"))) == 1
    assert few.keep(CARDS) == 0  # the other one has read them


def test_a_pair_scores_the_same_in_any_company(trained: Path, tmp_path: Path) -> None:
    reranker = load(trained, 2)
    together = reranker.scores(NEED, CARDS)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert len(set(together[:4].tolist())) == 4
    assert together[0] == together[5]
    for card, own in zip(CARDS, together, strict=True):
        assert reranker.scores(NEED, [card])[0] == own
    turned = load(trained).scores(NEED, CARDS[::-1])
    assert turned[::-1].tolist() == together.tolist()


def test_a_need_that_was_begun_scores_the_same(trained: Path, tmp_path: Path) -> None:
    plain = load(trained).scores(NEED, CARDS)
    reranker = load(trained)
    reranker.begin(NEED)
    reranker._pool.submit(int).result(10)  # its one thread has read the need by now
    assert reranker.scores(NEED, CARDS).tolist() == plain.tolist()
    read = reranker._need.cache_info()
    assert (read.misses, read.hits) == (1, 1)


class TestSharedEncoder:
    """A need is read once: by the encoder, for its vectors."""

    def test_it_goes_on_from_what_the_encoder_has_read(
        self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = load(trained).scores(NEED, CARDS)
        encoder = load_onnx(tmp_path / "cache", trained=UNTRAINED)
        reranker = load(trained, encoder=encoder)
        reranker.scores("别的需求", CARDS)  # the cards are read by now
        encoder.read_need(NEED)
        runs = forward_passes(encoder, monkeypatch)
        reranker.begin(NEED)
        assert reranker.scores(NEED, CARDS).tolist() == plain.tolist()
        assert runs == []

    def test_a_need_that_was_forgotten_scores_the_same_and_a_long_one_is_read_once(
        self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alone, encoder = load(trained), load_onnx(tmp_path / "cache", trained=UNTRAINED)
        shared = load(trained, encoder=encoder)
        shared.scores("别的需求", CARDS[:1])  # the card is read by now
        long = "罐" * (NEED_TOKENS + 1)
        for need in (NEED, long):
            encoder.read_need(need)
        encoder._below.pop(NEED)
        runs = forward_passes(encoder, monkeypatch)
        for need in (NEED, long):
            assert shared.scores(need, CARDS[:1]).tolist() == alone.scores(need, CARDS[:1]).tolist()
        assert len(runs) == 1

    def test_another_encoder_is_left_alone(self, trained: Path, tmp_path: Path) -> None:
        other = load_onnx(tmp_path / "cache", trained=trained)
        beside = load(trained, encoder=other)
        assert beside._reader._encoder is not other
        alone = load(trained)
        assert beside.scores(NEED, CARDS).tolist() == alone.scores(NEED, CARDS).tolist()

    def test_one_that_was_trained_on_another_encoder_is_refused(self, trained: Path, tmp_path: Path) -> None:
        with pytest.raises(EncoderUnavailable, match="编码器") as caught:
            load_reranker(tmp_path / "cache", 1, trained=trained, base=trained)
        assert "train reranker" in (caught.value.hint or "")


def forward_passes(encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens an encoder's model is given, run by run, from now on."""
    lengths: list[int] = []
    run = encoder._run

    def noted(prompt: str, text: str, ids: Any) -> Any:
        lengths.append(len(ids))
        return run(prompt, text, ids)

    monkeypatch.setattr(encoder, "_run", noted)
    return lengths


class TestKeptCards:
    @pytest.mark.parametrize("text", CARDS[:5])
    def test_bytes_are_within_half_a_step_of_what_was_made(self, trained: Path, text: str) -> None:
        reader = load(trained)._reader
        card = reader.card(reader.packed(text))
        hidden, below = reader._encoder.both(PASSAGE, text, CARD_TOKENS)
        seen = reader._projected(below + reader._segments[1])[:, tiny.HIDDEN :]
        made = np.concatenate([seen, unit(hidden)], axis=1).reshape(len(hidden), 3, tiny.HIDDEN)
        kept = card.numbers.reshape(made.shape) * card.scales[..., None]
        assert card.numbers.dtype == np.int8
        assert np.abs(card.numbers).max(axis=1).tolist() == [127] * len(hidden)
        assert (np.abs(kept - made) <= 0.501 * card.scales[..., None]).all()

    def test_a_part_of_nothing_but_zeros_stays_one(self, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        reader = load(trained)._reader
        nothing = np.zeros((4, tiny.HIDDEN), np.float32)
        monkeypatch.setattr(reader._encoder, "both", lambda prompt, text, limit: (nothing, nothing))
        card = reader.card(reader.packed("罐"))
        assert not card.numbers[:, 2 * tiny.HIDDEN :].any()
        assert np.isfinite(card.scales).all()

    def test_a_card_that_was_read_once_is_not_read_by_the_next_process(
        self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = load(trained, 2)
        scores = first.scores(NEED, CARDS)
        first._states.put("", first._reader.packed("")).result(10)  # the writer has done all before
        second = load(trained, 2)
        read = forward_passes(second._reader._encoder, monkeypatch)
        assert second.scores("另一条需求", CARDS).tolist() != scores.tolist()
        assert len(read) == 1  # the need
        assert second.scores(NEED, CARDS).tolist() == scores.tolist()

    def test_keeping_reads_what_is_new(self, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        reranker = load(trained, 2)
        read, told = forward_passes(reranker._reader._encoder, monkeypatch), list[tuple[int, int]]()
        assert reranker.keep(CARDS[:2], lambda done, total: told.append((done, total))) == 2
        assert told == [(1, 2), (2, 2)]
        assert reranker.keep([*CARDS, *CARDS]) == 3
        assert len(read) == len(set(CARDS))
        assert reranker.keep(CARDS) == 0

    def test_other_weights_read_for_themselves(self, trained: Path, tmp_path: Path) -> None:
        load(trained).keep(CARDS)
        write_head(trained, bias=[1.0])
        assert load(trained).keep(CARDS) == len(set(CARDS))


def test_no_cards_no_scores(trained: Path, tmp_path: Path) -> None:
    assert load(trained).scores(NEED, []).shape == (0,)


def test_threads_may_share_it(trained: Path, tmp_path: Path) -> None:
    reranker = load(trained, 2)
    needs = [f"发酵 {number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda need: reranker.scores(need, CARDS).tolist(), needs))
    fresh = load(trained)
    assert found == [fresh.scores(need, CARDS).tolist() for need in needs]


def test_only_so_many_tokens_are_read(trained: Path, tmp_path: Path) -> None:
    reranker = load(trained)
    long, longer = "罐" * CARD_TOKENS, "罐" * CARD_TOKENS + "发酵"
    assert reranker.scores(NEED, [long])[0] == reranker.scores(NEED, [longer])[0]
    for need in (NEED, "罐" * 9999):
        assert len(reranker._need(need).state) <= NEED_TOKENS + 2
    assert np.isfinite(reranker.scores("罐" * 9999, CARDS)).all()
    assert reranker.scores(NEED, ["罐" * 5])[0] != reranker.scores(NEED, ["罐" * 6])[0]


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00", "\n" * 50])
def test_any_text_has_a_score(trained: Path, tmp_path: Path, text: str) -> None:
    assert np.isfinite(load(trained).scores(text, [text, "罐"])).all()


def test_both_texts_count_and_their_sides_differ(trained: Path, tmp_path: Path) -> None:
    reranker = load(trained)
    assert reranker.scores("发酵罐", ["平台"])[0] != reranker.scores("中试", ["平台"])[0]
    assert reranker.scores("发酵罐", ["平台"])[0] != reranker.scores("平台", ["发酵罐"])[0]


def test_the_fingerprint_names_what_was_trained(trained: Path, tmp_path: Path) -> None:
    def fingerprint() -> str:
        return load(trained).fingerprint

    first = fingerprint()
    assert fingerprint() == first
    write_head(trained, bias=[-2.0])
    second = fingerprint()
    (trained / "joint.json").write_text('{"scale": 1.0}', "utf-8")
    assert len({first, second, fingerprint()}) == 3


def test_progress_is_told_while_building_only(trained: Path, tmp_path: Path) -> None:
    told: list[float] = []
    load(trained, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    told.clear()
    load(trained, progress=told.append)
    assert told == []


@pytest.mark.parametrize(
    "change",
    [
        {"segments": [[0.0] * 3] * 2}, {"head": [[0.0] * tiny.HIDDEN]}, {"gain": []}, {"gain": [float("nan")]},
        {"bias": "much"}, {"bias": [float("inf")]},
    ],
)  # fmt: skip
def test_a_damaged_head_is_refused(trained: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    write_head(trained, **change)
    with pytest.raises(EncoderUnavailable, match=HEAD) as caught:
        load(trained)
    assert "train reranker" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_text("{"), lambda path: path.write_text("[1]")]
)
def test_a_missing_or_broken_head_file_is_refused(
    trained: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damage(trained / HEAD)
    with pytest.raises(EncoderUnavailable, match=HEAD):
        load(trained)
