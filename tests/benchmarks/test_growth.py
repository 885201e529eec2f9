from __future__ import annotations

import copy
import json
from pathlib import Path

from tests.benchmarks.growth import grown

ROWS: list[dict[str, object]] = [
    {
        "id": "PF-1",
        "kind": "platform",
        "name": "平台",
        "province": "广东省",
        "city": "东莞市",
        "summary": "有500L罐",
        "capabilities": ["放大至 2 吨"],
        "parameters": [{"name": "罐容", "min": 50, "max": None, "unit": "L"}],
    },
    {"id": "EQ-1", "kind": "equipment", "name": "设备", "province": "江苏省", "city": None, "summary": "无数字"},
]
SHIPPED = Path(__file__).parents[2] / "datasets" / "listings.jsonl"


def test_begins_with_the_rows_as_they_are() -> None:
    assert grown(ROWS, 2) == ROWS
    assert grown(ROWS, 1) == ROWS[:1]


def test_leaves_the_rows_alone() -> None:
    before = copy.deepcopy(ROWS)
    grown(ROWS, 10)
    assert before == ROWS


def test_copies_differ_in_id_name_and_numbers() -> None:
    first = grown(ROWS, 5)[2]
    assert first["id"] == "PF-1-1"
    assert first["name"] != "平台"
    assert first["kind"] == "platform"
    assert isinstance(first["parameters"], list)
    parameter: dict[str, float | None] = first["parameters"][0]
    assert parameter["min"]
    assert 25 <= parameter["min"] <= 100
    assert parameter["min"] != 50
    assert parameter["max"] is None
    assert "500" not in str(first["summary"])


def test_a_place_is_one_of_the_catalogue_s() -> None:
    places = {(row["province"], row["city"]) for row in ROWS}
    assert {(row["province"], row["city"]) for row in grown(ROWS, 40)} == places


def test_same_arguments_same_rows_and_a_longer_one_begins_with_the_shorter() -> None:
    assert grown(ROWS, 9) == grown(ROWS, 9)
    assert grown(ROWS, 9)[:6] == grown(ROWS, 6)
    assert grown(ROWS, 9, seed=1) != grown(ROWS, 9)


def test_ids_and_names_of_a_grown_catalogue_are_unique() -> None:
    rows = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    larger = grown(rows, 4 * len(rows))
    assert len({row["id"] for row in larger}) == len(larger)
    assert len({row["name"] for row in larger}) > 0.99 * len(larger)
