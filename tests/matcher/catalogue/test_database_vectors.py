"""Vectors in the database and in layers: the same as went in, whole or not at all, each encoder by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors, LayeredVectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.file_vectors import FileVectors
from matcher.catalogue.tables.vectors import VectorRow
from matcher.catalogue.vector_store import Stored, text_key
from matcher.errors import BrokenArtefact, Unavailable
from tests.matcher.hash_encoder import HashEncoder


def stored(seed: int, tokens: int = 5, dimension: int = 8) -> Stored:
    chance = np.random.default_rng(seed)
    return Stored(
        chance.standard_normal(dimension).astype(np.float32),
        chance.integers(0, 255, (tokens, dimension)).astype(np.uint8),
        chance.integers(0, 3000, (tokens, 2)).astype(np.int16),
    )


def same(one: Stored, other: Stored) -> bool:
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


def key(number: int) -> bytes:
    return text_key(f"text {number}")


class TestDatabaseVectors:
    def test_what_went_in_comes_out(self, database: Database) -> None:
        vectors = DatabaseVectors(database, "e5")
        segment = {key(number): stored(number) for number in range(3)}
        vectors.put_many(segment)
        found = vectors.get_many([*segment, key(9)])
        assert found.keys() == segment.keys()
        assert all(same(found[one], segment[one]) for one in segment)
        assert vectors.known([key(1), key(9)]) == {key(1)}
        assert vectors.keys() == set(segment)
        assert len(vectors) == 3

    def test_a_text_without_tokens(self, database: Database) -> None:
        vectors = DatabaseVectors(database, "e5")
        vectors.put_many({key(0): stored(0, tokens=0)})
        assert same(vectors.get_many([key(0)])[key(0)], stored(0, tokens=0))

    def test_more_than_one_statement_takes(self, database: Database) -> None:
        vectors = DatabaseVectors(database, "e5")
        segment = {key(number): stored(number, tokens=1, dimension=2) for number in range(1203)}
        vectors.put_many(segment)
        assert vectors.known(list(segment)) == set(segment)
        assert same(vectors.get_many(list(segment))[key(1202)], segment[key(1202)])

    def test_encoders_do_not_see_each_other(self, database: Database) -> None:
        one, other = DatabaseVectors(database, "e5"), DatabaseVectors(database, "bge")
        one.put_many({key(0): stored(1)})
        other.put_many({key(0): stored(2)})
        assert same(one.get_many([key(0)])[key(0)], stored(1))
        other.forget()
        assert len(one) == 1
        assert len(other) == 0

    def test_a_known_text_keeps_its_vectors(self, database: Database) -> None:
        vectors = DatabaseVectors(database, "e5")
        vectors.put_many({key(0): stored(1)})
        vectors.put_many({key(0): stored(2), key(1): stored(3)})
        assert same(vectors.get_many([key(0)])[key(0)], stored(1))
        assert len(vectors) == 2

    def test_several_threads_store_the_same(self, database: Database) -> None:
        vectors = DatabaseVectors(database, "e5")
        segment = {key(number): stored(number) for number in range(50)}
        threads = [threading.Thread(target=vectors.put_many, args=(segment,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert vectors.keys() == set(segment)

    @pytest.mark.parametrize("column", ["pooled", "tokens", "offsets"])
    def test_a_damaged_row_is_told_found_and_removed(self, database: Database, column: str) -> None:
        vectors = DatabaseVectors(database, "e5")
        vectors.put_many({key(0): stored(0), key(1): stored(1)})
        with database.session() as session:
            session.execute(update(VectorRow).where(VectorRow.text_key == key(0)).values({column: b"\x00\x00\x00\x00"}))
        with pytest.raises(BrokenArtefact) as caught:
            vectors.get_many([key(0), key(1)])
        assert "pilotmatch index" in (caught.value.hint or "")
        assert vectors.damaged([key(0), key(1), key(2)]) == [key(0)]
        vectors.remove([key(0)])
        assert vectors.known([key(0), key(1)]) == {key(1)}

    def test_a_database_that_is_gone_is_unavailable(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable):
            DatabaseVectors(Database("postgresql://nobody@127.0.0.1:1/x"), "e5").known([key(0)])


class TestLayers:
    def test_what_lies_behind_is_found_and_kept_in_front(self, database: Database, tmp_path: Path) -> None:
        front, behind = DatabaseVectors(database, "e5"), FileVectors(tmp_path, "e5")
        behind.put_many({key(0): stored(0), key(1): stored(1)})
        front.put_many({key(2): stored(2)})
        both = LayeredVectors(front, behind)
        assert both.known([key(number) for number in range(4)]) == {key(0), key(1), key(2)}
        found = both.get_many([key(0), key(2), key(3)])
        assert same(found[key(0)], stored(0))
        assert same(found[key(2)], stored(2))
        assert front.keys() == {key(0), key(2)}

    def test_new_vectors_go_to_the_front_only(self, database: Database, tmp_path: Path) -> None:
        front, behind = DatabaseVectors(database, "e5"), FileVectors(tmp_path, "e5")
        LayeredVectors(front, behind).put_many({key(0): stored(0)})
        assert len(front) == 1
        assert len(behind) == 0

    def test_what_is_forgotten_does_not_come_back(self, database: Database, tmp_path: Path) -> None:
        both = LayeredVectors(DatabaseVectors(database, "e5"), FileVectors(tmp_path, "e5"))
        both.put_many({key(0): stored(0)})
        FileVectors(tmp_path, "e5").put_many({key(0): stored(0)})
        both.forget()
        assert both.get_many([key(0)]) == {}
        assert LayeredVectors(DatabaseVectors(database, "e5"), FileVectors(tmp_path, "e5")).known([key(0)]) == set()

    def test_damage_behind_costs_time_only(self, database: Database) -> None:
        class Damaged:
            def known(self, keys: object) -> set[bytes]:
                return {key(0)}

            def get_many(self, keys: object) -> dict[bytes, Stored]:
                raise BrokenArtefact("damaged")

            def put_many(self, segment: object) -> None:
                raise AssertionError

            def forget(self) -> None: ...

        assert LayeredVectors(DatabaseVectors(database, "e5"), Damaged()).get_many([key(0)]) == {}


def test_a_restart_encodes_nothing_and_another_encoder_all(database: Database) -> None:
    texts = ["发酵中试平台", "8英寸MEMS中试线", "发酵中试平台"]
    first = HashEncoder()
    before = Encodings(DatabaseVectors(database, first.fingerprint), first).read(texts)
    again, other = HashEncoder(), HashEncoder("other")
    after = Encodings(DatabaseVectors(database, again.fingerprint), again).read(texts)
    Encodings(DatabaseVectors(database, other.fingerprint), other).read(texts)
    assert sorted(first.texts) == sorted(other.texts) == sorted(set(texts))
    assert again.texts == []
    assert all(same(one, another) for one, another in zip(before, after, strict=True))
