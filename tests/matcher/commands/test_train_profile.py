"""`pilotmatch train ranker --profile`: a draft from judgements and feedback, and nothing else changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from matcher.__main__ import application
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import Event, add_events
from matcher.catalogue.judging.importing import Upload, confirm, parse
from matcher.catalogue.judging.sets import create_set
from matcher.catalogue.profiles.drafts import create, find, versions
from matcher.catalogue.profiles.publishing import publish, published
from matcher.catalogue.profiles.stored import serving_document
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.settings import Settings
from tests.databases import database as database
from tests.matcher.catalogue.feedback.answers import answer, put
from tests.matcher.evaluation.small_judged import needs
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_following import Site

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
#: What is published, and wrong about nearly everything.
WRONG = replace(PROFILE, weights=dict.fromkeys(FEATURES, 0.0) | {"completeness": 10.0})


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Forty needs, and grades as `PROFILE` would order the listings; eight needs have no answer."""
    settings = Settings(_env_file=None, data=tmp_path)
    matcher = Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=HashEncoder())
    lines, qrels = [], []
    for number, need in enumerate(needs(40)):
        lines.append(json.dumps({"id": need.id, "description": need.text}, ensure_ascii=False))
        ranked = matcher.match(need, top=100, explained=False, strict=False).matches
        grades = (1, 1, 0, 0) if number < 8 else (3, 2, 1, 0)
        parts = np.array_split(np.array([one.listing.id for one in ranked]), 4)
        qrels += [f"{need.id} 0 {one} {grade}" for part, grade in zip(parts, grades, strict=True) for one in part]
    paths = tmp_path / "needs.jsonl", tmp_path / "judgements.tsv"
    for path, found in zip(paths, (lines, qrels), strict=True):
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    return paths


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    Site(database, tmp_path).put(*LISTINGS)
    with database.session() as session:
        made = create(session, CONSOLE, "default", Document(WRONG, dictionary=("中试放大",)), "开始")
        publish(session, CONSOLE, made.id, "上线")
    monkeypatch.setenv("PILOTMATCH_DATABASE", database.url)
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("matcher.commands.train_profile.open_encoder", lambda _, source: HashEncoder(source or "hash"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(application("train"), ["train", *arguments])

    return call


def test_a_draft_learnt_from_files(run: Run, database: Database, files: tuple[Path, Path], tmp_path: Path) -> None:
    found = run("ranker", "--profile", "city", "--needs", str(files[0]), "--judgements", str(files[1]))
    assert found.exit_code == 0, found.output
    with database.reading() as session:
        stored, present = find(session, "city"), published(session)
    assert present is not None
    assert (stored.state, stored.version, stored.parent_id) == ("draft", 1, present.id)
    assert (present.name, stored.author_id) == ("default", CONSOLE.user_id)
    assert "40 个需求" in stored.reason
    document = stored.document()
    assert document.dictionary == ("中试放大",), "what the parent has beside its weights stays"
    assert document.profile.encoder == HashEncoder().fingerprint
    assert document.profile.training["needs"] == 40
    assert max(document.profile.weights, key=lambda name: document.profile.weights[name]) == "late"
    assert "city@1" in found.stdout
    assert "pilotmatch gate" in found.stdout
    # Out of fold it is better than what is published, and it says so.
    line = next(one for one in found.stdout.splitlines() if "交叉验证" in one)
    assert "差 +0." in line
    settings = Settings(_env_file=None, data=tmp_path)
    matcher = Matcher.load(settings, LISTINGS, profile=document.profile, encoder=HashEncoder())
    assert matcher.match(needs(1)[0], top=3).profile == "city"
    assert serving_document(stored).profile.version == "1"


def test_from_a_set_of_the_database_and_again_as_the_next_version(
    run: Run, database: Database, files: tuple[Path, Path]
) -> None:
    with database.session() as session:
        made = create_set(session, CONSOLE, "ours")
        upload = parse(Upload(files[1].read_bytes(), files[0].read_bytes(), "qrels"))
        confirm(session, CONSOLE, made.id, upload, upload.upload.hash)
    found = run("ranker", "--profile", "city", "--set", "ours", "--reason", "首次学习")
    assert found.exit_code == 0, found.output
    assert run("ranker", "--profile", "city", "--set", "ours@1", "--reason", "再学").exit_code in (0, 1)
    with database.reading() as session:
        first = find(session, "city@1")
        assert first.reason == "首次学习"
        assert first.document().profile.training["judgement_set"].startswith("ours-1@")
        assert {one.state for one in versions(session, "city")} == {"draft"}


def test_feedback_is_learnt_from_where_it_is_asked_for(run: Run, database: Database, files: tuple[Path, Path]) -> None:
    rows = np.zeros((3, len(FEATURES)), np.float32)
    rows[:, FEATURES.index("dense")] = [0.1, 0.9, 0.5]
    made = [answer("abc", features=rows.astype("<f2").tobytes()) for _ in range(60)]
    put(database, *made)
    with database.session() as session:
        add_events(session, [Event(one.id, "b", "enquired") for one in made])
    arguments = ("ranker", "--needs", str(files[0]), "--judgements", str(files[1]))
    assert run(*arguments, "--profile", "plain").exit_code == 0
    found = run(*arguments, "--profile", "clicks", "--feedback")
    assert found.exit_code == 0, found.output
    assert "未校正名次的影响" in found.stdout
    with database.reading() as session:
        plain, clicks = (find(session, name).document().profile for name in ("plain", "clicks"))
    assert clicks.weights["dense"] > plain.weights["dense"]
    assert clicks.training["feedback"] == {"answers": 60, "used": 40, "swapped": 0, "corrected": False}
    assert "feedback" not in plain.training


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ranker", "--feedback"), 2, "--profile"),
        (("encoder", "--profile", "city"), 2, "ranker"),
        (("ranker", "--profile", "city", "--set", "nowhere"), 1, "nowhere"),
        (("ranker", "--profile", "city", "--needs", "needs.jsonl"), 2, "--judgements"),
        (("ranker", "--profile", "city", "--needs", "no.jsonl", "--judgements", "no.tsv"), 2, "no.jsonl"),
        (("ranker", "--profile", "Город", "--needs", "needs.jsonl", "--judgements", "judgements.tsv"), 2, "小写"),
    ],
)
def test_refusals_store_nothing(
    run: Run,
    database: Database,
    files: tuple[Path, Path],
    arguments: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = run(*arguments)
    assert (found.exit_code, said in found.output) == (code, True), found.output
    with database.reading() as session:
        assert [one.name for one in versions(session)] == ["default"]


def test_too_few_needs_are_refused(run: Run, database: Database, files: tuple[Path, Path]) -> None:
    files[0].write_text("\n".join(files[0].read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
    found = run("ranker", "--profile", "city", "--needs", str(files[0]), "--judgements", str(files[1]))
    assert (found.exit_code, "可学的需求太少" in found.output) == (1, True), found.output


def test_a_profile_with_another_encoder_is_learnt_on_that_one(
    run: Run, database: Database, files: tuple[Path, Path]
) -> None:
    with database.session() as session:
        create(session, CONSOLE, "switching", Document(WRONG, encoder_source="other"), "换编码器")
    found = run("ranker", "--profile", "switching", "--needs", str(files[0]), "--judgements", str(files[1]))
    assert found.exit_code == 0, found.output
    with database.reading() as session:
        learnt = find(session, "switching").document()
    assert learnt.encoder_source == "other"
    assert learnt.profile.encoder == HashEncoder("other").fingerprint
