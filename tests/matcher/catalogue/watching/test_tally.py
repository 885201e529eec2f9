"""What a request comes to: its answers, or one failure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.tally import Tally
from matcher.records import Matches
from tests.matcher.catalogue.watching.scene import Clock, answer

RANKING = ("draft", "7")


def counts(tally: Tally) -> dict[tuple[str, str], int]:
    """What a tally puts into the counters, by profile and what, without latencies."""
    counters = Counters(Clock())
    tally.count(counters)
    return {(key[0], key[3]): n for key, n in counters.take().counts.items() if not key[3].startswith("ms:")}


def breaks() -> Matches:
    raise ZeroDivisionError


def test_an_answer_is_given_on_and_counted_with_its_latency() -> None:
    tally, found, counters = Tally(), answer(), Counters(Clock())
    assert tally.matched(lambda: found, RANKING) is found
    assert not counters.take(), "nothing is counted before the end"
    tally.count(counters)
    assert sorted(key[3].partition(":")[0] for key in counters.take().counts) == ["answers", "ms"]


def test_what_fails_after_its_match_goes_to_the_profile_in_use_and_is_no_answer() -> None:
    tally = Tally()
    tally.matched(answer, RANKING)
    tally.fail()
    assert counts(tally) == {("draft", "errors"): 1}


def test_where_no_profile_is_known_the_answer_names_it() -> None:
    tally = Tally()
    tally.matched(answer)
    tally.fail()
    assert counts(tally) == {("city", "errors"): 1}


@pytest.mark.parametrize(("ranking", "counted"), [(RANKING, {("draft", "errors"): 1}), (None, {})])
def test_a_match_that_fails_needs_a_profile(
    ranking: tuple[str, str] | None, counted: dict[tuple[str, str], int]
) -> None:
    tally = Tally()
    with pytest.raises(ZeroDivisionError):
        tally.matched(breaks, ranking)
    tally.fail()
    assert counts(tally) == counted


def test_what_was_refused_is_neither() -> None:
    tally = Tally()
    with pytest.raises(ZeroDivisionError):
        tally.matched(breaks, RANKING)
    assert counts(tally) == {}


def test_a_request_without_a_match_comes_to_nothing() -> None:
    tally = Tally()
    tally.fail()
    assert counts(tally) == {}


def test_another_part_of_an_answer_counts_only_where_it_fails() -> None:
    tally = Tally()
    tally.matched(answer, RANKING, is_new=False)
    assert counts(tally) == {}
    tally.fail()
    assert counts(tally) == {("draft", "errors"): 1}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=5), st.booleans())
def test_a_request_is_counted_as_its_answers_or_as_one_failure(parts: list[tuple[bool, bool]], fails: bool) -> None:
    """A part is whether it matches and whether it fails."""
    whole = Tally()
    for matches, part_fails in parts:
        part = Tally()
        if matches:
            part.matched(answer, RANKING)
        if part_fails:
            part.fail()
        whole.add(part)
    if fails:
        whole.fail()
    matched = [part_fails for matches, part_fails in parts if matches]
    if matched and (fails or any(matched)):
        assert counts(whole) == {("draft", "errors"): 1}
    else:
        assert counts(whole) == ({("city", "answers"): len(matched)} if matched else {})
