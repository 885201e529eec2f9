"""What a need names and no listing does: it is said, because such words are no condition that a fit could show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from matcher.ranking.by_listing import ByListing
from matcher.ranking.explain import as_spelt, original, searched
from matcher.ranking.listing_quantities import parameter_words
from matcher.records import Listing, Requirement
from matcher.retrieval.views import full_text
from matcher.retrieval.words import normalise
from matcher.understanding.negations import is_only_refused

#: Words named in the note; more are counted.
_MOST_NAMED: Final = 5


def unmentioned_note(
    text: str,
    requirements: Iterable[Requirement],
    unmentioned: Mapping[str, Sequence[str]],
    first: Iterable[Listing],
) -> str | None:
    """A note on words that no listing mentions, or None where each is mentioned, refused, or a condition anyway.

    Args:
        text: what was searched for. unmentioned: as `Retriever.unmentioned` finds them in `searched(text)`.
        first: the first candidates: where one of them holds a word inside another, the word is mentioned.
    """
    held = " ".join(normalise(f"{one.text} {getattr(one, 'name', '')}") for one in requirements)
    need = searched(text)
    asked = {term: said for term, said in unmentioned.items() if term not in held and not is_only_refused(need, term)}
    if not asked:
        return None
    words = "\n".join(map(_said, first))
    left = [term for term, said in asked.items() if not any(_holds(words, one) for one in said)]
    return _told(text, left) if left else None


def _words(listing: Listing) -> str:
    """All that a listing says, in small letters: read for a hundred listings of a match, so without normalising."""
    parameters = map(parameter_words, listing.parameters)
    return " ".join((full_text(listing), *parameters, *listing.qualifications)).lower()


#: Good listings are among the first of many needs.
_said: Final = ByListing(_words, 2048)


def _holds(words: str, term: str) -> bool:
    if term not in words:
        return False
    return not term.isascii() or re.search(rf"(?<![a-z]){re.escape(term)}(?![a-z])", words) is not None


def _told(text: str, terms: Sequence[str]) -> str:
    named = "".join(f"“{as_spelt(term, text)}{original(text, term)}”" for term in terms[:_MOST_NAMED])
    more = f"等 {len(terms)} 个词" if len(terms) > _MOST_NAMED else ""
    return f"目录里没有条目提到{named}{more},名次按意思相近排出,请向供给方核实"
