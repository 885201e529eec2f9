"""The ledger: a chain that shows every alteration, whoever writes and however many write at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.database import Database
from matcher.catalogue.ledger import START, Entry, append, entries, hash_of, line_of, read_line, verify
from matcher.errors import BrokenArtefact, InvalidInput

ROOT = Path(__file__).parents[3]


def chain(count: int) -> list[Entry]:
    """A chain of its own, without a database."""
    made: list[Entry] = []
    for number in range(1, count + 1):
        previous = made[-1].hash if made else START
        content: dict[str, Any] = {"listing": f"PF-{number}", "reason": "示范平台", "weight": number / 3}
        at = f"2026-03-{number:02}T00:00:00+00:00"
        made.append(Entry(number, at, "pin", content, previous, hash_of(number, at, "pin", content, previous)))
    return made


class TestChain:
    def test_a_whole_chain_is_verified_and_counted(self) -> None:
        made = chain(9)
        assert verify(made) == 9
        assert verify(made, made[-1].hash) == 9
        assert verify([]) == 0
        assert verify([], START) == 0

    @given(place=st.integers(0, 8), what=st.sampled_from(["content", "at", "kind", "hash", "previous_hash", "number"]))
    @settings(max_examples=60, deadline=None)
    def test_one_altered_entry_is_found_by_its_number(self, place: int, what: str) -> None:
        made = chain(9)
        other: dict[str, Any] = {
            "content": made[place].content | {"reason": "改"},
            "at": "2026-04-01T00:00:00+00:00",
            "kind": "hide",
            "hash": "f" * 64,
            "previous_hash": "e" * 64,
            "number": 77,
        }
        made[place] = replace(made[place], **{what: other[what]})
        with pytest.raises(BrokenArtefact, match=f"第 {place + 1} 条"):
            verify(made)

    @given(place=st.integers(0, 7))
    @settings(max_examples=20, deadline=None)
    def test_one_removed_entry_is_found(self, place: int) -> None:
        made = chain(9)
        del made[place]
        with pytest.raises(BrokenArtefact):
            verify(made)

    def test_the_last_one_removed_shows_by_the_noted_hash_only(self) -> None:
        made = chain(9)
        end = made.pop().hash
        assert verify(made) == 8
        with pytest.raises(BrokenArtefact, match="最后一条"):
            verify(made, end)

    @given(st.permutations(range(6)))
    @settings(max_examples=60, deadline=None)
    def test_any_other_order_is_found(self, order: list[int]) -> None:
        made = chain(6)
        moved = [made[place] for place in order]
        if moved == made:
            assert verify(moved) == 6
        else:
            with pytest.raises(BrokenArtefact):
                verify(moved)

    def test_whoever_writes_one_entry_anew_breaks_the_next(self) -> None:
        made = chain(4)
        forged = made[1].content | {"reason": "收了钱"}
        made[1] = replace(
            made[1], content=forged, hash=hash_of(2, made[1].at, made[1].kind, forged, made[1].previous_hash)
        )
        with pytest.raises(BrokenArtefact, match="第 3 条"):
            verify(made)

    @given(
        st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-9, 9) | st.text() | st.floats(-1e6, 1e6))
    )
    @settings(max_examples=60, deadline=None)
    def test_a_line_is_read_back_as_it_was(self, content: dict[str, Any]) -> None:
        entry = Entry(1, "2026-03-01", "pin", content, START, hash_of(1, "2026-03-01", "pin", content, START))
        assert verify([read_line(line_of(entry), 1)]) == 1

    @pytest.mark.parametrize("line", ["", "{", "[]", '{"number": 1}', json.dumps({"a": 1})])
    def test_a_line_that_is_none_is_named(self, line: str) -> None:
        with pytest.raises(InvalidInput, match="第 7 行"):
            read_line(line, 7)


class TestByOthers:
    """What docs/operating.md gives to whoever wants to verify the ledger without this program."""

    @pytest.fixture
    def last_hash(self) -> Callable[[list[str]], str]:
        blocks = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").split("```python\n")[1:]
        code = next(one.partition("```")[0] for one in blocks if "previous_hash" in one)
        names: dict[str, Any] = {}
        exec(code, names)
        found: Callable[[list[str]], str] = names["last_hash"]
        return found

    def test_it_says_what_we_say(self, last_hash: Callable[[list[str]], str]) -> None:
        made = chain(9)
        assert last_hash([line_of(one) for one in made]) == made[-1].hash
        assert last_hash([]) == START

    @pytest.mark.parametrize("how", ["altered", "removed", "reordered"])
    def test_it_finds_what_was_forged(self, last_hash: Callable[[list[str]], str], how: str) -> None:
        lines = [line_of(one) for one in chain(4)]
        forged = {
            "altered": [lines[0], lines[1].replace("示范", "收费"), *lines[2:]],
            "removed": [lines[0], *lines[2:]],
            "reordered": [lines[0], lines[2], lines[1], lines[3]],
        }[how]
        assert forged != lines
        with pytest.raises(ValueError, match="第 2 条"):
            last_hash(forged)


class TestStored:
    def test_entries_are_chained_and_read_in_order(self, database: Database) -> None:
        with database.session() as session:
            first = append(session, "pin", {"listing": "PF-1", "reason": "示范", "weight": 0.1 + 0.2, "à": None})
            second = append(session, "profile", {"weights": {"late": 1e-7, "words": 19.3706, "big": 1e22}})
        with database.reading() as session:
            found = list(entries(session))
            assert [one.number for one in found] == [1, 2]
            assert verify(found, second.hash) == 2
            assert found[0].hash == first.hash == found[1].previous_hash
            assert [one.number for one in entries(session, after=1)] == [2]
            assert [one.number for one in entries(session, limit=1)] == [1]

    def test_what_is_rolled_back_leaves_no_gap(self, database: Database) -> None:
        with database.session() as session:
            append(session, "pin", {})
            session.rollback()
        with database.session() as session:
            append(session, "hide", {})
        with database.reading() as session:
            assert verify(entries(session)) == 1

    def test_writers_at_once_make_one_chain(self, database: Database) -> None:
        def write(writer: int) -> None:
            for number in range(10):
                with database.session() as session:
                    append(session, "exposure", {"writer": writer, "number": number})

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as session:
            assert verify(entries(session)) == 40

    @pytest.mark.parametrize("content", [{"weight": float("nan")}, {"weight": float("inf")}, {"x": object()}])
    def test_what_json_cannot_say_is_refused(self, database: Database, content: dict[str, Any]) -> None:
        with database.session() as session:
            with pytest.raises(InvalidInput):
                append(session, "profile", content)
            session.rollback()
        with database.reading() as session:
            assert list(entries(session)) == []
