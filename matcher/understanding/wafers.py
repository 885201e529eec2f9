"""Wafers are named by nominal inches: an 8-inch wafer is 200 mm wide, not 203.2."""

from __future__ import annotations

import math
import re

#: SEMI M1 nominal diameters in mm by nominal inches.
DIAMETERS = {1: 25.0, 2: 50.0, 3: 75.0, 4: 100.0, 5: 125.0, 6: 150.0, 8: 200.0, 12: 300.0, 18: 450.0}
_MM_PER_INCH = 25.4
_WAFER = re.compile(
    "晶圆|圆片|硅片|晶片|衬底|外延|单晶|晶体|流片|光刻|MEMS|CMOS|SiC|GaN|InP|LNOI|SOI|TSV|BCD|IGBT|氧化镓|碳化硅|氮化镓|铌酸锂|"
    "砷化镓|高阻硅|芯片|半导体|刻蚀|溅射靶|集成电路|工艺线|中试线|产线|量产线|[寸]线|寸片|wafer|fab",
    re.IGNORECASE,
)
#: Things that are measured in real inches.
_NOT_WAFER = re.compile(
    "屏|显示|电视|板长|面板|显示器|管|阀|口径|轮|硬盘|机柜|法兰|见方|载体|蜂窝|螺|screen|display|panel|pipe",
    re.IGNORECASE,
)


def is_wafer(before: str, after: str, *, unsaid: bool = False) -> bool:
    """Tell from the words around a number of inches whether it is a wafer's nominal size; the nearest word tells.

    `unsaid` is the answer where no word tells.
    """
    wafer, other = (_distance(pattern, before, after) for pattern in (_WAFER, _NOT_WAFER))
    return unsaid if wafer == other else wafer < other


def wafer_diameter(inches: float) -> float:
    """Return a wafer's nominal diameter in mm; sizes that SEMI does not name are converted as they are."""
    if not math.isfinite(inches):
        return inches
    nominal = DIAMETERS.get(int(inches)) if inches == int(inches) else None
    return nominal if nominal is not None else inches * _MM_PER_INCH


def _distance(pattern: re.Pattern[str], before: str, after: str) -> float:
    """Return how many characters away the nearest match is; words after the number are taken as nearer."""
    following = pattern.search(after)
    preceding = max((match.end() for match in pattern.finditer(before)), default=None)
    return min(
        following.start() if following else math.inf,
        math.inf if preceding is None else len(before) - preceding + 0.5,
    )
