"""An answer on the terminal: what was understood, matches with reasons and fits, near-misses."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from matcher.commands.terminal import screen
from matcher.ranking.explain import TYPE_NAMES, quoted
from matcher.ranking.removals import NEAR_MISS
from matcher.records import KIND_NAMES, Coverage, Fit, Grade, Match, Matches, Requirement

GRADES: dict[Grade, str] = {"strong": "[green]很合适[/]", "possible": "[yellow]可能合适[/]", "weak": "[dim]不太合适[/]"}
COVERAGES: dict[Coverage, str] = {
    "good": "目录里有值得联系的供给",
    "partial": "没有完全合适的,以下只是部分相符",
    "none": "目录里没有能做这件事的;以下是最接近的,仅供参考",
}
_SIGNS = {"meets": "[green]✓[/]", "misses": "[red]✗[/]", "unknown": "[dim]?[/]"}


def print_answer(answer: Matches) -> None:
    """Print an answer for people; a narrow terminal wraps it."""
    told = [one for one in answer.requirements if one.type in ("budget", "deadline")]
    for requirement in answer.requirements:
        if requirement.type == "quantity" and any(_is_within(requirement, one) for one in told):
            continue
        hard = "(必须)" if requirement.strength == "must" else ""
        screen.print(f"[dim]读到[/] {TYPE_NAMES[requirement.type]}{hard}:{escape(requirement.text)}")
    for note in answer.notes:
        screen.print(f"[yellow]注意[/] {escape(note)}")
    screen.print(Panel.fit(COVERAGES[answer.coverage], title="结论"))
    for found in answer.matches:
        _print_match(found, str(found.rank))
    for text, count in answer.removed.items():
        screen.print(f"[dim]硬性条件“{escape(text)}”排除了 {count} 个条目[/]")
    if answer.relaxation:
        screen.print(f"[yellow]建议[/] {escape(answer.relaxation)}")
    if answer.near_misses:
        screen.print("[bold]差一点就合适[/]")
        for found in answer.near_misses:
            _print_match(found, "")
    for question in answer.questions:
        screen.print(
            f"[bold]想再问一句[/] {escape(question.text)}  [dim]例如:{escape('、'.join(question.suggestions))}[/]"
        )
    screen.print(f"[dim]排序方案 {answer.profile} {answer.profile_version},用时 {answer.took_ms:.0f} 毫秒[/]")


def _is_within(one: Requirement, whole: Requirement) -> bool:
    """Whether the words of a condition are part of another's."""
    if one.start is None or one.end is None or whole.start is None or whole.end is None:
        return one.text == whole.text
    return whole.start <= one.start and one.end <= whole.end


def _print_match(found: Match, rank: str) -> None:
    listing = found.listing
    place = (
        "·".join(part for part in (listing.province, listing.city) if part and part != listing.province) or "地点未写明"
    )
    if listing.province and listing.city in (None, listing.province):
        place = listing.province
    elif listing.province:
        place = f"{listing.province}{listing.city}"
    number = f"{rank}. " if rank else "· "
    head = f"[bold]{number}{escape(listing.name)}[/]  {KIND_NAMES[listing.kind]}  {place}  {GRADES[found.grade]}"
    screen.print(f"{head}  [dim]{escape(listing.id)} {found.score:.3f}[/]")
    table = Table.grid(padding=(0, 1))
    for line in _lines(found):
        table.add_row("   ", line)
    screen.print(table)


def _lines(found: Match) -> Iterable[str]:
    if found.rule:
        yield f"·{escape(found.rule)}"
    for reason in found.reasons:
        if reason.feature in ("words", "late", NEAR_MISS):
            yield f"·{escape(reason.text)}"
    for fit in found.fits:
        if fit.outcome != "unknown" or fit.note:
            yield _fit(fit)
    silent = [fit.requirement.text for fit in found.fits if fit.outcome == "unknown" and not fit.note]
    if silent:
        yield f"{_SIGNS['unknown']} 未写明:{escape('、'.join(silent))}"


def _fit(fit: Fit) -> str:
    said = fit.shortfall or fit.note or ""
    if fit.evidence and fit.outcome == "meets":
        said = quoted(fit.evidence) + (f",{fit.note}" if fit.note else "")
    return f"{_SIGNS[fit.outcome]} {escape(fit.requirement.text)}" + (f":{escape(said)}" if said else "")
