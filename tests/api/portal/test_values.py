"""How values are written for people: units, places that need not be met, texts that are empty."""

from __future__ import annotations

from typing import Any

import pytest

from api.portal.filters import unit
from api.portal.matching.results import is_needless
from api.portal.matching.understood import chips_of
from matcher.records import Need
from matcher.understanding.reading import Reader, as_json
from tests.api.portal.test_matching_parts import page_in


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("m2", "m²"), ("万m2", "万m²"), ("km2", "km²"), ("m3/h", "m³/h"), ("um", "μm"), ("uL", "μL"), ("m²", "m²"),
        ("mm", "mm"), ("L", "L"), ("rpm", "rpm"), ("lumen", "lumen"), ("台套", "台套"), ("m20", "m20"), (None, ""),
    ],
)  # fmt: skip
def test_units_are_printed_as_in_books(given: str | None, printed: str) -> None:
    assert unit(given) == printed


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("脱盐率达到99.7%以上", "99.7%", "99.7%"),
        ("反应温度200度", "200℃", "200℃"),
        ("年产10吨", "10 t/年", "10 t/year"),
        ("需要500平方米厂房", "500 m²", "500 m²"),
        ("每月5000片", "5000 /月", "5000 /month"),
    ],
)
def test_what_words_mean_is_no_program_word(text: str, chinese: str, english: str) -> None:
    reader = Reader.load()
    need = {"text": text, "requirements": [as_json(one) for one in reader.read(Need(text)).requirements]}
    for language, words in (("zh", chinese), ("en", english)):
        meanings = [chip.meaning for chip in chips_of(page_in(language), need) if chip.type == "quantity"]
        assert any(meaning.endswith(words) for meaning in meanings), meanings


def fit(
    name: str,
    outcome: str,
    kind: str = "place",
    *,
    excluded: bool = False,
    strength: str = "prefer",
    start: int | None = None,
    away: int | None = None,
) -> dict[str, Any]:
    wanted = {"type": kind, "text": name, "excluded": excluded, "strength": strength, "start": start}
    shortfall = None if away is None else f"需要{name},位于苏州市,相距约 {away} 公里"
    return {"requirement": wanted, "outcome": outcome, "shortfall": shortfall}


def test_a_place_beside_one_that_is_met_is_needless() -> None:
    met, other = fit("重庆", "meets"), fit("四川", "unknown")
    assert is_needless(other, [other, met])
    assert not is_needless(met, [other, met])
    assert not is_needless(other, [other])
    assert not is_needless(other, [other, fit("江苏", "meets", excluded=True)])
    assert not is_needless(fit("GMP", "unknown", "certificate"), [met])


def test_of_places_that_are_missed_the_nearest_is_told() -> None:
    far, near = fit("西安", "misses", start=0, away=1139), fit("无锡", "misses", start=3, away=34)
    assert is_needless(far, [far, near])
    assert not is_needless(near, [far, near])
    assert not is_needless(far, [far])
    firm = fit("无锡", "misses", away=34, strength="must")
    assert not is_needless(far, [far, firm])
    assert not is_needless(firm, [far, firm])
    assert not is_needless(far, [far, fit("上海", "misses", excluded=True, away=3)])
    assert not is_needless(far, [far, fit("GMP", "misses", "certificate")])


def test_of_places_as_far_away_one_is_told() -> None:
    first, second = fit("江苏", "misses", start=0, away=34), fit("无锡", "misses", start=3, away=34)
    assert [is_needless(one, [first, second]) for one in (first, second)] == [False, True]
    unknown = [fit("江苏", "misses", start=0), fit("无锡", "misses", start=3)]
    assert not any(is_needless(one, unknown) for one in unknown)


def test_a_place_that_is_missed_beside_one_that_may_be_met_is_needless() -> None:
    missed, open_ = fit("西安", "misses", away=948), fit("无锡", "unknown")
    assert is_needless(missed, [missed, open_])
    assert not is_needless(open_, [missed, open_])


def test_an_empty_text_stays_empty_in_every_language() -> None:
    assert [page_in(language).text("") for language in ("zh", "en")] == ["", ""]
