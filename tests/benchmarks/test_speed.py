"""The parts of the speed benchmark on a catalogue of eighty listings, with an encoder that needs no model."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import listing_from
from matcher.match import Matcher
from matcher.records import Listing, Matches, Need
from matcher.retrieval.views import full_text
from matcher.settings import Settings
from tests.benchmarks import filters, speed_child
from tests.benchmarks.filters import FILTERS, ONE_IN, FilteredRecall, brute_force, filtered_recall, passing_rows
from tests.benchmarks.grown_encodings import NOISE, store
from tests.benchmarks.growth import grown
from tests.benchmarks.rivals.task import Row, read_rows, supply
from tests.benchmarks.speed_child import measure
from tests.benchmarks.speed_table import page
from tests.matcher.hash_encoder import HashEncoder

SHIPPED = Path(__file__).parents[2] / "datasets" / "listings.jsonl"
NEEDS = [Need(id=f"N{i}", text=text) for i, text in enumerate(["需要500L发酵罐做放大", "8英寸晶圆流片", "锂电池试制"])]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return supply(read_rows(SHIPPED))[::20]


@pytest.fixture(scope="module")
def folder(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Listings and encodings of twice the rows."""
    made = tmp_path_factory.mktemp("bench")
    larger, encoder = grown(rows, 2 * len(rows)), HashEncoder()
    (made / "listings.jsonl").write_text("".join(json.dumps(row) + "\n" for row in larger), encoding="utf-8")
    known = Encodings(made / "known", encoder)
    store(made / "encodings", encoder, listings(rows), listings(larger), known)
    return made


def listings(rows: list[Row] | list[dict[str, object]]) -> list[Listing]:
    return [listing_from(dict(row)) for row in rows]


class TestStore:
    def test_every_text_is_known_afterwards(self, folder: Path, rows: list[Row]) -> None:
        encodings = Encodings(folder / "encodings", HashEncoder())
        assert encodings.missing([full_text(listing) for listing in listings(grown(rows, 2 * len(rows)))]) == 0

    def test_originals_are_as_encoded_and_copies_near_them(self, folder: Path, rows: list[Row]) -> None:
        encodings, encoder = Encodings(folder / "encodings", HashEncoder()), HashEncoder()
        texts = [full_text(listing) for listing in listings(grown(rows, 2 * len(rows)))]
        vectors = np.stack([one.vector for one in encodings.read(texts)])
        original, copied = vectors[: len(rows)], vectors[len(rows) :]
        np.testing.assert_allclose(original, encoder.encode_listings(texts[: len(rows)]), atol=1e-6)
        distances = np.linalg.norm(original - copied, axis=1)
        assert (distances > NOISE / 2).all()
        assert (distances < 2 * NOISE).all()
        np.testing.assert_allclose(np.linalg.norm(copied, axis=1), 1.0, atol=1e-5)


class TestFilters:
    @pytest.fixture
    def matcher(self, folder: Path, rows: list[Row]) -> Matcher:
        return Matcher.load(Settings(data=folder), listings(grown(rows, 2 * len(rows))), encoder=HashEncoder())

    @pytest.mark.slow
    def test_brute_force_ranks_every_row_once(self, matcher: Matcher) -> None:
        everything = np.arange(len(matcher.catalogue.supply))
        ranked = brute_force(matcher, NEEDS[0], everything)
        assert sorted(ranked) == sorted(listing.id for listing in matcher.catalogue.supply)

    def test_brute_force_does_not_depend_on_its_parts(self, matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
        ranked = matcher.candidates(NEEDS[0], [listing.id for listing in matcher.catalogue.supply])
        at_once = [matcher.catalogue.supply[row].id for row in matcher.read(NEEDS[0].text, ranked).rows]
        monkeypatch.setattr(filters, "PART", 7)
        assert brute_force(matcher, NEEDS[0], np.arange(len(at_once))) == at_once

    def test_kinds_and_hard_conditions_decide_what_passes(self, matcher: Matcher) -> None:
        need = replace(NEEDS[0], kinds=("equipment",), places=("广东省",), must=("place",))
        passing = [matcher.catalogue.supply[row] for row in passing_rows(matcher, need)]
        assert passing
        assert {listing.kind for listing in passing} == {"equipment"}
        # City groups and neighbours count as the place too, so only what is far away must be gone.
        assert not {"黑龙江省", "新疆维吾尔自治区"} & {listing.province for listing in passing}
        assert len(passing) < sum(listing.kind == "equipment" for listing in matcher.catalogue.supply)

    @pytest.mark.slow
    def test_filters_narrow_and_no_answer_is_cut_short(self, matcher: Matcher) -> None:
        ticks: list[int] = []
        found = list(filtered_recall(matcher, NEEDS, lambda: ticks.append(1)))
        assert len(ticks) == (len(FILTERS) + len(ONE_IN)) * len(NEEDS)
        assert found[0].share == 1.0
        assert all(row.share < 1.0 for row in found[1:] if row.needs)
        assert all(row.short == 0 for row in found)
        assert all(0.0 <= row.recall <= 1.0 for row in found if row.needs)


def test_measures_a_catalogue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_child, "WARM_UP", 0)
    began = time.time() - 5
    measured = measure(folder, folder / "listings.jsonl", NEEDS, HashEncoder(), began, "fast")
    assert measured.listings == len((folder / "listings.jsonl").read_text().splitlines())
    assert measured.matches == len(NEEDS) - 1
    assert 0 < measured.p50 <= measured.p95
    assert measured.unread_p50 is None
    assert measured.encoder_p50 < measured.p50
    assert measured.start_up_s > 5
    assert measured.peak_mb > 50
    assert json.loads(json.dumps(asdict(measured)))["filters"][0]["filter"] == "none"


@pytest.mark.slow
def test_what_reads_is_measured_once_all_needs_have_been_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    match = Matcher.match

    def noted(matcher: Matcher, need: Need, **options: Any) -> Matches:
        asked.append(need.text)
        return match(matcher, need, **options)

    monkeypatch.setattr(speed_child, "WARM_UP", 0)
    monkeypatch.setattr(Matcher, "match", noted)
    measured = measure(folder, folder / "listings.jsonl", NEEDS, HashEncoder(), time.time(), "default")
    assert measured.profile == "default"
    assert measured.unread_p50 is not None
    assert measured.unread_p50 > 0
    texts = [need.text for need in NEEDS]
    assert asked[: 2 * len(NEEDS)] == [texts[0], *(f"{text};" for text in texts), *texts[1:]]


def test_the_table_has_times_and_recall_side_by_side() -> None:
    measured = speed_child.Measured(
        24_000,
        "default",
        300,
        20.04,
        31,
        45.06,
        18,
        11,
        14,
        9,
        17,
        3.21,
        1234.5,
        [FilteredRecall("equipment", 0.001, 0.995, 0, 10)],
    )
    text = page([measured], "make bench", 2)
    assert (
        "| 24,000 | default | 300 | 20.0 | 31.0 | 45.1 | 18.0 | 11.0 | 14.0 | 9.0 | 17.0 | 3.2 s | 1,234 MB |" in text
    )
    assert "| fast | 300 | 20.0 | 31.0 | – | 18.0" in page([replace(measured, profile="fast", unread_p50=None)], "x", 2)
    assert "| 24,000 | equipment | 0.10% | 0.995 | 0 | 10 |" in text
