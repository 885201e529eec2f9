"""Milvus Lite as a server of its own on this machine, for tests over the network; it can be killed and come back."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from embeddings.errors import IndexUnavailable
from embeddings.milvus_address import Address
from embeddings.milvus_client import Client

START_SECONDS = 60.0


class LiteServer:
    """`milvus-lite server` over a folder, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, name: str = "pilotmatch", options: str = "") -> str:
        return f"milvus://127.0.0.1:{self.port}/{name}{options}"

    def start(self) -> None:
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", self._folder, "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.url(), START_SECONDS)

    def hang(self) -> None:
        """Take connections and answer nothing, until it is killed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def wait_for(url: str, seconds: float) -> None:
    """Until a server answers; IndexUnavailable where it does not in time."""
    client, end = Client(Address.parse(url)), time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(IndexUnavailable):
            client.can_search_words()
            client.close()
            return
        time.sleep(0.1)
    client.can_search_words()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
