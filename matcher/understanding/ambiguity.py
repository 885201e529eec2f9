"""Spellings that are a unit only in company: 度, 平, 方, K, T, N, 月, and the money that goes without 元."""

from __future__ import annotations

import re

from matcher.understanding.numerals import Numeral
from matcher.understanding.unit_table import table
from matcher.understanding.units import Unit

_HOT = re.compile(r"温|烧|熔|冷|热|冻|煅|固化|退火|焙|炉|零下|相变|干燥|灭菌|蒸|煮|Tg|耐|烘|点", re.IGNORECASE)
_ANGLE = re.compile(r"角|转动|旋转|倾|坡|俯仰|方位|扫描|视场|弯|折|翻|偏|相位|摆|刃|锥|轴")
_SPACE_FOLLOWS = re.compile(r" ?(?:[,。;、)\n]|$|以上|以下|以内|左右|上下|的|场地|厂房|车间|洁净|实验|厂|办公|空间|仓)")
_COLD_OR_TOW = re.compile(r"温|液氮|液氦|超导|低温|制冷|冷却|到|K下|噪声|热|≤|≥|<")
_MAGNET = re.compile(r"磁|MRI|特斯拉|NMR|核磁|场强", re.IGNORECASE)
_TIMES = re.compile(r"个月|年|天|周|小时")
_MONEY = re.compile(
    r"预算|费用|经费|投资|资金|报价|总价|单价|价格|金额|成本|投入|补助|补贴|奖励|贷款|收费|产值|营收|收入|款|元|控制在|造价|出资|融资|资助|¥|人民币"
)
_NOT_MONEY = re.compile(
    r"用户|人口|产能|产量|粉丝|访问|次数|寿命|转速|分子量|截留|TDS|含盐|粘度|颗粒|细胞|家|数据|样本|注册"
)
_MONEY_END = re.compile(
    r" ?(?:以内|以下|以上|之内|内|左右|上下|封顶|起|出头|[,。;、)\n!?]|$|预算|的|到|至|-|~|之间|一?[批次套])"
)
_CENTURY = re.compile(r"(?:19|20)\d\d$")
#: Units that a Chinese 一 / 两三 may not count in running text: 一台 is an article, not a quantity.
_ARTICLE = frozenset({"一"})
_PHYSICAL = frozenset("批套件片台只支颗枚块辆根瓶罐次张例圈") | {"台套", "批次", "循环", "次循环"}
_MEASURED_THINGS = re.compile(
    r" ?(?:样|模块|零件|部件|器件|芯片|电芯|电池|产品|晶圆|工位|循环|试样|样品|样件|样机|单体|卫星|模组|组件|传感器|IGBT|SiC|叶片|轴承|阵元|阵子|通道|像素|细胞)"
)
_CYCLE = re.compile(
    r" ?(?:循环|充放电|弯折|插拔|疲劳|温循|跌落|冲击|折叠|开合|启停|往复|加速|通断|老化|刷洗|水洗|灭菌|高低温|热循环|冷热)"
)
_CYCLE_BEFORE = re.compile(
    r"(?:循环|寿命|插拔|弯折|疲劳|温循|重复|折叠|反复|启停|水洗|清洗|洗|TC|冲击|振动|交变|开合|刷|拔|灭菌|充放电|试验|测试|氢循环)[^,。;\d]{0,8}$"
)
_MANY = 100.0


def refuses(text: str, start: int, numeral: Numeral, unit: Unit, end: int) -> bool:
    """Tell whether `unit`, read between the number and `end`, is no unit here.

    Args:
        text: a normalised text; `start` is where the number begins.
    """
    before, after = text[max(0, start - 16) : start], text[end : end + 8]
    if unit.dimension == "count":
        return _refuses_counter(text, before, after, numeral, unit)
    if numeral.chinese and _refuses_chinese(before, after, numeral, unit):
        return True
    check = _CHECKS.get(unit.spelling)
    return bool(check and check(before, after, text[numeral.start : numeral.end]))


def is_money(text: str, start: int, numeral: Numeral) -> bool:
    """Tell whether a number of 万 or 亿 that no unit follows is an amount of money (预算 200 万, 200 万以内)."""
    after = text[numeral.end : numeral.end + 6]
    before = re.split(r"[。;\n]", text[max(0, start - 16) : start])[-1]
    if numeral.scale < 1e4 or not _MONEY_END.match(after) or _NOT_MONEY.search(before[-8:]):
        return False
    return bool(_MONEY.search(before)) or bool(re.match(r" ?(?:以内|之内|以下|封顶|预算)", after))


