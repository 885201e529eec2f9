"""The table of places (datasets/regions.csv): names, what lies in what, and how far apart.

Codes are GB/T 2260 for provinces, cities and districts. A *zone* (松山湖, 光谷) has an id of its own and stands for the
city it lies in; a *group* (珠三角, 华东) has an id of its own and lists its members.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final, Literal

from matcher.errors import InvalidInput
from matcher.understanding.region import Region, bare_name, check_regions, great_circle_km, read_regions

REGIONS_PATH: Final = Path(__file__).parents[2] / "datasets" / "regions.csv"
#: 附近 reaches this far, km: two hours by lorry, and from Dongguan to any other city of the Greater Bay Area.
NEAR_KM: Final = 150.0
#: Two places in one group are near each other only where the group is small (苏锡常, 大湾区; not 华东), km across.
CLOSE_GROUP_KM: Final = 320.0
#: Where one name has several rows, the more general is meant: 吉林 is the province, 海西 the strait's west bank.
_LEVEL_ORDER: Final = {"province": 0, "city": 1, "group": 2, "zone": 3, "district": 4}

PlaceOutcome = Literal["inside", "near", "outside", "unknown"]


@dataclass(frozen=True, slots=True)
class PlaceRelation:
    """How a listing's place stands to a wanted one; `distance_km` is to the nearest city wanted, None where unknown."""

    outcome: PlaceOutcome
    distance_km: float | None = None
    note: str = ""


