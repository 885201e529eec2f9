from __future__ import annotations

from matcher.evaluation.judgements import Judgements
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import MAIN_METRIC, METRICS, score_run

JUDGEMENTS = Judgements({"N2": {"A": 3}, "N1": {"A": 2, "B": 1}, "N3": {"A": 1, "B": 0}})
RUN = Run.from_scores({"N1": {"A": 1.0, "B": 0.5}, "N3": {"A": 1.0}, "N9": {"A": 1.0}})


def test_needs_without_an_answer_are_left_out_and_named() -> None:
    scores = score_run(RUN, JUDGEMENTS)
    assert scores.need_ids == ("N1", "N2")
    assert scores.left_out == ("N3",)


def test_a_need_the_run_did_not_rank_scores_zero() -> None:
    scores = score_run(RUN, JUDGEMENTS)
    assert scores.unranked == 1
    for metric in METRICS:
        assert scores.values[metric][1] == 0.0
    assert scores.values["mrr"].mean() == 0.5


def test_only_the_needs_asked_for() -> None:
    scores = score_run(RUN, JUDGEMENTS, ["N1", "N3", "unjudged"])
    assert scores.need_ids == ("N1",)
    assert scores.left_out == ("N3",)


def test_scores_of_some_needs_keep_the_order() -> None:
    scores = score_run(RUN, JUDGEMENTS)
    assert scores.of("mrr", {"N2", "N1", "N9"}).tolist() == [1.0, 0.0]
    assert scores.of("mrr", {"N2"}).tolist() == [0.0]


def test_no_need_at_all() -> None:
    scores = score_run(RUN, Judgements({}))
    assert scores.need_ids == ()
    assert scores.values[MAIN_METRIC].shape == (0,)
