"""What is shown and what is kept of it: by default the ranking itself; chance only where it was asked for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import kept
from matcher.errors import InvalidInput
from matcher.feedback.presenting import Presenter, mixed, swapped
from matcher.match import Matcher
from matcher.records import Match, Matches, Need
from matcher.settings import Settings
from tests.matcher.catalogue.feedback.answers import NOON
from tests.matcher.small import LISTINGS

NEED = Need("500 L发酵罐中试放大")
BY_ID = {one.id: one for one in LISTINGS}


def ranking(ids: Sequence[str], pins: int = 0, profile: str = "city") -> Matches:
    matches = tuple(
        Match(rank, 10.0 - rank, "weak", BY_ID[one], rule="置顶:示范" if rank <= pins else None)
        for rank, one in enumerate(ids, 1)
    )
    return Matches(NEED, (), matches, (), "good", (), profile, "1", took_ms=5.0)


def shown(answer: Matches) -> list[str]:
    assert [match.rank for match in answer.matches] == list(range(1, len(answer.matches) + 1))
    return [match.listing.id for match in answer.matches]


def presenter(database: Database, **settings: object) -> Presenter:
    return Presenter(Settings(_env_file=None, **settings), lambda: database, lambda: NOON)  # type: ignore[arg-type]


class TestSwaps:
    ids = ("PF-1", "PF-2", "PF-3", "PF-4", "PF-5")

    def test_without_a_share_nothing_moves(self) -> None:
        answer = ranking(self.ids)
        assert swapped(answer, 0.0, random.Random(1)) == (answer, None)

    def test_two_neighbours_change_places_and_what_is_told_is_what_is_shown(self) -> None:
        chance = random.Random(1)
        places: Counter[int] = Counter()
        exchanged = 0
        for _ in range(2000):
            answer, swap = swapped(ranking(self.ids), 0.2, chance)
            if swap is None:
                assert shown(answer) == list(self.ids)
                continue
            places[swap.place] += 1
            exchanged += swap.exchanged
            wanted = list(self.ids)
            if swap.exchanged:
                wanted[swap.place - 1 : swap.place + 1] = wanted[swap.place - 1 : swap.place + 1][::-1]
            assert shown(answer) == wanted
        assert set(places) == {1, 2, 3, 4}
        assert 320 < sum(places.values()) < 480
        assert 0.4 < exchanged / sum(places.values()) < 0.6

    def test_a_pinned_row_never_moves(self) -> None:
        chance = random.Random(2)
        moved = set()
        for _ in range(2000):
            answer, swap = swapped(ranking(self.ids, pins=2), 0.2, chance)
            assert shown(answer)[:2] == ["PF-1", "PF-2"]
            if swap is not None:
                moved.add(swap.place)
        assert moved == {3, 4}

    @pytest.mark.parametrize(("rows", "pins"), [(0, 0), (1, 0), (2, 1), (2, 2), (3, 2)])
    def test_answers_too_short_to_take_part(self, rows: int, pins: int) -> None:
        chance = random.Random(3)
        assert all(swapped(ranking(self.ids[:rows], pins), 0.2, chance)[1] is None for _ in range(200))


class TestInterleaving:
    a, b = ("PF-1", "PF-2", "PF-3", "PF-4"), ("PF-1", "PF-5", "PF-3", "MF-1")

    def test_rows_are_told_as_the_published_profile_tells_them_where_it_has_them(self) -> None:
        published, draft = ranking((*self.a, "MF-1")), ranking(self.b, profile="draft")
        told = {match.listing.id: match.score for match in (*draft.matches, *published.matches)}
        for seed in range(50):
            answer, teams = mixed(published, draft, 4, random.Random(seed))
            assert len(shown(answer)) == len(set(shown(answer))) == len(teams) == 4
            assert (answer.profile, answer.took_ms) == ("city", 10.0)
            assert teams[0] is None
            assert {match.listing.id: match.score for match in answer.matches}.items() <= told.items()
            for listing_id, team in zip(shown(answer), teams, strict=True):
                assert listing_id in {"a": self.a, "b": self.b, None: self.a}[team]

    def test_pins_that_both_have_stay_and_belong_to_nobody(self) -> None:
        published, draft = ranking(self.a, pins=1), ranking(self.b, pins=1)
        for seed in range(20):
            answer, teams = mixed(published, draft, 4, random.Random(seed))
            assert answer.matches[0].rule == "置顶:示范"
            assert teams[0] is None


class TestPresenter:
    def test_by_default_the_ranking_as_it_is_and_it_is_kept(self, database: Database, small_matcher: Matcher) -> None:
        made = presenter(database)
        presented = made.answer(small_matcher, NEED, 5)
        plain = small_matcher.match(NEED, top=5)
        assert replace(presented.answer, took_ms=0) == replace(plain, took_ms=0)
        assert presented.id is not None
        assert presented.experiment is None
        made.stop()
        with database.reading() as session:
            (found,) = kept(session)
        assert (found.id, found.at) == (presented.id, NOON)
        assert found.shown.listings == tuple(shown(plain))
        assert found.shown.swapped is None

    def test_with_no_days_nothing_is_kept_and_nothing_moves(self, database: Database, small_matcher: Matcher) -> None:
        made = presenter(database, feedback_days=0, swap_share=0.2)
        for _ in range(30):
            presented = made.answer(small_matcher, NEED, 5)
            assert presented.id is None
            assert shown(presented.answer) == shown(small_matcher.match(NEED, top=5))
        made.stop()
        with database.reading() as session:
            assert list(kept(session)) == []

    def test_who_asks_for_a_deterministic_answer_gets_one(self, database: Database, small_matcher: Matcher) -> None:
        made = presenter(database, swap_share=0.2)
        plain = shown(small_matcher.match(NEED, top=5))
        for _ in range(30):
            presented = made.answer(small_matcher, NEED, 5, deterministic=True)
            assert (presented.id, shown(presented.answer)) == (None, plain)
        made.stop()

    def test_swaps_are_kept_with_the_answer(self, database: Database) -> None:
        class Fixed:
            def match(self, need: Need, *, top: int) -> Matches:
                return ranking(TestSwaps.ids[:top])

        made = presenter(database, swap_share=0.2)
        presented = {one.id: one.answer for one in (made.answer(Fixed(), NEED, 5) for _ in range(200))}
        made.stop()
        with database.reading() as session:
            found = list(kept(session))
        assert len(found) == 200
        assert 15 < sum(one.shown.swapped is not None for one in found) < 70
        for one in found:
            assert list(one.shown.listings) == shown(presented[one.id])
            assert (list(one.shown.listings) != list(TestSwaps.ids)) == one.shown.exchanged

    def test_an_answer_can_be_made_again_from_its_id(self, database: Database) -> None:
        plain = ranking(TestSwaps.ids)

        class Fixed:
            def match(self, need: Need, *, top: int) -> Matches:
                return plain

        made = presenter(database, swap_share=0.2)
        for _ in range(100):
            presented = made.answer(Fixed(), NEED, 5)
            assert presented.answer == swapped(plain, 0.2, random.Random(presented.id))[0]
        made.stop()

    def test_a_need_that_can_not_be_read_is_refused_and_not_kept(
        self, database: Database, small_matcher: Matcher
    ) -> None:
        made = presenter(database)
        with pytest.raises(InvalidInput):
            made.answer(small_matcher, Need(" "), 5)
        made.stop()
        assert made.recorder.written == 0
