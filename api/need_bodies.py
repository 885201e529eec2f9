"""What comes in about stored needs: bodies and queries."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas import TOP_DEFAULT, TOP_MAX, WORD_MAX, NeedFieldsBody, Strict, SupplyKind, Word
from matcher.catalogue.json_lines import day
from matcher.catalogue.needs.content import ABSTRACT_MAX, FIELDS
from matcher.catalogue.needs.states import NeedState
from matcher.catalogue.needs.store import NeedDraft, Openness
from matcher.catalogue.needs.stored import Level, StoredNeed

Day = Annotated[str, StringConstraints(max_length=10)]
Visibility = Annotated[dict[str, Level], Field(max_length=2 * len(FIELDS))]

NEW_NEED_EXAMPLES: dict[str, Any] = {
    "draft": {
        "summary": "存为草稿,不公开任何内容",
        "value": {"text": "酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,预算200万以内", "industry": ["生物制造"]},
    },
    "listed": {
        "summary": "发布到需求墙,只公开行业和摘要",
        "value": {
            "text": "酶制剂发酵放大,需要500 L以上发酵罐",
            "industry": ["生物制造"],
            "budget_wan": 200,
            "state": "published",
            "listed": True,
            "abstract": "酶制剂发酵放大,寻找有 GMP 车间的中试平台",
            "visibility": {"industry": "public", "parameters": "signed_in", "budget_wan": "chosen"},
        },
    },
}


class NeedInput(NeedFieldsBody):
    """The content of a stored need. In a PATCH, what is left out stays as it is."""

    abstract: str | None = Field(
        None, max_length=ABSTRACT_MAX, description="对外摘要;不写时由公开字段组成,请勿写入涉密内容"
    )
    expires_on: Day | None = Field(None, description="最后一天,如 2026-12-31;不写时为发布后 180 天")

    def draft(self) -> NeedDraft:
        """All of it; what is not given is empty."""
        values = self.model_dump()
        return NeedDraft(_content(values), values["abstract"], _day(self.expires_on))

    def patched(self, need: StoredNeed) -> NeedDraft:
        """A stored need with what is given here; null and [] empty a field."""
        given = self.model_dump(exclude_unset=True)
        abstract = given.get("abstract", need.abstract)
        return NeedDraft({**need.fields, **_content(given)}, abstract, _day(self.expires_on))


class VisibilityBody(Strict):
    """Who may see which field; a field that is not named is private."""

    visibility: Visibility = Field({}, description="字段 → public / signed_in / chosen / private")
    listed: bool = Field(False, strict=True, description="是否出现在需求墙上、供给方是否能看到")

    def openness(self) -> Openness:
        return Openness(dict(self.visibility), self.listed)


class NewNeedBody(NeedInput, VisibilityBody):
    """A need to keep."""

    state: Literal["draft", "published"] = Field("draft", description="存为草稿,或立即发布")


class OpeningBody(Strict):
    """How long the need stands open from now."""

    expires_on: Day | None = Field(None, description="最后一天,如 2026-12-31")

    def day(self) -> date | None:
        """The last day. Raises InvalidInput: no ISO day."""
        return _day(self.expires_on)


class OwnNeedsQuery(Strict):
    """Which of one's needs."""

    state: NeedState | None = Field(None, description="状态")
    sort: str = Field("-updated", max_length=20, description="updated、created、published、expires,前加 - 为倒序")
    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")
    everyone: bool = Field(False, description="全部需求方的需求;仅管理员,记入审计")


class OutsideQuery(Strict):
    """Through whose eyes."""

    to: Literal["stranger", "signed_in", "consented"] = Field(
        "stranger", description="stranger 未登录的人,signed_in 登录的人,consented 经同意的单位"
    )


class BoardQuery(Strict):
    """Which part of the wall."""

    industry: Word | None = Field(None, description="行业")
    province: Word | None = Field(None, description="需求方所在省份,可省略“省”“市”")
    kind: SupplyKind | None = Field(None, description="寻找的供给类别")
    q: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="词语,都要出现")
    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")


class TopQuery(Strict):
    """How many answers are wanted."""

    top: int = Field(TOP_DEFAULT, ge=1, le=TOP_MAX, description="返回多少条")


class FittingQuery(Strict):
    """Which of the needs that fit a listing."""

    least: Literal["strong", "possible", "weak"] = Field("possible", description="最低等级")
    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")


def _content(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in FIELDS if name in values}


def _day(value: str | None) -> date | None:
    found = day({"expires_on": value}, "expires_on")
    return None if found is None else date.fromisoformat(found)
