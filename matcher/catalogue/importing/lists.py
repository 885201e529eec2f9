"""Several items in one cell: how they are parted, and how an item that holds a separator is kept whole."""

from __future__ import annotations

import re

#: Written between items.
SEPARATOR = ";"
_SEPARATORS = ";\uff1b\n、"
_SPECIAL = re.compile(r"[\\;\uff1b\n、]")
_OPENING, _CLOSING = "(\uff08【[《「", ")\uff09】]》」"
_NUMBERING = re.compile(r"^\s*(?:[(\uff08]?\d{1,2}[)\uff09]|\d{1,2}[、.\uff0e](?!\d)|[①-⑳●•◆■·*]\s?)\s*")


def split_items(text: str) -> tuple[str, ...]:
    """Return the items of a cell: parted by ; 、 or a line end, but 、 inside brackets parts nothing; `\\` escapes."""
    if not _SPECIAL.search(text):
        return (text.strip(),) if text.strip() else ()
    items, current, depth, escaped = [], [""], 0, False
    for character in text:
        if escaped:
            current.append(character if _SPECIAL.match(character) else "\\" + character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in _SEPARATORS and (depth == 0 or character != "、"):
            items.append("".join(current))
            current, depth = [""], 0
        else:
            depth = max(0, depth + (character in _OPENING) - (character in _CLOSING))
            current.append(character)
    items.append("".join(current) + ("\\" if escaped else ""))
    return tuple(item.strip() for item in items if item.strip())


def join_items(items: tuple[str, ...]) -> str:
    """Return the cell that `split_items` reads as the same items (without blanks at their ends)."""
    return SEPARATOR.join(_SPECIAL.sub(r"\\\g<0>", item) for item in items)


def without_numbering(item: str) -> str:
    """Return an item of somebody else's list without its number or bullet: (1)小试 → 小试."""
    return _NUMBERING.sub("", item)
