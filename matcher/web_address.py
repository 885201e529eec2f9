"""What may be linked to: absolute addresses of web pages, and nothing that a browser would run or guess the rest of."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = frozenset({"http", "https"})
#: Browsers drop blanks and control characters from addresses and read \ as /: what is checked must be what they open.
_REREAD: Final = re.compile(r"[\s\x00-\x20\x7f\\]")


def is_web_address(text: str | None) -> bool:
    """Whether a text is an http or https address with a host; Chinese hosts and paths are as good as others."""
    if not text or _REREAD.search(text):
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port  # a port that is none raises as well
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and any(one.isalnum() for one in host or "")
