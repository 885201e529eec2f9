"""Which needs fit a listing: the other way round, with the scores that the needs' own matches have before reading.

Matching each need over the catalogue and looking for the listing would take seconds for a hundred needs. A pair's score
depends on nothing but the pair, so only this listing's row is measured with each need (`retrieval.one_listing`), and
what is read of a need is kept. A need is given as its reader may see it (`SeenNeed.need`): nothing else is known here.

A search goes on to read its first candidates together with the need, where the profile wants it; that takes too long
for a list of needs. Grades here are by the profile's curve for pairs that were not read, and may differ from the
search's for those that were.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput, NotFound
from matcher.match import Matcher
from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.conditions import Codes, alternatives
from matcher.ranking.features import completeness, feature_matrix
from matcher.ranking.fits.check import Check
from matcher.ranking.removals import kept_by, removal_reason
from matcher.ranking.ruling import NO_RULING, RuleBook, Ruling, hidden_words, label
from matcher.ranking.staleness import Days, less_stale, stale_days
from matcher.records import KIND_NAMES, SUPPLY_KINDS, Fit, Grade, Listing, Need, Requirement
from matcher.retrieval.one_listing import CodedNeed, NeedWords, OneListing, read_words

#: Tokens of needs that are remembered: 3,700 needs of usual length, some 130 MB with their words.
TOKENS_REMEMBERED: Final = 200_000
#: Conditions of needs that are remembered, a few kB each.
NEEDS_REMEMBERED: Final = 20_000
#: What is searched for where a need says nothing that could be.
NO_WORDS: Final = "中试需求"
GRADES: Final[tuple[Grade, ...]] = ("strong", "possible", "weak")

Floats = NDArray[np.float32]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class FittingNeed:
    """How a listing stands for one need.

    Attributes:
        score, grade: of the pair; equal to the search's before the first rows are read together with the need.
        best: the grade that it would have if all that the listing does not say were as wanted.
        is_wanted: False where the need asks for other kinds only. removal: the hard conditions missed, in words, or the
            rule that hides it from this need.
        fits: every condition that can be seen of the need.
        rule: what the reader of the need's matches is told where a rule pins it there: 置顶:省级示范平台.
    """

    need: Need
    score: float
    grade: Grade
    best: Grade
    is_wanted: bool
    removal: str | None
    fits: tuple[Fit, ...]
    rule: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the need's own matches could hold the listing."""
        return self.is_wanted and self.removal is None


@dataclass(frozen=True, slots=True)
class _Conditions:
    requirements: tuple[Requirement, ...]
    checks: tuple[Check, ...]
    text: str


