"""A million listings' vectors in our index and in Milvus: `python -m tests.benchmarks.million`; a Markdown table.

Vectors of the encoder's dimension are made from the shipped catalogue's; needs are the real ones of `needs_dev`. Milvus
is the server of the wheel `milvus`, over the network of this machine, or the one named with `--url`. One system after
the other, each in a process of its own; memory is the most that its process (Milvus: the server's) had.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from embeddings import VectorIndex
from embeddings.milvus_address import Address
from embeddings.milvus_client import Client
from embeddings.milvus_rows import Layout, Row, Rows, is_one_of
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.installation import open_encoder, open_encodings
from matcher.records import SUPPLY_KINDS
from matcher.retrieval.views import full_text
from matcher.settings import Settings
from tests.benchmarks.million_vectors import CHUNK, mixtures

Floats = NDArray[np.float32]
Found = list[list[str]]

K = 10
#: Of so many places one each: a condition on one lets 1 % through.
PLACES = 100
#: Rows that are put into our index at once: each time it copies what it has.
AT_ONCE = 200_000
HEADER = (
    "| system | rows | load s | index s | memory GB | p50 ms | p95 ms | recall@10 | 1 % filter: p50 ms | recall@10 |"
)
WAIT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Task:
    """What is searched: `base` and `needs` are float32 [n, d] and [m, d]."""

    base: Floats
    needs: Floats
    rows: int

    def chunks(self) -> Iterator[tuple[list[str], Floats]]:
        start = 0
        for chunk in mixtures(self.base, self.rows):
            yield [name(row) for row in range(start, start + len(chunk))], chunk
            start += len(chunk)


def name(row: int) -> str:
    return f"L{row:07}"


def place(row: int) -> str:
    return f"P{row % PLACES:02}"


@dataclass(slots=True)
class Figures:
    """What one system took and found; `memory` in bytes, times in seconds."""

    load: float = 0.0
    build: float = 0.0
    memory: float = 0.0
    took: list[float] | None = None
    took_filtered: list[float] | None = None
    found: Found | None = None
    found_filtered: Found | None = None


def measure_ours(task: Task) -> Figures:
    figures, index, began = Figures(), VectorIndex(task.base.shape[1], "million"), time.perf_counter()
    ids: list[str] = []
    waiting: list[Floats] = []
    for names, chunk in task.chunks():
        ids += names
        waiting.append(chunk)
        if len(waiting) * CHUNK >= AT_ONCE or len(ids) == task.rows:
            index.add(ids[len(index) :], np.concatenate(waiting))
            waiting = []
    figures.load = time.perf_counter() - began
    masks = [np.arange(task.rows) % PLACES == number % PLACES for number in range(len(task.needs))]
    figures.took, figures.found = _timed(lambda need, _: index.search(need[None], K)[0][0], task)
    figures.took_filtered, figures.found_filtered = _timed(
        lambda need, number: index.search(need[None], K, masks[number])[0][0], task
    )
    figures.memory = _peak(os.getpid())
    return figures


def measure_milvus(task: Task, url: str, pid: int) -> Figures:
    address = Address.parse(url)
    client, figures = Client(address), Figures()
    rows = Rows(client, address.name, Layout(task.base.shape[1], {"encoder": "million"}, single=("place",)))
    began = time.perf_counter()
    start = 0
    for names, chunk in task.chunks():
        rows.put(
            Row(key, "", vector, {"place": place(start + number)})
            for number, (key, vector) in enumerate(zip(names, chunk, strict=True))
        )
        start += len(chunk)
    rows.flush()
    figures.load, began = time.perf_counter() - began, time.perf_counter()
    _wait_for_index(client, address.name, task.rows)
    # Until a segment's index is handed over, some 25 s, Milvus searches a makeshift one that misses more.
    client.ask("release_collection", address.name, seconds=WAIT_SECONDS)
    client.ask("load_collection", address.name, seconds=WAIT_SECONDS)
    figures.build = time.perf_counter() - began
    rows.nearest(task.needs[0], K)  # the first search after a build waits for segments to be handed over
    figures.took, figures.found = _timed(lambda need, _: rows.nearest(need, K)[0], task)
    figures.took_filtered, figures.found_filtered = _timed(
        lambda need, number: rows.nearest(need, K, is_one_of("place", [place(number)]))[0], task
    )
    figures.memory = _peak(pid)
    client.ask("drop_collection", address.name)
    client.close()
    return figures


def _wait_for_index(client: Client, collection: str, count: int) -> None:
    """Until every row is indexed; TimeoutError where that takes an hour.

    Milvus goes on to merge segments, and to index these anew, for as long again; searches need not wait for that.
    """
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        state = client.ask("describe_index", collection, "vector")
        if state["indexed_rows"] >= count and state["state"] == "Finished":
            return
        time.sleep(1)
    raise TimeoutError(f"{collection} has no whole index after {WAIT_SECONDS:.0f} s")


def _timed(search: Callable[[Floats, int], list[str]], task: Task) -> tuple[list[float], Found]:
    took, found = [], []
    for number, need in enumerate(task.needs):
        began = time.perf_counter()
        found.append(search(need, number))
        took.append(time.perf_counter() - began)
    return took, found


def _peak(pid: int) -> float:
    """Bytes that a process had in memory at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024


