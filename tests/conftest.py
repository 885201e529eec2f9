"""What tests of several folders share: the real matcher over the shipped catalogue, and a small one made for tests.

The encoder is built once a machine and kept with the vectors in the data folder, as people's own runs keep them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.databases import database  # noqa: F401  # a fixture: tests name it as an argument

# Compiling takes ranx, which metrics are compared with, most of a minute; 60 small rankings take it a second as they
# are. It asks when it is imported, whoever does it first.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
# As `embeddings.milvus_client` has it: what a channel tells on stderr would come between the lines of other tests.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

if TYPE_CHECKING:
    from embeddings import Encoder
    from matcher.match import Matcher
    from matcher.ranking.profile import Profile
    from matcher.records import Listing, Need
    from matcher.settings import Settings

ROOT = Path(__file__).parents[1]
DATASETS = ROOT / "datasets"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Where the built encoder and the stored vectors are."""
    return Path(os.environ.get("PILOTMATCH_DATA", ROOT / "var")).resolve()


@pytest.fixture(scope="session")
def shipped_settings(data_folder: Path) -> Settings:
    from matcher.settings import Settings

    return Settings(_env_file=None, data=data_folder)


@pytest.fixture(scope="session")
def shipped_listings() -> tuple[Listing, ...]:
    from matcher.catalogue.listings_file import read_listings

    return read_listings(DATASETS / "listings.jsonl")


@pytest.fixture(scope="session")
def real_needs() -> list[Need]:
    """The needs of real requesters."""
    from matcher.catalogue.needs_file import read_needs

    return read_needs(DATASETS / "needs_dev.jsonl")[0]


@pytest.fixture(scope="session")
def bundled(shipped_settings: Settings) -> Encoder:
    """The encoder that serves by default."""
    from matcher.installation import open_encoder

    return open_encoder(shipped_settings)


@pytest.fixture(scope="session")
def shipped_profile() -> Profile:
    from matcher.ranking.profile import load_profile

    return load_profile()


@pytest.fixture(scope="session")
def shipped_matcher(shipped_settings: Settings, shipped_listings: tuple[Listing, ...], bundled: Encoder) -> Matcher:
    """What `pilotmatch match` answers with where nothing else was loaded."""
    from matcher.match import Matcher

    return Matcher.load(shipped_settings, shipped_listings, encoder=bundled)


@pytest.fixture(scope="session")
def small_listings() -> tuple[Listing, ...]:
    from tests.matcher.small import LISTINGS

    return LISTINGS


@pytest.fixture(scope="session")
def small_data(data_folder: Path, bundled: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of its own that lends the built encoder; what tests store in it stays among tests."""
    folder = tmp_path_factory.mktemp("data")
    assert bundled.dimension
    (folder / "encoders").symlink_to(data_folder / "encoders")
    return folder


@pytest.fixture(scope="session")
def small_matcher(small_data: Path, small_listings: tuple[Listing, ...], bundled: Encoder) -> Matcher:
    """A matcher over the small catalogue, with weights that no training moves."""
    from matcher.match import Matcher
    from matcher.settings import Settings
    from tests.matcher.small import PROFILE

    settings = Settings(_env_file=None, data=small_data)
    return Matcher.load(settings, small_listings, profile=PROFILE, encoder=bundled)
