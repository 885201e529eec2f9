"""Teaches a few layers to make of a need what all layers of the bundled encoder make of it.

The teacher needs no grades: any text is a lesson, so texts are composed without end. What is learnt is what later parts
read: what the last layer is given (the re-ranker goes on from there), each token's unit vector (late interaction) and
the pooled vector. Each dimension counts by how much it varies from text to text: all vectors of this encoder point much
the same way, and a plain mean square would be about that (as in Romero et al. 2015, "FitNets", with a scale for each).
What learns multiplies as it will be served, in eight bits, so that it learns around what they round away (Jacob et al.
2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", §3).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import pickle
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from embeddings.bundled import build_bundled, bundled_fingerprint
from embeddings.epochs import Progress
from embeddings.lora import quiet_loading, through
from embeddings.need_layers import write_layers
from embeddings.served_linear import serve_linears
from embeddings.tokenizer import QUERY, make_tokenizer
from embeddings.trained import TRAINED, Tensors
from embeddings.weights import open_source, source_path

#: Texts of a block, by its number: without end, the same each time.
Texts = Callable[[int], Iterator[str]]

#: Progress is stored after so many steps.
BLOCK = 500
#: Shorter ones say nothing; longer ones are cut, and so that batches fill, to lengths that many share.
_LEAST, _MOST, _EXACT, _STEP = 6, 230, 70, 16
_WARM_UP, _FLOOR = 60, 0.02
_NORM_MAX = 1.0
_CLAMP = 20.0
_SMALLEST = 1e-4
_PREFIX = "encoder.layer."


@dataclass(frozen=True, slots=True)
class NeedRecipe:
    """How to train.

    Attributes:
        begins: the layers of the teacher that those which learn begin as, the last one its last.
        tokens: of a batch, in texts of one length: nothing is padded.
        rounds: how often a batch is learnt from: the teacher reads it once, and takes as long as a step without it.
    """

    begins: tuple[int, ...] = (0, 2, 5, 8, 11)
    steps: int = 7000
    tokens: int = 700
    rounds: int = 2
    learning_rate: float = 1e-3
    seed: int = 0


class States(NamedTuple):
    """Of texts of one length: what the last layer is given and what it makes of that, [n, t, d] each."""

    below: Tensor
    hidden: Tensor


class NeedLayersTrainer:
    """Trains the layers that needs are read with.

    Args:
        cache: where the bundled encoder is built. texts: to read. resume: where to store progress after each block.
        trained: what was trained of the encoder that teaches.
        begun: layers that learnt before, to go on from, by name as in a checkpoint.
    """

    def __init__(
        self,
        cache: Path,
        texts: Texts,
        recipe: NeedRecipe,
        resume: Path,
        trained: Path = TRAINED,
        begun: Tensors | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._texts, self._recipe, self._resume = texts, recipe, resume
        self._encoder = bundled_fingerprint(trained)
        folder = build_bundled(cache, trained=trained)
        self._teacher, learner = _model(folder), _model(folder)
        self._learning = nn.ModuleList([learner.encoder.layer[number] for number in recipe.begins])
        if begun is not None:
            names = ((name.removeprefix(_PREFIX), values) for name, values in begun.items())
            self._learning.load_state_dict({name: torch.from_numpy(values) for name, values in names})
        self._begun = _digest(self._learning)
        serve_linears(self._learning)
        self._learning.requires_grad_(True)
        self._embeddings: nn.Module = learner.embeddings
        self._tokenizer = make_tokenizer(open_source(source_path()).pieces)
        self._parameters = list(self._learning.parameters())
        self._optimizer = torch.optim.AdamW(self._parameters, recipe.learning_rate, betas=(0.9, 0.98))
        self._spread = self._measure()

    def run(self, progress: Progress | None = None) -> None:
        """Train to the end; `progress` is called with steps done, steps in all and the step's loss."""
        done = self._restore()
        while done < self._recipe.steps:
            steps = min(BLOCK, self._recipe.steps - done)
            for place, lesson in enumerate(islice(self._lessons(done // BLOCK), steps), done):
                loss = self._step(lesson, place)
                if progress:
                    progress(place + 1, self._recipe.steps, loss)
            done += steps
            self._store(done)

    def tensors(self) -> Tensors:
        """What was learnt, by name as in a checkpoint."""
        return {_PREFIX + name: part.detach().numpy() for name, part in self._learning.state_dict().items()}

    @torch.no_grad()
    def distance(self, text: str) -> float:
        """How far the learner's pooled vector of a text is from the teacher's: 0 where they are one, 2 where they are
        as far apart as two texts."""
        batch = torch.tensor([self._ids(text)])
        ours, theirs = (_pooled(one(batch).hidden) for one in (self._learn, self._teach))
        return float(((ours - theirs) / self._spread.pooled).pow(2).mean())

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Store what was learnt, with the recipe and `about`, and forget the progress."""
        write_layers(folder, self.tensors(), self._encoder, {"recipe": asdict(self._recipe), **about})
        self._resume.unlink(missing_ok=True)

    def _ids(self, text: str) -> list[int]:
        ids = self._tokenizer.encode(QUERY + text, add_special_tokens=False).ids[: _MOST - 2]
        size = len(ids) + 2
        if size > _EXACT:
            ids = ids[: _EXACT + (size - _EXACT) // _STEP * _STEP - 2]
        return [0, *ids, 2]

    def _batches(self, block: int) -> Iterator[Tensor]:
        """Batches [n, t] of ids, of texts of one length each."""
        waiting: dict[int, list[list[int]]] = {}
        for text in self._texts(block):
            ids = self._ids(text)
            if len(ids) < _LEAST:
                continue
            batch = waiting.setdefault(len(ids), [])
            batch.append(ids)
            if len(batch) * len(ids) >= self._recipe.tokens:
                yield torch.tensor(waiting.pop(len(ids)))

    def _lessons(self, block: int) -> Iterator[_Lesson]:
        """Batches with what the teacher makes of them, each as often as there are rounds."""
        count = math.ceil(BLOCK / self._recipe.rounds)
        lessons = [_Lesson(batch, self._teach(batch)) for batch in islice(self._batches(block), count)]
        for turn in range(self._recipe.rounds):
            random.Random(f"{block}/{turn}").shuffle(lessons)
            yield from lessons

    @torch.no_grad()
    def _teach(self, batch: Tensor) -> States:
        return _states(self._teacher.embeddings, self._teacher.encoder.layer, batch)

    def _learn(self, batch: Tensor) -> States:
        return _states(self._embeddings, self._learning, batch)

    def _measure(self) -> _Spread:
        """How much each dimension varies from text to text, in the first batches."""
        taught = [self._teach(batch) for batch in islice(self._batches(0), 24)]
        below = torch.cat([one.below.flatten(0, 1) for one in taught])
        units = torch.cat([functional.normalize(one.hidden, dim=-1).flatten(0, 1) for one in taught])
        pooled = torch.cat([_pooled(one.hidden) for one in taught])
        return _Spread(*(part.std(0).clamp_min(_SMALLEST) for part in (below, units, pooled)))

    def _loss(self, ours: States, theirs: States) -> Tensor:
        units = functional.normalize(ours.hidden, dim=-1) - functional.normalize(theirs.hidden, dim=-1)
        apart = (
            (ours.below - theirs.below) / self._spread.below,
            units / self._spread.units,
            (_pooled(ours.hidden) - _pooled(theirs.hidden)) / self._spread.pooled,
        )
        return torch.stack([part.clamp(-_CLAMP, _CLAMP).pow(2).mean() for part in apart]).sum()

    def _step(self, lesson: _Lesson, place: int) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.learning_rate * self._rate(place)
        loss = self._loss(self._learn(lesson.ids), lesson.taught)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        nn.utils.clip_grad_norm_(self._parameters, _NORM_MAX)
        self._optimizer.step()
        return float(loss.item())

    def _rate(self, place: int) -> float:
        """Up over the first steps, then half a cosine down to nearly nothing."""
        falling = (1 + math.cos(math.pi * place / self._recipe.steps)) / 2
        return min(1.0, (place + 1) / _WARM_UP) * max(_FLOOR, falling)

    def _store(self, done: int) -> None:
        self._resume.parent.mkdir(parents=True, exist_ok=True)
        aside = self._resume.with_suffix(".aside")
        layers, optimizer = self._learning.state_dict(), self._optimizer.state_dict()
        torch.save({"about": self._about(), "done": done, "layers": layers, "optimizer": optimizer}, aside)
        os.replace(aside, self._resume)

    def _restore(self) -> int:
        """The step to go on with; 0 where nothing fitting was stored."""
        try:
            state = torch.load(self._resume, weights_only=True)
        except (FileNotFoundError, EOFError, RuntimeError, pickle.UnpicklingError):
            return 0
        if not isinstance(state, dict) or state.get("about") != self._about():
            return 0
        self._learning.load_state_dict(state["layers"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["done"])

    def _about(self) -> str:
        """Stands for all that decides what is learnt."""
        first = list(islice(self._texts(0), BLOCK))
        seen = json.dumps([self._encoder, asdict(self._recipe), self._begun, first])
        return hashlib.sha256(seen.encode()).hexdigest()


class _Lesson(NamedTuple):
    """Ids [n, t] and what they are to become."""

    ids: Tensor
    taught: States


class _Spread(NamedTuple):
    """[d] each: the standard deviation over tokens or texts."""

    below: Tensor
    units: Tensor
    pooled: Tensor


def _digest(layers: nn.ModuleList) -> str:
    """Stands for what layers hold."""
    seen = hashlib.sha256()
    for part in layers.state_dict().values():
        seen.update(part.numpy().tobytes())
    return seen.hexdigest()


def _model(folder: Path) -> Any:
    quiet_loading()
    model: Any = BertModel.from_pretrained(
        str(folder), attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0, attn_implementation="sdpa"
    )
    model.requires_grad_(False)
    return model.eval()


def _states(embeddings: nn.Module, layers: nn.ModuleList, batch: Tensor) -> States:
    below = through(layers[:-1], embeddings(input_ids=batch))
    return States(below, through(layers[-1:], below))


def _pooled(hidden: Tensor) -> Tensor:
    """[n, d], unit length."""
    return functional.normalize(hidden.mean(1), dim=-1)
