"""The text of a need: what is accepted, and one spelling of it in which every offset stays valid."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.understanding.thousands import with_thousands

#: Twenty printed pages; a longer need is a report, of which nobody can say which numbers are conditions.
MAX_CHARACTERS = 20_000
#: Characters, one to one (OpenCC's TSCharacters list, those of Big5 and GBK only).
TRADITIONAL = Path(__file__).resolve().parents[2] / "datasets" / "traditional.csv"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: A doubled em dash is punctuation (a break in thought); a single one between numbers is a range.
_LONE_DASH = re.compile(r"(?<!—)—(?!—)")
#: Scans take 0 for O and 1 for l; only before a unit and with a true digit beside them, so that Al2O3 stays.
_LETTER_BY_DIGIT = re.compile(r"\d[OolI]|[lI]\d")
_UNIT_BEHIND = r"(?= ?(?:L(?![A-Za-z])|℃|°C|%|kg|升|公斤|吨|MPa|mm|μm|m²|㎡|平米|平方米|英寸))"
_MISREAD = (
    re.compile(rf"(?<![A-Za-z0-9.])\d+[OolI][OolI\d]*{_UNIT_BEHIND}"),
    re.compile(rf"(?<![A-Za-z0-9.])[lI][\dOo]*\d[\dOo]*{_UNIT_BEHIND}"),
)
_DIGITS = str.maketrans("OolI", "0011")
#: 伍拾万元: figures as cheques and contracts have them. The first one alone is a word (伍, 陆) or a surname.
_FORMAL = re.compile("[壹贰叁肆伍陆柒捌玖][拾佰仟萬万亿][零壹贰叁肆伍陆柒捌玖拾佰仟萬万亿]{0,16}")
_FIGURES = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬", "一二三四五六七八九十百千万")
_FULL_WIDTH_OFFSET = 0xFEE0
#: A full-width comma separates clauses where a half-width one may group thousands: it keeps its width.
_KEPT_FULL_WIDTH = frozenset("\uff0c")
_SPELLINGS = {
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\ufeff\u00ad\u180e\u0085\u2028\u2029",
    "-": "‐‑‒–―−﹣－➖⁃˗",
    "~": "～〜∼∽˜⁓〰﹋",
    "+": "﹢➕",
    "≥": "≧⩾",
    "≤": "≦⩽",
    "<": "﹤",
    ">": "﹥",
    "=": "﹦",
    "μ": "µ",
    "Ω": "\u2126",
    "°": "º˚",
    "%": "﹪",
    "×": "✕✖⨉",
    "·": "•・‧⋅",
    "'": "‘’",
    "Å": "\u212b",
    "K": "\u212a",
    "L": "\u216c",
}


def check_text(text: str) -> str:
    """Return `text` as it is if a need can be read from it.

    Raises:
        InvalidInput: (field `text`) nothing but blanks, punctuation or emoji; more than 20,000 characters; control
            characters other than line ends and tabs; halves of a surrogate pair.
    """
    if not text.strip():
        raise _refusal("需求内容为空", "请用一两句话写明要放大、验证或加工什么")
    if len(text) > MAX_CHARACTERS:
        raise _refusal(f"需求内容有 {len(text)} 个字符,超过 {MAX_CHARACTERS} 个", "请只保留需求和技术指标部分")
    if found := _CONTROL.search(text):
        raise _refusal(f"第 {found.start() + 1} 个字符是控制字符 U+{ord(found.group()):04X}", "请删除后重试")
    if found := _SURROGATE.search(text):
        raise _refusal(f"第 {found.start() + 1} 个字符编码不完整", "请用 UTF-8 重新保存后重试")
    if not any(character.isalnum() for character in normalise(text)):
        raise _refusal("没有可以理解的文字", "请用一两句话写明要放大、验证或加工什么")
    return text


def normalise(text: str) -> str:
    """Return `text` in one spelling and of the same length, so that offsets in one are offsets in the other.

    Full-width letters, digits and signs become half-width (the comma excepted), traditional characters simplified,
    the many dashes, tildes and signs one of each, and every kind of blank but line ends and tabs a space. A blank
    inside a number (10 000) becomes a comma, and the figures of cheques (伍拾万) the plain ones.

    Raises:
        BrokenArtefact: datasets/traditional.csv is missing or is not one character to one character.
    """
    plain = _LONE_DASH.sub("-", with_thousands(text).translate(_table()))
    return _with_digits(_FORMAL.sub(lambda found: found[0].translate(_FIGURES), plain))


def ocr_notes(text: str) -> list[str]:
    """Notes on numbers whose zeros and ones were recognised as letters (5OOL, l20℃), which are read as numbers."""
    plain = _LONE_DASH.sub("-", text.translate(_table()))
    return [
        f"“{found[0]}”疑为识别错误,按 {_as_digits(found)} 读取"
        for pattern in _MISREAD
        for found in pattern.finditer(plain)
    ]


def _with_digits(text: str) -> str:
    if not _LETTER_BY_DIGIT.search(text):
        return text
    for pattern in _MISREAD:
        text = pattern.sub(_as_digits, text)
    return text


def _as_digits(found: re.Match[str]) -> str:
    return found[0].translate(_DIGITS)


def clean(text: str) -> str:
    """Return `text` without what `check_text` refuses: controls become line ends or blanks, broken characters `?`."""
    lines = text.replace("\r\n", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    return _SURROGATE.sub("?", _CONTROL.sub(" ", lines))


def _refusal(message: str, hint: str) -> InvalidInput:
    return InvalidInput(message, hint=hint, field="text")


@cache
def _table() -> dict[int, str]:
    table = {ord(odd): usual for usual, odds in _SPELLINGS.items() for odd in odds}
    for half in range(ord("!"), ord("~") + 1):
        full = chr(half + _FULL_WIDTH_OFFSET)
        if full not in _KEPT_FULL_WIDTH:
            table[ord(full)] = chr(half)
    return _read_traditional(TRADITIONAL) | table


def _read_traditional(path: Path) -> dict[int, str]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [(row["traditional"], row["simplified"]) for row in csv.DictReader(lines)]
        return {ord(traditional): simplified for traditional, simplified in rows if ord(simplified)}
    except (OSError, KeyError, TypeError) as error:
        raise BrokenArtefact(f"{path.name} 缺失或损坏", hint="请重新安装,或从源码仓库恢复 datasets 目录") from error
