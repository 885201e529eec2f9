"""`pilotmatch train needs`: the few layers that needs are read with, taught by the encoder that reads listings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from embeddings.need_layers import NEEDS
from embeddings.trained import TRAINED as ENCODER
from matcher.catalogue.listings_file import read_listings
from matcher.commands.composed_needs import Composer, sources
from matcher.commands.terminal import progress_bar, write
from matcher.evaluation.judged import JudgedNeeds
from matcher.settings import Settings


def train_need_layers(settings: Settings, composed: JudgedNeeds, reported: JudgedNeeds) -> None:
    """Train on texts made of the catalogue and of needs that nobody reports on; how near the learner comes is measured
    on those that are reported on, which it has not seen."""
    from embeddings.need_layers_training import NeedLayersTrainer, NeedRecipe  # torch takes seconds to import

    given = sources(settings.datasets, read_listings(settings.dataset("listings.jsonl")), composed.needs)
    recipe = NeedRecipe()

    def texts(block: int) -> Iterator[str]:
        return iter(Composer(given, f"{recipe.seed}/{block}"))

    resume = settings.data / "training" / "resume-needs.pt"
    trainer = NeedLayersTrainer(settings.data / "encoders", texts, recipe, resume, ENCODER)
    with progress_bar("训练读需求的层") as progress:
        trainer.run(lambda done, total, loss: progress(done, total))
    told = {
        "command": "pilotmatch train needs",
        "data_sha256": composed.data_hash,
        "distance_on_needs_dev": round(_mean([trainer.distance(need.text) for need in reported.needs]), 4),
    }
    trainer.write(NEEDS, told)
    write(json.dumps(told, ensure_ascii=False))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
