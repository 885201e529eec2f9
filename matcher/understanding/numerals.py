"""Numbers as texts write them: 1,200, 1.5×10^4, 三百, 两千五, 3万, 1.2亿, 半, 十几, 百分之九十八, 2 million."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import cn2an

#: Longer runs of digits are telephone numbers and identifiers, not quantities.
_MAX_DIGITS = 13
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺负", "0123456789-+-")
_SCALES = {
    "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "百亿": 1e10,
    "千亿": 1e11, "万亿": 1e12, "w": 1e4, "W": 1e4, "k": 1e3, "K": 1e3,
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9,
}  # fmt: skip
#: 3千瓦 is 3 kW and 3千克 3 kg: there 千 belongs to the unit.
_NOT_KILO = "(?![克瓦米伏帕卡安牛赫焦欧升])"
_OF_A_UNIT = re.compile(_NOT_KILO.replace("?!", "?="))
#: 3w瓶 and 5K片: typed in haste, w is 万 and k 千 of what is counted; 30W台灯 and 4K屏 are not.
_TYPED = (
    "w(?=[片瓶件颗只支枚块粒根张套次吨升平㎡元]|个(?!月)|台(?!灯)|公斤|千克|立方|m²|m2|pcs)"
    "|W(?=[瓶件颗枚粒支㎡元]|平方?米)|[kK](?=[瓶件颗枚粒支套]|片(?![源式])|只(?![有能])| ?pcs)"
)
_SCALE = (
    rf"(?P<scale> ?(?:万亿|千亿|百亿|千万|百万|十万|亿|万|千{_NOT_KILO}|百(?!帕))"
    rf"| (?:million|billion|thousand)\b|{_TYPED})?"
)
#: A bare 10-20 is a range; only behind a factor (1×10-9) can a minus sign be an exponent's.
_POWER = (
    r"10(?:的(?P<{0}d>[-+负]?\d{{1,2}})次方|\^ ?\(?(?P<{0}a>[-+]?\d{{1,2}})\)?"
    r"|(?P<{0}b>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}}){1})"
)
_MINUS = r"|(?P<tc>-\d{1,2})(?![\d.])"
#: 10-4Pa: nothing reaches from ten down to four, and vacua are told in powers of ten.
_VACUUM = r"|10(?P<pc>-[1-9])(?= ?(?:Pa|mbar|[Tt]orr|托))"
_ARABIC = re.compile(
    rf"(?:(?:{_POWER.format('p', '')}{_VACUUM})(?![\d.])"
    r"|(?P<digits>\d{1,3}(?:,\d{3})+(?![\d])|\d(?: \d){2,5}(?![\d.])|\d+)(?P<decimals>\.\d+)?"
    rf"(?: ?[×xX*·] ?{_POWER.format('t', _MINUS)}|[eE](?P<e>[-+]?\d{{1,2}})(?![\dA-Za-z]))?)"
    rf"{_SCALE}(?P<fuzz>多|余|来(?![自源料样])|几)?(?P<late> ?万| ?亿)?"
)
_DIGIT = "零〇一二两三四五六七八九"
#: No number that is meant needs more figures; without a bound a page of 百 would be read again from each of them.
_LONGEST = 18
_CHINESE = re.compile(
    rf"(?P<vague>[数几上好近](?=[十百千万亿]))?"
    rf"(?P<number>[{_DIGIT}十百千万亿](?:[{_DIGIT}百十千万亿](?!分之)){{0,{_LONGEST}}}(?:点[{_DIGIT}]{{1,{_LONGEST}}})?)"
    rf"(?P<fuzz>多|余|来|几)?(?P<late>[十百千万亿]{{1,3}})?"
)
_FRACTION = re.compile(
    rf"(?P<base>百|千|万|[{_DIGIT}十]{{1,3}})分之(?P<share>[{_DIGIT}十百]{{1,6}}(?:点[{_DIGIT}]{{1,6}})?|\d{{1,6}}(?:\.\d{{1,6}})?)(?P<fuzz>多|余|几)?"
)
_HALF = re.compile("半")
_BASES = {"百": 100.0, "千": 1000.0, "万": 10000.0}
_FIGURES = "零一两三四五六七八九"
_PAIR = re.compile(
    rf"(?P<low>[{_FIGURES}二])(?P<high>[{_FIGURES}二])(?P<times>十万|百万|千万|[百万亿]|十(?![{_DIGIT}])|千{_NOT_KILO})?(?![{_DIGIT}十百万亿点]|千{_NOT_KILO})"
)
_WORDS = {
    "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0,
    "ten": 10.0,
    "twelve": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "fifty": 50.0,
}  # fmt: skip
_ENGLISH = re.compile(
    rf"\b(?:(?P<word>{'|'.join(_WORDS)})(?:[ -](?P<scale>hundred|thousand|million))?"
    r"|(?:one|a) (?P<alone>hundred|thousand|million))\b",
    re.IGNORECASE,
)
#: The smaller figures of 3万5千 and 3千5百, and the last one of 1万2, which counts the next place.
_PLACE = re.compile(r"(?P<figure>[1-9])(?P<place>千万|百万|十万|[千百十])|(?P<thousands>\d{1,4})万")
_LAST = re.compile(
    r"[1-9](?![\d.,:%]| ?[/×xX*年月周天日个批次条台套期层轴家人级号小时分寸英]| ?[-~至到](?!\d+(?:\.\d+)?[万千]))"
)
_SHORT = re.compile(r"[1-9]\d{1,3}(?![\d.,:%]| ?[-~至到/×xX*])")
#: 预算3万5件样品 are 3 万 for 5 pieces.
_SPENT = re.compile("(?:预算|费用?|经费|价格?|资金|款|元|投入|投资)[^,。;]{0,4}$")
_SPENT_END = re.compile(r" ?(?:元|块|[-~到至]|左右|上下|以[内下上]|[,。;、)\n]|$)")
#: 几 and 数 stand for 2 to 9.
_FEW_LOW, _FEW_HIGH = 2.0, 10.0


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in a text: `low == high` unless the words leave it open (十几 = [10, 20), 500 余 = [500, ∞)).

    `chinese` tells 三 from 3; `share` tells 百分之五 and 三分之一, whose values are in percent; `scale` is the 万 of
    3 万, already in the value.
    """

    start: int
    end: int
    low: float
    high: float
    approximate: bool = False
    chinese: bool = False
    share: bool = False
    scale: float = 1.0

    @property
    def value(self) -> float:
        return self.low


