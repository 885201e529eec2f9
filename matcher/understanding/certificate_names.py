"""Finds the names of certificates in running text, in the many ways they are written."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from matcher.understanding.certificate_table import Certificate


class FoundCertificate(NamedTuple):
    """`text[start:end]` names the certificate `id`."""

    id: str
    start: int
    end: int


#: Abbreviations that are also something else (CE 库仑效率, SC 钪, 3C 倍率, CAL): read only beside a word of the trade.
_SHARED: Final = frozenset(
    [
        "16949",
        "3C",
        "BRC",
        "CAL",
        "CE",
        "ETL",
        "FCC",
        "FDA",
        "FSC",
        "GAP",
        "GCP",
        "GOTS",
        "GRS",
        "GSP",
        "KOSHER",
        "PSE",
        "SC",
        "TUV",
        "TÜV",
        "UL",
    ]
)
_CLAIM_LEFT: Final = re.compile(r"(?:过|取得|通过|做|要|有|申请|拿到?|获得?|持|具备|办理?|带|符合|满足|补)\s?$")
_CLAIM_RIGHT: Final = re.compile(
    r"\s?(?:认证|资质|认可|标志|标识|证|标准|准入|体系|规范|双?章|备案|注册|检查|审计|管理|质量|最好|优先)"
)
_NEIGHBOUR: Final = r"(?:CNAS|CMA|CE|UL|FDA|CCC|RoHS|REACH|GMP|HACCP|ISO\s?\d{4,5})"
_LISTED: Final = (
    re.compile(rf"{_NEIGHBOUR}\s?[、/和与及]\s?$"),
    re.compile(rf"\s?[、/和与及]\s?{_NEIGHBOUR}(?![A-Za-z])"),
)
_OTHER_RIGHT: Final = re.compile(r"\s?(?:产品|电子|数码|消费|行业|倍率|[充放级类锂-]|\d)")
#: GLP-1 is a peptide, and its receptor a target.
_PEPTIDE: Final = re.compile(r"\s?-?\s?(?:\d|R\b|受体|类似物|激动)")
#: Short abbreviations that are written in small letters too; others (reach, gap, cap) would be English words.
_ANY_CASE: Final = frozenset(["GMP", "cGMP", "GLP", "CNAS", "CMA", "HACCP", "RoHS", "AS9100"])
_STANDARD: Final = re.compile(r"(?:ISO|IATF|GB/T|YY/T|GJB|AS|EN|TS)\D*\d")
_EDITION: Final = re.compile(r"\s?[:-]\s?(?:19|20)\d\d(?!\d)")
#: The short ISO numbers that follow one named in full: ISO 9001、14001、13485.
_MORE: Final = re.compile(r"\s?(?:[、/,，和与及]|以及)\s?(\d{4,5})(?!\d)")
#: What may stand between the parts of a name or be left out: ISO9001, ISO-9001, ISO 9001, GB/T19001.
_SEPARATORS: Final = frozenset(" -/.")
_SQUEEZED: Final = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, "".join(_SEPARATORS))


class _Name(NamedTuple):
    key: str
    name: str
    certificate: str
    any_case: bool
    unbroken: bool


class CertificateNames:
    """The names of a table of certificates, ready to be found, by the first two characters of their squeezed form."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        rows = list(certificates)
        names = [entry for row in rows for name in row.names for entry in _entries(name, row.id)]
        self._heads: dict[str, list[_Name]] = {}
        for entry in sorted(names, key=lambda entry: -len(entry.key)):
            self._heads.setdefault(entry.key[:2], []).append(entry)
        iso = [(name[4:], row.id) for row in rows for name in row.names if re.fullmatch(r"ISO \d{4,5}", name)]
        self._numbers = dict(iso)

    def find(self, text: str) -> list[FoundCertificate]:
        """Certificates in the order of their starts, none overlapping; at one place the longest name wins."""
        return list(self._scan(text))

    def _scan(self, text: str) -> Iterator[FoundCertificate]:
        squeezed, offsets = _squeeze(text)
        behind = 0
        heads = [at for at in range(len(squeezed) - 1) if squeezed[at : at + 2] in self._heads]
        for at in heads:
            if offsets[at] < behind:
                continue
            found = self._match(text, squeezed, offsets, at)
            if found is None:
                continue
            yield found
            behind = found.end
            if text[found.start : found.start + 3].upper() == "ISO":
                for more in self._more_numbers(text, found.end):
                    yield more
                    behind = more.end

    def _match(self, text: str, squeezed: str, offsets: list[int], at: int) -> FoundCertificate | None:
        start = offsets[at]
        for entry in self._heads[squeezed[at : at + 2]]:
            if not squeezed.startswith(entry.key, at):
                continue
            end = offsets[at + len(entry.key) - 1] + 1
            if _is_spelt(text, entry, start, end) and _is_meant(text, entry.name, start, end):
                edition = _EDITION.match(text, end) if _STANDARD.match(entry.name) else None
                return FoundCertificate(entry.certificate, start, edition.end() if edition else end)
        return None

    def _more_numbers(self, text: str, position: int) -> Iterator[FoundCertificate]:
        while (number := _MORE.match(text, position)) and number.group(1) in self._numbers:
            yield FoundCertificate(self._numbers[number.group(1)], number.start(1), number.end(1))
            position = number.end()


def _entries(name: str, certificate: str) -> Iterator[_Name]:
    any_case = name in _ANY_CASE or not name.isascii() or len(name) > 5
    unbroken = name.isascii() and _SEPARATORS.isdisjoint(name) and not any(character.isdigit() for character in name)
    key = _squeeze(name)[0]
    keys = [key]
    if re.match(r"ISO\d", key):
        keys += [f"ISOIEC{key[3:]}", f"ISOTS{key[3:]}"]
    for one in keys:
        yield _Name(one, name, certificate, any_case, unbroken or name.isdigit())


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The text in capitals without separators, and each character's offset in it."""
    offsets = [offset for offset, character in enumerate(text) if character not in _SEPARATORS]
    return text.translate(_SQUEEZED), offsets


def _is_spelt(text: str, entry: _Name, start: int, end: int) -> bool:
    """Whether `text[start:end]` is the name as whole words, in its own case where small letters would be a word."""
    if (_is_latin(text, start - 1) and _is_latin(text, start)) or (_is_latin(text, end - 1) and _is_latin(text, end)):
        return False
    found = text[start:end]
    if entry.unbroken and len(found) != len(entry.key):
        return False
    return entry.any_case or all(character in entry.name or not character.isalpha() for character in found)


def _is_latin(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()


def _is_meant(text: str, name: str, start: int, end: int) -> bool:
    """Whether an abbreviation that has other meanings stands for the certificate here."""
    if name == "GLP":
        return _PEPTIDE.match(text, end) is None
    if name not in _SHARED:
        return True
    if _CLAIM_RIGHT.match(text, end) or _LISTED[0].search(text, 0, start) or _LISTED[1].match(text, end):
        return True
    return bool(_CLAIM_LEFT.search(text, max(0, start - 4), start)) and _OTHER_RIGHT.match(text, end) is None
