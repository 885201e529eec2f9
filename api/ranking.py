"""`GET /v1/ranking` and `/v1/ledger`: what the ranking uses, and every change of it, for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from api.account_answers import Answer, Body
from api.dependencies import ActorDep, ReadingDep, ServingDep, may_read
from api.errors import responses
from api.need_sessions import TodayDep
from api.replies import model_reply
from matcher.catalogue import ledger
from matcher.catalogue.database import Session
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile, serving_document
from matcher.catalogue.watching.months import last_month
from matcher.errors import BrokenArtefact
from matcher.ranking.documents import Document, canonical, document_hash
from matcher.ranking.profile import load_profile
from matcher.ranking.rules import WHAT_NAMES
from matcher.ranking.statement import statement

LIMIT, LIMIT_MAX = 100, 1000
NDJSON = "application/x-ndjson"

#: An admin's key need not have the scope of readers as well, so each endpoint names whom it is for.
READERS: Final = [Depends(may_read)]

router = APIRouter(prefix="/v1", tags=["ranking"], responses=responses(401, 403, 422, 503))


class WeightedAnswer(Answer):
    name: str
    words: str
    value: float


class RuleInForceAnswer(Answer):
    """A rule with its reason and last day; `when` says for which needs it holds, nothing is for all."""

    what: Literal["pin", "hide"]
    what_name: str
    listing_id: str | None
    reason: str
    expires: str
    when: dict[str, list[str]]


class RankedByAnswer(Answer):
    """The profile that ranks; `document_hash` is what the ledger says of it."""

    name: str
    version: str
    document_hash: str
    published_at: datetime | None


class LastEntryAnswer(Answer):
    """Whoever notes this can see later whether anything before it was changed."""

    number: int
    at: str
    hash: str


class ConcentrationAnswer(Answer):
    """How unequally a month's exposure went to operators; `number` is its entry in the ledger.

    `gini` is 0 where all are seen alike and nears 1 where one alone is; `top_ten_share` is what the ten most seen got.
    """

    month: str
    operators: int
    operators_seen: int
    gini: float | None
    top_ten_share: float | None
    number: int


class RankingAnswer(Answer):
    """What the ranking uses, in words and weights; what is not here is not used."""

    profile: RankedByAnswer
    weights: list[WeightedAnswer]
    thresholds: list[WeightedAnswer]
    beyond: list[str] = Field(description="权重之外还有什么决定名次")
    not_used: list[str]
    pins: int
    hides: int
    rules: list[RuleInForceAnswer]
    synonyms: int = Field(description="人工改动的同义词组数")
    dictionary: int = Field(description="人工添加的词数")
    encoder: str
    exposure: ConcentrationAnswer | None = Field(description="上一个已结束的月份,曝光在供给方之间有多集中")
    ledger: LastEntryAnswer | None


class EntryAnswer(Answer):
    """One entry of the chain: `hash` is SHA-256 over the canonical JSON of the five other fields, in this order."""

    number: int
    at: str
    kind: str
    content: dict[str, Any]
    previous_hash: str
    hash: str


class LedgerAnswer(Answer):
    """Entries in order. Ask again with `after` = `next`; `more` tells whether there is something now."""

    entries: list[EntryAnswer]
    next: int
    more: bool
    last: LastEntryAnswer | None


class VerificationAnswer(Answer):
    """Whether every entry is as it was written; `complaint` names the first that is not."""

    holds: bool
    entries: int | None
    complaint: str | None


class LedgerQuery(Body):
    after: int = Field(0, ge=0, le=2**62, description="上一次回答的 next;0 从头开始")
    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="最多几条")


@router.get("/ranking", summary="排序用了什么", response_model=RankingAnswer, dependencies=READERS)
def ranking(session: ReadingDep, serving: ServingDep, today: TodayDep) -> Response:
    """The profile that answers now, feature by feature, with its thresholds and the rules in force."""
    progress = serving.progress()
    in_use = progress.profile if progress is not None else None
    stored = get(session, in_use) if in_use is not None else published(session)
    document = Document(load_profile()) if stored is None else serving_document(stored)
    said = asdict(statement(document, today))
    rules = [rule | {"what_name": WHAT_NAMES[rule["what"]], "when": _filled(rule["when"])} for rule in said["rules"]]
    return model_reply(
        RankingAnswer.model_validate(
            said
            | {
                "profile": _ranked_by(stored, document),
                "pins": sum(rule["what"] == "pin" for rule in rules),
                "hides": sum(rule["what"] == "hide" for rule in rules),
                "rules": rules,
                "exposure": _concentration(session),
                "ledger": _last(session),
            }
        )
    )


@router.get("/ledger", summary="公开账本", response_model=LedgerAnswer, dependencies=READERS)
def entries(query: Annotated[LedgerQuery, Query()], session: ReadingDep) -> Response:
    """Every pin, change of weights and month of exposure, each bound to the one before by its hash."""
    # One more than asked for tells whether there is something behind.
    found = list(ledger.entries(session, query.after, query.limit + 1))
    page = [EntryAnswer(**asdict(entry)) for entry in found[: query.limit]]
    more, following = len(found) > query.limit, page[-1].number if page else query.after
    return model_reply(LedgerAnswer(entries=page, next=following, more=more, last=_last(session)))


@router.get("/ledger/lines", summary="公开账本,可直接校验的行", response_class=Response, dependencies=READERS,
            responses={200: {"content": {NDJSON: {}}}})  # fmt: skip
def lines(query: Annotated[LedgerQuery, Query()], session: ReadingDep) -> Response:
    """The same as lines, as `pilotmatch ledger verify FILE` reads them; the last number is where to go on."""
    return Response(_lines(ledger.entries(session, query.after, query.limit)), media_type=NDJSON)


@router.get("/ledger/verification", summary="校验账本", response_model=VerificationAnswer)
def verification(session: ReadingDep, actor: ActorDep) -> Response:
    """Every hash of the chain computed anew, for admins; anybody else does the same with the lines."""
    actor.needs_admin()
    try:
        count = ledger.verify(ledger.entries(session))
    except BrokenArtefact as error:
        return model_reply(VerificationAnswer(holds=False, entries=None, complaint=error.message))
    return model_reply(VerificationAnswer(holds=True, entries=count, complaint=None))


def _lines(found: Iterable[ledger.Entry]) -> str:
    return "".join(f"{ledger.line_of(entry)}\n" for entry in found)


def _ranked_by(stored: StoredProfile | None, document: Document) -> dict[str, Any]:
    profile = document.profile
    return {
        "name": profile.name,
        "version": profile.version,
        "document_hash": stored.hash if stored is not None else document_hash(canonical(document)),
        "published_at": stored.published_at if stored is not None else None,
    }


def _concentration(session: Session) -> ConcentrationAnswer | None:
    last = last_month(session)
    if last is None:
        return None
    names = ("month", "operators", "operators_seen", "gini", "top_ten_share")
    return ConcentrationAnswer(**{name: last.figures[name] for name in names}, number=last.number)


def _filled(scope: dict[str, Any]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in scope.items() if values}


def _last(session: Session) -> LastEntryAnswer | None:
    last = ledger.latest(session)
    return None if last is None else LastEntryAnswer(number=last.number, at=last.at, hash=last.hash)
