"""Which answers a need has refused: nobody who wrote 不要发酵 is asked how large the fermenter is to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import rjieba
from numpy.typing import NDArray

from matcher.ranking.facts import Tables
from matcher.ranking.topics import Answer, Topic, topics
from matcher.records import CertificateRequirement, IndustryRequirement, PlaceRequirement, Requirement
from matcher.understanding.industries import Industries
from matcher.understanding.negations import is_only_refused, may_refuse
from matcher.understanding.regions import Regions
from matcher.understanding.text import normalise

#: A single character (罐, 层) stands in too many words to name a thing.
LEAST_CHARACTERS = 2


class Unwanted:
    """What each of the answers to some topics names: industries, things, places."""

    def __init__(self, asked: Sequence[Topic], tables: Tables) -> None:
        self._industries, self._regions = tables.industries, tables.regions
        self._answers = [answer for topic in asked for answer in topic.answers]
        #: Answers by what they name: ids of industries and words apart.
        self._naming: dict[str, list[int]] = {}
        self._saying: dict[str, list[int]] = {}
        named = {topic.question: frozenset(_industries_in(topic.question, tables.industries)) for topic in asked}
        of_answer = (topic for topic in asked for _ in topic.answers)
        for place, (topic, answer) in enumerate(zip(of_answer, self._answers, strict=True)):
            for id in named[topic.question] | _industries_of(answer, tables.industries):
                self._naming.setdefault(id, []).append(place)
            for word in _words(topic, answer):
                self._saying.setdefault(word, []).append(place)

    def mask(self, text: str, requirements: Sequence[Requirement]) -> NDArray[np.bool_]:
        """bool [answers], in the order of the topics: whether a need has refused what the answer names.

        Args:
            text: of the need, in any spelling. requirements: read from it; the places that they exclude count.
        """
        found = np.zeros(len(self._answers), np.bool_)
        found[list(self._refused(normalise(text)))] = True
        for excluded in requirements:
            if isinstance(excluded, PlaceRequirement) and excluded.excluded:
                found |= [_lies_in(answer, excluded, self._regions) for answer in self._answers]
        return found

    def _refused(self, text: str) -> Iterator[int]:
        if not may_refuse(text):
            return
        for id in self._industries.unwanted(text):
            yield from self._naming.get(id, ())
        for word, places in self._saying.items():
            if word in text and is_only_refused(text, word):
                yield from places


@lru_cache(maxsize=4)
def unwanted(tables: Tables) -> Unwanted:
    """What the answers to all topics name, made once."""
    return Unwanted(topics(tables), tables)


def _industries_of(answer: Answer, industries: Industries) -> frozenset[str]:
    """The industry that an answer means and those whose names stand in its own (药用包装材料: 包装)."""
    if not isinstance(answer.requirement, IndustryRequirement):
        return frozenset()
    return frozenset((answer.requirement.industry, *_industries_in(answer.text, industries)))


def _industries_in(text: str, industries: Industries) -> Iterator[str]:
    for industry in industries:
        if any(name in text for name in (industry.name, *industry.aliases)):
            yield industry.id


def _words(topic: Topic, answer: Answer) -> frozenset[str]:
    """The words that name what an answer asks for: a quantity's stand in the question, a step of it in the answer."""
    match answer.requirement:
        case IndustryRequirement() | PlaceRequirement():
            return frozenset()
        case CertificateRequirement():
            return frozenset((normalise(answer.requirement.text),))
    said = topic.question if topic.type == "quantity" else answer.text
    return frozenset(word for word in rjieba.cut(said, False) if len(word) >= LEAST_CHARACTERS)


def _lies_in(answer: Answer, excluded: PlaceRequirement, regions: Regions) -> bool:
    wanted = answer.requirement
    known = isinstance(wanted, PlaceRequirement) and excluded.code in regions
    return known and isinstance(wanted, PlaceRequirement) and regions.contains(excluded.code, wanted.code)
