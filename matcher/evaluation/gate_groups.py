"""Groups of needs that the gate looks at one by one: a mean hides who is served worse than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.slices import OTHER, IndustryOf, asked_kind, first_industry
from matcher.records import Listing
from matcher.understanding.regions import Regions

#: Fewer needs tell nothing: one need whose best answer moves from first to second changes their mean by 0.04. Smaller
#: groups of a dimension are looked at together, so that nobody falls between them.
GROUP_NEEDS = 10
#: Of operators with so many listings at most; nine in ten of the shipped catalogue's operators have one.
FEW_LISTINGS = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Needs of which something is alike; with `counted`, only these listings count as answers to them."""

    dimension: str
    value: str
    need_ids: frozenset[str]
    counted: frozenset[str] | None = None

    def grades(self, judgements: Judgements) -> Judgements:
        """The grades that the group is measured by: listings that don't count are graded 0."""
        kept = judgements.kept(self.need_ids)
        if self.counted is None:
            return kept
        counted = self.counted
        return Judgements(
            {
                need_id: {listing: grade if listing in counted else 0 for listing, grade in grades.items()}
                for need_id, grades in kept.grades.items()
            }
        )


def groups_of(
    judged: JudgedSet, listings: Sequence[Listing], regions: Regions, industry_of: IndustryOf = first_industry
) -> tuple[Group, ...]:
    """By wording, kind asked, industry and region of the need, and by operators with few listings.

    Only needs with an answer are in any; within a dimension no need stands in two.
    """
    answerable = {need_id for need_id in judged.judgements.need_ids if judged.judgements.is_answerable(need_id)}
    traits = [one for one in judged.traits if one.id in answerable]
    kinds = {listing.id: listing.kind for listing in listings}
    wording = {one.id: "explicit" if one.explicit else "vague" for one in traits if one.explicit is not None}
    asked = {need_id: asked_kind(need_id, judged.judgements, kinds) for need_id in answerable}
    return (
        *_grouped("wording", wording),
        *_grouped("kind", {need_id: kind for need_id, kind in asked.items() if kind is not None}),
        *_grouped("industry", {one.id: industry for one in traits if (industry := industry_of(one)) is not None}),
        *_grouped("region", dict(_regions(judged, answerable, regions))),
        *_long_tail(judged.judgements, answerable, listings),
    )


def _grouped(dimension: str, values: Mapping[str, str]) -> Iterator[Group]:
    counts = Counter(values.values())
    large = sorted((value for value in counts if counts[value] >= GROUP_NEEDS), key=lambda one: (-counts[one], one))
    for value in large:
        yield Group(dimension, value, frozenset(need_id for need_id, own in values.items() if own == value))
    rest = frozenset(need_id for need_id, own in values.items() if own not in large)
    if rest:
        yield Group(dimension, OTHER, rest)


def _regions(judged: JudgedSet, need_ids: Iterable[str], regions: Regions) -> Iterator[tuple[str, str]]:
    """Need id and province; one that the table does not know as it is written."""
    wanted = set(need_ids)
    for need in judged.needs:
        if need.id in wanted and need.province:
            code = regions.resolve(need.province, None)
            yield str(need.id), regions[code].name if code else need.province


def _long_tail(judgements: Judgements, need_ids: Iterable[str], listings: Sequence[Listing]) -> Iterator[Group]:
    counts = Counter(listing.operator for listing in listings if listing.operator)
    counted = frozenset(one.id for one in listings if one.operator and counts[one.operator] <= FEW_LISTINGS)
    found = frozenset(one for one in need_ids if not counted.isdisjoint(judgements.answers(one)))
    if found:
        yield Group("operators", "few", found, counted)
