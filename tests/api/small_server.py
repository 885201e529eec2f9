"""A server process over a database, with the encoder of tests, which loads nothing: up in a few seconds.

python -m tests.api.small_server DATABASE FOLDER PORT
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import httpx2
import uvicorn

from api.app import create_app
from api.serving import bind
from api.serving_options import LOGGING
from matcher.catalogue.database import Database
from matcher.settings import Settings
from tests.matcher.test_following import Site

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def serve(url: str, folder: Path, port: int) -> None:
    """Serve until interrupted."""
    settings = Settings(_env_file=None, data=folder, database=url, sign_in_rate=0, match_rate=0)
    app = create_app(settings, follow=lambda database: Site(database, folder).follower())
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_config=LOGGING)


@contextlib.contextmanager
def servers(database: Database, folder: Path, count: int = 2) -> Iterator[Sequence[httpx2.Client]]:
    """So many processes over one database, ready; a client in front of each."""
    with contextlib.ExitStack() as stack:
        # All are started before the first is waited for.
        started = [stack.enter_context(_process(database, folder)) for _ in range(count)]
        clients = []
        for process, port, log in started:
            client = stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
            wait(partial(_is_ready, client, process, log), START_SECONDS)
            clients.append(client)
        yield clients


@contextlib.contextmanager
def _process(database: Database, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    log = folder / f"server-{port}.log"
    # With the password, if there is one: it is that of a database of tests.
    url = database.engine.url.render_as_string(hide_password=False)
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.small_server", url, str(folder), str(port)], cwd=ROOT, stderr=stderr
        )
    try:
        yield process, port, log
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said


def wait(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took until a condition held."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError
        time.sleep(0.02)
    return time.monotonic() - began


def _is_ready(client: httpx2.Client, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    with contextlib.suppress(httpx2.TransportError):
        return client.get("/health/ready").status_code == 200
    return False


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
