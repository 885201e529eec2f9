"""What a preview costs: `python -m tests.benchmarks.previews`. Every change of a draft ranks all judged needs anew."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import numpy as np
import typer

from matcher.evaluation.cached_features import CachedFeatures, FeatureCache
from matcher.evaluation.gate import judge
from matcher.evaluation.gate_groups import groups_of
from matcher.evaluation.judged_sets import JudgedSet, shipped_set
from matcher.evaluation.preview import judged_preview, need_preview
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings

#: Changes of a weight, as somebody moves one.
TURNS = 40


def previews(
    cached: CachedFeatures, matcher: Matcher, vocabulary: Vocabulary, judged: JudgedSet, turns: int = TURNS
) -> list[float]:
    """Milliseconds of each preview over all judged needs and one of them; every turn moves one weight."""
    profile, today, took = matcher.ranker.profile, date.today(), []
    names = sorted(profile.weights)
    for turn in range(turns):
        name = names[turn % len(names)]
        draft = replace(profile, weights=profile.weights | {name: profile.weights[name] * (1.1 + turn / turns) + 0.1})
        began = time.perf_counter()
        after = matcher.with_document(Document(draft), vocabulary)
        judged_preview(cached.answers(matcher, today), cached.answers(after, today), judged.judgements)
        need_preview((cached.needs[0], matcher), (cached.needs[0], after), today)
        took.append((time.perf_counter() - began) * 1000)
    return took


def main() -> None:
    """Print seconds to measure features, and milliseconds of a preview and of the gate."""
    settings = Settings()
    judged, vocabulary = shipped_set(settings), Vocabulary.load(settings)
    matcher = Matcher.load(settings)
    began = time.perf_counter()
    cached = FeatureCache(vocabulary).of(matcher, Document(matcher.ranker.profile), judged)
    collected = time.perf_counter() - began
    p50, p95 = np.percentile(previews(cached, matcher, vocabulary, judged), [50, 95])
    today, listings = date.today(), matcher.catalogue.supply
    began = time.perf_counter()
    answers = cached.answers(matcher, today)
    report = judge(answers, answers, judged.judgements, groups_of(judged, listings, matcher.tables.regions))
    gate = (time.perf_counter() - began) * 1000
    typer.echo("| listings | judged needs | features, s | preview p50 ms | p95 ms | gate ms | groups |")
    typer.echo("|---|---|---|---|---|---|---|")
    row = f"{len(listings)} | {len(judged.needs)} | {collected:.1f} | {p50:.0f} | {p95:.0f} | {gate:.0f}"
    typer.echo(f"| {row} | {len(report.groups)} |")


if __name__ == "__main__":
    typer.run(main)
