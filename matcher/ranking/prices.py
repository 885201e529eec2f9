"""What a listing charges and how long it takes, where it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matcher.ranking.listing_quantities import parameter_words
from matcher.records import Evidence, Listing, Parameter
from matcher.understanding.text import normalise

_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_EACH: Final = "小时|机时|时|h|天|日|样|件|组|次|批|片|台|炉|罐|项|月|年"
_FEE: Final = re.compile(
    rf"(?P<low>{_NUMBER}) ?(?:(?:-|~|至|到) ?(?P<high>{_NUMBER}) ?)?(?P<wan>万)?元 ?(?:/|每|一) ?(?P<after>{_EACH})"
    rf"|(?:按|每)(?P<before>{_EACH})(?:收费|计费|收取)?(?P<one>\d+(?:\.\d+)?) ?(?P<one_wan>万)?元"
)
#: Fees of the owner's own people are no offer to others.
_INTERNAL: Final = re.compile("所内|校内|院内|内部")
_FEE_NAME: Final = re.compile("费|收费|价|租|单价|扫描")
_SCALES: Final = {"元": 1.0, "万元": 1e4, "人民币": 1.0}


@dataclass(frozen=True, slots=True)
class Fee:
    """A price in CNY for one of `per` (h, 天, 样 …; "" where the listing does not say)."""

    low: float
    high: float
    per: str
    evidence: Evidence


def fees_of(listing: Listing) -> tuple[Fee, ...]:
    """Return the prices that a listing states for others, from its parameters or else from its summary."""
    found = tuple(_from_parameters(listing))
    return found or tuple(_from_text("summary", listing.summary))


def _from_parameters(listing: Listing) -> Iterator[Fee]:
    for position, parameter in enumerate(listing.parameters):
        fee = _fee(parameter)
        if fee is not None:
            low, high, per = fee
            yield Fee(low, high, per, Evidence(f"parameters[{position}]", parameter_words(parameter)))


def _fee(parameter: Parameter) -> tuple[float, float, str] | None:
    currency, _, per = normalise(parameter.unit or "").partition("/")
    if currency not in _SCALES or _INTERNAL.search(parameter.name) or not (per or _FEE_NAME.search(parameter.name)):
        return None
    ends = [end * _SCALES[currency] for end in (parameter.min, parameter.max) if end is not None]
    if not ends:
        return None
    return min(ends), max(ends), per or _per_of_name(parameter.name)


def _per_of_name(name: str) -> str:
    found = re.search(r"单(?P<one>[样件组次批片台])|(?P<days>\d+天)", name)
    return (found["one"] or found["days"]) if found else ""


def _from_text(field: str, text: str) -> Iterator[Fee]:
    for match in _FEE.finditer(normalise(text)):
        if _INTERNAL.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        if match["one"]:
            value = float(match["one"]) * (1e4 if match["one_wan"] else 1.0)
            yield Fee(value, value, match["before"], Evidence(field, text[match.start() : match.end()]))
        else:
            scale = 1e4 if match["wan"] else 1.0
            low = float(match["low"].replace(",", "")) * scale
            high = float((match["high"] or match["low"]).replace(",", "")) * scale
            yield Fee(low, high, match["after"], Evidence(field, text[match.start() : match.end()]))
