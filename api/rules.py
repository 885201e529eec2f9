"""`/v1/profiles/{id}/rules`: the pins and hides of a version, one by one; for admins. Each edit makes a new version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.account_answers import Answer, Body
from api.dependencies import ActorDep, ReadingDep
from api.edits import Change, EditAnswer, Edited, Editing, EditingDep, EditOptions, headers_of, status_of
from api.errors import responses
from api.need_sessions import TodayDep
from api.profile_answers import ProfileAnswer, profile_json
from api.replies import model_reply
from matcher.catalogue.database import Session
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.rule_checks import About, about, hiding, with_checked_rules
from matcher.catalogue.profiles.stored import usable_document
from matcher.errors import InvalidInput
from matcher.ranking.documents import Document
from matcher.ranking.rule_edits import rule_of, summary, with_changed_rule, with_rule, without_rule
from matcher.ranking.rules import RULES_MAX, WHAT_NAMES, Rule, rule_fields

#: As the edge takes texts; the shorter limits of a rule are checked where it is read.
TEXT_MAX, ITEMS_MAX = 2000, 500
#: What of a body is no field of the rule.
_BESIDE = {"place", *EditOptions.model_fields}

router = APIRouter(
    prefix="/v1/profiles/{profile_id}/rules", tags=["profiles"], responses=responses(401, 403, 404, 409, 412, 422, 503)
)


class ScopeBody(Body):
    """For which needs: each part that is filled must be met, by any one of its values. Nothing is for all needs."""

    kinds: list[str] = Field([], max_length=ITEMS_MAX, description="要找的供给类别,如 platform")
    places: list[str] = Field([], max_length=ITEMS_MAX, description="需求提到的地区:名称或代码,含其下级")
    industries: list[str] = Field([], max_length=ITEMS_MAX, description="需求的行业:名称或编号,含其下级")
    words: list[str] = Field([], max_length=ITEMS_MAX, description="需求里出现其中任何一个词")


class NewRuleBody(EditOptions):
    what: Literal["pin", "hide"] = Field(description="pin 置顶,hide 屏蔽")
    listing_id: str = Field(max_length=TEXT_MAX, description="条目编号")
    reason: str = Field(max_length=TEXT_MAX, description="理由,会告诉读者,并写入公开的账本")
    owner: str = Field(max_length=TEXT_MAX, description="负责人或部门,不公开")
    expires: str = Field(max_length=TEXT_MAX, description="最后一天,如 2026-12-31")
    when: ScopeBody | None = Field(None, description="对哪些需求有效;不填为全部")
    place: int | None = Field(None, ge=1, le=RULES_MAX, description="排在第几条;置顶按此先后;不填为最后")


class RuleChangeBody(EditOptions):
    """What is left out stays as it is."""

    what: Literal["pin", "hide"] | None = Field(None, description="pin 置顶,hide 屏蔽")
    listing_id: str | None = Field(None, max_length=TEXT_MAX, description="条目编号")
    reason: str | None = Field(None, max_length=TEXT_MAX, description="理由")
    owner: str | None = Field(None, max_length=TEXT_MAX, description="负责人或部门")
    expires: str | None = Field(None, max_length=TEXT_MAX, description="最后一天")
    when: ScopeBody | None = Field(None, description="对哪些需求有效")
    place: int | None = Field(None, ge=1, le=RULES_MAX, description="移到第几条")


class RuleAnswer(Answer):
    """A rule; `trouble` is why it does nothing now: 已到期, or what its listing lacks. `when` holds filled parts."""

    id: str
    place: int
    what: Literal["pin", "hide"]
    what_name: str
    listing_id: str
    listing_name: str | None
    reason: str
    owner: str
    expires: str
    when: dict[str, list[str]]
    trouble: str | None


class RulesAnswer(Answer):
    """The rules of one version in their order, which is the order of pins."""

    profile: ProfileAnswer
    rules: list[RuleAnswer]


class RuleEditAnswer(EditAnswer):
    """`rule` as it is in the new version; null of one that was deleted."""

    rule: RuleAnswer | None


@router.get("", summary="置顶与屏蔽规则", response_model=RulesAnswer)
def rules(profile_id: str, session: ReadingDep, actor: ActorDep, today: TodayDep) -> Response:
    """All pins and hides of a version, with what keeps each from doing anything."""
    actor.needs_admin()
    stored = get(session, profile_id)
    found = usable_document(stored).rules
    listings = about(session, {rule.listing_id for rule in found})
    shown = [_answer(rule, place, listings.get(rule.listing_id), found, today) for place, rule in enumerate(found, 1)]
    return model_reply(RulesAnswer(profile=ProfileAnswer(**profile_json(stored)), rules=shown))


@router.post("", summary="添加置顶或屏蔽", status_code=201, response_model=RuleEditAnswer)
def add(profile_id: str, body: NewRuleBody, actor: ActorDep, editing: EditingDep, today: TodayDep) -> Response:
    """A pin or a hide more, in a new version; or, with `preview`, what it would change."""
    actor.needs_admin()
    rule_id = f"rule-{uuid.uuid4().hex[:12]}"
    fields = body.model_dump(exclude=_BESIDE) | {"id": rule_id}

    def change(session: Session, document: Document) -> Edited:
        return _checked(session, document, with_rule(document, fields, body.place), rule_id, "添加", today)

    return _edited(editing, profile_id, body, change)


@router.patch("/{rule_id}", summary="修改一条规则", status_code=201, response_model=RuleEditAnswer)
def edit(
    profile_id: str, rule_id: str, body: RuleChangeBody, actor: ActorDep, editing: EditingDep, today: TodayDep
) -> Response:
    """Some fields of a rule changed, in a new version; or, with `preview`, what that would change."""
    actor.needs_admin()
    fields = {name: value for name, value in body.model_dump(exclude=_BESIDE).items() if value is not None}

    def change(session: Session, document: Document) -> Edited:
        after = with_changed_rule(document, rule_id, fields, body.place)
        return _checked(session, document, after, rule_id, "修改", today)

    return _edited(editing, profile_id, body, change)


@router.delete("/{rule_id}", summary="删去一条规则", status_code=201, response_model=RuleEditAnswer)
def remove(
    profile_id: str, rule_id: str, options: Annotated[EditOptions, Query()], actor: ActorDep, editing: EditingDep
) -> Response:
    """A new version without the rule; or, with `preview`, what that would change."""
    actor.needs_admin()

    def change(session: Session, document: Document) -> Edited:
        return Edited(without_rule(document, rule_id), f"删去{summary(rule_of(document, rule_id))}")

    return _edited(editing, profile_id, options, change)


def _checked(session: Session, before: Document, after: Document, rule_id: str, act: str, today: date) -> Edited:
    try:
        document = with_checked_rules(session, after, before.rules, today)
    except InvalidInput as error:
        field = (error.field or "").rpartition("].")[2]
        raise InvalidInput(error.message, hint=error.hint, field=field) from error
    rule = rule_of(document, rule_id)
    found = about(session, {rule.listing_id}).get(rule.listing_id)
    told = _answer(rule, document.rules.index(rule) + 1, found, document.rules, today)
    return Edited(document, f"{act}{summary(rule)}", told)


def _edited(editing: Editing, profile_id: str, options: EditOptions, change: Change) -> Response:
    answer, edited = editing.run(profile_id, options, change)
    whole = RuleEditAnswer(**dict(answer), rule=edited.told)
    return model_reply(whole, status_of(answer), headers_of(answer))


def _answer(rule: Rule, place: int, found: About | None, rules: Sequence[Rule], today: date) -> RuleAnswer:
    return RuleAnswer(
        **rule_fields(rule),
        place=place,
        what_name=WHAT_NAMES[rule.what],
        listing_name=found.name if found is not None else None,
        trouble=_trouble(rule, found, rules, today),
    )


def _trouble(rule: Rule, found: About | None, rules: Sequence[Rule], today: date) -> str | None:
    """What keeps a rule from doing anything."""
    if not rule.holds_on(today):
        return "已到期"
    if found is None:
        return "没有这个条目"
    return found.trouble or ("已被本方案的规则屏蔽" if hiding(rule, rules, today) is not None else None)
