"""Why a listing is not among the first for a need, and what its operator could write to rise: for operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput, NotFound
from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.features import COMPLETENESS, FEATURES, JOINT, feature_matrix, was_read
from matcher.ranking.fits.quantity_fit import Demand
from matcher.ranking.fits.stage_fit import STAGE_NAMES
from matcher.ranking.near_misses import requirement_name
from matcher.ranking.ranked import Ranked
from matcher.ranking.ranker import DECIMALS
from matcher.ranking.removals import kept_by, removal_reason
from matcher.ranking.ruling import hidden_words, label, pinned_first
from matcher.ranking.whole_terms import whole_term
from matcher.records import (
    KIND_NAMES,
    SUPPLY_KINDS,
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    Fit,
    Grade,
    IndustryRequirement,
    KindRequirement,
    Listing,
    Need,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)
from matcher.retrieval.retriever import SIGNALS

if TYPE_CHECKING:
    from matcher.match import Matcher
    from matcher.ranking.survey import Survey

#: Whose place is asked about: what stands on the first page.
FIRST: Final = 10
#: Features named: those that make up most of the distance to the first ten.
MAX_LACKS: Final = 3
#: A feature behind by less than this share of the whole distance explains nothing.
LEAST_SHARE: Final = 0.1


_TYPES: Final = {
    "quantity": "参数", "place": "地点", "certificate": "资质", "industry": "行业", "stage": "阶段", "kind": "类别",
}  # fmt: skip
#: What an operator reads of a feature; the descriptions for those who set weights speak of scores.
PLAIN: Final = {
    "words": "需求里的用词在条目全文中出现得少",
    "ngrams": "需求里的词语片段在条目全文中出现得少",
    "words_short": "需求里的用词在条目名称与能力中出现得少",
    "ngrams_short": "需求里的词语片段在条目名称与能力中出现得少",
    "dense": "条目全文的意思与需求不够接近",
    "dense_short": "条目名称与能力的意思与需求不够接近",
    "late": "需求里的说法在条目中不容易找到相近的说法",
    **{f"{kind}_meets": f"满足的{name}要求较少" for kind, name in _TYPES.items()},
    **{f"{kind}_misses": f"不符合的{name}要求较多" for kind, name in _TYPES.items()},
    COMPLETENESS: "条目填写得不够完整",
    JOINT: "整体来看,条目与需求不够相符",
}


@dataclass(frozen=True, slots=True)
class Lack:
    """A feature in which a listing is behind: `own` is what it adds to its score, `median` what to the first ten's."""

    feature: str
    text: str
    own: float
    median: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What to write, and the rank that the listing would have if the condition were met."""

    requirement: Requirement
    text: str
    rank: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Where a listing stands for a need among the `count` of its kind.

    Attributes:
        rank: its place among those of its kind that no hard condition removes and no rule hides, as if it were one of
            them; pinned ones come first.
        tenth: score of the tenth of these, without the listing itself; None where there are fewer.
        is_wanted: False where the need asks for other kinds only.
        removal: which hard conditions remove it, in words, or else the rule that hides it; None where none does.
        missed, unsaid: conditions that it misses, and those that it says nothing of.
        rule: the reader's words where a rule pins it: 置顶:省级示范平台.
        profile, profile_version: by which it is ranked.
    """

    listing: Listing
    rank: int
    count: int
    score: float
    grade: Grade
    tenth: float | None
    is_wanted: bool
    removal: str | None
    missed: tuple[Fit, ...]
    unsaid: tuple[Fit, ...]
    lacks: tuple[Lack, ...]
    advice: tuple[Advice, ...]
    rule: str | None = None
    profile: str = ""
    profile_version: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A rank with its score and features [len(FEATURES)], and the first others beside it."""

    rank: int
    score: float
    features: NDArray[np.float32]
    first: Ranked


def why_not(matcher: Matcher, need: Need, listing_id: str) -> WhyNot:
    """Return where a listing stands for a need and why.

    Raises:
        NotFound: no listing has this id.
        InvalidInput: the listing is a case or a policy (field `listing_id`), or the need can't be read.
    """
    listing = matcher.catalogue.get(listing_id)
    row = matcher.catalogue.row(listing_id)
    if listing is None:
        raise NotFound(f"没有编号为 {listing_id} 的条目")
    if row is None:
        names = "、".join(KIND_NAMES[kind] for kind in SUPPLY_KINDS)
        message = f"{listing_id} 是{KIND_NAMES[listing.kind]},不参加匹配"
        raise InvalidInput(message, hint=f"只有{names}参加匹配", field="listing_id")
    survey = matcher.survey(need, listing.kind)
    standing = _Standing(matcher, survey, row)
    fits = tuple(check(matcher.conditions.facts[row]) for check in matcher.conditions.checks(survey.requirements))
    removal, hide = removal_reason(fits), survey.ruling.hides.get(listing_id)
    return WhyNot(
        listing=listing,
        rank=standing.now.rank,
        count=len(survey.rows),
        score=standing.now.score,
        grade=matcher.ranker.grade(standing.now.score, read=was_read(standing.now.features)),
        tenth=standing.tenth,
        is_wanted=not need.kinds or listing.kind in need.kinds,
        removal=removal.text if removal else hidden_words(hide) if hide else None,
        missed=tuple(fit for fit in fits if fit.outcome == "misses"),
        unsaid=tuple(fit for fit in fits if fit.outcome == "unknown"),
        lacks=standing.lacks(),
        # Whatever is written, what a rule hides stays hidden.
        advice=() if hide else _advice(standing, fits),
        rule=label(survey.ruling.pins[listing_id]) if standing.is_pinned else None,
        profile=matcher.ranker.profile.name,
        profile_version=matcher.ranker.profile.version,
    )


class _Standing:
    """One listing among all of its kind: ranks it again with other outcomes of its conditions, as a match would."""

    def __init__(self, matcher: Matcher, survey: Survey, row: int) -> None:
        self._matcher, self._survey, self._row = matcher, survey, row
        place = int(np.flatnonzero(survey.rows == row)[0])
        self._features = survey.features[place]
        self.outcomes: NDArray[np.int8] = matcher.conditions.outcomes(survey.requirements, survey.rows[[place]])
        hidden = [matcher.catalogue.row(one) for one in survey.ruling.hides]
        rivals = matcher.conditions.kept(survey.requirements)[survey.rows] & (survey.rows != row)
        rivals &= ~np.isin(survey.rows, [one for one in hidden if one is not None])
        self._rivals = Ranked(survey.rows[rivals], survey.scores[rivals], survey.features[rivals])
        self._known: dict[int, float] = {}
        own = float(matcher.ranker.scores(self._features[None])[0])
        self._lost = own - float(survey.scores[place])  # what a stale listing loses
        self.now = self._stand(self._features, not self.is_removed)

    def _stand(self, features: NDArray[np.float32], is_kept: bool) -> _Place:
        """Where it stands with these features [len(FEATURES)]; what a match would read is read.

        Args:
            is_kept: whether no hard condition removes it: a pin only holds then.
        """
        rows = np.append(self._rivals.rows, self._row)
        own = np.round(self._matcher.ranker.scores(features[None]) - self._lost, DECIMALS)
        scores = np.append(self._rivals.scores, own)
        order = np.lexsort((rows, -scores))  # equal scores in the order of ids
        together = Ranked(rows[order], scores[order], np.concatenate([self._rivals.features, features[None]])[order])
        ranked = self._pinned(self._matcher.read(self._survey.text, together, self._odds), is_kept)
        place = int(np.flatnonzero(ranked.rows == self._row)[0])
        others = np.delete(np.arange(len(rows)), place)[:FIRST]
        return _Place(
            place + 1,
            float(ranked.scores[place]),
            ranked.features[place],
            Ranked(ranked.rows[others], ranked.scores[others], ranked.features[others]),
        )

    def _pinned(self, ranked: Ranked, is_kept: bool) -> Ranked:
        """The pinned rows before the others, as a match puts them."""
        rows = [self._matcher.catalogue.row(one) for one in self._survey.ruling.pins]
        here = set(ranked.rows.tolist()) - (set() if is_kept else {self._row})
        first = [row for row in rows if row is not None and row in here]
        return pinned_first(ranked, first) if first else ranked

    def _odds(self, text: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """`Matcher.odds`, each row read once."""
        missing = np.array([row for row in rows.tolist() if row not in self._known], np.int64)
        self._known |= dict(zip(missing.tolist(), self._matcher.odds(text, missing).tolist(), strict=True))
        return np.array([self._known[row] for row in rows.tolist()], np.float32)

    @property
    def tenth(self) -> float | None:
        scores = self.now.first.scores
        return float(scores[FIRST - 1]) if len(scores) >= FIRST else None

    def with_met(self, place: int) -> tuple[int, bool]:
        """Its rank were the requirement at `place` met, and whether no hard condition would remove it then."""
        outcomes = self.outcomes.copy()
        outcomes[place] = CODES["meets"]
        signals, complete = self._features[None, : len(SIGNALS)], self._features[[FEATURES.index(COMPLETENESS)]]
        features = feature_matrix(signals, self._survey.requirements, outcomes, complete)
        is_kept = bool(kept_by(self._survey.requirements, outcomes)[0])
        return self._stand(features[0], is_kept).rank, is_kept

    def quoted(self, requirement: Requirement) -> str:
        """The words of a requirement, and the rest of the word or term that they are cut out of."""
        start, end = requirement.start, requirement.end
        if start is None or end is None:
            return requirement.text
        return whole_term(self._survey.text, start, end, self._terms)

    @cached_property
    def _terms(self) -> tuple[str, ...]:
        return tuple(self._matcher.retriever.terms(self._survey.text)[0])

    @property
    def is_removed(self) -> bool:
        return not kept_by(self._survey.requirements, self.outcomes)[0]

    @property
    def is_pinned(self) -> bool:
        pins = (self._matcher.catalogue.row(one) for one in self._survey.ruling.pins)
        return self._row in pins and not self.is_removed

    def lacks(self) -> tuple[Lack, ...]:
        """Features in which it is farthest behind the median of the first ten, farthest first."""
        first = self.now.first.features
        if not len(first):
            return ()
        own = self._matcher.ranker.contributions(self.now.features)
        others = [self._matcher.ranker.contributions(features) for features in first]
        medians = {name: float(np.median([other[name] for other in others])) for name in FEATURES}
        behind = {name: medians[name] - own[name] for name in FEATURES if medians[name] > own[name]}
        distance = sum(behind.values())
        names = sorted(
            (name for name in behind if behind[name] >= LEAST_SHARE * distance), key=lambda name: -behind[name]
        )
        return tuple(Lack(name, PLAIN[name], own[name], medians[name]) for name in names[:MAX_LACKS])


def _advice(standing: _Standing, fits: Sequence[Fit]) -> tuple[Advice, ...]:
    """What would raise it, the greatest rise first, without what writing can't change (its kind, its place)."""
    now = standing.now.rank
    found = []
    for place, fit in enumerate(fits):
        words = _words(fit, standing.quoted(fit.requirement))
        if fit.outcome == "meets" or words is None:
            continue
        rank, is_kept = standing.with_met(place)
        if is_kept and (rank < now or standing.is_removed):
            reached = f"可升至第 {rank} 位" if rank < now else f"即不再被排除,位列第 {rank}"
            found.append(Advice(fit.requirement, f"{words},{reached}", rank))
    return tuple(sorted(found, key=lambda advice: advice.rank))


