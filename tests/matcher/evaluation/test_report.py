from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from matcher.evaluation.judgements import Judgements
from matcher.evaluation.report import Report, evaluate
from matcher.evaluation.report_tables import DIMENSIONS, HEADINGS, notes, render
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import METRICS
from matcher.evaluation.slices import NeedTraits

NEEDS = (
    NeedTraits("N1", "500 L 发酵", ("食品[发酵]",), True),
    NeedTraits("N2", "成本太高", ("化工",), False),
    NeedTraits("N3", "没有人能做", ("化工",), False),
    NeedTraits("N4", "没有标注", ("化工",), False),
)
JUDGEMENTS = Judgements({"N1": {"A": 3, "B": 0}, "N2": {"A": 0, "B": 2}, "N3": {"A": 1}, "elsewhere": {"A": 3}})
RUN = Run.from_scores({"N1": {"A": 0.9, "B": 0.1}, "N2": {"A": 0.8, "B": 0.7}, "N3": {"A": 0.2}}, tag="[red]mine")


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(RUN, JUDGEMENTS, NEEDS, kinds={"A": "platform", "B": "equipment"}, samples=500)


def printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(render(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_counts_say_what_the_means_are_over(report: Report) -> None:
    assert (report.needs, report.unjudged, report.left_out, report.unranked) == (4, 1, 1, 0)
    assert report.overall["mrr"].count == 2


def test_overall_is_hand_worked(report: Report) -> None:
    assert report.overall["mrr"].mean == pytest.approx((1 + 1 / 2) / 2)
    assert report.overall["recall@50"].mean == 1.0


def test_slices_have_their_own_figures(report: Report) -> None:
    found = {(part.dimension, part.value): part.metrics["mrr"].mean for part in report.slices}
    assert found[("wording", "explicit")] == 1.0
    assert found[("wording", "vague")] == 0.5
    assert found[("kind", "equipment")] == 0.5
    assert found[("numbers", "with")] == 1.0


def test_confidence_is_the_first_score_by_default(report: Report) -> None:
    assert report.nothing_fits is not None
    assert (report.nothing_fits.area, report.nothing_fits.unanswerable) == (1.0, 1)


def test_confidence_may_be_given() -> None:
    found = evaluate(RUN, JUDGEMENTS, NEEDS, confidence={"N1": 0.0, "N2": 0.0, "N3": 1.0}, samples=10).nothing_fits
    assert found is not None
    assert found.area == 0.0


def test_a_need_without_any_listing_is_the_least_confident() -> None:
    run = Run.from_scores({"N1": {"A": -5.0}, "N2": {"B": -7.0}, "N3": {}})
    found = evaluate(run, JUDGEMENTS, NEEDS, samples=10).nothing_fits
    assert found is not None
    assert found.area == 1.0


def test_the_same_arguments_give_the_same_report(report: Report) -> None:
    assert report == evaluate(RUN, JUDGEMENTS, NEEDS, kinds={"A": "platform", "B": "equipment"}, samples=500)


def test_a_run_that_ranks_nothing_scores_zero() -> None:
    found = evaluate(Run.from_scores({}), JUDGEMENTS, NEEDS, samples=10)
    assert found.unranked == 2
    assert [estimate.mean for estimate in found.overall.values()] == [0.0] * len(METRICS)


class TestAsDict:
    def test_is_plain_json(self, report: Report) -> None:
        plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
        assert plain["overall"]["mrr"]["mean"] == pytest.approx(0.75)
        assert plain["slices"]["wording"]["vague"]["mrr"]["count"] == 1
        assert plain["nothing_fits"]["area"] == 1.0

    def test_a_mean_over_no_need_is_null(self) -> None:
        plain = evaluate(RUN, Judgements({"N3": {"A": 1}}), NEEDS, samples=10).as_dict()
        assert json.dumps(plain, allow_nan=False)
        assert plain["overall"] == {name: {"mean": None, "low": None, "high": None, "count": 0} for name in METRICS}
        assert plain["nothing_fits"] is None


class TestRender:
    def test_headings_are_chinese_and_figures_stand_there(self, report: Report) -> None:
        text = printed(report)
        for words in ("匹配质量", "召回率@50", "点明设施或服务", "只说问题", "中试设备", "0.750", "不计入均值"):
            assert words in text

    def test_names_with_brackets_are_shown_as_they_are(self, report: Report) -> None:
        assert "[red]mine" in printed(report)

    def test_industry_with_brackets_is_shown_as_it_is(self) -> None:
        needs = [NeedTraits(f"N{i}", "", ("食品[发酵]",)) for i in range(5)]
        judgements = Judgements({need.id: {"A": 2} for need in needs})
        assert "食品[发酵]" in printed(evaluate(Run.from_scores({}), judgements, needs, samples=10))

    def test_every_metric_and_dimension_has_a_heading(self, report: Report) -> None:
        assert set(METRICS) <= set(HEADINGS)
        assert {part.dimension for part in report.slices} <= set(DIMENSIONS)

    def test_nothing_to_average_prints_a_dash(self) -> None:
        assert "–" in printed(evaluate(RUN, Judgements({"N3": {"A": 1}}), NEEDS, samples=10))

    def test_notes_name_unjudged_and_unranked_needs(self) -> None:
        lines = " ".join(notes(evaluate(Run.from_scores({}), JUDGEMENTS, NEEDS, samples=10)))
        assert "1 条没有标注" in lines
        assert "2 条没有排出任何条目" in lines
