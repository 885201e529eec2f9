"""One listing through its life: who may do what, what everybody sees, versions, audit and change log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changes_after, last_change
from matcher.catalogue.database import Database, Session
from matcher.catalogue.lifecycle import Act
from matcher.catalogue.listings.published import published_by_ids
from matcher.catalogue.listings.rows import StoredListing, public_fields
from matcher.catalogue.listings.store import create, edit, find, perform, remove
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated
from matcher.terms import Terms
from tests.matcher.catalogue.listings.conftest import ADMIN, BROKER, CONTENT, OPERATOR, OTHER, REQUESTER

TODAY = date(2026, 3, 1)
STEPS: dict[str, tuple[tuple[Actor, Act], ...]] = {
    "draft": (),
    "submitted": ((OPERATOR, "submit"),),
    "approved": ((OPERATOR, "submit"), (ADMIN, "approve")),
    "published": ((OPERATOR, "submit"), (ADMIN, "approve"), (OPERATOR, "publish")),
}


def made(session: Session, state: str = "published") -> StoredListing:
    stored = create(session, OPERATOR, CONTENT)
    for actor, act in STEPS[state]:
        stored = perform(session, actor, stored.listing.id, act, today=TODAY)
    assert stored.state == state
    return stored


def in_sight(session: Session, listing_id: str) -> bool:
    return published_by_ids(session, [listing_id])[listing_id] is not None


class TestCreate:
    def test_a_draft_of_ones_own_organisation(self, people: Database) -> None:
        with people.session() as session:
            stored = create(session, OPERATOR, replace(CONTENT, operator=None))
        assert (stored.state, stored.version, stored.organisation_id) == ("draft", 1, "o-one")
        assert stored.listing == replace(CONTENT, id=stored.listing.id, operator="单位 one")
        assert not stored.visible

    def test_ids_of_drafts_can_not_be_guessed(self, people: Database) -> None:
        with people.session() as session:
            first, second = (create(session, OPERATOR, CONTENT).listing.id for _ in range(2))
        assert first != second
        assert len(first) > 32

    @pytest.mark.parametrize(
        ("actor", "error"),
        [
            (ANONYMOUS, NotSignedIn),
            (REQUESTER, Forbidden),
            (BROKER, Forbidden),
            (replace(OPERATOR, organisation_id=None), Forbidden),
            (replace(OPERATOR, scopes=frozenset({"read"})), Forbidden),
        ],
    )
    def test_who_may_not(self, people: Database, actor: Actor, error: type[Exception]) -> None:
        with pytest.raises(error), people.session() as session:
            create(session, actor, CONTENT)

    def test_an_operator_chooses_no_id_and_no_other_organisation(self, people: Database) -> None:
        with people.session() as session:
            with pytest.raises(Forbidden):
                create(session, OPERATOR, replace(CONTENT, id="PF-1"))
            with pytest.raises(Forbidden):
                create(session, OPERATOR, CONTENT, organisation_id="o-two")

    @pytest.mark.parametrize("granted", [{"level": "国家级"}, {"terms": Terms(tier="national")}])
    def test_only_admins_say_what_was_granted(self, people: Database, granted: dict[str, object]) -> None:
        listing = replace(CONTENT, **granted)  # type: ignore[arg-type]  # one of the two fields
        with people.session() as session:
            with pytest.raises(Forbidden):
                create(session, OPERATOR, listing)
            assert create(session, ADMIN, listing).listing.terms == listing.terms

    def test_an_admin_names_id_and_organisation(self, people: Database) -> None:
        with people.session() as session:
            stored = create(session, ADMIN, replace(CONTENT, id="PF-1"), organisation_id="o-one")
            assert find(session, OPERATOR, "PF-1") == stored
            with pytest.raises(Conflict):
                create(session, ADMIN, replace(CONTENT, id="PF-1"))
            with pytest.raises(InvalidInput):
                create(session, ADMIN, CONTENT, organisation_id="nobody")

    @pytest.mark.parametrize(
        "listing_id", ["../x", "a/b", ".", "..", ".hidden", "a b", "%2e", "x" * 65, "a\x00", "a\n"]
    )
    def test_ids_that_climb(self, people: Database, listing_id: str) -> None:
        with pytest.raises(InvalidInput), people.session() as session:
            create(session, ADMIN, replace(CONTENT, id=listing_id))


class TestSeeing:
    @pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
    def test_before_publication(self, people: Database, state: str) -> None:
        with people.session() as session:
            listing_id = made(session, state).listing.id
        with people.reading() as session:
            for actor in (OPERATOR, ADMIN, replace(OPERATOR, scopes=frozenset({"read"}))):
                assert find(session, actor, listing_id).listing.id == listing_id
            for actor in (ANONYMOUS, OTHER, REQUESTER, BROKER, replace(OPERATOR, scopes=frozenset({"feed"}))):
                with pytest.raises(NotFound):
                    find(session, actor, listing_id)
            assert not in_sight(session, listing_id)

    def test_published_is_for_everybody(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            assert find(session, ANONYMOUS, stored.listing.id).listing == stored.listing
            assert in_sight(session, stored.listing.id)

    def test_the_answer_is_the_same_as_for_nothing(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session, "draft").listing.id
        with people.reading() as session:
            said = []
            for one in (listing_id, "L-" + "0" * 32):
                with pytest.raises(NotFound) as caught:
                    find(session, OTHER, one)
                error = caught.value
                said.append((error.message.replace(one, ""), error.hint, error.field))
        assert said[0] == said[1]

    @pytest.mark.parametrize("listing_id", ["", "\x00", "x" * 10_000, "' OR 1=1 --", "../../etc/passwd"])
    def test_strange_ids(self, people: Database, listing_id: str) -> None:
        with pytest.raises(NotFound), people.reading() as session:
            find(session, ADMIN, listing_id)


class TestEditing:
    def test_what_is_published_shows_it_at_once_and_is_marked(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            new = replace(stored.listing, summary="新的简介")
            edited = edit(session, OPERATOR, stored.listing.id, new, seen=stored.version)
            assert (edited.state, edited.version, edited.changed) == ("published", stored.version + 1, True)
            assert published_by_ids(session, [new.id]) == {new.id: new}
            approved = perform(session, ADMIN, new.id, "approve")
        assert (approved.changed, approved.approved_version, approved.state) == (False, approved.version, "published")

    def test_nothing_changed_is_no_version(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            assert edit(session, OPERATOR, stored.listing.id, stored.listing, seen=stored.version) == stored

    def test_the_second_of_two_editors_loses_nothing(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session, "draft")
            first = replace(stored.listing, summary="甲的修改")
            edit(session, OPERATOR, stored.listing.id, first, seen=1)
        with pytest.raises(Outdated), people.session() as session:
            edit(session, OPERATOR, stored.listing.id, replace(stored.listing, name="乙的修改"), seen=1)
        with people.session() as session:
            now = find(session, OPERATOR, stored.listing.id)
            assert (now.listing, now.version) == (first, 2)
            both = replace(now.listing, name="乙的修改")
            assert edit(session, OPERATOR, stored.listing.id, both, seen=2).listing == both

    def test_others_may_not(self, people: Database) -> None:
        with people.session() as session:
            hidden, shown = made(session, "draft"), made(session)
            for actor, stored, error in (
                (OTHER, shown, Forbidden),
                (OTHER, hidden, NotFound),
                (REQUESTER, shown, Forbidden),
                (BROKER, shown, Forbidden),
                (ANONYMOUS, shown, NotSignedIn),
            ):
                with pytest.raises(error):
                    edit(session, actor, stored.listing.id, replace(CONTENT, name="x"), seen=stored.version)

    def test_what_was_granted_stays(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            tiered = replace(stored.listing, terms=Terms(tier="city", tier_evidence="穗工信〔2025〕1号"))
            by_admin = edit(session, ADMIN, stored.listing.id, tiered, seen=stored.version)
            assert not by_admin.changed
            edit(session, OPERATOR, stored.listing.id, replace(tiered, summary="可以"), seen=by_admin.version)
            with pytest.raises(Forbidden):
                edit(session, OPERATOR, stored.listing.id, stored.listing, seen=None)

    def test_a_retired_one_has_to_be_reopened(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session).listing.id
            perform(session, OPERATOR, listing_id, "retire")
            assert not in_sight(session, listing_id)
            with pytest.raises(Conflict):
                edit(session, OPERATOR, listing_id, replace(CONTENT, name="x"), seen=None)
            assert perform(session, OPERATOR, listing_id, "reopen").state == "draft"
            edit(session, OPERATOR, listing_id, replace(CONTENT, name="x"), seen=None)


class TestActs:
    def test_publishing_verifies(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
        assert (stored.listing.verified_on, stored.due_on) == ("2026-03-01", date(2027, 3, 1))
        assert stored.verified_by == "operator"
        assert stored.published_at is not None

    @pytest.mark.parametrize("reason", [None, "", "  ", "x" * 1001, "a\x00"])
    @pytest.mark.parametrize("act", ["return", "hide"])
    def test_reasons(self, people: Database, act: Act, reason: str | None) -> None:
        with pytest.raises(InvalidInput) as caught, people.session() as session:
            perform(session, ADMIN, made(session, "submitted").listing.id, act, reason=reason)
        assert caught.value.field == "reason"

    def test_returned_with_a_reason_and_submitted_again(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session, "submitted").listing.id
            returned = perform(session, ADMIN, listing_id, "return", reason=" 缺少资质 ")
            assert (returned.state, returned.note) == ("returned", "缺少资质")
            assert perform(session, OPERATOR, listing_id, "submit").note is None

    def test_a_bad_edit_is_returned_out_of_sight(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            edit(session, OPERATOR, stored.listing.id, replace(stored.listing, name="广告"), seen=None)
            perform(session, ADMIN, stored.listing.id, "return", reason="请恢复")
            assert not in_sight(session, stored.listing.id)

    def test_hidden_whatever_the_operator_does(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session).listing.id
            perform(session, ADMIN, listing_id, "hide", reason="被举报")
            perform(session, OPERATOR, listing_id, "verify")
            edit(session, OPERATOR, listing_id, replace(CONTENT, name="改了"), seen=None)
            assert not in_sight(session, listing_id)
            with pytest.raises(NotFound):
                find(session, ANONYMOUS, listing_id)
            assert find(session, OPERATOR, listing_id).note == "被举报"
            with pytest.raises(Conflict):
                perform(session, ADMIN, listing_id, "hide", reason="又")
            shown = perform(session, ADMIN, listing_id, "unhide")
            assert (shown.visible, shown.note) == (True, None)
            with pytest.raises(Conflict):
                perform(session, ADMIN, listing_id, "unhide")

    @pytest.mark.parametrize("act", ["approve", "return", "hide", "unhide", "assign"])
    def test_for_admins_only(self, people: Database, act: Act) -> None:
        admin_key = Actor("u-admin", "admin", None, frozenset({"listings"}))
        with people.session() as session:
            listing_id = made(session).listing.id
            for actor in (OPERATOR, admin_key):
                with pytest.raises(Forbidden):
                    perform(session, actor, listing_id, act, reason="x")

    def test_nothing_to_approve(self, people: Database) -> None:
        with pytest.raises(Conflict), people.session() as session:
            perform(session, ADMIN, made(session).listing.id, "approve")

    def test_approving_what_was_seen(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session, "submitted")
            edit(session, OPERATOR, stored.listing.id, replace(stored.listing, name="换过"), seen=None)
        with pytest.raises(Outdated), people.session() as session:
            perform(session, ADMIN, stored.listing.id, "approve", seen=stored.version)

    def test_verified_for_fewer_months(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session).listing.id
            stored = perform(session, OPERATOR, listing_id, "verify", months=3, today=date(2026, 5, 31))
        assert (stored.listing.verified_on, stored.due_on) == ("2026-05-31", date(2026, 8, 31))

    def test_given_to_an_organisation(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session).listing.id
            perform(session, ADMIN, listing_id, "assign", organisation_id="o-two")
            edit(session, OTHER, listing_id, replace(CONTENT, name="现在归我们"), seen=None)
            with pytest.raises(Forbidden):
                edit(session, OPERATOR, listing_id, CONTENT, seen=None)
            with pytest.raises(InvalidInput):
                perform(session, ADMIN, listing_id, "assign", organisation_id="nobody")


class TestRemoving:
    def test_a_draft_is_deleted(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session, "draft")
            assert remove(session, OPERATOR, stored.listing.id, seen=1) is None
            with pytest.raises(NotFound):
                find(session, ADMIN, stored.listing.id)

    @pytest.mark.parametrize("state", ["submitted", "approved", "published"])
    def test_anything_else_is_retired(self, people: Database, state: str) -> None:
        with people.session() as session:
            stored = made(session, state)
            removed = remove(session, OPERATOR, stored.listing.id, seen=stored.version)
        assert removed is not None
        assert removed.state == "retired"

    def test_a_reopened_one_is_not_deleted(self, people: Database) -> None:
        with people.session() as session:
            listing_id = made(session).listing.id
            for act in ("retire", "reopen"):
                perform(session, OPERATOR, listing_id, act)  # type: ignore[arg-type]  # two acts
            removed = remove(session, OPERATOR, listing_id, seen=None)
        assert removed is not None
        assert removed.state == "retired"

    def test_of_another_version(self, people: Database) -> None:
        with pytest.raises(Outdated), people.session() as session:
            remove(session, OPERATOR, made(session).listing.id, seen=1)


class TestTold:
    def test_only_what_everybody_sees(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session, "approved")
            assert last_change(session) == 0
            listing_id = stored.listing.id
            shown = perform(session, OPERATOR, listing_id, "publish", today=TODAY)
            edited = edit(session, OPERATOR, listing_id, replace(shown.listing, summary="秘密"), seen=None)
            perform(session, ADMIN, listing_id, "approve")
            perform(session, OPERATOR, listing_id, "verify", today=TODAY)
            told = changes_after(session, 0)
            assert [one.content for one in told] == [public_fields(shown.listing), public_fields(edited.listing)]
            perform(session, ADMIN, listing_id, "hide", reason="投诉")
            perform(session, OPERATOR, listing_id, "retire")
            told = changes_after(session, 0)
        assert [(one.what, one.content) for one in told] == [("shown", None), ("shown", None), ("gone", None)]

    def test_every_act_is_in_the_audit_without_content(self, people: Database) -> None:
        with people.session() as session:
            stored = made(session)
            edit(session, OPERATOR, stored.listing.id, replace(stored.listing, summary="秘密"), seen=None)
            perform(session, ADMIN, stored.listing.id, "hide", reason="内部理由")
            entries = read_audit(session, about_id=stored.listing.id)
        assert [(one.action, one.user_id) for one in reversed(entries)] == [
            ("listing.create", "u-one"),
            ("listing.submit", "u-one"),
            ("listing.approve", "u-admin"),
            ("listing.publish", "u-one"),
            ("listing.edit", "u-one"),
            ("listing.hide", "u-admin"),
        ]
        assert "秘密" not in str(entries)
        assert "内部理由" not in str(entries)


NASTY = ["'; DROP TABLE listings; --", "<script>alert(1)</script>", "%_\\", '{"a": 1}', "=1+1"]


@pytest.mark.parametrize("text", NASTY)
def test_every_text_comes_back_as_it_is(people: Database, text: str) -> None:
    listing = replace(
        CONTENT, name=text, operator=text, province=text, city=text, summary=text, capabilities=(text,),
        industry=(text,), equipment=(text,), qualifications=(text,), services=(text,),
        source_title=text,
        terms=Terms(vouchers=(text,), insurance=text, leasing=text, ip_terms=text),
    )  # fmt: skip
    with people.session() as session:
        stored = create(session, OPERATOR, listing)
        assert stored.listing == replace(listing, id=stored.listing.id)
