"""`/admin/figures/…`: needs, matches, how well they fit, how often nothing fits, latency and exposure, with files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import table_file
from api.portal.desks.charts import lines
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.errors import NotFound

#: Days of a chart; the overview adds up the first.
SPANS: Final = {30: later("近 30 天"), 90: later("近 90 天"), 14: later("近 14 天")}
SPAN: Final = 30
Json = Mapping[str, Any]
#: How a number is written.
Form = Literal["number", "percent", "milliseconds"]


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a day: its words, how it is written, whether it is drawn, and where it is found."""

    words: str
    read: Callable[[Json], float | None]
    form: Form = "number"
    drawn: bool = True
    #: How days add up: a sum, or from the sums of other columns, or not at all.
    total: Callable[[Sequence[Json]], float | None] | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One chart with its table."""

    title: str
    about: str
    columns: Mapping[str, Column]


def _count(words: str, name: str, *, drawn: bool = True) -> Column:
    return Column(words, lambda day: day["figures"][name], drawn=drawn, total=_sum(lambda day: day["figures"][name]))


def _own(words: str, *path: str) -> Column:
    def read(day: Json) -> float:
        value: Any = day
        for name in path:
            value = value[name]
        return float(value)

    return Column(words, read, total=_sum(read))


def _sum(read: Callable[[Json], float | None]) -> Callable[[Sequence[Json]], float | None]:
    return lambda days: sum(read(day) or 0 for day in days)


def _share(words: str, part: str, whole: str = "answers") -> Column:
    def total(days: Sequence[Json]) -> float | None:
        parts, wholes = (sum(day["figures"][name] for day in days) for name in (part, whole))
        return parts / wholes if wholes else None

    return Column(words, lambda day: day["figures"][f"{part}_share"], "percent", total=total)


def _middle(words: str, name: str) -> Column:
    """Of latencies no sum makes sense: the worst day is told."""

    def worst(days: Sequence[Json]) -> float | None:
        return max((day["figures"][name] for day in days if day["figures"][name] is not None), default=None)

    return Column(words, lambda day: day["figures"][name], "milliseconds", total=worst)


BOARDS: Final[dict[str, Board]] = {
    "needs": Board(
        later("需求"),
        later("每天新写的需求和发布到“中试需求”栏的需求。只计数,不读内容。"),
        {"written": _own(later("新写"), "needs"), "published": _own(later("发布"), "published")},
    ),
    "matches": Board(
        later("匹配"),
        later("每天答复的匹配、没有结果的答复、出错的请求,以及由此发出的对接申请。"),
        {
            "answers": _count(later("答复"), "answers"),
            "zero": _count(later("没有结果"), "zero"),
            "errors": _count(later("出错"), "errors"),
            "enquiries": _count(later("对接申请"), "enquiries"),
        },
    ),
    "grades": Board(
        later("匹配等级"),
        later(
            "每天的答复里,有合适供给、只有部分合适、没有合适的各多少。取自反馈记录,筛选与翻页各计一次,超过保存期的不计。"
        ),
        {
            "good": _own(later("有合适的"), "coverage", "good"),
            "partial": _own(later("部分合适"), "coverage", "partial"),
            "none": _own(later("没有合适的"), "coverage", "none"),
        },
    ),
    "nothing": Board(
        later("没有合适供给的比例"),
        later("答复“没有合适的”占全部答复的比例。持续升高,说明供给有缺口或排序有问题。"),
        {
            "nothing_share": _share(later("没有合适的比例"), "nothing"),
            "answers": _count(later("答复"), "answers", drawn=False),
            "nothing": _count(later("没有合适的"), "nothing", drawn=False),
        },
    ),
    "latency": Board(
        later("耗时"),
        later("答复耗时的中位数与 95 分位,毫秒;上方的数字取自最慢的一天。"),
        {"p50": _middle(later("中位数"), "p50_ms"), "p95": _middle(later("95 分位"), "p95_ms")},
    ),
}

router = APIRouter(include_in_schema=False)


@router.get("/admin/figures/exposure")
async def exposure(page: PageDep, month: str | None = None) -> Response:
    """How much each operator and region was seen in a month."""
    page.needs_sign_in("admin")
    found = await page.api.get("/v1/exposure", month=month, operators=EXPOSED)
    first = found["by_operator"][:10]
    drawn = [one for one in first if one["exposure"]]
    chart = lines([one["name"][:6] for one in drawn], {page.text(SHARE): _percents(drawn)}) if drawn else None
    return page.render("admin/exposure.html", found=found, chart=chart, month=found["month"])


SHARE: Final = later("曝光份额,百分数")
#: Operators on the page; the file has all.
EXPOSED: Final = 50
_EXPOSED_ALL: Final = 1000


def _percents(found: Sequence[Json]) -> list[float]:
    return [round(100 * (one["share"] or 0), 2) for one in found]


@router.get("/admin/figures/exposure.csv")
async def exposure_file(page: PageDep, month: str | None = None) -> Response:
    """Operators, then regions."""
    page.needs_sign_in("admin")
    found = await page.api.get("/v1/exposure", month=month, operators=_EXPOSED_ALL)
    headings = (later("范围"), later("名称"), later("曝光"), later("曝光份额"), later("展示次数"), later("条目数"))
    parts = ((page.text(later("供给方")), "by_operator"), (page.text(later("地区")), "by_region"))
    rows = [
        (words, one["name"], one["exposure"], one["share"], one["shown"], one["listings"])
        for words, part in parts
        for one in found[part]
    ]
    return table_file(page, f"exposure-{found['month']}", headings, rows)


@router.get("/admin/figures/{name}.csv")
async def export(page: PageDep, name: str, days: int = SPAN) -> Response:
    """A chart's figures as a file, a line a day."""
    page.needs_sign_in("admin")
    board, found = await _read(page, name, days)
    headings = (later("日期"), *(column.words for column in board.columns.values()))
    rows = [(day["day"], *(column.read(day) for column in board.columns.values())) for day in found]
    return table_file(page, name, headings, rows)


