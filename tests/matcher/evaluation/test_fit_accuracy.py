from __future__ import annotations

from collections.abc import Callable

import pytest

from matcher.catalogue.listings_file import read_listings
from matcher.errors import NotFound
from matcher.evaluation import fit_accuracy
from matcher.evaluation.fit_accuracy import (
    JudgedPair,
    accuracy,
    judge_pairs,
    read_requirement,
    report,
    unknown_as_misses,
)
from matcher.evaluation.fit_pairs import FIT_PAIRS, FitPair, read_fit_pairs
from matcher.records import Fit, KindRequirement, Listing, Outcome, Parameter
from matcher.understanding.reading import Reader

TANK = Listing("X-1", "platform", "罐", parameters=(Parameter("发酵罐容积", 50, 300, "L"),))
#: Set below the figures measured when the pairs were labelled (held-out 0.99, all 0.98), so that a slip shows.
LEAST = 0.95


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def pair(text: str, outcome: Outcome, type_: str = "quantity", listing: str = "X-1", split: str = "dev") -> FitPair:
    return FitPair(text, type_, listing, outcome, "因为", split)


def judged(label: Outcome, said: Outcome | None) -> JudgedPair:
    fit = Fit(KindRequirement(text="x", kind="platform"), said) if said else None
    return JudgedPair(pair("x", label), fit)


def test_pairs_are_read_and_judged(reader: Reader) -> None:
    pairs = [pair("200 L发酵罐", "meets"), pair("500 L发酵罐", "misses"), pair("必须GMP", "unknown", "certificate")]
    found = judge_pairs(pairs, {"X-1": TANK}, reader)
    assert [one.outcome for one in found] == ["meets", "misses", "unknown"]
    assert accuracy(found) == 1.0


def test_a_requirement_of_another_type_is_not_taken(reader: Reader) -> None:
    assert read_requirement(pair("200 L发酵罐,必须GMP", "meets", "certificate"), reader) is not None
    assert read_requirement(pair("200 L发酵罐", "meets", "certificate"), reader) is None


def test_what_was_not_read_is_wrong_even_where_unknown_is_the_label(reader: Reader) -> None:
    (found,) = judge_pairs([pair("没有数字", "unknown")], {"X-1": TANK}, reader)
    assert (found.fit, found.outcome, found.is_right) == (None, "unknown", False)


def test_a_listing_that_is_not_there_is_named(reader: Reader) -> None:
    with pytest.raises(NotFound, match="X-9"):
        judge_pairs([pair("200 L", "meets", listing="X-9")], {"X-1": TANK}, reader)


def test_accuracy_and_the_worst_mistake_are_counted() -> None:
    found = [judged("meets", "meets"), judged("unknown", "misses"), judged("misses", "unknown"), judged("meets", None)]
    assert accuracy(found) == 0.25
    assert unknown_as_misses(found) == 1
    assert accuracy([]) == 0.0


def test_the_report_has_accuracy_confusion_and_errors() -> None:
    lines = report([judged("meets", "meets"), judged("unknown", "misses")]).splitlines()
    assert lines[0].split()[:3] == ["dev", "pairs", "0.500"]
    assert "unknown reported as misses: 1" in lines
    assert [line.split() for line in lines if line.startswith("unknown   ")] == [["unknown", "0", "1", "0"]]
    assert lines[-1].strip().startswith("quantity “x” × X-1: misses, label unknown")


def test_the_shipped_pairs_are_judged_as_their_reader_did(reader: Reader) -> None:
    listings = {listing.id: listing for listing in read_listings(FIT_PAIRS.with_name("listings.jsonl"))}
    found = judge_pairs(read_fit_pairs(), listings, reader)
    assert unknown_as_misses(found) == 0
    assert accuracy(found) >= LEAST
    assert accuracy([one for one in found if one.pair.split == "held-out"]) >= LEAST


def test_main_writes_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, reader: Reader
) -> None:
    load: Callable[[], Reader] = lambda: reader  # noqa: E731 a stand-in for a class method
    monkeypatch.setattr(fit_accuracy.Reader, "load", load)
    fit_accuracy.main()
    assert "all pairs" in capsys.readouterr().out
