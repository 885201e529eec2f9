"""Memory for the token vectors of a catalogue, page by page: what was written stays where it is while others add."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.products import Codes

Offsets = NDArray[np.int16]

#: 13 MB of codes of 384 bytes: few enough that moving what is left in a page takes milliseconds, and that the part of
#: the last one that nothing was written to (and no memory is taken for) is small.
PAGE_TOKENS: Final = 32_768


@dataclass(slots=True, eq=False)
class Page:
    """codes uint8 [p, d] and offsets int16 [p, 2], of which the first `used` are written and never written again.

    What is `mapped` from a file takes no memory of its own: nothing is gained by moving what is left of it.
    """

    codes: Codes
    offsets: Offsets
    used: int = 0
    mapped: bool = False


class Pages:
    """Hands out places for tokens of listings, from any thread. It knows the page being filled and no other.

    A page lives as long as a store of tokens refers to it.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._adding = Lock()
        self._open = self._page(0)

    def add(self, codes: Codes, offsets: Offsets) -> tuple[Page, int]:
        """Writes the tokens of one listing together: the page, and where in it they start."""
        with self._adding:
            page = self._open
            if page.used + len(codes) > len(page.codes):
                page = self._open = self._page(max(PAGE_TOKENS, len(codes)))
            start, end = page.used, page.used + len(codes)
            page.codes[start:end], page.offsets[start:end] = codes, offsets
            page.used = end
            return page, start

    def _page(self, size: int) -> Page:
        return Page(np.empty((size, self.dimension), np.uint8), np.empty((size, 2), np.int16))
