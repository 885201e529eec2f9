"""What a need may be asked about: topics, each with a fixed ladder of answers that the reader of needs understands.

The answers are made once from the tables; which of them are worth suggesting is decided by the candidates of a need
(`matcher.ranking.questions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matcher.ranking.alignment import BROAD, Measure, wanted_measure
from matcher.ranking.facts import Tables
from matcher.records import (
    CertificateRequirement,
    IndustryRequirement,
    KindRequirement,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)
from matcher.understanding.certificate_table import TEST_SCOPE
from matcher.understanding.kinds import read_kinds
from matcher.understanding.places import read_places
from matcher.understanding.quantities import read_quantities
from matcher.understanding.stages import read_stages


@dataclass(frozen=True, slots=True)
class Answer:
    """Words that can be appended to a need, and the condition that they are read as."""

    text: str
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to ask.

    Attributes:
        type: the type of requirement that an answer gives.
        measure: what a quantity measures; None for the other types.
        is_ladder: each answer asks for more than the one before, so whoever meets it meets those before.
    """

    question: str
    type: str
    answers: tuple[Answer, ...]
    measure: Measure | None = None
    is_ladder: bool = False

    def is_answered(self, requirement: Requirement) -> bool:
        """Whether a need that has this requirement has said what the topic asks.

        A dimension that is measured of all sorts of things (a length) is answered only by a related measure.
        """
        if requirement.type != self.type or (isinstance(requirement, PlaceRequirement) and requirement.excluded):
            return False
        if self.measure is None or not isinstance(requirement, QuantityRequirement):
            return True
        stated = wanted_measure(requirement)
        if stated.dimension != self.measure.dimension:
            return False
        if stated.dimension not in BROAD or stated.meaning is None or self.measure.meaning is None:
            return True
        return stated.meaning.related(self.measure.meaning)


@dataclass(frozen=True, slots=True)
class _Ladder:
    """`words` with {} for each of the steps, in the order in which they ask for more."""

    question: str
    words: str
    steps: str


#: The special kinds of a thing stand before the general one: of two that tell as much, the first is asked.
_LADDERS: Final = (
    _Ladder("发酵罐需要多大容积?", "发酵罐{} L以上", "10 50 100 200 500 1000 2000 5000 10000 50000"),
    _Ladder("反应釜需要多大容积?", "反应釜{} L以上", "10 50 100 200 500 1000 2000 5000 10000"),
    _Ladder("生物反应器需要多大容积?", "生物反应器{} L以上", "10 50 200 500 1000 2000 5000 10000"),
    _Ladder("需要多大容积的罐或釜?", "容积{} L以上", "10 50 100 200 500 1000 2000 5000 10000 50000"),
    _Ladder("晶圆是几英寸?", "{}英寸晶圆", "4 6 8 12"),
    _Ladder("工艺节点是多少纳米?", "工艺节点{} nm", "500 350 180 130 90 65 55 40 28 14 7"),
    _Ladder("线宽要做到多细?", "线宽{} μm", "200 100 75 50 30 20 10 5 2 1 0.5"),
    _Ladder("电路板要做多少层?", "板层数{}层以上", "4 8 12 16 20 30 40"),
    _Ladder("洁净室需要什么等级?", "{}级洁净车间", "十万 万 千 百 十"),
    _Ladder("需要多大的洁净车间?", "洁净车间{} m²以上", "100 200 500 1000 2000 5000 10000"),
    _Ladder("需要多大的场地?", "场地{} m²以上", "200 500 1000 2000 5000 10000 20000 50000"),
    _Ladder("单批要做多少公斤?", "单批{} kg以上", "1 5 10 50 100 200 500 1000 5000"),
    _Ladder("一年要做多少吨?", "年产能{}吨以上", "1 5 10 50 100 500 1000 5000 10000 50000"),
    _Ladder("每月要做多少片?", "月产能{}片以上", "100 500 1000 2000 5000 10000 20000 50000"),
    _Ladder("每月要做多少件?", "月产能{}件以上", "100 1000 10000 100000 1000000"),
    _Ladder("一年要做多少台?", "年产能{}台以上", "10 50 100 500 1000 5000 10000 50000 100000"),
    _Ladder("电池产能要多大?", "年产能{} GWh以上", "0.01 0.05 0.1 0.2 0.5 1 2 5 10"),
    _Ladder("处理量要多大?", "处理量{} m³/h以上", "0.1 0.5 1 5 10 50 100 500"),
    _Ladder("烧结或热处理要到多少度?", "烧结温度{}℃", "500 800 1000 1200 1400 1600 1800 2000 2500 3000"),
    _Ladder("环境试验的温度范围是多少?", "环境温度{}℃", "-20~60 -40~85 -55~125 -70~150"),
    _Ladder("需要多高的压力?", "压力{} MPa以上", "1 5 10 20 50 100 200"),
    _Ladder("测试或加工的功率要多大?", "功率{} kW以上", "1 5 10 50 100 250 500 1000"),
    _Ladder("幅宽要多大?", "幅宽{} mm以上", "200 300 500 600 1000 1500 2000"),
)
_KINDS: Final = ("找中试平台", "租用设备", "找代工厂", "要技术方案")
_STAGES: Final = ("做到中试放大", "做到量产", "做到样机", "做检测报告")