class Regions:
    """Look-ups over the table. Codes that are not in it raise InvalidInput."""

    def __init__(self, regions: Iterable[Region]) -> None:
        rows = list(regions)
        self._by_code = {region.code: region for region in rows}
        check_regions(rows)
        self._ancestors = {code: self._climb(code) for code in self._by_code}
        self._cities = self._gather_cities()
        self._points = {code: self._locate(code) for code in self._by_code}
        self._relations: dict[tuple[str, str | None, bool], PlaceRelation] = {}
        self._close_groups = tuple(r.code for r in rows if r.level == "group" and self._is_close(r))
        self._close_around: dict[str, tuple[str, ...]] = {}
        self.by_name = self._index(lambda region: (region.name, *region.short))
        #: Names with the suffix taken off too: good enough where a place is expected, too loose for running text.
        self.by_bare_name = self._index(lambda region: (bare_name(region.name),))

    @classmethod
    def load(cls, path: Path = REGIONS_PATH) -> Regions:
        """Read and check the table. Raises BrokenArtefact where a row cannot be used."""
        return cls(read_regions(path))

    def __getitem__(self, code: str) -> Region:
        try:
            return self._by_code[code]
        except KeyError:
            raise InvalidInput(f"没有这个地区代码:{code}", field="place") from None

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __len__(self) -> int:
        return len(self._by_code)

    def codes(self) -> tuple[str, ...]:
        """Every code, in the table's order."""
        return tuple(self._by_code)

    def canonical(self, code: str) -> str:
        """The code to report: a zone's city, else the code itself."""
        region = self[code]
        return region.parent if region.level == "zone" and region.parent else code

    def find(self, name: str) -> str:
        """The code meant by a name as a person gives it: 广东, 广东省, 东莞市, 江苏昆山, 珠三角, or a code.

        Raises InvalidInput with near names where nothing or more than one place fits.
        """
        wanted = name.strip()
        if wanted in self._by_code:
            return self.canonical(wanted)
        codes = self.by_name.get(wanted) or self.by_bare_name.get(wanted) or self._find_joined(wanted)
        if not codes:
            hint = _or(self._suggest(wanted)) or "请写省、市或县区的全名"
            raise InvalidInput(f"不认识的地区:{name}", hint=hint, field="place")
        first = self.prefer(codes)
        if first is None:
            full = [self.full_name(code) for code in codes[:4]]
            raise InvalidInput(f"有几个地区叫{name}", hint=_or(full), field="place")
        return self.canonical(first)

    def prefer(self, codes: tuple[str, ...]) -> str | None:
        """The one place meant when a name stands alone; None where it is ambiguous."""
        if len(codes) == 1:
            return codes[0]
        ranks = [_LEVEL_ORDER[self._by_code[code].level] for code in codes]
        if ranks[0] < ranks[1]:
            return codes[0]
        # A district's full name is repeated in `short` where that district is the one usually meant (北京朝阳区).
        primary = [code for code in codes if self._by_code[code].name in self._by_code[code].short]
        return primary[0] if len(primary) == 1 else None

    def resolve(self, province: str | None, city: str | None) -> str | None:
        """The code of a record's province and city fields, as exact as they allow; None where neither is known."""
        top = self._among(province, None)
        return self._among(city, top) or top

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes above, nearest first: (city, province) for a district; () for provinces and groups."""
        return self._ancestors[self[code].code]

    def full_name(self, code: str) -> str:
        """Province, city and name in one: 江苏省苏州市昆山市."""
        return "".join(self._by_code[above].name for above in reversed(self.ancestors(code))) + self[code].name

    def cities(self, code: str) -> frozenset[str]:
        """The city-level codes in a place; a municipality is its own, a district's is the city it lies in."""
        return self._cities[self[code].code]

    def contains(self, outer: str, inner: str) -> bool:
        """Whether `inner` lies in `outer`; a place contains itself, a group its members and all in them."""
        if outer == inner:
            return True
        outer, inner = self.canonical(outer), self.canonical(inner)
        if outer == inner or outer in self._ancestors[inner]:
            return True
        if self[outer].level != "group":
            return False
        if self[inner].level == "group":
            return all(self.contains(outer, member) for member in self[inner].members)
        return not {inner, *self._ancestors[inner]}.isdisjoint(self[outer].members)

    def distance_km(self, a: str, b: str) -> float:
        """Great-circle distance in km between the centres (a group's is the mean of its cities'); symmetric."""
        return great_circle_km(self._points[self[a].code], self._points[self[b].code])

    def gap_km(self, outer: str, code: str) -> float:
        """Distance in km from `code` to the nearest city of `outer`; 0 inside it."""
        if self.contains(outer, code):
            return 0.0
        targets = [outer] if self[outer].level == "district" else self.cities(outer)
        return min(self.distance_km(target, code) for target in targets)

    def relation(self, wanted: str, listing: str | None, near: bool = False) -> PlaceRelation:
        """How a listing at `listing` (a code, or None where it names no place) stands to the place `wanted`.

        A listing that names only the province around the place wanted is unknown. Districts are judged by their
        city, because listings seldom name one. `near` accepts what is within NEAR_KM, or in one small group.
        Results are kept, so a call in a loop over listings costs a look-up.
        """
        key = (wanted, listing, near)
        found = self._relations.get(key)
        if found is None:
            found = self._relations[key] = self._relate(wanted, listing, near)
        return found

    def _relate(self, wanted: str, listing: str | None, near: bool) -> PlaceRelation:
        if listing is None:
            return PlaceRelation("unknown", note="未写明所在地")
        if self.contains(wanted, listing):
            return PlaceRelation("inside", 0.0)
        gap = self.gap_km(wanted, listing)
        if not self.cities(listing).isdisjoint(self.cities(wanted)):
            return self._relate_overlapping(wanted, listing, near, gap)
        group = self._close_group(wanted, listing)
        notes = [f"同属{self[group].name}"] if group else []
        if gap < 2 * NEAR_KM:
            notes.append(f"相距约 {gap:.0f} 公里")
        is_near = near and (gap <= NEAR_KM or group is not None)
        return PlaceRelation("near" if is_near else "outside", gap, ",".join(notes))

    def _relate_overlapping(self, wanted: str, listing: str, near: bool, gap: float) -> PlaceRelation:
        """The listing's place is not inside the place wanted, but they share a city."""
        if self.contains(listing, wanted) and self[wanted].level == "district" and len(self.cities(listing)) == 1:
            return PlaceRelation("inside", 0.0, f"只写到{self[listing].name},按市判断")
        if self[listing].level == "district":
            city = self[self.ancestors(listing)[0]].name
            return PlaceRelation("near" if near else "outside", gap, f"同在{city},不在{self[wanted].name}")
        return PlaceRelation("unknown", None, f"只写到{self[listing].name}")

    def _close_group(self, a: str, b: str) -> str | None:
        if self[a].level in ("province", "group"):
            return None
        around = self._close_groups_around(b)
        return next((group for group in self._close_groups_around(a) if group in around), None)

    def _close_groups_around(self, code: str) -> tuple[str, ...]:
        """The small groups that a place lies in, in the table's order; kept, as relations ask for the same again."""
        found = self._close_around.get(code)
        if found is None:
            found = tuple(group for group in self._close_groups if self.contains(group, code))
            self._close_around[code] = found
        return found

    def groups_of(self, code: str) -> tuple[str, ...]:
        """The groups that a place lies in, in the table's order."""
        return tuple(
            group for group, region in self._by_code.items() if region.level == "group" and self.contains(group, code)
        )

    def _climb(self, code: str) -> tuple[str, ...]:
        above: list[str] = []
        parent = self._by_code[code].parent
        while parent:
            above.append(parent)
            parent = self._by_code[parent].parent
        return tuple(above)

    def _gather_cities(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {code: set() for code in self._by_code}
        for code, region in self._by_code.items():
            if region.level == "city":
                found[code].add(code)
                found[self._ancestors[code][0]].add(code)
            elif region.level in ("district", "zone"):
                found[code].add(self._ancestors[code][0])
        for code, region in self._by_code.items():
            if region.level == "province" and not found[code]:
                found[code].add(code)
        for code, region in self._by_code.items():
            found[code].update(*(found[member] for member in region.members))
        return {code: frozenset(cities) for code, cities in found.items()}

    def _locate(self, code: str) -> tuple[float, float]:
        region = self._by_code[code]
        if region.level != "group":
            return (region.lat, region.lon)
        points = [(self._by_code[city].lat, self._by_code[city].lon) for city in self._cities[code]]
        return (math.fsum(p[0] for p in points) / len(points), math.fsum(p[1] for p in points) / len(points))

    def _is_close(self, group: Region) -> bool:
        cities = self._cities[group.code]
        return all(self.distance_km(a, b) <= CLOSE_GROUP_KM for a, b in combinations(cities, 2))

    def _index(self, names: Callable[[Region], tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for region in sorted(self._by_code.values(), key=lambda region: _LEVEL_ORDER[region.level]):
            for name in dict.fromkeys(names(region)):
                found.setdefault(name, []).append(region.code)
        return {name: tuple(codes) for name, codes in found.items()}

    def _suggest(self, name: str) -> list[str]:
        """Like names, cities before districts: there are nine districts to a city, and few are meant."""
        cities = [
            n for n, codes in self.by_name.items() if self._by_code[codes[0]].level in ("province", "city", "group")
        ]
        near = difflib.get_close_matches(name, cities, n=3, cutoff=0.5)
        return near or difflib.get_close_matches(name, self.by_name, n=3, cutoff=0.5)

    def _find_joined(self, name: str) -> tuple[str, ...]:
        """Places named with one above them: 江苏昆山, 北京市朝阳区."""
        for cut in range(len(name) - 2, 1, -1):
            tops = self.by_name.get(name[:cut], ())
            rest = name[cut:]
            below = (*self.by_name.get(rest, ()), *self.by_bare_name.get(rest, ()))
            inner = [code for code in below if not set(tops).isdisjoint(self._ancestors[code])]
            if inner:
                return tuple(dict.fromkeys(inner))
        return ()

    def _among(self, name: str | None, top: str | None) -> str | None:
        if not name:
            return None
        codes = self.by_name.get(name.strip(), ()) + self.by_bare_name.get(name.strip(), ())
        inside = [code for code in codes if top is None or self.contains(top, code)]
        return self.canonical(inside[0]) if inside else None


def _or(names: list[str]) -> str:
    return f"您是否要找:{'、'.join(names)}" if names else ""
