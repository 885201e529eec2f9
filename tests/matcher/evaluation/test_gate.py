"""The gate's verdicts on runs whose figures are known."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.evaluation.cached_features import Answers
from matcher.evaluation.gate import (
    GROUP_MARGIN,
    NEEDS_MIN,
    OVERALL_MARGIN,
    SILENCE_MARGIN,
    GateReport,
    group_name,
    judge,
)
from matcher.evaluation.gate_groups import GROUP_NEEDS, Group
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.run_differences import run_differences
from matcher.evaluation.runs import Run
from matcher.records import Coverage

COUNT = 60
IDS = [f"N{number:02}" for number in range(COUNT)]
JUDGEMENTS = Judgements({need_id: {"right": 3, "wrong": 0} for need_id in IDS})
FOOD = Group("industry", "食品", frozenset(IDS[:12]))
REST = Group("industry", "化工", frozenset(IDS[12:]))
GROUPS = (FOOD, REST)


def answers(right: Iterable[str], silent: Iterable[str] = (), need_ids: Iterable[str] = IDS) -> Answers:
    """The right listing first for some needs, second for the others; the answers of some say that nothing fits."""
    good, quiet = set(right), set(silent)
    rankings = {one: ["right", "wrong"] if one in good else ["wrong", "right"] for one in need_ids}
    coverage: dict[str, Coverage] = {one: "none" if one in quiet else "good" for one in need_ids}
    return Answers(Run.from_rankings(rankings), coverage)


def verdict(before: Answers, after: Answers, judgements: Judgements = JUDGEMENTS) -> GateReport:
    return judge(before, after, judgements, GROUPS, samples=500)


class TestVerdicts:
    def test_the_same_answers_pass(self) -> None:
        report = verdict(answers(IDS[:30]), answers(IDS[:30]))
        assert report.verdict == "passed"
        assert all(check.difference == 0 and not check.regressed for check in (*report.overall, *report.groups))

    def test_better_everywhere_passes(self) -> None:
        report = verdict(answers(IDS[:30]), answers(IDS[:40]))
        main = report.overall[0]
        assert (report.verdict, main.metric) == ("passed", "ndcg@10")
        assert main.wins == 10
        assert main.losses == 0
        assert 0 < main.low < main.difference < main.high
        assert f"{main.difference:+.4f}" in report.why

    def test_a_rising_mean_that_harms_one_group_is_blocked(self) -> None:
        """Planted: 25 needs gain, five of the twelve food needs lose."""
        report = verdict(answers(IDS[:20]), answers([*IDS[5:20], *IDS[30:55]]))
        assert report.overall[0].difference > 0.1
        assert report.verdict == "blocked"
        (worse,) = [check for check in (*report.overall, *report.groups) if check.regressed]
        assert (worse.value, worse.needs, worse.losses) == ("食品", 12, 5)
        assert worse.difference < -GROUP_MARGIN
        assert "行业“食品”(12 条需求)" in report.why
        assert "化工" not in report.why

    def test_a_falling_mean_is_blocked(self) -> None:
        report = verdict(answers(IDS[:40]), answers(IDS[:35]))
        assert report.verdict == "blocked"
        assert report.overall[0].regressed
        assert report.overall[0].difference < -OVERALL_MARGIN
        assert report.why.startswith("全部(60 条需求)")

    def test_what_is_worse_is_said_in_one_line(self) -> None:
        many = [Group("region", str(number), frozenset(IDS[:12])) for number in range(5)]
        report = judge(answers(IDS), answers(IDS[12:]), JUDGEMENTS, many, samples=100)
        assert report.why.count("超过容许") == 3
        assert report.why.endswith("另有 3 处,见分组")

    def test_only_the_main_metric_blocks(self) -> None:
        report = verdict(answers(IDS[:40]), answers(IDS[:35]))
        assert [check.metric for check in report.overall if check.regressed] == ["ndcg@10"]

    def test_a_group_with_few_needs_is_named_but_blocks_nothing(self) -> None:
        few = Group("region", "青海省", frozenset(IDS[: GROUP_NEEDS - 1]))
        report = judge(answers(IDS[:20]), answers(IDS[5:45]), JUDGEMENTS, [few], samples=500)
        assert report.verdict == "passed"
        assert not report.groups[0].enough
        assert report.groups[0].difference < -GROUP_MARGIN
        assert any("青海省" in note for note in report.notes)

    @pytest.mark.parametrize("count", [0, 1, NEEDS_MIN - 1])
    def test_with_few_needs_nothing_passes(self, count: int) -> None:
        kept = JUDGEMENTS.kept(IDS[:count])
        report = verdict(answers(()), answers(IDS), kept)
        assert report.verdict == "too_few"
        assert str(NEEDS_MIN) in report.why
        json.dumps(report.as_dict(), allow_nan=False)

    def test_needs_without_an_answer_do_not_count(self) -> None:
        grades = {one: {"right": 3 if place < NEEDS_MIN - 1 else 1} for place, one in enumerate(IDS)}
        report = verdict(answers(IDS), answers(IDS), Judgements(grades))
        assert (report.verdict, report.needs, report.unanswerable) == ("too_few", 29, 31)
        assert verdict(answers(IDS), answers(IDS), JUDGEMENTS.kept(IDS[:NEEDS_MIN])).verdict == "passed"

    def test_saying_nothing_fits_where_something_does_is_blocked(self) -> None:
        allowed = int(SILENCE_MARGIN * COUNT)
        assert verdict(answers(IDS), answers(IDS, silent=IDS[:allowed])).verdict == "passed"
        report = verdict(answers(IDS), answers(IDS, silent=IDS[: allowed + 1]))
        assert (report.verdict, report.silence) == ("blocked", (0.0, (allowed + 1) / COUNT))
        assert "没有合适的" in report.why

    def test_answers_of_small_operators_are_watched(self) -> None:
        grades = {one: {"large": 3, "small": 3} for one in IDS}
        before = Answers(Run.from_rankings({one: ["small", "large"] for one in IDS}), dict.fromkeys(IDS, "good"))
        after = Answers(Run.from_rankings({one: ["large", "small"] for one in IDS}), dict.fromkeys(IDS, "good"))
        group = Group("operators", "few", frozenset(IDS), frozenset({"small"}))
        report = judge(before, after, Judgements(grades), [group], samples=200)
        assert report.overall[0].difference == 0
        assert report.verdict == "blocked"
        assert "条目少的供给方" in report.why


class TestNotes:
    def test_chance(self) -> None:
        few = judge(answers(IDS[20:29]), answers(IDS[30:40]), JUDGEMENTS, (), samples=500)
        assert few.verdict == "passed"
        assert any("偶然" in note for note in few.notes)
        many = verdict(answers(IDS[:30]), answers(IDS))
        assert not any("偶然" in note for note in many.notes)

    def test_guesses(self) -> None:
        unjudged = {one: ["right", "x", "y"] for one in IDS}
        after = Answers(Run.from_rankings(unjudged), dict.fromkeys(IDS, "good"))
        assert any("已标注" in note for note in verdict(answers(IDS), after).notes)


class TestReport:
    def test_json_has_the_margins_and_the_changes(self) -> None:
        before, after = answers(IDS[:20]), answers(IDS[5:45])
        differences = run_differences(before.run, after.run, IDS[:3])
        report = judge(before, after, JUDGEMENTS, GROUPS, differences, samples=200)
        fields = json.loads(json.dumps(report.as_dict(), allow_nan=False))
        assert fields["margins"]["group"] == GROUP_MARGIN
        assert fields["verdict"] == report.verdict
        assert [one["need_id"] for one in fields["differences"]] == IDS[:3]
        assert fields["differences"][0]["moved"] == [["wrong", 2, 1], ["right", 1, 2]]
        assert {check["value"] for check in fields["groups"]} == {"食品", "化工"}

    def test_same_runs_same_report(self) -> None:
        one, two = (verdict(answers(IDS[:20]), answers(IDS[5:45])) for _ in range(2))
        assert one == two

    def test_names_for_people(self) -> None:
        report = judge(answers(IDS), answers(IDS), JUDGEMENTS, [Group("kind", "platform", frozenset(IDS))], samples=100)
        assert group_name(report.groups[0]) == "所需类型“中试平台”"
        assert group_name(report.overall[0]) == "全部"


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)))
def test_what_passes_harms_no_group(before: set[str], after: set[str]) -> None:
    report = judge(answers(before), answers(after), JUDGEMENTS, GROUPS, samples=50)
    lost = {group.value: len(group.need_ids & before) - len(group.need_ids & after) for group in GROUPS}
    # One need more in twelve costs 0.03.
    assert (report.verdict == "passed") == (lost["食品"] <= 0 and lost["化工"] <= 2 and sum(lost.values()) <= 0)
