"""When two rows are the same listing: made ids, and the spelling in which names and operators are compared."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from functools import lru_cache

from matcher.records import Kind, Listing

PREFIXES: dict[Kind, str] = {
    "platform": "PF",
    "equipment": "EQ",
    "manufacturer": "MF",
    "solution": "SO",
    "case": "CA",
    "policy": "PO",
}
OWN_ID = re.compile(rf"(?:{'|'.join(PREFIXES.values())})-\S+")
#: 50 bits: among a million listings two share an id once in two thousand catalogues.
_LENGTH = 10
#: So many rows of one operator and name are told from others by the ids that were made for them.
_APART = 99
_MADE = re.compile(rf"(?:{'|'.join(PREFIXES.values())})-[A-Z2-7]{{{_LENGTH}}}")
_NOISE = re.compile(r"[\W_]+")
_LEGAL = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|集团公司|公司)$")
_PARTS = re.compile(r"[、,\uff0c;\uff1b/\n]|与|和(?=.{4})|(?=联合)联合")


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Return text in one width and case, without blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=65_536)
def operator_keys(operator: str) -> tuple[str, ...]:
    """Return the operators that a cell names, each without its legal form; 甲、乙 are two."""
    bare = re.sub(r"[(\uff08][^)\uff09]*[)\uff09]", "", operator)
    keys = dict.fromkeys(_LEGAL.sub("", plain(part)) or plain(part) for part in _PARTS.split(bare))
    return tuple(key for key in keys if len(key) > 1) or tuple(filter(None, (plain(operator),)))


def made_id(kind: Kind, operator: str | None, name: str, code: str = "", again: int = 0) -> str:
    """Return the id of a row that gives none: the same operator and name (or inventory number) make the same id.

    Args:
        code: the operator's own number of an instrument; it stands for the name.
        again: counts rows that a person keeps apart though they have the same operator and name.
    """
    parts = (plain(operator or ""), plain(code) if code else plain(name), "code" if code else "", str(again or ""))
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"{PREFIXES[kind]}-{base64.b32encode(digest).decode()[:_LENGTH]}"


def made_apart(listing: Listing) -> bool:
    """Whether a listing's id was made for a row that a person kept apart from others of its operator and name."""
    return _made_apart(listing.id, listing.kind, listing.operator, listing.name)


@lru_cache(maxsize=65_536)
def _made_apart(id: str, kind: Kind, operator: str | None, name: str) -> bool:
    if not _MADE.fullmatch(id) or id == made_id(kind, operator, name):
        return False
    return any(id == made_id(kind, operator, name, again=again) for again in range(1, _APART + 1))


def identity_key(listing: Listing) -> tuple[str, str, str] | None:
    """Return (kind, operator, name) as compared; None without an operator, when a name alone proves nothing."""
    return (listing.kind, plain(listing.operator), plain(listing.name)) if listing.operator else None
