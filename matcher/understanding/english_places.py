"""Places in English text: their names (datasets/regions_english.csv), and what a place is there for."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Final

from matcher.errors import BrokenArtefact
from matcher.understanding.distances import radius_km
from matcher.understanding.place_names import FoundPlace
from matcher.understanding.place_roles import PlaceReading
from matcher.understanding.regions import Regions
from matcher.understanding.remoteness import english_remote

ENGLISH_NAMES: Final = Path(__file__).parents[2] / "datasets" / "regions_english.csv"

_LEVEL: Final = r"(?:[ -](?:province|city|municipality|prefecture|district|SAR|autonomous region))?"
#: What makes a company's or a school's name of a place.
_PROPER_RIGHT: Final = re.compile(
    r" (?:[A-Z][A-Za-z&]* )?(?:University|Institute|College|Academy|Hospital|Bank|Group|Co\b|Corp|Inc|Ltd|"
    r"Biotech|Pharma\w*|"
    r"Apptec|Biologics|Airport|Tower|Road|Street|Steel|Motors?|Automobile)",
    re.IGNORECASE,
)
_INNER: Final = re.compile(r",? ")
#: A clause of English ends here; the commas of a list of places are taken out before.
_CLAUSE_END: Final = re.compile(
    r"[.;!?:\n。;!?]|,(?! ?(?:or|and)\b)|，|\b(?:(?<!anywhere )but|however|while)\b", re.IGNORECASE
)
_AT: Final = (
    r"(?: ?\b(?:be|is|are|being|located|based|situated|done|made|performed|placed|to|anywhere|somewhere)\b)*"
    r" ?(?:\b(?:in|within|at|inside|from|across|for)\b)? ?(?:the )?(?:city of |province of |greater )?$"
)
_ANYWHERE: Final = re.compile(rf"\bnot (?:only|necessarily|limited|restricted)\b{_AT}", re.IGNORECASE)
_OUT: Final = re.compile(
    r"(?:(?<!\bif )\bnot\b|n't\b|\bnever\b|\bno(?= (?:the )?$)|\bavoid(?:ing)?\b|\bexclud\w+\b|"
    r"\bexcept(?: for)?\b|\bother than\b|\bapart from\b|"
    rf"\boutside(?: of)?\b|\banywhere but\b|\bno (?:\w+ ){{1,3}}(?=in\b|from\b)|\bnon-)(?: prefer\w*)?"
    rf"(?: (?:near|close to|around))?{_AT}",
    re.IGNORECASE,
)
#: If not Suzhou, then Wuxi: the first choice of two.
_IF_NOT: Final = re.compile(rf"\bif not{_AT}", re.IGNORECASE)
_OUT_RIGHT: Final = re.compile(
    r" (?:is |are )?(?:excluded|not (?:acceptable|an option|possible)|is out\b)", re.IGNORECASE
)
_MUST: Final = re.compile(
    r"\b(?:must|has to|have to|needs? to be|shall|required to|only|strictly|limited to|restricted to|exclusively)\b"
    rf"[^,.;]{{0,24}}?{_AT}",
    re.IGNORECASE,
)
_MUST_RIGHT: Final = re.compile(
    r"(?: (?:province|city))? (?:only\b|is (?:a must|required|mandatory)|required\b|mandatory)", re.IGNORECASE
)
_NEAR: Final = re.compile(
    r"\b(?:near|nearby|close to|around|not far from|adjacent to|in the vicinity of|next to|"
    r"within \d+ ?(?:km|kilomet\w+|miles?|hours?\b[^,.;]{0,10}) (?:of|from))\s+(?:the )?$",
    re.IGNORECASE,
)
_NEAR_RIGHT: Final = re.compile(
    r"[ ,]*(?:(?:or|and) )?(?:nearby|(?:the |its )?(?:surrounding|vicinity|neighbou?r\w*)|close by|or around|adjacent)"
    r"|(?: metropolitan)? area\b",
    re.IGNORECASE,
)
_SOFT: Final = re.compile(
    r"\b(?:prefer\w*|ideally|hopefully|rather|if possible|would like|best if|better)\b", re.IGNORECASE
)
_SOFT_RIGHT: Final = re.compile(
    r"[^,.;]{0,16}\b(?:prefer\w*|ideal|fine|works|good|nice|best|ok|okay|acceptable|welcome|possible)\b", re.IGNORECASE
)
_SUBJECT: Final = r"\b(?:we|i|our|my|we're|i'm|the (?:company|team|requester|client))\b"
_SEEK: Final = re.compile(
    r"\b(?:look\w*|search\w*|seek\w*|need\w*|want\w*|find\w*|require\w*|request\w*|sourc\w+|hire|rent\w*|book|outsourc\w*|"
    r"partner\w*|find|test\w*|produce|manufacture|scale\w*|plan\w*)\b",
    re.IGNORECASE,
)
_ORIGIN: Final = re.compile(
    rf"(?:{_SUBJECT}[^,.;]{{0,48}}?\b(?:in|from|at|near)\b|\b(?:headquartered|registered|founded) in)"
    r" (?:the )?(?:city of )?$",
    re.IGNORECASE,
)
_BASED: Final = re.compile(
    r"-(?:based|headquartered)\b|'s\b| (?:company|team|start-?up|firm|manufacturer of)\b", re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:sell|sold|ship\w*|export\w*|deliver\w*|market\w*|customers?|clients?|users?|born|exhibit\w*|presented|published)\b"
    r"[^,.;]{0,24}$",
    re.IGNORECASE,
)
_WITHIN: Final = re.compile(r"\b(?:in|within|at|across|from|inside|around|to)\b (?:the )?(?:city of )?$", re.IGNORECASE)
#: What a clause that is a place alone may end with, and as far as that reaches.
_CLAUSE_RIGHT: Final = re.compile(r" ?(?:$|[.;!?\n]|,? (?:but|only|preferably)\b)", re.IGNORECASE)
_CLAUSE_LENGTH: Final = 16
_ADDRESS_LEFT: Final = re.compile(
    r"(?:^|\b(?:Co|Ltd|Inc|Corp|LLC|Company|University|Institute|College|Group|Cent(?:er|re)|Hospital|Road|Street|Park)"
    r"|[A-Z][a-z]+)\.?\s*[,，]\s*$"
)
_TELLS: Final = re.compile(rf"{_SUBJECT}[^.;]{{0,80}}$", re.IGNORECASE)
#: A line as short as a search box's words has no other use for a place.
_KEYWORDS_LENGTH: Final = 48


class EnglishPlaceNames:
    """The English names of a table's places. The one meant is told by the province."""

    def __init__(self, regions: Regions, names: dict[str, tuple[str, ...]]) -> None:
        self._regions = regions
        self._codes = names
        longest = sorted(names, key=len, reverse=True)
        self._pattern = re.compile(
            rf"(?<![A-Za-z-])(?:(?P<name>{'|'.join(map(re.escape, longest))}){_LEVEL})(?![A-Za-z])", re.IGNORECASE
        )

    def find(self, text: str) -> list[FoundPlace]:
        """Places of a normalised text in the order of their starts; `Suzhou, Jiangsu` is one, the inner one."""
        matches = [match for match in self._pattern.finditer(text) if not _PROPER_RIGHT.match(text, match.end())]
        named = frozenset(code for match in matches for code in self._codes[match["name"].lower()])
        places: list[FoundPlace] = []
        for match in matches:
            place = FoundPlace(self._regions.canonical(self._meant(match["name"], named)), *match.span())
            joined = self._joined(text, places[-1], place) if places else None
            if joined:
                places[-1] = joined
            else:
                places.append(place)
        return places

    def _meant(self, name: str, named: frozenset[str]) -> str:
        """Of places of one name the one whose province is in the text, else the one usually meant."""
        codes = self._codes[name.lower()]
        if len(codes) > 1:
            for code in codes:
                if not named.isdisjoint(self._regions.ancestors(code)):
                    return code
        return codes[0]

    def _joined(self, text: str, one: FoundPlace, other: FoundPlace) -> FoundPlace | None:
        if not _INNER.fullmatch(text, one.end, other.start) or not (one.code.isdigit() and other.code.isdigit()):
            return None
        for inner, outer in ((one, other), (other, one)):
            if inner.code != outer.code and self._regions.contains(outer.code, inner.code):
                return FoundPlace(inner.code, one.start, other.end)
        return None


