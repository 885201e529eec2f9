"""A report as rich tables with Chinese headings; knows nothing of how the figures came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from matcher.evaluation.bootstrap import Estimate
from matcher.evaluation.metrics import NDCG_DEPTH, RECALL_DEPTH
from matcher.evaluation.report import Report
from matcher.evaluation.slices import OTHER
from matcher.records import KIND_NAMES

HEADINGS: Mapping[str, str] = {
    f"ndcg@{NDCG_DEPTH}": f"nDCG@{NDCG_DEPTH}",
    f"recall@{RECALL_DEPTH}": f"召回率@{RECALL_DEPTH}",
    "mrr": "MRR",
    f"judged@{NDCG_DEPTH}": f"已标注@{NDCG_DEPTH}",
}
DIMENSIONS: Mapping[str, str] = {
    "wording": "表述",
    "kind": "所需类型",
    "numbers": "数字",
    "answers": "合适条目数",
    "pool": "已标注条目数",
    "industry": "行业",
}
_VALUES: Mapping[tuple[str, str], str] = {
    ("wording", "explicit"): "点明设施或服务",
    ("wording", "vague"): "只说问题",
    ("numbers", "with"): "含数字",
    ("numbers", "without"): "不含数字",
    ("industry", OTHER): "其他",
    **{("kind", kind): name for kind, name in KIND_NAMES.items()},
}


def render(report: Report) -> Group:
    """Overall table, slices and the lines that say what was left out."""
    return Group(_overall(report), _slices(report), *map(Text, notes(report)))


def notes(report: Report) -> Iterator[str]:
    """What a reader must know to take the figures rightly, one line each."""
    yield "区间为按需求自助重采样的 95% 区间。"
    yield f"需求 {report.needs} 条;没有合适条目(等级 ≥2)的 {report.left_out} 条不计入均值。"
    if report.unjudged:
        yield f"{report.unjudged} 条没有标注,不计入任何数字。"
    if report.unranked:
        yield f"{report.unranked} 条没有排出任何条目,按 0 计。"
    if report.nothing_fits:
        found = report.nothing_fits
        sides = f"{found.answerable} 条有合适条目,{found.unanswerable} 条没有"
        yield f"识别“没有合适的”:ROC 曲线下面积 {found.area:.3f} [{found.low:.3f}, {found.high:.3f}]({sides})。"


def _overall(report: Report) -> Table:
    table = Table(title=Text(f"匹配质量({report.tag})"))
    table.add_column("指标")
    for heading in ("均值", "95% 区间", "需求数"):
        table.add_column(heading, justify="right")
    for name, estimate in report.overall.items():
        table.add_row(HEADINGS.get(name, name), _mean(estimate), _interval(estimate), str(estimate.count))
    return table


def _slices(report: Report) -> Table:
    table = Table(title="分组")
    table.add_column("分组")
    table.add_column("取值")
    table.add_column("需求数", justify="right")
    for name in report.overall:
        table.add_column(HEADINGS.get(name, name), justify="right")
    previous = None
    for part in report.slices:
        if previous not in (None, part.dimension):
            table.add_section()
        label = DIMENSIONS.get(part.dimension, part.dimension) if part.dimension != previous else ""
        value = _VALUES.get((part.dimension, part.value), part.value)
        count = next(iter(part.metrics.values())).count
        table.add_row(label, Text(value), str(count), *(f"{_mean(e)} {_interval(e)}" for e in part.metrics.values()))
        previous = part.dimension
    return table


def _mean(estimate: Estimate) -> str:
    return f"{estimate.mean:.3f}" if estimate.count else "–"


def _interval(estimate: Estimate) -> str:
    # Parentheses, as rich takes square brackets for markup.
    return f"({estimate.low:.3f}–{estimate.high:.3f})" if estimate.count else ""
