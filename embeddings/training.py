"""Fine-tunes the bundled encoder on judged needs: small LoRA pairs in its upper layers, for late interaction.

The lower layers stay as they are, so their output is computed once a text and only the upper ones run in each step: two
cores train some 300 needs in ten minutes. What is learnt is a file of a megabyte that `trained.py` merges.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from embeddings.bundled import build_bundled
from embeddings.epochs import Course, EpochTrainer, Group
from embeddings.lora import adapt, through, write_pairs
from embeddings.tokenizer import PASSAGE, QUERY, make_tokenizer
from embeddings.trained import Tensors
from embeddings.weights import open_source, source_path

#: A listing's full text has 105 tokens on average; the few longer ones lose the end of their list of services.
PASSAGE_TOKENS = 150
NEED_TOKENS = 120
MASKED = -1e4


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. The values were chosen on two folds of needs_dev (DECISIONS.md, "The encoder is fine-tuned").

    Attributes:
        frozen: lower layers that stay as they are. rank: of the LoRA pairs. scale: α / r.
        candidates: passages a step, at most half of them graded 2 or 3.
        temperature: cosines are multiplied by this before the softmax.
        pooled: weight of the pooled vectors' loss beside that of late interaction.
        kept: share of what was learnt that is merged. Between the old weights and the new ones lie better ones than
            either (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    """

    frozen: int = 6
    rank: int = 16
    scale: float = 2.0
    epochs: int = 2
    learning_rate: float = 4e-4
    warm_up: float = 0.1
    candidates: int = 12
    temperature: float = 40.0
    pooled: float = 0.5
    kept: float = 0.45
    seed: int = 0


