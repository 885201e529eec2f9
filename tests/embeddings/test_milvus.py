"""The contract of `VectorIndex` on Milvus: the same answers as FAISS gives, whatever was added, replaced, removed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from embeddings import IndexMismatch, IndexUnavailable, InvalidVectors, VectorIndex
from embeddings.milvus import MilvusIndex
from embeddings.milvus_rows import LIMIT, forget
from tests.embeddings.milvus_lite_server import LiteServer
from tests.embeddings.test_index import PRINT, D, Vectors, brute, unit

pytestmark = pytest.mark.slow

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")

Make = Callable[..., MilvusIndex]
_NAMES = count()


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"milvus-lite://{tmp_path_factory.mktemp('milvus')}/test.db"


@pytest.fixture(scope="module")
def keeper(lite: str) -> Iterator[None]:
    """Keeps the file open while the tests of this module come and go: closing it stops what serves it."""
    index = MilvusIndex(lite, D, "keeper")
    yield
    index.close()


@pytest.fixture
def make(lite: str, keeper: None) -> Make:
    """Makes an index over a collection of its own."""
    assert keeper is None

    def one(options: str = "", dimension: int = D) -> MilvusIndex:
        return MilvusIndex(f"{lite}?collection=test_{next(_NAMES)}{options}", dimension, PRINT)

    return one


def both(make: Make, rows: int = 20, seed: int = 0) -> tuple[MilvusIndex, VectorIndex]:
    """The same rows in Milvus and in FAISS."""
    ids, vectors = [f"L{row:03}" for row in range(rows)], unit(seed, rows)
    milvus, faiss = make(), VectorIndex(D, PRINT)
    milvus.add(ids, vectors)
    faiss.add(ids, vectors)
    return milvus, faiss


def assert_alike(milvus: MilvusIndex, faiss: VectorIndex, queries: Vectors, k: int, subset: object = None) -> None:
    ids, scores = milvus.search(queries, k, subset)  # type: ignore[arg-type]  # ids or a mask
    wanted, their_scores = faiss.search(queries, k, subset)  # type: ignore[arg-type]  # ids or a mask
    assert ids == wanted
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, their_scores, atol=1e-6)


class TestSearch:
    @pytest.mark.parametrize("k", [-3, 0, 1, 10, 300, 1000])
    def test_random_vectors_as_faiss(self, make: Make, k: int) -> None:
        milvus, faiss = both(make, rows=300)
        assert_alike(milvus, faiss, unit(1, 5), k)

    def test_subsets_by_ids_and_by_mask_as_faiss(self, make: Make) -> None:
        milvus, faiss = both(make, rows=200)
        drawn = np.random.default_rng(5)
        for size in (0, 1, 7, 199):
            chosen = drawn.permutation(200)[:size]
            mask = np.zeros(200, np.bool_)
            mask[chosen] = True
            for subset in ([f"L{row:03}" for row in chosen], mask):
                assert_alike(milvus, faiss, unit(2, 3), 10, subset)

    def test_equal_scores_come_in_the_order_of_their_ids(self, make: Make) -> None:
        milvus = make()
        twins = np.repeat(unit(3, 1), 40, axis=0)
        milvus.add([f"T{number:02}" for number in reversed(range(40))], twins)
        milvus.add(["other"], unit(4, 1))
        (ids,), _ = milvus.search(twins[:1], 5)
        assert ids == ["T00", "T01", "T02", "T03", "T04"]

    def test_scores_come_in_the_order_of_ids(self, make: Make) -> None:
        milvus, faiss = both(make)
        np.testing.assert_allclose(milvus.scores(unit(9, 1)[0]), faiss.scores(unit(9, 1)[0]), atol=1e-6)
        assert milvus.ids == faiss.ids

    def test_an_empty_collection_and_no_queries(self, make: Make) -> None:
        empty = make()
        assert empty.search(unit(1, 1), 5)[0] == [[]]
        assert empty.scores(unit(1, 1)[0]).shape == (0,)
        assert (len(empty), empty.ids) == (0, ())
        milvus, _ = both(make)
        ids, scores = milvus.search(np.empty((0, D), np.float32), 5)
        assert ids == []
        assert scores.shape[0] == 0

    def test_more_than_milvus_gives_at_once_is_refused(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        milvus, _ = both(make)
        monkeypatch.setattr("embeddings.milvus.LIMIT", 10)
        with pytest.raises(InvalidVectors, match="10"):
            milvus.search(unit(1, 1), 11)
        assert LIMIT == 16_384


class TestChanges:
    @pytest.mark.parametrize("key", ['a"b', "c\\d", "中试", "x'y", "n\nl", " ", "a" * 256])
    def test_odd_ids_are_found_again(self, make: Make, key: str) -> None:
        milvus = make()
        milvus.add([key, "other"], unit(0, 2))
        assert key in milvus
        assert milvus.search(unit(0, 1), 1, [key])[0] == [[key]]
        milvus.remove([key])
        assert milvus.ids == ("other",)

    @pytest.mark.parametrize("key", ["", "中" * 86, "a\x00b", "\ud800"])
    def test_ids_that_milvus_cant_take_are_refused(self, make: Make, key: str) -> None:
        milvus = make()
        with pytest.raises(InvalidVectors, match="不能存入"):
            milvus.add(["fine", key], unit(0, 2))
        assert len(milvus) == 0

    @pytest.mark.parametrize(
        ("ids", "vectors"),
        [
            (["n1", "n1"], unit(1, 2)),
            (["n1", "L003"], unit(1, 2)),
            (["n1"], unit(1, 2)),
            (["n1"], unit(1, 1, D + 1)),
            (["n1"], unit(1, 1) * np.float32(np.nan)),
            (["n1"], unit(1, 1) * 2),
        ],
        ids=["twice", "known", "unpaired", "dimension", "nan", "long"],
    )
    def test_what_cant_be_added_is_refused_and_nothing_added(
        self, make: Make, ids: list[str], vectors: Vectors
    ) -> None:
        milvus, faiss = both(make)
        with pytest.raises(InvalidVectors):
            milvus.add(ids, vectors)
        assert milvus.ids == faiss.ids

    def test_unknown_ids_and_wrong_masks_are_refused_by_name(self, make: Make) -> None:
        milvus, _ = both(make)
        with pytest.raises(InvalidVectors, match="nobody"):
            milvus.replace(["L001", "nobody"], unit(1, 2))
        with pytest.raises(InvalidVectors, match="nobody"):
            milvus.remove(["L001", "nobody"])
        with pytest.raises(InvalidVectors, match="nobody"):
            milvus.search(unit(1, 1), 3, ["nobody"])
        with pytest.raises(InvalidVectors, match="L001"):
            milvus.remove(["L001", "L001"])
        with pytest.raises(InvalidVectors, match="掩码"):
            milvus.search(unit(1, 1), 3, np.ones(19, np.bool_))
        assert len(milvus) == 20

    def test_random_operations_as_faiss(self, make: Make) -> None:
        operations = _operations(make)
        run_state_machine_as_test(operations, settings=settings(max_examples=8, stateful_step_count=12, deadline=None))

    def test_writers_do_not_lose_each_others_rows(self, make: Make) -> None:
        milvus = make()

        def write(name: str) -> None:
            for turn in range(5):
                milvus.add([f"{name}{turn}"], unit(turn, 1))

        writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert len(milvus) == 15


def _operations(make: Make) -> type[RuleBasedStateMachine]:
    keys = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=4)

    class Operations(RuleBasedStateMachine):
        @initialize()
        def start(self) -> None:
            self.milvus, self.faiss = make(), VectorIndex(D, PRINT)
            self.truth: dict[str, Vectors] = {}
            self.turn = 0

        @rule(keys=keys)
        def put(self, keys: list[str]) -> None:
            self.turn += 1
            vectors = unit(self.turn, len(keys))
            new = [key for key in keys if key not in self.truth]
            old = [key for key in keys if key in self.truth]
            given = dict(zip(keys, vectors, strict=True))
            for names, act in ((new, self.milvus.add), (old, self.milvus.replace)):
                act(names, np.array([given[key] for key in names], np.float32).reshape(-1, D))
            self.truth |= given

        @rule(keys=keys)
        def remove(self, keys: list[str]) -> None:
            known = [key for key in keys if key in self.truth]
            self.milvus.remove(known)
            self.truth = {key: vector for key, vector in self.truth.items() if key not in known}

        @rule()
        def flush(self) -> None:
            self.milvus.flush()

        @rule(seed=st.integers(0, 99), k=st.integers(0, 12))
        def search(self, seed: int, k: int) -> None:
            query = unit(1000 + seed, 1)
            (ids,), _ = self.milvus.search(query, k)
            assert ids == [key for key, _ in brute(self.truth, query[0], k)]

        @invariant()
        def holds_what_was_put_in(self) -> None:
            assert self.milvus.ids == tuple(sorted(self.truth))
            assert len(self.milvus) == len(self.truth)

    return Operations


class TestCollections:
    def test_reopens_what_was_written_and_goes_on(self, tmp_path: Path) -> None:
        url = f"milvus-lite://{tmp_path}/x.db"
        first = MilvusIndex(url, D, PRINT)
        first.add(["a", "b", "c"], unit(0, 3))
        first.close()
        again = MilvusIndex.open(url, D, PRINT)
        assert again.search(unit(0, 1), 1)[0] == [["a"]]
        again.remove(["a"])
        again.add(["d"], unit(7, 1))
        again.close()
        last = MilvusIndex.open(url, D, PRINT)
        assert last.ids == ("b", "c", "d")
        last.close()

    def test_two_that_share_a_collection_see_each_others_rows(self, make: Make) -> None:
        one = make()
        other = MilvusIndex(one.address, D, PRINT)
        one.add(["a"], unit(0, 1))
        assert "a" in other
        other.remove(["a"])
        assert len(one) == 0

    @pytest.mark.parametrize(
        ("dimension", "fingerprint", "index"), [(D, "model-2", "flat"), (D + 1, PRINT, "flat"), (D, PRINT, "hnsw")]
    )
    def test_a_collection_for_something_else_is_refused_with_the_command(
        self, make: Make, lite: str, dimension: int, fingerprint: str, index: str
    ) -> None:
        name = make().address.name
        with pytest.raises(IndexMismatch, match=name) as caught:
            MilvusIndex(f"{lite}?collection={name}&index={index}", dimension, fingerprint)
        assert "pilotmatch index --rebuild" in str(caught.value)

    def test_a_refused_collection_can_be_forgotten(self, make: Make) -> None:
        one = make()
        forget(one.address, [one.address.name, "never_there"])
        again = MilvusIndex(one.address, D + 1, "model-2")
        assert len(again) == 0

    def test_dropping_leaves_an_empty_one(self, make: Make) -> None:
        milvus, _ = both(make)
        milvus.drop()
        assert len(milvus) == 0
        milvus.add(["a"], unit(0, 1))
        assert milvus.ids == ("a",)


#: A channel that pings too often, as an idle client's do in the long run.
PINGING = """
import sys, time
if len(sys.argv) > 1:
    from embeddings.milvus_client import Client
    from embeddings.milvus_address import Address
    Client(Address.parse(sys.argv[1])).close()
    try:
        Client(Address.parse(sys.argv[1])).call(lambda client: None)
    except Exception:
        pass
