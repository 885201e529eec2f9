"""`pilotmatch feedback`: what is kept of answers and acts, judgements from it, and the proof by simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue.database import open_database
from matcher.catalogue.feedback.store import Kept, kept
from matcher.commands.terminal import ending_well, progress_bar, read_settings, write
from matcher.errors import InvalidInput, Unavailable
from matcher.feedback.lessons import Lessons, learn_from
from matcher.feedback.sequential import ALPHA
from matcher.feedback.shown import ACT_NAMES, ACTS
from matcher.feedback.simulation import power, recover
from matcher.settings import Settings

RUNS = 1000
#: Simulated logs whose figures are averaged: single ones scatter by some hundredths.
LOGS = 6
#: Places that are told of.
_PLACES = 10
_HEADER = "topic\tlisting_id\tgrade\tworth\tanswers"


class Act(StrEnum):
    REPORT = "report"
    JUDGEMENTS = "judgements"
    SIMULATE = "simulate"


def feedback(
    act: Annotated[Act, typer.Argument(help="report 汇总;judgements 由反馈得出的等级;simulate 用模拟的需求方检验方法")],
    out: Annotated[Path | None, typer.Option(help="judgements:写入这个 TSV 文件")] = None,
    runs: Annotated[int, typer.Option(help="simulate:模拟多少次交错比较", min=1)] = RUNS,
) -> None:
    """查看反馈;反馈得出的等级已校正名次的影响,与标注人的等级分开存放,不能混用。"""
    with ending_well():
        if act is Act.SIMULATE:
            for line in simulated(runs):
                write(line)
            return
        answers = _answers(read_settings())
        lessons = learn_from(answers)
        if act is Act.REPORT:
            for line in reported(answers, lessons):
                write(line)
        else:
            write(_written(lessons, out))


def reported(answers: Sequence[Kept], lessons: Lessons) -> Iterator[str]:
    """What is kept, a line each."""
    since = f",自 {answers[0].at.date().isoformat()} 起" if answers else ""
    yield f"回答 {lessons.answers} 个{since};其中可能交换过相邻两条的 {lessons.swapped} 个"
    done = Counter(act for one in answers for acts in one.shown.acts.values() for act in acts)
    yield "反馈 " + ",".join(f"{ACT_NAMES[act]} {done[act]}" for act in ACTS)
    if lessons.is_corrected:
        places = " ".join(f"{lessons.propensities.at(place):.2f}" for place in range(1, _PLACES + 1))
        yield f"第 1 至 {_PLACES} 名被看到的机会(第 1 名为 1):{places}"
    else:
        yield "随机交换太少(PILOTMATCH_SWAP_SHARE),名次的影响没有校正:靠前的条目会显得更好"
    grades = Counter(one.grade for one in lessons.worths)
    counts = ",".join(f"{grade} 级 {grades[grade]}" for grade in (3, 2, 1, 0))
    yield f"可判等级的主题与条目 {len(lessons.worths)} 对:{counts}"


def lines_of(lessons: Lessons) -> Iterator[str]:
    """Grades from behaviour, with a heading: not the form of judges' files, so that nobody takes one for the other."""
    yield _HEADER
    for one in lessons.worths:
        yield f"{one.topic}\t{one.listing_id}\t{one.grade}\t{one.value:.4f}\t{one.answers}"


def simulated(runs: int) -> Iterator[str]:
    """The planted truth recovered, and how often interleaving is right; some seconds for a hundred runs."""
    with progress_bar("模拟点击") as progress:
        found = []
        for seed in range(LOGS):
            found.append(recover(seed=seed))
            progress(seed + 1, LOGS)
    naive, corrected = (sum(getattr(one, name) for one in found) / LOGS for name in ("naive", "corrected"))
    error = sum(one.propensity_error for one in found) / LOGS
    yield f"还原真实顺序(Kendall τ,{LOGS} 份各 20000 个回答的平均):不校正 {naive:.3f},校正后 {corrected:.3f}"
    yield f"  各名次被看到的机会,估计与真实相差最多的一名,平均差 {error:.3f}"
    clear = power(runs, gap=0.5)
    yield (
        f"交错比较 {runs} 次,一方确实更好:判对 {clear.better},判错 {clear.worse},未分高下 {clear.undecided};"
        f"平均用 {clear.answers:.0f} 个回答"
    )
    alike = power(runs, answers=600, gap=0)
    wrong = (alike.better + alike.worse) / runs
    yield f"交错比较 {runs} 次,两者一样好:误判出高下 {wrong:.1%}(允许 {ALPHA:.0%})"


def _answers(settings: Settings) -> list[Kept]:
    database = open_database(settings)
    try:
        with database.reading() as session:
            return list(kept(session))
    finally:
        database.dispose()


def _written(lessons: Lessons, out: Path | None) -> str:
    if out is None:
        raise InvalidInput("请用 --out 写明文件", hint="如 --out feedback.tsv", field="out")
    try:
        out.write_text("".join(f"{line}\n" for line in lines_of(lessons)), encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"不能写入 {out}:{error.strerror}", hint="请检查路径与权限") from error
    said = "已校正名次的影响" if lessons.is_corrected else "未校正名次的影响:随机交换太少"
    return f"{len(lessons.worths)} 对写入 {out}({said})"
