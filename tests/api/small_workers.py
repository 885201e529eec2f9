"""Several server processes over a database, with the encoder of tests; a need that says 慢 takes its time.

python -m tests.api.small_workers DATABASE FOLDER PORT COUNT
"""

from __future__ import annotations

import logging.config
import sys
import time
from pathlib import Path
from typing import Any

from api.serving import bind
from api.serving_options import LOGGING
from api.worker_process import Work
from api.workers import Workers
from matcher.catalogue.database import Database
from matcher.errors import Unavailable
from matcher.following import Follower
from matcher.match import Matcher
from matcher.records import Matches, Need
from matcher.settings import Settings
from tests.matcher.test_following import Site

SLOW_SECONDS = 1.5
#: A file with this name in the data folder keeps processes from loading.
BROKEN = "broken"


def follow_small(settings: Settings, database: Database) -> Follower:
    """A follower whose matcher is in no hurry where the need says so."""
    if (settings.data / BROKEN).exists():
        raise Unavailable("坏了")
    match = Matcher.match

    def slow(self: Matcher, need: Need, **asked: Any) -> Matches:
        if "慢" in need.text:
            time.sleep(SLOW_SECONDS)
        return match(self, need, **asked)

    Matcher.match = slow  # type: ignore[method-assign]  # of this process alone
    return Site(database, settings.data).follower()


def main(url: str, folder: Path, port: int, count: int) -> None:
    """Serve until told to end."""
    logging.config.dictConfig(LOGGING)
    settings = Settings(_env_file=None, data=folder, database=url, sign_in_rate=0, match_rate=0)
    Workers(Work(settings, bind("127.0.0.1", port), 10.0, follow_small), count).run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
