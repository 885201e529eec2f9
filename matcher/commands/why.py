"""`pilotmatch why`: where one listing stands for a need, why it is not higher, and what its operator could write."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from matcher.answers import why_not_json
from matcher.commands.terminal import ending_well, progress_bar, read_settings, screen, write
from matcher.match import Matcher
from matcher.ranking.why_not import WhyNot, why_not
from matcher.records import KIND_NAMES, Need
from matcher.understanding.text import check_text


def why(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="需求,用自己的话写")],
    listing_id: Annotated[str, typer.Argument(metavar="LISTING_ID", help="条目编号")],
    profile: Annotated[str | None, typer.Option(help="排序方案:default,或不用重排模型的 fast")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """为供给方说明:某条目在这个需求里排第几、差在哪里、补写什么能上升。"""
    with ending_well():
        need = Need(text=check_text(text))
        with progress_bar("为条目计算向量") as progress:
            matcher = Matcher.load(read_settings(), None, progress, profile=profile)
        found = why_not(matcher, need, listing_id)
        if as_json:
            write(json.dumps(why_not_json(found), ensure_ascii=False))
        else:
            _print(found)


def _print(found: WhyNot) -> None:
    kind = KIND_NAMES[found.listing.kind]
    tenth = "" if found.tenth is None else f",第 10 位得 {found.tenth:.1f} 分"
    screen.print(f"[bold]{escape(found.listing.name)}[/]  {kind}  [dim]{escape(found.listing.id)}[/]")
    stands = "若不被排除,在" if found.removal else "在"
    screen.print(f"{stands} {found.count} 个{kind}中排第 {found.rank} 位,得 {found.score:.1f} 分{tenth}")
    if not found.is_wanted:
        screen.print(f"[red]需求不要{kind}[/]")
    if found.removal:
        screen.print(f"[red]不列入结果[/] {escape(found.removal)}")
    if found.rule:
        screen.print(f"[cyan]{escape(found.rule)}[/]")
    for fit in found.missed:
        screen.print(f"[red]✗[/] {escape(fit.requirement.text)}:{escape(fit.shortfall or '')}")
    for fit in found.unsaid:
        screen.print(f"[dim]?[/] 未写明:{escape(fit.requirement.text)}{escape(f'({fit.note})' if fit.note else '')}")
    for lack in found.lacks:
        screen.print(f"[yellow]↓[/] {escape(lack.text)}:此项得 {lack.own:.1f} 分,前十位一般得 {lack.median:.1f} 分")
    for advice in found.advice:
        screen.print(f"[green]↑[/] {escape(advice.text)}")
