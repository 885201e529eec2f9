"""A Milvus server of its own on this machine, from the wheel `milvus` (a standalone Milvus 2.3), for slow tests."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.embeddings.milvus_lite_server import free_port

IS_INSTALLED = importlib.util.find_spec("milvus") is not None


@contextmanager
def milvus_server(folder: Path) -> Iterator[tuple[int, int]]:
    """Port and process id of a server that keeps its data in a folder; it is ended with the block. 10 s to start."""
    from milvus import MilvusServer, MilvusServerConfig

    # Its parts talk over ports of their own, which it chooses; two on one machine must not wait for each other.
    config: Any = MilvusServerConfig(data_dir=str(folder), proxy_port=free_port())
    server: Any = MilvusServer(config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves sockets to the garbage collector
        server.start()
    try:
        yield server.listen_port, server.server_proc.pid
    finally:
        server.stop()
