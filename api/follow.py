"""What the application serves from: its database, and the follower that keeps the matcher like it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from api.loading import Answering, Source
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.watching.counting import Counters
from matcher.errors import Unavailable
from matcher.feedback.presenting import Presenter
from matcher.following import Follower, Progress
from matcher.sending import background
from matcher.sending.matching import MatcherFits
from matcher.settings import Settings
from matcher.starting import follow


class Serving:
    """The database of one application, opened at its first use, and the follower, made when the matcher is loaded.

    Args:
        load: instead of a follower, a matcher that stays as it is. make: makes the follower.
        counters: what this process counts of its answers, for the background to put into the database.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Answering] | None = None,
        make: Callable[[Database], Follower] | None = None,
        counters: Counters | None = None,
    ) -> None:
        self._settings, self._load, self._make, self._counters = settings, load, make, counters
        #: Answers needs, keeps the answers for feedback, takes part in experiments.
        self.presenter = Presenter(settings, self.database)
        self._opening = threading.Lock()
        self._database: Database | None = None
        self._follower: Follower | None = None
        self._background: background.Background | None = None

    def database(self) -> Database:
        """The database, its tables up to date; errors as for `open_database`."""
        with self._opening:
            if self._database is None:
                self._database = open_database(self._settings)
            return self._database

    def start(self) -> Source:
        """Load the matcher and begin to follow; what gives the matcher of the moment."""
        if self._load is not None:
            matcher = self._load()
            return lambda: matcher
        database = self.database()
        follower = self._make(database) if self._make is not None else follow(self._settings, database)
        follower.start()
        self._follower = follower
        self.presenter.follow(follower)
        self._background = background.start(database, self._settings, MatcherFits(follower), self._counters)
        return lambda: follower.live.current

    def committed(self) -> None:
        """Something was committed here: the next answer must know of it."""
        if self._follower is not None:
            self._follower.catch_up()
            self.presenter.wake()

    def progress(self) -> Progress | None:
        """How far the index is behind the database; None where it follows none."""
        return self._follower.progress() if self._follower is not None else None

    def ranking(self) -> tuple[str, str] | None:
        """Name and version of the profile that ranks now; None where it follows none."""
        if self._follower is None:
            return None
        profile = self._follower.live.current.ranker.profile
        return profile.name, profile.version

    def ranked_by(self, stored: StoredProfile) -> Answering:
        """The matcher of the moment by another profile; errors as for `Follower.ranked_by`."""
        if self._follower is None:
            raise Unavailable("这里不能按指定的排序方案匹配", hint="请在正式服务中使用")
        return self._follower.ranked_by(stored)

    def stop(self) -> None:
        """Stop the background work and following, write what is still to be written, and close the database."""
        self.presenter.stop()
        if self._background is not None:
            self._background.stop()
        if self._follower is not None:
            self._follower.stop()
        if self._database is not None:
            self._database.dispose()
