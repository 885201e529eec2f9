"""Short texts that people give: names and the like, one line each."""

from __future__ import annotations

import unicodedata

from matcher.errors import InvalidInput


def clean_line(text: str, field: str, longest: int) -> str:
    """The text in NFC, spaces at the ends gone and runs of them one.

    Raises:
        InvalidInput: nothing left, longer than `longest` characters, or with characters that nobody can see: NUL, which
            PostgreSQL can't store, line breaks, half surrogate pairs, marks that turn the direction of writing.
    """
    line = " ".join(part for part in unicodedata.normalize("NFC", text).split(" ") if part)
    if not line:
        raise InvalidInput(f"{field} 不能为空", hint="请填写内容", field=field)
    if len(line) > longest:
        raise InvalidInput(f"{field} 超过 {longest} 个字符", hint=f"请缩短到 {longest} 个字符以内", field=field)
    if any(unicodedata.category(one).startswith("C") or one in "\u2028\u2029" for one in line):
        raise InvalidInput(f"{field} 含有不可见的控制字符", hint="请去掉换行、制表符等字符", field=field)
    return line


def optional_line(text: str | None, field: str, longest: int) -> str | None:
    """As `clean_line`; None where nothing is given."""
    return clean_line(text, field, longest) if text and text.strip() else None
