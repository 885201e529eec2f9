"""A match report as texts: what every form of it (PDF, Word, Excel) says, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from api.portal.languages import later
from api.portal.matching.asking import Json
from api.portal.matching.results import card, site_of
from api.portal.matching.understood import chips_of
from api.portal.matching.words import COVERAGES, written
from api.portal.rendering import Page
from matcher.catalogue.exporting.neutral import storable
from matcher.today import today

#: As many as a reader goes through on paper.
LENGTH: Final = 20
FIRMNESS: Final = {True: later("必须"), False: later("希望")}
_SIGNS: Final = {"meets": "✓", "misses": "✗", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Line:
    """One match: `fits` and `reasons` are a sentence each."""

    rank: str
    name: str
    id: str
    kind: str
    operator: str
    place: str
    grade: str
    fits: tuple[str, ...]
    reasons: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes:
        conditions: type, words, must or wish. notes: what was read of the need and is no condition.
        facts: name and value: day, profile, address, what was said of the whole.
        labels: what the parts of a line are called.
    """

    title: str
    need: str
    need_title: str
    conditions_title: str
    conditions: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    lines_title: str
    near_title: str
    near: tuple[Line, ...]
    labels: dict[str, str]
    footer: str


def report_of(page: Page, search: Json, answer: Json) -> Report:
    """The report on an answer."""
    chips = chips_of(page, answer["need"])
    coverage = COVERAGES[answer["coverage"]]
    return Report(
        title=page.text("中试匹配报告"),
        need=storable(answer["need"]["text"]),
        need_title=page.text("需求原文"),
        conditions_title=page.text("读出的条件"),
        conditions=tuple(
            (
                chip.type_name,
                _joined(chip.words, chip.meaning),
                page.text("必须") if chip.is_must else page.text("希望"),
            )
            for chip in chips
        ),
        notes=tuple(map(storable, answer["notes"])),
        facts=(
            (page.text("日期"), written(page, "day", today())),
            (page.text("排序方案"), f"{answer['profile']['name']} {answer['profile']['version']}"),
            (page.text("总体"), page.text(coverage)),
            (page.text("链接"), f"{site_of(page)}/matches/{search['id']}"),
        ),
        lines=tuple(_line(page, card(page, one, answer)) for one in answer["matches"]),
        lines_title=page.text("匹配结果"),
        near_title=page.text("差一点就符合"),
        near=tuple(_line(page, card(page, one, answer)) for one in answer["near_misses"]),
        labels={
            "rank": page.text("序号"),
            "name": page.text("名称"),
            "id": page.text("编号"),
            "kind": page.text("类别"),
            "operator": page.text("运营单位"),
            "place": page.text("地点"),
            "grade": page.text("等级"),
            "fits": page.text("符合情况"),
            "reasons": page.text("理由"),
            "source": page.text("来源"),
        },
        footer=page.text("本报告由系统按公开资料生成,仅供参考;签约前请向供给方核实。"),
    )


def _line(page: Page, one: dict[str, Any]) -> Line:
    listing = one["listing"]
    source = [listing["source_title"], listing["source_url"], listing["verified_on"] or listing["source_date"]]
    return Line(
        rank=str(one["rank"]),
        name=storable(listing["name"]),
        id=listing["id"],
        kind=written(page, "kind_name", listing["kind"]),
        operator=storable(listing["operator"] or ""),
        place=one["place"],
        grade=written(page, "grade_name", one["grade"]),
        fits=tuple(_fit(page, fit) for fit in one["fits"]),
        reasons=tuple(storable(reason["text"]) for reason in one["reasons"]),
        source=storable(" ".join(part for part in source if part)),
    )


def _fit(page: Page, fit: dict[str, Any]) -> str:
    outcome = f"{_SIGNS[fit['outcome']]} {written(page, 'outcome_name', fit['outcome'])}"
    words = [f"{'—' if fit['is_needless'] else outcome} {fit['requirement']['text']}"]
    words += [part for part in (fit["shortfall"], fit["note"]) if part]
    if fit["quotation"]:
        words.append(f"{fit['quotation'].field}:{fit['quotation'].words}")
    return storable(";".join(words))


def _joined(words: str, meaning: str) -> str:
    return f"{words}({meaning})" if meaning else words
