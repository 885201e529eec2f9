"""Organisations in the database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from matcher.catalogue.access import ANONYMOUS, CONSOLE
from matcher.catalogue.accounts.organisations import (
    OrganisationFields,
    add_organisation,
    get_organisation,
    list_organisations,
    remove_organisation,
    replace_organisation,
)
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated
from tests.matcher.catalogue.accounts.actors import organisation, someone

CODE = "91440300708461136T"


class TestAdding:
    def test_is_kept_in_one_form(self, database: Database) -> None:
        with database.session() as session:
            fields = OrganisationFields("  东莞  中试 ", CODE.lower(), "广东省", " ")
            made = add_organisation(session, CONSOLE, fields)
        with database.reading() as session:
            found = get_organisation(session, CONSOLE, made.id)
        assert found.fields == OrganisationFields("东莞 中试", CODE, "广东省", None)
        assert (found.version, found.id[:4]) == (1, "org-")

    def test_is_for_admins(self, database: Database) -> None:
        with database.session() as session:
            with pytest.raises(NotSignedIn):
                add_organisation(session, ANONYMOUS, OrganisationFields("a"))
            with pytest.raises(Forbidden):
                add_organisation(session, someone(session), OrganisationFields("a"))
            assert list_organisations(session, CONSOLE)[0] == 0

    @pytest.mark.parametrize(("again", "field"), [(("基地", None), "name"), (("另一个", CODE), "credit_code")])
    def test_name_and_code_are_one_organisation_s(
        self,
        database: Database,
        again: tuple[str, str | None],
        field: str,
    ) -> None:
        with database.session() as session:
            add_organisation(session, CONSOLE, OrganisationFields("基地", CODE))
        with database.session() as session:
            with pytest.raises(Conflict) as refused:
                add_organisation(session, CONSOLE, OrganisationFields(*again))
            assert refused.value.field == field

    @pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "'; DROP TABLE organisations; --", "%_\\"])
    def test_any_visible_name_is_only_a_name(self, database: Database, name: str) -> None:
        with database.session() as session:
            organisation(session, "另一个")
            made = organisation(session, name)
        with database.reading() as session:
            assert get_organisation(session, CONSOLE, made).fields.name == name
            total, found = list_organisations(session, CONSOLE, words=name)
            assert (total, [one.id for one in found]) == (1, [made])

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            (OrganisationFields("长" * 10_000), "name"),
            (OrganisationFields("a\x00"), "name"),
            (OrganisationFields("a", "1"), "credit_code"),
            (OrganisationFields("a", None, "\x00"), "province"),
            (OrganisationFields("a", None, None, "长" * 101), "city"),
        ],
        ids=["long", "nul", "code", "province", "city"],
    )
    def test_names_the_field_at_fault(
        self,
        database: Database,
        fields: OrganisationFields,
        field: str,
    ) -> None:
        with database.session() as session, pytest.raises(InvalidInput) as refused:
            add_organisation(session, CONSOLE, fields)
        assert refused.value.field == field


class TestSeeing:
    def test_pages_are_in_the_order_of_names(self, database: Database) -> None:
        with database.session() as session:
            for name in ("c", "a", "b"):
                organisation(session, name)
            first = list_organisations(session, CONSOLE, first=0, size=2)
            second = list_organisations(session, CONSOLE, first=2, size=2)
        assert first[0] == second[0] == 3
        assert [one.fields.name for one in (*first[1], *second[1])] == ["a", "b", "c"]

    def test_one_out_of_use_is_as_if_it_were_not_there(self, database: Database) -> None:
        with database.session() as session:
            org = organisation(session)
            actor = someone(session)
            replace_organisation(session, CONSOLE, org, OrganisationFields("中试基地", active=False), seen=1)
            assert list_organisations(session, actor) == (0, [])
            with pytest.raises(NotFound) as hidden:
                get_organisation(session, actor, org)
            with pytest.raises(NotFound) as missing:
                get_organisation(session, actor, "org-x")
            assert hidden.value.message.replace(org, "org-x") == missing.value.message
            assert list_organisations(session, CONSOLE)[0] == 1

    def test_by_province_and_by_code(self, database: Database) -> None:
        with database.session() as session:
            add_organisation(session, CONSOLE, OrganisationFields("a", CODE, "广东省"))
            add_organisation(session, CONSOLE, OrganisationFields("b", None, "浙江省"))
            assert list_organisations(session, CONSOLE, province="浙江省")[1][0].fields.name == "b"
            assert list_organisations(session, CONSOLE, words=CODE.lower())[1][0].fields.name == "a"


class TestChanging:
    def test_the_second_of_two_who_saw_the_same_is_refused_and_loses_nothing(
        self,
        database: Database,
    ) -> None:
        with database.session() as session:
            org = organisation(session)
        with database.session() as session:
            first = replace_organisation(session, CONSOLE, org, OrganisationFields("新名"), seen=1)
        assert (first.version, first.fields.name) == (2, "新名")
        with database.session() as session, pytest.raises(Outdated):
            replace_organisation(session, CONSOLE, org, OrganisationFields("别名"), seen=1)
        with database.reading() as session:
            assert get_organisation(session, CONSOLE, org).fields.name == "新名"

    def test_its_own_operators_change_where_it_is_and_nothing_else(self, database: Database) -> None:
        with database.session() as session:
            org, other = organisation(session), organisation(session, "另一个")
            operator = someone(session, "operator", "operator", org)
            before = get_organisation(session, CONSOLE, org).fields
            moved = replace_organisation(session, operator, org, replace(before, city="东莞市"), seen=1)
            assert moved.fields.city == "东莞市"
            for fields in (replace(before, name="x"), replace(before, credit_code=CODE), replace(before, active=False)):
                with pytest.raises(Forbidden):
                    replace_organisation(session, operator, org, fields, seen=2)
            with pytest.raises(Forbidden):
                replace_organisation(session, operator, other, OrganisationFields("另一个", city="a"), seen=1)

    def test_the_audit_log_names_what_changed(self, database: Database) -> None:
        with database.session() as session:
            org = organisation(session)
            replace_organisation(session, CONSOLE, org, OrganisationFields("新名", city="东莞市"), seen=1)
            entry = read_audit(session, about_id=org)[0]
        assert (entry.action, entry.user_id, entry.details) == (
            "organisation.change",
            "console",
            {"fields": ["city", "name"]},
        )


class TestRemoving:
    def test_takes_one_that_nothing_belongs_to(self, database: Database) -> None:
        with database.session() as session:
            org = organisation(session)
            with pytest.raises(Outdated):
                remove_organisation(session, CONSOLE, org, seen=2)
            remove_organisation(session, CONSOLE, org, seen=1)
            with pytest.raises(NotFound):
                remove_organisation(session, CONSOLE, org, seen=1)

    def test_leaves_one_with_people(self, database: Database) -> None:
        with database.session() as session:
            org = organisation(session)
            someone(session, "operator", "operator", org)
        with pytest.raises(Conflict, match="属于这个单位"), database.session() as session:
            remove_organisation(session, CONSOLE, org, seen=1)
        with database.reading() as session:
            assert get_organisation(session, CONSOLE, org).id == org


def test_a_place_is_held_to_what_listings_are_held_to(database: Database) -> None:
    with database.session() as session:
        for province, city in (("江苏省", "东莞市"), ("广东省", "洛杉矶")):
            with pytest.raises(InvalidInput) as caught:
                add_organisation(session, CONSOLE, OrganisationFields("甲", None, province, city))
            assert caught.value.field == "city"
            assert caught.value.hint
        org = add_organisation(session, CONSOLE, OrganisationFields("甲", None, "广东", "东莞"))
        with pytest.raises(InvalidInput, match="不在"):
            replace_organisation(session, CONSOLE, org.id, replace(org.fields, province="江苏省"), seen=1)
        # What was stored before is no reason to refuse another name.
        session.execute(update(OrganisationRow).where(OrganisationRow.id == org.id).values(province="江苏省"))
        stored = get_organisation(session, CONSOLE, org.id).fields
        assert replace_organisation(session, CONSOLE, org.id, replace(stored, name="乙"), seen=1).fields.name == "乙"
