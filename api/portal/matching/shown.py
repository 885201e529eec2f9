"""Which answers visitors were shown lately: a page that is loaded again is no second answer."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from threading import Lock
from typing import Any, Final

#: As many searches as are remembered, 0.1 kB each.
MOST: Final = 20_000


class Shown:
    """Remembers searches by what they ask for; one for a process, threads may share it.

    Another process that shows the same search counts it once more: a few at most, where a reader that comes back
    would count each time.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._adding = Lock()
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def holds(self, search: dict[str, Any]) -> bool:
        """Whether a search was shown with this need."""
        with self._adding:
            return _key(search) in self._keys

    def add(self, search: dict[str, Any]) -> None:
        """A search has been shown; the one shown longest ago is forgotten."""
        key = _key(search)
        with self._adding:
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)


def _key(search: dict[str, Any]) -> bytes:
    """A changed need is another one. Nothing of its words is kept."""
    words = json.dumps([search["id"], search["need"]], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(words.encode(), digest_size=16).digest()
