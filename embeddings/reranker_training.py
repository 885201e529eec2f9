"""Fine-tunes the last layer of the bundled encoder to read a need and a listing together.

The layers below read each text by itself (as in MacAvaney et al. 2020, "PreTTR"): they stay as they are in the encoder
that serves, so their output is computed once a text, in training as when serving. In the last layer the tokens of both
texts attend to each other. A pair's score is the late interaction of what comes out, plus a linear head on both means:
at the start it is nearly the encoder's late interaction, so that training need not begin from nothing.

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

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from embeddings.bundled import build_bundled, layer_tensors, merged_digest
from embeddings.epochs import Course, EpochTrainer, Group
from embeddings.graph import JOINT_LAYERS
from embeddings.lora import through, write_pairs
from embeddings.reranker import CARD_TOKENS, HEAD, NEED_TOKENS, PAIRS, TEMPERATURE
from embeddings.tokenizer import PASSAGE, QUERY
from embeddings.training import UpperLayers, attention, draw, listwise_loss, mean
from embeddings.weights import open_source, source_path

#: How often a pair of a grade 0–3 is worth a call; softened, since one grader in ten sees it otherwise.
_WORTH = (0.02, 0.15, 0.75, 0.95)
#: From this grade on a pair is worth a call.
GOOD = 2
#: Late interaction of unlike texts is near 0.9 in this encoder's space: from there the head begins at odds of e⁻¹.
_USUAL_LATE, _FIRST_ODDS = 0.9, -1.0


@dataclass(frozen=True, slots=True)
class JointRecipe:
    """How to train. The values were chosen on two folds (DECISIONS.md, "A re-ranker that reads pairs").

    Attributes:
        joint: layers that see both texts. rank: of the LoRA pairs. scale: α / r.
        learning_rate: of the LoRA pairs. head_rate: of what is new.
        candidates: graded passages a step, at most half of them graded 2 or 3.
        taught: passages a step that a teacher has scored; 0 learns from grades alone.
        graded: weight of the grades' loss beside the teacher's.
        worth: weight of the loss that holds a score to the odds of its grade, beside that of the order.
    """

    joint: int = JOINT_LAYERS
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
TEACHER = JointRecipe(joint=6, rank=32, epochs=2, candidates=16, taught=0)
#: What a teacher says of pairs: log-odds by card, by need.
Lessons = Mapping[str, Mapping[str, float]]


class JointLayers(nn.Module):
    """The layers that see both texts, and what makes one number of their output."""

    def __init__(self, folder: Path, recipe: JointRecipe, base: Path) -> None:
        super().__init__()
        source = open_source(source_path())
        frozen, merged = source.shape.layers - recipe.joint, layer_tensors(source, base)
        self.upper = UpperLayers(folder, frozen, recipe.rank, recipe.scale, merged)
        self.upper.limits = {QUERY: NEED_TOKENS, PASSAGE: CARD_TOKENS}
        hidden = self.upper.below(QUERY, "").shape[-1]
        self.segments = nn.Parameter(torch.zeros(2, hidden))
        self.gain = nn.Parameter(torch.ones(1))
        self.head = nn.Parameter(torch.zeros(2, hidden))
        self.bias = nn.Parameter(torch.full((1,), _FIRST_ODDS - TEMPERATURE * _USUAL_LATE))

    def new(self) -> list[nn.Parameter]:
        """What no layer of the encoder had, by the names that `parts` gives."""
        return [self.segments, self.gain, self.head, self.bias]

    def parts(self) -> dict[str, np.ndarray[Any, Any]]:
        """The same as float32 arrays by name."""
        names = ("segments", "gain", "head", "bias")
        return {name: part.detach().float().numpy() for name, part in zip(names, self.new(), strict=True)}

    @torch.no_grad()
    def odds(self, need: str, cards: Sequence[str]) -> list[float]:
        """`forward` as numbers."""
        found: list[float] = self(need, cards).tolist()
        return found

    def forward(self, need: str, cards: Sequence[str]) -> Tensor:
        """[n]: log-odds that each card is worth a call for the need."""
        need_x, need_inside, need_own = self.upper.padded(QUERY, [need])
        card_x, card_inside, card_own = self.upper.padded(PASSAGE, cards)
        count, length = len(cards), need_x.shape[1]
        both = torch.cat([(need_x + self.segments[0]).expand(count, -1, -1), card_x + self.segments[1]], 1)
        inside = torch.cat([need_inside.expand(count, -1), card_inside], 1)
        x = through(self.upper.layers, both, attention_mask=attention(inside))
        need_x, card_x = x[:, :length], x[:, length:]
        tokens, theirs = functional.normalize(need_x[:, need_own[0]], dim=-1), functional.normalize(card_x, dim=-1)
        cosines = torch.einsum("nad,nbd->nab", tokens, theirs).masked_fill(~card_own[:, None, :], -1.0)
        late = cosines.amax(-1).mean(-1)
        means = torch.stack([need_x.mean(1), mean(card_x, card_inside)], 1)
        return TEMPERATURE * self.gain * late + (means * self.head).sum((1, 2)) + self.bias


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
        self.model = JointLayers(build_bundled(cache, trained=cache / "untrained"), recipe, base)
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
