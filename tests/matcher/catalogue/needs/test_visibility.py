"""Who sees what of a need: every field, level, role and relation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from matcher.catalogue.access import ANONYMOUS, ROLES, Actor, Role
from matcher.catalogue.needs.content import FIELDS, LISTS
from matcher.catalogue.needs.states import NEED_STATES, NeedState
from matcher.catalogue.needs.stored import Level, StoredNeed
from matcher.catalogue.needs.visibility import (
    LEVELS,
    UNSAID,
    Relation,
    composed_abstract,
    is_seen,
    outsiders_relation,
    relation,
    seen,
    visibility_from,
    visible_fields,
)
from matcher.errors import InvalidInput
from tests.matcher.catalogue.needs.test_content import FULL

TODAY = date(2026, 11, 22)
MOMENT = datetime(2026, 11, 1, 8, tzinfo=UTC)
#: Callers, and the levels that each may read of a need of user u-1 that consents to org-1.
CALLERS: dict[str, tuple[Actor, set[Level]]] = {
    "stranger": (ANONYMOUS, {"public"}),
    "owner": (Actor("u-1", "requester", "org-0"), set(LEVELS)),
    "broker who owns it": (Actor("u-1", "broker", None), set(LEVELS)),
    "another requester": (Actor("u-2", "requester", None), {"public", "signed_in"}),
    "a requester of its organisation": (Actor("u-2", "requester", "org-0"), {"public", "signed_in"}),
    "operator": (Actor("u-3", "operator", "org-9"), {"public", "signed_in"}),
    "operator consented to": (Actor("u-4", "operator", "org-1"), {"public", "signed_in", "chosen"}),
    "broker": (Actor("u-5", "broker", "org-9"), {"public", "signed_in"}),
    "broker consented to": (Actor("u-6", "broker", "org-1"), {"public", "signed_in", "chosen"}),
    "requester of one consented to": (Actor("u-7", "requester", "org-1"), {"public", "signed_in"}),
    "admin": (Actor("u-8", "admin", None), set(LEVELS)),
    "admin's key": (Actor("u-8", "admin", None, frozenset({"read", "admin"})), set(LEVELS)),
    "admin's key without admin": (Actor("u-8", "admin", None, frozenset({"read"})), {"public", "signed_in"}),
    "nobody of no organisation": (Actor(None, None, None), {"public"}),
}


def stored(**changes: Any) -> StoredNeed:
    need = StoredNeed(
        id="need-1", user_id="u-1", organisation_id="org-0", state="published", fields=dict(FULL), visibility={},
        abstract=None, listed=True, expires_on=TODAY + timedelta(days=9), version=3, created_at=MOMENT,
        updated_at=MOMENT, published_at=MOMENT,
    )  # fmt: skip
    return replace(need, **changes)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("filled", [True, False])
def test_each_field_at_each_level_for_each_caller(caller: str, level: Level, filled: bool) -> None:
    actor, levels = CALLERS[caller]
    for field in FIELDS:
        fields = {name: value for name, value in FULL.items() if filled or name != field}
        need = stored(fields=fields, visibility={field: level})
        shown = visible_fields(need, actor, {"org-1"})
        wanted = {field} if level in levels else set()
        assert shown.keys() == (set(FIELDS) if levels == set(LEVELS) else wanted)
        if field in shown:
            assert shown[field] == (FULL[field] if filled else [] if field in LISTS else None)


def test_nothing_is_open_that_the_requester_did_not_open() -> None:
    for caller, (actor, levels) in CALLERS.items():
        shown = visible_fields(stored(), actor, {"org-1"})
        assert bool(shown) == (levels == set(LEVELS)), caller


@pytest.mark.parametrize("role", ROLES)
def test_consent_counts_for_the_organisation_it_was_given_to(role: Role) -> None:
    consented: Relation = "signed_in" if role == "requester" else "consented"
    assert outsiders_relation(Actor("u-9", role, "org-1"), {"org-1"}) == consented
    assert outsiders_relation(Actor("u-9", role, "org-1"), {"org-2"}) == "signed_in"
    assert outsiders_relation(Actor("u-9", role, None), {"org-1"}) == "signed_in"
    assert outsiders_relation(Actor("u-9", role, ""), {""}) == "signed_in"


def test_on_the_wall_owners_and_admins_stand_as_others_do() -> None:
    for actor in (Actor("u-1", "requester", None), Actor("u-8", "admin", None)):
        assert relation(stored(), actor, ()) == "owner"
        assert outsiders_relation(actor, ()) == "signed_in"


@pytest.mark.parametrize(("state", "listed", "days"), list(product(NEED_STATES, [True, False], [-1, 0, None])))
def test_when_a_need_is_there_at_all(state: NeedState, listed: bool, days: int | None) -> None:
    need = stored(state=state, listed=listed, expires_on=None if days is None else TODAY + timedelta(days=days))
    is_open = state in ("published", "in_talks") and days != -1
    assert need.is_open(TODAY) == is_open
    assert is_seen(need, "owner", TODAY)
    assert is_seen(need, "consented", TODAY) == is_open
    assert is_seen(need, "signed_in", TODAY) == is_seen(need, "stranger", TODAY) == (is_open and listed)


def test_outside_talks_look_like_no_talks() -> None:
    for how in ("consented", "signed_in", "stranger"):
        assert seen(stored(), how) == seen(stored(state="in_talks", version=9, updated_at=datetime.now(UTC)), how)  # type: ignore[arg-type]  # relations by name


def test_what_is_hidden_is_named_whether_or_not_it_is_filled() -> None:
    need = stored(visibility={"industry": "public", "budget_wan": "chosen"})
    bare = stored(visibility=need.visibility, fields={"industry": ["生物制造"]})
    assert seen(need, "stranger").hidden == seen(bare, "stranger").hidden
    assert "budget_wan" in seen(need, "signed_in").hidden
    assert "budget_wan" not in seen(need, "consented").hidden


def test_an_abstract_is_composed_of_public_fields_only() -> None:
    levels: dict[str, Level] = {"industry": "public", "province": "public", "kinds": "public", "city": "signed_in"}
    need = stored(visibility=levels)
    words = "生物制造行业的中试需求,需求方在广东省,寻找中试平台、中试代工厂"
    for how in ("owner", "consented", "signed_in", "stranger"):
        assert seen(need, how).abstract == words  # type: ignore[arg-type]  # relations by name
    assert composed_abstract({}) == UNSAID
    assert composed_abstract({"industry": [], "province": None, "kinds": []}) == UNSAID
    assert composed_abstract({"title": "发酵放大", "industry": ["食品"]}) == "发酵放大"


def test_with_everything_open_the_need_is_the_owners_own() -> None:
    need = stored(visibility=dict.fromkeys(FIELDS, "public"), abstract="写好的摘要")
    assert seen(need, "stranger").need == need.need
    assert seen(stored(), "owner").need == stored().need


def test_a_written_abstract_stands_for_a_hidden_description() -> None:
    need = stored(abstract="寻找发酵罐", visibility={"title": "public"})
    assert seen(need, "stranger").need.text == "酶制剂放大。寻找发酵罐"
    assert seen(need, "stranger").need.budget_wan is None


def test_a_composed_abstract_makes_no_conditions() -> None:
    need = seen(stored(visibility={"province": "public", "industry": "public"}), "stranger").need
    assert need.text == ""
    assert need.industry == ("生物制造",)


@pytest.mark.parametrize("levels", [{}, {"province": "public"}, {"kinds": "public", "must": "public"}])
def test_a_need_of_which_nothing_can_be_searched_for_is_just_a_need(levels: dict[str, Level]) -> None:
    assert seen(stored(visibility=levels), "stranger").need.text == UNSAID


def test_levels_are_checked_and_private_ones_left_out() -> None:
    assert visibility_from({"text": "private", "industry": "public"}) == {"industry": "public"}
    for bad, field in (({"colour": "public"}, "visibility.colour"), ({"text": "friends"}, "visibility.text")):
        with pytest.raises(InvalidInput) as refused:
            visibility_from(bad)
        assert refused.value.field == field
        assert refused.value.hint
