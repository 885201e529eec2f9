"""Fine-tunes the last layer of the bundled encoder to read a need with a listing in sight.

The layers below read each text by itself (as in MacAvaney et al. 2020, "PreTTR"): they stay as they are in the encoder
that serves, so their output is computed once a text, in training as when serving.

One layer learns less from grades than six do, and nearly as much from six that learnt first (Hinton et al. 2015,
"Distilling the knowledge in a neural network"): a teacher is trained on grades, and what it says of pairs that nobody
graded is most of what the layer that serves is taught.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from embeddings.bundled import build_bundled, merged_digest
from embeddings.epochs import Course, EpochTrainer, Group
from embeddings.graph import JOINT_LAYERS
from embeddings.lora import write_pairs
from embeddings.pair_layers import JointLayers, NeedLayer, PairLayers
from embeddings.reranker import HEAD, PAIRS
from embeddings.training import draw, listwise_loss

#: How often a pair of a grade 0–3 is worth a call; softened, since one grader in ten sees it otherwise.
_WORTH = (0.02, 0.15, 0.75, 0.95)
#: From this grade on a pair is worth a call.
GOOD = 2


@dataclass(frozen=True, slots=True)
class JointRecipe:
    """How to train. The values were chosen on two folds (DECISIONS.md, "A re-ranker that reads pairs").

    Attributes:
        joint: layers in which the need sees the card. mutual: whether the card sees the need as well; else there is one
            layer. rank: of the LoRA pairs. scale: α / r.
        learning_rate: of the LoRA pairs. head_rate: of what is new.
        candidates: graded passages a step, at most half of them graded 2 or 3.
        taught: passages a step that a teacher has scored; 0 learns from grades alone.
        graded: weight of the grades' loss beside the teacher's.
        worth: weight of the loss that holds a score to the odds of its grade, beside that of the order.
    """

    joint: int = JOINT_LAYERS
    mutual: bool = False
    rank: int = 64
    scale: float = 2.0
    epochs: int = 3
    learning_rate: float = 4e-4
    head_rate: float = 1e-3
    warm_up: float = 0.1
    candidates: int = 8
    taught: int = 12
    graded: float = 0.5
    worth: float = 0.5
    seed: int = 0


#: Half of the layers together, on top of the encoder as it was before anything was trained of it.
TEACHER = JointRecipe(joint=6, mutual=True, rank=32, epochs=2, candidates=16, taught=0)
#: What a teacher says of pairs: log-odds by card, by need.
Lessons = Mapping[str, Mapping[str, float]]


def _layers(folder: Path, recipe: JointRecipe, base: Path) -> PairLayers:
    if recipe.mutual:
        return JointLayers(folder, recipe.joint, recipe.rank, recipe.scale, base)
    return NeedLayer(folder, recipe.rank, recipe.scale, base)


def taught_loss(scores: Tensor, told: Tensor) -> Tensor:
    """How far scores [n] are from a teacher's log-odds [n]: cross-entropies of their order, softmax against softmax,
    and of each pair's odds."""
    order = -(torch.softmax(told, 0) * functional.log_softmax(scores, 0)).sum()
    return order + functional.binary_cross_entropy_with_logits(scores, torch.sigmoid(told))


class JointTrainer(EpochTrainer):
    """Trains the joint layers.

    Args:
        cache: where the bundled encoder is built. base: what was trained of it before, and is merged.
        groups: judged needs, also those without any answer.
        background: cards to draw unjudged ones from.
        resume: where to store progress after each epoch. lessons: of every need, where the recipe wants them.
    """

    def __init__(
        self,
        cache: Path,
        base: Path,
        groups: Sequence[Group],
        background: Sequence[str],
        recipe: JointRecipe,
        resume: Path,
        lessons: Lessons | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._background, self._recipe, self._base = background, recipe, merged_digest(base)
        self._lessons = lessons or {}
        self.model = _layers(build_bundled(cache, trained=cache / "untrained"), recipe, base)
        new = self.model.new()
        pairs = [part for pair in self.model.upper.names.values() for part in (pair.a, pair.b)]
        course = Course(recipe.epochs, recipe.warm_up, recipe.seed)
        super().__init__(groups, course, [(pairs, recipe.learning_rate), (new, recipe.head_rate)], resume)

    def _loss(self, group: Group, chance: random.Random) -> Tensor:
        recipe, lesson = self._recipe, self._lessons[group.need] if self._recipe.taught else {}
        taught = chance.sample(list(lesson), min(recipe.taught, len(lesson)))
        # Of a need without an answer grades say little that the teacher does not.
        is_short = not taught and max(group.grades, default=0) < GOOD
        count = recipe.candidates // 2 if is_short else recipe.candidates
        cards, grades = draw(group, self._background, count, chance)
        scores = self.model(group.need, [*taught, *cards])
        graded = self._graded_loss(scores[len(taught) :], grades)
        if not taught:
            return graded
        told = torch.tensor([lesson[card] for card in taught])
        return taught_loss(scores[: len(taught)], told) + recipe.graded * graded

    def _graded_loss(self, scores: Tensor, grades: Sequence[int]) -> Tensor:
        wanted = torch.tensor([_WORTH[grade] for grade in grades])
        loss = self._recipe.worth * functional.binary_cross_entropy_with_logits(scores, wanted)
        return loss + listwise_loss(scores, grades, 1.0) if any(grades) else loss

    def _settings(self) -> list[Any]:
        lessons = sorted((need, sorted(told.items())) for need, told in self._lessons.items())
        return [asdict(self._recipe), self._base, lessons, list(self._background)]

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Store what was learnt in a folder: LoRA pairs with a JSON of the recipe and `about`, and the head."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = {name: part.round(6).tolist() for name, part in self.model.parts().items()}
        (folder / HEAD).write_text(json.dumps({"encoder": self._base, **parts}) + "\n", encoding="utf-8")
        recipe = {"recipe": asdict(self._recipe), **about}
        write_pairs(folder / PAIRS, self.model.upper.names, self._recipe.scale, recipe)
        self.finish()
