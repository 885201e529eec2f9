"""Ours in the side-by-side benchmark, and servers seen from outside, with an encoder that needs no model."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn

from api.serving import bind
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import listing_from
from matcher.match import Matcher
from matcher.records import Listing
from matcher.retrieval.views import full_text
from matcher.settings import Settings
from tests.benchmarks.limits import Machine, Measuring
from tests.benchmarks.rivals.task import Row, listing_text, read_rows, supply
from tests.benchmarks.side_by_side import servers
from tests.benchmarks.side_by_side.child import recalls
from tests.benchmarks.side_by_side.rival_app import make_app
from tests.benchmarks.side_by_side.running import OURS, RunningOurs
from tests.benchmarks.side_by_side.search import TOP
from tests.benchmarks.side_by_side.servers import NotStarted, Server, environment, own_folder, visible_ms
from tests.benchmarks.side_by_side.stock import Stock, read_stock, write_stock
from tests.matcher.hash_encoder import BothHashEncoder, HashEncoder

SHIPPED = Path(__file__).parents[2] / "datasets" / "listings.jsonl"
NEEDS = ["需要500L发酵罐做放大", "8英寸晶圆流片"]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return supply(read_rows(SHIPPED))[::20]


@pytest.fixture(scope="module")
def stock(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Stock:
    folder, encoder = tmp_path_factory.mktemp("stock"), HashEncoder()
    (folder / "listings.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    stored = Encodings(folder / "encodings", encoder).read([full_text(one) for one in listings(rows)])
    vectors = np.array([one.vector for one in stored], np.float32)
    ids, texts = [str(row["id"]) for row in rows], [listing_text(row) for row in rows]
    write_stock(folder, ids, texts, vectors, NEEDS, encoder.encode_needs(NEEDS))
    return read_stock(folder)


@pytest.fixture(scope="module")
def matcher(stock: Stock, rows: list[Row]) -> Matcher:
    return Matcher.load(Settings(_env_file=None, data=stock.folder), listings(rows), profile="fast",
                        encoder=HashEncoder())  # fmt: skip


def listings(rows: list[Row]) -> list[Listing]:
    return [listing_from(dict(row)) for row in rows]


class TestOurs:
    def test_answers_as_a_match(self, matcher: Matcher) -> None:
        ours = RunningOurs(matcher)
        found = ours.answer(NEEDS[0])
        assert len(found) == TOP
        assert found == ours.answer(NEEDS[0], ours.encode(NEEDS[0]))

    def test_a_vector_is_given_by_what_the_profile_reads_needs_with(self, rows: list[Row], tmp_path: Path) -> None:
        encoder, settings = BothHashEncoder(), Settings(_env_file=None, data=tmp_path)
        matcher = Matcher.load(settings, listings(rows), profile="fast", encoder=encoder)
        given = RunningOurs(matcher).encode(NEEDS[0])
        np.testing.assert_array_equal(given, matcher.retriever.read(NEEDS[0]).encoded.vector)
        assert not np.allclose(given, encoder.read_need(NEEDS[0]).vector)

    @pytest.mark.parametrize("need", [*NEEDS, "必须在广东:8英寸晶圆流片"])
    def test_search_and_ranking_alone_find_what_a_match_answers_with(self, matcher: Matcher, need: str) -> None:
        ours = RunningOurs(matcher)
        assert ours.ranking(need, ours.encode(need))() == ours.answer(need)

    def test_misses_nothing_under_any_filter(self, matcher: Matcher, stock: Stock) -> None:
        found = recalls(RunningOurs(matcher, stock), stock, len(NEEDS))
        assert set(found.values()) == {1.0}

    def test_its_data_folder_borrows_what_is_there(self, stock: Stock, tmp_path: Path) -> None:
        (tmp_path / "encoders").mkdir()
        own_folder(stock, tmp_path / "own", tmp_path / "encoders")
        assert (tmp_path / "own" / "listings.jsonl").read_bytes() == stock.listings.read_bytes()
        assert (tmp_path / "own" / "encodings").resolve() == (stock.folder / "encodings").resolve()
        own_folder(stock, tmp_path / "own", tmp_path / "encoders")  # once more, over what is there
        assert stock.listings.exists()

    def test_nobody_is_held_up_by_rates(self, tmp_path: Path) -> None:
        found = environment(tmp_path, "fast")
        assert (found["PILOTMATCH_MATCH_RATE"], found["PILOTMATCH_PROFILE"]) == ("0", "fast")
        assert set(OURS.values()) == {"default", "fast"}


class Seen:
    """A rival that shows a new listing only after having been asked so many times."""

    def __init__(self, after: int) -> None:
        self.after, self.added = after, [""]

    def answer(self, text: str) -> list[str]:
        self.after -= 1
        return self.added if self.after < 0 else []

    def add(self, listing_id: str, text: str) -> None:
        self.added.append(listing_id)


@pytest.fixture
def port() -> Iterator[int]:
    """Of a rival that takes a while to show what is new."""
    with bind("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(make_app(Seen(after=3)), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


class TestServers:
    def test_asks_until_the_new_listing_is_shown(self, port: int, tmp_path: Path) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
            server = Server("txtai", process, port, tmp_path / "log")
            server.wait_until_ready(20)
            assert server.start_up_s < 20
            assert visible_ms(server, 0) > 0
            assert server.memory_mb() > 1
            server.stop()
        assert process.returncode is not None

    def test_who_never_shows_it_is_not_waited_for_for_ever(
        self, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(servers, "PATIENCE_SECONDS", 0.0)
        monkeypatch.setattr(servers, "_shown", lambda client, text: [])
        monkeypatch.setattr(servers, "_post", lambda client, path, body: None)
        with subprocess.Popen([sys.executable, "-c", ""]) as process, pytest.raises(TimeoutError, match="new-7"):
            visible_ms(Server("txtai", process, port, tmp_path / "log"), 7)

    def test_a_server_that_ends_says_its_last_word(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("first\nno such index\n", encoding="utf-8")
        with bind("127.0.0.1", 0) as free:
            closed = free.getsockname()[1]
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            process.wait()
            with pytest.raises(NotStarted, match="no such index"):
                Server("txtai", process, closed, log).wait_until_ready(5)

    @pytest.mark.slow
    def test_a_rival_that_is_not_installed_does_not_start(self, tmp_path: Path) -> None:
        with pytest.raises(NotStarted):
            servers.start("no such system", tmp_path, tmp_path, 60)


class Cards:
    """Stands for the re-ranker."""

    def scores(self, need: str, cards: list[str]) -> list[float]:
        return [0.0] * len(cards)


def test_limits_has_every_part_of_a_match(matcher: Matcher) -> None:
    machine = Machine(integer=1e11, floating=1e10, reading=1e10, cores=2)
    parts = Measuring(matcher, Cards(), NEEDS, machine).parts()
    names = [part.name for part in parts]
    assert names[0] == "encoder"
    assert names[-1] == "whole match, fast"
    assert {"dense scan", "late interaction", "re-ranker", "answer as JSON"} <= set(names)
    assert all(part.limit > 0 and part.took > 0 for part in parts)
    whole = {part.name: part.limit for part in parts}
    assert parts[-1].limit == pytest.approx(whole["encoder"] + whole["dense scan"] + whole["late interaction"])
