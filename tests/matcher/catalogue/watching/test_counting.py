"""Counting in memory: what an answer leaves behind, and that threads lose nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from matcher.catalogue.watching.counting import SEEN, WHOLE, WORTH, Counters, minute_of, place_of
from tests.matcher.catalogue.watching.scene import NOON, Clock, answer
from tests.matcher.small import LISTINGS

MINUTE = minute_of(NOON)
RANKING = ("city", "1")


@pytest.fixture
def counters() -> Counters:
    return Counters(Clock())


def counts(counters: Counters) -> dict[str, int]:
    """What was counted in the one minute of these tests, without latencies."""
    taken = counters.take().counts
    assert {key[:3] for key in taken} <= {("city", "1", MINUTE)}
    return {key[3]: count for key, count in taken.items() if not key[3].startswith("ms:")}


def test_an_answer_is_counted_with_its_latency(counters: Counters) -> None:
    counters.answered(answer(), 1.0)
    assert counters.take().counts == {("city", "1", MINUTE, "answers"): 1, ("city", "1", MINUTE, "ms:4"): 1}


def test_what_is_taken_is_gone_until_it_is_given_back(counters: Counters) -> None:
    counters.answered(answer(), 1.0)
    taken = counters.take()
    assert not counters.take()
    counters.answered(answer(), 1.0)
    counters.give_back(taken)
    again = counters.take()
    assert again.counts["city", "1", MINUTE, "answers"] == 2
    assert sum(again.shown.values()) == 2


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (answer(), {"answers": 1}),
        (answer(listings=()), {"answers": 1, "zero": 1}),
        (answer(coverage="none"), {"answers": 1, "nothing": 1}),
        (answer(listings=(), coverage="none"), {"answers": 1, "zero": 1, "nothing": 1}),
        (answer(coverage="partial"), {"answers": 1}),
    ],
)
def test_what_an_answer_was_like(counters: Counters, found: object, what: dict[str, int]) -> None:
    counters.answered(found, 1.0)  # type: ignore[arg-type]  # the parameters are answers
    assert counts(counters) == what


def test_enquiries_go_to_the_profile_that_ranks(counters: Counters) -> None:
    counters.enquired(RANKING)
    counters.enquired(RANKING)
    assert counts(counters) == {"enquiries": 2}


def test_names_are_cut_to_what_the_columns_hold(counters: Counters) -> None:
    counters.enquired(("x" * 99, "9" * 99))
    assert list(counters.take().counts) == [("x" * 60, "9" * 20, MINUTE, "enquiries")]


class TestExposure:
    def test_places_count_less_further_down(self, counters: Counters) -> None:
        counters.answered(answer(listings=LISTINGS[:3]), 1.0)
        day = date(2026, 11, 15)
        assert counters.take().exposure == {
            (day, "city", "1", "珠江生物有限公司", "广东"): WHOLE,
            (day, "city", "1", "太湖发酵工程中心", "江苏"): 630_930,
            (day, "city", "1", "闽江食品中试基地", "福建"): 500_000,
        }

    def test_two_listings_of_an_operator_add_up(self, counters: Counters) -> None:
        counters.answered(answer(listings=(LISTINGS[0], replace(LISTINGS[0], id="PF-9"))), 1.0)
        taken = counters.take()
        assert list(taken.exposure.values()) == [1_630_930]
        assert list(taken.shown.values()) == [2]

    def test_far_down_nobody_is_seen(self, counters: Counters) -> None:
        many = [replace(LISTINGS[0], id=str(number)) for number in range(SEEN + 20)]
        counters.answered(answer(listings=many), 1.0)
        taken = counters.take()
        assert list(taken.exposure.values()) == [sum(WORTH)]
        assert list(taken.shown.values()) == [SEEN]

    def test_the_day_is_that_of_china(self) -> None:
        counters = Counters(Clock(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)))
        counters.answered(answer(), 1.0)
        assert [day for day, *_ in counters.take().exposure] == [date(2026, 12, 1)]

    @pytest.mark.parametrize(
        ("operator", "name", "province", "wanted"),
        [
            ("甲公司", "平台", "广东", ("甲公司", "广东")),
            (None, "平台", None, ("平台", "未注明")),
            (" ", "平台", " ", ("平台", "未注明")),
            ("甲" * 300, "平台", "省" * 300, ("甲" * 200, "省" * 100)),
        ],
    )
    def test_whose_it_is(self, operator: str | None, name: str, province: str | None, wanted: tuple[str, str]) -> None:
        assert place_of(operator, name, province) == wanted


def test_threads_lose_nothing(counters: Counters) -> None:
    found, taken = answer(), []

    def count() -> None:
        for _ in range(500):
            counters.answered(found, 1.0)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        taken.append(counters.take())
    for thread in threads:
        thread.join()
    taken.append(counters.take())
    assert sum(one.counts["city", "1", MINUTE, "answers"] for one in taken) == 2000
    assert sum(sum(one.exposure.values()) for one in taken) == 2000 * WHOLE
