"""Who hears of what is done with an enquiry, and that they hear nothing that it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.messages import inbox
from matcher.catalogue.alerts.webhooks import add_webhook, change_webhook, hooks_of
from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries.records import EnquiryDraft, Step
from matcher.catalogue.enquiries.store import forward_enquiry, move_enquiry, send_enquiry, write_message
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import MessageRow, OutboxRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput
from matcher.sending.enquiring import announce, event_content
from matcher.settings import Settings
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    ADMIN,
    CONTACT,
    NOON,
    OPERATOR,
    OTHER,
    OWNER,
    TODAY,
    database,
    noon,
    peopled,
    scene,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


def sent(session: Session, listing_id: str = "L-a") -> Step:
    return send_enquiry(session, OWNER, EnquiryDraft(listing_id, "机密", contact=CONTACT), TODAY)


def told(session: Session, step: Step, settings: Settings) -> dict[str, str]:
    """Who has a new message, and its subject."""
    before = set(session.scalars(select(MessageRow.id)))
    count = announce(session, step, settings, NOON)
    rows = [row for row in session.scalars(select(MessageRow)) if row.id not in before]
    assert count == len(rows)
    assert all((row.about_kind, row.about_id) == ("enquiry", step.enquiry.id) for row in rows)
    return {row.user_id: row.subject for row in rows}


def deliveries(session: Session) -> list[Any]:
    return list(session.scalars(select(OutboxRow)))


def moved(session: Session, actor: Actor, enquiry_id: str, *states: str) -> Step:
    for state in states:
        step = move_enquiry(session, actor, enquiry_id, state, TODAY, note="机密")  # type: ignore[arg-type]  # states
    return step


class TestWhoHears:
    def test_the_operators_of_a_new_one_and_the_sender_of_each_answer(
        self,
        scene: Database,  # noqa: F811
        settings: Settings,
    ) -> None:
        with scene.session() as session:
            first = sent(session)
            assert told(session, first, settings) == {"user-operator": "收到一份对接申请"}
            for state, name in (("read", "已阅"), ("answered", "已答复"), ("visiting", "考察中")):
                step = moved(session, OPERATOR, first.enquiry.id, state)
                assert told(session, step, settings) == {"user-owner": f"对接申请:{name}"}
            step = moved(session, OWNER, first.enquiry.id, "contracted")
            assert told(session, step, settings) == {"user-operator": "对接申请:已签约"}

    def test_messages_of_either_side(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        with scene.session() as session:
            enquiry_id = sent(session).enquiry.id
            own = write_message(session, OWNER, enquiry_id, "机密", TODAY)
            assert told(session, own, settings) == {"user-operator": "对接申请有新留言"}
            answered = write_message(session, OPERATOR, enquiry_id, "机密", TODAY)
            assert told(session, answered, settings) == {"user-owner": "对接申请:已答复"}
            platform = write_message(session, ADMIN, enquiry_id, "机密", TODAY)
            both = dict.fromkeys(("user-owner", "user-operator"), "对接申请有新留言")
            assert told(session, platform, settings) == both

    def test_admins_of_what_nobody_has_claimed_and_both_sides_when_it_is_forwarded(
        self,
        scene: Database,  # noqa: F811
        settings: Settings,
    ) -> None:
        with scene.session() as session:
            first = sent(session, "L-free")
            assert told(session, first, settings) == {"user-admin": "收到一份待转交的对接申请"}
            step = forward_enquiry(session, ADMIN, first.enquiry.id, organisation_id="org-b")
            assert told(session, step, settings) == {
                "user-owner": "对接申请已转交",
                "user-other": "收到一份对接申请",
            }
            withdrawn = moved(session, OWNER, first.enquiry.id, "withdrawn")
            assert told(session, withdrawn, settings) == {"user-other": "对接申请:已撤回"}

    def test_nobody_who_is_switched_off(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        with scene.session() as session:
            first = sent(session)
            session.execute(update(UserRow).values(active=False))
            assert told(session, first, settings) == {}
            assert told(session, moved(session, OPERATOR, first.enquiry.id, "read"), settings) == {}


class TestWhatIsSaid:
    def test_nothing_that_stands_in_it(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        mailing = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1?from=a@b.cn"})
        with scene.session() as session:
            session.execute(update(UserRow).values(email_verified=True))
            for actor in (OPERATOR, OWNER):
                add_webhook(session, actor, "https://example.cn/hook", ["enquiries"], "sealed")
            first = sent(session)
            announce(session, first, mailing, NOON)
            answered = write_message(session, OPERATOR, first.enquiry.id, "机密", TODAY)
            announce(session, answered, mailing, NOON)
            announce(session, moved(session, OPERATOR, first.enquiry.id, "declined"), mailing, NOON)
            said = [f"{row.subject}{row.body}{row.items}" for row in session.scalars(select(MessageRow))]
            said += [str(row.payload) for row in deliveries(session)]
            channels = [row.channel for row in deliveries(session)]
        assert (len(said), channels.count("email"), channels.count("webhook")) == (9, 3, 3)
        for words in ("机密", "李工", "21234567", "li@example.cn", "起步公司", "名称L-a"):
            assert not any(words in one for one in said)

    def test_the_listing_is_named_while_its_reader_may_see_it(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        with scene.session() as session:
            announce(session, sent(session), settings, NOON)
            message = inbox(session, OPERATOR, TODAY, unread=True, page=1, size=9).messages[0]
            assert [one.name for one in message.items] == ["名称L-a"]
            session.execute(update(ListingRow).values(hidden=True))
            assert inbox(session, OPERATOR, TODAY, unread=True, page=1, size=9).messages[0].items == ()

    def test_e_mail_only_with_a_server_and_a_verified_address(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        mailing = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1?from=a@b.cn"})
        with scene.session() as session:
            first = sent(session)
            announce(session, first, mailing, NOON)
            session.execute(update(UserRow).values(email_verified=True))
            announce(session, first, settings, NOON)
            assert deliveries(session) == []
            announce(session, first, mailing, NOON)
            assert [(row.channel, row.target) for row in deliveries(session)] == [("email", "user-operator@x.cn")]

    def test_what_a_webhook_is_sent(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            first = sent(session)
            steps = [
                first,
                write_message(session, OWNER, first.enquiry.id, "机密", TODAY),
                moved(session, OPERATOR, first.enquiry.id, "read"),
            ]
            kept = sent(session, "L-free")
            steps.append(forward_enquiry(session, ADMIN, kept.enquiry.id, organisation_id="org-a"))
        assert [event_content(step)["event"] for step in steps] == [
            "enquiry.created", "enquiry.message", "enquiry.state", "enquiry.forwarded",
        ]  # fmt: skip
        assert event_content(steps[2]) == {
            "topic": "enquiries",
            "event": "enquiry.state",
            "by": "operator",
            "enquiry": {
                "id": first.enquiry.id,
                "listing_id": "L-a",
                "state": "read",
                "version": 3,
                "created_at": NOON.isoformat(),
                "updated_at": NOON.isoformat(),
            },
        }


class TestWebhooks:
    def test_those_that_are_on_and_take_the_topic(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session:
            wanted = add_webhook(session, OPERATOR, "https://a.cn/1", ["alerts", "enquiries"], "s")
            add_webhook(session, OPERATOR, "https://a.cn/2", ["alerts", "feed"], "s")
            off = add_webhook(session, OPERATOR, "https://a.cn/3", ["enquiries"], "s")
            change_webhook(session, OPERATOR, off.id, active=False)
            add_webhook(session, OTHER, "https://a.cn/4", ["enquiries"], "s")
            assert hooks_of(session, "user-operator", "enquiries") == [wanted.id]
            assert hooks_of(session, "user-owner", "enquiries") == []

    def test_one_delivery_for_each(self, scene: Database, settings: Settings) -> None:  # noqa: F811
        with scene.session() as session:
            hooks = [add_webhook(session, OPERATOR, f"https://a.cn/{one}", ["enquiries"], "s").id for one in range(2)]
            announce(session, sent(session), settings, NOON)
            assert sorted(row.target for row in deliveries(session)) == sorted(hooks)

    def test_an_unknown_topic_is_refused_by_name(self, scene: Database) -> None:  # noqa: F811
        with scene.session() as session, pytest.raises(InvalidInput) as caught:
            add_webhook(session, OPERATOR, "https://a.cn/1", ["enquiry"], "s")  # type: ignore[list-item]  # the point
        assert "enquiries(对接申请)" in (caught.value.hint or "")
