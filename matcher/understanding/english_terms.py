"""English words of the trade and what they are called in Chinese (datasets/english_terms.csv)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Final, NamedTuple

from matcher.errors import BrokenArtefact
from matcher.records import IndustryRequirement
from matcher.understanding.industries import Industries
from matcher.understanding.terms import Terms
from matcher.understanding.text import normalise

ENGLISH_TERMS: Final = Path(__file__).resolve().parents[2] / "datasets" / "english_terms.csv"

#: One to one, so that offsets stay: film-deposition is film deposition.
_FOLDED: Final = str.maketrans(ascii_uppercase + "-", ascii_lowercase + " ")
#: Words that say nothing of what is wanted. Search would take each for a rare name that no listing has.
_EMPTY: Final = (
    r"(?<![A-Za-z])(?:a|an|the|this|that|these|those|it|its|we|our|us|you|your|they|their|them|i|my|who|whom|which|what|"
    r"and|or|but|nor|so|as|if|than|then|when|where|while|how|because|since|also|too|very|more|most|less|least|much|many|"
    r"few|some|any|each|every|all|both|other|another|such|same|own|only|just|even|still|already|now|always|never|not|no|"
    r"of|in|on|at|to|for|from|by|with|without|within|into|onto|over|under|about|around|between|through|during|per|via|"
    r"after|before|until|above|below|up|down|out|off|near|is|are|was|were|be|been|being|am|do|does|did|done|don't|has|have|"
    r"had|can|could|cannot|may|might|must|shall|should|will|would|need|needs|needed|want|wants|wanted|like|look|looking|"
    r"find|search|searching|seek|seeking|require|requires|required|hope|wish|please|help|ask|get|gets|make|makes|made|"
    r"take|takes|give|offer|offers|provide|provides|provided|use|used|using|work|works|come|comes|go|goes|become|able|"
    r"there|here|one|two|three|first|good|well|best|better|possible|preferably|preferred|ideally|including|according|"
    r"company|team|partner|supplier|somebody|someone|together|budget|yuan|rmb|cny|month|months|week|weeks|day|days)"
    r"(?![A-Za-z])"
)
_EMPTY_WORDS: Final = re.compile(_EMPTY, re.IGNORECASE)
_EMPTY_ENDS: Final = re.compile(rf"^(?:{_EMPTY}[\s,.;:]+)+|(?:[\s,.;:]+{_EMPTY})+$|^{_EMPTY}$", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"\b(?:no|not|without|excluding|except(?: for)?|other than|don't|doesn't|never)\b[^,.;:]{0,24}$", re.IGNORECASE
)
#: What refuses a term stands in its clause.
_REACH: Final = 48


class EnglishTerm(NamedTuple):
    """`text[start:end]` is called `chinese`."""

    start: int
    end: int
    chinese: str


class EnglishTerms:
    """The table ready for use: English names, each in one and in many, and the Chinese one."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._chinese: dict[str, str] = {}
        for english, chinese in names:
            for form in _forms(english):
                self._chinese.setdefault(form, chinese)
        self._terms = Terms(self._chinese)

    def find(self, text: str) -> list[EnglishTerm]:
        """The terms of a text, longest first, in the order of their places."""
        found = self._terms.find(normalise(text).translate(_FOLDED))
        return [EnglishTerm(one.start, one.end, self._chinese[one.term]) for one in found]

    def in_chinese(self, text: str) -> str:
        """A text for search: terms that are known in Chinese, the other words as they are, empty words left out."""
        pieces, done = [], 0
        for found in self.find(text):
            pieces += [_EMPTY_WORDS.sub(" ", text[done : found.start]), f" {found.chinese} "]
            done = found.end
        return "".join([*pieces, _EMPTY_WORDS.sub(" ", text[done:])])

    def read_industries(self, text: str, industries: Industries) -> Iterator[IndustryRequirement]:
        """The industries that the Chinese names of a text's terms stand for, each once, with the words as written."""
        seen: set[str] = set()
        for start, end, chinese in self.find(text):
            if _REFUSED.search(text, max(0, start - _REACH), start):
                continue
            for one in industries.read_industries(chinese):
                if one.industry not in seen:
                    seen.add(one.industry)
                    yield IndustryRequirement(text=text[start:end], start=start, end=end, industry=one.industry)


@cache
def english_terms(path: Path = ENGLISH_TERMS) -> EnglishTerms:
    """The shipped table, read once. Raises BrokenArtefact where it can't be read."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return EnglishTerms(
                (english, row["chinese"]) for row in csv.DictReader(lines) for english in row["english"].split("|")
            )
    except (OSError, KeyError, AttributeError) as error:
        raise BrokenArtefact(f"{path.name} 缺失或损坏", hint="请从源码仓库恢复 datasets 目录") from error


def _forms(name: str) -> tuple[str, ...]:
    """A name and its plural: battery, batteries; glass, glasses."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name, f"{name[:-1]}ies"
    return name, f"{name}{'es' if name.endswith(('s', 'x', 'ch', 'sh')) else 's'}"


def without_empty_ends(text: str) -> str:
    """A stretch of a text without the empty English words that it begins and ends with."""
    return _EMPTY_ENDS.sub("", text)
