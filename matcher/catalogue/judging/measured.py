"""A version of a judgement set as evaluation, gate and preview take it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from matcher.catalogue.judging.content import content_hash, judgements_of, need_fields
from matcher.catalogue.judging.sets import find_set
from matcher.catalogue.needs_file import need_from
from matcher.errors import InvalidInput
from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.slices import NeedTraits


def judged_set(session: Session, named: str) -> JudgedSet:
    """Needs with the grades that hold; needs that nobody judged are left out.

    Args:
        named: as for `find_set`: `dev`, `dev@3` or an id. Only a frozen version stays what it is.

    Raises:
        NotFound: there is none. InvalidInput: nothing in it is judged.
    """
    found = find_set(session, named)
    judgements = judgements_of(session, found.id)
    fields = {id: one for id, one in need_fields(session, found.id).items() if id in judgements.grades}
    if not fields:
        raise InvalidInput(f"{found.label} 里还没有标注", hint="请先导入或安排标注", field="judgements")
    return JudgedSet(
        name=f"{found.name}-{found.version}",
        needs=tuple(map(need_from, fields.values())),
        traits=tuple(_traits(id, one) for id, one in fields.items()),
        judgements=judgements,
        hash=found.content_hash or content_hash(session, found.id),
    )


def _traits(id: str, fields: dict[str, Any]) -> NeedTraits:
    explicit = fields.get("explicit")
    text, industry = fields.get("description") or "", fields.get("industry") or []
    return NeedTraits(id, text, tuple(industry), explicit if isinstance(explicit, bool) else None)
