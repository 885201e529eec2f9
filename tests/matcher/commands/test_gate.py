"""`pilotmatch gate`: a verdict by exit code, from files or from the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embeddings import load_encoder
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.gates import gates_of
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.drafts import create, find, get
from matcher.catalogue.profiles.publishing import publish
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.records import SUPPLY_KINDS
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.evaluation.small_judged import CONTRARY, divided
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE


@pytest.fixture
def files(small_matcher: Matcher, shipped_settings: Settings, tmp_path: Path) -> tuple[str, ...]:
    """The contrary profile is right about 28 of 40 needs; the others are of the food industry."""
    draft = small_matcher.with_document(Document(CONTRARY), Vocabulary.load(shipped_settings))
    judged = divided(small_matcher, draft, harmed=12)
    traits = {one.id: one for one in judged.traits}
    with (tmp_path / "needs.jsonl").open("w", encoding="utf-8") as file:
        for need in judged.needs:
            own = {"explicit": traits[str(need.id)].explicit, "industry": traits[str(need.id)].industry}
            file.write(json.dumps({"id": need.id, "description": need.text} | own, ensure_ascii=False) + "\n")
    lines = [f"{one} 0 {listing} {grade}" for one in judged.judgements.need_ids
             for listing, grade in judged.judgements.of(one).items()]  # fmt: skip
    (tmp_path / "judgements.tsv").write_text("\n".join(lines), encoding="utf-8")
    for name, profile in (("contrary.json", CONTRARY), ("same.json", PROFILE)):
        (tmp_path / name).write_text(json.dumps(Document(profile).as_dict()), encoding="utf-8")
    return ("--needs", "needs.jsonl", "--judgements", "judgements.tsv")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that has the small catalogue, with a published profile and a draft."""
    monkeypatch.setenv("PILOTMATCH_DATABASE", f"sqlite:///{tmp_path / 'own.db'}")
    database = open_database(Settings(_env_file=None))
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
        publish(session, CONSOLE, create(session, CONSOLE, "default", Document(PROFILE), "随附").id, "首次")
        create(session, CONSOLE, "city", Document(CONTRARY), "试一试")
    return database


def test_a_draft_that_harms_one_slice_is_blocked_and_the_finding_kept(
    run: Run, files: tuple[str, ...], opened: Database
) -> None:
    ended = run("gate", "city", *files)
    assert ended.code == 1
    assert "行业“食品”" in ended.err
    assert ended.err.splitlines()[-1].startswith("未通过:")
    assert not ended.err.startswith("错误")
    assert "nDCG@10" in ended.out
    with opened.reading() as session:
        draft = find(session, "city")
        _, (kept,) = gates_of(session, draft.id)
        assert (kept.verdict, draft.state) == ("blocked", "evaluated")
        assert kept.against_id == find(session, "default").id
        assert kept.judgement_set.startswith("needs@")


@pytest.mark.slow
def test_what_is_no_worse_passes(run: Run, files: tuple[str, ...], opened: Database) -> None:
    ended = run("gate", "default@1", *files, "--json")
    assert ended.code == 0
    assert "未通过" not in ended.err
    assert ended.json["verdict"] == "passed"
    assert ended.json["overall"][0]["difference"] == 0
    with opened.reading() as session:
        assert get(session, find(session, "default").id).state == "published"


@pytest.mark.slow
def test_a_file_is_held_against_the_published_profile_and_nothing_kept(
    run: Run, files: tuple[str, ...], opened: Database, tmp_path: Path
) -> None:
    (tmp_path / "recent.jsonl").write_text('{"id": "R-1", "description": "晶圆流片"}\n', encoding="utf-8")
    ended = run("gate", "contrary.json", *files, "--recent", "recent.jsonl", "--json")
    assert (ended.code, ended.json["verdict"]) == (1, "blocked")
    assert [one["need_id"] for one in ended.json["differences"]] == ["R-1"]
    assert run("gate", "same.json", *files).code == 0
    with opened.reading() as session:
        assert gates_of(session, find(session, "city").id) == (0, [])


@pytest.mark.slow
def test_too_few_needs_are_never_a_pass(run: Run, files: tuple[str, ...], opened: Database, tmp_path: Path) -> None:
    lines = (tmp_path / "judgements.tsv").read_text(encoding="utf-8").splitlines()[:5]
    (tmp_path / "judgements.tsv").write_text("\n".join(lines), encoding="utf-8")
    ended = run("gate", "same.json", *files)
    assert ended.code == 1
    assert "只有 5 条" in ended.err


def test_without_a_database(run: Run, files: tuple[str, ...], listings: str) -> None:
    """Against the shipped profile."""
    refused(run("gate", "city", *files, "--listings", listings), 1, "city")


@pytest.mark.slow
def test_a_set_of_the_database(run: Run, files: tuple[str, ...], opened: Database) -> None:
    refused(run("gate", "city", "--set", "panel"), 1, "panel")
    assert run("judgements", "import", "panel", "judgements.tsv", "--needs", "needs.jsonl", "--confirm").code == 0
    ended = run("gate", "city", "--set", "panel", "--json")
    assert (ended.code, ended.json["needs"], ended.json["verdict"]) == (1, 40, "blocked")
    with opened.reading() as session:
        _, (kept,) = gates_of(session, find(session, "city").id)
        assert kept.judgement_set.startswith("panel-1@")


def test_wrong_arguments(run: Run, files: tuple[str, ...], opened: Database, tmp_path: Path) -> None:
    refused(run("gate", "nowhere", *files), 1, "nowhere")
    refused(run("gate", "nowhere.json", *files), 2, "nowhere.json")
    refused(run("gate", "city", "--needs", "needs.jsonl"), 2, "--judgements")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    refused(run("gate", "broken.json", *files), 2, "broken.json")
    (tmp_path / "broken.json").write_text('{"weights": 1}', encoding="utf-8")
    assert run("gate", "broken.json", *files).code == 2


@pytest.mark.slow
def test_a_draft_with_another_encoder_is_encoded_once_and_for_all(
    run: Run, files: tuple[str, ...], opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the service, which finds the vectors, switches at once when it is published."""
    monkeypatch.setattr(
        "matcher.installation.load_encoder",
        lambda name, *rest: HashEncoder(name) if name == "other" else load_encoder(name, *rest),
    )
    with opened.session() as session:
        create(session, CONSOLE, "switching", Document(PROFILE, encoder_source="other"), "换编码器")
    refusal = run("gate", "switching", *files)
    assert "PILOTMATCH_ENCODERS" in refusal.err
    monkeypatch.setenv("PILOTMATCH_ENCODERS", "other")
    ended = run("gate", "switching", *files, "--json")
    report = json.loads(ended.out)
    assert report["overall"][0]["difference"] != 0
    assert any("另一编码器" in note for note in report["notes"])
    texts = {view(one) for one in LISTINGS if one.kind in SUPPLY_KINDS for view in (full_text, short_text)}
    assert len(DatabaseVectors(opened, HashEncoder("other").fingerprint)) == len(texts)
