"""The front door of understanding: a need in, its requirements out, each with the words it was read from."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from embeddings.languages import is_foreign
from matcher.answers import requirement_json
from matcher.errors import InvalidInput
from matcher.records import (
    KINDS,
    CertificateRequirement,
    IndustryRequirement,
    Need,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
)
from matcher.today import today as present_day
from matcher.understanding.budgets import exchange_notes, read_budgets
from matcher.understanding.certificates import Certificates, default_certificates
from matcher.understanding.corrections import eased, idle, is_named, left
from matcher.understanding.deadlines import read_deadlines
from matcher.understanding.distances import distance_notes, without_distances
from matcher.understanding.doubts import doubts
from matcher.understanding.either import alternative_notes, with_alternatives
from matcher.understanding.english_terms import english_terms
from matcher.understanding.fields import FieldReader, Vocabulary
from matcher.understanding.industries import Industries
from matcher.understanding.journeys import beside, journey_notes, journeys
from matcher.understanding.kinds import read_kinds
from matcher.understanding.local_places import local_notes, without_nearby
from matcher.understanding.places import default_regions, read_places
from matcher.understanding.present_scales import present_notes, presents, wanted_scales
from matcher.understanding.quantities import read_quantities
from matcher.understanding.regions import Regions
from matcher.understanding.spans import Spans
from matcher.understanding.stages import read_stages
from matcher.understanding.strengths import with_strengths
from matcher.understanding.text import check_text, normalise, ocr_notes
from matcher.understanding.units import in_base
from matcher.understanding.unread import excluded_spans, refused_words, unread_conditions, unread_numbers, wished_text

_DATASETS = Path(__file__).resolve().parents[2] / "datasets"
#: What `Need.must` may say to make every condition of a type hard.
TYPE_WORDS = {
    "quantity": "quantity", "参数": "quantity", "数量": "quantity", "指标": "quantity",
    "place": "place", "地点": "place", "地区": "place",
    "certificate": "certificate", "资质": "certificate", "证书": "certificate",
    "industry": "industry", "行业": "industry",
    "stage": "stage", "阶段": "stage",
    "budget": "budget", "预算": "budget",
    "deadline": "deadline", "期限": "deadline",
    "kind": "kind", "类别": "kind",
}  # fmt: skip
_TYPE_NAMES = {
    "quantity": "参数", "place": "地点", "certificate": "资质", "industry": "行业",
    "stage": "阶段", "budget": "预算", "deadline": "期限", "kind": "类别",
}  # fmt: skip

#: Places and certificates that are not wanted are read as such where they are read.
_REFUSABLE = frozenset(["quantity", "industry", "stage", "kind"])
#: Between the ends of one condition stands no more than 且 or a comma.
_SAME_CLAUSE = 3

_R = TypeVar("_R", bound=Requirement)


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read: `text` as given, requirements in the order of the text and then those of the fields, notes.

    `text[start:end] == requirement.text` for every requirement read from the text; `start` is None for the others.
    """

    text: str
    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Requirement, ...]:
        """What listings are held against: all but the numbers that a budget or a deadline was read from."""
        spans = [(one.start, one.end) for one in self.requirements if one.type in ("budget", "deadline")]
        return tuple(one for one in self.requirements if one.type != "quantity" or not _inside(one, spans))

    @property
    def words(self) -> str:
        """What to search for when only fields were given."""
        return " ".join(requirement.text for requirement in self.requirements)

    @property
    def wish(self) -> str:
        """What to search for: the text without what it refuses, or the words of the fields."""
        return wished_text(self.text) if self.text.strip() else self.words


