"""Fine-tunes the bundled encoder on judged needs: small LoRA pairs in its upper layers, for late interaction.

The lower layers stay as they are, so their output is computed once a text and only the upper ones run in each step: two
cores train some 300 needs in ten minutes. What is learnt is a file of a megabyte that `trained.py` merges.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel
from transformers.utils import logging

from embeddings.bundled import build_bundled
from embeddings.tokenizer import PASSAGE, QUERY, make_tokenizer
from embeddings.weights import open_source, source_path

Progress = Callable[[int, int, float], None]

#: A listing's full text has 105 tokens on average; the few longer ones lose the end of their list of services.
PASSAGE_TOKENS = 150
NEED_TOKENS = 120
_MASKED = -1e4


@dataclass(frozen=True, slots=True)
class Group:
    """One judged need: passages with grades 0–3, of which at least one is above 0."""

    need: str
    passages: tuple[str, ...]
    grades: tuple[int, ...]


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


class LoraLinear(nn.Module):
    """A frozen linear layer plus scale · B · A (Hu et al. 2021, "LoRA", §4.1)."""

    def __init__(self, linear: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """[…, in] → […, out]."""
        low: Tensor = x @ self.a.T @ self.b.T
        return self.linear(x) + low * self.scale  # type: ignore[no-any-return]  # torch's modules return Any


class UpperLayers(nn.Module):
    """The trainable layers of the encoder, and the output of the frozen ones for each text that was asked for."""

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        super().__init__()
        quieten: Any = logging.disable_progress_bar  # untyped there
        quieten()  # standard error belongs to the command line
        # On a CPU dropout's random numbers cost more than the layers, and eager attention has the faster backward.
        model = BertModel.from_pretrained(
            str(folder),
            attention_probs_dropout_prob=0.0,
            hidden_dropout_prob=0.0,
            attn_implementation="eager",
        )
        model.requires_grad_(False)
        layers = list(model.encoder.layer)
        self._below = [model.embeddings, *layers[: recipe.frozen]]
        self.names: dict[str, LoraLinear] = {}
        for number in range(recipe.frozen, len(layers)):
            self._adapt(layers[number], f"encoder.layer.{number}", recipe)
        self.layers = nn.ModuleList(layers[recipe.frozen :])
        self._tokenizer = make_tokenizer(open_source(source_path()).pieces)
        self._known: dict[tuple[str, str], Tensor] = {}
        self.prompt_tokens = {prompt: len(self._ids(prompt.strip(), 16)) for prompt in (QUERY, PASSAGE)}

    def _adapt(self, layer: nn.Module, prefix: str, recipe: Recipe) -> None:
        linears = [(name, part) for name, part in layer.named_modules() if isinstance(part, nn.Linear)]
        for name, linear in linears:
            lora = LoraLinear(linear, recipe.rank, recipe.scale)
            parent, _, attribute = name.rpartition(".")
            setattr(layer.get_submodule(parent), attribute, lora)
            self.names[f"{prefix}.{name}.weight"] = lora

    def _ids(self, text: str, limit: int) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    @torch.no_grad()
    def below(self, prompt: str, text: str) -> Tensor:
        """float16 [t, d]: the frozen layers' output for one text, special tokens and prompt included."""
        key = (prompt, text)
        if key not in self._known:
            ids = [0, *self._ids(prompt + text, NEED_TOKENS if prompt == QUERY else PASSAGE_TOKENS), 2]
            x = self._below[0](input_ids=torch.tensor([ids]))
            with torch.autocast("cpu", torch.bfloat16):
                for layer in self._below[1:]:
                    x = _first(layer(x))
            self._known[key] = x[0].half()
        return self._known[key]

    def forward(self, prompt: str, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Pooled [n, d] and token vectors [n, t, d] of unit length, and bool [n, t]: which tokens are a text's own."""
        below = [self.below(prompt, text) for text in texts]
        lengths = torch.tensor([len(one) for one in below])
        x = nn.utils.rnn.pad_sequence([one.float() for one in below], batch_first=True)
        places = torch.arange(x.shape[1])
        inside = places < lengths[:, None]
        attention = torch.zeros(inside.shape).masked_fill(~inside, _MASKED)[:, None, None, :]
        with torch.autocast("cpu", torch.bfloat16):
            for layer in self.layers:
                x = _first(layer(x, attention_mask=attention))
        x = x.float()
        weights = inside.unsqueeze(-1).float()
        pooled = functional.normalize((x * weights).sum(1) / weights.sum(1), dim=-1)
        own = (places > self.prompt_tokens[prompt]) & (places < lengths[:, None] - 1)
        return pooled, functional.normalize(x, dim=-1), own


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


class Trainer:
    """Trains LoRA pairs; can be stopped at any time and goes on from the last epoch that was stored.

    Args:
        cache: where the bundled encoder is built. groups: judged needs.
        background: passages to draw unjudged ones from.
        resume: where to store progress after each epoch.
    """

    def __init__(
        self, cache: Path, groups: Sequence[Group], background: Sequence[str], recipe: Recipe, resume: Path
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._groups, self._background, self._recipe, self._resume = list(groups), background, recipe, resume
        self._model = UpperLayers(build_bundled(cache, trained=cache / "untrained"), recipe)
        self._parameters = [part for part in self._model.parameters() if part.requires_grad]
        self._optimizer = torch.optim.AdamW(self._parameters, lr=recipe.learning_rate, weight_decay=0.01)
        self._steps = recipe.epochs * len(groups)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)

    def _rate(self, step: int) -> float:
        """Linear up over the first tenth, then linear down to nothing."""
        rising = (step + 1) / max(1.0, self._recipe.warm_up * self._steps)
        falling = (self._steps - step) / max(1.0, (1 - self._recipe.warm_up) * self._steps)
        return min(rising, max(falling, 0.0), 1.0)

    def run(self, progress: Progress | None = None) -> None:
        """Train to the end; `progress` is called with steps done, steps in all and the step's loss."""
        for epoch in range(self._restore(), self._recipe.epochs):
            chance = random.Random(f"{self._recipe.seed}/{epoch}")
            order = list(self._groups)
            chance.shuffle(order)
            for place, group in enumerate(order, epoch * len(order) + 1):
                loss = self._step(group, chance)
                if progress:
                    progress(place, self._steps, loss)
            self._store(epoch + 1)

    def _step(self, group: Group, chance: random.Random) -> float:
        recipe = self._recipe
        passages, grades = draw(group, self._background, recipe.candidates, chance)
        need_pooled, need_tokens, need_own = self._model(QUERY, [group.need])
        pooled, tokens, own = self._model(PASSAGE, passages)
        late = late_scores(need_tokens[0][need_own[0]], tokens, own)
        loss = listwise_loss(late, grades, recipe.temperature)
        loss = loss + recipe.pooled * listwise_loss(pooled @ need_pooled[0], grades, recipe.temperature)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()
        return float(loss.item())

    def _store(self, epoch: int) -> None:
        self._resume.parent.mkdir(parents=True, exist_ok=True)
        aside = self._resume.with_suffix(".aside")
        state = {
            "about": self._about(),
            "epoch": epoch,
            "parameters": [part.detach() for part in self._parameters],
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        torch.save(state, aside)
        os.replace(aside, self._resume)

    def _restore(self) -> int:
        """The epoch to go on with; 0 where nothing fitting was stored."""
        state = self._stored()
        if state.get("about") != self._about():
            return 0
        with torch.no_grad():
            for part, stored in zip(self._parameters, state["parameters"], strict=True):
                part.copy_(stored)
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        return int(state["epoch"])

    def _stored(self) -> dict[str, Any]:
        """What `_store` left; nothing where there is no file or it is damaged, as training it again only costs time."""
        try:
            state = torch.load(self._resume, weights_only=True)
        except (FileNotFoundError, EOFError, RuntimeError, pickle.UnpicklingError):
            return {}
        return state if isinstance(state, dict) else {}

    def _about(self) -> str:
        """Stands for all that decides what is learnt: other grades or passages are other work too."""
        seen = json.dumps([asdict(self._recipe), [asdict(group) for group in self._groups], list(self._background)])
        return hashlib.sha256(seen.encode()).hexdigest()

    def write(self, path: Path, about: dict[str, Any]) -> None:
        """Store what was learnt as float16 LoRA pairs, and a JSON beside it with the recipe and `about`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors = {}
        for name, lora in self._model.names.items():
            tensors[f"{name}.lora_A"] = lora.a.detach().half().contiguous()
            tensors[f"{name}.lora_B"] = lora.b.detach().half().contiguous()
        aside = path.with_suffix(".aside")
        save_file(tensors, aside)
        beside = {"scale": self._recipe.scale * self._recipe.kept, "recipe": asdict(self._recipe), **about}
        path.with_suffix(".json").write_text(json.dumps(beside, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(aside, path)
        self._resume.unlink(missing_ok=True)


def _first(output: Tensor | tuple[Tensor, ...]) -> Tensor:
    """A layer's hidden states: transformers return them alone or first in a tuple, by version."""
    return output[0] if isinstance(output, tuple) else output