import grpc
from concurrent.futures import ThreadPoolExecutor
server = grpc.server(ThreadPoolExecutor(1))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
often = {"keepalive_time_ms": 1000, "keepalive_permit_without_calls": 1, "http2.max_pings_without_data": 0}
options = [("grpc." + name, value) for name, value in often.items()]
channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
grpc.channel_ready_future(channel).result(10)
time.sleep(12)
"""


class TestServers:
    @pytest.mark.parametrize(("arguments", "is_silent"), [([], False), (["milvus://127.0.0.1:9/none"], True)])
    def test_channels_say_nothing_on_stderr(self, arguments: list[str], is_silent: bool) -> None:
        """The first case shows that there is something to silence."""
        unset = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
        command = [sys.executable, "-c", PINGING, *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=True, env=unset)
        assert ("too_many_pings" in ended.stderr) != is_silent
        assert not (is_silent and ended.stderr)

    def test_nobody_there_says_what_to_check(self) -> None:
        with pytest.raises(IndexUnavailable, match="不可用") as caught:
            MilvusIndex("milvus://127.0.0.1:9/none", D, PRINT)
        assert "Milvus 是否在运行" in str(caught.value.hint)

    def test_a_server_that_was_away_is_used_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("embeddings.milvus_client.RETRY_SECONDS", 0.05)
        server = LiteServer(tmp_path)
        server.start()
        try:
            index = MilvusIndex(server.url(), D, PRINT)
            index.add(["a", "b"], unit(0, 2))
            server.kill()
            with pytest.raises(IndexUnavailable):
                index.search(unit(0, 1), 1)
            server.start()
            assert _soon(lambda: index.search(unit(0, 1), 1)[0]) == [["a"]]
            index.add(["c"], unit(5, 1))
            assert index.ids == ("a", "b", "c")
            index.close()
        finally:
            server.kill()

    def test_a_server_that_hangs_is_waited_for_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        server = LiteServer(tmp_path)
        server.start()  # it is asked until it answers
        monkeypatch.setattr("embeddings.milvus_rows.SEARCH_SECONDS", 0.5)
        monkeypatch.setattr("embeddings.milvus_client.RETRY_SECONDS", 30.0)
        try:
            index = MilvusIndex(server.url(), D, PRINT)
            index.add(["a", "b"], unit(0, 2))
            index.search(unit(0, 1), 1)
            monkeypatch.setattr(MilvusIndex, "__len__", lambda _: 2)  # so that nothing but the search is asked
            server.hang()
            for most in (5.0, 0.1):  # seconds: those who come while it is away need not wait
                began = time.monotonic()
                with pytest.raises(IndexUnavailable):
                    index.search(unit(0, 1), 1)
                assert time.monotonic() - began < most
            index.close()
        finally:
            server.kill()

    def test_a_file_that_another_process_has_open_is_refused(self, tmp_path: Path) -> None:
        url = f"milvus-lite://{tmp_path}/x.db"
        index = MilvusIndex(url, D, PRINT)
        code = f"from embeddings.milvus import MilvusIndex; MilvusIndex({url!r}, {D}, {PRINT!r})"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert other.returncode == 1
        assert "IndexUnavailable" in other.stderr
        assert "另一个进程" in other.stderr
        index.close()

    @pytest.mark.parametrize("package", ["pymilvus", "milvus_lite"])
    def test_a_missing_extra_names_the_command(
        self, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(IndexUnavailable, match="没有安装") as caught:
            MilvusIndex(f"milvus-lite://{tmp_path}/x.db", D, PRINT)
        assert "pip install 'pilotmatch[milvus]'" in str(caught.value.hint)


def _soon(act: Callable[[], object], seconds: float = 10.0) -> object:
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except IndexUnavailable:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
