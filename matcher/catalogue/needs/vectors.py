"""Vectors of what may be seen of needs, so that a restart encodes nothing again.

They lie beside their need and go with it: nothing computed from a private text outlives the text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np
from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from matcher.catalogue.tables.needs import NeedRow, NeedVectorRow
from matcher.catalogue.vector_store import text_key
from matcher.retrieval.one_listing import CodedNeed

#: Needs in one statement: SQLite takes some thousands of values.
PART: Final = 400
_Item = TypeVar("_Item")


def known_vectors(session: Session, encoder: str, texts: Mapping[str, str]) -> dict[str, CodedNeed]:
    """What is stored of needs' texts, by text.

    Args:
        encoder: its fingerprint. texts: by need, the text that is seen of it.
    """
    found: dict[str, CodedNeed] = {}
    for part in _parts(list(texts.items())):
        rows = session.execute(
            select(NeedVectorRow.need_id, NeedVectorRow.vector, NeedVectorRow.codes, NeedVectorRow.steps).where(
                NeedVectorRow.encoder == _hashed(encoder),
                tuple_(NeedVectorRow.need_id, NeedVectorRow.text_key).in_(
                    [(need_id, text_key(text)) for need_id, text in part]
                ),
            )
        )
        found |= {texts[need_id]: _coded(vector, codes, steps) for need_id, vector, codes, steps in rows}
    return found


def keep_vectors(session: Session, encoder: str, coded: Mapping[str, tuple[str, CodedNeed]]) -> None:
    """Store what the encoder gave for needs' texts; needs that are gone, and what is there already, are passed over."""
    name = _hashed(encoder)
    for part in _parts(list(coded.items())):
        ids = [need_id for need_id, _ in part]
        # Held until the end, so that none is deleted between the look and the insertion.
        alive = set(
            session.scalars(select(NeedRow.id).where(NeedRow.id.in_(ids)).with_for_update(read=True, key_share=True))
        )
        query = select(NeedVectorRow.need_id, NeedVectorRow.text_key)
        query = query.where(NeedVectorRow.need_id.in_(ids), NeedVectorRow.encoder == name)
        there = {(need_id, key) for need_id, key in session.execute(query)}
        rows = [
            {"need_id": need_id, "encoder": name, "text_key": text_key(text), **_bytes(one)}
            for need_id, (text, one) in part
            if need_id in alive and (need_id, text_key(text)) not in there
        ]
        if rows:
            session.execute(insert(NeedVectorRow), rows)


def forget_vectors(session: Session, need_id: str) -> None:
    """Remove what was computed from a need: its words, or who may see them, have changed."""
    session.execute(delete(NeedVectorRow).where(NeedVectorRow.need_id == need_id))


def _hashed(encoder: str) -> str:
    return hashlib.sha256(encoder.encode()).hexdigest()


def _bytes(one: CodedNeed) -> dict[str, bytes]:
    return {
        "vector": one.vector.astype("<f4").tobytes(),
        "codes": one.codes.tobytes(),
        "steps": one.steps.astype("<f4").tobytes(),
    }


def _coded(vector: bytes, codes: bytes, steps: bytes) -> CodedNeed:
    numbers = np.frombuffer(steps, "<f4").astype(np.float32)
    pooled = np.frombuffer(vector, "<f4").astype(np.float32)
    return CodedNeed(pooled, np.frombuffer(codes, np.int8).reshape(len(numbers), len(pooled)), numbers)


def _parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + PART] for start in range(0, len(items), PART))
