"""When a figure rings, and what thresholds can't be."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.watching.figures import METRICS, Figures, Metric
from matcher.catalogue.watching.latency import bucket_of
from matcher.catalogue.watching.thresholds import (
    BUILT_IN,
    CHANCE,
    Threshold,
    Thresholds,
    chance,
    put_thresholds,
    read,
    thresholds,
    thresholds_from,
)
from matcher.errors import InvalidInput, Outdated


def of(answers: int = 1000, ms: float = 10, **counts: int) -> Figures:
    return Figures(answers=answers, latency={bucket_of(ms): answers} if answers else {}, **counts)


class TestRinging:
    @pytest.mark.parametrize(
        ("metric", "before", "after"),
        [
            ("zero", of(zero=10), of(zero=400)),
            ("nothing", of(nothing=100), of(nothing=500)),
            ("errors", of(), of(errors=40)),
            ("errors", None, of(errors=100)),
            ("p95", of(ms=100), of(ms=400)),
            ("p95", None, of(ms=5000)),
            ("enquiries", of(enquiries=100), of(enquiries=20)),
        ],
    )
    def test_what_is_too_bad_rings(self, metric: Metric, before: Figures | None, after: Figures) -> None:
        found = read(metric, BUILT_IN[metric], before, after)
        assert found.reason
        assert read(metric, BUILT_IN[metric], after, after if metric == "enquiries" else of()).reason is None

    @pytest.mark.parametrize("metric", METRICS)
    def test_what_stays_as_it_was_does_not(self, metric: Metric) -> None:
        usual = of(zero=300, nothing=500, errors=10, enquiries=50, ms=900)
        assert read(metric, BUILT_IN[metric], usual, usual).reason is None

    @pytest.mark.parametrize("metric", METRICS)
    def test_what_gets_better_does_not(self, metric: Metric) -> None:
        bad = of(zero=900, nothing=900, errors=40, enquiries=0, ms=900)
        good = of(enquiries=900, ms=10)
        assert read(metric, BUILT_IN[metric], bad, good).reason is None

    def test_few_requests_do_not(self) -> None:
        bad, rule = of(199, zero=199), BUILT_IN["zero"]
        assert read("zero", rule, of(), bad).reason is None
        assert read("zero", rule, of(199), of(zero=1000)).reason is None, "nothing to hold it against"
        assert read("zero", rule, of(200), of(200, zero=200)).reason

    def test_errors_count_as_requests(self) -> None:
        assert read("errors", BUILT_IN["errors"], None, Figures(errors=100)).reason

    def test_what_may_be_chance_does_not(self) -> None:
        rule = Threshold("hard", None, 0.1, 20)
        assert read("zero", rule, of(20, zero=2), of(20, zero=6)).reason is None
        assert read("zero", rule, of(2000, zero=200), of(2000, zero=600)).reason

    def test_switched_off_it_does_not(self) -> None:
        assert read("zero", Threshold("off", 0.1, 0.1, 1), of(), of(zero=1000)).reason is None

    def test_without_limits_it_does_not(self) -> None:
        assert read("zero", Threshold("hard", None, None, 1), of(), of(zero=1000)).reason is None

    def test_at_the_limit_it_does_not_beyond_it_does(self) -> None:
        rule = Threshold("soft", 0.5, None, 1)
        assert read("zero", rule, None, of(zero=500)).reason is None
        assert "50.1%,超过限值 50.0%" in (read("zero", rule, None, of(zero=501)).reason or "")
        assert "低于限值" in (read("enquiries", rule, None, of(enquiries=499)).reason or "")
        assert read("enquiries", rule, None, of(enquiries=500)).reason is None

    def test_it_says_what_was_before_and_what_is(self) -> None:
        found = read("nothing", BUILT_IN["nothing"], of(nothing=100), of(nothing=600))
        assert found.reason == "60.0%,此前为 10.0%,变化超过 25 个百分点"
        assert (found.before, found.after) == (0.1, 0.6)
        assert "毫秒" in (read("p95", BUILT_IN["p95"], of(ms=100), of(ms=1000)).reason or "")


class TestChance:
    def test_known_value(self) -> None:
        # 15 of 100 against 25 of 100: pooled 0.2, standard error 0.0566.
        assert chance((15, 100), (25, 100)) == pytest.approx(0.1 / math.sqrt(0.2 * 0.8 * 0.02))

    @given(st.integers(1, 500), st.integers(1, 500), st.data())
    @settings(max_examples=100, deadline=None)
    def test_turned_round_it_changes_its_sign(self, one: int, other: int, data: st.DataObject) -> None:
        low = data.draw(st.integers(0, one)), one
        high = data.draw(st.integers(0, other)), other
        assert chance(low, high) == pytest.approx(-chance(high, low))

    def test_nobody_and_everybody_tell_nothing(self) -> None:
        assert chance((0, 10), (0, 20)) == chance((10, 10), (20, 20)) == 0

    def test_more_enquiries_than_answers(self) -> None:
        assert chance((100, 100), (300, 100)) > CHANCE


class TestStored:
    def test_built_in_until_somebody_changes_them(self, database: Database) -> None:
        with database.session() as session:
            assert thresholds(session) == (Thresholds(), 0)
            wanted = thresholds_from({"before_days": 3, "metrics": {"zero": {"level": "soft", "least": 5}}})
            assert wanted.metrics["zero"] == Threshold("soft", None, 0.2, 5)
            assert wanted.metrics["p95"] == BUILT_IN["p95"]
            assert put_thresholds(session, CONSOLE, wanted, 0) == 1
        with database.session() as session:
            assert thresholds(session) == (wanted, 1)
            assert put_thresholds(session, CONSOLE, Thresholds(), 1) == 2
            assert [one.action for one in read_audit(session)] == ["watch.thresholds"] * 2

    @pytest.mark.parametrize("seen", [0, 1, 3])
    def test_who_saw_others_is_told(self, database: Database, seen: int) -> None:
        with database.session() as session:
            put_thresholds(session, CONSOLE, Thresholds(), 0)
            put_thresholds(session, CONSOLE, Thresholds(), 1)
        with database.session() as session, pytest.raises(Outdated):
            put_thresholds(session, CONSOLE, Thresholds(before_days=1), seen)
        with database.reading() as session:
            assert thresholds(session) == (Thresholds(), 2)

    def test_as_json_and_back(self) -> None:
        wanted = Thresholds(watch_days=30)
        assert thresholds_from(wanted.as_dict()) == wanted

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"before_days": 0}, "before_days"),
            ({"before_days": True}, "before_days"),
            ({"watch_days": 91}, "watch_days"),
            ({"watch_days": 1.5}, "watch_days"),
            ({"metrics": {"colour": {}}}, "metrics"),
            ({"metrics": {"zero": {"level": "loud"}}}, "metrics.zero.level"),
            ({"metrics": {"zero": {"limit": math.nan}}}, "metrics.zero.limit"),
            ({"metrics": {"zero": {"limit": -0.1}}}, "metrics.zero.limit"),
            ({"metrics": {"p95": {"worse": math.inf}}}, "metrics.p95.worse"),
            ({"metrics": {"p95": {"worse": True}}}, "metrics.p95.worse"),
            ({"metrics": {"p95": {"least": 0}}}, "metrics.p95.least"),
            ({"metrics": {"p95": {"least": "9"}}}, "metrics.p95.least"),
        ],
    )
    def test_what_can_not_be_used_is_named(self, fields: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            thresholds_from(fields)
        assert caught.value.field == field
