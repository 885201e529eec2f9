"""Servers: each system behind HTTP in a process of its own, as `pilotmatch serve` or as `rival_app`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from api.serving import bind
from tests.benchmarks.side_by_side.memory import peak_mb
from tests.benchmarks.side_by_side.running import OURS
from tests.benchmarks.side_by_side.stock import Stock

ROOT = Path(__file__).parents[3]
MAIL, PASSWORD = "admin@bench.example", "中试-发酵-测速-2026"
#: Of a server that stops, and of a listing that is to be seen.
PATIENCE_SECONDS = 60.0
#: Nothing in a shipped listing is like it, so that whoever has it shows it first.
NEW_NAME, NEW_TEXT = "绝无仅有的蓝藻油脂超临界萃取中试平台", "绝无仅有的蓝藻油脂超临界萃取中试,第{number}条线"


class NotStarted(RuntimeError):
    """A server ended, or was not ready in time; the message is the last line of its log."""


def environment(folder: Path, profile: str) -> dict[str, str]:
    """Of our own processes: the data folder, and no limit on how often one address asks."""
    own = {"DATA": str(folder), "PROFILE": profile, "MATCH_RATE": "0", "SIGN_IN_RATE": "0"}
    return os.environ | {f"PILOTMATCH_{name}": value for name, value in own.items()}


def own_folder(stock: Stock, folder: Path, encoders: Path) -> None:
    """A data folder with the stock's listings and vectors, and encoders that are built."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, target in (
        ("encoders", encoders),
        ("encodings", stock.folder / "encodings"),
        ("listings.jsonl", stock.listings),
    ):
        (folder / name).symlink_to(target.resolve())


def load_own(folder: Path, profile: str, seconds: float) -> None:
    """`pilotmatch load`, an administrator who publishes, and for the profile that reads listings all of them read.

    Raises:
        subprocess.SubprocessError: it failed, or took longer than `seconds`.
    """
    steps = [(["load", str(folder / "listings.jsonl")], ""), (["admin", "create", "--email", MAIL], f"{PASSWORD}\n")]
    if profile == "default":
        steps.append((["index", "--cards"], ""))
    for arguments, typed in steps:
        subprocess.run(
            [sys.executable, "-m", "matcher", *arguments],
            cwd=ROOT,
            env=environment(folder, profile),
            input=typed.encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )


@dataclass(slots=True)
class Server:
    """A process that serves; `start_up_s` from its start to its being ready."""

    system: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    start_up_s: float = 0.0

    def wait_until_ready(self, seconds: float) -> None:
        """Raises NotStarted."""
        began = time.monotonic()
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise NotStarted(lines[-1] if lines else "no word")
            time.sleep(0.05)
        self.start_up_s = time.monotonic() - began

    def memory_mb(self) -> float:
        """As `peak_mb`."""
        return peak_mb(self.process.pid)

    def stop(self) -> None:
        """Ends it, by force where it does not go by itself."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _is_ready(self) -> bool:
        try:
            answer = httpx2.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5)
        except httpx2.TransportError:
            return False
        return bool(answer.status_code == 200 and not answer.json().get("waiting"))


def start(system: str, folder: Path, model: Path, seconds: float, workers: int = 1) -> Server:
    """A server over what was built in a folder, ready.

    Args:
        workers: processes of PilotMatch; a rival is one.

    Raises:
        NotStarted: it ended, or was not ready in `seconds`.
    """
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    own = system in OURS
    app = ["tests.benchmarks.side_by_side.rival_app", system, str(folder), str(model), str(port)]
    command = [
        sys.executable,
        "-m",
        *(["matcher", "serve", "--port", str(port), "--workers", str(workers)] if own else app),
    ]
    log = folder / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(folder, OURS[system]) if own else None,
            stdout=errors,
            stderr=errors,
        )
    server = Server(system, process, port, log)
    try:
        server.wait_until_ready(seconds)
    except BaseException:
        server.stop()
        raise
    return server


def visible_ms(server: Server, number: int) -> float:
    """Adds a listing and asks until it is shown: milliseconds from sending what publishes it.

    Raises:
        TimeoutError: nobody saw it in a minute.
    """
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE_SECONDS) as client:
        text = NEW_TEXT.format(number=number)
        if server.system in OURS:
            listing, publish = _drafted(client, number, text)
        else:
            listing, publish = f"new-{number}", ("/v1/listings", {"id": f"new-{number}", "text": f"{NEW_NAME}。{text}"})
        began = time.perf_counter()
        _post(client, *publish)
        while listing not in _shown(client, text):
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise TimeoutError(listing)
        return (time.perf_counter() - began) * 1000


def _drafted(client: httpx2.Client, number: int, text: str) -> tuple[str, tuple[str, Mapping[str, object]]]:
    """A listing that is approved: its id, and the request that publishes it."""
    _post(client, "/v1/session", {"email": MAIL, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = client.get("/v1/session").json()["csrf_token"]
    fields = {"kind": "platform", "name": f"{NEW_NAME}{number}", "summary": text}
    listing = str(_post(client, "/v1/listings", fields).json()["id"])
    seen = _post(client, f"/v1/listings/{listing}/submission", {}).headers["ETag"]
    client.headers["If-Match"] = seen
    _post(client, f"/v1/listings/{listing}/approval", {})
    del client.headers["If-Match"]
    return listing, (f"/v1/listings/{listing}/publication", {})


def _post(client: httpx2.Client, path: str, body: Mapping[str, object]) -> Any:
    answer = client.post(path, json=body) if body else client.post(path)
    answer.raise_for_status()
    return answer


def _shown(client: httpx2.Client, text: str) -> list[str]:
    return [match["listing"]["id"] for match in _post(client, "/v1/matches", {"text": text}).json()["matches"]]
