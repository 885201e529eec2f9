"""Judged needs over the small catalogue, made so that one profile is right about some and another about the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.slices import NeedTraits
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.profile import Profile
from matcher.records import Need
from tests.matcher.small import PROFILE

_WHAT = ("酶制剂发酵", "饮料灌装", "复合材料挤出", "晶圆流片", "原料药合成", "电池涂布", "废水膜分离", "环境试验")
_HOW = ("放大", "小批量试制", "工艺验证", "打样", "检测")
#: The other way round: whatever is near comes last.
CONTRARY = replace(PROFILE, name="contrary", weights=dict.fromkeys(PROFILE.weights, 0.0) | {"late": -20.0})


def needs(count: int) -> tuple[Need, ...]:
    """At most 40, each with other words; the last ten of 40 are of another industry and province."""
    found = [Need(text=f"{what}{how}", id=f"N-{how}-{what}", province="广东省") for how in _HOW for what in _WHAT]
    return tuple(found[:count])


def judged_set(needs: Sequence[Need], grades: Mapping[str, Mapping[str, int]], foods: int = 0) -> JudgedSet:
    """The first `foods` needs are of the food industry, the others of the chemical one."""
    traits = tuple(
        NeedTraits(str(need.id), need.text, ("食品",) if place < foods else ("化工",), explicit=place % 2 == 0)
        for place, need in enumerate(needs)
    )
    return JudgedSet("small", tuple(needs), traits, Judgements(grades), "0123456789abcdef" * 4)


def first(matcher: Matcher, need: Need) -> str:
    """What a matcher puts first."""
    return matcher.match(need, top=1, explained=False, strict=False).matches[0].listing.id


def divided(published: Matcher, draft: Matcher, *, harmed: int, count: int = 40) -> JudgedSet:
    """The draft is right about all needs but the first `harmed`, which are of the food industry."""
    grades = {
        str(need.id): {first(published if place < harmed else draft, need): 3}
        for place, need in enumerate(needs(count))
    }
    return judged_set(needs(count), grades, foods=harmed)


def document(profile: Profile = PROFILE, **weights: float) -> Document:
    """A document with some weights changed."""
    return Document(replace(profile, weights=profile.weights | weights))
