"""`pilotmatch train needs`: the miniature encoder teaches one layer, which then serves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from embeddings import need_layers_training
from embeddings.bundled import bundled_fingerprint
from embeddings.need_layers import FILE, taught_by
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


def test_one_layer_is_taught_and_serves(
    tiny_source: Path, datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs, untrained = tmp_path / "needs", tmp_path / "none"
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PILOTMATCH_DATASETS", str(datasets))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_needs, "NEEDS", needs)
    monkeypatch.setattr(train_needs, "ENCODER", untrained)
    recipe = NeedRecipe(begins=(1,), steps=6, tokens=200)
    monkeypatch.setattr(need_layers_training, "NeedRecipe", lambda: recipe)
    done = CliRunner().invoke(application("train"), ["train", "needs"])
    assert done.exit_code == 0, done.output
    told = json.loads((needs / FILE).with_suffix(".json").read_text("utf-8"))
    assert told["command"] == "pilotmatch train needs"
    assert told["distance_on_needs_dev"] > 0
    assert told["recipe"]["steps"] == 6
    assert taught_by(bundled_fingerprint(untrained), needs) == needs / FILE
    assert not (tmp_path / "data" / "training" / "resume-needs.pt").exists()
    few = load_onnx(tmp_path / "data" / "encoders", trained=untrained, needs=needs)
    assert few.read_need("发酵").vector.shape == (few.dimension,)