@lru_cache(maxsize=4)
def topics(tables: Tables) -> tuple[Topic, ...]:
    """Return every topic. An answer that is not read as what it is made for is left out."""
    return (
        Topic("必须在哪里做?", "place", tuple(_places(tables))),
        Topic("产品属于哪个行业?", "industry", tuple(_industries(tables))),
        Topic("需要什么资质?", "certificate", tuple(_certificates(tables))),
        Topic("要找哪一类供给?", "kind", tuple(_kinds())),
        Topic("要做到哪个阶段?", "stage", tuple(_stages())),
        *(topic for ladder in _LADDERS for topic in _quantity_topics(ladder)),
    )


def _quantity_topics(ladder: _Ladder) -> Iterator[Topic]:
    answers = []
    for step in ladder.steps.split():
        text = ladder.words.format(step)
        read = read_quantities(text)
        if len(read) == 1:
            answers.append(Answer(text, read[0]))
    if answers:
        first = answers[0].requirement
        assert isinstance(first, QuantityRequirement)
        measure = wanted_measure(first)
        yield Topic(ladder.question, "quantity", tuple(answers), measure, measure.sense != "member")


def _places(tables: Tables) -> Iterator[Answer]:
    """Provinces: a city is seldom named by more than one candidate. The words make the place a *must*."""
    for code in tables.regions.codes():
        region = tables.regions[code]
        if region.level == "province":
            text = f"限{region.short[0] if region.short else region.name}"
            read = read_places(text)
            if len(read) == 1 and read[0].code == code:
                yield Answer(text, read[0])


def _industries(tables: Tables) -> Iterator[Answer]:
    """Fields (信息技术) are left out: they tell next to nothing."""
    for industry in tables.industries:
        if industry.parent is None:
            continue
        text = f"{industry.name}行业"
        read = tables.industries.read_industries(text)
        if len(read) == 1 and read[0].industry == industry.id:
            yield Answer(text, IndustryRequirement(text=read[0].text, industry=industry.id))


def _certificates(tables: Tables) -> Iterator[Answer]:
    for id in tables.certificates.ids():
        certificate = tables.certificates[id]
        text = f"要有{certificate.name}"
        read = tables.certificates.read(text)
        if certificate.scope != TEST_SCOPE and len(read) == 1 and read[0].certificate == id:
            required = CertificateRequirement(text=certificate.name, certificate=id, strength=read[0].strength)
            yield Answer(text, required)


def _kinds() -> Iterator[Answer]:
    for text in _KINDS:
        for read in read_kinds(text)[:1]:
            yield Answer(text, KindRequirement(text=read.text, kind=read.kind))


def _stages() -> Iterator[Answer]:
    for text in _STAGES:
        for read in read_stages(text):
            yield Answer(text, StageRequirement(text=read.text, wanted=read.wanted))
