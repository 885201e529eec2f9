"""What a listing offers to do, read from its words: the stages it takes a product through, and in which industries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from matcher.ranking.listing_quantities import texts
from matcher.records import Evidence, Listing, Stage
from matcher.understanding.industries import Industries
from matcher.understanding.text import normalise

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

#: What is done there, in the listing's own short words. A summary or a name also tells whose tenant, customer or
#: namesake it is (某某新材料公司), and a machine that stands there says nothing of who makes such machines.
_DONE: Final = ("capabilities", "services")
#: A line or a workshop is named after what it makes: 模具中试线, 冻干制剂车间.
_LINE: Final = re.compile(r"(?:线|车间)(?:[\d一二两三四五六七八九十]+[条个座])?$")
#: Customers, uses and grades stand before or behind the name of their industry: 面向汽车, 半导体用, 食品级, 光伏企业;
#: the 化工 of 数智化工艺 is none.
_FOR_LEFT: Final = re.compile("(?:面向|服务于?|用于|适用于?|应用于|针对|(?<!提)供应?|支撑|赋能|来自)[^,，。;；的]*$")
_FOR_RIGHT: Final = re.compile("(?<=工)艺|用(?!户|途)|级|(?:行业)?(?:客户|用户|企业|公司|厂商|领域|行业|人才)")
#: Not done, or not yet.
_NOT_DONE_LEFT: Final = re.compile(
    r"(?:不(?:再|能|可|会)?(?:提供|承接|开展|支持|具备|从事|生产|对外|包括|包含|含|做|接)|暂[不无未]|尚[未无]|未[开提配建具]\w|"
    "没有|无法|缺[乏少]|拟|计划|规划|筹[备建]|将(?:建|开|提供|具备)|在建)[^,，。;；]*$|(?<![去消脱清扣解])除了?$"
)
_NOT_DONE_RIGHT: Final = re.compile(
    "[^,，。;；]{0,8}?(?:除外|外协|外包|委外|规划中|筹建|在建|待建|[(（](?:规划|筹|在建|拟|待))"
)
#: Characters before a name in which such words must begin.
_REACH: Final = 32
#: Names of industries inside words that mean something else: instruments that are lent, another's brand, filling
#: a drug into vials, a factory's outposts.
_OTHER_WORDS: Final = re.compile(
    "仪器(?:设备)?(?=共享|预约|开放|租|使用|机时)|(?<=共享)仪器|ODM|OEM|公共服务|分包装|卫星(?=工厂)"
)


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


def industries_of(listing: Listing, industries: Industries) -> dict[str, Evidence]:
    """Return the industries of what a listing says it does, and those above them, each with the words it was read from.

    Nothing is concluded to others: who tapes out chips is not said to make MEMS.
    """
    found: dict[str, Evidence] = {}
    for field, text in _done(listing):
        for named in _named(text, industries):
            id: str | None = named
            while id is not None:
                found.setdefault(id, Evidence(field, text))
                id = industries[id].parent
    return found


def _done(listing: Listing) -> Iterator[tuple[str, str]]:
    for field in _DONE:
        for position, text in enumerate(getattr(listing, field)):
            yield f"{field}[{position}]", text
    for position, text in enumerate(listing.equipment):
        if _LINE.search(text):
            yield f"equipment[{position}]", text


def _named(text: str, industries: Industries) -> Iterator[str]:
    """The industries that an entry names as its own work."""
    text = _OTHER_WORDS.sub(_blank, normalise(text))
    for one in industries.read_industries(text, wished=True):
        start, end = one.start or 0, one.end or 0
        left = max(0, start - _REACH)
        if _FOR_LEFT.search(text, left, start) or _FOR_RIGHT.match(text, end):
            continue
        if not (_NOT_DONE_LEFT.search(text, left, start) or _NOT_DONE_RIGHT.match(text, end)):
            yield one.industry


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _rank(field: str) -> int:
    return next((rank for rank, start in enumerate(_ORDER) if field.startswith(start)), len(_ORDER))
