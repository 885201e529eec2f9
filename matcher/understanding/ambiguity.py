"""Spellings whose meaning the words beside them settle: 度, 丝, 平, 方, K, T, 吨 of a vessel, oz of copper, 月."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from matcher.understanding.counters import is_counted
from matcher.understanding.numerals import Numeral
from matcher.understanding.ten_thousands import is_ten_thousand
from matcher.understanding.units import Unit

_HOT = re.compile(
    "温|烧|熔|冷(?![弯轧镦])|热|冻|煅|固化|退火|焙|炉|零下|相变|干燥|灭菌|蒸|煮|Tg|耐|烘|点", re.IGNORECASE
)
#: Right beside a number these tell heat as well; farther off, a hardness, a proof and a turn stand beside them too.
_HOT_LEFT = re.compile(
    "(?:MPa|[釜应]|裂解|烤箱)(?:要求|需要|需|要|可|能|达|到|在|约|至少|不低于|:|[,、 ])*$",
    re.IGNORECASE,
)
_HOT_RIGHT = re.compile(" ?(?:左右|以上|以下)?(?:下|的)?(?:反应(?![釜池器迅])|裂解|合成)")
#: Of a number with more digits nothing is so hot.
_HOT_DIGITS = 4
_ELECTRIC = re.compile("[耗用省节发]电|电[耗费量]|[单月年日能]耗")
_PRICED = re.compile("预算|报价|费用|经费|价格?|资金|总投|出资|款")
_PRICED_RIGHT_BEFORE = re.compile(
    rf"(?:{_PRICED.pattern}|单价|总价|[单每一][件个套台只片瓶]成?本?)"
    "(?:大概|大约|约|为|是|在|控制在|[不别](?:要|得|能)?超过|不高于|最多|最高|上限|:| )*$"
)
#: Behind an amount that 块 tells as yuan; a board of which there are two (两块板) has its name there.
_AMOUNT_END = re.compile(r" ?(?:[,。;!?、)\n]|$|左右|上下|以内|以下|之内|封顶)")
_BUDGET_BEHIND = re.compile(" ?(?:左右|以内|上下)?的?(?:预算|经费)")
_ANGLE = re.compile("角|转动|旋转|倾|坡|俯仰|方位|扫描|视场|弯|折|翻|偏|相位|摆|刃|锥|轴|环绕")
_ROOM = re.compile(
    r" ?(?:[,\uff0c。;!?、)\n]|$| (?=[^\s\d米方台面])|做|建|用于?|作为?|以上|以下|以内|左右|上下|的|场地?|厂房|车间|"
    "洁净|净化|实验|厂|办公|空间|仓|标准|无尘|中试|库房|防爆|带)"
)
#: What machinists tell by hundredths of a millimetre, 丝; elsewhere these are threads.
_FINE = "(?:精度|公差|误差|偏差|跳动|间隙|平面度|平行度|垂直度|同轴度?|圆度|形变量?|变形量)"
_FINE_LEFT = re.compile(
    f"(?:{_FINE}(?:要求|控制|需要|需|为|是|在|达|到|约|不超过|不大于|小于|优于|最多|≤|<|±|:| )*|±)$"
)
_FINE_RIGHT = re.compile(f" ?(?:以内|之内|级)?的?{_FINE}")
#: 一丝不苟 and 一丝一毫 measure nothing.
_IDIOM = re.compile("[不一毫]")
_FLUID = re.compile(
    r" ?(?:[,\uff0c。;!?、)\n]|$|以上|以下|以内|左右|的|罐|釜|池|混凝土|水|气|储|/|"
    "[污废中纯浓原海卤清雨软]水|废[液气]|[料浆母药溶滤发]液|浆料|"
    r"(?:不锈钢|搪瓷|玻璃|生物|机械|搅拌|发酵|种子|反应|聚合|结晶|中试|碳钢|加氢|配料|配制|培养|调配|高压){1,3}(?:罐|釜|器|池))"
)
_COLD = re.compile("温|液氮|液氦|超导|制冷|冷却|到|K下|噪声|热|≤|≥|<")
#: Tows of carbon fibre are told in thousands of filaments.
_TOW = re.compile("丝束|原丝|碳丝|纤维|tow", re.IGNORECASE)
_PACE = re.compile("节拍|线速|产速|产线速度|UPH|每分钟|效率")
_LAST_CLAUSE = re.compile("[,。;!?\n]")
_NOT_KELVIN = re.compile(" ?[视高超屏分碳丝大小原]")
_MAGNET = re.compile("磁|MRI|特斯拉|NMR|核磁|场强", re.IGNORECASE)
#: What is told by tonnes in workshops, where a large T is typed for them: 800T注塑机, 年产5000T.
_PRESS = "(?:注塑机|压机|压力机|油压机|液压机|锻压机|压铸机|冲床|行车|天车|吊车|叉车|熔炼炉|中频炉|电炉)"
_HEAVY_BEFORE = re.compile(
    rf"(?:{_PRESS}|釜|罐|吨位|锁模力|合模力|承重|载重|起重|[年月日]产|产[能量]|处理量|每[年月天日批]|[单每]批)"
    "(?:为|是|要|需|需要|达到|达|到|在|约|大约|不低于|不超过|不小于|至少|最大|≥|≤|>|<|:| )*"
    r"(?:\d+(?:\.\d+)? ?T? ?[~至到-] ?)?$"
)
_HEAVY_AFTER = re.compile(
    r"(?: ?[~至到-] ?\d+(?:\.\d+)? ?T)? ?"
    rf"级?(?:及?以[上下内]|左右)?的?(?:大型|小型|双色|立式|卧式|伺服|真空|四柱)*{_PRESS}"
)
_DAYS = re.compile(r"内|以|之|左|前|后|[,。;]|历|连续")
#: A vessel named by tonnes holds as many cubic metres of a watery charge.
_VESSEL = re.compile(
    " ?级?的?(?:不锈钢|搪瓷|玻璃|梯级|生物|机械|搅拌|发酵|种子|反应|储|聚合|结晶|中试|通气|"
    "碳钢|加氢|配料|配制|培养){0,3}"
    "(?:罐|釜|反应器)(?![装车区])"
)
#: 3公斤压力 and 气压6公斤 are kgf/cm², which a gauge of old is marked in.
_PRESSED = re.compile(" ?级?的?(?:以上|以下|以内|左右)?的?(?:压力(?![罐釜容锅机])|压强|(?:气|水|油|蒸汽)压(?![机缸]))")
_PRESSED_BEFORE = re.compile(
    "(?:压力|气压|水压|油压|耐压|打压|风压|蒸汽压|承压|试压)(?:范围)?"
    "(?:要求|需要|需|为|是|达到|达|到|在|约|大约|不低于|不超过|不小于|不高于|不大于|至少|最高|最大|≥|≤|>|<|:| )*$"
)
_MPA_PER_KILO = 0.1
_COPPER_UM_PER_OUNCE = 34.8
_HALVES = frozenset(["吨", "年", "个月", "小时", "个小时", "天", "公斤", "斤", "升", "米", "微米", "亩", "月", "公里"])
#: With a Chinese digit these are syllables of other words (三方, 四代, 一目).
_SYLLABLES = frozenset("方平代目分元帕焦托巴欧牛伏")
#: A letter that these follow is a grade, a type or a name: 5A级, 3d打印, 4H型.
_NAMING = frozenset("级样轮类型区座栋站版款打模股标")
_CENTURY = re.compile(r"(?:19|20)\d\d$")
_CONTEXT = 16


def settle(text: str, start: int, numeral: Numeral, unit: Unit, end: int) -> Unit | None:
    """Return what `unit`, read from behind the number to `end`, means here; None where it is no unit.

    Args:
        text: a normalised text; `start` is where the number begins, its sign included.
    """
    if unit.spelling == "块" and _is_money(text, numeral, end):
        return replace(unit, dimension="money", name="CNY")
    if unit.dimension in ("count", "count_rate"):
        return unit if is_counted(text, start, end, numeral, unit) else None
    before, after = text[max(0, numeral.start - _CONTEXT) : numeral.start], text[end : end + 12]
    if numeral.chinese and _is_syllable(before, numeral, unit):
        return None
    check = _CHECKS.get(unit.spelling)
    return check(unit, before, after, text[numeral.start : numeral.end]) if check else unit


def _is_money(text: str, numeral: Numeral, end: int) -> bool:
    """Tell whether 块 is yuan: 两万块预算, 预算两万块, but not 两块板."""
    if _BUDGET_BEHIND.match(text, end):
        return True
    before = text[max(0, numeral.start - _CONTEXT) : numeral.start]
    return bool(_PRICED_RIGHT_BEFORE.search(before) and _AMOUNT_END.match(text, end))


def holds_cubic_metres(text: str, end: int) -> bool:
    """Tell whether tonnes that end at `end` are the size of a vessel (5 吨发酵罐 is 5 m³)."""
    return bool(_VESSEL.match(text, end, end + 16))


def _is_syllable(before: str, numeral: Numeral, unit: Unit) -> bool:
    """Tell 下半年, 下一年, 统一度 and the like; a lone 几 or 数 has no value worth keeping."""
    previous = before[-1:]
    if numeral.value == 0.5 and numeral.end - numeral.start == 1:
        return previous in tuple("上下前后大多") or unit.spelling not in _HALVES
    if previous in tuple("第统唯之单专逐万某") or (
        unit.dimension == "time" and previous in tuple("上下新头每同这那另")
    ):
        return True
    if (numeral.low, numeral.high) == (2.0, 10.0) and not numeral.share:
        return unit.dimension not in ("mass", "volume")
    return unit.spelling in _SYLLABLES and numeral.value < 10


def _degrees(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    if _ELECTRIC.search(before[-8:]) or after[:1] == "电":
        return replace(unit, dimension="energy", name="kWh")
    if _ANGLE.search(before[-8:] + after[:4]) and not _HOT.search(before[-4:] + after[:2]):
        return replace(unit, dimension="angle", name="degree")
    if _HOT.search(before + after):
        return unit
    beside = len(number) <= _HOT_DIGITS and (_HOT_LEFT.search(before) or _HOT_RIGHT.match(after))
    return unit if beside and "万" not in number else None


def _square(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return unit if _ROOM.match(after) and len(number) > 1 else None


def _cubic(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return unit if _FLUID.match(after) else None


def _kelvin(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    if _TOW.search(before[-6:] + after[:4]) and "." not in number:
        return replace(unit, dimension="count", name="1", factor=1e3)
    return unit if _COLD.search(before + after) and not _NOT_KELVIN.match(after) else None


def _thread(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    if number == "一" and _IDIOM.match(after):
        return None
    return unit if _FINE_LEFT.search(before) or _FINE_RIGHT.match(after) else None


def _ppm(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    """A line's parts per minute are spelt like parts per million."""
    if _PACE.search(_LAST_CLAUSE.split(before)[-1]):
        return replace(unit, dimension="count_rate", name="1/min")
    return unit


