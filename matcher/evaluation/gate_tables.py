"""What the gate found as rich tables in Chinese; knows nothing of how the figures came about."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from matcher.evaluation.gate import VERDICT_NAMES, Check, GateReport, group_name
from matcher.evaluation.report_tables import HEADINGS
from matcher.evaluation.run_differences import RunDifference

#: More needs than a screen holds are in the JSON.
DIFFERENCES_SHOWN = 20


def render_gate(report: GateReport) -> Group:
    """Overall table, groups, what changed among the first ten, notes."""
    # What is worse the command says on a line of its own.
    why = report.why if report.verdict == "passed" else ""
    lines = [f"结论:{VERDICT_NAMES[report.verdict]}。{why}", *report.notes]
    changes = [_differences(report.differences)] if report.differences else []
    return Group(_overall(report), _groups(report.groups), *changes, *map(Text, lines))


def _overall(report: GateReport) -> Table:
    table = Table(title=Text(f"与已发布方案比较(有合适条目的需求 {report.needs} 条)"))
    table.add_column("指标")
    _add_figures(table)
    for check in report.overall:
        table.add_row(HEADINGS.get(check.metric, check.metric), *_figures(check))
    table.add_row("被告知没有合适的", *(f"{share:.0%}" for share in report.silence), "", "", "")
    return table


def _groups(checks: Sequence[Check]) -> Table:
    table = Table(title="分组(nDCG@10)")
    table.add_column("分组")
    for heading in ("需求数", "已发布", "差", "95% 区间", "前 10 已标注"):
        table.add_column(heading, justify="right")
    table.add_column("判断")
    previous = None
    for check in checks:
        if previous not in (None, check.dimension):
            table.add_section()
        before, _, difference, interval, _ = _figures(check)
        said = "变差" if check.regressed else "" if check.enough else "太少"
        judged = f"{check.judged[0]:.0%}→{check.judged[1]:.0%}" if check.needs else "–"
        table.add_row(Text(group_name(check)), str(check.needs), before, difference, interval, judged, said)
        previous = check.dimension
    return table


def _add_figures(table: Table) -> None:
    for heading in ("已发布", "草稿", "差", "95% 区间", "升/降"):
        table.add_column(heading, justify="right")


def _figures(check: Check) -> tuple[str, ...]:
    if not check.needs:
        return ("–",) * 5
    interval = f"({check.low:+.3f}–{check.high:+.3f})"
    means = (f"{check.before:.3f}", f"{check.after:.3f}", f"{check.difference:+.4f}")
    return (*means, interval, f"{check.wins}/{check.losses}")


def _differences(differences: Sequence[RunDifference]) -> Table:
    table = Table(title=Text(f"前 10 名的变化({len(differences)} 条需求有变化)"))
    for heading in ("需求", "进入", "退出", "移动"):
        table.add_column(heading)
    for one in differences[:DIFFERENCES_SHOWN]:
        moved = "、".join(f"{listing} {old}→{new}" for listing, old, new in one.moved)
        table.add_row(Text(one.need_id), "、".join(one.entered), "、".join(one.left), Text(moved))
    return table
