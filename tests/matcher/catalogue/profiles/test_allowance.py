"""Who may publish what: what the gate passed, or what a second administrator signed for."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from matcher.catalogue import ledger
from matcher.catalogue.access import Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database, Session
from matcher.catalogue.profiles import allowance as module
from matcher.catalogue.profiles.allowance import latest_gate, publish_allowed, waive, waivers
from matcher.catalogue.profiles.drafts import create, get, page_of
from matcher.catalogue.profiles.publishing import history, publish, published, rollback, without_owners
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow
from matcher.errors import Conflict, InvalidInput, NotFound, NotSignedIn, Outdated, PilotMatchError
from matcher.ranking.documents import Document
from matcher.ranking.rules import Rule
from tests.matcher.small import PROFILE

ADMIN, SECOND = Actor("u-1", "admin"), Actor("u-2", "admin")


def draft(session: Session, late: float, name: str = "city", **edits: object) -> StoredProfile:
    document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}), **edits)  # type: ignore[arg-type]  # as given
    return create(session, ADMIN, name, document, "试一试")


def two(session: Session) -> tuple[StoredProfile, StoredProfile]:
    """A published version and a draft."""
    first, second = draft(session, 20.0), draft(session, 21.0)
    publish(session, ADMIN, first.id, "首次")
    return first, second


def gate(session: Session, profile: StoredProfile, against: StoredProfile, verdict: str) -> str:
    row = GateRow(
        id=new_key("gate"), profile_id=profile.id, against_id=against.id, judgement_set="s", verdict=verdict, report={}
    )
    session.add(row)
    session.flush()
    return row.id


class TestTheGate:
    def test_the_first_profile_has_nothing_to_be_held_against(self, database: Database) -> None:
        with database.session() as session:
            only = draft(session, 20.0)
            assert publish_allowed(session, ADMIN, only.id, "首次").previous_id is None

    def test_what_passed_is_published_with_its_gate(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            found = gate(session, second, first, "passed")
            done = publish_allowed(session, ADMIN, second.id, " 更好 ")
            assert (done.gate_id, done.second_id, done.reason) == (found, None, "更好")
            now = published(session)
            assert now is not None
            assert now.id == second.id

    @pytest.mark.parametrize(
        ("verdict", "said"), [(None, "还没有"), ("blocked", "退步"), ("too_few", "太少"), ("other", "门禁未通过")]
    )
    def test_everything_else_is_refused_with_the_way_on(
        self, database: Database, verdict: str | None, said: str
    ) -> None:
        with database.session() as session:
            first, second = two(session)
            if verdict:
                gate(session, second, first, verdict)
            with pytest.raises(Conflict, match=said) as caught:
                publish_allowed(session, ADMIN, second.id, "更好")
            assert f"/v1/profiles/{second.id}/waivers" in (caught.value.hint or "")
            assert get(session, first.id).state == "published"

    def test_the_latest_finding_counts(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            gate(session, second, first, "passed")
            last = gate(session, second, first, "blocked")
            finding = latest_gate(session, second.id, first.id)
            assert finding is not None
            assert (finding.id, finding.verdict) == (last, "blocked")
            with pytest.raises(Conflict):
                publish_allowed(session, ADMIN, second.id, "更好")

    def test_a_pass_against_another_one_is_none(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            third = draft(session, 22.0)
            gate(session, third, first, "passed")
            gate(session, second, first, "passed")
            publish_allowed(session, ADMIN, second.id, "更好")
            with pytest.raises(Conflict, match="还没有"):
                publish_allowed(session, ADMIN, third.id, "更好")

    def test_another_one_published_meanwhile(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        with database.session() as session:
            first, second = two(session)
            third = draft(session, 22.0)
            for one in (second, third):
                gate(session, one, first, "passed")
        looked = module.allowance

        def and_then_another(*args: object) -> object:
            found = looked(*args)  # type: ignore[arg-type]  # passed on
            publish(args[0], SECOND, third.id, "抢先")  # type: ignore[arg-type]  # the session
            return found

        monkeypatch.setattr(module, "allowance", and_then_another)
        with pytest.raises(Conflict, match="不适用"), database.session() as session:
            publish_allowed(session, ADMIN, second.id, "更好")
        with database.reading() as session:
            assert get(session, second.id).state == "draft"

    def test_several_that_passed_are_published_at_once_and_one_is(self, database: Database) -> None:
        """What passed against the old one has not passed against the one that was quicker."""
        with database.session() as session:
            first = draft(session, 20.0)
            publish(session, ADMIN, first.id, "首次")
            ids = [draft(session, 21.0 + number).id for number in range(4)]
            for one in ids:
                gate(session, get(session, one), first, "passed")
        refused: list[Exception] = []

        def go(profile_id: str) -> None:
            try:
                with database.session() as session:
                    publish_allowed(session, ADMIN, profile_id, "更好")
            except PilotMatchError as error:
                refused.append(error)

        threads = [threading.Thread(target=go, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [type(error) for error in refused] == [Conflict] * 3
        with database.reading() as session:
            assert len(history(session)) == 2
            assert page_of(session, state="published").total == 1
            assert ledger.verify(ledger.entries(session)) == 2

    def test_published_already_unknown_or_without_reason(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            with pytest.raises(Conflict, match="已经发布"):
                publish_allowed(session, ADMIN, first.id, "x")
            with pytest.raises(NotFound):
                publish_allowed(session, ADMIN, "x", "x")
            for reason in ("", " ", "\x00", "\ud800", "长" * 2001):
                with pytest.raises(InvalidInput) as caught:
                    publish_allowed(session, ADMIN, second.id, reason)
                assert caught.value.field == "reason"


class TestWaivers:
    def test_another_administrator_s_reason_lets_it_pass(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            found = gate(session, second, first, "blocked")
            signed = waive(session, SECOND, second.id, "东部切片样本少,可接受")
            assert (signed.against_id, signed.gate_id, signed.user_id) == (first.id, found, "u-2")
            done = publish_allowed(session, ADMIN, second.id, "更好")
            assert (done.gate_id, done.second_id) == (found, "u-2")
            assert [one.id for one in waivers(session, second.id)] == [signed.id]
        with database.reading() as session:
            acts = [one.action for one in read_audit(session)]
            assert {"profile.waive", "profile.publish"} <= set(acts)
            assert ledger.verify(ledger.entries(session)) == 2
            last = ledger.latest(session)
            assert last is not None
            assert last.content["gate"]["verdict"] == "blocked"
            assert last.content["waiver"] == {"signed_by": "admin"}
            assert "u-2" not in ledger.line_of(last), "roles, no names"

    def test_the_ledger_tells_what_allowed_it(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            gate(session, second, first, "passed")
            publish_allowed(session, ADMIN, second.id, "更好")
            rollback(session, ADMIN, "差了")
        with database.reading() as session:
            opening, passed, back = (one.content for one in ledger.entries(session))
        assert (opening["gate"], opening["waiver"]) == (None, None)
        assert (passed["gate"]["verdict"], passed["gate"]["judgement_set"]) == ("passed", "s")
        assert passed["waiver"] is None
        assert "gate" not in back

    def test_nobody_signs_for_himself(self, database: Database) -> None:
        with database.session() as session:
            _, second = two(session)
            waive(session, ADMIN, second.id, "我看可以")
            with pytest.raises(Conflict):
                publish_allowed(session, ADMIN, second.id, "更好")
            assert publish_allowed(session, SECOND, second.id, "更好").second_id == "u-1"

    def test_it_ends_when_the_gate_finds_something_new(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            waive(session, SECOND, second.id, "先上")
            gate(session, second, first, "blocked")
            with pytest.raises(Conflict, match="退步"):
                publish_allowed(session, ADMIN, second.id, "更好")

    def test_it_ends_when_another_one_is_published(self, database: Database) -> None:
        with database.session() as session:
            first, second = two(session)
            third = draft(session, 22.0)
            waive(session, SECOND, second.id, "先上")
            gate(session, third, first, "passed")
            publish_allowed(session, ADMIN, third.id, "更好")
            with pytest.raises(Conflict):
                publish_allowed(session, ADMIN, second.id, "更好")

    def test_nothing_to_sign(self, database: Database) -> None:
        with database.session() as session:
            only = draft(session, 19.0, "town")
            with pytest.raises(Conflict, match="不需要"):
                waive(session, SECOND, only.id, "x")
            first, second = two(session)
            with pytest.raises(Conflict, match="不需要"):
                waive(session, SECOND, first.id, "x")
            gate(session, second, first, "passed")
            with pytest.raises(Conflict, match="门禁已通过"):
                waive(session, SECOND, second.id, "x")
            with pytest.raises(NotFound):
                waive(session, SECOND, "x", "x")
            with pytest.raises(InvalidInput):
                waive(session, SECOND, only.id, "  ")
            with pytest.raises(NotSignedIn):
                waive(session, Actor(), only.id, "x")


class TestPagesAndHistory:
    def test_pages_by_name_and_state_don_t_overlap(self, database: Database) -> None:
        with database.session() as session:
            for late in range(5):
                draft(session, float(late))
            other = draft(session, 9.0, "town")
            publish(session, ADMIN, other.id, "首次")
        with database.reading() as session:
            pages = [page_of(session, first=first, size=4) for first in (0, 4, 8)]
            assert [(page.total, len(page.versions)) for page in pages] == [(6, 4), (6, 2), (6, 0)]
            assert len({one.id for page in pages for one in page.versions}) == 6
            assert [one.version for one in page_of(session, name="city").versions] == [5, 4, 3, 2, 1]
            assert [one.id for one in page_of(session, state="published").versions] == [other.id]
            assert page_of(session, name="city", state="published").total == 0

    def test_history_goes_on_below_a_number(self, database: Database) -> None:
        with database.session() as session:
            for late in range(4):
                publish(session, ADMIN, draft(session, float(late)).id, "上线")
            numbers = [one.number for one in history(session)]
            assert [one.number for one in history(session, 2, before=numbers[1])] == numbers[2:]

    def test_two_who_roll_back_at_once_go_back_one_step(self, database: Database) -> None:
        with database.session() as session:
            ids = [draft(session, float(late)).id for late in range(3)]
            for one in ids:
                publish(session, ADMIN, one, "上线")
            rollback(session, ADMIN, "差了", seen=ids[2])
            with pytest.raises(Outdated):
                rollback(session, SECOND, "差了", seen=ids[2])
            with pytest.raises(InvalidInput):
                rollback(session, SECOND, " ")
            assert get(session, ids[1]).state == "published"

    def test_what_can_not_be_stored_is_said(self, database: Database) -> None:
        with database.session() as session, pytest.raises(InvalidInput, match="字符"):
            draft(session, 20.0, dictionary=("乱\ud800码",))


class TestLedger:
    def test_the_public_reads_what_a_rule_does_but_not_who_owns_it(self, database: Database) -> None:
        rule = Rule("r-1", "pin", "PF-1", "示范平台", "张三", "2026-12-31")
        with database.session() as session:
            publish(session, ADMIN, draft(session, 20.0).id, "首次")
            publish(session, ADMIN, draft(session, 20.0, rules=(rule,)).id, "置顶")
            last = ledger.latest(session)
            assert last is not None
            assert last.number == 2
            assert last.content["changes"]["rules"]["added"][0]["listing_id"] == "PF-1"
            assert "张三" not in ledger.line_of(last)

    def test_differences_without_rules_stay(self) -> None:
        assert without_owners({"weights": {"late": [1, 2]}}) == {"weights": {"late": [1, 2]}}

    def test_an_empty_ledger_has_no_last_entry(self, database: Database) -> None:
        with database.reading() as session:
            assert ledger.latest(session) is None
