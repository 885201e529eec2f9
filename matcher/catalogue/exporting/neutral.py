"""Cells that no spreadsheet takes for a formula, whatever text they hold (OWASP, CSV Injection)."""

from __future__ import annotations

import re

#: Office files can't hold these, and half a surrogate pair is no character at all.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: Excel reads _x0041_ in a cell as the letter A; the underscore itself is then written _x005F_ (ECMA-376, ST_Xstring).
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
#: The longest text that a cell of Excel holds.
CELL_MAX = 32_767


def storable(text: str) -> str:
    """Return text without what a file can't hold; line ends as line feeds."""
    if text.isprintable():
        return text
    return _IMPOSSIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escaped(text: str) -> str:
    """Return the text that Excel shows as `text`, letter by letter."""
    return _ESCAPE_LIKE.sub("_x005F_", text) if "_x" in text else text
