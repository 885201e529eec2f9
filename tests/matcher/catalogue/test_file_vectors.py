"""Damaged segments are found and removed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.catalogue.encodings import Encodings
from matcher.catalogue.file_vectors import remove_damaged
from tests.matcher.catalogue.test_encodings import count, files, fill, small_segments
from tests.matcher.hash_encoder import HashEncoder

__all__ = ["small_segments"]  # a fixture


class TestRemoveDamaged:
    def test_only_what_would_be_refused_goes(self, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        small_segments = request.getfixturevalue("small_segments")
        texts = [f"第{number}段" for number in range(3 * small_segments)]
        encoder = HashEncoder()
        Encodings(tmp_path, encoder).read(texts)
        damaged = files(tmp_path)[1]
        damaged.write_bytes(damaged.read_bytes()[:-7])
        assert remove_damaged(tmp_path, encoder.fingerprint) == [damaged.name]
        assert remove_damaged(tmp_path, encoder.fingerprint) == []
        assert count(tmp_path) == 2 * small_segments
        assert Encodings(tmp_path, encoder).missing(texts) == small_segments

    def test_nothing_there(self, tmp_path: Path) -> None:
        assert remove_damaged(tmp_path / "nowhere", "any") == []

    def test_another_encoders_are_left_alone(self, tmp_path: Path) -> None:
        fill(tmp_path, ["发酵"]).write_bytes(b"")
        assert remove_damaged(tmp_path, "another") == []
        assert len(files(tmp_path)) == 1
