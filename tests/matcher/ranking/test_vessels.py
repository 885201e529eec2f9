from __future__ import annotations

import pytest

from matcher.ranking.vessels import vessel_of
from tests.matcher.ranking.stated import listing


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("CHO细胞培养", "volume.bioreactor"),
        ("益生菌菌粉", "volume.fermenter"),
        ("精细化工加氢", "volume.kettle"),
        ("抗体与发酵", None),
        ("结构件", None),
    ],
)
def test_the_words_of_a_listing_tell_its_vessels(words: str, expected: str | None) -> None:
    found = vessel_of(listing(summary=words))
    assert (found.id if found else None) == expected


def test_tags_and_equipment_count_too() -> None:
    by_tag, by_equipment = vessel_of(listing(industry=("疫苗",))), vessel_of(listing(equipment=("搪玻璃反应釜",)))
    assert by_tag is not None
    assert by_equipment is not None
    assert (by_tag.id, by_equipment.id) == ("volume.bioreactor", "volume.kettle")
