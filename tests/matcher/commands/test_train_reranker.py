"""`pilotmatch train reranker`: a teacher first, then the layer that serves; what is missing is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from embeddings import reranker_training
from embeddings.bundled import merged_digest
from embeddings.reranker import HEAD, PAIRS, load_reranker
from matcher.__main__ import application
from matcher.commands import train_reranker
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import FOLDS
from matcher.ranking.examples import Examples
from matcher.ranking.features import FEATURES
from tests.embeddings.conftest import tiny_source as tiny_source
from tests.embeddings.tiny import HIDDEN

LISTINGS = [f"L-{number}" for number in range(30)]
NEEDS = [f"N-{number}" for number in range(12)]
TEXTS = {need: f"发酵罐 {number} 中试" for number, need in enumerate(NEEDS)}
FOLD = fold_of(NEEDS[0], FOLDS)


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """Thirty listings and twelve judged needs, in the files that ship."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    rows = [
        {"id": one, "kind": "platform", "name": f"中试平台 {number}", "capabilities": ["发酵", "罐"]}
        for number, one in enumerate(LISTINGS)
    ]
    write(folder / "listings.jsonl", rows)
    for name, needs in (("dev", NEEDS[:4]), ("train", NEEDS[4:8]), ("extra", NEEDS[8:])):
        write(folder / f"needs_{name}.jsonl", [{"id": one, "description": TEXTS[one]} for one in needs])
        grades = [f"{need} 0 {LISTINGS[3 - grade]} {grade}\n" for need in needs for grade in range(4)]
        (folder / f"judgements_{name}.tsv").write_text("".join(grades), "utf-8")
    return folder


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def examples(*_: object) -> Examples:
    """Every listing for every need, in an order of its own."""
    features = np.zeros((len(NEEDS) * len(LISTINGS), len(FEATURES)), np.float32)
    features[:, 0] = np.tile(np.linspace(1, 0, len(LISTINGS)), len(NEEDS))
    grades = np.tile(np.array([3, 2, 1, 0] + [-1] * (len(LISTINGS) - 4)), len(NEEDS))
    needs = np.repeat(np.arange(len(NEEDS)), len(LISTINGS))
    return Examples(tuple(NEEDS), needs, tuple(LISTINGS) * len(NEEDS), features, grades)


@pytest.fixture
def run(tiny_source: Path, datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PILOTMATCH_DATASETS", str(datasets))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_reranker, "out_of_fold_examples", examples)
    # The miniature encoder has two layers.
    teacher = replace(reranker_training.TEACHER, joint=2, epochs=1)
    monkeypatch.setattr(reranker_training, "TEACHER", teacher)
    return lambda *arguments: CliRunner().invoke(application("train"), ["train", *arguments])


def encoder_of_fold(data: Path) -> Path:
    """A fold's encoder that learnt nothing: a scale of 0 leaves the weights as they are."""
    from safetensors.numpy import save_file

    folder = data / "training" / f"fold-{FOLD}"
    folder.mkdir(parents=True)
    name = "encoder.layer.1.attention.output.dense.weight"
    pair = {"A": np.ones((1, HIDDEN), np.float16), "B": np.ones((HIDDEN, 1), np.float16)}
    save_file({f"{name}.lora_{side}": one for side, one in pair.items()}, folder / "late.safetensors")
    (folder / "late.json").write_text('{"scale": 0.0}', "utf-8")
    return folder


def test_a_fold_is_trained_on_its_encoder_and_taught(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = encoder_of_fold(tmp_path / "data")
    lessons: dict[str, dict[str, float]] = {}
    made = reranker_training.JointTrainer

    class Noted(made):  # type: ignore[misc, valid-type]  # the class that is trained with
        def __init__(self, **given: Any) -> None:
            lessons.update(given.get("lessons", {}))
            super().__init__(**given)

    monkeypatch.setattr(reranker_training, "JointTrainer", Noted)
    done = run("reranker", "--fold", str(FOLD))
    assert done.exit_code == 0, done.output
    folder = tmp_path / "data" / "training" / f"reranker-{FOLD}"
    assert sorted(path.name for path in folder.iterdir()) == [HEAD, "joint.json", PAIRS]
    assert json.loads((folder / HEAD).read_text("utf-8"))["encoder"] == merged_digest(base)
    # Of 30 candidates the first twenty and six of the others; no need of the fold is among them.
    others = {TEXTS[need] for need in NEEDS if fold_of(need, FOLDS) != FOLD}
    assert set(lessons) == others
    assert {len(told) for told in lessons.values()} == {26}
    assert all(np.isfinite(list(told.values())).all() for told in lessons.values())
    scores = load_reranker(tmp_path / "data" / "encoders", 1, trained=folder, base=base).scores("发酵罐", ["中试平台"])
    assert np.isfinite(scores).all()
    assert not list((tmp_path / "data" / "training").glob("resume-*")), "what was for going on is gone"


def test_without_the_fold_s_encoder_it_says_what_to_run(run: Callable[..., Result], tmp_path: Path) -> None:
    done = run("reranker", "--fold", str(FOLD))
    assert done.exit_code == 1
    assert f"train encoder --fold {FOLD}" in done.output
    assert not (tmp_path / "data" / "training" / f"reranker-{FOLD}").exists()