def _refuses_counter(text: str, before: str, after: str, numeral: Numeral, unit: Unit) -> bool:
    """Refuse counters in running text that say nothing of a facility: 一台, 两三家, 3 个."""
    units, spelling = table(), unit.spelling
    if "/" in unit.name:
        return numeral.chinese and numeral.value < 2 and spelling in ("个", "条")
    if spelling in units.rated and spelling not in _PHYSICAL:
        return not _MEASURED_THINGS.match(after) or (numeral.chinese and numeral.value < 2)
    if spelling in units.loose:
        return True
    if spelling in ("次", "次循环"):
        cyclic = _CYCLE.match(after) or _CYCLE_BEFORE.search(before)
        return not (cyclic or numeral.value >= _MANY) or (numeral.chinese and numeral.value <= 2)
    if numeral.chinese and spelling not in _PHYSICAL:
        return True
    word = text[numeral.start : numeral.end]
    if numeral.chinese and (word in _ARTICLE or before[-1:] in tuple("第两二三几统唯之每这那某首")):
        return True
    return numeral.chinese and word in ("几", "数", "半")


def _refuses_chinese(before: str, after: str, numeral: Numeral, unit: Unit) -> bool:
    """Refuse 下半年, 下一年, 统一度 and the like; a lone 几 or 数 has no value worth keeping."""
    if numeral.value == 0.5 and numeral.end - numeral.start == 1:
        return before[-1:] in tuple("上下前后大多") or unit.spelling not in _HALVES
    if before[-1:] in tuple("第统唯之单专逐万某") or (
        before[-1:] in tuple("上下新头每同这那另") and unit.dimension == "time"
    ):
        return True
    if numeral.low == 2.0 and numeral.high == 10.0 and not numeral.share:
        return unit.dimension not in ("mass", "volume")
    return (
        unit.spelling in ("方", "平", "代", "目", "分", "度", "倍", "元", "帕", "焦", "托", "巴", "欧", "牛", "伏")
        and numeral.value < 10
        and unit.spelling not in ("倍", "度")
    )


_HALVES = frozenset(
    {"吨", "年", "个月", "小时", "个小时", "天", "公斤", "斤", "升", "米", "微米", "亩", "月", "公里", "t"}
)


def _degrees(before: str, after: str, number: str) -> bool:
    return not _HOT.search(before + after) and not _ANGLE.search(before + after)


def _square(before: str, after: str, number: str) -> bool:
    return not _SPACE_FOLLOWS.match(after) or len(number) < 2


def _cubic(before: str, after: str, number: str) -> bool:
    return not re.match(r" ?(?:[,。;)\n]|$|以上|以内|左右|的|罐|釜|池|混凝土|水|气|储|/)", after)


def _kelvin(before: str, after: str, number: str) -> bool:
    return bool(re.match(r" ?[视高超屏分碳丝大小原]", after)) or not _COLD_OR_TOW.search(before + after)


def _tesla(before: str, after: str, number: str) -> bool:
    return not _MAGNET.search(before + after)


def _bare_month(before: str, after: str, number: str) -> bool:
    return not number.isdigit() or int(number) <= 12


def _year(before: str, after: str, number: str) -> bool:
    return bool(_CENTURY.search(number)) or bool(re.match(r"[级制版]", after))


def _day_of_month(before: str, after: str, number: str) -> bool:
    return before.rstrip()[-1:] in tuple("月年.-/") or not re.match(r"内|以|之|左|前|后|[,。;]|历|连续", after)


def _single_letter(before: str, after: str, number: str) -> bool:
    return after[:1] in tuple("级样轮类型区座栋站版款打模股标")


def _dimensionless_times(before: str, after: str, number: str) -> bool:
    return False


def _bare_colon(before: str, after: str, number: str) -> bool:
    return True


_CHECKS = {
    "度": _degrees, "平": _square, "平方": _square, "方": _cubic, "K": _kelvin, "T": _tesla, "月": _bare_month, "年": _year,
    "日": _day_of_month, "A": _single_letter, "d": _single_letter, "h": _single_letter, "a": _bare_colon, "T/": _tesla,
    "V": _single_letter, "J": _single_letter, "L": _single_letter, "g": _single_letter, ":1": _bare_colon, "H": _single_letter,
    "代": _bare_colon, "″": _dimensionless_times, "人民币": _bare_colon, "MT": _single_letter,
}  # fmt: skip