def _words(fit: Fit, quoted: str) -> str | None:
    """What to write, and the condition under which it helps; None for what writing can't change.

    Args:
        quoted: the words of the requirement, whole.
    """
    wanted, name = fit.requirement, requirement_name(fit.requirement)
    is_said = fit.outcome == "misses"
    match wanted:
        case QuantityRequirement():
            said = Demand(wanted).wanted_words()
            return f"若{name}能做到 {said}({fit.shortfall})" if is_said else f"写明{name};若满足 {said}"
        case CertificateRequirement():
            return f"若取得{quoted}" if is_said else f"写明是否有{quoted};若有"
        case PlaceRequirement():
            return None if is_said else f"写明所在地;若{'不' if wanted.excluded else ''}在{wanted.name}"
        case IndustryRequirement():
            return f"写明服务的行业;若包括{quoted}"
        case StageRequirement():
            stage = STAGE_NAMES[wanted.wanted] if wanted.wanted else quoted
            return f"写明能做到的阶段;若包括{stage}"
        case BudgetRequirement():
            return f"若收费不超过{wanted.text}" if is_said else f"写明收费;若不超过{wanted.text}"
        case DeadlineRequirement():
            return f"若交期赶得上{wanted.text}" if is_said else f"写明交期;若赶得上{wanted.text}"
        case KindRequirement():
            return None
    return None
