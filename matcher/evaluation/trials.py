"""A draft on trial: the gate and the preview, each over the features of one cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from matcher.evaluation.cached_features import FeatureCache, Progress
from matcher.evaluation.gate import GateReport, judge
from matcher.evaluation.gate_groups import Group, groups_of
from matcher.evaluation.judged_sets import SHIPPED, JudgedSet
from matcher.evaluation.metrics import NDCG_DEPTH
from matcher.evaluation.preview import JudgedPreview, NeedPreview, judged_preview, need_preview
from matcher.evaluation.run_differences import RunDifference, run_differences
from matcher.evaluation.runs import Run
from matcher.match import OTHER_ENCODER, Matcher
from matcher.ranking.documents import Document
from matcher.records import Need
from matcher.today import today as present_day


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft against the published profile, over the catalogue of one matcher.

    Attributes:
        matcher: of the catalogue; by which profile it ranks does not matter, but it must have the re-ranker where
            one of the two reads.
        other: of the same catalogue with the draft's encoder, where that is another one.
    """

    cache: FeatureCache
    matcher: Matcher
    before: Document
    after: Document
    other: Matcher | None = None

    def gate(
        self,
        judged: JudgedSet,
        recent: Sequence[Need] = (),
        today: date | None = None,
        progress: Progress | None = None,
    ) -> GateReport:
        """What the gate says, with what changes among the first ten of recent needs."""
        today, (old, new) = today or present_day(), self._matchers()
        before = self.cache.of(self.matcher, self.before, judged, progress).answers(old, today)
        after = self.cache.of(self._second, self.after, judged, progress).answers(new, today)
        report = judge(before, after, judged.judgements, self._groups(judged), self._differences(recent))
        return replace(report, notes=(*report.notes, *self._notes(judged)))

    def preview(self, judged: JudgedSet, today: date | None = None) -> JudgedPreview:
        """What changes on judged needs, over all of them and by group."""
        today, (old, new) = today or present_day(), self._matchers()
        before = self.cache.of(self.matcher, self.before, judged).answers(old, today)
        after = self.cache.of(self._second, self.after, judged).answers(new, today)
        return judged_preview(before, after, judged.judgements, self._groups(judged))

    def need(self, need: Need, today: date | None = None) -> NeedPreview:
        """What changes for one need; errors as for `Reader.read`."""
        today, (old, new) = today or present_day(), self._matchers()
        before = (self.cache.one(self.matcher, self.before, need), old)
        return need_preview(before, (self.cache.one(self._second, self.after, need), new), today)

    def _groups(self, judged: JudgedSet) -> tuple[Group, ...]:
        return groups_of(judged, self.matcher.catalogue.supply, self.matcher.tables.regions)

    def _matchers(self) -> tuple[Matcher, Matcher]:
        return self.cache.matcher(self.matcher, self.before), self.cache.matcher(self._second, self.after)

    @property
    def _second(self) -> Matcher:
        return self.other or self.matcher

    def _differences(self, recent: Sequence[Need]) -> list[RunDifference]:
        needs = {need.id or str(number): need for number, need in enumerate(recent, 1)}
        old, new = (
            Run.from_rankings({own: _first(matcher, needs[own]) for own in needs}) for matcher in self._matchers()
        )
        return run_differences(old, new, needs)

    def _notes(self, judged: JudgedSet) -> list[str]:
        notes = []
        if judged.name == SHIPPED and self.before.profile.training and self.before.profile != self.after.profile:
            notes.append("已发布方案学习时用过这些需求,数字偏向它;宜用学习之后另外标注的需求复核")
        if self.after.rules != self.before.rules:
            notes.append("置顶、屏蔽规则与已发布的不同,已计入排名:被置顶而没有标注的条目按不合适计")
        if OTHER_ENCODER in self._matchers()[1].notes:
            notes.append("草稿是在另一编码器上学得的,这里的数字用的是正在服务的编码器")
        if self.after.encoder_source != self.before.encoder_source:
            notes.append("草稿换用另一编码器;发布后在后台换用,向量齐备之前仍按已发布方案回答")
        return notes


def _first(matcher: Matcher, need: Need) -> list[str]:
    answer = matcher.match(need, top=NDCG_DEPTH, explained=False, strict=False)
    return [found.listing.id for found in answer.matches]
