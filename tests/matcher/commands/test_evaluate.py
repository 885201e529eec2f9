"""`pilotmatch evaluate`: figures of the small catalogue, whose answers are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matcher.commands.conftest import Run, refused

NEEDS = (
    '{"id": "N-1", "description": "酶制剂发酵放大,GMP,广东", "explicit": true, "industry": ["生物制造"]}',
    '{"id": "N-2", "description": "8英寸MEMS晶圆流片", "explicit": false, "industry": ["集成电路"]}',
    '{"id": "N-3", "description": "火星车轮", "explicit": false}',
)
JUDGEMENTS = ("N-1 0 PF-1 3", "N-1 0 EQ-2 0", "N-2 0 PF-5 3", "N-3 0 PF-3 0")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "needs.jsonl").write_text("\n".join(NEEDS), encoding="utf-8")
    (tmp_path / "judgements.tsv").write_text("\n".join(JUDGEMENTS).replace(" ", "\t"), encoding="utf-8")
    return ("--needs", "needs.jsonl", "--judgements", "judgements.tsv")


def test_json(run: Run, files: tuple[str, ...], listings: str) -> None:
    ended = run("evaluate", *files, "--listings", listings, "--json")
    assert ended.code == 0
    report = ended.json
    assert set(report) >= {"tag", "needs", "overall", "slices", "unjudged", "left_out", "unranked"}
    assert report["needs"] == 3
    assert report["left_out"] == 1
    assert set(report["overall"]) >= {"ndcg@10", "recall@50", "mrr"}
    for name in ("ndcg@10", "recall@50", "mrr"):
        figure = report["overall"][name]
        assert set(figure) == {"mean", "low", "high", "count"}
        assert (figure["mean"], figure["count"]) == (pytest.approx(1.0), 2)
    assert {"wording", "industry"} <= set(report["slices"])


def test_a_table(run: Run, files: tuple[str, ...], listings: str) -> None:
    ended = run("evaluate", *files, "--listings", listings)
    assert ended.code == 0
    assert "nDCG@10" in ended.out or "ndcg@10" in ended.out
    assert "1.000" in ended.out


def test_a_need_that_can_not_be_read_is_named_and_the_others_judged(
    run: Run, files: tuple[str, ...], listings: str, tmp_path: Path
) -> None:
    with (tmp_path / "needs.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "N-4", "description": "。。。"}')
    ended = run("evaluate", *files, "--listings", listings, "--json")
    assert "N-4" in ended.err
    assert ended.json["overall"]["mrr"]["count"] == 2


@pytest.mark.parametrize("missing", ["--needs", "--judgements", "--listings"])
def test_files_that_are_not_there(run: Run, files: tuple[str, ...], listings: str, missing: str) -> None:
    arguments = dict(zip(files[::2], files[1::2], strict=True)) | {"--listings": listings, missing: "nowhere"}
    refused(run("evaluate", *(word for pair in arguments.items() for word in pair)), 2, "nowhere")


def test_both_files_must_be_given(run: Run) -> None:
    ended = run("evaluate")
    assert ended.code == 2
    assert "--needs" in ended.err


def test_broken_judgements(run: Run, files: tuple[str, ...], listings: str, tmp_path: Path) -> None:
    (tmp_path / "judgements.tsv").write_text("N-1 0 PF-1 many\n", encoding="utf-8")
    ended = run("evaluate", *files, "--listings", listings)
    assert ended.code in (1, 2)
    refused(ended, ended.code, "1")
