"""From changes to pairs: each change once, only what is in sight, and nothing of what an operator may not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from matcher.catalogue.alerts.cursors import position
from matcher.catalogue.alerts.subscriptions import stop
from matcher.catalogue.change_log import last_change, record_change
from matcher.catalogue.database import Database
from matcher.catalogue.needs.consents import give_consent, take_back_consent
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.store import Openness
from matcher.catalogue.tables.accounts import OrganisationRow, UserRow
from matcher.catalogue.tables.alerts import AlertRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.needs import NeedRow
from matcher.records import Need
from matcher.sending.finding import CURSOR, Graded, find
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import SEAL, TODAY, Scene, WordFits, listing

OPEN = Openness({"text": "public"}, listed=True)


@pytest.fixture
def scene(database: Database) -> Scene:  # noqa: F811
    scene = Scene(database)
    find(database, WordFits(), TODAY)
    return scene


def find_all(scene: Scene, fits: Any, limit: int = 5000) -> int:
    """Rounds until nothing is left; how many pairs were found."""
    total = 0
    while (progress := find(scene.database, fits, TODAY, limit)).more:
        total += progress.found
    return total


def pairs(scene: Scene) -> list[tuple[str, str]]:
    query = select(AlertRow.need_id, AlertRow.listing_id).order_by(AlertRow.need_id, AlertRow.listing_id)
    return [(one[0], one[1]) for one in scene.rows(query)]


class TestNewListings:
    def test_fits_a_saved_need(self, scene: Scene) -> None:
        need = scene.need("发酵:PF-1")
        scene.subscribe("requester", "need", need.id)
        scene.publish(listing("PF-1"), listing("PF-2"))
        assert find_all(scene, WordFits()) == 1
        assert pairs(scene) == [(need.id, "PF-1")]

    def test_a_pair_is_told_once_however_often_it_changes(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:PF-1").id)
        for name in ("甲", "乙", "丙"):
            scene.publish(listing("PF-1", name))
            find_all(scene, WordFits())
        assert len(pairs(scene)) == 1

    def test_what_was_there_before_anybody_listened_is_no_news(self, database: Database) -> None:  # noqa: F811
        scene = Scene(database)
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(listing("PF-1"))
        assert find_all(scene, WordFits()) == 0
        scene.publish(listing("PF-2"))
        assert find_all(scene, WordFits()) == 1

    def test_what_is_gone_again_is_not_told(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(listing("PF-1"), listing("PF-2"))
        scene.retire("PF-1")
        fits = WordFits()
        find_all(scene, fits)
        assert [one[1] for one in pairs(scene)] == ["PF-2"]
        assert [asked for _, asked in fits.asked] == [("PF-2",)]

    def test_hidden_while_it_is_being_matched(self, scene: Scene) -> None:
        """Matching takes its time, outside any transaction."""
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(listing("PF-1"))

        class Hiding(WordFits):
            def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
                scene.retire("PF-1")
                return super().__call__(needs, listing_ids)

        find(scene.database, Hiding(), TODAY)
        assert pairs(scene) == []

    def test_switched_off_while_it_is_being_matched(self, scene: Scene) -> None:
        made = scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(listing("PF-1"))

        class Stopping(WordFits):
            def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
                with scene.database.session() as session:
                    stop(session, SEAL.stop_token(made.id))
                return super().__call__(needs, listing_ids)

        find(scene.database, Stopping(), TODAY)
        assert pairs(scene) == []

    @pytest.mark.parametrize("state", ["matched", "closed", "expired"])
    def test_a_need_that_looks_no_more_is_not_matched(self, scene: Scene, state: str) -> None:
        need = scene.need("发酵:*")
        scene.subscribe("requester", "need", need.id)
        with scene.database.session() as session:
            session.execute(update(NeedRow).where(NeedRow.id == need.id).values(state=state))
        scene.publish(listing("PF-1"))
        assert find_all(scene, WordFits()) == 0

    def test_neither_is_one_of_a_user_who_may_not_sign_in(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        with scene.database.session() as session:
            session.execute(update(UserRow).values(active=False))
        scene.publish(listing("PF-1"))
        assert find_all(scene, WordFits()) == 0

    def test_all_of_an_own_need_takes_part(self, scene: Scene) -> None:
        need = scene.need("机密:PF-1", budget_wan=5)
        scene.subscribe("requester", "need", need.id)
        scene.publish(listing("PF-1"))
        fits = WordFits()
        find_all(scene, fits)
        assert fits.asked[0][0][0] == need.need


class TestNewNeeds:
    def watched(self, scene: Scene) -> None:
        scene.publish(listing("PF-1"), org="base")
        scene.publish(listing("PF-2"), org="other_base")
        scene.subscribe("operator", "listing", "PF-1")
        scene.subscribe("other_operator", "listing", "PF-2")
        find_all(scene, WordFits())

    def test_fits_a_listing(self, scene: Scene) -> None:
        self.watched(scene)
        need = scene.need("发酵:PF-1", publish=True, openness=OPEN)
        assert find_all(scene, WordFits()) == 1
        assert pairs(scene) == [(need.id, "PF-1")]

    def test_what_is_not_open_takes_no_part(self, scene: Scene) -> None:
        """The match itself must not tell: with the hidden words PF-1 would fit."""
        self.watched(scene)
        scene.need("机密:PF-1", publish=True, title="发酵", openness=Openness({"title": "public"}, listed=True))
        fits = WordFits()
        assert find_all(scene, fits) == 0
        (asked, _) = fits.asked[-1]
        assert asked
        assert all("机密" not in repr(need) for need in asked)

    def test_chosen_fields_take_part_for_those_chosen_only(self, scene: Scene) -> None:
        self.watched(scene)
        openness = Openness({"text": "chosen"}, listed=False)
        need = scene.need("机密:*", publish=True, openness=openness)
        with scene.database.session() as session:
            give_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
        find_all(scene, WordFits())
        assert pairs(scene) == [(need.id, "PF-1")]

    def test_a_consent_to_a_draft_is_told_when_it_opens(self, scene: Scene) -> None:
        self.watched(scene)
        need, fits = scene.need("机密:*", openness=Openness({"text": "chosen"})), WordFits()
        with scene.database.session() as session:
            give_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
        assert (find_all(scene, fits), fits.asked) == (0, [])
        with scene.database.session() as session:
            move_need(session, scene.actors["requester"], need.id, need.version, "publish", TODAY)
        find_all(scene, fits)
        assert pairs(scene) == [(need.id, "PF-1")]

    def test_of_a_consent_nobody_else_hears(self, scene: Scene) -> None:
        """Not even those who see the need anyway, and have not been told of it: they would learn when it was given."""
        need = scene.need("发酵:*", publish=True, openness=OPEN)
        find_all(scene, WordFits())
        self.watched(scene)
        with scene.database.session() as session:
            give_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
        fits = WordFits()
        find_all(scene, fits)
        assert pairs(scene) == [(need.id, "PF-1")]
        assert [asked for _, asked in fits.asked] == [("PF-1",)]

    def test_a_consent_taken_back_before_is_not_told(self, scene: Scene) -> None:
        self.watched(scene)
        need = scene.need("机密:*", publish=True, openness=Openness({"text": "chosen"}))
        with scene.database.session() as session:
            give_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
            take_back_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
        assert find_all(scene, WordFits()) == 0

    def test_listed_with_chosen_fields_each_sees_its_own_part(self, scene: Scene) -> None:
        self.watched(scene)
        need = scene.need("机密:*", publish=True, openness=Openness({"text": "chosen"}, listed=True))
        with scene.database.session() as session:
            give_consent(session, scene.actors["requester"], need.id, scene.orgs["base"], TODAY)
        fits = WordFits()
        find_all(scene, fits)
        assert pairs(scene) == [(need.id, "PF-1")]
        by_listing = {asked[1]: asked[0][0].text for asked in fits.asked}
        assert "机密" in by_listing["PF-1",]
        assert "机密" not in by_listing["PF-2",]

    def test_an_unlisted_or_unpublished_need_is_nobody_s_business(self, scene: Scene) -> None:
        self.watched(scene)
        scene.need("发酵:*", publish=True, openness=Openness({"text": "public"}))
        draft = scene.need("发酵:*", openness=OPEN)
        with scene.database.session() as session:
            record_change(session, "need", draft.id, "shown")
        fits = WordFits()
        assert find_all(scene, fits) == 0
        assert fits.asked == []

    def test_an_operator_who_left_hears_no_more(self, scene: Scene) -> None:
        self.watched(scene)
        with scene.database.session() as session:
            who = UserRow.id == scene.actors["operator"].user_id
            session.execute(update(UserRow).where(who).values(organisation_id=scene.orgs["other_base"]))
            session.execute(update(OrganisationRow).where(OrganisationRow.id == scene.orgs["base"]).values(active=True))
        scene.need("发酵:*", publish=True, openness=OPEN)
        find_all(scene, WordFits())
        assert [one[1] for one in pairs(scene)] == ["PF-2"]

    def test_one_of_a_closed_organisation_hears_no_more(self, scene: Scene) -> None:
        self.watched(scene)
        with scene.database.session() as session:
            session.execute(
                update(OrganisationRow).where(OrganisationRow.id == scene.orgs["base"]).values(active=False)
            )
        scene.need("发酵:*", publish=True, openness=OPEN)
        find_all(scene, WordFits())
        assert [one[1] for one in pairs(scene)] == ["PF-2"]

    def test_a_listing_out_of_sight_takes_no_part(self, scene: Scene) -> None:
        self.watched(scene)
        with scene.database.session() as session:
            session.execute(update(ListingRow).where(ListingRow.id == "PF-1").values(hidden=True))
        scene.need("发酵:*", publish=True, openness=OPEN)
        find_all(scene, WordFits())
        assert [one[1] for one in pairs(scene)] == ["PF-2"]


class TestExactlyOnce:
    def test_killed_before_the_end_nothing_is_lost_and_nothing_comes_twice(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(*(listing(f"PF-{n}") for n in range(10)))

        class Failing(WordFits):
            def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
                raise MemoryError

        with pytest.raises(MemoryError):
            find(scene.database, Failing(), TODAY)
        assert pairs(scene) == []
        assert find_all(scene, WordFits()) == 10

    def test_two_processes_at_the_same_changes_write_them_once(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(*(listing(f"PF-{n}") for n in range(10)))

        class Overtaken(WordFits):
            def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
                find(scene.database, WordFits(), TODAY)
                return super().__call__(needs, listing_ids)

        assert find(scene.database, Overtaken(), TODAY).found == 0
        assert len(pairs(scene)) == 10

    @pytest.mark.parametrize("limit", [1, 3, 1000])
    def test_in_rounds_of_any_size_the_same_is_found(self, scene: Scene, limit: int) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(*(listing(f"PF-{n}") for n in range(7)))
        assert find_all(scene, WordFits(), limit) == 7
        with scene.database.reading() as session:
            assert position(session, CURSOR) == last_change(session)

    def test_what_the_index_does_not_know_yet_waits(self, scene: Scene) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        with scene.database.reading() as session:
            before = last_change(session)
        scene.publish(listing("PF-1"))
        scene.publish(listing("PF-2"))
        assert find_all(scene, WordFits(before)) == 0
        assert find_all(scene, WordFits(0)) == 0
        assert find_all(scene, WordFits(before + 1)) == 1
        assert find_all(scene, WordFits(before + 2)) == 1

    def test_nobody_listening_costs_no_match(self, scene: Scene) -> None:
        scene.publish(listing("PF-1"))
        scene.need("发酵:*", publish=True, openness=OPEN)
        fits = WordFits()
        assert find_all(scene, fits) == 0
        assert fits.asked == []


@pytest.mark.slow
def test_ten_thousand_at_once(scene: Scene) -> None:
    scene.subscribe("requester", "need", scene.need("发酵:*").id)
    scene.publish(*(listing(f"PF-{n}") for n in range(10_000)))
    fits = WordFits()
    assert find_all(scene, fits) == 10_000
    assert len(fits.asked) == 2
    assert scene.rows(select(func.count()).select_from(AlertRow))[0][0] == 10_000
