"""Drafts on trial over a real matcher: a draft that is better for most and worse for some is caught."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from matcher.catalogue.encodings import Encodings
from matcher.errors import Conflict
from matcher.evaluation.cached_features import FeatureCache
from matcher.evaluation.gate_tables import render_gate
from matcher.evaluation.judged_sets import SHIPPED, JudgedSet
from matcher.evaluation.trials import Trial
from matcher.match import Matcher
from matcher.ranking.rules import Rule, Scope
from matcher.records import Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.evaluation.small_judged import CONTRARY, divided, document
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

HARMED = 12


@pytest.fixture(scope="module")
def trial(small_matcher: Matcher, shipped_settings: Settings) -> Trial:
    return Trial(FeatureCache(Vocabulary.load(shipped_settings)), small_matcher, document(), document(CONTRARY))


@pytest.fixture(scope="module")
def judged(trial: Trial) -> JudgedSet:
    """The draft is right about 28 needs, the published profile about the twelve of the food industry."""
    return divided(trial.matcher, trial.cache.matcher(trial.matcher, trial.after), harmed=HARMED)


class TestGate:
    def test_a_draft_with_a_rising_mean_that_harms_one_slice_is_blocked(self, trial: Trial, judged: JudgedSet) -> None:
        report = trial.gate(judged)
        assert report.overall[0].difference > 0
        assert report.verdict == "blocked"
        assert "行业“食品”" in report.why
        assert {check.value for check in report.groups if check.dimension == "industry" and check.regressed} == {"食品"}

    def test_one_that_harms_nobody_passes(self, trial: Trial, judged: JudgedSet) -> None:
        assert replace(trial, after=trial.before).gate(judged).verdict == "passed"
        good = divided(trial.matcher, trial.cache.matcher(trial.matcher, trial.after), harmed=0)
        assert trial.gate(replace(good, hash="0" * 64)).verdict == "passed"

    def test_what_changes_for_recent_needs(self, trial: Trial, judged: JudgedSet) -> None:
        recent = [Need(text="酶制剂发酵放大"), Need(text="晶圆流片", id="own")]
        report = trial.gate(judged, recent)
        assert {one.need_id for one in report.differences} == {"1", "own"}
        assert all(one.first_changed for one in report.differences)
        assert replace(trial, after=trial.before).gate(judged, recent).differences == ()

    def test_rules_and_another_encoder_are_said(self, trial: Trial, judged: JudgedSet) -> None:
        rule = Rule("r", "pin", "PF-1", "示范", "张三", "2099-01-01")
        elsewhere = replace(document(), profile=replace(document().profile, encoder="another"), rules=(rule,))
        notes = "".join(replace(trial, after=elsewhere).gate(judged).notes)
        assert "规则" in notes
        assert "编码器" in notes
        assert "规则" not in "".join(trial.gate(judged).notes)

    def test_a_draft_with_another_encoder_is_measured_with_it(
        self, trial: Trial, judged: JudgedSet, shipped_settings: Settings, tmp_path: Path
    ) -> None:
        encoder = HashEncoder("another")
        encodings = Encodings(tmp_path, encoder)
        other = Matcher.load(
            shipped_settings, LISTINGS, profile=PROFILE, encoder=encoder, encodings=encodings, source="another"
        )
        switching = replace(trial, after=replace(trial.before, encoder_source="another"))
        with pytest.raises(Conflict, match="another"):
            switching.gate(judged)
        report = replace(switching, other=other).gate(judged)
        assert report.overall[0].difference != 0
        assert "另一编码器" in "".join(report.notes)

    def test_which_share_of_the_first_ten_is_judged_stands_beside_each_group(
        self, trial: Trial, judged: JudgedSet
    ) -> None:
        report = trial.gate(judged)
        whole = next(check for check in report.overall if check.metric == "judged@10")
        assert report.overall[0].judged == (whole.before, whole.after)
        by_group = [check.judged for check in report.groups if check.dimension == "industry"]
        assert all(0 <= share <= 1 for shares in by_group for share in shares)
        assert max(by_group) > (0, 0)
        fields = report.as_dict()["groups"][0]
        assert fields["judged"].keys() == {"before", "after"}
        groups = [one for one in trial.preview(judged).groups if one.dimension == "industry"]
        assert sorted((one.judged_before, one.judged_after) for one in groups) == sorted(by_group)

    def test_rules_count(self, trial: Trial, judged: JudgedSet) -> None:
        """Whoever hides what the judges want, or pins what they don't, reads it in the figures."""
        same = replace(trial, after=trial.before)
        wanted = sorted({one for grades in judged.judgements.grades.values() for one in grades})
        hides = tuple(Rule(f"r-{one}", "hide", one, "试", "张三", "2099-01-01") for one in wanted)
        hiding = replace(same, after=replace(trial.before, rules=hides))
        assert hiding.gate(judged).verdict == "blocked"
        assert hiding.preview(judged).after["ndcg@10"] == 0
        scoped = tuple(replace(one, when=Scope(words=("没有人这样说",))) for one in hides)
        assert replace(same, after=replace(trial.before, rules=scoped)).preview(judged).changed == 0
        expired = tuple(replace(one, expires="2020-01-01") for one in hides)
        assert replace(same, after=replace(trial.before, rules=expired)).preview(judged).changed == 0

    def test_that_the_published_profile_knows_the_shipped_needs_is_said(self, trial: Trial, judged: JudgedSet) -> None:
        learnt = replace(trial, before=replace(trial.before, profile=replace(PROFILE, training={"needs": 5})))
        assert any("偏向" in note for note in learnt.gate(replace(judged, name=SHIPPED)).notes)
        assert not any("偏向" in note for note in learnt.gate(judged).notes)

    def test_a_table(self, trial: Trial, judged: JudgedSet) -> None:
        from rich.console import Console

        screen = Console(width=200, file=StringIO(), record=True)
        screen.print(render_gate(trial.gate(judged, [Need(text="晶圆流片", id="own[red]")])))
        shown = screen.export_text()
        for words in ("结论:未通过", "食品", "变差", "nDCG@10", "MRR", "own[red]", "所需类型", "→"):
            assert words in shown


class TestPreview:
    def test_judged_needs(self, trial: Trial, judged: JudgedSet) -> None:
        found = trial.preview(judged)
        assert found.needs == 40
        assert found.after["ndcg@10"] > found.before["ndcg@10"]
        assert found.changed >= HARMED
        report = trial.gate(judged)
        assert found.after["ndcg@10"] == pytest.approx(report.overall[0].after)

    def test_one_need(self, trial: Trial) -> None:
        found = trial.need(Need(text="晶圆流片"))
        assert [one.after.rank for one in found.moved] == list(range(1, 12))
        assert found.moved[0].before.rank != 1
