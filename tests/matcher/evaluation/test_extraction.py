"""Extraction scores on hand-worked sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.errors import InvalidInput
from matcher.evaluation.extraction import Score, compare, load_labels, score_quantities
from matcher.records import Interval, QuantityRequirement

GOLD = Path(__file__).resolve().parents[3] / "datasets" / "quantity_gold.jsonl"
LITRES = {
    "text": "500升",
    "start": 0,
    "end": 4,
    "dimension": "volume",
    "min": 500,
    "max": 500,
    "unit": "L",
    "role": "capacity",
}
DAYS = {"text": "三天", "start": 5, "end": 7, "dimension": "time", "min": 3, "max": 3, "unit": "day", "role": "time"}


def gold(folder: Path, *labels: dict[str, object], text: str = "500升,三天") -> Path:
    path = folder / "gold.jsonl"
    row = {"id": "Q-1", "text": text, "source": "written", "quantities": list(labels)}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n\n", encoding="utf-8")
    return path


def reading(text: str, start: int, dimension: str, interval: Interval, unit: str) -> QuantityRequirement:
    return QuantityRequirement(
        text=text,
        start=start,
        end=start + len(text),
        dimension=dimension,
        interval=interval,
        unit=unit,
        role="capacity",
    )


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return gold(tmp_path, {**LITRES, "end": 4}, {**DAYS})


def test_the_spans_of_the_fixture_are_the_texts(two: Path) -> None:
    (sentence,) = load_labels(two)
    assert [label.text for label in sentence.quantities] == ["500升", "三天"]


def test_counts_hits_misses_and_inventions(two: Path) -> None:
    right = reading("500升", 0, "volume", Interval(500, 500), "L")
    invented = reading("升,", 3, "mass", Interval(1, 1), "kg")
    report = score_quantities(two, lambda _: [right, invented])
    assert report.strict == Score(correct=1, spurious=1, missed=1)
    assert (report.strict.precision, report.strict.recall, report.strict.f1) == (0.5, 0.5, 0.5)
    assert report.dimensions["volume"] == Score(1, 0, 0)
    assert report.dimensions["time"] == Score(0, 0, 1)
    assert report.dimensions["mass"] == Score(0, 1, 0)
    assert {(error.kind, error.text) for error in report.errors} == {("missed", "三天"), ("spurious", "升,")}


def test_equal_quantities_in_other_units_are_the_same(two: Path) -> None:
    report = score_quantities(two, lambda _: [reading("500升", 0, "volume", Interval(0.5, 0.5), "m^3")])
    assert report.strict.correct == 1


@pytest.mark.parametrize(
    "wrong",
    [
        reading("500升", 0, "mass", Interval(500, 500), "kg"),
        reading("500升", 0, "volume", Interval(min=500), "L"),
        reading("500升", 0, "volume", Interval(5, 500), "L"),
        reading("500升", 0, "volume", Interval(500, 500), "kg"),
        reading("00升", 1, "volume", Interval(500, 500), "L"),
    ],
)
def test_span_dimension_and_both_ends_must_agree(two: Path, wrong: QuantityRequirement) -> None:
    report = score_quantities(two, lambda _: [wrong])
    assert report.strict == Score(0, 1, 2)


def test_a_shifted_span_still_overlaps(two: Path) -> None:
    report = score_quantities(two, lambda _: [reading("00升", 1, "volume", Interval(500, 500), "L")])
    assert report.overlapping == Score(1, 0, 1)


def test_a_label_answers_for_one_reading_only(two: Path) -> None:
    right = reading("500升", 0, "volume", Interval(500, 500), "L")
    assert score_quantities(two, lambda _: [right, right]).strict == Score(1, 1, 1)


def test_roles_are_told_of_what_was_read(two: Path) -> None:
    right = [
        reading("500升", 0, "volume", Interval(500, 500), "L"),
        reading("三天", 5, "time", Interval(3, 3), "day"),
    ]
    report = score_quantities(two, lambda _: right)
    assert report.strict.f1 == 1
    assert report.role_accuracy == 0.5


def test_nothing_to_read_and_nothing_read_is_perfect(tmp_path: Path) -> None:
    report = score_quantities(gold(tmp_path, text="没有数字"), lambda _: [])
    assert (report.labels, report.strict.f1, report.role_accuracy) == (0, 1.0, 1.0)
    assert compare([]).strict == Score(0, 0, 0)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"id": "Q-1"}', '{"id": 1, "text": "a", "source": "b", "quantities": [{}]}']
)
def test_refuses_lines_that_are_no_sentences(tmp_path: Path, content: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput, match="第 1 行"):
        load_labels(path)


def test_refuses_a_span_that_is_not_its_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="不在所标位置"):
        load_labels(gold(tmp_path, {**LITRES, "start": 1}))


def test_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.jsonl"):
        score_quantities(tmp_path / "none.jsonl")


def test_the_shipped_sentences_are_enough_and_in_order() -> None:
    sentences = load_labels(GOLD)
    assert len(sentences) >= 420
    assert len({sentence.id for sentence in sentences}) == len(sentences)
    for sentence in sentences:
        starts = [label.start for label in sentence.quantities]
        assert starts == sorted(starts)
        assert all(label.interval.min <= label.interval.max for label in sentence.quantities)
