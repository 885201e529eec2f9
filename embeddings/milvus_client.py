"""The connection to Milvus: opened at first use, opened again after a failure, its errors in this package's words."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from embeddings.errors import EmbeddingsError, IndexUnavailable
from embeddings.milvus_address import Address

_Result = TypeVar("_Result")

INSTALL: Final = "运行 pip install 'pilotmatch[milvus]' 安装"
_CHECK: Final = "请检查 Milvus 是否在运行、地址与口令是否正确;恢复后会自动重新连接"
_LITE: Final = "Milvus Lite 的文件同一时刻只能由一个进程打开:请确认没有被另一个进程占用;多个进程请用 Milvus 服务器"
#: A search takes milliseconds; beyond this the server is as good as away, and a request waits for it.
SEARCH_SECONDS: Final = 5.0
#: Writing a batch waits for the server's disk; whoever publishes something waits for it.
WRITE_SECONDS: Final = 20.0
#: Creating a collection, and loading or flushing a large one.
LOAD_SECONDS: Final = 600.0
#: After a failure nobody waits for the server again within this time: requests would pile up behind it.
RETRY_SECONDS: Final = 1.0
#: The code of pymilvus for a server that does not answer; with others it has answered.
_NOT_CONNECTED: Final = 2
#: BM25 over texts came with Milvus 2.5; older servers take the definition and ignore it.
_FULL_TEXT_SINCE: Final = (2, 5)


#: Clients of this process by file of Milvus Lite: one server of the library's serves them all.
_holders: Counter[str] = Counter()
_counting = threading.Lock()


class Client:
    """A `MilvusClient` that is made when it is needed. Safe from several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._opening = threading.Lock()
        self._client: Any = None
        self._away_until = 0.0
        #: Failures so far. Whoever sees it grow looks again at what the server holds: it may have been restarted.
        self.failures = 0

    def call(self, act: Callable[[Any], _Result]) -> _Result:
        """What `act` makes of the client.

        Raises:
            IndexUnavailable: the server can't be reached, refuses, or `pymilvus` is not installed.
        """
        pymilvus = _pymilvus()
        if time.monotonic() < self._away_until:
            raise IndexUnavailable("连不上向量库 Milvus", hint=_CHECK)
        import grpc

        try:
            return act(self._opened(pymilvus))
        except EmbeddingsError:
            raise
        except (pymilvus.MilvusException, grpc.RpcError, OSError, ValueError) as error:
            self.failures += 1
            if getattr(error, "code", None) == _NOT_CONNECTED or not isinstance(error, pymilvus.MilvusException):
                self._away_until = time.monotonic() + RETRY_SECONDS
            hint = _LITE if self.address.is_lite else _CHECK
            raise IndexUnavailable(f"向量库 Milvus 不可用:{_said(error)}", hint=hint) from error

    def ask(self, method: str, *arguments: Any, seconds: float = WRITE_SECONDS, **options: Any) -> Any:
        """What a method of the client gives within so many seconds; errors as for `call`."""
        return self.call(lambda client: getattr(client, method)(*arguments, timeout=seconds, **options))

    def can_search_words(self) -> bool:
        """Whether the server ranks texts by BM25 with the jieba analyser."""
        version = str(self.ask("get_server_version", seconds=SEARCH_SECONDS))
        if "milvus_lite" in version:
            return True
        found = re.search(r"(\d+)\.(\d+)", version)
        return found is not None and (int(found[1]), int(found[2])) >= _FULL_TEXT_SINCE

    def close(self) -> None:
        """Close the connection, and the file of Milvus Lite with it; a later call opens them again."""
        with self._opening:
            client, self._client = self._client, None
        if client is None:
            return
        client.close()
        if self.address.is_lite and _let_go(self.address.uri):
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self.address.uri)

    def _opened(self, pymilvus: Any) -> Any:
        with self._opening:
            if self._client is None:
                if self.address.is_lite:
                    _prepare_file(Path(self.address.uri))
                self._client = pymilvus.MilvusClient(
                    uri=self.address.uri,
                    token=self.address.token,
                    db_name=self.address.database,
                    timeout=SEARCH_SECONDS,
                )
                if self.address.is_lite:
                    _hold(self.address.uri)
            return self._client


def _hold(path: str) -> None:
    with _counting:
        _holders[path] += 1


def _let_go(path: str) -> bool:
    """Whether nobody in this process uses the file any more."""
    with _counting:
        _holders[path] -= 1
        return _holders[path] == 0


def _pymilvus() -> Any:
    # Its channels ping an idle server so often that the server asks for fewer; they obey, and would tell on stderr.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pymilvus
    except ImportError as error:
        raise IndexUnavailable("没有安装 Milvus 的客户端", hint=INSTALL) from error
    # It logs every failure with a traceback before it raises it; we say it once, in our words.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus


def _prepare_file(path: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba
            import milvus_lite  # noqa: F401
        jieba.setLogLevel(logging.WARNING)  # it tells how it reads its dictionary
        # Its server logs a traceback for each question of the client that it knows no answer to; the client goes on.
        logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
    except ImportError as error:
        raise IndexUnavailable("没有安装 Milvus Lite", hint=INSTALL) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexUnavailable(f"无法建立文件夹 {path.parent}", hint="请检查路径与权限") from error


def _said(error: Exception) -> str:
    """One line of what the client library says; no address of ours stands in it but host and port."""
    details = getattr(error, "message", None) or getattr(error, "details", None) or error
    text = " ".join(str(details() if callable(details) else details).split())
    return text[:200] or type(error).__name__
