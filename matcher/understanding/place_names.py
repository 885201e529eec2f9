"""Finds the names of places in running text, and tells them from the words and organisations that contain one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final, NamedTuple

import rjieba

from matcher.understanding.regions import Regions


class FoundPlace(NamedTuple):
    """`text[start:end]` names the place `code`."""

    code: str
    start: int
    end: int


#: A name this long is no accident, whatever the segmenter makes of its end (粤港澳大湾|区内).
LONG_NAME: Final = 4
#: A name that ends so is official and stands for the place even inside an organisation's name (东莞市人民医院).
_OFFICIAL: Final = tuple("省市县盟旗")
#: A word of the segmenter's that is the place with one of these behind it is still the place.
_ENDINGS: Final = frozenset(["省", "市", "县", "区", "州", "港", "人", "省内", "市内", "境内"])
_PREPOSITIONS: Final = "在限求"
#: What follows a place as two words though the segmenter joins the first to the name: 开原|有没有, 德惠|及周边.
_FOLLOWERS: Final = frozenset(["有没", "有无", "及周", "及附", "及其", "地区"])
#: What stands between a place and the word that makes an organisation's name of it: no grammar, no generic words.
_NAME: Final = (
    r"(?:(?!企业|高校|公司|优先|附近|周边|一带|地区|本地|当地)"
    r"[^\s,，。;:()、的一在与和及有找做请或等某各几多家内是要需须可均都])"
)
_ORGANISATION: Final = re.compile(
    rf"{_NAME}{{0,8}}?(?:大学(?!城|生)|学院|有限公司|股份|集团|医院)"
    rf"|{_NAME}{{1,8}}?(?:研究院|研究所|设计院|先进院)"
    r"|理工|交大|科大|工大|农大|医大|师大|医科|师范|交通大"
    r"|(?:光机|自动化|硅酸盐|有机|材料|应化|化物|医工|纳米|药物|金属|半导体|微系统|技物|声学|煤化|能源|海洋)所"
)
_HOST: Final = re.compile(r"(?:大学|学院|科学院|科院|交大|工大|理工|集团)$")
_BRANCH: Final = re.compile(r"\w{0,6}?(?:研究院|研究生院|校区|研究所|分院|学院|先进院|创新院|分校|中心)")
#: Companies, products, streets and words that begin with a place's name and are none.
_PROPER: Final = re.compile(
    r"青岛啤酒|哈尔滨啤酒|吉林化纤|上海石化|镇海炼化|茂名石化|长安(?:汽车|福特|马自达|街)|北京(?:现代|汽车|奔驰|时间|烤鸭|路)"
    r"|上海(?:大众|通用|电气|医药|汽车|微电子|商飞|话)|广州(?:汽车|药业)|哈尔滨电气|沈阳(?:机床|飞机)|大连(?:机床|重工|造船)"
    r"|(?:鞍山|武汉|太原|包头|南京|攀枝花)钢铁(?![企厂行产])|云南白药|贵州茅台|厦门(?:钨业|航空)|(?:海南|四川|深圳|山东)航空公司"
    r"|(?:西安|成都)飞机|中山(?:装|陵|路|服|东路|西路|公园)|金华火腿|德州(?:扒鸡|仪器)|(?:宁波|北京|上海|江苏|南京|杭州)银行"
    r"|宁德(?:时代|新能源)|无锡(?:药明|先导|华润)|上海(?:贝岭|华虹|新阳|联影|君实)|杭州(?:海康|士兰)|合肥(?:长鑫|晶合|国轩)"
    r"|西安(?:隆基|铂力特|杨森)|天津(?:天士力|力神)|北京(?:京东方|同仁堂)|武汉(?:华星|长飞|锐科)|宁波舜宇|重庆长安汽车|广州数控"
    r"|东阿阿胶|山东(?:黄金|高速|重工)|青海湖|杭州湾(?!上虞)|海南洋|东阳光|江苏恒瑞|浙江海正|南京路|[河湖江]南岸|温州模型|华东医药"
    r"|日照(?:时间|强度|时数|量|度|条件)|朝阳(?:产业|行业)|大同(?:小异|世界)|大庆油田|龙泉[一二]号|临海(?:试验|区)|宁波材料"
    r"|平度(?:检|仪|误差|公差|计|偏|为|不)|开封(?:分析|测试|检测|检查|失效|后|前|机|装置)|西部科学城"
    r"|(?:(?<=[津州波海山东岛云县市省])临港|临港(?:工业|经济|产业|化工|物流|园|港|码头|区|型|重|装备))(?!新片区)"
)
#: 厂区东北角 is no region; 长三角 and the like have no such second meaning.
_DIRECTION: Final = re.compile(r"[东西][北南](?:[角侧部向风方]|\d)")


class PlaceNames:
    """The names of a table of places, ready to be found. One pass over the text, a dictionary look-up a character."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._alone = {name: code for name, codes in regions.by_name.items() if (code := regions.prefer(codes))}
        self._names = frozenset([*regions.by_name, *regions.by_bare_name])
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def find(self, text: str) -> list[FoundPlace]:
        """Places in the order of their starts, none overlapping; 江苏省苏州市 is one place, the inner one."""
        if not any(text[i : i + 2] in self._lengths for i in range(len(text) - 1)):
            return []
        inside = _inner_borders(text)
        return [place for place in self._scan(text, inside) if not _is_proper(text, place)]

    def _scan(self, text: str, inside: dict[int, int]) -> Iterator[FoundPlace]:
        # What a name means depends on all of the text, which is looked through once for each name.
        meant = cache(partial(self._meant, text))
        position = 0
        while position < len(text) - 1:
            place = self._match(text, position, inside, meant)
            if place is None:
                position += 1
                continue
            place = self._extend(text, place, inside)
            yield place
            position = place.end

    def _match(
        self, text: str, start: int, inside: dict[int, int], meant: Callable[[str], str | None]
    ) -> FoundPlace | None:
        for length in self._lengths.get(text[start : start + 2], ()):
            end = start + length
            name = text[start:end] if end <= len(text) else ""
            code = meant(name)
            if code and self._is_whole(text, start, end, inside):
                return FoundPlace(self._regions.canonical(code), start, end)
        return None

    def _meant(self, text: str, name: str) -> str | None:
        """The place of that name; of districts that share it, the one whose city is in the text (徐州…鼓楼区)."""
        codes = self._regions.by_name.get(name, ())
        if len(codes) > 1:
            named = [code for code in codes if any(above in text for above in self._above(code))]
            if len(named) == 1:
                return named[0]
        return self._alone.get(name)

    def _above(self, code: str) -> tuple[str, ...]:
        return tuple(name for above in self._regions.ancestors(code) for name in self._regions[above].short)

    def _extend(self, text: str, place: FoundPlace, inside: dict[int, int]) -> FoundPlace:
        """Take in a place inside `place` that follows at once: 江苏|昆山, 佛山市|顺德区, 赣州|南康."""
        while inner := self._match_inner(text, place, inside):
            place = inner
        return place

    def _match_inner(self, text: str, outer: FoundPlace, inside: dict[int, int]) -> FoundPlace | None:
        start = outer.end + (1 if text[outer.end : outer.end + 1] in (" ", "·") else 0)
        for length in self._lengths.get(text[start : start + 2], ()):
            end = start + length
            code = self._inner_code(outer.code, text[start:end]) if end <= len(text) else None
            if code and self._is_whole(text, start, end, inside, outer.start):
                return FoundPlace(code, outer.start, end)
        return None

    def _inner_code(self, outer: str, name: str) -> str | None:
        """The place `name` inside `outer`; `outer` itself for a zone in the same city (浦东新区|张江)."""
        regions = self._regions
        # 天津河北 is two provinces, though 河北 is a district of 天津 too.
        if not outer.isdigit() or self._alone.get(name, "").endswith("0000"):
            return None
        for code in (*regions.by_name.get(name, ()), *regions.by_bare_name.get(name, ())):
            region = regions[code]
            if region.level == "zone" and region.parent in (outer, *regions.ancestors(outer)):
                return outer
            if region.level != "group" and code != outer and regions.contains(outer, code):
                return regions.canonical(code)
        return None

    def _is_whole(self, text: str, start: int, end: int, inside: dict[int, int], outer: int = -1) -> bool:
        """Whether the name is not a piece of other words: 大连|接 of 大|连接, 西安|全 of 西|安全.

        `outer` is where the place around it starts: the segmenter has 山西大同 as one word.
        """
        official = end - start > 2 and text[end - 1] in "市县区旗"
        # The segmenter takes 在建|邺 and 求新|乡 apart in the wrong place: a lone word of place before a name is one.
        preposition = inside.get(start) == start - 1 and text[start - 1] in _PREPOSITIONS
        if inside.get(start, outer) != outer and not official and not preposition:
            return False
        if end not in inside or end - start >= LONG_NAME or text[end : end + 2] in _FOLLOWERS:
            return True
        if text[end - 1] in "省市县区" and text[end] in "内外":
            return True
        # 除上海外: the segmenter sees 海外 in it.
        if text[end] == "外" and text.endswith(("除", "除了"), 0, start):
            return True
        word_end = end
        while word_end in inside:
            word_end += 1
        rest = text[end:word_end]
        # 苏州企业 and 山西大同 are words to the segmenter; what is left of them must be one too.
        return rest in _ENDINGS or (inside[end] == start and len(rest) > 1 and self._is_word(rest))

    def _is_word(self, word: str) -> bool:
        return word in self._names or bool(rjieba.has_word(word))


def _inner_borders(text: str) -> dict[int, int]:
    """Each offset that falls inside a word of the segmenter's, with the start of that word."""
    inside: dict[int, int] = {}
    position = 0
    for word in rjieba.cut(text, False):
        for offset in range(position + 1, position + len(word)):
            inside[offset] = position
        position += len(word)
    return inside


def _is_proper(text: str, place: FoundPlace) -> bool:
    """Whether the place is only part of the name of an organisation, a product or a street."""
    if _PROPER.match(text, place.start) or _DIRECTION.match(text, place.start):
        return True
    if text[place.end - 1] in _OFFICIAL or text[place.end : place.end + 1] in ("省", "市"):
        return False
    if _HOST.search(text, max(0, place.start - 4), place.start) and _BRANCH.match(text, place.end):
        return True
    return _ORGANISATION.match(text, place.end) is not None
