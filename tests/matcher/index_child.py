"""A process that follows a database and encodes what waits, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from matcher import following
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings
from matcher.following import Follower
from matcher.match import Matcher
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import PROFILE


def follower_of(url: str, folder: Path) -> tuple[Follower, HashEncoder]:
    """A follower as a server has it, with an encoder that needs no model."""
    database, encoder = Database(url), HashEncoder()
    encodings = Encodings(DatabaseVectors(database, encoder.fingerprint), encoder)
    settings = Settings(_env_file=None, data=folder)
    made = Follower(
        database,
        lambda listings: Matcher.load(settings, listings, profile=PROFILE, encoder=encoder, encodings=encodings),
        encodings,
    )
    return made, encoder


def main() -> None:
    """Encode in small batches and tell each on standard output."""
    following.AT_START, following.BATCH = 10, 20
    follower, _ = follower_of(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.write("started\n")
    sys.stdout.flush()
    while follower.encode_waiting():
        sys.stdout.write(f"{follower.progress().waiting}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
