"""Which counts of a running text are quantities: 50 片 and 三批 are, 一台, 两三家 and 3 个 are not."""

from __future__ import annotations

import re

from matcher.understanding.numerals import Numeral
from matcher.understanding.unit_table import table
from matcher.understanding.units import Unit

#: What is made, tested or delivered by the piece: there even a Chinese digit counts (试制三套).
_PHYSICAL = frozenset("批套件片台只支颗枚块辆根瓶罐次张例圈") | {"台套", "批次", "循环", "次循环"}
#: 1 台 is a grown-up way of writing 一台.
_MACHINES = frozenset("台套")
_CYCLES = frozenset({"次", "次循环", "循环", "圈"})
#: 300 个样件 is a batch where 3 个项目 is not.
_THINGS = re.compile(
    " ?(?:样|模块|零件|部件|器件|芯片|电芯|电池|产品|晶圆|工位|循环|试样|单体|卫星|模组|组件|传感器|IGBT|SiC|叶片|轴承|"
    "阵元|阵子|通道|像素|细胞)"
)
_CYCLE_AFTER = re.compile(
    " ?(?:循环|充放电|弯折|插拔|疲劳|温循|跌落|冲击|折叠|开合|启停|往复|加速|通断|老化|刷洗|水洗|灭菌|"
    "高低温|热循环|冷热)"
)
_CYCLE_BEFORE = re.compile(
    "(?:循环|寿命|插拔|弯折|疲劳|温循|重复|折叠|反复|启停|洗|TC|冲击|振动|交变|开合|刷|拔|灭菌|充放电|试验|测试)"
    r"[^,。;\d]{0,8}$"
)
#: 样件 10 个: what is counted may stand before the number.
_THINGS_BEFORE = re.compile(
    "(?:样件|样品|样机|样片|试样|试件|试片|打样|试制|样本|样板|小样|产品|零件|部件|首批|先做|批量)(?:数量)?"
    "[:为约共计 ]{0,3}(?:[0-9]+[-~至到])?$"
)
#: From here on 次 is a number of cycles whatever is said beside it.
_MANY = 100.0
_LAYERS = re.compile(
    r"PCB|HDI|BGA|SMT|板层|FPC|线路板|电路板|板厚|线宽|软硬结合|多层板|层板|盲埋|基板|覆铜", re.IGNORECASE
)
_LAYERS_NEAR = 24
_NOT_COUNTED = tuple("第二三几统唯之每这那某首两")


def is_counted(text: str, start: int, end: int, numeral: Numeral, unit: Unit) -> bool:
    """Tell whether a number with a counter says how many pieces, cycles or layers a facility has to make or run.

    Args:
        text: a normalised text; the number begins at `start`, the counter ends at `end`.
    """
    units, spelling = table(), unit.spelling
    before, after = text[max(0, start - 16) : start], text[end : end + 8]
    if spelling in _MACHINES and numeral.low == numeral.high == 1:
        return False
    if numeral.chinese and (numeral.value < 2 or before[-1:] in _NOT_COUNTED):
        return False
    if "/" in unit.name:
        return True
    if spelling in ("层", "layers", "layer"):
        return not numeral.chinese and bool(_LAYERS.search(text, max(0, start - _LAYERS_NEAR), end + _LAYERS_NEAR))
    if spelling in units.rated and spelling not in _PHYSICAL:
        return bool(_THINGS.match(after) or (_THINGS_BEFORE.search(before) and not numeral.chinese))
    if spelling in units.loose:
        return False
    if spelling in _CYCLES:
        return _is_cyclic(before, after, numeral, spelling)
    return not numeral.chinese or (
        spelling in _PHYSICAL and text[numeral.start : numeral.end] not in ("几", "数", "半")
    )


def _is_cyclic(before: str, after: str, numeral: Numeral, spelling: str) -> bool:
    if spelling != "次" or numeral.value >= _MANY:
        return True
    return bool(_CYCLE_AFTER.match(after) or _CYCLE_BEFORE.search(before)) and not (
        numeral.chinese and numeral.value <= 2
    )
