"""How often: token buckets in this process, one for each address or user.

Each worker counts for itself, so several workers let through as many times the rate; a restart starts anew.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from matcher.errors import TooMany
from matcher.settings import Settings

MINUTE: Final = 60.0
HOUR: Final = 3600.0
#: Buckets that are kept; the least recently used goes first, and a bucket this old has long been full again.
KEPT: Final = 10_000
#: Failed sign-ins of one address, over all accounts: a guesser who takes a new account each time is held here.
FAILURES: Final = 50
#: One household or office has a whole /64 of IPv6 addresses to choose from.
IPV6_PREFIX: Final = 64


class Buckets:
    """A bucket holds `rate` tokens and fills at `rate` a `period` (seconds); a rate of 0 is no limit."""

    def __init__(self, rate: int, period: float = MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._period = period
        self._clock = clock
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, whose: str) -> None:
        """Take a token.

        Raises:
            TooMany: there is none; `retry_seconds` is when there will be.
        """
        with self._lock:
            left = self._spend(whose, 1)
        self._refuse_below(left, 0)

    def check(self, whose: str) -> None:
        """As `take`, but leaves the token where it is."""
        with self._lock:
            left = self._spend(whose, 0)
        self._refuse_below(left, 1)

    def spend(self, whose: str) -> None:
        """Take a token, if there is one, and refuse nothing: for what has been done already."""
        with self._lock:
            self._spend(whose, 1)

    def _spend(self, whose: str, count: int) -> float:
        """What is left in the bucket, below 0 where `count` was more than it held: then it keeps what it had."""
        now = self._clock()
        tokens, at = self._filled.pop(whose, (float(self._rate), now))
        tokens = min(self._rate, tokens + (now - at) * self._rate / self._period)
        left = tokens - count
        self._filled[whose] = (left if left >= 0 else tokens, now)
        if len(self._filled) > KEPT:
            self._filled.popitem(last=False)
        return left

    def _refuse_below(self, left: float, least: float) -> None:
        if self._rate and left < least:
            # Less a hair: two thirds of a minute are 40 seconds, whatever binary fractions make of them.
            seconds = max(1, math.ceil((least - left) * self._period / self._rate - 1e-6))
            raise TooMany("请求过于频繁", hint=f"请 {seconds} 秒后再试", retry_seconds=seconds)


@dataclass(frozen=True, slots=True)
class Limits:
    """The buckets of one application."""

    sign_in: Buckets
    sign_in_failures: Buckets
    match: Buckets
    feedback: Buckets
    searches: Buckets

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        failures = FAILURES if settings.sign_in_rate else 0
        # Looking for something is matching with a few acts around it, each as often as one matches.
        matches, feedback, searches = (Buckets(settings.match_rate) for _ in range(3))
        return cls(Buckets(settings.sign_in_rate), Buckets(failures, HOUR), matches, feedback, searches)


def bucket_of(address: str) -> str:
    """The name of an address's bucket: itself, and for IPv6 its network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    return str(known.ipv4_mapped or ip_network((known, IPV6_PREFIX), strict=False))
