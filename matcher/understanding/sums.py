"""Money that goes without 元 (预算 200 万, 200 万以内) or has its currency in front (¥80,000, RMB 2 million)."""

from __future__ import annotations

import re

from matcher.understanding.numerals import Numeral
from matcher.understanding.units import Unit

_MONEY = re.compile(
    "预算|费用|经费|投资|资金|报价|总价|单价|价格|金额|成本|投入|补助|补贴|奖励|贷款|收费|产值|营收|收入|款|元|控制在|造价|出资|"
    "融资|资助|¥|人民币"
)
_NOT_MONEY = re.compile(
    "用户|人口|产能|产量|粉丝|访问|次数|寿命|转速|分子量|截留|TDS|含盐|粘度|颗粒|细胞|家|数据|样本|注册"
)
_END = re.compile(
    " ?(?:以内|以下|以上|之内|内|左右|上下|封顶|起|出头|[,。;、)\\n!?]|$|预算|的|到|至|-|~|之间|一?[批次套])"
)
_CEILING = re.compile(" ?(?:以内|之内|以下|封顶|预算)")
_SENTENCE = re.compile(r"[。;\n]")
_SIGN = re.compile(
    r"(?P<sign>[¥￥$€]|RMB|CNY|USD|EUR|HKD|JPY|人民币|US\$|HK\$|"
    r"(?<![\d.万亿千百十 ])(?:美元|美金|欧元|港元|港币|日元)) ?$",
    re.IGNORECASE,
)
_SIGN_ENDS = frozenset("¥￥$€ 币元金BYDRbydr")
_CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "rmb": "CNY", "cny": "CNY", "人民币": "CNY", "$": "USD",
    "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "hk$": "HKD", "hkd": "HKD", "jpy": "JPY", "美元": "USD",
    "美金": "USD", "欧元": "EUR", "港元": "HKD", "港币": "HKD", "日元": "JPY",
}  # fmt: skip
#: 500k RMB, 1.5M yuan, and behind a currency's sign 50k.
_SUM = re.compile(
    r" ?(?P<scale>k|K|thousand|M|mn|million|bn|billion|wan)? ?(?P<currency>RMB|CNY|yuan|USD|US dollars?|dollars?|"
    r"EUR|euros?|HKD|JPY|yen)\b",
    re.IGNORECASE,
)
_SCALED = re.compile(r" ?(?P<scale>k|thousand|m|mn|million|bn|billion)\b", re.IGNORECASE)
_FACTORS = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "wan": 1e4,
}  # fmt: skip
_WRITTEN = {"rm": "CNY", "cn": "CNY", "yu": "CNY", "eu": "EUR", "hk": "HKD", "jp": "JPY", "ye": "JPY"}
YUAN = Unit("money", "CNY", 1.0, "")
#: Looking further back for a word of money would cross into another statement.
_WINDOW = 16


def sum_after(text: str, start: int, numeral: Numeral) -> tuple[Unit, int] | None:
    """Return the currency, with k or million as its factor, behind a number that begins at `start`; None for none."""
    if found := _SUM.match(text, numeral.end):
        name = _WRITTEN.get(found["currency"][:2].lower(), "USD")
        return Unit("money", name, _FACTORS.get((found["scale"] or "").lower(), 1.0), found["currency"]), found.end()
    sign = currency_sign(text, start)
    if sign and (found := _SCALED.match(text, numeral.end)):
        return Unit(
            "money", _CURRENCIES[sign["sign"].lower()], _FACTORS[found["scale"].lower()], sign["sign"]
        ), found.end()
    return None


def money_unit(text: str, start: int, numeral: Numeral) -> Unit | None:
    """Return the currency of a number that no unit follows, None where it is no sum of money."""
    if sign := currency_sign(text, start):
        return Unit("money", _CURRENCIES[sign["sign"].lower()], 1.0, sign["sign"])
    return YUAN if _is_sum(text, start, numeral) else None


def currency_sign(text: str, start: int) -> re.Match[str] | None:
    """Return the currency that ends right before `start`, if one does."""
    if text[start - 1 : start] not in _SIGN_ENDS:
        return None
    return _SIGN.search(text, max(0, start - 8), start)


def _is_sum(text: str, start: int, numeral: Numeral) -> bool:
    after = text[numeral.end : numeral.end + 6]
    before = _SENTENCE.split(text[max(0, start - _WINDOW) : start])[-1]
    if numeral.scale < 1e4 or not _END.match(after) or _NOT_MONEY.search(before[-8:]):
        return False
    return bool(_MONEY.search(before) or _CEILING.match(after))
