"""Quantities written as a name: 4N purity, G6 panel lines, an aspect ratio of 10:1, pH 7, a relative viscosity."""

from __future__ import annotations

import re

from matcher.records import Interval
from matcher.understanding.comparators import comparison, interval
from matcher.understanding.intervals import at_least, point
from matcher.understanding.readings import Reading

_PURE = "纯|级|钛|铜|铝|铟|镓|锗|硅|靶|金|银|锡|锌|钨|钼|钽|铪|锆|碲|镉|硒|砷|磷|硼|石英|氧化|原料|粉|锭|材料|产品"
#: A newton is a small force: before a metal or 级 a single digit with N counts nines.
_NINES = re.compile(
    r"(?<![\dA-Za-z.])(?P<nines>[2-9]|1[0-3])N(?P<last>[1-9])?(?![A-Za-z·*/])"
    rf"(?=[ (]?(?:以上|及以上|{_PURE}|[,。、;)]|$))"
)
#: 六个九, 5个9: only of a purity, 三个九孔盘 are plates.
_COUNTED = re.compile(
    r"(?<![\d.])(?P<nines>[2-9]|1[0-3]|[两二三四五六七八九])个 ?[9九](?P<last>[5五])?(?![\d.%个十百千万孔寸])"
)
_PURE_AFTER = re.compile(r"[的 ]{0,2}(?:以上)?的?(?:高?纯|超纯)")
_FIGURES = "零一二三四五六七八九"
_NINES_BEFORE = re.compile(r"(?:纯度|高纯|超纯|含量|品位)[^,。;\d]{0,6}$")
_FORCE = re.compile("(?:力|载荷|推力|压力|负载|拉力|粘|剥离|测力|牛顿)[^,。;]{0,6}$")
_FIGURE = r"\d{1,2}(?:\.\d)?"
_PANEL_AFTER = "面板|AMOLED|OLED|LCD|TFT|玻璃|基板|产线|生产线"
_PANEL = re.compile(
    rf"(?<![\dA-Za-z.])(?:G(?P<g>{_FIGURE})(?: ?代线?|(?= ?(?:线|半切|尺寸|{_PANEL_AFTER})))"
    rf"|(?P<n>{_FIGURE}) ?代(?:线|(?=液晶|柔性|显示|半导体显示|{_PANEL_AFTER}))|Gen(?:eration)? ?(?P<e>{_FIGURE})"
    rf"|(?P<o>{_FIGURE})(?:st|nd|rd|th)[ -]gen(?:eration)?(?= (?:line|fab|panel|OLED|LCD|AMOLED|glass)))"
)
_NUMBER = r"\d+(?:\.\d+)?"
_TO = rf"(?: ?[-~至到] ?(?P<high>{_NUMBER}))?"
_GAP = r"[^\d,。;、\n]{0,8}?"
_RATIO_NAME = (
    "(?:TSV)?(?:深宽比|长径比|深径比|高径比|高宽比|纵横比|厚径比|压缩比|浓缩比|配比|料液比|固液比|减速比|传动比|增压比|减薄比|"
    "aspect ratio)"
)
_RATIO = re.compile(
    rf"(?P<name>{_RATIO_NAME}){_GAP}(?P<low>{_NUMBER})(?: ?: ?1(?![\d.]))?{_TO}(?: ?: ?(?P<one>{_NUMBER}))?"
    r"(?![\d.]|[A-Za-z%])",
    re.IGNORECASE,
)
_COLON_RATIO = re.compile(
    rf"(?<![\d.:])(?P<low>{_NUMBER}){_TO} ?: ?1(?![\d.:])(?= ?的?(?:深宽比|长径比|深径比|高径比|高宽比|纵横比|aspect))"
)
_PH = re.compile(
    rf"(?<![A-Za-z])(?:p[Hh]|PH(?=值|[ :为在]{{0,2}}\d))(?:值)?{_GAP}"
    rf"(?P<low>\d{{1,2}}(?:\.\d+)?)(?: ?± ?(?P<plus>{_NUMBER})|{_TO})(?![\d%])"
)
_BARE_NAME = "相对粘度|相对黏度|折射率|介电常数|比重|相对密度|多分散系数|PDI"
_BARE = re.compile(rf"(?P<name>{_BARE_NAME}){_GAP}(?P<low>{_NUMBER})(?: ?± ?(?P<plus>{_NUMBER})|{_TO})(?![\d.A-Za-z%])")


def read_designations(text: str) -> list[Reading]:
    """Return the quantities of a normalised text that have no unit of their own.

    nN counts nines: 4N is a purity ≥ 99.99 %, 4N5 ≥ 99.995 %, and so does 四个九. A ratio n:1 is n.
    """
    readings = [_nines(text, match) for match in _NINES.finditer(text)]
    readings += [_counted_nines(text, match) for match in _COUNTED.finditer(text)]
    readings += [_panel(text, match) for match in _PANEL.finditer(text)]
    readings += [_numbers(text, match, "ratio", match["name"]) for match in _RATIO.finditer(text)]
    readings += [_numbers(text, match, "ratio", None) for match in _COLON_RATIO.finditer(text)]
    readings += [_numbers(text, match, "ph", "pH") for match in _PH.finditer(text)]
    readings += [_numbers(text, match, "ratio", match["name"]) for match in _BARE.finditer(text)]
    return [reading for reading in readings if reading]


def _nines(text: str, match: re.Match[str]) -> Reading | None:
    before = text[max(0, match.start() - 12) : match.start()]
    if _FORCE.search(before) and not _NINES_BEFORE.search(before):
        return None
    return _purity(text, match, int(match["nines"]), match["last"])


def _counted_nines(text: str, match: re.Match[str]) -> Reading | None:
    before = text[max(0, match.start() - 12) : match.start()]
    if not _NINES_BEFORE.search(before) and not _PURE_AFTER.match(text, match.end()):
        return None
    figure = match["nines"].replace("两", "二")
    nines = int(figure) if figure.isdigit() else _FIGURES.index(figure)
    return _purity(text, match, nines, "5" if match["last"] else None)


def _purity(text: str, match: re.Match[str], nines: int, last: str | None) -> Reading:
    tail = float(last) * 10.0 ** -(nines - 1) if last else 0.0
    purity = 100 - 10.0 ** (2 - nines) + tail
    words = comparison(text, match.start(), match.end())
    end = words.end if words.operator == "ge" else match.end()
    return Reading(words.start, end, "fraction", at_least(round(purity, nines + 1)), "percent", name="纯度")


def _panel(text: str, match: re.Match[str]) -> Reading:
    words = comparison(text, match.start(), match.end())
    value = float(match["g"] or match["n"] or match["e"] or match["o"])
    return Reading(words.start, match.end(), "panel_generation", interval(value, value, words), "1", name="世代线")


def _numbers(text: str, match: re.Match[str], dimension: str, name: str | None) -> Reading | None:
    groups = match.groupdict()
    low = float(match["low"])
    if groups.get("one") and float(groups["one"]):
        low /= float(groups["one"])
    high = float(groups["high"]) if groups.get("high") else low
    words = comparison(text, match.start("low"), match.end(), match.start())
    if groups.get("plus"):
        spread = float(groups["plus"])
        return Reading(words.start, words.end, dimension, Interval(low - spread, low + spread), "1", name=name)
    if high < low:
        return None
    span = interval(low, high, words) if low != high or words.operator else point(low, approximate=words.near)
    return Reading(words.start, words.end, dimension, span, "1", name=name)
