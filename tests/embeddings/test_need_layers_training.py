"""A few layers learn what all do, on the miniature: nearer with every step, the same after a stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from embeddings import need_layers_training
from embeddings.bundled import bundled_fingerprint
from embeddings.need_layers import FILE, read_layers, taught_by
from embeddings.need_layers_training import NeedLayersTrainer, NeedRecipe
from embeddings.onnx import load_onnx
from embeddings.trained import Tensors

RECIPE = NeedRecipe(begins=(1,), steps=40, tokens=60, learning_rate=3e-3)
UNSEEN = ["中试平台 发酵", "a 发酵罐 12 L", "123 中试"]


def texts(block: int) -> Iterator[str]:
    words = ["发酵", "罐", "中试", "平台", "a b", "1 2 3", "L"]
    random = np.random.default_rng(block)
    return (" ".join(random.choice(words, random.integers(2, 14))) for _ in count())


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need_layers_training, "BLOCK", 10)


def trainer(
    tmp_path: Path, name: str = "resume.pt", recipe: NeedRecipe = RECIPE, begun: Tensors | None = None
) -> NeedLayersTrainer:
    return NeedLayersTrainer(tmp_path / "cache", texts, recipe, tmp_path / name, tmp_path / "none", begun)


def test_the_learner_comes_nearer_and_serves(tiny_source: Path, tmp_path: Path) -> None:
    learner = trainer(tmp_path)
    before = [learner.distance(text) for text in UNSEEN]
    seen: list[tuple[int, int]] = []
    learner.run(lambda done, total, loss: seen.append((done, total)))
    assert seen == [(step, 40) for step in range(1, 41)]
    after = [learner.distance(text) for text in UNSEEN]
    assert np.mean(after) < 0.7 * np.mean(before)
    learner.write(tmp_path / "needs", {"command": "test"})
    assert taught_by(bundled_fingerprint(tmp_path / "none"), tmp_path / "needs") == tmp_path / "needs" / FILE
    assert read_layers(tmp_path / "needs" / FILE)[0] == 1
    whole = load_onnx(tmp_path / "cache", trained=tmp_path / "none", needs=tmp_path / "needs")
    few = whole.few
    assert few is not None
    cosines = [float(few.read_need(text).vector @ whole.read_need(text).vector) for text in UNSEEN]
    assert min(cosines) > 0.9


def test_a_stop_changes_nothing(tiny_source: Path, tmp_path: Path) -> None:
    whole = trainer(tmp_path, "whole.pt")
    whole.run()

    def stop(done: int, total: int, loss: float) -> None:
        if done == 25:
            raise KeyboardInterrupt

    stopped = trainer(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(stop)
    again = trainer(tmp_path)
    steps: list[int] = []
    again.run(lambda done, total, loss: steps.append(done))
    assert steps[0] == 21  # the last whole block is kept
    for name, values in whole.tensors().items():
        np.testing.assert_allclose(again.tensors()[name], values, atol=1e-6)


def test_layers_that_learnt_before_learn_on(tiny_source: Path, tmp_path: Path) -> None:
    first = trainer(tmp_path)
    first.run()
    begun = first.tensors()
    again = trainer(tmp_path, "again.pt", NeedRecipe(begins=(1,), steps=40, tokens=60, learning_rate=1e-3), begun)
    before = [again.distance(text) for text in UNSEEN]
    np.testing.assert_allclose(before, [first.distance(text) for text in UNSEEN], rtol=1e-5)
    again.run()
    assert np.mean([again.distance(text) for text in UNSEEN]) < np.mean(before)
    assert any(not np.array_equal(values, begun[name]) for name, values in again.tensors().items())


def test_progress_of_other_beginnings_is_not_gone_on_with(tiny_source: Path, tmp_path: Path) -> None:
    first = trainer(tmp_path)
    first.run()
    steps: list[int] = []
    trainer(tmp_path, begun=first.tensors()).run(lambda done, total, loss: steps.append(done))
    assert steps[0] == 1


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_the_teacher_reads_a_batch_once_for_all_its_rounds(
    tiny_source: Path, tmp_path: Path, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = trainer(tmp_path, recipe=NeedRecipe(begins=(1,), steps=12, tokens=60, rounds=rounds))
    monkeypatch.setattr(need_layers_training, "BLOCK", 12)
    taught: list[bytes] = []
    learnt: list[bytes] = []
    teach, step = learner._teach, learner._step
    monkeypatch.setattr(learner, "_teach", lambda ids: (taught.append(ids.numpy().tobytes()), teach(ids))[1])
    monkeypatch.setattr(
        learner, "_step", lambda lesson, place: (learnt.append(lesson.ids.numpy().tobytes()), step(lesson, place))[1]
    )
    learner.run()
    assert len(taught) == 12 / rounds
    assert Counter(learnt) == Counter(taught * rounds)


@pytest.mark.parametrize("damage", ["another recipe", "broken"])
def test_progress_that_does_not_fit_is_begun_anew(tiny_source: Path, tmp_path: Path, damage: str) -> None:
    trainer(tmp_path, recipe=NeedRecipe(begins=(1,), steps=10, tokens=60)).run()
    if damage == "broken":
        (tmp_path / "resume.pt").write_bytes(b"x")
    steps: list[int] = []
    trainer(tmp_path).run(lambda done, total, loss: steps.append(done))
    assert steps[0] == 1


def test_long_texts_are_cut_to_lengths_that_many_share(tiny_source: Path, tmp_path: Path) -> None:
    learner = trainer(tmp_path)
    lengths = {len(learner._ids("a " * words)) for words in range(1, 300)}
    assert max(lengths) <= 230
    assert sorted(length for length in lengths if length > 70) == list(range(86, 231, 16))
