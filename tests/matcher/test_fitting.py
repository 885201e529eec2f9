"""Which needs fit a listing: the same pairs, fits and, before reading, scores as in the needs' own matches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from matcher.errors import InvalidInput, NotFound
from matcher.fitting import FittingNeed, NeedReadings, _Remembered, fitting_needs, supply_row, texts_of
from matcher.match import Matcher
from matcher.records import Need, Parameter
from matcher.retrieval.one_listing import read_words
from matcher.today import today

TODAY = today()
NEEDS = [
    Need("MEMS压力传感器8英寸晶圆流片", id="N-1"),
    Need("酶制剂发酵放大,需要400 L发酵罐,有GMP车间", id="N-2", certificates=("GMP",)),
    Need("", id="N-3", industry=("生物制造",), parameters=(Parameter("发酵罐容积", 300, None, "L"),)),
    Need("需要90000 L发酵罐,必须有GMP", id="N-4", must=("quantity",)),
    Need("饮料小批量试制,6个月内", id="N-5", kinds=("manufacturer",)),
    Need("", id="N-6", province="广东省"),
    Need("酶制剂发酵放大到500 L,不要CDMO龙头", id="N-7"),
]


def fitting(matcher: Matcher, listing_id: str, needs: list[Need]) -> list[FittingNeed]:
    return fitting_needs(matcher, listing_id, needs, NeedReadings(), TODAY)


@pytest.mark.parametrize("listing_id", ["PF-1", "PF-4", "MF-3", "EQ-1"])
def test_scores_fits_and_removals_are_those_of_the_needs_own_matches(small_matcher: Matcher, listing_id: str) -> None:
    for found in fitting(small_matcher, listing_id, [*NEEDS[:5], *NEEDS[6:]]):
        answer = small_matcher.match(found.need, top=100, keep_removed=True)
        own = next((one for one in answer.matches if one.listing.id == listing_id), None)
        if not found.is_wanted:
            assert own is None
            continue
        assert own is not None
        assert found.score == own.score
        assert found.fits == own.fits
        removed = [reason.text for reason in own.reasons if reason.feature == "near_miss"]
        assert found.removal == (removed[0] if removed else None)


def test_over_the_shipped_catalogue_scores_are_the_same_to_the_last_bit(
    shipped_matcher: Matcher, real_needs: list[Need]
) -> None:
    listing = shipped_matcher.catalogue.supply[42]
    for found in fitting(shipped_matcher, listing.id, real_needs[:20]):
        survey = shipped_matcher.survey(replace(found.need, must=()), listing.kind)
        place = int(np.flatnonzero(survey.rows == 42)[0])
        assert found.score == float(survey.scores[place])


def test_best_first_and_equal_scores_in_the_order_given(small_matcher: Matcher) -> None:
    twins = [replace(NEEDS[1], id=f"N-{one}") for one in (9, 7, 8)]
    found = fitting(small_matcher, "PF-1", [NEEDS[0], *twins])
    assert [one.need.id for one in found] == ["N-9", "N-7", "N-8", "N-1"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found[0].grade == small_matcher.ranker.grade(found[0].score)


def test_a_need_is_measured_alone_as_among_others(small_matcher: Matcher) -> None:
    together = {one.need.id: one for one in fitting(small_matcher, "PF-2", NEEDS)}
    for need in NEEDS:
        assert fitting(small_matcher, "PF-2", [need]) == [together[need.id]]


def test_hard_conditions_and_other_kinds_keep_a_need_out(small_matcher: Matcher) -> None:
    found = {one.need.id: one for one in fitting(small_matcher, "PF-1", NEEDS)}
    assert not found["N-4"].is_kept
    assert found["N-4"].removal
    assert (found["N-5"].is_kept, found["N-5"].is_wanted) == (False, False)
    assert found["N-2"].is_kept


def test_the_best_grade_takes_what_is_unsaid_as_met(small_matcher: Matcher) -> None:
    order = ("weak", "possible", "strong")
    for listing_id in ("PF-1", "PF-4", "MF-2"):
        for one in fitting(small_matcher, listing_id, NEEDS):
            assert order.index(one.best) >= order.index(one.grade)
            if all(fit.outcome != "unknown" for fit in one.fits):
                assert one.best == one.grade


def test_remembered_readings_change_nothing(small_matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = NeedReadings()
    first = fitting_needs(small_matcher, "PF-1", NEEDS, readings, TODAY)
    monkeypatch.setattr(small_matcher.retriever, "encode", None)
    monkeypatch.setattr(small_matcher.reader, "read", None)
    assert fitting_needs(small_matcher, "PF-1", NEEDS, readings, TODAY) == first
    assert readings.missing(texts_of(small_matcher, NEEDS, readings, TODAY)) == []


def test_stored_vectors_give_the_same_scores(small_matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    first, readings = fitting(small_matcher, "PF-1", NEEDS), NeedReadings()
    texts = texts_of(small_matcher, NEEDS, readings, TODAY)
    assert readings.missing([*texts, *texts]) == list(dict.fromkeys(texts))
    stored = {text: read_words(small_matcher.retriever, text).coded for text in texts}
    monkeypatch.setattr(small_matcher.retriever, "encode", None)
    assert fitting_needs(small_matcher, "PF-1", NEEDS, readings, TODAY, stored) == first


def test_another_day_reads_deadlines_anew(small_matcher: Matcher) -> None:
    readings = NeedReadings()
    need = Need("发酵放大,2027年3月1日前完成", id="N-1")
    days = [
        fitting_needs(small_matcher, "PF-1", [need], readings, TODAY + timedelta(days=days))[0].fits[-1].requirement
        for days in (0, 1)
    ]
    assert days[0] != days[1]


def test_readings_serve_the_catalogue_of_the_moment(small_matcher: Matcher) -> None:
    readings = NeedReadings()
    fitting_needs(small_matcher, "PF-1", NEEDS, readings, TODAY)
    listing = small_matcher.catalogue.get("PF-4")
    assert listing is not None
    after = small_matcher.with_changes([replace(listing, summary="酶制剂发酵放大", qualifications=("GMP",))], ["PF-2"])
    assert fitting_needs(after, "PF-4", NEEDS, readings, TODAY) == fitting(after, "PF-4", NEEDS)
    with pytest.raises(NotFound):
        fitting_needs(after, "PF-2", NEEDS, readings, TODAY)


def test_no_needs_and_no_such_listing(small_matcher: Matcher) -> None:
    assert fitting(small_matcher, "PF-1", []) == []
    assert supply_row(small_matcher, "PF-1") == small_matcher.catalogue.row("PF-1")
    with pytest.raises(NotFound):
        fitting(small_matcher, "PF-none", NEEDS)
    with pytest.raises(InvalidInput) as refused:
        fitting(small_matcher, "CA-1", [])
    assert refused.value.field == "listing_id"


def test_what_is_remembered_stays_within_its_room() -> None:
    remembered: _Remembered[str] = _Remembered(10, len)
    for key in range(5):
        remembered.put(key, "xxxx")
    assert [remembered.get(key) for key in range(5)] == [None, None, None, "xxxx", "xxxx"]
    remembered.get(3)
    remembered.put(9, "xxxx")
    assert remembered.get(3) == "xxxx"
    assert remembered.get(4) is None
    remembered.put(3, "xx")
    remembered.put(8, "xxxx")
    assert [remembered.get(key) for key in (3, 8, 9)] == ["xx", "xxxx", "xxxx"]
    remembered.put(7, "x" * 99)
    assert remembered.get(7) == "x" * 99
    assert remembered.get(8) is None
