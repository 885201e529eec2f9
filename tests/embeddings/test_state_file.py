"""What is kept of texts: the same arrays again, also beside others, and nothing lost where the file is."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.state_file import Bytes, StateFile


def some(rows: int, seed: int = 0) -> Bytes:
    return np.random.default_rng(seed).integers(-128, 128, (rows, 4), np.int8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "states.db"


def test_what_was_put_comes_back_from_a_file_opened_anew(path: Path) -> None:
    file = StateFile(path, 4)
    assert file.get("发酵罐") is None
    assert not file.holds("发酵罐")
    file.put("发酵罐", some(7)).result(10)
    for one in (file, StateFile(path, 4)):
        found = one.get("发酵罐")
        assert found is not None
        assert found.dtype == np.int8
        assert found.tolist() == some(7).tolist()
        assert not found.flags.writeable
        assert one.holds("发酵罐")
        assert one.get("发酵罐 ") is None


@settings(max_examples=30, deadline=None)
@given(texts=st.dictionaries(st.text(st.characters(), max_size=8), st.integers(0, 5), max_size=8))
def test_any_text_is_a_key_of_its_own(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, int]) -> None:
    file = StateFile(tmp_path_factory.mktemp("states") / "states.db", 4)
    for text, rows in texts.items():
        file.put(text, some(rows, rows)).result(10)
    for text, rows in texts.items():
        found = file.get(text)
        assert found is not None
        assert found.tolist() == some(rows, rows).tolist()


def test_the_later_state_of_a_text_counts(path: Path) -> None:
    file = StateFile(path, 4)
    file.put("罐", some(3, 1)).result(10)
    file.put("罐", some(5, 2)).result(10)
    found = file.get("罐")
    assert found is not None
    assert found.tolist() == some(5, 2).tolist()


def test_those_that_came_first_go_when_there_are_too_many(path: Path) -> None:
    file = StateFile(path, 4, most=20)
    for number in range(50):
        file.put(str(number), some(1, number)).result(10)
        held = [one for one in range(50) if file.holds(str(one))]
        assert len(held) <= 20
        assert held == list(range(number + 1 - len(held), number + 1))
    assert len(held) >= 18


def test_a_state_that_was_changed_on_disk_is_missing(path: Path) -> None:
    file = StateFile(path, 4)
    file.put("罐", some(3)).result(10)
    file.put("釜", some(3)).result(10)
    with sqlite3.connect(path) as connection:
        state = bytearray(connection.execute("SELECT state FROM states WHERE number = 1").fetchone()[0])
        state[5] ^= 1
        connection.execute("UPDATE states SET state = ? WHERE number = 1", (bytes(state),))
    connection.close()
    assert file.get("罐") is None
    assert file.get("釜") is not None
    file.put("罐", some(3)).result(10)
    assert file.get("罐") is not None


def test_what_is_no_database_is_begun_anew(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)
    file = StateFile(path, 4)
    assert file.get("罐") is None
    file.put("罐", some(3)).result(10)
    assert StateFile(path, 4).get("罐") is not None


def test_a_file_damaged_in_the_middle_harms_nobody(path: Path) -> None:
    file = StateFile(path, 4)
    for number in range(300):
        file.put(str(number), some(100, number)).result(10)
    del file
    size = path.stat().st_size
    with path.open("r+b") as raw:
        for place in range(4096, size - 512, 4096):
            raw.seek(place)
            raw.write(b"\xff" * 64)
    damaged = StateFile(path, 4)
    for number in range(300):
        found = damaged.get(str(number))
        assert found is None or found.tolist() == some(100, number).tolist()
    # Whoever opens it next can use it again.
    again = StateFile(path, 4)
    again.put("罐", some(3)).result(10)
    assert again.get("罐") is not None


@pytest.mark.parametrize("name", ["missing/states.db", "."])
def test_a_place_that_can_not_be_written_keeps_nothing(tmp_path: Path, name: str) -> None:
    file = StateFile(tmp_path / name, 4)
    file.put("罐", some(3)).result(10)
    assert file.get("罐") is None
    assert not file.holds("罐")


def test_threads_and_processes_may_write_at_once(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import numpy as np; from embeddings.state_file import StateFile\n"
        "file = StateFile(Path(sys.argv[1]), 4)\n"
        "for n in range(100): file.put(f'there {n}', np.full((9, 4), n, np.int8)).result()\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[2])
    file = StateFile(path, 4)

    def write(part: int) -> None:
        for number in range(100):
            file.put(f"{part} {number}", some(9, number)).result(10)
            assert file.get(f"{part} {number}") is not None

    threads = [threading.Thread(target=write, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(60) == 0
    assert all(file.holds(f"{part} {number}") for part in range(3) for number in range(100))
    theirs = [file.get(f"there {number}") for number in range(100)]
    assert all(one is not None and (one == number).all() for number, one in enumerate(theirs))
