"""`pilotmatch train needs`: the few layers that needs are read with, taught by the encoder that reads listings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from embeddings.need_layers import FILE, NEEDS, read_about, read_layers
from embeddings.trained import TRAINED as ENCODER
from matcher.catalogue.listings_file import read_listings
from matcher.commands.composed_needs import Composer, sources
from matcher.commands.terminal import progress_bar, write
from matcher.evaluation.judged import JudgedNeeds
from matcher.settings import Settings

#: Layers that learnt before learn on more slowly.
_FURTHER_STEPS, _FURTHER_RATE = 6000, 4e-4


def train_need_layers(settings: Settings, composed: JudgedNeeds, reported: JudgedNeeds, further: bool) -> None:
    """Train on texts made of the catalogue and of needs that nobody reports on; how near the learner comes is measured
    on those that are reported on, which it has not seen.

    Args:
        further: go on from the layers that are there rather than from the encoder's own.
    """
    from embeddings.need_layers_training import NeedLayersTrainer, NeedRecipe  # torch takes seconds to import

    given = sources(settings.datasets, read_listings(settings.dataset("listings.jsonl")), composed.needs)
    recipe = NeedRecipe()
    if further:  # texts are others than those learnt from
        recipe = replace(recipe, steps=_FURTHER_STEPS, learning_rate=_FURTHER_RATE, seed=_generation() + 1)
    begun = read_layers(NEEDS / FILE)[1] if further else None

    def texts(block: int) -> Iterator[str]:
        return iter(Composer(given, f"{recipe.seed}/{block}"))

    resume = settings.data / "training" / "resume-needs.pt"
    trainer = NeedLayersTrainer(settings.data / "encoders", texts, recipe, resume, ENCODER, begun)
    with progress_bar("训练读需求的层") as progress:
        trainer.run(lambda done, total, loss: progress(done, total))
    told = {
        "command": "pilotmatch train needs" + " --further" * further,
        "data_sha256": composed.data_hash,
        "distance_on_needs_dev": round(_mean([trainer.distance(need.text) for need in reported.needs]), 4),
    }
    trainer.write(NEEDS, told | ({"begun": read_about(NEEDS)} if further else {}))
    write(json.dumps(told, ensure_ascii=False))


def _generation() -> int:
    """How often the layers that are there went on learning."""
    about, count = read_about(NEEDS), 0
    while about := about.get("begun", {}):
        count += 1
    return count


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
