"""How far an encoder sets texts of another language apart from the listings, which are in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from embeddings.bundled import NAME

#: By signal: so much less near are judged listings to a need in English than to the same need in Chinese (835 pairs of
#: 41 needs, ± 0.015), while the ranker, its grades and its verdicts were learnt on Chinese ones. A constant leaves
#: listings in their order.
APART: Final[Mapping[str, float]] = MappingProxyType({"dense": 0.08, "dense_short": 0.086, "late": 0.075})
_NOT_KNOWN: Final[Mapping[str, float]] = MappingProxyType({})


def apart(fingerprint: str) -> Mapping[str, float]:
    """What an encoder lacks by signal; of another than the bundled one, whose space is another, nothing is known."""
    return APART if fingerprint.startswith(f"{NAME}-") else _NOT_KNOWN
