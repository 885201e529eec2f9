"""Pages of listings: filters, order, and counts beside them, all over exactly what the caller may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from matcher.catalogue.access import Actor
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.content import AHEAD, EARLIEST
from matcher.catalogue.listings.counted import Counts, counted
from matcher.catalogue.listings.published import PART, in_sight
from matcher.catalogue.listings.rows import StoredListing, stored_of
from matcher.catalogue.listings.standing import held_by
from matcher.catalogue.search_words import wanted_words
from matcher.catalogue.tables.listings import ListingMarkRow, ListingRow, ListingWindowRow
from matcher.records import KINDS, Kind, Listing
from matcher.terms import PlatformType, Tier, Verification
from matcher.today import today

Sort = Literal["id", "name", "updated", "verified", "queue", "fee", "due", "place", "dated"]
#: Places beyond these are found by their province, or by search.
CITIES_MAX: Final = 50
#: The same of industries and qualifications, which operators write in their own words.
WORDS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """Which listings; None and () leave a condition out. What a listing does not say meets no condition.

    Attributes:
        mine: only those that the actor keeps, in whatever state: of its organisation, or all for an admin. Without it
            only what everybody sees. `state`, `hidden`, `changed` and `organisation_id` work on those kept alone.
        province, city: as they begin: 广东 finds 广东省.
        operator: as the listing names it. qualification: as the table of certificates names it, or in its own words.
        voucher: id of a policy; `has_voucher` asks for any.
        hours: machine hours a year kept for users, at least. open_share: at least, 0–1.
        fee: lowest stated fee in CNY, at most. queue: days until work can begin, at most.
        free_from, free_until: some capacity is free within these days (both included).
        words: all of these stand in the listing, in whatever order; as `search_words` has them.
    """

    mine: bool = False
    kind: Kind | None = None
    province: str | None = None
    city: str | None = None
    industry: str | None = None
    operator: str | None = None
    qualification: str | None = None
    tier: Tier | None = None
    platform_type: PlatformType | None = None
    verification: Verification | None = None
    voucher: str | None = None
    has_voucher: bool | None = None
    hours: float | None = None
    open_share: float | None = None
    fee: float | None = None
    queue: float | None = None
    free_from: date | None = None
    free_until: date | None = None
    words: str = ""
    state: State | None = None
    hidden: bool | None = None
    changed: bool | None = None
    organisation_id: str | None = None

    @property
    def keeps(self) -> bool:
        """Whether it looks at what the actor keeps, not at what everybody sees."""
        asked = (self.state, self.hidden, self.changed, self.organisation_id)
        return self.mine or any(one is not None for one in asked)


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the counts beside it.

    Attributes:
        total: listings that meet the filter. kinds: as `facets["kind"]`, every kind of them named.
        facets: name → value → count of what all *other* conditions leave, the commonest first.
    """

    total: int
    kinds: dict[Kind, int]
    facets: dict[str, dict[str, int]]
    listings: tuple[StoredListing, ...]


def page_of(
    session: Session, actor: Actor, wanted: ListingFilter, *, page: int = 1, size: int = 20, sort: Sort = "id"
) -> Page:
    """One page (from 1) of `size` listings; equal ones in the order of ids."""
    base, marks = _conditions(actor, wanted), _marks(wanted)
    query = select(ListingRow).where(*base, *marks.values(), *_chosen(wanted)).order_by(*_order(sort), ListingRow.id)
    rows = session.scalars(query.offset((page - 1) * size).limit(size))
    counts = counted(session, wanted, lambda: _counts(session, base, wanted))
    kinds = {kind: counts.facets["kind"].get(kind, 0) for kind in KINDS}
    facets = {name: dict(values) for name, values in counts.facets.items()}
    return Page(counts.total, kinds, facets, tuple(stored_of(row) for row in rows))


def _counts(session: Session, base: Sequence[ColumnElement[bool]], wanted: ListingFilter) -> Counts:
    groups = _groups(session, [*base, *_marks(wanted).values()])
    total = sum(count for values, count in groups if _meets(values, wanted))
    facets = _facets(groups, wanted) | {name: _mark_counts(session, base, wanted, name) for name in _MARKED}
    return Counts(total, facets)


def listings_for(session: Session, actor: Actor, wanted: ListingFilter) -> Iterator[Listing]:
    """Every listing that meets a filter, in the order of ids: for exports."""
    conditions = (*_conditions(actor, wanted), *_marks(wanted).values(), *_chosen(wanted))
    query = select(ListingRow).where(*conditions).order_by(ListingRow.id)
    return (stored_of(row).listing for row in session.scalars(query.execution_options(yield_per=PART)))


