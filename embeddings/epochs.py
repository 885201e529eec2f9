"""Training over judged needs, one a step: can be stopped at any time and goes on from the last epoch it stored."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

#: Steps done, steps in all, loss of the step.
Progress = Callable[[int, int, float], None]

#: AdamW's default is 0.01 too; small, since LoRA pairs start at no change.
_WEIGHT_DECAY = 0.01
#: The longest step that one need may cause.
_NORM_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """One judged need: passages with grades 0–3."""

    need: str
    passages: tuple[str, ...]
    grades: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """How long to train, and how the rate rises: over the share `warm_up` of all steps."""

    epochs: int
    warm_up: float
    seed: int


class EpochTrainer(ABC):
    """A subclass says what one need's loss is.

    Args:
        groups: judged needs. rates: parameters to train, each list with its learning rate.
        resume: where to store progress after each epoch.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        course: Course,
        rates: Sequence[tuple[Sequence[nn.Parameter], float]],
        resume: Path,
    ) -> None:
        self._groups, self._course, self._resume = list(groups), course, resume
        self._parameters = [part for parts, _ in rates for part in parts]
        options: list[dict[str, Any]] = [{"params": list(parts), "lr": rate} for parts, rate in rates]
        self._optimizer = torch.optim.AdamW(options, weight_decay=_WEIGHT_DECAY)
        self._steps = course.epochs * len(self._groups)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)

    @abstractmethod
    def _loss(self, group: Group, chance: random.Random) -> Tensor:
        """The loss of one need, [] with its gradient."""

    @abstractmethod
    def _settings(self) -> list[Any]:
        """All that decides what is learnt, beside the groups, as JSON values."""

    def _rate(self, step: int) -> float:
        """Linear up over the first steps, then linear down to nothing."""
        rising = (step + 1) / max(1.0, self._course.warm_up * self._steps)
        falling = (self._steps - step) / max(1.0, (1 - self._course.warm_up) * self._steps)
        return min(rising, max(falling, 0.0), 1.0)

    def run(self, progress: Progress | None = None) -> None:
        """Train to the end; `progress` is called with steps done, steps in all and the step's loss."""
        for epoch in range(self._restore(), self._course.epochs):
            chance = random.Random(f"{self._course.seed}/{epoch}")
            order = list(self._groups)
            chance.shuffle(order)
            for place, group in enumerate(order, epoch * len(order) + 1):
                loss = self._step(group, chance)
                if progress:
                    progress(place, self._steps, loss)
            self._store(epoch + 1)

    def finish(self) -> None:
        """Forget the progress, once what was learnt is stored elsewhere."""
        self._resume.unlink(missing_ok=True)

    def _step(self, group: Group, chance: random.Random) -> float:
        loss = self._loss(group, chance)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        nn.utils.clip_grad_norm_(self._parameters, _NORM_MAX)
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
        seen = json.dumps([self._settings(), [asdict(group) for group in self._groups]])
        return hashlib.sha256(seen.encode()).hexdigest()
