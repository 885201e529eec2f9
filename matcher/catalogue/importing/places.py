"""Province and city of a row, from their own columns or from an address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from matcher.catalogue.place_fields import is_elsewhere, is_known
from matcher.errors import InvalidInput
from matcher.understanding.place_names import PlaceNames
from matcher.understanding.places import default_regions
from matcher.understanding.region import bare_name


@dataclass(frozen=True, slots=True)
class RowPlace:
    """What a row says of its place.

    Attributes:
        doubt: what could not be settled, in Chinese. contradicts: the city is known to lie elsewhere.
    """

    province: str | None = None
    city: str | None = None
    doubt: str | None = None
    contradicts: bool = False


@lru_cache(maxsize=16_384)
def place_of(province: str, city: str, rest: str) -> RowPlace:
    """Return the place of a row.

    Args:
        province, city: the cells of those columns; official names are completed (东莞 is 东莞市), others kept as given.
        rest: district and address; they fill what the columns leave open.
    """
    given = RowPlace(_completed(province, "province"), _completed(city, "city"))
    found = _found(rest or city or province) if not (given.province and given.city) else RowPlace()
    if rest and not found.province and not given.province:
        found = _found(f"{province}{city}{rest}")
    merged = RowPlace(given.province or found.province, given.city or found.city)
    if given.city and not merged.province:
        merged = RowPlace(_found(given.city).province, given.city)
    if is_elsewhere(merged.province, merged.city):
        doubt = f"城市“{(merged.city or '')[:20]}”不在“{(merged.province or '')[:20]}”"
        return RowPlace(merged.province, merged.city, doubt, contradicts=True)
    return RowPlace(merged.province, merged.city, _doubt(merged, rest))


def exact_place(name: str) -> RowPlace | None:
    """Return the place that a text names and nothing else (a line 东莞市 between the rows of a list), or None."""
    try:
        return _chain(default_regions().find(name))
    except InvalidInput:
        return None


def _doubt(place: RowPlace, rest: str) -> str | None:
    if rest and not place.province:
        return f"认不出“{rest[:30]}”在哪个省市"
    for name in (place.province, place.city):
        if name and not is_known(name):
            return f"地区表里没有“{name[:20]}”"
    return None


def _completed(name: str, level: str) -> str | None:
    """东莞 as 东莞市, 广东 as 广东省; anything else as it was given."""
    if not name:
        return None
    regions = default_regions()
    for code in regions.by_bare_name.get(name, ()):
        region = regions[code]
        if region.level == level and bare_name(region.name) == name:
            return region.name
    return name


def _found(text: str) -> RowPlace:
    """Return the most exact place that an address names."""
    if not text:
        return RowPlace()
    exact = exact_place(text)
    if exact:
        return exact
    places = [_chain(place.code) for place in _names().find(text)]
    return max(places, key=lambda place: (place.city is not None, place.province is not None), default=RowPlace())


def _chain(code: str) -> RowPlace:
    regions = default_regions()
    above = [regions[one] for one in (code, *regions.ancestors(code))]
    province = next((one.name for one in above if one.level == "province"), None)
    city = next((one.name for one in above if one.level == "city"), None)
    # A municipality is its own city.
    return RowPlace(province, city or (province if province and province.endswith("市") else None))


@cache
def _names() -> PlaceNames:
    return PlaceNames(default_regions())
