"""What each grade means, as judges read it beside every pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class GradeGuide:
    """One grade: its name, when to give it, and an example."""

    grade: int
    name: str
    when: str
    example: str


GUIDELINE: Final = (
    GradeGuide(
        3,
        "可列入候选",
        "工艺和对象都对得上;条目写明的规模、规格与需求相容,或没有写。",
        "需求是 500 L 发酵放大,条目是 50–5000 L 微生物发酵中试线。",
    ),
    GradeGuide(
        2,
        "值得打个电话",
        "能做其中的主要部分,或做的是相邻材料,或正好有需求点名的检测、设备。",
        "需求是酶制剂发酵与纯化,条目只有分离纯化线。",
    ),
    GradeGuide(
        1,
        "只是同一大类",
        "行业相近,但工艺或对象不同;或本可更高,却与写明的条件冲突(规模太小、尺寸不符、缺必需的资质)。",
        "需求要 8 英寸流片,条目只有 4 英寸线。",
    ),
    GradeGuide(0, "不相关", "看不出能帮上什么忙。", "需求是锂电正极材料,条目是饮料灌装线。"),
)
#: What holds for all grades.
ADVICE: Final = (
    "只按需求和条目写明的内容判断,不要猜测,也不必上网查证。",
    "没有写的参数不算冲突;写明且不符的才降级。",
    "地点只在需求限定了地点时才影响等级。",
    "拿不准时取较低的等级;完全看不懂可以跳过。",
    "条目的先后是打乱的,与它在排序里的位置无关。",
)
