"""E-mail addresses in one form, so that one person has one account."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from matcher.errors import InvalidInput

#: RFC 5321 §4.5.3.1, less the brackets of a path.
LENGTH_MAX: Final = 254
LOCAL_MAX: Final = 64
HINT: Final = "如 zhang.san@example.com"

_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")


def normal_email(text: str, field: str = "email") -> str:
    """The address in NFKC and lower case: full-width characters of a Chinese keyboard and capitals make no other one.

    Raises:
        InvalidInput: not an e-mail address, or too long.
    """
    email = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().lower())
    local, _, domain = email.rpartition("@")
    domain = domain.replace("。", ".")
    labels = domain.split(".")
    if len(email) > LENGTH_MAX or len(local) > LOCAL_MAX:
        raise InvalidInput(f"{field} 过长", hint=f"邮箱不超过 {LENGTH_MAX} 个字符", field=field)
    is_written_well = _LOCAL.fullmatch(local) and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    if not is_written_well or not _is_clean(email):
        raise InvalidInput(f"{field} 不是邮箱地址", hint=HINT, field=field)
    return f"{local}@{domain}"


def _is_clean(text: str) -> bool:
    """Whether every character can be seen and stored: none that controls, is unassigned or half a pair."""
    return not any(unicodedata.category(one).startswith("C") for one in text)
