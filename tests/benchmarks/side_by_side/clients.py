"""Clients that ask a server at the same time, each as soon as it has its answer."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.side_by_side.figures import Load, summed
from tests.benchmarks.side_by_side.stock import fresh

PATH = "/v1/matches"
HEADERS = {"Content-Type": "application/json"}
#: A client that waits longer has given up.
PATIENCE_SECONDS = 60.0

Ask = Callable[[str], int]


def texts(needs: Sequence[str], start: int = 0) -> Iterator[str]:
    """Needs of natural length without end, none of them twice for a long while."""
    for number in itertools.count(start):
        yield fresh(needs[number % len(needs)], 11 + number // len(needs))


class Serial:
    """An iterator that several threads may take from."""

    def __init__(self, values: Iterator[str]) -> None:
        self._values, self._lock = values, threading.Lock()

    def next(self) -> str:
        with self._lock:
            return next(self._values)


def press(port: int, clients: int, seconds: float, needs: Serial) -> Load:
    """Asks for `seconds` with so many clients; what is answered after the end does not count."""
    taken: list[tuple[float, int, float]] = []
    began = time.monotonic()
    threads = [
        threading.Thread(target=_client, args=(port, began + seconds, needs, taken.append), daemon=True)
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = [took for took, status, end in taken if status == 200 and end <= began + seconds]
    return summed(answered, seconds, sum(status != 200 for _, status, _ in taken))


def _client(port: int, end: float, needs: Serial, note: Callable[[tuple[float, int, float]], None]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    while time.monotonic() < end:
        began = time.perf_counter()
        status = ask(connection, needs.next())
        note(((time.perf_counter() - began) * 1000, status, time.monotonic()))
    connection.close()


def ask(connection: http.client.HTTPConnection, text: str) -> int:
    """The status; 0 where there was no answer."""
    try:
        connection.request("POST", PATH, json.dumps({"text": text}), HEADERS)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
