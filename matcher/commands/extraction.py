"""`pilotmatch evaluate-extraction`: how well needs are read and held against listings, on the labelled sentences."""

from __future__ import annotations

from rich.table import Table

from matcher.catalogue.listings_file import read_listings
from matcher.commands.terminal import ending_well, read_settings, screen
from matcher.evaluation.extraction import score_quantities
from matcher.evaluation.fit_accuracy import accuracy, judge_pairs, unknown_as_misses
from matcher.evaluation.fit_pairs import read_fit_pairs
from matcher.evaluation.mentions import score_gold
from matcher.understanding.reading import Reader


def evaluate_extraction() -> None:
    """在手工标注的句子上给出数量、地点、资质的抽取 F1,以及符合判断的准确率。"""
    with ending_well():
        settings = read_settings()
        table = Table("内容", "精确率", "召回率", "F1")
        strict = score_quantities(settings.dataset("quantity_gold.jsonl")).strict
        table.add_row("数量(位置、量纲、区间全对)", *_shares(strict.precision, strict.recall, strict.f1))
        for split, kinds in score_gold(settings.dataset("place_gold.jsonl")).items():
            for kind, score in kinds.items():
                table.add_row(f"{kind}({split})", *_shares(score.precision, score.recall, score.f1))
        screen.print(table)
        listings = {listing.id: listing for listing in read_listings(settings.dataset("listings.jsonl"))}
        judged = judge_pairs(read_fit_pairs(settings.dataset("fit_pairs.jsonl")), listings, Reader.load())
        screen.print(
            f"符合判断:{len(judged)} 对,准确率 {accuracy(judged):.3f};把未写明误判为不符 {unknown_as_misses(judged)} 对"
        )


def _shares(*shares: float) -> list[str]:
    return [f"{share:.3f}" for share in shares]
