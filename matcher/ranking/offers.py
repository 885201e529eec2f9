"""The stages that a listing offers to take a product through, read from its words."""

from __future__ import annotations

import re
from typing import Final

from matcher.ranking.listing_quantities import texts
from matcher.records import Evidence, Listing, Stage

_WORDS: Final[dict[Stage, str]] = {
    "pilot": "中试|放大|熟化|扩试|扩大试验|小批量|试产|工程化|半工业|中间试验|流片",
    "production": "量产|代工|CDMO|CMO|CRDMO|OEM|ODM|EMS|委托生产|代加工|代生产|批量生产|规模化?生产|商业化生产|"
    "产业化生产|小批量|试产|批产|总装|电芯制造|晶圆制造",
    "prototype": "样机|打样|试制|原型|手板|样件|样车|试模|NPI|样品制作|样片",
    "verification": "检测|测试|认证|检验|校准|试验|验证|评价|鉴定|测评|试飞|实证|表征|标定",
    "lab": "概念验证|小试|实验室研究",
}
#: A name's 试验 or 中试 may be what the place is called; its services are what it sells, so they are asked first.
_ORDER: Final = ("services", "capabilities", "name", "equipment", "summary")
_PATTERNS: Final = {stage: re.compile(words) for stage, words in _WORDS.items()}


def stages_of(listing: Listing) -> dict[Stage, Evidence]:
    """Return the stages that a listing's words offer, each with the words it was read from."""
    fields = sorted(texts(listing), key=lambda pair: _rank(pair[0]))
    found: dict[Stage, Evidence] = {}
    for stage, pattern in _PATTERNS.items():
        for field, text in fields:
            if not field.startswith(_ORDER):
                continue
            if match := pattern.search(text):
                evidence = text if "[" in field else match.group()
                found[stage] = Evidence(field, evidence)
                break
    return found


def _rank(field: str) -> int:
    return next((rank for rank, start in enumerate(_ORDER) if field.startswith(start)), len(_ORDER))
