from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from matcher.errors import InvalidInput
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.nothing_fits import area_under_roc, separation

JUDGEMENTS = Judgements({"Y1": {"A": 2}, "Y2": {"A": 3}, "N1": {"A": 1}, "N2": {"A": 0}})


def test_hand_worked() -> None:
    # Of the four pairs three are right and one is a tie.
    found = separation({"Y1": 0.9, "Y2": 0.4, "N1": 0.4, "N2": 0.1}, JUDGEMENTS)
    assert found is not None
    assert found.area == pytest.approx(3.5 / 4)
    assert (found.answerable, found.unanswerable) == (2, 2)
    assert 0.0 <= found.low <= found.area <= found.high <= 1.0


def test_full_and_reversed_separation() -> None:
    high, low = np.array([0.8, 0.9]), np.array([0.1, 0.2, 0.3])
    assert area_under_roc(high, low) == 1.0
    assert area_under_roc(low, high) == 0.0


def test_equals_scikit_learn() -> None:
    random = np.random.default_rng(5)
    positives = random.integers(0, 12, 70).astype(float)
    negatives = random.integers(0, 9, 40).astype(float)
    truth = np.r_[np.ones(70), np.zeros(40)]
    expected = roc_auc_score(truth, np.r_[positives, negatives])
    assert area_under_roc(positives, negatives) == pytest.approx(expected)


def test_unjudged_needs_do_not_count() -> None:
    with_more = separation({"Y1": 1.0, "N1": 0.0, "unjudged": 5.0}, JUDGEMENTS)
    assert with_more is not None
    assert (with_more.area, with_more.answerable, with_more.unanswerable) == (1.0, 1, 1)


@pytest.mark.parametrize("confidence", [{}, {"Y1": 1.0}, {"N1": 1.0}])
def test_one_side_alone_says_nothing(confidence: dict[str, float]) -> None:
    assert separation(confidence, JUDGEMENTS) is None


def test_refuses_a_confidence_without_order() -> None:
    with pytest.raises(InvalidInput, match="把握"):
        separation({"Y1": float("nan"), "N1": 0.0}, JUDGEMENTS)
