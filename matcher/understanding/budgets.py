"""Money that the requester can spend, as a need's text says it; never what a company earns or has invested."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import cn2an

from matcher.records import BudgetRequirement, Interval
from matcher.understanding.numerals import read_numeral
from matcher.understanding.ten_thousands import is_ten_thousand
from matcher.understanding.unit_prices import is_unit_price
from matcher.understanding.unit_table import to_base

_GAP = r"\s{0,3}"
#: Every run is bounded, so that a page of digits or blanks costs no more than a page of words.
_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|\d{1,12}(?:\.\d{1,4})?|[一二两三四五六七八九十百千]{1,9})"
_SCALE = r"(?:亿|千万|百万|十万|万|千|百|w|k)"
_FOREIGN_MONEY = r"US\$|HK\$|\$|€|USD|EUR|HKD|JPY|美元|美金|欧元|港元|港币|日元"
_SIGN = rf"(?:¥|￥|人民币|RMB|CNY|{_FOREIGN_MONEY})"
_CURRENCY = rf"(?:元人民币|元|块钱|块|{_SIGN}|欧(?![姆标盟洲])|刀(?![具片]))"
#: 三十来万, 30多万: the figures behind the first are left open.
_FUZZ = rf"(?:[来多余几](?=\s?(?:{_SCALE}|块)))"
#: 3万5千, 三万五: the smaller places behind the scale.
_REST = (
    rf"(?:(?<=亿)(?:\d{{1,4}}|[1-9][千百十])万|(?:[1-9一二三四五六七八九][千百]){{1,2}}|[1-9一二三四五六七八九](?={_GAP}(?:元|块|左右|上下|以[内下上]|之内|封顶|"
    r"[-~到至]|[,\uff0c。;、)\n!?]|$)))"
)
#: What an amount of 万 without 元 may not be followed by: then it counts things (5 万枚, 3 万 rpm).
_COUNTED = r"(?![a-zA-Z%×次枚片瓶罐颗套台件只个支吨公升斤小模粒张米转目条孔像平立辆吊头亩千瓦时])"
_UPPER = r"(?:以内|之内|以下|之下|封顶|为限|内)"
_ABOUT = r"(?:左右|上下)"
_TAIL = rf"(?P<tail>{_UPPER}|{_ABOUT}|以上|起步|起)?"
_AMOUNT = (
    rf"(?P<sign>{_SIGN})?{_GAP}(?:(?P<low>{_NUMBER}){_GAP}(?P<low_scale>{_SCALE})?(?P<low_rest>{_REST})?"
    rf"{_GAP}(?P<low_currency>{_CURRENCY})?{_GAP}(?:-|~|到|至){_GAP})?"
    rf"(?P<number>{_NUMBER})(?P<fuzz>{_FUZZ})?{_GAP}(?P<scale>{_SCALE})?(?P<rest>{_REST})?{_GAP}(?P<currency>{_CURRENCY})?{_GAP}{_COUNTED}"
)
#: A clause with one of these speaks of a company's or a project's size, or of something other than money.
_FOREIGN = re.compile(
    "投资|营收|收入|产值|销售|融资|注册|估值|市值|市场|订单|利润|损失|补贴|补助|奖|资助|合同额|累计|已投入|年投入|研发投入|"
    "投入研发|截留|分子|寿命|循环|疲劳|转速|产量|年产|月产|售价|万级|税|revenue|turnover|sales|raised|valuation|invested|market",
    re.IGNORECASE,
)
_CUE = (
    r"(?:(?:总|年|项目|研发|试制|试验|检测|测试|加工|打样|开发|合作|经费)?(?:预算|经费|费用)|(?:加工|打样|试制|检测|试验|测试|服务|技术)费|"
    r"(?:拟|计划|可|愿|预计|准备|能)(?:投入|出资|出)(?:资金|经费)?|(?:自筹|研发|项目|配套|可用|预算)资金|资金(?:需求|预算|投入|规模)|投入(?=[:为不约])|报价|总价|单价|价格)"
)
_CUED = re.compile(
    rf"(?P<cue>{_CUE})(?P<gap>(?![,。;!?\n])[^,。;!?\n\d一二两三四五六七八九十百千¥￥]{{0,8}}?)"
    rf"{_GAP}{_AMOUNT}{_TAIL}",
    re.IGNORECASE,
)
#: Without a word for money the wording itself must be a ceiling: 每批不超过 5 万, 200 万以内.
_CEILING = re.compile(
    rf"(?P<gap>(?:(?:每|单)[批次片件套台]\S{{0,3}}?)?(?:不超过|不高于|控制在|最多|最高|≤|<)){_GAP}{_AMOUNT}{_TAIL}",
    re.IGNORECASE,
)
_NEW_NUMBER = r"(?<![\d.一二两三四五六七八九十百千])(?<!\d,)"
_WITHIN = re.compile(rf"(?P<gap>){_NEW_NUMBER}{_AMOUNT}(?P<tail>{_UPPER}|封顶)", re.IGNORECASE)
_ROUGHLY = r"(?P<gap>(?:大概|大约|差不多|约)?)"
#: Two ways of talk: 两万块预算, and 大概30万块钱 with no word for what the money is.
_BEHIND = re.compile(
    rf"{_ROUGHLY}{_NEW_NUMBER}{_AMOUNT}(?P<tail>{_ABOUT})?的?预算(?!支持|资助|项目|单位)", re.IGNORECASE
)
_TALKED_OF = re.compile(
    rf"{_ROUGHLY}{_NEW_NUMBER}{_AMOUNT}(?<=[万wW]块钱)(?!{_ABOUT}?(?:的|/| ?[一两每\d]))(?P<tail>{_UPPER}|{_ABOUT})?",
    re.IGNORECASE,
)
#: What a text must hold for a pattern that begins with any number at all: most texts are done without trying.
_NEEDED = {_WITHIN: ("内", "下", "封顶", "为限"), _BEHIND: ("预算",), _TALKED_OF: ("块钱",)}
#: What things cost, earn or have cost is not what can be spent.
_PRICE = re.compile(
    "每|[一单](?:[件台套个批吨次片只支块]|公斤)|价|卖|值|赚|亏|省|花[了掉]|成本|买|欠|罚|工资|赔|报|收|要了"
)
#: 获得三十万预算 is what somebody was given.
_GIVEN = re.compile("获|给|批了|拨|下达")
_ENGLISH_SIGN = r"(?:¥|￥|US\$|\$|€|RMB|CNY|USD|EUR)"
_ENGLISH_SCALE = r"(?:million|mn|billion|bn|thousand|wan|[mk])"
_ENGLISH_CURRENCY = r"(?:RMB|CNY|yuan|USD|US dollars?|dollars?|EUR|euros?)"
_FIGURE = r"\d[\d,]{0,14}(?:\.\d{1,4})?"
_ENGLISH_AMOUNT = (
    rf"(?P<sign>{_ENGLISH_SIGN})?\s{{0,3}}(?:(?P<low>{_FIGURE})\s{{0,3}}(?P<low_scale>{_ENGLISH_SCALE}\b)?\s{{0,3}}"
    rf"(?:-|~|to|and)\s{{0,3}}{_ENGLISH_SIGN}?)?(?P<number>{_FIGURE})\s{{0,3}}(?P<scale>{_ENGLISH_SCALE}\b)?\s{{0,3}}"
    rf"(?P<currency>{_ENGLISH_CURRENCY}\b)?"
)
_ENGLISH_CEILING = (
    r"(?:under|below|less than|up to|at most|within|no more than|not more than|"
    r"not (?:to )?exceed(?:ing)?|max(?:imum)?(?: of)?|cheaper than)"
)
_ENGLISH = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<cue>budgets?|funding|costs?|price|fees?|spend|pay|afford)\b(?P<gap>[^.,;\n\d¥￥$€]{{0,32}}?)\s?{_ENGLISH_AMOUNT}(?P<tail>)",
        rf"(?P<gap>\b{_ENGLISH_CEILING})\s{{1,3}}{_ENGLISH_AMOUNT}(?P<tail>)",
        rf"(?P<gap>)(?<![\d.,]){_ENGLISH_AMOUNT}(?P<tail> (?:total |max(?:imum)? )?budget| (?:or less|max(?:imum)?\b))",
    )
)
_CLAUSE_END = re.compile(r"[,。;!?\n,;]")
_MOST = re.compile(
    rf"不超|不高|不多于|控制在|最多|最高|上限|(?<!不)低于|(?<!不)少于|≤|<|{_UPPER}|under|below|up to|within|"
    rf"at most|max|exceed|(?:no|not) more than|less than|cheaper",
    re.IGNORECASE,
)
_LEAST = re.compile(r"以上|不低于|不少于|至少|≥|>|起|at least|\bmin", re.IGNORECASE)
_BELOW = re.compile(r"<(?!=)|(?<!不)低于|(?<!不)少于|\b(?:under|below|less than|cheaper)\b", re.IGNORECASE)
_NEAR = re.compile(r"左右|上下|约|大概|大约|about|around", re.IGNORECASE)
#: Nobody's budget is told in fewer yuan: 5000到1万 begins at 5000 yuan, 10到5万 at ten 万.
_LEAST_YUAN = 100.0
_FACTORS = {
    "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3, "百": 1e2,
    "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "thousand": 1e3, "wan": 1e4,
}  # fmt: skip
_NAMED = {
    r"港[元币]|HK": ("港元", "HKD"), r"美[元金]|\$|USD|dollar|刀": ("美元", "USD"), r"欧|€|EUR": ("欧元", "EUR"),
    "日元|JPY": ("日元", "JPY"),
}  # fmt: skip
#: Currencies as written, by the name that the unit table knows the rate of.
_RATES = {
    "美": "USD", "欧": "EUR", "港": "HKD", "日": "JPY", "$": "USD", "US": "USD", "DO": "USD", "€": "EUR", "EU": "EUR",
    "刀": "USD", "HK": "HKD", "JP": "JPY",
}  # fmt: skip


def read_budgets(text: str) -> list[BudgetRequirement]:
    """Return the budgets of a normalised text in the order of their spans, in CNY.

    A bare budget (预算 200 万) is a ceiling, as is one with 以内; 左右 marks it approximate.
    """
    found: list[BudgetRequirement] = []
    for pattern in (_CUED, _CEILING, _WITHIN, _BEHIND, _TALKED_OF, *_ENGLISH):
        if not any(word in text for word in _NEEDED.get(pattern, ("",))):
            continue
        for match in pattern.finditer(text):
            budget = _budget(match, text)
            if budget and not any(_overlap(budget, other) for other in found):
                found.append(budget)
    return sorted(found, key=lambda budget: budget.start or 0)


def _budget(match: re.Match[str], text: str) -> BudgetRequirement | None:
    if not _is_money(match) or _FOREIGN.search(_clause(text, match)) or _is_other_money(text, match):
        return None
    pair = _pair(text, match)
    high = _yuan(match["number"], match["scale"], match.groupdict().get("fuzz"), match.groupdict().get("rest"))
    if pair is None and high is None:
        return None
    low, high = pair or (_low(match, high or 0.0), high or 0.0)
    rate = to_base(currency, "money")[0] if (currency := _foreign(match)) else 1.0
    high, low = high * rate, None if low is None else low * rate
    end = match.start() + len(match.group().rstrip())
    return BudgetRequirement(
        text=text[match.start() : end], start=match.start(), end=end, interval=_interval(low, high, match)
    )


def _pair(text: str, match: re.Match[str]) -> tuple[float, float] | None:
    """Return the ends of two figures in a row: 三五万, 二三十万, 两三百万."""
    number = read_numeral(text, match.start("number"))
    if number is None or not number.chinese or number.end != match.end("scale" if match["scale"] else "number"):
        return None
    return (number.low, number.high) if number.low < number.high < math.inf and not _is_fuzzy(match) else None


def _is_fuzzy(match: re.Match[str]) -> bool:
    return bool(match.groupdict().get("fuzz") or match.groupdict().get("low"))


def _is_money(match: re.Match[str]) -> bool:
    """Tell whether the amount is money: it names the currency, or its scale is one that only money is told in.

    欧 is an ohm as well (方阻 50 欧以下): a word for money or a 万 tells.
    """
    spoken = match["currency"] in ("欧", "刀")
    return bool(
        match["sign"]
        or (match["currency"] and not spoken)
        or (spoken and (match.groupdict().get("cue") or (match["scale"] or "").endswith(("万", "亿", "w"))))
        or (
            not spoken
            and match["scale"]
            and match["scale"].lower() not in ("百", "m", "k", "million", "thousand", "mn", "bn", "billion")
        )
    )


def _is_other_money(text: str, match: re.Match[str]) -> bool:
    """Tell whether an amount is a price or a gift: 每件3万块钱, 单价5块, 获得三十万预算, a power of 50W."""
    if match.re is _TALKED_OF:
        return bool(_PRICE.search(_clause(text, match)))
    if match.re is _BEHIND:
        return bool(_GIVEN.search(_clause(text, match)))
    first = match.start("low" if match.groupdict().get("low") else "number")
    after = text[match.end("currency" if match["currency"] else "number") :][:16]
    if (match["scale"] or "") in ("w", "W") and not match["currency"]:
        end = match.end("scale")
        if not is_ten_thousand(text[max(0, first - 16) : first], text[end : end + 12]):
            return True
    before = _CLAUSE_END.split(text[max(0, first - 24) : first])[-1]
    return is_unit_price(before, after, budgeted="预算" in (match.groupdict().get("cue") or ""))


def _foreign(match: re.Match[str]) -> str | None:
    """Return the currency of an amount, None for CNY."""
    word = (match["currency"] or match["sign"] or "").upper()
    return _RATES.get(word[:1]) or _RATES.get(word[:2])


def exchange_notes(budgets: Iterable[BudgetRequirement]) -> list[str]:
    """Return a note for each budget in foreign money on the rate that it was taken at."""
    notes = []
    for budget in budgets:
        for words, (name, currency) in _NAMED.items():
            if re.search(words, budget.text, re.IGNORECASE):
                notes.append(f"“{budget.text}”按 1 {name}≈{to_base(currency, 'money')[0]:g} 元折算")
                break
    return notes


def _clause(text: str, match: re.Match[str]) -> str:
    """Return the words from the last punctuation before a match to its end."""
    before = text[max(0, match.start() - 16) : match.start()]
    return _CLAUSE_END.split(before)[-1] + match.group()


def _low(match: re.Match[str], high: float) -> float | None:
    """Return the lower end of a range; without 元 or 万 of its own (5到10万元) it shares the scale of the upper one.

    A number that would then lie above the upper end was meant as it stands: 5000到1万.
    """
    groups = match.groupdict()
    if not groups.get("low"):
        return None
    written = _yuan(match["low"], match["low_scale"], rest=groups.get("low_rest"))
    if match["low_scale"] or groups.get("low_currency"):
        return written
    shared = _yuan(match["low"], match["scale"])
    if shared is None or written is None or shared <= high:
        return shared
    return written if _LEAST_YUAN <= written <= high else shared


def _interval(low: float | None, high: float, match: re.Match[str]) -> Interval:
    words = match["gap"] + (match["tail"] or "")
    near = bool(_NEAR.search(words) or match.groupdict().get("fuzz"))
    if low is not None:
        return Interval(min(low, high), max(low, high), approximate=near)
    if _LEAST.search(words) and not _MOST.search(words):
        return Interval(min=high, approximate=near)
    return Interval(max=high, max_closed=not _BELOW.search(words), approximate=near)


def _yuan(number: str, scale: str | None, fuzz: str | None = None, rest: str | None = None) -> float | None:
    """Return an amount in its currency; of 三十多万 and 十几万 the end, 40 and 20 万, of 三十来万 the number said."""
    number = ("一" if number[0] in "百千" else "") + number.replace(",", "")
    try:
        value = float(cn2an.cn2an(number, "smart"))
    except (ValueError, KeyError):
        return None
    if fuzz and fuzz != "来":
        value += _last_place(value)
    factor = _FACTORS[scale.lower()] if scale else 1.0
    value = value * factor + (_smaller(rest, factor) if rest and scale else 0.0)
    return value if math.isfinite(value) else None


def _smaller(rest: str, place: float) -> float:
    """Return what 5千 or a lone 5 adds behind 3万."""
    value = 0.0
    for figure, scale in re.findall(r"(\d+|[一二三四五六七八九])([千百十]万|[万千百]?)", rest):
        place = _FACTORS[scale] if scale else place / 10
        value += float(cn2an.cn2an(figure, "smart")) * place
    return value


def _last_place(value: float) -> float:
    """Return the place that a round number ends in: 10 of 30, 100 of 200, 1 of 35."""
    place = 1.0
    while value and value % (place * 10) == 0:
        place *= 10
    return place


def _overlap(one: BudgetRequirement, other: BudgetRequirement) -> bool:
    return (one.start or 0) < (other.end or 0) and (other.start or 0) < (one.end or 0)