def read_numeral(text: str, start: int) -> Numeral | None:
    """Return the number that begins exactly at `start` of a normalised text, None where none does.

    No sign is read. The number's scale is (万, 亿, million); units and comparators are not part of it.
    """
    character = text[start : start + 1]
    if character.isascii():
        return _arabic(text, start) if character.isdigit() else _word(text, start)
    return _fraction(text, start) or _half(text, start) or _pair(text, start) or _chinese(text, start)


def _arabic(text: str, start: int) -> Numeral | None:
    match = _ARABIC.match(text, start)
    if not match or len(match["digits"] or "") > _MAX_DIGITS:
        return None
    value = float((match["digits"] or "1").replace(",", "").replace(" ", "") + (match["decimals"] or ""))
    value *= 10.0 ** _exponent(match)
    late = match["late"] if match["fuzz"] and not match["scale"] else None
    scale = _SCALES[str(match["scale"] or late).strip()] if match["scale"] or late else 1.0
    end = match.end() if late or not match["late"] else match.start("late")
    if match["scale"] and not match["fuzz"] and text[end : end + 1].isdigit() and value.is_integer():
        more, end = _smaller_places(text, start, end, scale)
        return Numeral(start, end, value * scale + more, value * scale + more, scale=scale)
    return _with_fuzz(start, end, value, match["fuzz"], scale=scale)


def _smaller_places(text: str, start: int, end: int, scale: float) -> tuple[float, int]:
    """Return what the figures behind 3万 or 3千 add to it (3万5千 and 3万5 are 35000), and where the number ends."""
    more, place = 0.0, scale
    while part := _PLACE.match(text, end):
        step = _SCALES[part["place"] or "万"]
        value = float(part["figure"] or part["thousands"]) * step
        if value >= place:
            break
        more, place, end = more + value, step, part.end()
    last = _LAST.match(text, end) or _SHORT.match(text, end)
    if last is None or place <= 10.0 or len(last[0]) not in (1, round(math.log10(place))):
        return more, end
    if _SPENT.search(text, max(0, start - 8), start) and not _SPENT_END.match(text, last.end()):
        return more, end
    return more + float(last[0]) * (place / 10.0 if len(last[0]) == 1 else 1.0), last.end()


def _exponent(match: re.Match[str]) -> int:
    found = next((match[name] for name in ("pa", "pb", "pc", "pd", "ta", "tb", "tc", "td", "e") if match[name]), "0")
    return int(found.translate(_SUPERSCRIPTS))


