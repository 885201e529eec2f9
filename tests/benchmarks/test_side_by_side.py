"""The side-by-side benchmark without any rival: stock, processes, servers' clients, tables."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.side_by_side.chart import svg
from tests.benchmarks.side_by_side.child import recalls, serve_requests, timed
from tests.benchmarks.side_by_side.children import Child, ChildFailed
from tests.benchmarks.side_by_side.clients import Serial, press, texts
from tests.benchmarks.side_by_side.figures import Figures, Load, summed
from tests.benchmarks.side_by_side.hardware import hardware, memory_gib, processor
from tests.benchmarks.side_by_side.memory import family, peak_mb
from tests.benchmarks.side_by_side.race import NOT_INSTALLED, QUICK, Race, entrants, turned
from tests.benchmarks.side_by_side.rival_app import make_app
from tests.benchmarks.side_by_side.running import OURS, RunningRival
from tests.benchmarks.side_by_side.search import RIVALS, TOP
from tests.benchmarks.side_by_side.stock import (
    FILTERS,
    VALUES,
    Filter,
    Floats,
    Stock,
    fresh,
    nearest_of,
    read_stock,
    recall,
    write_stock,
)
from tests.benchmarks.side_by_side.table import page, slower

DEFAULT, FAST = OURS
ROWS, COLUMNS = 4_000, 8


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    folder = tmp_path_factory.mktemp("stock")
    drawn = np.random.default_rng(5).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    ids = [f"L{row}" for row in range(ROWS)]
    write_stock(folder, ids, [f"第{row}号" for row in range(ROWS)], vectors, ["需要菌种放大", "光刻加工"], vectors[:2])
    return read_stock(folder)


class ExactSearch:
    """A rival that misses nothing."""

    threads = True

    def __init__(self, stock: Stock) -> None:
        self.stock, self.added, self.closed = stock, [""], False

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        return [listing for listing in self.added if listing] + self.nearest(vector, None)

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        rows = np.arange(len(self.stock)) if only is None else only.passing(self.stock)
        return nearest_of(self.stock, vector, rows, TOP)

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        self.added.append(listing_id)

    def close(self) -> None:
        self.closed = True


class Model:
    """Stands for sentence-transformers."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def encode(self, text: str, prompt_name: str, show_progress_bar: bool) -> Floats:
        self.read.append((prompt_name, text))
        vector: Floats = np.eye(COLUMNS, dtype=np.float32)[len(text) % COLUMNS]
        return vector


class TestStock:
    def test_is_read_as_it_was_written(self, stock: Stock) -> None:
        assert len(stock) == ROWS
        assert stock.ids[7] == "L7"
        assert stock.texts[7] == "第7号"
        assert stock.needs == ("需要菌种放大", "光刻加工")
        assert stock.vectors.shape == (ROWS, COLUMNS)
        assert set(stock.region) == set(range(VALUES))

    @pytest.mark.parametrize(("only", "share"), list(zip(FILTERS, (0.2025, 0.04, 0.01, 0.001), strict=True)))
    def test_filters_let_the_share_pass_that_they_are_named_for(self, stock: Stock, only: Filter, share: float) -> None:
        assert only.region * only.branch / VALUES**2 == pytest.approx(share)
        assert len(only.passing(stock)) / ROWS == pytest.approx(share, rel=0.5, abs=0.002)

    def test_nearest_by_brute_force(self, stock: Stock) -> None:
        assert nearest_of(stock, stock.vectors[11], np.arange(ROWS), 1) == ["L11"]
        assert nearest_of(stock, stock.vectors[11], np.array([3, 5]), 9) in (["L3", "L5"], ["L5", "L3"])

    def test_recall(self) -> None:
        assert recall(["A", "B"], ["B", "C"]) == 0.5
        assert recall([], []) == 1.0

    @given(st.text(min_size=1), st.integers(0, 1000))
    def test_a_fresh_text_lacks_one_character(self, text: str, number: int) -> None:
        assert len(fresh(text, number)) == len(text) - 1
        assert fresh(text, number) == fresh(text, number + len(text))

    def test_needs_without_end_differ_for_long(self) -> None:
        needs = ["需要发酵罐做菌种放大并喷雾", "八英寸晶圆光刻与刻蚀中试线"]
        found = texts(needs)
        first = [next(found) for _ in range(2 * min(map(len, needs)) - 2)]
        assert len(set(first)) == len(first)


