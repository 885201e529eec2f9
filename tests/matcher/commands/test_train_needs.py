"""`pilotmatch train needs`: the miniature encoder teaches one layer, which then serves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from embeddings import need_layers_training
from embeddings.bundled import bundled_fingerprint
from embeddings.need_layers import FILE, layers_digest, taught_by
from embeddings.need_layers_training import NeedRecipe
from embeddings.onnx import load_onnx
from matcher.__main__ import application
from matcher.commands import train_needs
from tests.embeddings.conftest import tiny_source as tiny_source

SHIPPED = Path(__file__).parents[3] / "datasets"
TABLES = ("english_terms.csv", "regions_english.csv", "traditional.csv")


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """One listing, one composed need and one real one, in the files that ship."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    for name in TABLES:
        shutil.copy(SHIPPED / name, folder)
    row = {
        "id": "PF-1",
        "kind": "platform",
        "name": "中试平台",
        "summary": "发酵罐 500 L 的中试平台",
        "capabilities": ["发酵"],
    }
    (folder / "listings.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    for name, need in (("dev", "N-1"), ("train", "T-1")):
        stored = {"id": need, "title": "发酵", "description": "找发酵罐放大,单批五百升"}
        (folder / f"needs_{name}.jsonl").write_text(json.dumps(stored, ensure_ascii=False) + "\n", "utf-8")
        (folder / f"judgements_{name}.tsv").write_text(f"{need} 0 PF-1 3\n", "utf-8")
    return folder


@pytest.fixture
def needs(tiny_source: Path, datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the layers that a few steps leave are stored."""
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PILOTMATCH_DATASETS", str(datasets))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_needs, "NEEDS", tmp_path / "needs")
    monkeypatch.setattr(train_needs, "ENCODER", tmp_path / "none")
    monkeypatch.setattr(train_needs, "_FURTHER_STEPS", 4)
    recipe = NeedRecipe(begins=(1,), steps=6, tokens=200)
    monkeypatch.setattr(need_layers_training, "NeedRecipe", lambda: recipe)
    return tmp_path / "needs"


def train(*options: str) -> Result:
    return CliRunner().invoke(application("train"), ["train", *options])


def about(needs: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((needs / FILE).with_suffix(".json").read_text("utf-8"))
    return told


def test_one_layer_is_taught_and_serves(needs: Path, tmp_path: Path) -> None:
    done, untrained = train("needs"), tmp_path / "none"
    assert done.exit_code == 0, done.output
    told = about(needs)
    assert told["command"] == "pilotmatch train needs"
    assert told["distance_on_needs_dev"] > 0
    assert told["recipe"]["steps"] == 6
    assert taught_by(bundled_fingerprint(untrained), needs) == needs / FILE
    assert not (tmp_path / "data" / "training" / "resume-needs.pt").exists()
    few = load_onnx(tmp_path / "data" / "encoders", trained=untrained, needs=needs).few
    assert few is not None
    assert few.read_need("发酵").vector.shape == (few.dimension,)


def test_it_goes_on_from_the_layers_that_are_there(needs: Path) -> None:
    assert train("needs").exit_code == 0
    first, before = about(needs), layers_digest(needs / FILE)
    done = train("needs", "--further")
    assert done.exit_code == 0, done.output
    second = about(needs)
    assert second["command"] == "pilotmatch train needs --further"
    assert second["begun"] == first
    assert (second["recipe"]["seed"], second["recipe"]["steps"]) == (first["recipe"]["seed"] + 1, 4)
    assert layers_digest(needs / FILE) != before
    assert train("needs", "--further").exit_code == 0
    third = about(needs)
    assert third["recipe"]["seed"] == second["recipe"]["seed"] + 1
    assert third["begun"] == second


def test_without_layers_there_is_nothing_to_go_on_from(needs: Path) -> None:
    done = train("needs", "--further")
    assert done.exit_code == 1
    assert "缺失" in done.output
    assert not needs.exists()


@pytest.mark.parametrize("what", ["encoder", "reranker", "ranker"])
def test_only_layers_go_on(needs: Path, what: str) -> None:
    done = train(what, "--further")
    assert done.exit_code == 2
    assert "--further" in done.output
