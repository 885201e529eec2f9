"""How well quantities are read: precision, recall and F1 against sentences labelled by hand."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import InvalidInput
from matcher.records import Interval, QuantityRequirement
from matcher.understanding.quantities import read_quantities
from matcher.understanding.units import in_base

#: Two ends are the same when they differ by less than what rounding in unit conversion leaves.
_TOLERANCE = 1e-6
Reader = Callable[[str], Sequence[QuantityRequirement]]


@dataclass(frozen=True, slots=True)
class LabelledQuantity:
    """A quantity as a person labelled it: offsets in its sentence, ends in the pint unit `unit`."""

    text: str
    start: int
    end: int
    dimension: str
    interval: Interval
    unit: str
    role: str


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One line of the gold file; `source` is the record it was taken from, or how it came about."""

    id: str
    text: str
    source: str
    quantities: tuple[LabelledQuantity, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts and what follows from them; a ratio of nothing is 1."""

    correct: int
    spurious: int
    missed: int

    @property
    def precision(self) -> float:
        return _ratio(self.correct, self.correct + self.spurious)

    @property
    def recall(self) -> float:
        return _ratio(self.correct, self.correct + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2tp / (2tp + fp + fn)."""
        return _ratio(2 * self.correct, 2 * self.correct + self.spurious + self.missed)


@dataclass(frozen=True, slots=True)
class ExtractionError:
    """A label that was not read (`missed`) or a reading that nobody labelled (`spurious`)."""

    sentence: str
    kind: str
    text: str
    dimension: str
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class ExtractionReport:
    """What `score_quantities` found.

    Attributes:
        strict: a reading counts when span, dimension and both ends are the label's.
        overlapping: the same with spans that only overlap.
        dimensions: strict scores by the label's (or the spurious reading's) dimension.
        role_accuracy: share of strictly correct readings with the label's role.
    """

    sentences: int
    labels: int
    strict: Score
    overlapping: Score
    dimensions: Mapping[str, Score]
    role_accuracy: float
    errors: tuple[ExtractionError, ...]


def load_labels(path: Path) -> list[LabelledSentence]:
    """Return the sentences of a gold file, one JSON object a line.

    Raises:
        InvalidInput: the file can't be read, a line is not such an object, or a span is not the text at its offsets.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"读不到标注文件 {path.name}", field="path") from error
    return [_sentence(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def score_quantities(path: Path, read: Reader = read_quantities) -> ExtractionReport:
    """Read every sentence of a gold file and compare with its labels.

    Raises:
        InvalidInput: see `load_labels`.
    """
    return compare(load_labels(path), read)


def compare(sentences: Iterable[LabelledSentence], read: Reader = read_quantities) -> ExtractionReport:
    """Return the report on `sentences` read with `read`; each label answers for one reading at most."""
    found = [(sentence, _read(sentence, read)) for sentence in sentences]
    matched = [(sentence, readings, _pairs(sentence.quantities, readings, _same)) for sentence, readings in found]
    loose = [_pairs(sentence.quantities, readings, _overlapping) for sentence, readings in found]
    labels = sum(len(sentence.quantities) for sentence, _ in found)
    read_in_all = sum(len(readings) for _, readings in found)
    correct, touching = sum(len(pairs) for *_, pairs in matched), sum(map(len, loose))
    roles = sum(
        sentence.quantities[label].role == readings[reading].role
        for sentence, readings, pairs in matched
        for label, reading in pairs.items()
    )
    return ExtractionReport(
        sentences=len(found),
        labels=labels,
        strict=Score(correct, read_in_all - correct, labels - correct),
        overlapping=Score(touching, read_in_all - touching, labels - touching),
        dimensions=_by_dimension(matched),
        role_accuracy=_ratio(roles, correct),
        errors=tuple(_errors(matched)),
    )


_Matched = list[tuple[LabelledSentence, tuple[LabelledQuantity, ...], dict[int, int]]]
_Same = Callable[[LabelledQuantity, LabelledQuantity], bool]


def _sentence(line: str, number: int) -> LabelledSentence:
    try:
        row = json.loads(line)
        quantities = tuple(_label(label) for label in row["quantities"])
        sentence = LabelledSentence(row["id"], row["text"], row["source"], quantities)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"标注文件第 {number} 行格式不对: {error}", field="path") from error
    for label in quantities:
        if sentence.text[label.start : label.end] != label.text:
            raise InvalidInput(f"标注文件第 {number} 行: “{label.text}” 不在所标位置", field="path")
    return sentence


def _label(row: Mapping[str, object]) -> LabelledQuantity:
    low, high = row["min"], row["max"]
    interval = Interval(
        -math.inf if low is None else float(str(low)),
        math.inf if high is None else float(str(high)),
    )
    return LabelledQuantity(
        text=str(row["text"]),
        start=int(str(row["start"])),
        end=int(str(row["end"])),
        dimension=str(row["dimension"]),
        interval=interval,
        unit=str(row["unit"]),
        role=str(row["role"]),
    )


def _read(sentence: LabelledSentence, read: Reader) -> tuple[LabelledQuantity, ...]:
    return tuple(
        LabelledQuantity(
            text=quantity.text,
            start=quantity.start or 0,
            end=quantity.end or 0,
            dimension=quantity.dimension,
            interval=quantity.interval,
            unit=quantity.unit,
            role=quantity.role,
        )
        for quantity in read(sentence.text)
    )


def _pairs(labels: Sequence[LabelledQuantity], readings: Sequence[LabelledQuantity], same: _Same) -> dict[int, int]:
    """Return label index → reading index, first come first served."""
    free = dict(enumerate(readings))
    pairs: dict[int, int] = {}
    for index, label in enumerate(labels):
        hit = next((position for position, reading in free.items() if same(label, reading)), None)
        if hit is not None:
            pairs[index] = hit
            del free[hit]
    return pairs


def _same(label: LabelledQuantity, reading: LabelledQuantity) -> bool:
    return (label.start, label.end) == (reading.start, reading.end) and _same_value(label, reading)


def _overlapping(label: LabelledQuantity, reading: LabelledQuantity) -> bool:
    return label.start < reading.end and reading.start < label.end and _same_value(label, reading)


def _same_value(label: LabelledQuantity, reading: LabelledQuantity) -> bool:
    if label.dimension != reading.dimension:
        return False
    try:
        wanted, unit = in_base(label.dimension, label.interval, label.unit)
        given, other = in_base(reading.dimension, reading.interval, reading.unit)
    except ValueError:
        return False
    return unit == other and _close(wanted.min, given.min) and _close(wanted.max, given.max)


def _close(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-12)


def _by_dimension(matched: _Matched) -> dict[str, Score]:
    correct, labelled, given = Counter[str](), Counter[str](), Counter[str]()
    for sentence, readings, pairs in matched:
        labelled.update(label.dimension for label in sentence.quantities)
        given.update(reading.dimension for reading in readings)
        correct.update(sentence.quantities[index].dimension for index in pairs)
    return {
        name: Score(correct[name], given[name] - correct[name], labelled[name] - correct[name])
        for name in sorted(labelled | given)
    }


def _errors(matched: _Matched) -> Iterator[ExtractionError]:
    for sentence, readings, pairs in matched:
        hit = set(pairs.values())
        yield from (
            _error(sentence, "missed", label) for index, label in enumerate(sentence.quantities) if index not in pairs
        )
        yield from (_error(sentence, "spurious", reading) for index, reading in enumerate(readings) if index not in hit)


def _error(sentence: LabelledSentence, kind: str, quantity: LabelledQuantity) -> ExtractionError:
    interval = quantity.interval
    return ExtractionError(
        sentence.id, kind, quantity.text, quantity.dimension, interval.min, interval.max, quantity.unit
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