@router.get("/admin/figures/{name}")
async def figures(page: PageDep, name: str, days: int = SPAN) -> Response:
    """One chart with its table."""
    page.needs_sign_in("admin")
    board, found = await _read(page, name, days)
    rows, totals = series_of(board, found)
    series = {
        page.text(column.words): [_drawn(column, row[key]) for row in rows]
        for key, column in board.columns.items()
        if column.drawn
    }
    return page.render(
        "admin/figures.html",
        name=name,
        board=board,
        boards=BOARDS,
        days=[day["day"] for day in found],
        rows=rows,
        totals=totals,
        chart=lines([day["day"][5:] for day in found], series),
        span=days if days in SPANS else SPAN,
        spans=SPANS,
        is_empty=not any(value for row in rows for value in row.values()),
    )


async def _read(page: Page, name: str, days: int) -> tuple[Board, list[Json]]:
    if name not in BOARDS:
        raise NotFound("没有这张图表")
    found = await page.api.get("/v1/figures", days=days if days in SPANS else SPAN)
    return BOARDS[name], found["days"]


def series_of(board: Board, days: Sequence[Json]) -> tuple[list[dict[str, float | None]], dict[str, float | None]]:
    """The figures of each day and what they come to, by the name of the column."""
    rows = [{name: column.read(day) for name, column in board.columns.items()} for day in days]
    return rows, {name: column.total(days) if column.total else None for name, column in board.columns.items()}


def _drawn(column: Column, value: float | None) -> float:
    """Shares as percent, so that an axis from 0 to 1 does not flatten them; nothing is drawn as 0."""
    return round(100 * (value or 0), 2) if column.form == "percent" else value or 0
