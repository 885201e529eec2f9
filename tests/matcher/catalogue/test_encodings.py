"""Stored vectors: computed once, never mixed, and whole whatever happens while they are written."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings import Encoded
from embeddings.encoded import Progress as Count
from embeddings.products import quantise, restore
from matcher.catalogue import encodings, file_vectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.file_vectors import FileVectors, forget
from matcher.catalogue.vector_store import MEND, Stored, VectorStore, text_key
from matcher.errors import BrokenArtefact, Unavailable
from tests.matcher.hash_encoder import DIMENSION, HashEncoder

TEXTS = ["发酵罐 500L", "8英寸晶圆", "", "a b", "发酵罐 500L"]
SPAWN = multiprocessing.get_context("spawn")
SECONDS = 120


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(encodings, "SEGMENT_TEXTS", 4)
    return 4


def same(ours: Stored, theirs: Stored) -> bool:
    pairs = ((ours.vector, theirs.vector), (ours.tokens, theirs.tokens), (ours.offsets, theirs.offsets))
    return all(str(a.dtype) == str(b.dtype) and np.array_equal(a, b) for a, b in pairs)


def files(folder: Path, pattern: str = "*.npz") -> list[Path]:
    return sorted(folder.rglob(pattern))


def count(folder: Path, encoder: HashEncoder | None = None) -> int:
    """Texts that are known on disk."""
    return len(FileVectors(folder, (encoder or HashEncoder()).fingerprint))


def opened(folder: Path, encoder: HashEncoder) -> Encodings | BrokenArtefact:
    try:
        return Encodings(folder, encoder)
    except BrokenArtefact as error:
        return error


def fill(folder: Path, texts: list[str]) -> Path:
    """The one segment of these texts."""
    encoder = HashEncoder()
    Encodings(folder, encoder).read(texts)
    (path,) = files(folder)
    return path


def test_gives_what_the_encoder_gives_in_order(tmp_path: Path) -> None:
    encoder = HashEncoder()
    stored = Encodings(tmp_path, encoder).read(TEXTS)
    for text, one in zip(TEXTS, stored, strict=True):
        wanted = HashEncoder().read_listing(text)
        np.testing.assert_array_equal(one.vector, wanted.vector)
        np.testing.assert_array_equal(one.tokens, quantise(wanted.tokens))
        np.testing.assert_array_equal(one.offsets, wanted.offsets)
        assert [str(array.dtype) for array in one] == ["float32", "uint8", "int16"]
        assert one.tokens.shape == (len(wanted.tokens), DIMENSION)
    assert len(encoder.texts) == len(set(TEXTS))


def test_a_restart_encodes_nothing(tmp_path: Path, small_segments: int) -> None:
    texts = [f"文本{number}" for number in range(4 * small_segments - 1)]
    first = Encodings(tmp_path, HashEncoder()).read(texts)
    assert len(files(tmp_path)) == 4
    encoder = HashEncoder()
    told: list[tuple[int, int]] = []
    again = Encodings(tmp_path, encoder)
    assert count(tmp_path) == len(texts)
    assert all(map(same, again.read(texts, lambda *done: told.append(done)), first))
    assert encoder.texts == []
    assert told == []


def test_a_changed_text_is_a_new_one_and_the_others_stay(tmp_path: Path) -> None:
    Encodings(tmp_path, HashEncoder()).read(["甲", "乙"])
    encoder = HashEncoder()
    known = Encodings(tmp_path, encoder)
    known.read(["甲", "乙改"])
    assert encoder.texts == ["乙改"]
    assert count(tmp_path) == 3
    known.read(["乙", "乙改", "甲"])
    assert encoder.texts == ["乙改"]


@given(st.lists(st.text(max_size=3), max_size=12), st.lists(st.text(max_size=3), max_size=12))
@settings(max_examples=40, deadline=None)
def test_each_text_is_encoded_once(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    encoder = HashEncoder()
    known = Encodings(tmp_path_factory.mktemp("encodings"), encoder)
    known.read(before)
    stored = known.read(after)
    assert sorted(encoder.texts) == sorted({*before, *after})
    assert [len(one.tokens) for one in stored] == [len("".join(text.split())) for text in after]


def test_progress_counts_what_is_new(tmp_path: Path, small_segments: int) -> None:
    known = Encodings(tmp_path, HashEncoder())
    known.read(["甲"])
    told: list[tuple[int, int]] = []
    known.read(["甲", *(f"{number}" for number in range(6)), "0"], lambda *done: told.append(done))
    assert told == [(number, 6) for number in range(1, 7)]


def test_keys_tell_texts_apart() -> None:
    texts = ["", " ", "发酵", "发酵 ", "发酵罐", "\ud800", "\udfff", "é", "e\u0301"]
    assert len({text_key(text) for text in texts}) == len(texts)
    assert all(len(text_key(text)) == 16 for text in texts)


def test_another_encoder_never_mixes(tmp_path: Path) -> None:
    ours, theirs = HashEncoder("a/b"), HashEncoder("a-b")  # names that read alike
    first = Encodings(tmp_path, ours).read(["发酵"])
    other = Encodings(tmp_path, theirs)
    assert count(tmp_path, theirs) == 0
    assert not same(other.read(["发酵"])[0], first[0])
    assert theirs.texts == ["发酵"]
    assert len({path.parent for path in files(tmp_path)}) == 2
    assert same(Encodings(tmp_path, ours).read(["发酵"])[0], first[0])
    assert ours.texts == ["发酵"]


def test_a_segment_of_another_encoder_is_refused(tmp_path: Path) -> None:
    foreign = fill(tmp_path / "theirs", ["发酵"])
    ours = HashEncoder("ours")
    Encodings(tmp_path / "ours", ours).read(["纯化"])
    (folder,) = {path.parent for path in files(tmp_path / "ours")}
    (folder / foreign.name).write_bytes(foreign.read_bytes())
    with pytest.raises(BrokenArtefact, match="另一编码器") as caught:
        Encodings(tmp_path / "ours", ours)
    assert caught.value.hint == MEND


def test_another_layout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, ["发酵"])
    monkeypatch.setattr(file_vectors, "VERSION", file_vectors.VERSION + 1)
    with pytest.raises(BrokenArtefact, match="另一版本") as caught:
        Encodings(tmp_path, HashEncoder())
    assert caught.value.hint == MEND


@pytest.mark.parametrize("name", ["keys", "vectors", "lengths", "tokens", "offsets"])
def test_a_segment_with_too_little_of_something_is_refused(tmp_path: Path, name: str) -> None:
    path = fill(tmp_path, ["发酵", "纯化"])
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **{key: value[:-1] if key == name else value for key, value in arrays.items()})
    with pytest.raises(BrokenArtefact) as caught:
        Encodings(tmp_path, HashEncoder())
    assert caught.value.hint == MEND
    np.savez(path, **{key: value for key, value in arrays.items() if key != name})
    with pytest.raises(BrokenArtefact, match="损坏"):
        Encodings(tmp_path, HashEncoder())


def _save_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("不是向量"),
        lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)),
        lambda path: path.write_bytes(np.lib.format.magic(1, 0)),
        lambda path: np.savez(path, about=np.frombuffer(json.dumps([1]).encode(), np.uint8)),
        lambda path: np.savez(path, about=np.array([{}], object)),
        _save_array,
    ],
    ids=["empty", "text", "empty archive", "a beginning", "another archive", "pickle", "one array"],
)
def test_files_of_something_else_are_refused(tmp_path: Path, write: Callable[[Path], object]) -> None:
    path = fill(tmp_path, ["发酵"])
    write(path)
    with pytest.raises(BrokenArtefact, match=path.name) as caught:
        Encodings(tmp_path, HashEncoder())
    assert caught.value.hint == MEND


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_refused_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "damaged"
    forget(folder)
    path = fill(folder, ["发酵", "a", ""])
    whole = Encodings(folder, HashEncoder()).read(["发酵", "a", ""])
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    path.write_bytes(content)
    encoder = HashEncoder()
    known = opened(folder, encoder)
    if isinstance(known, Encodings):  # a bit that says nothing, such as a file's date
        assert all(map(same, known.read(["发酵", "a", ""]), whole))
        assert encoder.texts == []
    else:
        assert known.hint == MEND


def test_after_forgetting_all_is_encoded_anew(tmp_path: Path) -> None:
    fill(tmp_path, ["发酵"]).write_bytes(b"")
    forget(tmp_path)
    forget(tmp_path)
    encoder = HashEncoder()
    Encodings(tmp_path, encoder).read(["发酵"])
    assert encoder.texts == ["发酵"]


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", ["replace", "fsync"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    known = Encodings(tmp_path, HashEncoder())
    known.read(["甲"])
    before = {path: path.read_bytes() for path in files(tmp_path)}
    with monkeypatch.context() as patch:
        patch.setattr(os, name, no_space)
        with pytest.raises(Unavailable, match="无法写入") as caught:
            known.read(["甲", "乙"])
    assert caught.value.hint
    assert {path: path.read_bytes() for path in files(tmp_path)} == before
    assert files(tmp_path, "*.aside") == []
    assert count(tmp_path) == 1
    assert len(known.read(["甲", "乙"])) == count(tmp_path) == 2


def test_a_disk_that_fills_while_writing(tmp_path: Path) -> None:
    known = Encodings(tmp_path, HashEncoder())
    known.read(["甲"])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(Unavailable):
            known.read(["长" * 100])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(tmp_path, "*.aside") == []
    assert count(tmp_path) == 1


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="无法写入"):
        Encodings(tmp_path / "file", HashEncoder()).read(["甲"])


def test_an_interrupted_person_leaves_nothing_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Encodings(tmp_path, HashEncoder()).read(["甲"])
    assert files(tmp_path, "*.aside") == files(tmp_path) == []


def test_what_a_killed_process_left_is_swept_and_what_another_writes_is_not(tmp_path: Path) -> None:
    folder = fill(tmp_path, ["甲"]).parent
    old, young = folder / "old.aside", folder / "young.aside"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * file_vectors._ABANDONED_SECONDS
    os.utime(old, (long_ago, long_ago))
    Encodings(tmp_path, HashEncoder()).read(["乙"])
    assert files(tmp_path, "*.aside") == [young]


def test_another_account_may_read_a_segment(tmp_path: Path) -> None:
    assert fill(tmp_path, ["甲"]).stat().st_mode & 0o777 == 0o644


def test_an_encoder_that_fails_loses_no_whole_segment(tmp_path: Path, small_segments: int) -> None:
    class Failing(HashEncoder):
        def read_listings(self, texts: Sequence[str], progress: Count | None = None) -> Iterator[Encoded]:
            for one in super().read_listings(texts, progress):
                if len(self.texts) > 6:
                    raise RuntimeError("out of memory")
                yield one

    with pytest.raises(RuntimeError, match="out of memory"):
        Encodings(tmp_path, Failing()).read([f"{number}" for number in range(10)])
    assert count(tmp_path) == small_segments


@pytest.mark.parametrize("part", ["vector", "tokens"])
def test_vectors_that_are_no_numbers_are_not_kept(tmp_path: Path, part: str) -> None:
    class Broken(HashEncoder):
        def read_listing(self, text: str) -> Encoded:
            vector, tokens, offsets = super().read_listing(text)
            return Encoded(
                vector * (np.nan if part == "vector" else 1), tokens * (np.nan if part == "tokens" else 1), offsets
            )

    with pytest.raises(BrokenArtefact, match="无效"):
        Encodings(tmp_path, Broken()).read(["甲"])
    assert files(tmp_path) == []


def test_tokens_come_back_within_the_codes(tmp_path: Path) -> None:
    (one,) = Encodings(tmp_path, HashEncoder()).read(["发酵罐中试"])
    np.testing.assert_allclose(restore(one.tokens), HashEncoder().read_listing("发酵罐中试").tokens, atol=0.00126)


def _write(folder: Path, texts: list[str], together: Barrier) -> None:
    encodings.SEGMENT_TEXTS = 4
    known = Encodings(folder, HashEncoder())
    together.wait(SECONDS)
    known.read(texts)


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    shared, own = [f"同{number}" for number in range(8)], [[f"甲{n}" for n in range(8)], [f"乙{n}" for n in range(8)]]
    together = SPAWN.Barrier(2)
    writers = [SPAWN.Process(target=_write, args=(tmp_path, [*shared, *part], together)) for part in own]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(SECONDS)
    assert [writer.exitcode for writer in writers] == [0, 0]
    encoder = HashEncoder()
    known = Encodings(tmp_path, encoder)
    texts = [*shared, *own[0], *own[1]]
    for text, one in zip(texts, known.read(texts), strict=True):
        np.testing.assert_array_equal(one.vector, HashEncoder().read_listing(text).vector)
    assert encoder.texts == []
    assert files(tmp_path, "*.aside") == []


def _write_and_hang(folder: Path, texts: list[str], writing: Event) -> None:
    """Stops for ever in the middle of the third segment, its bytes written and not yet renamed."""
    encodings.SEGMENT_TEXTS = 4
    synced: list[int] = []

    def hang(_: object) -> None:
        synced.append(1)
        if len(synced) == 3:
            writing.set()
            threading.Event().wait()

    pytest.MonkeyPatch().setattr(os, "fsync", hang)  # never undone: the process ends here
    Encodings(folder, HashEncoder()).read(texts)


def test_a_kill_in_the_middle_leaves_whole_segments(tmp_path: Path) -> None:
    texts, writing = [f"文本{number}" for number in range(16)], SPAWN.Event()
    writer = SPAWN.Process(target=_write_and_hang, args=(tmp_path, texts, writing))
    writer.start()
    assert writing.wait(SECONDS)
    writer.kill()
    writer.join(SECONDS)
    assert len(files(tmp_path, "*.aside")) == 1
    encoder = HashEncoder()
    known = Encodings(tmp_path, encoder)
    assert count(tmp_path) == 8
    known.read(texts)
    assert encoder.texts == texts[8:]
    assert count(tmp_path) == len(texts)


class Memory:
    """A store in memory that counts what is asked of it."""

    def __init__(self) -> None:
        self.stored: dict[bytes, Stored] = {}
        self.asked: list[int] = []

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        return set(keys) & self.stored.keys()

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        self.asked.append(len(keys))
        return {key: self.stored[key] for key in keys if key in self.stored}

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        self.stored.update(segment)

    def forget(self) -> None:
        self.stored.clear()


class TestStores:
    @pytest.fixture(params=["files", "memory"])
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> VectorStore:
        return Memory() if request.param == "memory" else FileVectors(tmp_path, HashEncoder().fingerprint)

    def test_what_is_put_is_there(self, store: VectorStore, small_segments: int) -> None:
        texts = [f"第{number}段" for number in range(3 * small_segments)]
        keys = [text_key(text) for text in texts]
        assert store.known(keys) == set()
        assert store.get_many(keys) == {}
        first = Encodings(store, HashEncoder()).read(texts)
        assert store.known([*keys, b"unknown"]) == set(keys)
        found = store.get_many([keys[1], b"unknown", keys[-1]])
        assert set(found) == {keys[1], keys[-1]}
        assert same(found[keys[1]], first[1])
        assert same(found[keys[-1]], first[-1])

    def test_what_is_forgotten_is_encoded_again(self, store: VectorStore) -> None:
        encoder = HashEncoder()
        known = Encodings(store, encoder)
        known.read(["甲", "乙"])
        store.forget()
        assert known.missing(["甲", "乙", "甲"]) == 2
        known.read(["甲"])
        assert encoder.texts == ["甲", "乙", "甲"]
        assert known.missing(["甲", "乙"]) == 1

    def test_from_several_threads(self, store: VectorStore, small_segments: int) -> None:
        known = Encodings(store, HashEncoder())
        parts = [[f"{number}" for number in range(start, start + 12)] for start in range(0, 60, 4)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(known.read, parts))
        for part, stored in zip(parts, found, strict=True):
            for text, one in zip(part, stored, strict=True):
                np.testing.assert_array_equal(one.vector, HashEncoder().read_listing(text).vector)
        assert known.missing([text for part in parts for text in part]) == 0
        again = HashEncoder()
        Encodings(store, again).read(parts[0])
        assert again.texts == []


def test_texts_are_read_part_by_part(small_segments: int) -> None:
    store, encoder = Memory(), HashEncoder()
    each = Encodings(store, encoder).each([f"{number}" for number in range(20)])
    next(each)
    assert len(encoder.texts) == small_segments
    assert len(list(each)) == 19
    assert store.asked == [small_segments] * 5


def test_vectors_that_another_process_forgot_are_encoded_again(tmp_path: Path) -> None:
    encoder = HashEncoder()
    known = Encodings(tmp_path, encoder)
    first = known.read(["甲", "乙"])
    forget(tmp_path)
    assert all(map(same, known.read(["甲", "乙"]), first))
    assert encoder.texts == ["甲", "乙", "甲", "乙"]
    assert count(tmp_path) == 2


def test_what_is_read_stays_when_the_file_goes(tmp_path: Path) -> None:
    stored = Encodings(tmp_path, HashEncoder()).read(["发酵罐"])
    for path in files(tmp_path):
        path.write_bytes(bytes(path.stat().st_size))
    np.testing.assert_array_equal(stored[0].vector, HashEncoder().read_listing("发酵罐").vector)


def test_a_segment_that_is_cut_short_while_it_is_in_use(tmp_path: Path) -> None:
    known = Encodings(tmp_path, HashEncoder())
    known.read(["发酵罐"])
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BrokenArtefact, match=path.name):
        known.read(["发酵罐"])
