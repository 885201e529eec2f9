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

#: What stands in a header as it is: no quoting, no comments, no other alphabet, which few mail servers take.
_LOCAL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")


def normal_email(text: str, field: str = "email") -> str:
    """The address in lower case and ASCII: full-width characters of a Chinese keyboard and capitals make no other one.

    A domain in other letters is given in the form that the net uses (IDNA).

    Raises:
        InvalidInput: not an e-mail address, or too long.
    """
    if len(text) > 2 * LENGTH_MAX:
        raise _too_long(field)
    local, _, domain = unicodedata.normalize("NFKC", text).strip().lower().rpartition("@")
    domain = _in_ascii(domain)
    if len(local) > LOCAL_MAX or len(local) + 1 + len(domain) > LENGTH_MAX:
        raise _too_long(field)
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise InvalidInput(f"{field} 不是邮箱地址", hint=HINT, field=field)
    return f"{local}@{domain}"


def _in_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _too_long(field: str) -> InvalidInput:
    return InvalidInput(f"{field} 过长", hint=f"邮箱不超过 {LENGTH_MAX} 个字符", field=field)
