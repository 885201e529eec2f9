"""Random operations on listings, with the index beside them: what a match brings is what a plain dictionary says."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings
from matcher.following import Follower
from matcher.match import Matcher
from matcher.records import Need
from matcher.settings import Settings
from tests.databases import BACKENDS, fresh_url
from tests.matcher.catalogue.listings.test_random_operations import ALL, QUICK, run
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import PROFILE

NEED = Need("平台中试与检测,打样优先")
#: A restarted index now and then, so that starting is compared with following.
RESTART_EVERY = 500


def follower_of(database: Database, folder: Path) -> Follower:
    encoder = HashEncoder()
    encodings = Encodings(DatabaseVectors(database, encoder.fingerprint), encoder)
    settings = Settings(_env_file=None, data=folder)
    return Follower(
        database,
        lambda listings: Matcher.load(settings, listings, profile=PROFILE, encoder=encoder, encodings=encodings),
        encodings,
    )


def answer(follower: Follower) -> list[tuple[str, float]]:
    matches = follower.live.current.match(NEED, top=1000, explained=False).matches
    return [(one.listing.id, one.score) for one in matches]


def compare(url: str, folder: Path, operations: int, seed: int) -> int:
    """How many matches were compared."""
    database = Database(url)
    database.migrate()
    follower = follower_of(database, folder)
    compared = 0
    for number, made in enumerate(run(url, operations, seed), 1):
        follower.catch_up()
        public = made.model.public()
        served = follower.live.current.catalogue.listings
        assert {one.id: one for one in served} == {id: one.listing for id, one in public.items()}
        if number % 20 == 0:
            assert {listing_id for listing_id, _ in answer(follower)} == set(public)
            compared += 1
        if number % RESTART_EVERY == 0:
            anew = follower_of(database, folder)
            assert answer(anew) == answer(follower)
            follower = anew
    database.dispose()
    return compared


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_few_hundred_operations(backend: str, tmp_path: Path) -> None:
    assert compare(fresh_url(backend, tmp_path), tmp_path, QUICK, seed=3) == QUICK // 20


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_thousand_operations(tmp_path: Path) -> None:
    assert compare(fresh_url("sqlite", tmp_path), tmp_path, ALL, seed=4) == ALL // 20
