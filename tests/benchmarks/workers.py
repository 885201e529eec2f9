"""Memory of several processes that serve one catalogue, each with vectors of its own and with the mapped file.

`python -m tests.benchmarks.workers`, after `make bench`, which leaves grown catalogues with their vectors.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import re
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.installation import open_encoder
from matcher.mapping import MappedVectors
from matcher.match import Matcher
from matcher.retrieval.in_memory import InMemory
from matcher.settings import Settings

NEEDS = Path("datasets/needs_dev.jsonl")
#: Each need touches the tokens of some hundred listings: what is mapped and used counts as memory, too.
MATCHES = 100
HEADER = (
    "| vectors | processes | loading s | all, PSS MB | each, PSS MB | each, private MB |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of one process: its share of what it has in memory, and what it alone has."""

    pss: float
    private: float


def memory() -> Memory:
    """Of this process, from Linux's `smaps_rollup`."""
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    found = {name: int(value) / 1024 for name, value in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)}
    return Memory(found["Pss"], found["Private_Clean"] + found["Private_Dirty"])


def work(folder: Path, mapped: bool, profile: str, told: Connection) -> None:
    """One process: loads, matches, says how long loading took and what the answers were, and on each question how much
    memory it has."""
    settings = Settings(data=folder)
    encoder = open_encoder(Settings())
    began = time.perf_counter()
    file = MappedVectors(folder, "bench", encoder.listings_fingerprint).open() if mapped else None
    listings = read_listings(folder / "listings.jsonl")
    matcher = Matcher.load(settings, listings, encoder=encoder, profile=profile, file=file)
    told.send(time.perf_counter() - began)
    answers = hashlib.sha256()
    for need in read_needs(NEEDS)[0][:MATCHES]:
        answer = replace(matcher.match(need), took_ms=0.0)
        answers.update(repr([(one.listing.id, one.score, one.grade, one.reasons) for one in answer.matches]).encode())
    told.send(answers.hexdigest())
    while told.recv():
        told.send(memory())


def write_file(folder: Path) -> None:
    """The file of a catalogue, made anew."""
    encoder = open_encoder(Settings())
    listings = read_listings(folder / "listings.jsonl")
    matcher = Matcher.load(Settings(data=folder), listings, encoder=encoder, profile="fast")
    mapped = MappedVectors(folder, "bench", encoder.listings_fingerprint)
    mapped.path.unlink(missing_ok=True)
    assert isinstance(matcher.retriever.held, InMemory)
    assert mapped.write(matcher.retriever.held, 0)


def measure(folder: Path, mapped: bool, count: int, profile: str) -> tuple[str, set[str]]:
    """A row of the table, and the digests of what the processes answered."""
    context = multiprocessing.get_context("spawn")
    ends = []
    for _ in range(count):
        here, there = context.Pipe()
        process = context.Process(target=work, args=(folder, mapped, profile, there))
        process.start()
        ends.append((here, process))
    loading = [here.recv() for here, _ in ends]
    answers = {here.recv() for here, _ in ends}
    found = []
    for here, _ in ends:  # all are still there: pages that they share are counted in parts
        here.send(True)
        found.append(here.recv())
    for here, process in ends:
        here.send(False)
        process.join()
    whose = "mapped file" if mapped else "each its own"
    each, private = sum(one.pss for one in found) / count, sum(one.private for one in found) / count
    total = sum(one.pss for one in found)
    return f"| {whose} | {count} | {max(loading):.1f} | {total:,.0f} | {each:,.0f} | {private:,.0f} |", answers


def main(
    folder: Annotated[Path, typer.Option(help="Where `make bench` keeps a catalogue.")] = Path("var/bench/24000"),
    most: Annotated[int, typer.Option(help="Processes at most.")] = 2,
    profile: Annotated[str, typer.Option(help="Name of a shipped one.")] = "fast",
) -> None:
    """Measures one process, and several at once, without and with the file."""
    writing = multiprocessing.get_context("spawn").Process(target=write_file, args=(folder,))
    writing.start()
    writing.join()
    typer.echo(HEADER)
    answers: set[str] = set()
    for mapped in (False, True):
        for count in dict.fromkeys((1, most)):
            row, found = measure(folder, mapped, count, profile)
            typer.echo(row)
            answers |= found
    said = "the same, bit for bit" if len(answers) == 1 else "NOT the same"
    typer.echo(f"\nAnswers to {MATCHES} needs, with scores and reasons: {said}.")


if __name__ == "__main__":
    typer.run(main)
