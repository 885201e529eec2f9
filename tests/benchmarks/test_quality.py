from __future__ import annotations

from pathlib import Path

import pytest
from rich.progress import Progress

from matcher.evaluation.judgements import Judgements
from matcher.evaluation.runs import Run, write_run
from matcher.evaluation.scores import MAIN_METRIC
from matcher.evaluation.slices import NeedTraits
from tests.benchmarks.quality import Judge, judge_ours, judge_system
from tests.benchmarks.rivals import ours
from tests.benchmarks.rivals.systems import System
from tests.benchmarks.rivals.task import Task, read_rows
from tests.benchmarks.test_rivals import ANSWERS, NEEDS, TEXTS, unit_vectors

LISTINGS = Path(__file__).parents[2] / "datasets" / "listings.jsonl"


@pytest.fixture
def judge() -> Judge:
    judgements = Judgements({need: dict.fromkeys(TEXTS, 0) | {ANSWERS[need]: 3} for need in NEEDS})
    return Judge(judgements, [NeedTraits(need) for need in NEEDS], {})


@pytest.fixture
def task() -> Task:
    vectors = unit_vectors([[1, 0], [0, 1], [1, 1], [1, -1]])
    return Task(tuple(TEXTS), tuple(TEXTS.values()), vectors, tuple(NEEDS), tuple(NEEDS.values()), vectors[:2])


def perfect() -> Run:
    return Run.from_rankings({need: [answer] for need, answer in ANSWERS.items()})


def mean(judge: Judge, run: Run) -> float:
    report = judge.entry("x", "", "", run).report
    assert report
    return report.overall[MAIN_METRIC].mean


def test_others_are_compared_with_ours(judge: Judge) -> None:
    ours = judge.entry("PilotMatch", "", "", perfect(), is_ours=True)
    other = judge.entry("x", "", "", Run.from_rankings({}))
    assert ours.against is None
    assert other.against
    assert other.against.difference.mean == 1.0


def test_without_ours_there_is_nothing_to_compare(judge: Judge) -> None:
    assert judge.entry("x", "", "", perfect()).against is None


def test_unjudged_listings_are_taken_out_for_the_check(judge: Judge) -> None:
    run = Run.from_rankings({need: ["nobody-knows", answer] for need, answer in ANSWERS.items()})
    entry = judge.entry("x", "", "", run)
    assert entry.condensed
    assert entry.condensed.mean == 1.0
    assert mean(judge, run) < 1.0


def test_a_system_that_is_not_installed_says_so(judge: Judge, task: Task) -> None:
    with Progress(disable=True) as progress:
        entry = judge_system(System("x", "", "dense", packages=("no-such-package",)), task, judge, progress)
    assert entry.problem == "not installed"
    assert entry.report is None


def test_a_system_that_fails_says_why(judge: Judge, task: Task) -> None:
    with Progress(disable=True) as progress:
        entry = judge_system(System("x", "", "dense", function="no_such_function"), task, judge, progress)
    assert entry.problem
    assert entry.problem.startswith("failed: AttributeError")


def test_a_system_is_run_and_judged(judge: Judge, task: Task) -> None:
    with Progress(disable=True) as progress:
        entry = judge_system(System("Dense", "", "dense"), task, judge, progress)
        assert progress.tasks[0].completed == len(NEEDS)
    assert entry.report
    assert entry.report.overall["mrr"].mean == 1.0


def test_ours_may_come_from_a_file(judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    write_run(perfect(), path)
    entry = judge_ours(judge, tmp_path / "needs.jsonl", [], path)
    assert entry.report
    assert entry.report.overall["mrr"].mean == 1.0
    assert judge.ours is not None


@pytest.mark.slow
def test_ours_fails_in_the_command_s_own_words(tmp_path: Path) -> None:
    with pytest.raises(ours.CommandFailed, match=r"no-needs\.jsonl"):
        ours.rank(tmp_path / "no-needs.jsonl", read_rows(LISTINGS)[:1])
