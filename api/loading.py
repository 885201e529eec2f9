"""The matcher while it loads: health checks answer at once, and requests are told to come back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from matcher.errors import PilotMatchError, Unavailable
from matcher.narrowing import Facets
from matcher.ranking.why_not import WhyNot
from matcher.records import Listing, Matches, Need
from matcher.scales import Scale

_log = logging.getLogger("pilotmatch")


class Catalogue(Protocol):
    """What the edge asks of the catalogue."""

    @property
    def listings(self) -> Sequence[Listing]: ...

    def get(self, listing_id: str, /) -> Listing | None: ...


class Beside(Protocol):
    """What the edge asks about the listings of an answer."""

    def cases(self, listing: Listing, /) -> Sequence[Listing]: ...


class Answering(Protocol):
    """What the edge asks of `matcher.match.Matcher`; tests of HTTP give a small one that needs no encoder."""

    @property
    def catalogue(self) -> Catalogue: ...

    def match(self, need: Need, *, top: int) -> Matches: ...

    def facets(self, answer: Matches) -> Facets: ...

    @property
    def narrowing(self) -> Beside: ...

    def why_not(self, need: Need, listing_id: str) -> WhyNot: ...

    def similar(self, listing_id: str, count: int) -> Sequence[Listing]: ...

    def scales(self, listing: Listing) -> Sequence[Scale]: ...


#: Gives the matcher of the moment: the catalogue changes while it is served, each matcher never does.
Source = Callable[[], Answering]


class NotNow(Unavailable):
    """Not now, but soon; its message holds nothing of the installation and may be shown to anybody.

    Args:
        retry_seconds: when to come back. Five are long enough for a model of a few hundred listings to load, and short
            enough not to keep a client waiting.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, field: str | None = None, retry_seconds: int = 5
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.retry_seconds = retry_seconds


class NotLoaded(NotNow):
    """The matcher is not there (yet)."""


class Loading:
    """Loads a matcher once, on a thread of its own, so that the server answers health checks meanwhile.

    Args:
        load: makes what gives the matcher of the moment; takes seconds, or minutes where the encoder must be built.
        on_success: called on that thread when `load` has given something, before anybody else is told.
        on_failure: called on that thread when `load` has failed; `error` is set by then.
    """

    def __init__(
        self,
        load: Callable[[], Source],
        on_success: Callable[[], object] | None = None,
        on_failure: Callable[[], object] | None = None,
    ) -> None:
        self._load = load
        self._on_success = on_success
        self._on_failure = on_failure
        self._done = threading.Event()
        self._begun = False
        self._source: Source | None = None
        self.error: PilotMatchError | None = None

    def start(self) -> None:
        """Begin, unless it has begun; a daemon thread, so that stopping the server need not wait for the rest."""
        if self._begun:
            return
        self._begun = True
        threading.Thread(target=self._run, name="pilotmatch-load", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether loading has ended, well or badly, within `seconds`."""
        return self._done.wait(seconds)

    def matcher(self) -> Answering:
        """The matcher of the moment.

        Raises:
            NotLoaded: it is still loading, or could not be loaded.
        """
        if self._source is not None:
            return self._source()
        if self.error is not None:
            raise NotLoaded("匹配器未能加载", hint="请管理员查看服务日志")
        raise NotLoaded("匹配器正在加载", hint="请稍后再试")

    def _run(self) -> None:
        began = time.perf_counter()
        try:
            self._source = self._load()
            if self._on_success is not None:
                self._on_success()
            took = time.perf_counter() - began
            _log.info("匹配器已加载:%d 个条目,%.1f 秒", len(self._source().catalogue.listings), took)
        except PilotMatchError as error:
            self.error = error
        except Exception as error:  # whatever it is, the server must be told, or it would wait for ever
            _log.exception("loading failed")
            self.error = Unavailable(f"匹配器加载失败({type(error).__name__})", hint="详情见日志")
        if self.error is not None:
            _log.error("匹配器未能加载:%s", self.error)
            if self._on_failure is not None:
                self._on_failure()
        self._done.set()
