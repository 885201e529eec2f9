"""Which kind of vessel a listing's unnamed litres are: 反应器体积 of a cell factory is not a fermenter's."""

from __future__ import annotations

import re
from typing import Final

from matcher.ranking.meanings import Meaning, meanings
from matcher.records import Listing

#: Meanings that leave the kind of vessel open.
OPEN: Final = frozenset(["volume.vessel", "volume.reactor"])
_SIGNS: Final = {
    "volume.bioreactor": re.compile("细胞|抗体|病毒|质粒|单抗|CHO|生物药|疫苗|原液|基因治疗|ADC"),
    "volume.fermenter": re.compile("发酵|菌种|菌粉|益生菌|酵母|微生物|合成生物|PHA|氨基酸"),
    "volume.kettle": re.compile("反应釜|化工|聚合|加氢|原料药|中间体|催化|精细化|有机合成|小分子"),
}


def vessel_of(listing: Listing) -> Meaning | None:
    """Return the kind of vessel that all of a listing's words point to; None where they point to none or to several."""
    words = " ".join((listing.name, listing.summary, *listing.industry, *listing.capabilities, *listing.equipment))
    found = [id for id, signs in _SIGNS.items() if signs.search(words)]
    return meanings().by_id[found[0]] if len(found) == 1 else None
