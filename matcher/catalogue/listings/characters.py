"""Characters that nobody sees in a text, but that hide or turn round what stands there."""

from __future__ import annotations

import re
from typing import Final

#: Controls but tab and line ends; marks that turn the direction of writing, so that a name reads otherwise than it is
#: stored; blanks without width, which make two names of one; separators of lines and paragraphs; annotations, the byte
#: order mark and the two characters that are none.
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff]"
)


def unseen_in(text: str) -> str | None:
    """The first such character of a text with its place, in words; None where there is none."""
    found = None if text.isprintable() else UNSEEN.search(text)
    return f"第 {found.start() + 1} 个字符是看不见的 U+{ord(found[0]):04X}" if found else None
