"""The secret of an installation."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from matcher.errors import Unavailable
from matcher.secret import FILE, secret_of
from matcher.settings import Settings


def test_the_setting_wins_and_no_file_is_written(tmp_path: Path) -> None:
    assert secret_of(Settings(_env_file=None, data=tmp_path, secret="from the settings")) == "from the settings"
    assert list(tmp_path.iterdir()) == []


def test_one_is_made_and_kept_for_this_user_only(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "new", secret=None)
    secret = secret_of(settings)
    assert len(secret) >= 60
    assert secret_of(settings) == secret
    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE]


def test_every_installation_has_its_own(tmp_path: Path) -> None:
    made = {secret_of(Settings(_env_file=None, data=tmp_path / name)) for name in "abc"}
    assert len(made) == 3


def test_workers_that_start_together_share_one(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: secret_of(settings), range(64)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_can_not_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(Unavailable) as refused:
        secret_of(Settings(_env_file=None, data=tmp_path))
    assert refused.value.field == "PILOTMATCH_SECRET"


def test_an_empty_file_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    """It would sign cookies with a key that everybody knows."""
    (tmp_path / FILE).write_text("\n", encoding="ascii")
    with pytest.raises(Unavailable):
        secret_of(Settings(_env_file=None, data=tmp_path))
