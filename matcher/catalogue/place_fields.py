"""Province and city as two fields of a record: whether the table of places knows them, and whether they agree."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import Final

from matcher.errors import InvalidInput
from matcher.understanding.places import default_regions

#: How much of a name is repeated.
_SHOWN: Final = 30
#: What lies within a city is called so.
_FINER: Final = re.compile(r"(?:区|县|旗|镇|乡|街道|园|岛|城)$")


def check_place_fields(province: str | None, city: str | None) -> None:
    """Refuse what a person who is there to mend it writes.

    A province that the table doesn't know may be abroad: it passes, with its city. All cities of those that it knows
    are there, but not every zone, town or park that people write instead of one: those pass as well.

    Raises:
        InvalidInput: the city lies elsewhere than in the province, or is none of a province that is known.
    """
    check_agreement(province, city)
    if is_known(province) and is_unknown(city) and not _FINER.search((city or "").strip()):
        message = f"“{(province or '').strip()[:_SHOWN]}”没有“{(city or '')[:_SHOWN]}”这个城市"
        raise InvalidInput(message, hint=_near(province or "", city or ""), field="city")


def check_agreement(province: str | None, city: str | None) -> None:
    """A matter of two names that the table of places knows; others pass.

    Raises:
        InvalidInput: the city is known to lie elsewhere than in the province.
    """
    if is_elsewhere(province, city):
        message = f"城市“{(city or '')[:_SHOWN]}”不在“{(province or '')[:_SHOWN]}”"
        raise InvalidInput(message, hint="请改正省份或城市", field="city")


def is_elsewhere(province: str | None, city: str | None) -> bool:
    """Whether both are known, and no place called as the city lies in the province."""
    regions = default_regions()
    top, inner = regions.resolve(province, None), _code(city)
    if top is None or inner is None or regions.contains(top, inner):
        return False
    # One name may stand for several places: the one within the province is meant, where there is one.
    return regions.resolve(province, city) == top


def is_known(name: str | None) -> bool:
    """Whether a place is called so."""
    return bool(name and name.strip()) and _code(name) is not None


def is_unknown(name: str | None) -> bool:
    """Whether something is said that no place is called."""
    return bool(name and name.strip()) and _code(name) is None


@lru_cache(maxsize=4096)
def _code(name: str | None) -> str | None:
    """The place that a name alone stands for, also with those above it: 广东省东莞市."""
    regions = default_regions()
    code = regions.resolve(None, name)
    if code is None and name and name.strip():
        try:
            return regions.find(name)
        except InvalidInput:
            return None
    return code


def _near(province: str, city: str) -> str:
    """What may be meant: places of the province that are called alike."""
    regions = default_regions()
    top = regions.resolve(province, None)
    inside = {
        name: regions[codes[0]].name
        for name, codes in regions.by_name.items()
        if top is not None and codes[0] != top and regions.contains(top, codes[0])
    }
    near = [inside[name] for name in difflib.get_close_matches(city.strip()[:_SHOWN], inside, n=3, cutoff=0.5)]
    said = f"您是否要找:{'、'.join(dict.fromkeys(near))}" if near else "请填写地级市或县区的名称,如“东莞市”"
    return f"{said};更细的地点请写入简介"