class UpperLayers(nn.Module):
    """The trainable layers of the encoder, and the output of the frozen ones for each text that was asked for.

    Args:
        folder, frozen, rank, scale, merged: as for `adapt`.
    """

    def __init__(self, folder: Path, frozen: int, rank: int, scale: float, merged: Tensors | None = None) -> None:
        super().__init__()
        adapted = adapt(folder, frozen, rank, scale, merged)
        self._below, self.layers, self.names = adapted.below, adapted.above, adapted.pairs
        self._tokenizer = make_tokenizer(open_source(source_path()).pieces)
        self._known: dict[tuple[str, str], Tensor] = {}
        self.limits = {QUERY: NEED_TOKENS, PASSAGE: PASSAGE_TOKENS}
        self.prompt_tokens = {prompt: len(self._ids(prompt.strip(), 16)) for prompt in (QUERY, PASSAGE)}

    def _ids(self, text: str, limit: int) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    @torch.no_grad()
    def below(self, prompt: str, text: str) -> Tensor:
        """float16 [t, d]: the frozen layers' output for one text, special tokens and prompt included."""
        key = (prompt, text)
        if key not in self._known:
            ids = [0, *self._ids(prompt + text, self.limits[prompt]), 2]
            embedded = self._below[0](input_ids=torch.tensor([ids]))
            self._known[key] = through(self._below[1:], embedded)[0].half()
        return self._known[key]

    def padded(self, prompt: str, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """`below` of several texts [n, t, d], and bool [n, t]: which are tokens, and which of these a text's own."""
        below = [self.below(prompt, text) for text in texts]
        lengths = torch.tensor([len(one) for one in below])
        x = nn.utils.rnn.pad_sequence([one.float() for one in below], batch_first=True)
        places = torch.arange(x.shape[1])
        own = (places > self.prompt_tokens[prompt]) & (places < lengths[:, None] - 1)
        return x, places < lengths[:, None], own

    def forward(self, prompt: str, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Pooled [n, d] and token vectors [n, t, d] of unit length, and bool [n, t]: which tokens are a text's own."""
        x, inside, own = self.padded(prompt, texts)
        x = through(self.layers, x, attention_mask=attention(inside))
        return functional.normalize(mean(x, inside), dim=-1), functional.normalize(x, dim=-1), own


def attention(inside: Tensor) -> Tensor:
    """What eager attention adds, [n, 1, 1, t]: nothing to tokens, so little to padding that none counts."""
    return torch.zeros(inside.shape).masked_fill(~inside, MASKED)[:, None, None, :]


def mean(x: Tensor, inside: Tensor) -> Tensor:
    """[n, d]: the mean of those rows of [n, t, d] that are inside."""
    weights = inside.unsqueeze(-1).float()
    return (x * weights).sum(1) / weights.sum(1)


def late_scores(need: Tensor, passages: Tensor, own: Tensor) -> Tensor:
    """[n]: the mean over the need's tokens [a, d] of their greatest cosine with each passage's own tokens [n, b, d]."""
    cosines = torch.einsum("ad,nbd->nab", need, passages)
    best: Tensor = cosines.masked_fill(~own[:, None, :], -1.0).amax(-1)
    return best.mean(-1)


def listwise_loss(scores: Tensor, grades: Sequence[int], temperature: float) -> Tensor:
    """Cross-entropy of softmax(temperature · scores) against gains 2^g − 1 (ListNet's top-one, Cao et al. 2007)."""
    target = torch.tensor([2.0**grade - 1 for grade in grades])
    return -(target / target.sum() * functional.log_softmax(scores * temperature, 0)).sum()


def draw(group: Group, background: Sequence[str], count: int, chance: random.Random) -> tuple[list[str], list[int]]:
    """`count` passages of a group with their grades: up to half of them good, then near ones, then bad and unjudged."""
    by_grade: dict[int, list[str]] = {grade: [] for grade in range(4)}
    for passage, grade in zip(group.passages, group.grades, strict=True):
        by_grade[grade].append(passage)
    for passages in by_grade.values():
        chance.shuffle(passages)
    good = [(passage, grade) for grade in (3, 2) for passage in by_grade[grade]][: count // 2]
    near = [(passage, 1) for passage in by_grade[1][: (count - len(good)) // 2]]
    bad = [(passage, 0) for passage in by_grade[0][: max(0, count - len(good) - len(near) - 2)]]
    judged = set(group.passages)
    unjudged = [passage for passage in background if passage not in judged]
    missing = min(count - len(good) - len(near) - len(bad), len(unjudged))
    drawn = [*good, *near, *bad, *((passage, 0) for passage in chance.sample(unjudged, missing))]
    return [passage for passage, _ in drawn], [grade for _, grade in drawn]


class Trainer(EpochTrainer):
    """Trains the encoder's LoRA pairs.

    Args:
        cache: where the bundled encoder is built. groups: judged needs, each with a grade above 0.
        background: passages to draw unjudged ones from.
        resume: where to store progress after each epoch.
    """

    def __init__(
        self, cache: Path, groups: Sequence[Group], background: Sequence[str], recipe: Recipe, resume: Path
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._background, self._recipe = background, recipe
        folder = build_bundled(cache, trained=cache / "untrained")
        self._model = UpperLayers(folder, recipe.frozen, recipe.rank, recipe.scale)
        parameters = [part for part in self._model.parameters() if part.requires_grad]
        course = Course(recipe.epochs, recipe.warm_up, recipe.seed)
        super().__init__(groups, course, [(parameters, recipe.learning_rate)], resume)

    def _loss(self, group: Group, chance: random.Random) -> Tensor:
        recipe = self._recipe
        passages, grades = draw(group, self._background, recipe.candidates, chance)
        need_pooled, need_tokens, need_own = self._model(QUERY, [group.need])
        pooled, tokens, own = self._model(PASSAGE, passages)
        late = late_scores(need_tokens[0][need_own[0]], tokens, own)
        loss = listwise_loss(late, grades, recipe.temperature)
        return loss + recipe.pooled * listwise_loss(pooled @ need_pooled[0], grades, recipe.temperature)

    def _settings(self) -> list[Any]:
        return [asdict(self._recipe), list(self._background)]

    def write(self, path: Path, about: dict[str, Any]) -> None:
        """Store what was learnt as float16 LoRA pairs, and a JSON beside it with the recipe and `about`."""
        scale = self._recipe.scale * self._recipe.kept
        write_pairs(path, self._model.names, scale, {"recipe": asdict(self._recipe), **about})
        self.finish()
