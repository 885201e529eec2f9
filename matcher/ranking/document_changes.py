"""Changes of a profile's document, as administrators name them: some weights, or a part of it in place of the old."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from matcher.errors import InvalidInput
from matcher.ranking.documents import Document, document_from

#: Parts in which only what is named changes, and parts that are replaced as a whole.
MERGED: Final = ("weights", "thresholds")
REPLACED: Final = ("synonyms", "dictionary", "rules")
#: Whether needs are read by few layers of the encoder.
FEW_LAYERS: Final = "few_layers"
#: The encoder; null is the installation's own.
SOURCE: Final = "encoder_source"


def changed(document: Document, changes: Mapping[str, Any]) -> Document:
    """A document with some of its parts changed.

    Args:
        changes: `weights` and `thresholds` by name, the others stay; `synonyms`, `dictionary`, `rules` as a whole;
            `few_layers`, true or false.
            With another `encoder_source` the weights are no longer learnt on what they are used with: `encoder` is
            emptied.

    Raises:
        InvalidInput: an unknown part, feature or threshold, a number that is none; or as for `document_from`; `field`
            names it as `changes.weights.late`.
    """
    known = (*MERGED, *REPLACED, FEW_LAYERS, SOURCE)
    unknown = sorted(set(changes) - set(known))
    if unknown:
        hint = f"可改:{'、'.join(known)};其余须提交完整的 document"
        raise InvalidInput(f"changes 没有 {unknown[0][:40]} 这一项", hint=hint, field=f"changes.{unknown[0][:40]}")
    fields = document.as_dict()
    for part in MERGED:
        if changes.get(part) is not None:
            fields[part] = _merged(fields[part], changes[part], f"changes.{part}")
    fields |= {part: changes[part] for part in REPLACED if changes.get(part) is not None}
    if changes.get(FEW_LAYERS) is not None:
        if not isinstance(changes[FEW_LAYERS], bool):
            raise InvalidInput("few_layers 应为 true 或 false", field=f"changes.{FEW_LAYERS}")
        fields[FEW_LAYERS] = changes[FEW_LAYERS]
    if SOURCE in changes and changes[SOURCE] != document.encoder_source:
        fields |= {SOURCE: changes[SOURCE], "encoder": ""}
    return document_from(fields, document.profile.name)


def _merged(before: Mapping[str, float], values: Any, where: str) -> dict[str, float]:
    if not isinstance(values, Mapping):
        raise InvalidInput(f"{where} 应为 {{名称: 数值}} 对象", hint=f"名称:{'、'.join(before)}", field=where)
    for name, value in values.items():
        field = f"{where}.{name[:40]}"
        if name not in before:
            raise InvalidInput(f"{where} 没有 {name[:40]} 这一项", hint=f"可用:{'、'.join(before)}", field=field)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            raise InvalidInput(f"{field} 应为有限的数值", hint="例如 1.5", field=field)
    return {**before, **{name: float(value) for name, value in values.items()}}


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond what a float holds
        return False