class Reader:
    """Reads needs. Holds the tables of names, so one is made when a process starts and kept."""

    def __init__(self, regions: Regions, certificates: Certificates, industries: Industries) -> None:
        self._vocabulary = Vocabulary(regions, certificates, industries)

    @classmethod
    def load(cls, datasets: Path = _DATASETS) -> Reader:
        """Return a reader over the tables of a folder. Raises BrokenArtefact where one is missing or damaged."""
        industries = Industries.load(datasets / "industries.csv", datasets / "industry_tags.csv")
        if datasets == _DATASETS:
            return cls(default_regions(), default_certificates(), industries)
        return cls(Regions.load(datasets / "regions.csv"), Certificates.load(datasets / "certificates.csv"), industries)

    def read(self, need: Need, today: date | None = None, *, strict: bool = True) -> Understood:
        """Return what a need asks for, from its fields and its text; a field wins over words of its type.

        Args:
            today: the day that deadlines are counted from; the present day by default.
            strict: refuse names that no table holds; False turns them into notes, for files of needs by others.

        Raises:
            InvalidInput: text that `check_text` refuses (an empty one is accepted beside structured fields), a field
                that can't be used, or a `must` that names nothing known.
        """
        today = today or present_day()
        _check_kinds(need.kinds)
        fields = FieldReader(self._vocabulary, today, strict)
        fields.read(need)
        from_text, notes = self._read_text(need, today)
        wished = _once(left(from_text, need.without))
        given = _as_firm(left(fields.requirements, need.without), wished)
        kept = _without_overruled(wished, given)
        requirements = eased(self._harden([*kept, *given], need.must, fields, strict), need.prefer)
        named = [*fields.requirements, *from_text]
        notes = [*fields.notes, *notes, *idle((*need.prefer, *need.without), named), *contradictions(requirements)]
        notes += places_apart(requirements, self._vocabulary.regions)
        return Understood(need.text, tuple(requirements), tuple(dict.fromkeys(notes)))

    def _read_text(self, need: Need, today: date) -> tuple[list[Requirement], list[str]]:
        if not need.text.strip() and _has_fields(need):
            return [], []
        text = normalise(check_text(need.text))
        deadlines, budgets = read_deadlines(text, today), read_budgets(text)
        industries, places = self._vocabulary.industries, read_places(text, home=self._home(need))
        certificates, waived = self._vocabulary.certificates.split(text)
        ways = journeys(text, places)
        measured = read_quantities(text)
        quantities = beside(without_distances(text, without_nearby(text, measured), places), ways)
        found: list[Requirement] = [
            *wanted_scales(text, quantities),
            *places,
            *certificates,
            *beside(_industries(text, industries), ways),
            *read_stages(text, wished=True, waived=Spans(waived)),
            *budgets,
            *beside(deadlines.requirements, ways),
            *(kind for kind in read_kinds(text) if not need.kinds or kind.kind in need.kinds),
        ]
        certified = [(one.start, one.end) for one in certificates]
        found = [one for one in found if not _is_of_permit(one) or not _inside(one, certified)]
        found = _without_refused(found, excluded_spans(text), presents(text, quantities))
        demanded = with_strengths(text, found)
        found = with_alternatives(text, demanded)
        found.sort(key=lambda requirement: (requirement.start or 0, requirement.end or 0))
        refused = industries.refused(text)
        return [_in_given_spelling(requirement, need.text) for requirement in found], [
            *deadlines.notes,
            *exchange_notes(budgets),
            *ocr_notes(need.text),
            *doubts(text, found),
            *present_notes(text, quantities),
            *alternative_notes(text, demanded),
            *unread_conditions(text, found, refused),
            *unread_numbers(text, [*found, *measured]),
            *refused_words(text, refused),
            *distance_notes(places),
            *journey_notes(text, places),
            *(() if need.places else local_notes(text, places)),
        ]

    def _home(self, need: Need) -> str | None:
        """The code of where the requester is by its fields."""
        return self._vocabulary.regions.resolve(need.province, need.city)

    def _harden(
        self, requirements: Sequence[Requirement], must: Iterable[str], fields: FieldReader, strict: bool
    ) -> list[Requirement]:
        """Return the requirements with those that `must` names made hard, those that it alone names added."""
        hardened = list(requirements)
        for position, word in enumerate(must):
            try:
                hardened = self._harden_one(hardened, word, fields)
            except InvalidInput as error:
                if strict:
                    raise InvalidInput(error.message, hint=error.hint, field=f"must[{position}]") from error
                fields.notes.append(f"{error.message},未作为条件")
        return hardened

    def _harden_one(self, requirements: list[Requirement], word: str, fields: FieldReader) -> list[Requirement]:
        wanted = TYPE_WORDS.get(word.strip().lower())
        if wanted:
            if all(one.type != wanted for one in requirements):
                fields.notes.append(f"没有读到{_TYPE_NAMES[wanted]}条件,硬性条件“{word}”不起作用")
            return [_hard(one) if one.type == wanted else one for one in requirements]
        if any(is_named(one, (word,)) for one in requirements):
            return [_hard(one) if is_named(one, (word,)) else one for one in requirements]
        named = self._named(word, fields)
        if named is None:
            quoted = normalise(word).strip()
            found = [bool(quoted) and quoted in normalise(one.text) for one in requirements]
            if not any(found):
                raise self._unknown_must(word)
            return [_hard(one) if hit else one for one, hit in zip(requirements, found, strict=True)]
        if any(_same(one, named) for one in requirements):
            return [_hard(one) if _same(one, named) else one for one in requirements]
        return [*requirements, _hard(named)]

    def _named(self, word: str, fields: FieldReader) -> Requirement | None:
        """Return the certificate or place that a word names, else None."""
        for make in (fields.certificate, fields.place):
            try:
                return make(word)
            except InvalidInput:
                continue
        return None

    def _unknown_must(self, word: str) -> InvalidInput:
        hint = "可写证书(GMP)、地点(东莞)或类型(place、certificate、quantity …)"
        return InvalidInput(f"不认识的硬性条件:{word}", hint=hint, field="must")


