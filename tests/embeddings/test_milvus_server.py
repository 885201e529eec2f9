"""A whole Milvus server over the network keeps the contract."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import IndexUnavailable, VectorIndex
from embeddings.milvus import MilvusIndex
from tests.embeddings.milvus_server import IS_INSTALLED, milvus_server
from tests.embeddings.test_index import unit

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IS_INSTALLED, reason="the server's wheel `milvus` is not installed"),
]

D, PRINT = 64, "model-1"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with milvus_server(tmp_path_factory.mktemp("milvus")) as (port, _):
        yield port


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Listing all ids of a server before 2.4 is behind by a second or two."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.parametrize(("kind", "least"), [("flat", 1.0), ("hnsw", 0.95), ("ivf", 0.9)])
def test_the_contract_over_the_network(port: int, kind: str, least: float) -> None:
    ids, vectors, needs = [f"L{number:04}" for number in range(2_000)], unit(0, 2_000, D), unit(1, 20, D)
    milvus = MilvusIndex(f"milvus://127.0.0.1:{port}/contract_{kind}?index={kind}&nprobe=1024", D, PRINT)
    faiss = VectorIndex(D, PRINT)
    for index in (milvus, faiss):
        index.add(ids, vectors)
        index.remove(ids[:100])
        index.replace(ids[100:110], unit(2, 10, D))
    assert len(milvus) == len(faiss) == 1_900
    wait_until(lambda: set(milvus.ids) == set(faiss.ids))
    for subset in (None, ids[100:400], ids[150:170]):
        found, wanted = milvus.search(needs, 10, subset), faiss.search(needs, 10, subset)
        shared = [len(set(one) & set(other)) / 10 for one, other in zip(found[0], wanted[0], strict=True)]
        assert np.mean(shared) >= least
        if least == 1:
            assert found[0] == wanted[0]
            np.testing.assert_allclose(found[1], wanted[1], atol=1e-5)
    again = MilvusIndex.open(milvus.address, D, PRINT)
    assert len(again) == 1_900
    milvus.drop()
    assert again.search(needs[:1], 1)[0] == [[]]
    milvus.close()


def test_odd_ids_over_the_network(port: int) -> None:
    milvus = MilvusIndex(f"milvus://127.0.0.1:{port}/odd", D, PRINT)
    odd = ['a"b', "c\\d", "中试", "x'y", "n\nl"]
    milvus.add(odd, unit(0, 5, D))
    assert milvus.search(unit(0, 5, D), 1, odd)[0] == [[key] for key in odd]
    milvus.remove(odd[1:])
    assert len(milvus) == 1
    wait_until(lambda: milvus.ids == (odd[0],))
    milvus.close()


def test_a_wrong_port_is_said(port: int, tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable):
        MilvusIndex("milvus://127.0.0.1:9/x", D, PRINT)