def _conditions(actor: Actor, wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """What no facet counts across."""
    row = ListingRow
    found: list[ColumnElement[bool]] = [held_by(actor) if wanted.keeps else in_sight()]
    limits = (
        (wanted.hours, row.hours, "least"),
        (wanted.open_share, row.open_share, "least"),
        (wanted.fee, row.fee_from, "most"),
        (wanted.queue, row.queue_days, "most"),
    )
    for limit, column, way in limits:
        if limit is not None:
            found.append(column >= limit if way == "least" else column <= limit)
    if wanted.voucher is not None:
        found.append(_marked("voucher", wanted.voucher))
    if wanted.has_voucher is not None:
        found.append(_marked("voucher") if wanted.has_voucher else ~_marked("voucher"))
    if wanted.operator is not None:
        found.append(row.operator == wanted.operator)
    if wanted.free_from is not None or wanted.free_until is not None:
        found.append(_free(wanted.free_from, wanted.free_until))
    for name in ("hidden", "changed", "organisation_id"):
        if getattr(wanted, name) is not None:
            found.append(getattr(row, name) == getattr(wanted, name))
    found += [row.words.contains(word, autoescape=True) for word in wanted_words(wanted.words)]
    return found


def _chosen(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    """The conditions that facets are counted across, but marks."""
    for name in _EQUAL:
        if (value := getattr(wanted, name)) is not None:
            yield getattr(ListingRow, name) == value
    for name in _BEGINS:
        if (value := getattr(wanted, name)) is not None:
            yield func.substr(getattr(ListingRow, name), 1, len(value)) == value


def _marks(wanted: ListingFilter) -> dict[str, ColumnElement[bool]]:
    """The conditions on marks that facets are counted across, by name."""
    return {name: _marked(name, value) for name in _MARKED if (value := getattr(wanted, name)) is not None}


def _marked(name: str, value: str | None = None) -> ColumnElement[bool]:
    mark = aliased(ListingMarkRow)  # of its own: the counting of marks has this table outside
    query = select(mark.listing_id).where(mark.listing_id == ListingRow.id, mark.name == name).correlate(ListingRow)
    return (query if value is None else query.where(mark.value == value)).exists()


def _free(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Some window holds a day from `first` to `last`."""
    window = ListingWindowRow
    found = [window.listing_id == ListingRow.id]
    if last is not None:
        found.append(or_(window.start.is_(None), window.start <= last))
    if first is not None:
        found.append(or_(window.end.is_(None), window.end >= first))
    return select(window.listing_id).where(*found).correlate(ListingRow).exists()


_EQUAL: Final = ("kind", "tier", "platform_type", "state")
_BEGINS: Final = ("province", "city")
_GROUPED: Final = (*_EQUAL, *_BEGINS)
_MARKED: Final = ("verification", "industry", "qualification")
_Group = tuple[Mapping[str, Any], int]


def _groups(session: Session, conditions: Sequence[ColumnElement[bool]]) -> list[_Group]:
    """How many listings have each combination of values: one pass for the total and all facets but one."""
    columns = [getattr(ListingRow, name) for name in _GROUPED]
    query = select(*columns, func.count()).where(*conditions).group_by(*columns)
    return [(dict(zip(_GROUPED, row[:-1], strict=True)), row[-1]) for row in session.execute(query)]


def _meets(values: Mapping[str, Any], wanted: ListingFilter, but: Sequence[str] = ()) -> bool:
    for name in _GROUPED:
        condition, value = getattr(wanted, name), values[name]
        if condition is None or name in but:
            continue
        if not (value == condition if name in _EQUAL else value is not None and value.startswith(condition)):
            return False
    return True


def _facets(groups: Sequence[_Group], wanted: ListingFilter) -> dict[str, dict[str, int]]:
    """For each value how many listings would be left if it were chosen instead of what is."""
    found = {}
    for name in _GROUPED:
        if name == "state" and not wanted.keeps:
            continue
        # Another province is no choice while the city of this one still holds.
        but = ("province", "city") if name == "province" else (name,)
        counts: Counter[str] = Counter()
        for values, count in groups:
            if values[name] is not None and _meets(values, wanted, but):
                counts[values[name]] += count
        found[name] = _ordered(counts, CITIES_MAX if name == "city" else None)
    return found


def _mark_counts(
    session: Session, base: Sequence[ColumnElement[bool]], wanted: ListingFilter, name: str
) -> dict[str, int]:
    others = [condition for other, condition in _marks(wanted).items() if other != name]
    mark = ListingMarkRow
    query = select(mark.value, func.count()).join(ListingRow, ListingRow.id == mark.listing_id)
    query = query.where(mark.name == name, *base, *others, *_chosen(wanted)).group_by(mark.value)
    counts = Counter({row[0]: row[1] for row in session.execute(query)})
    return _ordered(counts, None if name == "verification" else WORDS_SHOWN)


def _ordered(counts: Counter[str], most: int | None) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most])


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    return (_dated(),) if sort == "dated" else _ORDERS[sort]


def _dated() -> ColumnElement[Any]:
    """By the day of the source, the newest first; what has none, or none that can be (old data), comes last."""
    day = ListingRow.fields["source_date"].as_string()
    is_day = and_(day.like("____-__-__"), day.between(EARLIEST.isoformat(), (today() + AHEAD).isoformat()))
    return case((is_day, day), else_=None).desc().nulls_last()


_ORDERS: Final[dict[Sort, tuple[ColumnElement[Any], ...]]] = {
    "id": (),
    "name": (ListingRow.name.asc(),),
    "updated": (ListingRow.updated_at.desc(),),
    "verified": (ListingRow.verified_on.desc().nulls_last(),),
    "queue": (ListingRow.queue_days.asc().nulls_last(),),
    "fee": (ListingRow.fee_from.asc().nulls_last(),),
    "due": (ListingRow.due_on.asc().nulls_last(),),
    "place": (ListingRow.province.asc().nulls_last(), ListingRow.city.asc().nulls_last(), ListingRow.name.asc()),
}
