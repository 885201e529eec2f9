"""The gate: whether a profile may take the place of the published one, by what it does to judged needs.

It is passed only where there are enough judged needs to tell, where the mean over all of them does not fall, where no
group of them is served worse by more than a margin, and where needs that have an answer are not told more often that
nothing fits. Needs are resampled in pairs (`matcher.evaluation.bootstrap`); same runs, same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.evaluation.bootstrap import SAMPLES, compare
from matcher.evaluation.cached_features import Answers
from matcher.evaluation.gate_groups import GROUP_NEEDS, Group
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.run_differences import RunDifference
from matcher.evaluation.scores import JUDGED_METRIC, MAIN_METRIC, METRICS, RunScores, score_run
from matcher.evaluation.slices import OTHER
from matcher.records import KIND_NAMES

Verdict = Literal["passed", "blocked", "too_few"]
VERDICT_NAMES: Final[dict[Verdict, str]] = {"passed": "通过", "blocked": "未通过", "too_few": "需求太少,不能判断"}

#: With fewer judged needs that have an answer the interval of a mean difference is wider than what is looked for.
NEEDS_MIN = 30
#: What the mean nDCG@10 over all needs may lose: less than a tenth of its interval, which rounding can cost.
OVERALL_MARGIN = 0.005
#: What it may lose in a group. Ten needs lose as much when one answer in each fifth need sinks from first to second.
GROUP_MARGIN = 0.02
#: By how much more of the needs with an answer may be told that nothing fits.
SILENCE_MARGIN = 0.05
#: What is worse is said in one line; all of it stands in the groups.
SAID_MAX = 3
#: A fall of the judged share of the first ten by more than this is said: the figures then guess more than before.
JUDGED_MARGIN = 0.05

DIMENSION_NAMES: Final[Mapping[str, str]] = {
    "all": "全部",
    "wording": "表述",
    "kind": "所需类型",
    "industry": "行业",
    "region": "需求方所在地区",
    "operators": "供给方",
}
_ALL: Final = "all"
VALUE_NAMES: Final[Mapping[tuple[str, str], str]] = {
    (_ALL, _ALL): "全部",
    ("wording", "explicit"): "点明设施或服务",
    ("wording", "vague"): "只说问题",
    ("operators", "few"): "条目少的供给方",
    **{("kind", kind): name for kind, name in KIND_NAMES.items()},
    **{(dimension, OTHER): "其他" for dimension in ("industry", "region", "kind", "wording")},
}


@dataclass(frozen=True, slots=True)
class Check:
    """One metric of one group: means of the published profile and of the draft, and their paired difference.

    Attributes:
        low, high: 95 % bootstrap interval of the difference. wins, losses: needs that gain and that lose.
        enough: whether the group has needs enough to tell. regressed: whether it has, and loses more than the margin.
        judged: which share of the first ten of these needs is judged, before and after; all else counts as grade 0.
    """

    dimension: str
    value: str
    metric: str
    needs: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    enough: bool
    regressed: bool
    judged: tuple[float, float] = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate found.

    Attributes:
        why: one line, for people. needs: judged needs with an answer. unanswerable: judged needs without one.
        overall: every metric over all needs. groups: the main metric by group.
        silence: share of the needs with an answer that are told that nothing fits, before and after.
        differences: what changed among the first ten of the recent needs that were given.
    """

    verdict: Verdict
    why: str
    needs: int
    unanswerable: int
    overall: tuple[Check, ...]
    groups: tuple[Check, ...]
    silence: tuple[float, float]
    notes: tuple[str, ...] = ()
    differences: tuple[RunDifference, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON values; a mean over no need is null."""
        fields = asdict(self)
        for check in (*fields["overall"], *fields["groups"]):
            for name in ("before", "after", "difference", "low", "high"):
                check[name] = _json(check[name])
            check["judged"] = {"before": _json(check["judged"][0]), "after": _json(check["judged"][1])}
        fields["silence"] = {"before": round(self.silence[0], 6), "after": round(self.silence[1], 6)}
        margins = {"overall": OVERALL_MARGIN, "group": GROUP_MARGIN, "silence": SILENCE_MARGIN}
        return fields | {"margins": margins | {"needs": NEEDS_MIN, "group_needs": GROUP_NEEDS}}


def judge(
    before: Answers,
    after: Answers,
    judgements: Judgements,
    groups: Sequence[Group],
    differences: Iterable[RunDifference] = (),
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> GateReport:
    """Hold a draft's answers against those of the published profile, on the same needs."""
    old, new = score_run(before.run, judgements), score_run(after.run, judgements)
    overall = tuple(
        _check(_ALL, _ALL, metric, old, new, old.need_ids, margin, samples, seed)
        for metric, margin in ((name, OVERALL_MARGIN if name == MAIN_METRIC else math.inf) for name in METRICS)
    )
    overall = tuple(replace(check, judged=_judged(old, new, old.need_ids)) for check in overall)
    checks = tuple(
        replace(
            _group_check(group, before, after, judgements, samples, seed),
            judged=_judged(old, new, group.grades(judgements).need_ids),
        )
        for group in groups
    )
    silence = (_silence(before, old.need_ids), _silence(after, old.need_ids))
    verdict, why = _verdict(len(old.need_ids), overall, checks, silence)
    return GateReport(
        verdict=verdict,
        why=why,
        needs=len(old.need_ids),
        unanswerable=len(old.left_out),
        overall=overall,
        groups=checks,
        silence=silence,
        notes=tuple(_notes(overall, checks)),
        differences=tuple(differences),
    )


def _group_check(
    group: Group, before: Answers, after: Answers, judgements: Judgements, samples: int, seed: int
) -> Check:
    grades = group.grades(judgements)
    old, new = score_run(before.run, grades), score_run(after.run, grades)
    return _check(group.dimension, group.value, MAIN_METRIC, old, new, old.need_ids, GROUP_MARGIN, samples, seed)


def _check(
    dimension: str,
    value: str,
    metric: str,
    old: RunScores,
    new: RunScores,
    need_ids: Collection[str],
    margin: float,
    samples: int,
    seed: int,
) -> Check:
    theirs, ours = old.of(metric, need_ids), new.of(metric, need_ids)
    found = compare(ours, theirs, samples=samples, seed=seed)
    enough = len(ours) >= GROUP_NEEDS
    means = [_mean(values) for values in (theirs, ours)]
    return Check(
        dimension=dimension,
        value=value,
        metric=metric,
        needs=len(ours),
        before=means[0],
        after=means[1],
        difference=found.difference.mean,
        low=found.difference.low,
        high=found.difference.high,
        wins=found.wins,
        losses=found.losses,
        enough=enough,
        regressed=enough and found.difference.mean < -margin,
    )


def _judged(old: RunScores, new: RunScores, need_ids: Collection[str]) -> tuple[float, float]:
    """Judged by whoever it was: in a group of listings the others are not unjudged."""
    return _mean(old.of(JUDGED_METRIC, need_ids)), _mean(new.of(JUDGED_METRIC, need_ids))


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _json(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _silence(answers: Answers, need_ids: Sequence[str]) -> float:
    told = sum(answers.coverage.get(need_id, "none") == "none" for need_id in need_ids)
    return told / len(need_ids) if need_ids else 0.0


def _verdict(
    needs: int, overall: Sequence[Check], groups: Sequence[Check], silence: tuple[float, float]
) -> tuple[Verdict, str]:
    if needs < NEEDS_MIN:
        return "too_few", f"已标注且有合适条目的需求只有 {needs} 条,至少要 {NEEDS_MIN} 条才能判断"
    worse = [_said(check) for check in (*overall, *groups) if check.regressed]
    if silence[1] - silence[0] > SILENCE_MARGIN:
        worse.append(f"有合适条目却被告知“没有合适的”的需求从 {silence[0]:.0%} 升到 {silence[1]:.0%}")
    if worse:
        more = f";另有 {len(worse) - SAID_MAX} 处,见分组" if len(worse) > SAID_MAX else ""
        return "blocked", ";".join(worse[:SAID_MAX]) + more
    main = _main(overall)
    interval = f"{main.low:+.4f}–{main.high:+.4f}"
    return "passed", f"nDCG@10 {main.difference:+.4f}(95% 区间 {interval},{needs} 条需求),没有分组变差"


def _said(check: Check) -> str:
    margin = OVERALL_MARGIN if check.dimension == _ALL else GROUP_MARGIN
    return (
        f"{group_name(check)}({check.needs} 条需求)的 nDCG@10 从 {check.before:.3f} 降到 {check.after:.3f},"
        f"降幅 {-check.difference:.3f} 超过容许的 {margin:g}"
    )


def _notes(overall: Sequence[Check], groups: Sequence[Check]) -> Iterable[str]:
    main = _main(overall)
    if main.needs and not main.regressed and main.low < 0 < main.high:
        yield "总体差异的区间包含 0:变化可能出于偶然"
    judged = next(check for check in overall if check.metric == JUDGED_METRIC)
    if judged.difference < -JUDGED_MARGIN:
        yield f"前 10 名中已标注的比例从 {judged.before:.0%} 降到 {judged.after:.0%}:未标注的按不合适计,宜先补标注"
    few = [group_name(check) for check in groups if not check.enough]
    if few:
        yield f"需求不足 {GROUP_NEEDS} 条、未单独判断的分组:{'、'.join(few)}"


def _main(overall: Sequence[Check]) -> Check:
    return next(check for check in overall if check.metric == MAIN_METRIC)


class Grouped(Protocol):
    """What is of a group: checks of the gate, means of a preview."""

    @property
    def dimension(self) -> str: ...

    @property
    def value(self) -> str: ...


def group_name(one: Grouped) -> str:
    """As people say it: 行业“半导体”."""
    dimension = DIMENSION_NAMES.get(one.dimension, one.dimension)
    value = VALUE_NAMES.get((one.dimension, one.value), one.value)
    return dimension if one.dimension == _ALL else f"{dimension}“{value}”"
