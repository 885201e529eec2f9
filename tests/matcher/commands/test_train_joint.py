"""`pilotmatch train ranker --joint`: only what the re-ranker's reading is worth is learnt anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from matcher.__main__ import application
from matcher.commands import train_ranker
from matcher.commands.train_ranker import READS, train_joint
from matcher.ranking.examples import Examples
from matcher.ranking.examples import read_first as read_examples
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.profile import SHIPPED, load_profile, write_profile
from matcher.settings import Settings

NEEDS, LISTINGS = 12, 40
COLUMN = FEATURES.index(JOINT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped profiles, of which `default` reads less and thinks nothing of it."""
    for name in ("fast", "default"):
        write_profile(load_profile(SHIPPED / f"{name}.json"), tmp_path / f"{name}.json")
    default = load_profile(tmp_path / "default.json")
    changed = replace(default, reads=2, weights=default.weights | {JOINT: 0.0, "late": 1.0})
    write_profile(changed, tmp_path / "default.json")
    return tmp_path


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> Examples:
    """Graded rows of which one feature tells a little, and a reading that tells the grade."""
    random = np.random.default_rng(0)
    grades = random.integers(0, 4, NEEDS * LISTINGS)
    features = np.zeros((NEEDS * LISTINGS, len(FEATURES)), np.float32)
    features[:, FEATURES.index("late")] = 0.02 * grades + 0.01 * random.normal(size=len(grades))
    ids = tuple(f"N-{number}" for number in range(NEEDS))
    found = Examples(ids, np.repeat(np.arange(NEEDS), LISTINGS), ("L",) * len(grades), features, grades)

    def read(_: object, __: object, rows: Examples, scores: Any) -> Examples:
        marked = read_examples(rows, scores, READS, lambda need, listings: np.ones(len(listings), np.float32))
        reading = np.where(marked.features[:, COLUMN] > 0, 5 + rows.grades, 0)
        marked.features[:, COLUMN] = reading
        return marked

    monkeypatch.setattr(train_ranker, "out_of_fold_examples", lambda *_: found)
    monkeypatch.setattr(train_ranker, "examples_read", read)
    return found


def test_the_weights_of_fast_stay_and_the_reading_is_weighed(folder: Path, examples: Examples) -> None:
    judged: Any = SimpleNamespace(data_hash="abc")
    (line,) = train_joint(Settings(_env_file=None), judged, folder)
    fast, after = (load_profile(folder / f"{name}.json") for name in ("fast", "default"))
    assert after.weights[JOINT] > 0.5
    assert f"{after.weights[JOINT]:.4f}" in line
    assert {name: after.weights[name] for name in FEATURES if name != JOINT} == {
        name: fast.weights[name] for name in FEATURES if name != JOINT
    }
    assert after.reads == READS
    shipped = load_profile(SHIPPED / "default.json")
    for kept in ("unread", "confidence", "thresholds", "encoder", "version"):
        assert getattr(after, kept) == getattr(shipped, kept)
    shares = [share for _, share in after.calibration]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert after.training["data_sha256"] == "abc"
    assert fast == load_profile(SHIPPED / "fast.json")


def test_it_is_for_the_ranker_alone() -> None:
    done = CliRunner().invoke(application("train"), ["train", "encoder", "--joint"])
    assert done.exit_code == 2
    assert "--joint" in done.output
