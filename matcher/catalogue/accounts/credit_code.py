"""统一社会信用代码: 18 characters whose last one checks the rest (GB 32100-2015)."""

from __future__ import annotations

import unicodedata
from typing import Final

from matcher.errors import InvalidInput

#: GB 32100-2015, table of character codes: no I, O, S, V, Z.
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH: Final = 18
_BASE: Final = len(ALPHABET)


def check_character(first: str) -> str:
    """The 18th character for the first 17: 31 − Σ cᵢ·3ⁱ mod 31, i from 0 (GB 32100-2015, 5.3); KeyError for others."""
    codes = {character: code for code, character in enumerate(ALPHABET)}
    total = sum(codes[character] * pow(3, position, _BASE) for position, character in enumerate(first))
    return ALPHABET[-total % _BASE]


def normal_credit_code(text: str, field: str = "credit_code") -> str:
    """The code in capitals without spaces.

    Raises:
        InvalidInput: not 18 characters of the alphabet, or the last does not check.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise InvalidInput("统一社会信用代码应为 18 位数字或大写字母", hint="不含字母 I、O、S、V、Z", field=field)
    if check_character(code[:-1]) != code[-1]:
        raise InvalidInput("统一社会信用代码的校验位不对", hint="请核对是否抄错一位", field=field)
    return code