def as_json(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement as JSON values: its type, words, offsets and what they mean; an open end is null."""
    return requirement_json(requirement)


def contradictions(requirements: Iterable[Requirement]) -> list[str]:
    """Return a note for each two quantities of the same thing that no value meets both; both stay as they are."""
    # Only a lower and an upper bound can be apart; a page of other numbers need not be compared in pairs.
    bounds = [one for one in requirements if isinstance(one, QuantityRequirement) and _is_bound(one)]
    return [
        f"“{one.text}”与“{other.text}”不能同时满足,请核对"
        for one, other in combinations(bounds, 2)
        if _of_the_same(one, other) and _apart(one, other)
    ]


def places_apart(requirements: Iterable[Requirement], regions: Regions) -> list[str]:
    """Return a note for each place wanted that lies in one excluded; both stay as they are."""
    places = [one for one in requirements if isinstance(one, PlaceRequirement)]
    return [
        f"“{wanted.text}”在“{other.text}”所排除的范围之内,请核对"
        for other in places
        if other.excluded
        for wanted in places
        if not wanted.excluded and regions.contains(other.code, wanted.code)
    ]


def _without_refused(requirements: Iterable[Requirement], refused: Spans, present: Spans) -> list[Requirement]:
    """Return the requirements but for what is named as not wanted, and stages that somebody has come to already."""

    def is_left(one: Requirement) -> bool:
        if one.start is None or one.end is None:
            return True
        if one.type == "stage" and present.overlap(one.start, one.end):
            return False
        return one.type not in _REFUSABLE or not refused.overlap(one.start, one.end)

    return [one for one in requirements if is_left(one)]


def _industries(text: str, industries: Industries) -> list[IndustryRequirement]:
    """The industries that a normalised text asks for, each once."""
    found = industries.read_industries(text, wished=True)
    if not is_foreign(text):
        return found
    named = {one.industry for one in found}
    return found + [one for one in english_terms().read_industries(text, industries) if one.industry not in named]


def _is_of_permit(one: Requirement) -> bool:
    """Whether it is no wish within the name of a permit: 安全生产许可证 asks for nobody who assesses safety."""
    return one.type == "stage" or (isinstance(one, IndustryRequirement) and one.industry == "safety-assessment")


def _inside(requirement: Requirement, spans: Iterable[tuple[int | None, int | None]]) -> bool:
    start, end = requirement.start, requirement.end
    if start is None or end is None:
        return False
    return any(first is not None and last is not None and first <= start and end <= last for first, last in spans)


def _of_the_same(one: QuantityRequirement, other: QuantityRequirement) -> bool:
    """Two unnamed capacities of one dimension (≥500 L, ≤100 L) count as one thing; unnamed properties are many.

    In one clause what is named once is not named again: 发酵罐≥500 L且≤100 L.
    """
    if (one.dimension, one.role) != (other.dimension, other.role):
        return False
    if one.name == other.name:
        return one.name is not None or one.role == "capacity"
    near = one.end is not None and other.start is not None and 0 <= other.start - one.end <= _SAME_CLAUSE
    return other.name is None and near


def _is_bound(one: QuantityRequirement) -> bool:
    return one.start_scale is None and math.isinf(one.interval.min) != math.isinf(one.interval.max)


def _apart(one: QuantityRequirement, other: QuantityRequirement) -> bool:
    """Tell whether a lower bound lies above an upper bound; points, ranges and from–to statements may be two things."""
    first, _ = in_base(one.dimension, one.interval, one.unit)
    second, _ = in_base(other.dimension, other.interval, other.unit)
    return any(
        math.isinf(lower.max) and math.isinf(upper.min) and lower.min > upper.max
        for lower, upper in ((first, second), (second, first))
    )


def _as_firm(given: Iterable[Requirement], from_text: Sequence[Requirement]) -> list[Requirement]:
    """Return what fields name, a certificate or a place as firmly as the text demands the same one."""
    firm = [one for one in from_text if one.type in ("certificate", "place") and one.strength == "must"]
    return [_hard(one) if any(_same(demanded, one) for demanded in firm) else one for one in given]


def _without_overruled(from_text: Sequence[Requirement], given: Sequence[Requirement]) -> list[Requirement]:
    """Return the requirements of the text that no structured field speaks for; with a budget or a deadline goes the
    number that it was read from."""
    types = {one.type for one in given} - {"quantity"}
    parameters = [one for one in given if isinstance(one, QuantityRequirement)]
    told = [(one.start, one.end) for one in from_text if one.type in types and one.type in ("budget", "deadline")]
    return [
        one
        for one in from_text
        if (one.type not in types or (isinstance(one, PlaceRequirement) and one.excluded))
        and not (isinstance(one, QuantityRequirement) and any(_overrules(other, one) for other in parameters))
        and not (one.type == "quantity" and _inside(one, told))
    ]


def _overrules(given: QuantityRequirement, read: QuantityRequirement) -> bool:
    """A parameter replaces what the text says of its dimension under a similar name, under none, or with its number."""
    if given.dimension != read.dimension:
        return False
    if not given.name or not read.name or _share_an_end(given, read):
        return True
    one, other = set(normalise(given.name)), set(normalise(read.name))
    return len(one & other) * 2 > min(len(one), len(other))


def _share_an_end(one: QuantityRequirement, other: QuantityRequirement) -> bool:
    first, _ = in_base(one.dimension, one.interval, one.unit)
    second, _ = in_base(other.dimension, other.interval, other.unit)
    ends = [end for end in (first.min, first.max) if math.isfinite(end)]
    return any(
        math.isclose(end, finite) for end in ends for finite in (second.min, second.max) if math.isfinite(finite)
    )


def _once(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return the requirements with each condition once, where it stands first, a must if it is one anywhere."""
    kept: dict[Hashable, Requirement] = {}
    for one in requirements:
        key = _meaning(one)
        first = kept.setdefault(key, one)
        if first.strength != "must" and one.strength == "must":
            kept[key] = one
    return list(kept.values())


def _meaning(requirement: Requirement) -> Hashable:
    """Return what makes two requirements the same condition; the words and their place do not."""
    if isinstance(requirement, QuantityRequirement):
        named = (requirement.name, requirement.start_scale)
        return (requirement.type, requirement.dimension, requirement.unit, requirement.interval, *named)
    if isinstance(requirement, PlaceRequirement):
        return (requirement.type, requirement.code, requirement.excluded)
    if isinstance(requirement, CertificateRequirement):
        return (requirement.type, requirement.certificate)
    return (requirement.type, requirement.start, requirement.text)


def _in_given_spelling(requirement: _R, text: str) -> _R:
    """Return a requirement read from the normalised text with its words as the text given has them."""
    words = text[requirement.start : requirement.end]
    return requirement if words == requirement.text else replace(requirement, text=words)


def _has_fields(need: Need) -> bool:
    return bool(
        need.title or need.province or need.city or need.places or need.industry or need.parameters
        or need.certificates or need.stage or need.budget_wan is not None or need.deadline or need.kinds
    )  # fmt: skip


def _check_kinds(kinds: Iterable[str]) -> None:
    for position, kind in enumerate(kinds):
        if kind not in KINDS:
            raise InvalidInput(f"不认识的类别:{kind}", hint=f"可用:{'、'.join(KINDS)}", field=f"kinds[{position}]")


def _hard(requirement: _R) -> _R:
    return requirement if requirement.strength == "must" else replace(requirement, strength="must")


def _same(one: Requirement, named: Requirement) -> bool:
    """Tell whether two certificate or place requirements name the same certificate or place."""
    if one.type != named.type:
        return False
    if isinstance(one, PlaceRequirement) and one.excluded:
        return False
    key = "certificate" if one.type == "certificate" else "code"
    return bool(getattr(one, key) == getattr(named, key))
