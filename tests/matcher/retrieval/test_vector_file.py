"""Vectors in a mapped file: found by text, whole or refused, and never half written."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.products import quantise
from matcher.errors import Unavailable
from matcher.retrieval import vector_file
from matcher.retrieval.late import TokenStore
from matcher.retrieval.pooled import Pooled
from matcher.retrieval.vector_file import Keyed, VectorFile, keys_of, only_writer, write

DIMENSION = 8
Floats = np.ndarray[Any, np.dtype[np.float32]]


def vector(text: str) -> Floats:
    return np.random.default_rng(list(text.encode())).standard_normal(DIMENSION).astype(np.float32)


def tokens(text: str) -> tuple[Any, Any]:
    """As many tokens as the text has characters; "" has none."""
    found = np.array([vector(text + one) for one in text], np.float32).reshape(-1, DIMENSION)
    offsets = np.array([(place, place + 1) for place in range(len(text))], np.int16).reshape(-1, 2)
    return quantise(found / 8), offsets


def written(path: Path, texts: Sequence[str], fingerprint: str = "encoder", number: int = 7) -> VectorFile:
    full, short = list(texts), [text[:1] for text in texts]
    pooled = [Pooled(np.array([vector(text) for text in of], np.float32)) for of in (full, short)]
    late = TokenStore([tokens(text) for text in full], DIMENSION)
    write(path, fingerprint, number, (keys_of(full), pooled[0]), (keys_of(short), pooled[1]), late)
    found = VectorFile.open(path, fingerprint, thorough=True)
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "catalogue.vectors"


@given(st.lists(st.text("发酵罐涂布", min_size=0, max_size=5), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_what_was_written_is_found_by_its_text(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    file = written(tmp_path_factory.mktemp("file") / "x.vectors", texts)
    assert file.number == 7
    rows = file.full.find(keys_of(texts))
    assert (rows >= 0).all()
    for text, row in zip(texts, rows.tolist(), strict=True):
        np.testing.assert_array_equal(file.full.vectors[row], vector(text))
        span = slice(file.bounds[row], file.bounds[row + 1])
        np.testing.assert_array_equal(file.page.codes[span], tokens(text)[0])
        np.testing.assert_array_equal(file.page.offsets[span], tokens(text)[1])
    short = file.short.find(keys_of([text[:1] for text in texts]))
    for text, row in zip(texts, short.tolist(), strict=True):
        np.testing.assert_array_equal(file.short.vectors[row], vector(text[:1]))
    assert (file.full.find(keys_of(["不在其中", "也不在"])) == -1).all()


def test_a_text_that_several_listings_share_is_in_it_once(path: Path) -> None:
    file = written(path, ["发酵", "涂布", "发酵"])
    assert len(file.full) == 2
    assert len(file.short) == 2
    assert len(file.page.codes) == 4


def test_texts_whose_keys_begin_alike_are_not_mixed_up() -> None:
    keys = np.array([[1, 1], [1, 2], [5, 0]], np.uint64)
    keyed = Keyed(keys, np.zeros((3, DIMENSION), np.float32))
    assert keyed.find(np.array([[1, 1], [5, 0], [1, 3], [9, 9]], np.uint64)).tolist() == [0, 2, -1, -1]


def test_none_of_it_can_be_written_to(path: Path) -> None:
    file = written(path, ["发酵"])
    for array in (file.full.vectors, file.short.vectors, file.page.codes, file.page.offsets):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_of_another_encoder_it_is_none(path: Path) -> None:
    written(path, ["发酵"])
    assert VectorFile.open(path, "another") is None


def test_where_there_is_none(path: Path) -> None:
    assert VectorFile.open(path, "encoder") is None


@pytest.mark.parametrize("left", [0, 10, 4096, 5000, -1])
def test_a_file_that_was_cut_is_refused(path: Path, left: int) -> None:
    written(path, ["发酵", "涂布"])
    with path.open("r+b") as file:
        file.truncate(left if left >= 0 else path.stat().st_size - 1)
    assert VectorFile.open(path, "encoder") is None


def test_a_flipped_bit_is_found_by_whoever_reads_thoroughly(path: Path) -> None:
    written(path, ["发酵", "涂布"])
    for place in range(vector_file._PAGE, path.stat().st_size, 977):
        content = bytearray(path.read_bytes())
        content[place] ^= 4
        (path.parent / "flipped").write_bytes(content)
        assert VectorFile.open(path.parent / "flipped", "encoder", thorough=True) is None


@pytest.mark.parametrize("place", [3, 25, 60, 200])
def test_a_garbled_header_is_refused_or_says_the_same(path: Path, place: int) -> None:
    written(path, ["发酵"])
    content = bytearray(path.read_bytes())
    content[place] = 0xFF
    path.write_bytes(content)
    assert VectorFile.open(path, "encoder", thorough=True) is None


def test_of_another_layout_it_is_none(path: Path) -> None:
    written(path, ["发酵"])
    content = path.read_bytes()
    header = json.loads(content[len(vector_file._MAGIC) : content.index(b"}\n") + 1])
    assert header["version"] == vector_file.VERSION
    path.write_bytes(content.replace(b'"version": 1', b'"version": 9', 1))
    assert VectorFile.open(path, "encoder") is None


def test_whoever_has_the_old_file_mapped_keeps_it(path: Path) -> None:
    old = written(path, ["发酵", "涂布"])
    row = int(old.full.find(keys_of(["发酵"]))[0])
    before = old.full.vectors[row].copy()
    new = written(path, ["流片"], number=8)
    assert new.mark != old.mark
    assert new.number == 8
    np.testing.assert_array_equal(old.full.vectors[row], before)
    path.unlink()
    np.testing.assert_array_equal(old.full.vectors[row], before)


def test_one_that_fails_half_way_leaves_the_old_file_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = written(path, ["发酵"])

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(Unavailable, match="No space left"):
        written(path, ["涂布"])
    found = VectorFile.open(path, "encoder")
    assert found is not None
    assert found.mark == old.mark
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_one_writes_at_a_time_and_sweeps_what_a_crash_left(path: Path) -> None:
    path.parent.mkdir()
    left = path.parent / f"{path.name}abc.aside"
    left.write_bytes(b"half")
    with only_writer(path) as first:
        assert first
        assert not left.exists()
        with only_writer(path) as second:
            assert not second
    with only_writer(path) as third:
        assert third


def test_many_that_write_at_once_leave_one_whole_file(path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: write_unlocked(path, number), range(12)))
    found = VectorFile.open(path, "encoder", thorough=True)
    assert found is not None
    assert found.number in range(12)
    assert len(list(path.parent.iterdir())) == 1


def write_unlocked(path: Path, number: int) -> None:
    texts = [f"发酵{number}", "涂布"]
    pooled = Pooled(np.array([vector(text) for text in texts], np.float32))
    late = TokenStore([tokens(text) for text in texts], DIMENSION)
    write(path, "encoder", number, (keys_of(texts), pooled), (keys_of(texts), pooled), late)
