"""What goes out of stored needs: every field named by hand, and outsiders' answers made of `SeenNeed` only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.answers import ExplanationAnswer, FitAnswer, ParameterAnswer
from matcher.answers import SCORE_DECIMALS, fit_json
from matcher.catalogue.needs.board import Board
from matcher.catalogue.needs.consents import Consent
from matcher.catalogue.needs.content import FIELDS
from matcher.catalogue.needs.states import NEED_STATES, NeedState
from matcher.catalogue.needs.store import OwnNeeds
from matcher.catalogue.needs.stored import Level, StoredNeed
from matcher.catalogue.needs.visibility import SeenNeed, seen
from matcher.completeness import DESCRIBING, Completeness
from matcher.fitting import FittingNeed
from matcher.need_advice import MissingField
from matcher.records import Grade, Kind

Json = dict[str, Any]


class Answer(BaseModel):
    """What is declared is all that there is."""

    model_config = ConfigDict(extra="forbid")


class NeedContentAnswer(Answer):
    """The fields of a need. For outsiders only those that are open are there: null or [] where one is not filled."""

    title: str | None = None
    text: str | None = None
    kinds: list[Kind] = []
    industry: list[str] = []
    province: str | None = None
    city: str | None = None
    places: list[str] = []
    stage: str | None = None
    parameters: list[ParameterAnswer] = []
    certificates: list[str] = []
    must: list[str] = []
    prefer: list[str] = []
    without: list[str] = []
    budget_wan: float | None = None
    deadline: str | None = None


class OwnNeedAnswer(Answer):
    """All of a need: for its owner and for admins. `outside` is the abstract as strangers would read it."""

    id: str
    state: NeedState
    state_name: str
    fields: NeedContentAnswer
    visibility: dict[str, Level]
    abstract: str | None
    outside: str
    listed: bool
    expires_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class HiddenAnswer(Answer):
    """A field that is not open to whoever asks, filled or not."""

    field: str
    name: str


class SeenNeedAnswer(Answer):
    """What an outsider sees of a need; no version, no state beyond its being open, no day of its last change."""

    id: str
    abstract: str
    fields: NeedContentAnswer
    hidden: list[HiddenAnswer]
    published_on: date | None


class OwnNeedsAnswer(Answer):
    """One page; `states` counts all of them, so that a state can be chosen."""

    total: int
    page: int
    size: int
    states: dict[NeedState, int]
    needs: list[OwnNeedAnswer]


class BoardAnswer(Answer):
    """One page of the wall; each facet counts what the other filters leave."""

    total: int
    page: int
    size: int
    facets: dict[str, dict[str, int]]
    needs: list[SeenNeedAnswer]


class ConsentAnswer(Answer):
    """`chosen`: all fields that are for chosen organisations; `fields`: single ones, shared by enquiries."""

    organisation_id: str
    organisation: str
    at: datetime
    chosen: bool
    fields: list[str]


class ConsentsAnswer(Answer):
    consents: list[ConsentAnswer]


class FittingNeedAnswer(Answer):
    """A need that fits a listing, by what may be seen of it; `hidden` fields are 未公开."""

    rank: int
    score: float
    grade: Grade
    need: SeenNeedAnswer
    fits: list[FitAnswer]
    rule: str | None = Field(description="在这条需求的结果里被置顶时,向需求方注明的理由")


class FittingNeedsAnswer(Answer):
    """`removed` counts needs that the listing can't answer: other kinds wanted, a hard condition missed, or hidden."""

    listing_id: str
    total: int
    page: int
    size: int
    removed: int
    needs: list[FittingNeedAnswer]


class NeedStandingAnswer(Answer):
    """Where a listing stands for one need, by what may be seen of it."""

    need: SeenNeedAnswer
    standing: ExplanationAnswer


class MissingFieldAnswer(Answer):
    field: str
    name: str
    why: str
    needs: int


class AdviceListAnswer(Answer):
    """What to add to a listing, most asked for first, out of `considered` needs."""

    listing_id: str
    considered: int
    advice: list[MissingFieldAnswer]


class CompletenessFieldAnswer(Answer):
    field: str
    name: str


class CompletenessAnswer(Answer):
    """`score` from 0 to 100: 100 × said ÷ (said + unsaid + counted); `counted` of what real needs ask for (`asked`)."""

    listing_id: str
    score: int
    said: list[CompletenessFieldAnswer]
    unsaid: list[CompletenessFieldAnswer]
    asked: list[MissingFieldAnswer]
    counted: int


def own_need_json(need: StoredNeed) -> Json:
    """All of a need."""
    return {
        "id": need.id,
        "state": need.state,
        "state_name": NEED_STATES[need.state],
        "fields": {name: need.fields[name] for name in FIELDS if name in need.fields},
        "visibility": {name: need.visibility.get(name, "private") for name in FIELDS},
        "abstract": need.abstract,
        "outside": seen(need, "stranger").abstract,
        "listed": need.listed,
        "expires_on": need.expires_on.isoformat() if need.expires_on else None,
        "version": need.version,
        "created_at": need.created_at.isoformat(),
        "updated_at": need.updated_at.isoformat(),
        "published_at": need.published_at.isoformat() if need.published_at else None,
    }


def seen_need_json(need: SeenNeed) -> Json:
    """What an outsider sees."""
    return {
        "id": need.id,
        "abstract": need.abstract,
        "fields": {name: need.fields[name] for name in FIELDS if name in need.fields},
        "hidden": [{"field": name, "name": FIELDS[name]} for name in need.hidden],
        "published_on": need.published_on.isoformat() if need.published_on else None,
    }


def own_needs_json(found: OwnNeeds, page: int, size: int) -> Json:
    """A page of one's needs."""
    states = {state: found.states.get(state, 0) for state in NEED_STATES}
    needs = [own_need_json(need) for need in found.needs]
    return {"total": found.total, "page": page, "size": size, "states": states, "needs": needs}


def board_json(found: Board, page: int, size: int) -> Json:
    """A page of the wall."""
    needs = [seen_need_json(need) for need in found.needs]
    return {"total": found.total, "page": page, "size": size, "facets": found.facets, "needs": needs}


def consent_json(consent: Consent) -> Json:
    """One organisation that may read more."""
    values = {"organisation_id": consent.organisation_id, "organisation": consent.organisation}
    return {**values, "at": consent.at.isoformat(), "chosen": consent.chosen, "fields": list(consent.fields)}


def fitting_need_json(rank: int, found: FittingNeed, need: SeenNeed) -> Json:
    """A need that fits a listing; `found.need` is what `need` shows."""
    return {
        "rank": rank,
        "score": round(found.score, SCORE_DECIMALS),
        "grade": found.grade,
        "need": seen_need_json(need),
        "fits": [fit_json(fit) for fit in found.fits],
        "rule": found.rule,
    }


def missing_field_json(one: MissingField) -> Json:
    """Something to add to a listing."""
    return {"field": one.field, "name": one.name, "why": one.why, "needs": one.needs}


def completeness_json(listing_id: str, found: Completeness) -> Json:
    """`CompletenessAnswer`."""
    return {
        "listing_id": listing_id,
        "score": found.score,
        "said": [{"field": name, "name": DESCRIBING[name]} for name in found.said],
        "unsaid": [{"field": name, "name": DESCRIBING[name]} for name in found.unsaid],
        "asked": [missing_field_json(one) for one in found.asked],
        "counted": found.counted,
    }