def _with_fuzz(start: int, end: int, value: float, fuzz: str | None, *, scale: float, chinese: bool = False) -> Numeral:
    """Read 多 / 余 (at least), 来 (about) and 几 (up to the next ten)."""
    low = value * scale
    high = {"多": math.inf, "余": math.inf, "几": (value + _FEW_HIGH) * scale}.get(fuzz or "", low)
    return Numeral(start, end, low, high, approximate=bool(fuzz), chinese=chinese, scale=scale)


def _fraction(text: str, start: int) -> Numeral | None:
    match = _FRACTION.match(text, start)
    if not match:
        return None
    base = _BASES.get(match["base"]) or _value(match["base"])
    share = _value(match["share"])
    if not base or share is None:
        return None
    low = share / base * 100
    high = math.inf if match["fuzz"] else low
    return Numeral(start, match.end(), low, high, approximate=bool(match["fuzz"]), chinese=True, share=True)


def _half(text: str, start: int) -> Numeral | None:
    return Numeral(start, start + 1, 0.5, 0.5, chinese=True) if _HALF.match(text, start) else None


def _chinese(text: str, start: int) -> Numeral | None:
    match = _CHINESE.match(text, start)
    if not match:
        return _few(text, start)
    number, end = match["number"], match.end()
    if number == "千" and not match["vague"] and _OF_A_UNIT.match(text, match.end("number")):
        return None
    if (
        number.endswith("千")
        and _OF_A_UNIT.match(text, match.end("number"))
        and len(number) > 1
        and not set(number) & set("万亿")
    ):
        number, end = number[:-1], match.end("number") - 1
        value = _value(number)
        return None if value is None else Numeral(start, end, value, value, chinese=True)
    if match["late"] and not match["fuzz"]:
        end = match.start("late")
    value = _value(number)
    if value is None:
        return None
    if match["vague"]:
        return _vague(start, end, value, match["vague"])
    scale = _value(match["late"]) if match["late"] and match["fuzz"] else None
    numeral = _with_fuzz(start, end, value, match["fuzz"], scale=scale or 1.0, chinese=True)
    written = next((_SCALES[figure] for figure in "亿万" if figure in number), 1.0)
    return replace(numeral, scale=max(numeral.scale, written))


def _vague(start: int, end: int, value: float, word: str) -> Numeral:
    """Read 数十 / 几百 ([20, 100), [200, 1000)), 上千 and 好百 (at least) and 近千 (about)."""
    if word in "数几好":
        return Numeral(start, end, _FEW_LOW * value, _FEW_HIGH * value, approximate=True, chinese=True)
    high = math.inf if word == "上" else value
    return Numeral(start, end, value, high, approximate=True, chinese=True)


def _pair(text: str, start: int) -> Numeral | None:
    """Read 两三, 三五 and 两三百: one of two neighbouring figures; 二三 as well before 十 or more, as in 二三十."""
    match = _PAIR.match(text, start)
    if match is None or ("二" in match[0] and not match["times"]):
        return None
    low, high = (float(_FIGURES.index(match[end].replace("二", "两"))) for end in ("low", "high"))
    if not 1 <= high - low <= 2:
        return None
    scale = _SCALES[match["times"]] if match["times"] else 1.0
    return Numeral(start, match.end(), low * scale, high * scale, approximate=True, chinese=True, scale=scale)


def _word(text: str, start: int) -> Numeral | None:
    match = _ENGLISH.match(text, start)
    if match is None:
        return None
    scale = (match["scale"] or match["alone"] or "").lower()
    value = _WORDS.get((match["word"] or "").lower(), 1.0) * (_SCALES[scale] if scale else 1.0)
    return Numeral(start, match.end(), value, value)


def _few(text: str, start: int) -> Numeral | None:
    """Read 几 and 数 alone: 2 to 9 of something."""
    if text[start : start + 1] not in ("几", "数"):
        return None
    return Numeral(start, start + 1, _FEW_LOW, _FEW_HIGH, approximate=True, chinese=True)


def _value(number: str) -> float | None:
    """Return the value of Chinese or Arabic digits; 两千五 is 2500, 一百二 120."""
    if number[:1] in ("百", "千", "万", "亿"):
        number = "一" + number
    if all(character in _DIGIT for character in number) and len(number) > 1 and not set(number) & set("零〇"):
        return None
    try:
        return float(cn2an.cn2an(number.replace("〇", "零"), "smart"))
    except (ValueError, KeyError):  # cn2an's check of the order of its figures misses some (亿一)
        return None