class NeedReadings:
    """What was read of needs, kept while there is room; one for a process. Safe from several threads."""

    def __init__(self, tokens: int = TOKENS_REMEMBERED) -> None:
        self._words: _Remembered[NeedWords] = _Remembered(tokens, lambda one: 1 + len(one.coded.codes))
        self._conditions: _Remembered[_Conditions] = _Remembered(NEEDS_REMEMBERED, lambda one: 1)

    def conditions(self, matcher: Matcher, need: Need, today: date) -> _Conditions:
        """A need's conditions, and the words to search for; deadlines are counted from `today`."""
        key = (replace(need, id=None), today)
        found = self._conditions.get(key)
        if found is None:
            understood = matcher.reader.read(need, today, strict=False)
            requirements = understood.conditions
            found = _Conditions(requirements, matcher.conditions.checks(requirements), understood.wish or NO_WORDS)
            self._conditions.put(key, found)
        return found

    def words(self, matcher: Matcher, text: str, coded: CodedNeed | None = None) -> NeedWords:
        """A text's words and vectors; `coded` spares the encoder where they are stored.

        Where a profile with other synonyms was published since, the words are read anew.
        """
        found, retriever = self._words.get(text), matcher.retriever
        if found is None or found.wording is None or found.wording() is not retriever.wording:
            found = read_words(retriever, text, coded if found is None else found.coded)
            self._words.put(text, found)
        return found

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The texts among these whose words are not remembered, each once."""
        return [text for text in dict.fromkeys(texts) if self._words.get(text) is None]


def texts_of(matcher: Matcher, needs: Sequence[Need], readings: NeedReadings, today: date) -> list[str]:
    """The text of each need that is searched for, whose vectors are worth storing."""
    return [readings.conditions(matcher, need, today).text for need in needs]


def fitting_needs(
    matcher: Matcher,
    listing_id: str,
    needs: Sequence[Need],
    readings: NeedReadings,
    today: date,
    stored: Mapping[str, CodedNeed] | None = None,
) -> list[FittingNeed]:
    """How a listing stands for each need, best first; needs with equal scores stay in the order given.

    Args:
        needs: as whoever asks may see them. stored: vectors by text, of texts that are not remembered.

    Raises:
        NotFound: no listing has this id. InvalidInput: it is a case or a policy.
    """
    row = supply_row(matcher, listing_id)
    if not needs:
        return []
    listing, facts = matcher.catalogue.supply[row], matcher.conditions.facts[row]
    read = [readings.conditions(matcher, need, today) for need in needs]
    words = [readings.words(matcher, one.text, (stored or {}).get(one.text)) for one in read]
    fits = [tuple([check(facts) for check in one.checks]) for one in read]
    signals = OneListing(matcher.retriever, row, listing).signals(words)
    complete, stale = np.array([completeness(listing)], np.float32), (stale_days([listing]), today)
    outcomes = [np.array([[CODES[fit.outcome]] for fit in one], np.int8).reshape(len(one), 1) for one in fits]
    requirements = [one.requirements for one in read]
    scores = _scores(matcher, signals, requirements, outcomes, complete, stale)
    best = _scores(matcher, signals, requirements, [_if_all_met(one) for one in outcomes], complete, stale)
    ruled = _ruled(matcher.rules.about(listing_id), needs, read, today)
    found = [
        _fitting(
            matcher, need, fits[place], outcomes[place], listing, float(scores[place]), float(best[place]), ruled[place]
        )
        for place, need in enumerate(needs)
    ]
    return [found[place] for place in matcher.ranker.order(scores)]


def supply_row(matcher: Matcher, listing_id: str) -> int:
    """The row of a listing that is ranked. Raises NotFound, or InvalidInput for a case or a policy."""
    listing, row = matcher.catalogue.get(listing_id), matcher.catalogue.row(listing_id)
    if listing is None:
        raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", hint="编号见 /v1/listings", field="listing_id")
    if row is None:
        names = "、".join(KIND_NAMES[kind] for kind in SUPPLY_KINDS)
        message = f"{listing_id} 是{KIND_NAMES[listing.kind]},不参加匹配"
        raise InvalidInput(message, hint=f"只有{names}参加匹配", field="listing_id")
    return row


def _ruled(rules: RuleBook, needs: Sequence[Need], read: Sequence[_Conditions], today: date) -> list[Ruling]:
    if not rules.rules:
        return [NO_RULING] * len(needs)
    return [rules.ruling(one.text, one.requirements, need.kinds, today) for need, one in zip(needs, read, strict=True)]


def _fitting(
    matcher: Matcher,
    need: Need,
    fits: tuple[Fit, ...],
    outcomes: Codes,
    listing: Listing,
    score: float,
    best: float,
    ruling: Ruling,
) -> FittingNeed:
    requirements = [fit.requirement for fit in fits]
    is_wanted = not need.kinds or listing.kind in need.kinds
    is_kept = bool(kept_by(requirements, outcomes)[0])
    removal = None if is_kept else removal_reason(fits)
    hide, pin = ruling.hides.get(listing.id), ruling.pins.get(listing.id)
    return FittingNeed(
        need=need,
        score=score,
        grade=matcher.ranker.grade(score),
        best=matcher.ranker.grade(best),
        is_wanted=is_wanted,
        removal=removal.text if removal else hidden_words(hide) if hide else None,
        fits=alternatives(fits),
        rule=label(pin) if pin and is_wanted and is_kept else None,
    )


def _scores(
    matcher: Matcher,
    signals: Floats,
    requirements: Sequence[Sequence[Requirement]],
    outcomes: Sequence[Codes],
    complete: Floats,
    stale: tuple[Days, date],
) -> NDArray[np.float64]:
    """float64 [n] of one listing with each need; `stale`: the day [1] since which it is (`stale_days`), and today."""
    pairs = zip(signals[:, None], requirements, outcomes, strict=True)
    scores = matcher.ranker.scores(np.concatenate([feature_matrix(*pair, complete) for pair in pairs]))
    return less_stale(scores, *stale, matcher.ranker.profile)


def _if_all_met(outcomes: Codes) -> Codes:
    """Outcomes, with what the listing does not say taken as met."""
    return np.where(outcomes == CODES["unknown"], np.int8(CODES["meets"]), outcomes)


class _Remembered(Generic[_Value]):
    """Values by key, those used last; `size` of all of them together stays within `room`."""

    def __init__(self, room: int, size: Callable[[_Value], int]) -> None:
        self._room, self._size, self._used = room, size, 0
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> _Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: Hashable, value: _Value) -> None:
        with self._lock:
            old = self._values.pop(key, None)
            self._used += self._size(value) - (self._size(old) if old is not None else 0)
            self._values[key] = value
            while self._used > self._room and len(self._values) > 1:
                self._used -= self._size(self._values.popitem(last=False)[1])
