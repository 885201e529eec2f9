"""How much a listing says of what helps it to be found: a score for its operator, never a feature of the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matcher.need_advice import MissingField
from matcher.records import Listing

#: What requesters look for first, by the field of the listing; each weighs the same, so that anybody can follow.
DESCRIBING: Final[dict[str, str]] = {
    "operator": "运营单位",
    "province": "所在省份",
    "city": "所在城市",
    "industry": "行业",
    "summary": "简介",
    "capabilities": "能做什么",
    "equipment": "设备",
    "parameters": "技术参数",
    "qualifications": "资质证书",
    "services": "服务内容",
    "terms.fees": "收费标准",
    "terms.lead_days": "周期",
}
#: More than these a person does not do in one go; the next come up when the first are done.
ASKED_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is said of what there is to say.

    Attributes:
        score: a whole number from 0 to 100. said, unsaid: names of fields, in the order of `DESCRIBING`.
        asked: the first few things that real needs ask for and the listing does not say, most asked for first.
        counted: how many of these lower the score.
    """

    score: int
    said: tuple[str, ...]
    unsaid: tuple[str, ...]
    asked: tuple[MissingField, ...]
    counted: int


def completeness_of(listing: Listing, advice: Sequence[MissingField] = ()) -> Completeness:
    """The score of a listing: 100 × said ÷ (said + unsaid + counted), rounded.

    One point for each of the twelve fields of `DESCRIBING` that is filled; one point is missing for each that is not,
    and one for each of the first five things that real needs ask for and the listing does not say (`missing_fields`),
    unless the whole field is counted as missing already. So a listing with every field filled and nothing asked for
    has 100, and each thing written raises the score by about as much as any other. The formula is our own.

    Args:
        advice: as `missing_fields` gives it; empty for a listing that is not published, which no need was held against.
    """
    said = tuple(name for name in DESCRIBING if _is_said(listing, name))
    unsaid = tuple(name for name in DESCRIBING if name not in said)
    asked = tuple(advice[:ASKED_MAX])
    counted = sum(one.field not in unsaid for one in asked)
    score = round(100 * len(said) / (len(DESCRIBING) + counted))
    return Completeness(score, said, unsaid, asked, counted)


def _is_said(listing: Listing, name: str) -> bool:
    holder, _, field = name.rpartition(".")
    value = getattr(listing.terms if holder else listing, field)
    return value not in (None, "", ())