def recall(found: Found, truth: Found) -> float:
    """Mean share of the true hits that were found."""
    return float(np.mean([len(set(one) & set(true)) / len(true) for one, true in zip(found, truth, strict=True)]))


def row(system: str, rows: int, figures: Figures, truth: Figures) -> str:
    """A row of the table; recall is against `truth`, which compared with every row."""
    assert figures.took
    assert figures.took_filtered
    assert figures.found
    assert figures.found_filtered
    assert truth.found
    assert truth.found_filtered
    median, p95 = np.percentile(figures.took, [50, 95]) * 1000
    filtered = float(np.median(figures.took_filtered)) * 1000
    return (
        f"| {system} | {rows:,} | {figures.load:.0f} | {figures.build:.0f} | {figures.memory / 1e9:.1f} "
        f"| {median:.1f} | {p95:.1f} | {recall(figures.found, truth.found):.3f} "
        f"| {filtered:.1f} | {recall(figures.found_filtered, truth.found_filtered):.3f} |"
    )


def make_task(rows: int, needs: int) -> Task:
    """Real listings' and needs' vectors, by the encoder that is set."""
    settings = Settings()
    encoder = open_encoder(settings)
    listings = [one for one in read_listings(settings.dataset("listings.jsonl")) if one.kind in SUPPLY_KINDS]
    stored = open_encodings(settings, encoder, None).read([full_text(listing) for listing in listings])
    texts = [need.text for need in read_needs(settings.dataset("needs_dev.jsonl"))[0]][:needs]
    return Task(np.array([one.vector for one in stored], np.float32), encoder.encode_needs(texts), rows)


def main(
    rows: Annotated[int, typer.Option(help="How many vectors.")] = 1_000_000,
    needs: Annotated[int, typer.Option(help="How many needs are searched for, at most 123.")] = 100,
    kinds: Annotated[str, typer.Option(help="Milvus indexes, with commas.")] = "flat,ivf,hnsw",
    url: Annotated[str, typer.Option(help="A Milvus server instead of the wheel's: host:port.")] = "",
    output: Annotated[Path | None, typer.Option(help="Also write the table here.")] = None,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "task.npz")
        task = make_task(rows, needs)
        np.savez(path, base=task.base, needs=task.needs, rows=rows)
        truth = _in_a_process("ours", path)
        lines = [HEADER, "|" + "---|" * HEADER.count(" | ") + "---|", row("ours, exact (FAISS)", rows, truth, truth)]
        typer.echo("\n".join(lines))
        for kind in kinds.split(","):
            lines.append(row(f"Milvus, {kind}", rows, _in_a_process(kind, path, url), truth))
            typer.echo(lines[-1])
    if output is not None:
        output.write_text("\n".join(lines) + "\n")


def _in_a_process(system: str, path: Path, url: str = "") -> Figures:
    """Measure in a process of its own, so that memory is this system's alone."""
    result = path.with_name(f"{system}.npz")
    subprocess.run([sys.executable, "-m", "tests.benchmarks.million", "--child", system, path, result, url], check=True)
    with np.load(result, allow_pickle=False) as stored:
        return Figures(
            *map(float, stored["numbers"]),
            stored["took"].tolist(),
            stored["took_filtered"].tolist(),
            stored["found"].tolist(),
            stored["found_filtered"].tolist(),
        )


def _child(system: str, path: str, result: str, url: str) -> None:
    from tests.embeddings.milvus_server import milvus_server

    with np.load(path, allow_pickle=False) as stored:
        task = Task(stored["base"], stored["needs"], int(stored["rows"]))
    if system == "ours":
        figures = measure_ours(task)
    elif url:
        figures = measure_milvus(task, f"milvus://{url}/million_{system}?index={system}", os.getpid())
    else:
        with tempfile.TemporaryDirectory() as folder, milvus_server(Path(folder)) as (port, pid):
            figures = measure_milvus(task, f"milvus://127.0.0.1:{port}/million_{system}?index={system}", pid)
    np.savez(
        result,
        numbers=np.array([figures.load, figures.build, figures.memory]),
        took=np.array(figures.took),
        took_filtered=np.array(figures.took_filtered),
        found=np.array(figures.found),
        found_filtered=np.array(figures.found_filtered),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(*sys.argv[2:])
    else:
        typer.run(main)
