"""What comes in: bodies and queries, their limits, and how a body becomes a need."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from matcher.catalogue.needs_file import own_words
from matcher.errors import InvalidInput
from matcher.records import Need, Parameter, Within
from matcher.understanding.text import MAX_CHARACTERS, check_text

#: A page of a hundred is more than anybody reads; beyond it the answer would be a copy of the catalogue.
TOP_MAX = 100
TOP_DEFAULT = 10
#: Structured fields are short lists of short words; these bounds stop a body from being a denial of service.
ITEMS_MAX = 50
WORD_MAX = 200

#: Cases and policies answer no need: they can be read, not matched.
SupplyKind = Literal["platform", "equipment", "manufacturer", "solution"]
Word = Annotated[str, StringConstraints(min_length=1, max_length=WORD_MAX, strip_whitespace=True)]
Words = Annotated[list[Word], Field(max_length=ITEMS_MAX)]
#: Strict: `true` is no number, and neither is "200".
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

NEED_EXAMPLES: dict[str, Any] = {
    "own words": {
        "summary": "用自己的话",
        "value": {"text": "酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,东莞附近,预算200万以内", "top": 5},
    },
    "hard condition": {
        "summary": "硬性条件:没有 GMP 的不要",
        "value": {
            "text": "创新药固体制剂中试放大和工艺验证",
            "kinds": ["platform", "manufacturer"],
            "must": ["GMP"],
        },
    },
    "structured": {
        "summary": "结构化字段",
        "value": {
            "title": "MEMS 压力传感器小批量流片",
            "industry": ["半导体"],
            "parameters": [{"name": "晶圆尺寸", "min": 8, "max": 8, "unit": "英寸"}],
            "places": ["长三角"],
            "stage": "小试→中试",
            "top": 10,
        },
    },
}


UNDERSTAND_EXAMPLE = "酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,东莞附近"


class Strict(BaseModel):
    """A body in which a field nobody knows is refused: a misspelt condition must not vanish silently."""

    model_config = ConfigDict(extra="forbid")


#: What a requester says to what is read of a need.
STRENGTHS = ("must", "prefer", "without")


class ParameterBody(Strict):
    """A quantity range; leave out the end that is open."""

    name: Word
    min: Number | None = None
    max: Number | None = None
    unit: Annotated[str, StringConstraints(max_length=WORD_MAX, strip_whitespace=True)] | None = None


class NeedFieldsBody(Strict):
    """A need in own words, as structured fields, or both; structured fields win over words. `must`, `prefer` and
    `without` are what its requester says to what is read of it."""

    text: str | None = Field(None, max_length=MAX_CHARACTERS, description="需求,用自己的话写")
    title: Word | None = Field(None, description="标题")
    kinds: list[SupplyKind] = Field([], max_length=ITEMS_MAX, description="只返回这些类别")
    must: Words = Field([], description="硬性条件:证书、地点,或 place、certificate、quantity 等类型名")
    province: Word | None = Field(None, description="需求方所在省份")
    city: Word | None = Field(None, description="需求方所在城市")
    prefer: Words = Field([], description="不作硬性要求的条件:读出的原文,或 类型:原文")
    without: Words = Field([], description="不计的条件:读出的原文,或 类型:原文")
    places: Words = Field([], description="希望在哪里做中试")
    industry: Words = Field([], description="行业")
    parameters: list[ParameterBody] = Field([], max_length=ITEMS_MAX, description="技术参数")
    certificates: Words = Field([], description="需要的资质证书")
    stage: Word | None = Field(None, description="阶段,如 小试→中试")
    budget_wan: Number | None = Field(None, ge=0, description="预算,万元")
    deadline: Word | None = Field(None, description="期限,如 2026-12-31 或 6个月内")

    def to_need(self) -> Need:
        """The need as the matcher takes it; offsets of requirements point into its `text`.

        Raises:
            InvalidInput: neither words nor a structured field; nothing readable in the words; min above max.
        """
        return Need(
            text=self._words(),
            title=self.title,
            province=self.province,
            city=self.city,
            places=tuple(self.places),
            industry=tuple(self.industry),
            parameters=tuple(_parameter(body, position) for position, body in enumerate(self.parameters)),
            certificates=tuple(self.certificates),
            stage=self.stage,
            budget_wan=self.budget_wan,
            deadline=self.deadline,
            kinds=tuple(dict.fromkeys(self.kinds)),
            must=tuple(self.must),
            prefer=tuple(self.prefer),
            without=tuple(self.without),
        )

    def _words(self) -> str:
        text = self.text or ""
        if self.title:
            text = own_words(self.title, text)
        if text or not self._has_structured_field():
            return check_text(text)
        return ""

    def _has_structured_field(self) -> bool:
        given = (self.province, self.city, self.stage, self.deadline, self.budget_wan is not None)
        return any(given) or any((self.places, self.industry, self.parameters, self.certificates))


class NeedBody(NeedFieldsBody):
    """A need, and how many answers are wanted."""

    top: int = Field(TOP_DEFAULT, ge=1, le=TOP_MAX, strict=True, description="返回多少条")


class WithinBody(Strict):
    """Where in the catalogue to look; no condition of the need."""

    province: Word | None = Field(None, description="省份,如 广东")
    city: Word | None = Field(None, description="城市,如 东莞")
    holding: Word | None = Field(None, description="持有的证书,certificates.csv 的 id")


class MatchBody(NeedBody):
    """A need; administrators may have it ranked by a profile of their choice."""

    within: WithinBody = Field(default_factory=lambda: WithinBody.model_validate({}), description="只看其中一部分")
    facets: bool = Field(False, strict=True, description="并返回各项筛选的条数,以及条目所属单位的案例")

    deterministic: bool = Field(
        False, strict=True, description="用于评测:照方案原样排序,不随机交换、不参加试验、不留记录,没有 answer_id"
    )
    again: bool = Field(
        False,
        strict=True,
        description="同一次查找再次打开、翻页、筛选或下载:回答如常,但不计入答复数与“没有合适的”的比例",
    )
    profile: Word | None = Field(None, description="仅管理员:按此方案排序;名称(最新一版)、名称@版本或编号")

    def to_need(self) -> Need:
        """As `NeedFieldsBody.to_need`, to be looked for where `within` says."""
        return replace(super().to_need(), within=Within(self.within.province, self.within.city, self.within.holding))


class ExplanationBody(NeedBody):
    """A need and the listing whose place is asked about."""

    listing_id: Word = Field(description="条目编号")


def body_of(need: Need) -> dict[str, Any]:
    """The body from which `NeedBody` makes this need again; fields that say nothing are left out.

    What is longer than a body may hold is cut, so that what was read from a document can always be sent.
    """
    text = need.text[: MAX_CHARACTERS - len(need.title or "") - len("。")]
    fields = {name: getattr(need, name) for name in ("title", "province", "city", "stage", "deadline")}
    lists = {name: getattr(need, name) for name in ("places", "industry", "certificates", "kinds", *STRENGTHS)}
    parameters = [{"name": one.name, "min": one.min, "max": one.max, "unit": one.unit} for one in need.parameters]
    body = {
        "text": text,
        **{name: word[:WORD_MAX] for name, word in fields.items() if word},
        **{name: [word[:WORD_MAX] for word in words[:ITEMS_MAX]] for name, words in lists.items()},
        "parameters": parameters[:ITEMS_MAX],
        "budget_wan": need.budget_wan,
    }
    return {name: value for name, value in body.items() if value not in (None, "", [])}


def _parameter(body: ParameterBody, position: int) -> Parameter:
    if body.min is not None and body.max is not None and body.min > body.max:
        message = f"参数 {body.name} 的下限 {body.min:g} 大于上限 {body.max:g}"
        raise InvalidInput(message, field=f"parameters[{position}].min", hint="min 应不大于 max;只有一端时去掉另一端")
    return Parameter(body.name, body.min, body.max, body.unit or None)


class UnderstandBody(Strict):
    """A text to be read."""

    text: str = Field(max_length=MAX_CHARACTERS, examples=[UNDERSTAND_EXAMPLE])
