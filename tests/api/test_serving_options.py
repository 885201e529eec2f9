"""What uvicorn is told, as clients notice it."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from api.serving import bind
from api.serving_options import options


@pytest.fixture
def port() -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(PlainTextResponse("ready"), lifespan="off", **options(None)))
    with bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def test_a_connection_outlives_the_pause_of_a_client(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for pause in (0.0, 5.5):  # uvicorn's own limit is 5 s, as is that of Python's clients
        time.sleep(pause)
        connection.request("GET", "/")
        sock = connection.sock
        assert connection.getresponse().read() == b"ready"
        assert connection.sock is sock
    connection.close()


def test_nothing_tells_what_serves(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    assert answer.getheader("server") is None
    connection.close()