def _tesla(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    """A magnetic field, or tonnes typed with a large letter."""
    if unit.dimension != "magnetic_field" or _MAGNET.search(before + after):
        return unit
    tonnes = replace(unit, dimension="mass", name="t")
    if _VESSEL.match(after):
        return _tonnes(tonnes, before, after, number)
    return tonnes if _HEAVY_AFTER.match(after) or _HEAVY_BEFORE.search(before) else None


def _tonnes(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return replace(unit, dimension="volume", name="m^3") if unit.name == "t" and _VESSEL.match(after) else unit


def _kilos(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    if _PRESSED.match(after) or _PRESSED_BEFORE.search(before):
        return replace(unit, dimension="pressure", name="MPa", factor=_MPA_PER_KILO)
    return unit


def _ounces(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    copper = "铜" in before + after or "板" in before
    return replace(unit, dimension="length", name="um", factor=_COPPER_UM_PER_OUNCE) if copper else unit


def _bare_month(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return unit if number.isdigit() and int(number) > 12 else None


def _year(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return None if _CENTURY.search(number) or after[:1] == "前" else unit


def _day_of_month(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return None if before.rstrip()[-1:] in tuple("月年.-/") or not _DAYS.match(after) else unit


def _letter(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return None if after[:1] in _NAMING else unit


def _siemens(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return None if unit.dimension == "conductance" else unit


def _percent(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return replace(unit, dimension="humidity") if "湿度" in before[-5:] and unit.dimension == "fraction" else unit


def _watts(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    """预算 15W is 15 万."""
    return replace(unit, dimension="money", name="CNY", factor=1e4) if is_ten_thousand(before, after) else unit


def _ohms(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    """预算30万欧 is euros."""
    return replace(unit, dimension="money", name="EUR") if _PRICED_RIGHT_BEFORE.search(before) else unit


def _never(unit: Unit, before: str, after: str, number: str) -> Unit | None:
    return None


_Check = Callable[[Unit, str, str, str], Unit | None]
_CHECKS: dict[str, _Check] = {
    "度": _degrees, "平": _square, "平方": _square, "方": _cubic, "K": _kelvin, "T": _tesla, "PPM": _ppm, "ppm": _ppm,
    "吨": _tonnes, "t": _tonnes, "公斤": _kilos,
    "丝": _thread, "oz": _ounces, "盎司": _ounces, "月": _bare_month, "年": _year, "日": _day_of_month,
    "A": _letter, "d": _letter, "h": _letter, "V": _letter, "J": _letter, "L": _letter, "g": _letter,
    "H": _letter, "MT": _letter,
    "W": _watts, "欧": _ohms, "S": _siemens, "%": _percent, "代": _never, ":1": _never, "a": _never, "人民币": _never,
}  # fmt: skip
