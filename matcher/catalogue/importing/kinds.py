"""The kind of a row: said by its own column, or guessed from the form, the names of sheet and file, and its words."""

from __future__ import annotations

import re

from matcher.records import KIND_NAMES, KINDS, Kind

_NAMED: dict[str, Kind] = {
    **{name: kind for kind, name in KIND_NAMES.items()},
    **{kind: kind for kind in KINDS},
    "平台": "platform", "中试基地": "platform", "概念验证中心": "platform", "中试车间": "platform",
    "facility": "platform",
    "设备": "equipment", "仪器": "equipment", "仪器设备": "equipment", "大型仪器": "equipment",
    "代工厂": "manufacturer", "代工": "manufacturer", "中试代工": "manufacturer", "制造商": "manufacturer",
    "方案": "solution", "解决方案": "solution", "技术方案": "solution", "中试案例": "case", "政策文件": "policy",
}  # fmt: skip
#: In this order: 中试平台设备清单 lists equipment.
_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("policy", re.compile("政策|办法|通知|指南")),
    ("case", re.compile("案例")),
    ("solution", re.compile("解决方案|技术方案|成果")),
    ("manufacturer", re.compile("代工|代加工|制造商|生产企业|CDMO|CMO", re.IGNORECASE)),
    ("equipment", re.compile("仪器|设备|装备|机台|显微镜|色谱|光谱|质谱|反应釜|发酵罐")),
    ("platform", re.compile("平台|基地|中心|中试线|车间|实验室|研究院")),
)


def named_kind(text: str) -> Kind | None:
    """Return the kind that a cell of the column 类别 names, None for other words."""
    return _NAMED.get(text.strip()) or _NAMED.get(text.strip().lower())


def kind_in(text: str) -> Kind | None:
    """Return the kind that the words of a title or a file name point at."""
    return next((kind for kind, words in _WORDS if words.search(text)), None)


def kind_of_name(name: str) -> Kind | None:
    """Return the kind that a listing's own name points at; policies and cases are never guessed so."""
    kind = next((kind for kind, words in reversed(_WORDS) if words.search(name)), None)
    return kind if kind not in ("policy", "case") else None
