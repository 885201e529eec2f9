"""`pilotmatch gate DRAFT`: whether a draft may take the place of the published profile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.gates import store_gate
from matcher.catalogue.judging.measured import judged_set
from matcher.catalogue.needs.board import recent_needs
from matcher.catalogue.needs_file import read_needs
from matcher.catalogue.profiles.drafts import find
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.commands.terminal import (
    FAILED,
    complain,
    ending_well,
    existing,
    given_listings,
    progress_bar,
    read_settings,
    screen,
    write,
)
from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.cached_features import FeatureCache
from matcher.evaluation.gate import VERDICT_NAMES, GateReport
from matcher.evaluation.gate_tables import render_gate
from matcher.evaluation.judged_sets import JudgedSet, read_judged_set, shipped_set
from matcher.evaluation.trials import Trial
from matcher.installation import installed_database, open_encoder
from matcher.match import Matcher
from matcher.ranking.documents import Document, document_from
from matcher.ranking.profile import Profile, load_profile
from matcher.records import Listing, Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from matcher.today import today


@dataclass(frozen=True, slots=True)
class _Sides:
    """The published document and the draft; the stored versions of them where they come from a database."""

    before: Document
    after: Document
    against: StoredProfile | None = None
    draft: StoredProfile | None = None


def gate(
    draft: Annotated[str, typer.Argument(help="数据库中的方案(名称、名称@版本或编号),或方案的 JSON 文件")],
    needs: Annotated[Path | None, typer.Option(help="需求文件;默认为随附的已标注需求")] = None,
    judgements: Annotated[Path | None, typer.Option(help="标注文件(TREC qrels),与 --needs 一同给出")] = None,
    judged_by: Annotated[
        str | None, typer.Option("--set", help="数据库中的标注集(名称、名称@版本或编号),代替上面两个文件")
    ] = None,
    recent: Annotated[Path | None, typer.Option(help="近期需求文件,列出前 10 名的变化;默认为最新的公开需求")] = None,
    listings: Annotated[Path | None, typer.Option(help="供给文件;默认为已载入的目录")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """将草稿与已发布方案在已标注的需求上比较:总体与各分组都不变差才通过(退出码 0),否则为 1。"""
    with ending_well():
        settings = read_settings()
        with _database(settings) as database:
            judged = _judged(settings, needs, judgements) if judged_by is None else _stored_set(database, judged_by)
            sides = _sides(settings, draft, database)
            report = _run(settings, sides, judged, _recent(recent, database), listings)
            if sides.draft is not None and database is not None:
                _store(database, sides, judged, report)
        if as_json:
            write(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            screen.print(render_gate(report))
        if report.verdict != "passed":
            complain(f"{VERDICT_NAMES[report.verdict]}:{report.why}")
            raise SystemExit(FAILED)


@contextmanager
def _database(settings: Settings) -> Iterator[Database | None]:
    database = installed_database(settings)
    try:
        yield database
    finally:
        if database is not None:
            database.dispose()


def _judged(settings: Settings, needs: Path | None, judgements: Path | None) -> JudgedSet:
    if needs is None and judgements is None:
        return shipped_set(settings)
    if needs is None or judgements is None:
        raise InvalidInput("--needs 与 --judgements 须一同给出", hint="都不给时用随附的已标注需求", field="needs")
    return read_judged_set(existing(needs), existing(judgements))


def _stored_set(database: Database | None, named: str) -> JudgedSet:
    if database is None:
        raise NotFound(f"还没有数据库,找不到标注集 {named[:60]}", hint="可改用 --needs 与 --judgements")
    with database.reading() as session:
        return judged_set(session, named)


def _sides(settings: Settings, draft: str, database: Database | None) -> _Sides:
    against = stored = None
    path = Path(draft)
    is_file = path.suffix == ".json"
    if database is not None:
        with database.reading() as session:
            against = published(session)
            stored = None if is_file else find(session, draft)
    elif not is_file:
        raise NotFound(f"还没有数据库,找不到方案 {draft[:60]}", hint="方案文件的名称须以 .json 结尾")
    before = against.document() if against is not None else Document(load_profile(settings.profile))
    after = stored.document() if stored is not None else _file(existing(path))
    return _Sides(before, after, against, stored)


def _file(path: Path) -> Document:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path.name} 不是 UTF-8 编码的 JSON", hint="应为一个方案文档", field=path.name) from error
    return document_from(fields, path.stem)


def _recent(path: Path | None, database: Database | None) -> tuple[Need, ...]:
    if path is not None:
        found, broken = read_needs(existing(path))
        for error in broken:
            complain(f"错误:{error}")
        return tuple(found)
    if database is None:
        return ()
    with database.reading() as session:
        return recent_needs(session, today())


def _run(
    settings: Settings, sides: _Sides, judged: JudgedSet, recent: tuple[Need, ...], listings: Path | None
) -> GateReport:
    supply = given_listings(listings) if listings else None
    # A matcher that has the re-ranker where one of the two profiles reads.
    profile = max(sides.before.profile, sides.after.profile, key=lambda one: one.reads)
    first, second = sides.before.encoder_source, sides.after.encoder_source
    matcher = _matcher(settings, supply, profile, first)
    # What is encoded for the draft stays stored: a service that is to rank by it need not do it again.
    other = _matcher(settings, supply, profile, second) if second != first else None
    trial = Trial(FeatureCache(Vocabulary.load(settings)), matcher, sides.before, sides.after, other)
    with progress_bar("匹配需求") as progress:
        return trial.gate(judged, recent, progress=progress)


def _matcher(settings: Settings, supply: Sequence[Listing] | None, profile: Profile, source: str | None) -> Matcher:
    encoder = open_encoder(settings, source)
    with progress_bar("为条目计算向量") as progress:
        return Matcher.load(settings, supply, progress, profile=profile, encoder=encoder, source=source)


def _store(database: Database, sides: _Sides, judged: JudgedSet, report: GateReport) -> None:
    assert sides.draft is not None
    against = sides.against.id if sides.against else None
    with database.session() as session:
        store_gate(session, CONSOLE, sides.draft.id, against, judged.version, report.verdict, report.as_dict())
