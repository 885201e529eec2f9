"""The index file: atomic to write, suspicious to read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import BrokenIndex, IndexUnwritable
from embeddings.exact import ExactRows
from embeddings.index_file import Stored, read_index, write_index

NUMBERS = np.arange(3, dtype=np.int64)


def stored(name: str = "model-1") -> Stored:
    rows = ExactRows.empty(4).changed(NUMBERS[:0], NUMBERS, np.eye(3, 4, dtype=np.float32))
    return Stored(name, ["a", "b", "c"], rows)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "index"
    write_index(path, stored())
    return path.read_bytes()


def test_reads_what_was_written(tmp_path: Path) -> None:
    write_index(tmp_path / "index", stored())
    again = read_index(tmp_path / "index")
    assert (again.fingerprint, again.ids) == ("model-1", ["a", "b", "c"])
    assert again.rows.numbers.tolist() == [0, 1, 2]
    query = np.array([0, 1, 0, 0], np.float32)
    np.testing.assert_array_equal(again.rows.scores(query), [0, 1, 0])


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_truncation_or_flipped_bit_is_refused_with_the_command(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:at] + bytes([whole[at] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[at + 1 :]
    path = tmp_path_factory.mktemp("broken") / "index"
    for broken in (whole[:at], flipped):
        path.write_bytes(broken)
        with pytest.raises(BrokenIndex, match="pilotmatch index --rebuild"):
            read_index(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BrokenIndex, match="pilotmatch index --rebuild"):
            read_index(path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "index"
    write_index(path, stored("old"))

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(IndexUnwritable, match="No space left"):
        write_index(path, stored("new"))
    monkeypatch.undo()
    assert read_index(path).fingerprint == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["index"]


def test_a_folder_that_cant_be_made_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnwritable):
        write_index(tmp_path / "file" / "index", stored())
