"""Ten thousand rows against twenty-four thousand listings: figures, printed by `pytest -m benchmark` on this file."""

from __future__ import annotations

import io
import random
import resource
import time
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.catalogue.exporting.files import export
from matcher.catalogue.importing.plan import apply_plan
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import Known
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.listings_file import read_listings
from matcher.records import Listing

SHIPPED = read_listings(Path(__file__).parents[4] / "datasets" / "listings.jsonl")


def grown(count: int, seed: int) -> list[Listing]:
    """Listings that share operators and half of their words with others, but are none of them."""
    choose = random.Random(seed)
    found = []
    for number in range(count):
        one, other = choose.choice(SHIPPED), choose.choice(SHIPPED)
        name = f"{one.name}{other.name[:4]}{seed}{number}号"
        summary = one.summary[:80] + other.summary[:80]
        found.append(replace(one, id="", name=name, operator=other.operator, summary=summary))
    return found


def workbook(listings: list[Listing]) -> bytes:
    out = io.BytesIO()
    export(listings, "template", out)
    return out.getvalue()


def test_a_thousand_rows_against_a_thousand_take_seconds() -> None:
    known = [Known(replace(one, id=f"PF-{number}")) for number, one in enumerate(grown(1000, 2))]
    start = time.process_time()
    found = preview(read_table("x.xlsx", workbook(grown(1000, 1))), known)
    assert time.process_time() - start < 10
    assert found.counts()["new"] > 950


@pytest.mark.benchmark
def test_figures_for_ten_thousand_rows(capsys: pytest.CaptureFixture[str]) -> None:
    known = [Known(replace(one, id=f"PF-{number}")) for number, one in enumerate(grown(24_000, 2))]
    data = workbook(grown(10_000, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    table = read_table("x.xlsx", data)
    read = time.process_time()
    found = preview(table, known)
    seen = time.process_time()
    changes = apply_plan(found, {}, suggestions=True)
    done = time.process_time()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with capsys.disabled():
        print(  # noqa: T201  # a benchmark prints
            f"\n10,000 rows ({len(data) / 1e6:.1f} MB) against 24,000 listings, CPU seconds: read {read - start:.1f}, "
            f"preview {seen - read:.1f}, plan {done - seen:.1f}; {len(changes)} changes; "
            f"memory {before // 1024} → {after // 1024} MiB"
        )
