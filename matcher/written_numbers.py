"""Numbers as people write them into forms and cells; what may be meant in two ways is no number."""

from __future__ import annotations

import math
import re
from typing import Final

#: What to do about a text that is no number.
NUMBER_HINT: Final = "小数请写成 1.5,千位请写成 1,500;几个数值请分开填写"

#: Full-width forms of ASCII. Nothing else is changed as NFKC would: it makes 103 of 10³.
_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: No thousands begin with 0: 0,125 is meant as an eighth.
_THOUSANDS: Final = re.compile(r"[+-]?(?!0)\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMAS: Final = re.compile(r"[+-]?(?=,*\d)\d*(?:,\d*)+(?:\.\d*)?")


def read_number(text: str) -> float | None:
    """A finite number, None for anything else.

    A comma stands between thousands only: 1,5 may be meant as one and a half, and is never fifteen.
    """
    plain = _plain(text)
    try:
        found = float(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain.replace("_", "?"))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def has_stray_comma(text: str) -> bool:
    """Tell whether a text would be a number but for a comma that parts no thousands: 1,5 or 1,5000 or 0,125."""
    return _COMMAS.fullmatch(_plain(text)) is not None and read_number(text) is None


def _plain(text: str) -> str:
    return text.translate(_HALF_WIDTH).strip()
