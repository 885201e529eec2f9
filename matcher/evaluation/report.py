"""Report: one run's figures on judged needs, over all and by slice, each with its interval."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from matcher.evaluation.bootstrap import SAMPLES, Estimate, mean_estimate
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.nothing_fits import Separation, separation
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import METRICS, RunScores, score_run
from matcher.evaluation.slices import IndustryOf, NeedTraits, first_industry, slices_of
from matcher.records import Kind


@dataclass(frozen=True, slots=True)
class SliceReport:
    """The figures of one slice; metric name → estimate."""

    dimension: str
    value: str
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Report:
    """What `evaluate` found.

    Attributes:
        tag: the run's tag.
        needs: how many needs were asked about, judged or not.
        unjudged: how many of them nobody judged; they are in no figure.
        left_out: how many have judgements but no grade ≥ 2; they are in no mean, only in `nothing_fits`.
        unranked: how many of the rest the run ranked nothing for; they count as 0 in every mean.
        overall: metric name → estimate over the needs that have an answer.
        slices: the same by slice.
        nothing_fits: how well confidence tells needs with an answer from needs without; None where one kind is missing.
    """

    tag: str
    needs: int
    unjudged: int
    left_out: int
    unranked: int
    overall: Mapping[str, Estimate]
    slices: tuple[SliceReport, ...]
    nothing_fits: Separation | None

    def as_dict(self) -> dict[str, object]:
        """Plain numbers for JSON; a mean over no need is null."""
        slices: dict[str, dict[str, object]] = {}
        for part in self.slices:
            slices.setdefault(part.dimension, {})[part.value] = _plain(part.metrics)
        return {
            "tag": self.tag,
            "needs": self.needs,
            "unjudged": self.unjudged,
            "left_out": self.left_out,
            "unranked": self.unranked,
            "overall": _plain(self.overall),
            "slices": slices,
            "nothing_fits": asdict(self.nothing_fits) if self.nothing_fits else None,
        }


def evaluate(
    run: Run,
    judgements: Judgements,
    needs: Sequence[NeedTraits],
    *,
    kinds: Mapping[str, Kind] | None = None,
    confidence: Mapping[str, float] | None = None,
    industry_of: IndustryOf = first_industry,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Report:
    """Judges a run on `needs`; the same arguments give the same report.

    Args:
        kinds: kind by listing id, for the slices by kind asked.
        confidence: by need id, how sure the system is that something fits; by default the run's first score.
        samples: bootstrap resamples.

    Raises:
        InvalidInput: a confidence is not finite.
    """
    ids = {need.id for need in needs}
    asked = judgements.kept(ids)
    scores = score_run(run, asked)
    return Report(
        tag=run.tag,
        needs=len(ids),
        unjudged=len(ids) - len(asked.need_ids),
        left_out=len(scores.left_out),
        unranked=scores.unranked,
        overall=_estimates(scores, ids, samples, seed),
        slices=tuple(
            SliceReport(part.dimension, part.value, _estimates(scores, part.need_ids, samples, seed))
            for part in slices_of(needs, asked, kinds=kinds, industry_of=industry_of)
        ),
        nothing_fits=separation(_top_scores(run, asked) if confidence is None else confidence, asked, seed=seed),
    )


def _estimates(scores: RunScores, need_ids: Collection[str], samples: int, seed: int) -> dict[str, Estimate]:
    return {name: mean_estimate(scores.of(name, need_ids), samples=samples, seed=seed) for name in METRICS}


def _top_scores(run: Run, judgements: Judgements) -> dict[str, float]:
    """First score of each need; a need without any listing gets less than all others, for nothing was found."""
    found = {need: run.top_score(need) for need in judgements.need_ids}
    lowest = min((score for score in found.values() if score is not None), default=0.0)
    return {need: lowest - 1.0 if score is None else score for need, score in found.items()}


def _plain(metrics: Mapping[str, Estimate]) -> dict[str, object]:
    return {name: _plain_estimate(estimate) for name, estimate in metrics.items()}


def _plain_estimate(estimate: Estimate) -> dict[str, float | int | None]:
    if not estimate.count:
        return {"mean": None, "low": None, "high": None, "count": 0}
    return asdict(estimate)
