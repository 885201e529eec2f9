"""Vectors on a server beside vectors in memory: the same candidates, signals and answers, whoever wrote what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import Encoder
from embeddings.milvus_rows import Row
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.row_change import RowChange
from matcher.errors import BrokenArtefact, InvalidInput, Unavailable
from matcher.match import Matcher
from matcher.records import Listing, Need
from matcher.retrieval.listing_index import SHORT, ListingIndex, full_digest, short_digest
from matcher.retrieval.retriever import Retriever
from matcher.retrieval.shared import SharedVectors
from matcher.retrieval.synonyms import Synonyms
from matcher.retrieval.words import Words
from matcher.settings import Settings
from tests.matcher.hash_encoder import DIMENSION, HashEncoder
from tests.matcher.retrieval.lite import Lite, open_index
from tests.matcher.small import LISTINGS, PROFILE

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")

TRADES = ("发酵", "冻干", "涂布", "烧结", "挤出", "镀膜", "封装", "结晶", "蒸馏", "注塑")
KINDS = ("platform", "equipment", "manufacturer", "solution")
CITIES = ("东莞", "广州", "苏州", "成都", None)
NEEDS = ("发酵放大 500 L", "晶圆镀膜与封装,东莞", "找一家能做冻干的代工厂", "")


def made(count: int, first: int = 0) -> list[Listing]:
    """Listings in the order of ids, no two alike."""
    return [
        Listing(
            f"L{number:04}",
            KINDS[number % 4],  # type: ignore[arg-type]  # one of the kinds
            f"{TRADES[number % 10]}{TRADES[number * 7 % 9]}中试线{number}",
            city=CITIES[number % 5],
            summary=f"{TRADES[number * 3 % 10]}放大,第 {number} 号,{number * 37 % 1000} 升",
            qualifications=("GMP",) if number % 3 else (),
        )
        for number in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lite]:
    lite = Lite(tmp_path_factory.mktemp("milvus"))
    with open_index(lite.url(), HashEncoder()):  # keeps the file open, so that each test need not open it
        yield lite


@pytest.fixture(scope="module")
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture(scope="module")
def encodings(encoder: HashEncoder, tmp_path_factory: pytest.TempPathFactory) -> Encodings:
    return Encodings(tmp_path_factory.mktemp("encodings"), encoder)


def retriever(
    listings: Sequence[Listing], encoder: HashEncoder, encodings: Encodings, index: ListingIndex | None = None
) -> Retriever:
    vectors = SharedVectors(index, listings, encodings, DIMENSION) if index else None
    return Retriever(listings, Words(), Synonyms(), encoder, encodings, vectors=vectors)


def assert_alike(shared: Retriever, local: Retriever, depth: int = 20) -> None:
    """The same candidates and signals for needs and masks of all sizes."""
    drawn = np.random.default_rng(1)
    masks = [None, *(drawn.random(local.size) < share for share in (0.9, 0.5, 0.25, 0.05, 0.0))]
    for text in NEEDS:
        ours, theirs = local.read(text), shared.read(text)
        for mask in masks:
            rows = local.propose(ours, mask, depth)
            np.testing.assert_array_equal(shared.propose(theirs, mask, depth), rows)
            np.testing.assert_allclose(
                shared.measure(theirs, rows).signals, local.measure(ours, rows).signals, atol=1e-6
            )
        everything = np.ones(local.size, np.bool_)
        nearest = local.nearest(ours, everything, 30).rows
        np.testing.assert_array_equal(shared.nearest(theirs, everything, 30).rows, nearest)


class TestCandidates:
    @pytest.mark.slow
    @pytest.mark.parametrize("named", [2_000, 10])
    def test_as_in_memory(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings, monkeypatch: pytest.MonkeyPatch, named: int
    ) -> None:
        """Once with rows named one by one, once with conditions on fields."""
        monkeypatch.setattr("matcher.retrieval.shared._NAMED", named)
        listings = made(300)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            assert_alike(shared, retriever(listings, encoder, encodings))

    def test_a_narrow_condition_still_brings_as_many_as_there_are(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("matcher.retrieval.shared._NAMED", 5)
        monkeypatch.setattr("matcher.retrieval.shared._SPARE", 0)
        listings = made(300)
        rows = np.arange(0, 300, 9)  # of all kinds and cities: no condition on fields narrows to them
        with open_index(lite.url("&words=off"), encoder) as index:
            vectors = SharedVectors(index, listings, encodings, DIMENSION)
            near = vectors.near(encoder.read_need("发酵"), "发酵")
            local = retriever(listings, encoder, encodings)
            mask = np.zeros(300, np.bool_)
            mask[rows] = True
            np.testing.assert_array_equal(near.nearest(rows, 20), local.nearest(local.read("发酵"), mask, 20).rows)

    def test_words_of_the_server_only_add(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        listings = made(300)
        local = retriever(listings, encoder, encodings)
        with open_index(lite.url(), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            found = shared.read(NEEDS[2]).near.propose(np.arange(300), 5)
            assert {"冻干" in listings[row].name + listings[row].summary for row in found[5:].tolist()} == {True}
            for text in NEEDS:
                rows = shared.propose(shared.read(text), None, 20)
                assert set(local.propose(local.read(text), None, 20).tolist()) <= set(rows.tolist())
            mask = np.arange(300) % 4 == 1
            kept = shared.read(NEEDS[2]).near.propose(np.flatnonzero(mask), 20)
            assert mask[kept].all()

    @pytest.mark.slow
    def test_others_rows_are_passed_over(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        listings = made(300)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            near = encoder.read_need(NEEDS[0]).vector
            index.full.put([Row(f"S{number}", "", near, {"kind": "platform"}) for number in range(100)])
            assert_alike(shared, retriever(listings, encoder, encodings))

    def test_rows_that_the_server_lost_are_scored_all_the_same(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings
    ) -> None:
        listings = made(100)
        local = retriever(listings, encoder, encodings)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            index.remove([one.id for one in listings[:50]])
            rows = np.arange(100)
            np.testing.assert_allclose(
                shared.measure(shared.read(NEEDS[0]), rows).signals,
                local.measure(local.read(NEEDS[0]), rows).signals,
                atol=1e-6,
            )


class TestReading:
    def test_one_that_only_reads_answers_alike_and_writes_nothing(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings
    ) -> None:
        listings, url = made(300), lite.url("&words=off")
        others = [replace(one, summary="旧的说法") for one in listings[:40]] + listings[40:150]
        with open_index(url, encoder) as writer, open_index(url, encoder, writes=False) as reader:
            writer.put(others, encodings)
            before = writer.full.digests()
            shared = retriever(listings, encoder, encodings, reader)
            assert_alike(shared, retriever(listings, encoder, encodings))
            assert writer.full.digests() == before

    def test_a_change_that_is_only_tried_stays_here(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings
    ) -> None:
        listings, url = made(120), lite.url("&words=off")
        with open_index(url, encoder) as writer, open_index(url, encoder, writes=False) as reader:
            writer.put(listings, encodings)
            new = [replace(listings[3], name="发酵罐"), *made(2, first=500)]
            change = RowChange.between(listings, {listings[3].id, listings[9].id}, new)
            after = sorted([*listings[:3], *listings[4:9], *listings[10:], *new], key=lambda one: one.id)
            shared = retriever(listings, encoder, encodings, reader).changed(change)
            assert_alike(shared, retriever(after, encoder, encodings))
            assert len(writer.full.digests()) == 120


class TestWriting:
    def test_changes_reach_the_collections(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        listings = made(120)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            new = [replace(listings[3], name="发酵罐"), *made(2, first=500)]
            change = RowChange.between(listings, {listings[3].id, listings[9].id}, new)
            after = sorted([*listings[:3], *listings[4:9], *listings[10:], *new], key=lambda one: one.id)
            assert_alike(shared.changed(change), retriever(after, encoder, encodings))
            assert index.full.digests() == {one.id: full_digest(one) for one in after}
            assert index.short.digests() == {one.id: short_digest(one) for one in after}

    def test_only_what_differs_is_written(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        listings = made(50)
        with open_index(lite.url(), encoder) as index:
            index.put(listings, encodings)
            assert index.differing(listings) == index.differing(listings, all_rows=True) == []
            moved = replace(listings[7], city="天津")
            renamed = replace(listings[8], name="另一条线")
            assert index.differing([*listings[:7], moved, renamed]) == [moved, renamed]
            assert index.differing([replace(listings[0], source_url="https://example.org")]) == []

    def test_starting_takes_out_what_is_nobodys(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        listings, url = made(30), lite.url()
        with open_index(url, encoder) as index:
            index.put(made(40), encodings)
            assert index.strangers(one.id for one in listings) == {f"L{number:04}" for number in range(30, 40)}
            retriever(listings, encoder, encodings, index)
            assert index.strangers(one.id for one in listings) == set()

    def test_a_row_that_cant_be_removed_is_no_error(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        listings = made(60)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            monkeypatch.setattr(index, "remove", _away)
            after = shared.changed(RowChange.between(listings, {listings[0].id}, []))
            monkeypatch.undo()
            assert listings[0].id in index.full.digests()
            assert_alike(after, retriever(listings[1:], encoder, encodings))

    def test_what_cant_be_written_leaves_all_as_it_was(
        self, lite: Lite, encoder: HashEncoder, encodings: Encodings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        listings = made(60)
        with open_index(lite.url("&words=off"), encoder) as index:
            shared = retriever(listings, encoder, encodings, index)
            monkeypatch.setattr(index, "put", _away)
            with pytest.raises(Unavailable):
                shared.changed(RowChange.between(listings, set(), made(1, first=900)))
            monkeypatch.undo()
            assert_alike(shared, retriever(listings, encoder, encodings))


class TestAddresses:
    def test_another_encoders_or_catalogues_collections_are_refused(self, lite: Lite, encoder: HashEncoder) -> None:
        url = lite.url()
        with open_index(url, encoder):
            with pytest.raises(BrokenArtefact, match="encoder") as caught:
                ListingIndex(url, HashEncoder("other"), "test", writes=True)
            assert "pilotmatch index --rebuild" in str(caught.value.hint)
            with pytest.raises(BrokenArtefact, match="catalogue"):
                ListingIndex(url, encoder, "other", writes=True)

    def test_short_texts_lie_beside(self, lite: Lite, encoder: HashEncoder, encodings: Encodings) -> None:
        with open_index(lite.url(), encoder) as index:
            index.put(made(3), encodings)
            assert SHORT == "_short"
            assert index.scores(encoder.read_need("x").vector, ["L0001", "nobody"], of_short=True).keys() == {"L0001"}

    def test_errors_come_in_the_words_of_this_package(self, encoder: HashEncoder) -> None:
        with pytest.raises(InvalidInput, match="向量库") as caught:
            ListingIndex("postgres://x", encoder, "test", writes=True)
        assert caught.value.field == "PILOTMATCH_INDEX"
        with pytest.raises(Unavailable, match="Milvus"):
            ListingIndex("milvus://127.0.0.1:9/x", encoder, "test", writes=True)


def test_a_whole_matcher_answers_alike(lite: Lite, tmp_path: Path) -> None:
    encoder = HashEncoder()
    settings = Settings(_env_file=None, data=tmp_path)
    local = Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=encoder)
    with open_index(lite.url(), encoder) as index:
        shared = Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=encoder, index=index)
        for text in ("500 L发酵罐中试放大,GMP", "晶圆流片", "锂电池涂布,成都"):
            ours, theirs = local.match(Need(text)), shared.match(Need(text))
            assert [match.listing.id for match in theirs.matches] == [match.listing.id for match in ours.matches]
            assert [match.reasons for match in theirs.matches] == [match.reasons for match in ours.matches]
            assert [match.score for match in theirs.matches] == pytest.approx([one.score for one in ours.matches])
            assert theirs.coverage == ours.coverage


@pytest.mark.slow
def test_ten_best_of_the_shipped_catalogue_as_in_memory(
    lite: Lite,
    shipped_settings: Settings,
    shipped_listings: tuple[Listing, ...],
    real_needs: list[Need],
    bundled: Encoder,
) -> None:
    local = Matcher.load(shipped_settings, shipped_listings, profile="fast", encoder=bundled)
    with open_index(lite.url(), bundled) as index:
        shared = Matcher.load(shipped_settings, shipped_listings, profile="fast", encoder=bundled, index=index)
        for need in real_needs[::5]:
            wanted = [match.listing.id for match in local.match(need, explained=False).matches]
            assert [match.listing.id for match in shared.match(need, explained=False).matches] == wanted


def _away(*_: object, **__: object) -> None:
    raise Unavailable("连不上向量库 Milvus")