@cache
def read_english_names(path: Path = ENGLISH_NAMES) -> dict[str, tuple[str, ...]]:
    """Codes by lower-case name, the one usually meant first. Raises BrokenArtefact where the table can't be read."""
    found: dict[str, list[str]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for name in row["names"].split("|"):
                    found.setdefault(name.lower(), []).append(row["code"])
    except (OSError, KeyError, AttributeError) as error:
        raise BrokenArtefact(f"{path.name} 缺失或损坏", hint="请从源码仓库恢复 datasets 目录") from error
    return {name: tuple(sorted(codes, key=_USUAL.__contains__, reverse=True)) for name, codes in found.items()}


#: Of cities that share a spelling, the larger ones: 苏州, 福州, 台州, 宜春, 玉林; of Jilin, the province.
_USUAL: Final = frozenset(("320500", "350100", "331000", "360900", "450900", "220000"))


def read_english_role(text: str, start: int, end: int) -> PlaceReading | None:
    """What the places of `text[start:end]` are there for, by English words; None where none tell."""
    reading = _role(text, start, end)
    if reading is None or not reading.near or reading.role != "wanted":
        return reading
    return reading._replace(radius_km=radius_km(text, start, end))


def _role(text: str, start: int, end: int) -> PlaceReading | None:
    left, right = _left(text, start), text[end : end + 40]
    near = bool(_NEAR.search(left) or _NEAR_RIGHT.match(right))
    soft = bool(_SOFT.search(left))
    if _ANYWHERE.search(left):
        return PlaceReading("mention")
    if re.search(rf"{_SUBJECT}[^,.;]{{0,12}}(?:\bnot|n't) (?:in|from|based)", left, re.IGNORECASE):
        return PlaceReading("mention")
    if remote := english_remote(left):
        if re.search(rf"{_SUBJECT}[^,.;]{{0,8}}$", left[: remote.start], re.IGNORECASE):
            return PlaceReading("mention")
        return PlaceReading("excluded", "prefer", True, remote.km)
    if _OUT.search(left) or _OUT_RIGHT.match(right):
        return PlaceReading("excluded", "prefer" if soft else "must", near)
    if _IF_NOT.search(left):
        return PlaceReading("wanted", near=near)
    if _MUST.search(left) or _MUST_RIGHT.match(right):
        return PlaceReading("wanted", "must", near)
    if soft or _SOFT_RIGHT.match(right):
        return PlaceReading("wanted", near=near)
    if _ELSEWHERE.search(left):
        return PlaceReading("mention")
    sought = _SEEK.search(left)
    if _BASED.match(right):
        return PlaceReading("wanted" if sought else "origin", near=near)
    if _ORIGIN.search(left) and not sought:
        return PlaceReading("origin")
    if near or _WITHIN.search(left) or sought:
        return PlaceReading("wanted", near=near)
    return None


def english_excluded_span(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the English words begin and end that shut out the places of `text[start:end]`; None where none do."""
    left = _left(text, start)
    if remote := english_remote(left):
        return start - len(left) + remote.start, end
    words, behind = _OUT.search(left), _OUT_RIGHT.match(text[end : end + 40])
    if words is None and behind is None:
        return None
    return start - len(left) + words.start() if words else start, end + (behind.end() if behind else 0)


def read_bare_role(text: str, start: int, end: int) -> PlaceReading:
    """What an English name is there for where no word tells: asked for among keywords, else only mentioned."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    before = text[line_start:start]
    alone = before.rstrip()[-1:] in ("", ",", "，", ";", "/") or not before.strip()
    if alone and (len(line) <= _KEYWORDS_LENGTH or _is_clause(before, text[end : end + _CLAUSE_LENGTH])):
        return PlaceReading("wanted")
    return PlaceReading("mention")


def _is_clause(before: str, behind: str) -> bool:
    """Whether a place is a clause by itself (…, Tianjin or Beijing but not Hebei) and no part of an address."""
    return bool(_CLAUSE_RIGHT.match(behind)) and not (_ADDRESS_LEFT.search(before) or _TELLS.search(before))


def _left(text: str, start: int) -> str:
    """The words of the clause before a place."""
    begin = max(0, start - 100)
    for found in _CLAUSE_END.finditer(text, begin, start):
        # "location: Suzhou" is asked for by what stands before the colon; "no, not in" ends at its comma.
        begin = found.end()
    return text[begin:start]
