"""Who may do what: the pure rules."""

from __future__ import annotations

import pytest

from matcher.catalogue.access import (
    ANONYMOUS,
    CONSOLE,
    ROLES,
    SCOPES,
    Actor,
    Role,
    Scope,
    may_change_organisation,
)
from matcher.errors import Forbidden, NotSignedIn


def actor(role: Role, org: str | None = None, *scopes: Scope) -> Actor:
    return Actor("u", role, org, frozenset(scopes) if scopes else None)


def refused(act: object) -> type[Exception] | None:
    assert callable(act)
    try:
        act()
    except (NotSignedIn, Forbidden) as error:
        return type(error)
    return None


@pytest.mark.parametrize("role", ROLES)
def test_admins_may_what_each_role_may(role: Role) -> None:
    assert actor("admin").needs_role(role) == "u"
    assert actor(role).needs_role(role) == "u"
    assert refused(lambda: ANONYMOUS.needs_role(role)) is NotSignedIn


def test_other_roles_may_not() -> None:
    assert refused(lambda: actor("requester").needs_role("operator")) is Forbidden
    assert refused(lambda: actor("broker").needs_admin()) is Forbidden


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_may_what_it_was_made_for_and_a_person_everything(scope: Scope) -> None:
    assert refused(lambda: actor("requester").needs_scope(scope)) is None
    assert refused(lambda: actor("requester", None, scope).needs_scope(scope)) is None
    others = [one for one in SCOPES if one != scope]
    assert {refused(lambda one=one: actor("admin", None, scope).needs_scope(one)) for one in others} == {Forbidden}


def test_an_admin_s_key_administers_only_with_the_scope() -> None:
    assert CONSOLE.is_admin
    assert actor("admin").is_admin
    assert actor("admin", None, "admin").needs_admin() == "u"
    assert not actor("admin", None, "listings").is_admin
    assert refused(lambda: actor("admin", None, "listings").needs_admin()) is Forbidden
    assert refused(lambda: actor("requester", None, "admin").needs_admin()) is Forbidden


def test_what_needs_a_person_no_key_does() -> None:
    assert actor("requester").needs_person() == "u"
    assert refused(lambda: actor("admin", None, *SCOPES).needs_person()) is Forbidden
    assert refused(ANONYMOUS.needs_person) is NotSignedIn


def test_an_organisation_is_its_operators_and_admins_to_change() -> None:
    allowed = [actor("operator", "org"), actor("admin"), CONSOLE, actor("operator", "org", "listings")]
    others = [
        ANONYMOUS,
        actor("operator", "other"),
        actor("operator"),
        actor("requester", "org"),
        actor("broker", "org"),
        actor("operator", "org", "read", "match"),
        actor("admin", None, "listings"),
    ]
    assert [may_change_organisation(one, "org") for one in allowed] == [True] * len(allowed)
    assert [may_change_organisation(one, "org") for one in others] == [False] * len(others)