class TestProcess:
    def test_each_need_is_timed_in_one_way_in_turn_and_its_encoder_with_another_text(self, stock: Stock) -> None:
        model, needs = Model(), ["需要菌种放大的平台", "八英寸晶圆光刻加工", "食品喷雾干燥中试", "高纯气体提纯放大"]
        times = timed(RunningRival(ExactSearch(stock), model), needs, 5)
        assert {kind: len(values) for kind, values in times.items()} == {
            "whole": 2,
            "given": 1,
            "ranking": 1,
            "encoder": 4,
        }
        assert all(value > 0 for values in times.values() for value in values)
        read = [text for _, text in model.read]
        assert len(set(read)) == len(read) == 8

    def test_time_is_kept_but_three_needs_are_always_measured(self, stock: Stock) -> None:
        times = timed(RunningRival(ExactSearch(stock), Model()), ["需要放大的平台"] * 9, 0)
        assert len(times["encoder"]) == 3
        assert all(times.values())

    def test_recall_of_one_who_misses_nothing_is_one(self, stock: Stock) -> None:
        found = recalls(RunningRival(ExactSearch(stock), Model()), stock, 2)
        assert found == {"none": 1.0, **{only.name: 1.0 for only in FILTERS}}

    def test_recall_of_one_who_filters_afterwards_is_less(self, stock: Stock) -> None:
        class Afterwards(ExactSearch):
            def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
                found = super().nearest(vector, None)
                passing = {stock.ids[row] for row in only.passing(stock)} if only else set(found)
                return [one for one in found if one in passing]

        found = recalls(RunningRival(Afterwards(stock), Model()), stock, 2)
        assert found["none"] == 1.0
        assert found["1 %"] < 0.5

    def test_requests_come_and_answers_go_by_lines(self, stock: Stock) -> None:
        answers, needs = io.StringIO(), ["需要放大一", "需要放大二", "需要放大三"]
        requests = io.StringIO('{"from": 0, "to": 2, "seconds": 5}\n{"from": 2, "to": 3, "seconds": 5}\n')
        serve_requests(RunningRival(ExactSearch(stock), Model()), needs, requests, answers)
        ready, first, second = map(json.loads, answers.getvalue().splitlines())
        assert ready == {"ready": True}
        assert [len(part[kind]) for part in (first, second) for kind in ("whole", "given")] == [1, 1, 1, 0]

    @pytest.mark.slow
    def test_a_child_that_fails_says_why(self, tmp_path: Path) -> None:
        child = Child("build", "no such system", tmp_path, tmp_path, tmp_path, 60)
        with pytest.raises(ChildFailed, match="no such system"):
            child.read()
        child.end()

    def test_a_child_that_takes_too_long_is_ended(self, tmp_path: Path) -> None:
        child = Child("run", "txtai", tmp_path, tmp_path, tmp_path, 0.01)
        with pytest.raises(ChildFailed, match="over 0 s"):
            child.read()
        child.end()

    def test_memory_counts_what_a_process_started(self) -> None:
        script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
        with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as process:
            late = time.monotonic() + 20
            while len(list(family(process.pid))) < 2 and time.monotonic() < late:
                time.sleep(0.01)
            assert len(list(family(process.pid))) == 2
            assert peak_mb(process.pid) > 5
            process.communicate(b"\n")
        assert peak_mb(process.pid) == 0

    def test_memory_counts_what_processes_share_once(self, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        shared.write_bytes(bytes(64 << 20))
        maps = (
            f"import mmap; f = open({str(shared)!r}, 'rb'); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); "
            "m[::4096]; print(1, flush=True)"
        )
        script = f"import subprocess, sys; {maps}; subprocess.run([sys.executable, '-c', {maps + '; input()'!r}])"
        with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert [process.stdout.readline() for _ in range(2)] == [b"1\n"] * 2
            assert 64 < peak_mb(process.pid) < 120
            process.communicate(b"\n")


class TestHttp:
    def test_a_rival_answers_and_takes_listings(self, stock: Stock) -> None:
        model, search = Model(), ExactSearch(stock)
        with TestClient(make_app(RunningRival(search, model))) as client:
            assert client.get("/health/ready").status_code == 200
            found = client.post("/v1/matches", json={"text": "菌种"}).json()["matches"]
            assert [one["listing"]["id"] for one in found] == search.nearest(model.encode("菌种", "query", False), None)
            assert client.post("/v1/listings", json={"id": "new", "text": "新平台"}).json() == {"id": "new"}
            assert client.post("/v1/matches", json={"text": "新"}).json()["matches"][0]["listing"]["id"] == "new"
        assert ("passage", "新平台") in model.read

    def test_clients_count_what_is_answered_in_time(self) -> None:
        with answering([200]) as port:
            load = press(port, 3, 0.4, Serial(texts(["需要放大"])))
        assert load.rate > 5
        assert load.failed == 0
        assert 0 < load.p95 < 400

    def test_clients_count_what_fails(self) -> None:
        with answering([503]) as port:
            load = press(port, 1, 0.2, Serial(texts(["需要放大"])))
        assert load.rate == 0
        assert load.failed > 0

    def test_nobody_there_is_a_failure(self) -> None:
        with answering([200]) as port:
            pass
        assert press(port, 1, 0.1, Serial(texts(["需要放大"]))).failed > 0


@contextmanager
def answering(statuses: list[int]) -> Iterator[int]:
    """A server that answers with these statuses in turn."""
    turn = iter(range(10**9))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(statuses[next(turn) % len(statuses)])
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TestRace:
    def test_ours_come_first_then_every_rival(self) -> None:
        names = [one.system for one in entrants(798)]
        assert names == [*OURS, *(one.name for one in RIVALS)]
        assert {one.name for one in RIVALS} == {"txtai", "Haystack", "LanceDB", "Milvus Lite"}

    def test_a_row_tells_how_many_processes_serve(self) -> None:
        assert ["--workers 2" in one.setup for one in entrants(798, 2)] == [True] * len(OURS) + [False] * len(RIVALS)
        assert not any("--workers" in one.setup for one in entrants(798))

    def test_who_is_not_installed_stands_aside(
        self, stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tests.benchmarks.side_by_side.search.Rival.version", lambda self: None)
        ticks: list[str] = []
        found = Race(stock, tmp_path, tmp_path, tmp_path, QUICK, ticks.append, ["txtai"]).run()
        assert [(one.system, one.problem) for one in found] == [("txtai", NOT_INSTALLED)]
        assert not ticks

    @pytest.mark.slow
    def test_who_fails_to_build_keeps_the_reason(self, stock: Stock, tmp_path: Path) -> None:
        one = Figures("no such system", "", 798)
        race = Race(stock, tmp_path, tmp_path, tmp_path, QUICK, lambda done: None, ["nobody"])
        race.figures.append(one)
        assert "no such system" in str(race.run()[0].problem)

    def test_everybody_begins_once(self) -> None:
        figures = [Figures(name, "", 1) for name in "ABC"]
        assert ["".join(one.system for one in turned(figures, number)) for number in range(4)] == [
            "ABC",
            "BCA",
            "CAB",
            "ABC",
        ]
        assert turned([], 3) == []


def ours(system: str = DEFAULT, whole: float = 20.0, size: int = 798) -> Figures:
    return Figures(
        system,
        "explained",
        size,
        rounds=[{"whole": [whole, whole], "given": [9.0], "ranking": [7.0], "encoder": [10.0]}],
        loads={1: [Load(40, 30)], 8: [Load(60, 150)], 32: [Load(62, 600)]},
        build_s=12,
        start_up_s=3,
        visible_ms=[50, 70, 60],
        memory_mb=500,
        recall={"none": 1.0, "1 %": 1.0},
    )


def other(whole: float = 60.0, **changed: object) -> Figures:
    given = replace(
        ours(whole=whole), system="LanceDB", setup="jieba", version="0.40", memory_mb=400, recall={"none": 0.9}
    )
    return replace(given, **changed)  # type: ignore[arg-type]  # fields by name


class TestTable:
    def test_percentiles_are_medians_over_the_rounds(self) -> None:
        one = Figures("x", "", 1, rounds=[{"whole": [1, 3]}, {"whole": [10, 30]}, {"whole": [5, 7]}])
        assert one.percentile("whole", 50) == 6
        assert one.percentile("given", 50) is None
        assert summed([10, 20, 30], 2, 1) == Load(1.5, 29.0, 1)

    def test_a_row_has_times_share_and_ratios(self) -> None:
        text = page([ours(), ours(FAST, 10), other()], "make bench-speed", "a machine", ["Note."])
        assert "| LanceDB | 60.0 ms | 60.0 ms | 17% | 9.0 ms | 9.0 ms | 7.0 ms | 7.0 ms | 3.00 | 6.00 |" in text
        assert (
            "| LanceDB | 40.0 (30 ms) | 60.0 (150 ms) | 62.0 (600 ms) | 0 | 400 MB | 12.0 s | 3.0 s | 60.0 ms |" in text
        )
        assert f"| {FAST} | 1.000 | – | – | 1.000 | – |" in text
        assert "`make bench-speed` on a machine." in text
        assert "- LanceDB 0.40: jieba" in text
        assert text.endswith("\n")

    def test_every_size_has_its_own_tables(self) -> None:
        text = page([ours(size=24_000), ours()], "c", "m", [])
        assert text.index("## 798 listings") < text.index("## 24,000 listings")

    def test_a_problem_stands_where_figures_would(self) -> None:
        gone = Figures("Haystack", "jieba", 798, problem="over 1800 s")
        text = page([ours(), gone], "c", "m", [])
        assert text.count("| Haystack | over 1800 s | – |") == 3

    def test_a_problem_does_not_hide_what_was_measured_before(self) -> None:
        text = page([ours(), other(problem="no answer", loads={})], "c", "m", [])
        assert "| LanceDB | 60.0 ms |" in text
        assert "| LanceDB | no answer |" in text

    def test_where_we_are_slower_is_said(self) -> None:
        lines = slower([ours(), other(whole=15)])
        assert f"- 798 listings, one need, p50: {DEFAULT} 20 ms, LanceDB 15 ms." in lines
        assert f"- 798 listings, memory: {DEFAULT} 500 MB, LanceDB 400 MB." in lines
        assert not any("answers/s" in line or "recall" in line for line in lines)

    def test_more_answers_a_second_are_ahead(self) -> None:
        lines = slower([ours(), other(memory_mb=900, loads={32: [Load(99, 1)]})])
        assert lines == [f"- 798 listings, 32 clients: {DEFAULT} 62 answers/s, LanceDB 99 answers/s."]

    def test_without_rivals_nothing_is_claimed(self) -> None:
        assert slower([ours(), Figures("Haystack", "", 798, problem=NOT_INSTALLED)]) == ["No rival was measured."]

    def test_nobody_ahead(self) -> None:
        assert slower([ours(), other(memory_mb=900)]) == ["Nowhere in this run."]

    def test_the_chart_has_every_system_and_asks_nobody(self) -> None:
        drawn = svg([ours(), ours(size=24_000), other(), Figures("Haystack", "", 798, problem="x")], "a machine")
        assert all(name in drawn for name in (DEFAULT, "LanceDB", "Haystack", "24,000"))
        assert "<script" not in drawn
        assert 'href="http' not in drawn


class TestHardware:
    def test_names_the_processor_and_its_integer_units(self) -> None:
        told = "processor\t: 0\nmodel name\t: Chip 9\nflags\t\t: sse avx2 avx512_vnni amx_int8\n"
        assert processor(told) == "Chip 9 (AMX)"
        assert processor(told.replace("amx_int8", "")) == "Chip 9 (VNNI)"
        assert memory_gib("MemFree: 3 kB\nMemTotal:       25165824 kB\n") == 24

    def test_this_machine(self, tmp_path: Path) -> None:
        assert "cores" in hardware()
        assert "0 GiB" in hardware(tmp_path / "no", tmp_path / "no")
