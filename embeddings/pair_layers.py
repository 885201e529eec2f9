"""The layers of the encoder that make a pair's score, for training: a teacher's, in which both texts see each other,
and the one that serves, in which the need sees the card (`pair_graph.py`).

Either way the score is the late interaction of what comes out, plus a linear head on both means: at the start it is
nearly the encoder's late interaction, so that training need not begin from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from embeddings.bundled import layer_tensors
from embeddings.graph import JOINT_LAYERS
from embeddings.lora import halves, through
from embeddings.reranker import CARD_TOKENS, TEMPERATURE
from embeddings.tokenizer import PASSAGE, QUERY
from embeddings.training import UpperLayers, attention, mean
from embeddings.weights import open_source, source_path

#: Tokens of a need, prompt included, that are read and look at the card: 99 in 100 needs are no longer.
TAUGHT_TOKENS = 100
#: Late interaction of unlike texts is near 0.9 in this encoder's space: from there the head begins at odds of e⁻¹.
_USUAL_LATE, _FIRST_ODDS = 0.9, -1.0


class PairLayers(nn.Module):
    """What both kinds share: the layers, and what makes one number of their output.

    Args:
        folder: of the bundled encoder. joint: how many of its last layers. rank, scale: of their LoRA pairs.
        base: what was trained of the encoder before, and is merged.
    """

    def __init__(self, folder: Path, joint: int, rank: int, scale: float, base: Path) -> None:
        super().__init__()
        source = open_source(source_path())
        merged = layer_tensors(source, base)
        self.upper = UpperLayers(folder, source.shape.layers - joint, rank, scale, merged)
        self.upper.limits = {QUERY: TAUGHT_TOKENS, PASSAGE: CARD_TOKENS}
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

    def _score(self, need: Tensor, own: Tensor, cards: Tensor, theirs: Tensor, means: Tensor) -> Tensor:
        """[n] from a need's tokens [n, a, d], its own of them [a], unit vectors of the cards' [n, b, d], their own of
        them [n, b], and the means [n, 2, d] that the head looks at."""
        tokens = functional.normalize(need[:, own], dim=-1)
        cosines = torch.einsum("nad,nbd->nab", tokens, cards).masked_fill(~theirs[:, None, :], -1.0)
        late = cosines.amax(-1).mean(-1)
        return TEMPERATURE * self.gain * late + (means * self.head).sum((1, 2)) + self.bias


class JointLayers(PairLayers):
    """Layers that see both texts."""

    def forward(self, need: str, cards: Sequence[str]) -> Tensor:
        """[n]: log-odds that each card is worth a call for the need."""
        need_x, need_inside, need_own = self.upper.padded(QUERY, [need])
        card_x, card_inside, card_own = self.upper.padded(PASSAGE, cards)
        count, length = len(cards), need_x.shape[1]
        both = torch.cat([(need_x + self.segments[0]).expand(count, -1, -1), card_x + self.segments[1]], 1)
        inside = torch.cat([need_inside.expand(count, -1), card_inside], 1)
        x = through(self.upper.layers, both, attention_mask=attention(inside))
        need_x, card_x = x[:, :length], x[:, length:]
        means = torch.stack([need_x.mean(1), mean(card_x, card_inside)], 1)
        return self._score(need_x, need_own[0], functional.normalize(card_x, dim=-1), card_own, means)


class Shown(NamedTuple):
    """Cards, padded: what the last layer is given of their tokens [n, b, d], unit vectors of what it makes of them by
    itself [n, b, d], and bool [n, b]: which are tokens, which of these a text's own."""

    below: Tensor
    units: Tensor
    inside: Tensor
    own: Tensor


class NeedLayer(PairLayers):
    """The last layer over a need's tokens, which see those of a card too; the card's see nobody new."""

    def __init__(self, folder: Path, rank: int, scale: float, base: Path) -> None:
        super().__init__(folder, JOINT_LAYERS, rank, scale, base)
        # LoRA pairs begin at no change: this is the encoder's own layer.
        self._alone = deepcopy(self.upper.layers).requires_grad_(False)
        self._units: dict[str, Tensor] = {}

    def forward(self, need: str, cards: Sequence[str]) -> Tensor:
        """[n]: log-odds that each card is worth a call for the need."""
        x, _, own = self.upper.padded(QUERY, [need])
        shown = self._shown(cards)
        with halves():
            x = self._read(x + self.segments[0], shown).float()
        weights = shown.inside.unsqueeze(-1).float()
        means = torch.stack([x.mean(1), (shown.units * weights).sum(1) / weights.sum(1)], 1)
        return self._score(x, own[0], shown.units, shown.own, means)

    def _shown(self, cards: Sequence[str]) -> Shown:
        below, inside, own = self.upper.padded(PASSAGE, cards)
        units = nn.utils.rnn.pad_sequence([self._unit(card) for card in cards], batch_first=True)
        return Shown(below, units.float(), inside, own)

    @torch.no_grad()
    def _unit(self, card: str) -> Tensor:
        """float16 [b, d]."""
        if card not in self._units:
            x = through(self._alone, self.upper.below(PASSAGE, card)[None].float())
            self._units[card] = functional.normalize(x[0], dim=-1).half()
        return self._units[card]

    def _read(self, x: Tensor, shown: Shown) -> Tensor:
        """[n, a, d]: what the layer makes of a need's tokens [1, a, d] beside each card."""
        layer: Any = self.upper.layers[0]
        part, count = layer.attention.self, len(shown.below)
        cards = shown.below + self.segments[1]

        def heads(rows: Tensor) -> Tensor:
            return rows.view(*rows.shape[:2], part.num_attention_heads, -1).transpose(1, 2)

        def seen(linear: nn.Module) -> Tensor:
            return heads(torch.cat([linear(x).expand(count, -1, -1), linear(cards)], 1))

        inside = torch.cat([torch.ones(count, x.shape[1], dtype=torch.bool), shown.inside], 1)
        queries = heads(part.query(x).expand(count, -1, -1))
        found = functional.scaled_dot_product_attention(
            queries, seen(part.key), seen(part.value), attn_mask=inside[:, None, None, :]
        )
        attended = layer.attention.output(found.transpose(1, 2).flatten(-2), x)
        read: Tensor = layer.output(layer.intermediate(attended), attended)
        return read
