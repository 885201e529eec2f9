"""From pairs to messages, e-mails and webhook deliveries: one for each subscription, at its pace."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.alerts import due as due_module
from matcher.catalogue.alerts.messages import inbox
from matcher.catalogue.alerts.subscriptions import Wish, change_subscription, is_stoppable
from matcher.catalogue.alerts.webhooks import add_webhook
from matcher.catalogue.database import Database
from matcher.catalogue.needs.store import Openness
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import AlertRow, MessageRow, OutboxRow, SubscriptionRow
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.needs import NeedRow
from matcher.sending import telling
from matcher.sending.finding import find
from matcher.sending.sealing import Seal
from matcher.sending.telling import tell
from matcher.sending.wording import NAMED_MAX
from matcher.settings import Settings
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import SEAL, SECRET, TODAY, Scene, WordFits, listing

EVERYTHING = Wish(("message", "email"))


@pytest.fixture
def scene(database: Database) -> Scene:  # noqa: F811
    scene = Scene(database)
    find(database, WordFits(), TODAY)
    return scene


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        data=tmp_path,
        secret=SECRET,
        smtp_url="smtp://127.0.0.1?from=no-reply@example.cn",
        public_url="https://pilot.example.cn",
    )


def find_all(scene: Scene) -> None:
    while find(scene.database, WordFits(), TODAY).more:
        pass


def told(scene: Scene, settings: Settings, after: timedelta = timedelta(), seal: Seal = SEAL) -> int:
    return tell(scene.database, settings, seal, now() + after, TODAY)


def messages(scene: Scene, who: str = "requester") -> list[Any]:
    with scene.database.reading() as session:
        return list(inbox(session, scene.actors[who], TODAY, unread=False, page=1, size=100).messages)


def mails(scene: Scene) -> list[dict[str, Any]]:
    return [row[0] for row in scene.rows(select(OutboxRow.payload).where(OutboxRow.channel == "email"))]


def test_message_and_mail_with_names_and_links(scene: Scene, settings: Settings) -> None:
    need = scene.need("发酵:*", title="酶制剂放大")
    made = scene.subscribe("requester", "need", need.id, EVERYTHING)
    scene.publish(listing("PF-1", "东莞发酵平台"))
    find_all(scene)
    assert told(scene, settings) == 1
    (message,) = messages(scene)
    assert "酶制剂放大" in message.subject
    assert "共 1 条" in message.body
    assert [(item.kind, item.id, item.name, item.grade) for item in message.items] == [
        ("listing", "PF-1", "东莞发酵平台", "strong")
    ]
    assert (message.about_kind, message.about_id) == ("need", need.id)
    (mail,) = mails(scene)
    assert mail["to"] == "requester@example.cn"
    assert mail["stop"] == "https://pilot.example.cn/v1/unsubscribe/" + SEAL.stop_token(made.id)
    for part in (mail["text"], mail["html"]):
        assert "东莞发酵平台" in part
        assert "https://pilot.example.cn/v1/listings/PF-1" in part
        assert mail["stop"] in part
    assert told(scene, settings) == 0


def test_an_import_of_thousands_is_one_message(scene: Scene, settings: Settings) -> None:
    scene.subscribe("requester", "need", scene.need("发酵:*").id, EVERYTHING)
    scene.publish(*(listing(f"PF-{n:04}", f"平台{n}") for n in range(2500)))
    find_all(scene)
    assert told(scene, settings) == 1
    (message,) = messages(scene)
    assert "共 2500 条" in message.body
    assert len(message.items) == NAMED_MAX
    (mail,) = mails(scene)
    assert mail["text"].count("·") == NAMED_MAX
    assert len(mail["html"]) < 10_000


def test_the_best_are_named_first(scene: Scene, settings: Settings) -> None:
    scene.subscribe("requester", "need", scene.need("发酵:*").id)
    scene.publish(*(listing(f"PF-{n}") for n in range(5)))
    find_all(scene)
    with scene.database.session() as session:
        session.execute(update(AlertRow).where(AlertRow.listing_id < "PF-3").values(grade="possible"))
    told(scene, settings)
    assert [item.id for item in messages(scene)[0].items] == ["PF-3", "PF-4", "PF-0", "PF-1", "PF-2"]


class TestPaces:
    def prepared(self, scene: Scene, pace: Any) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id, Wish(("message",), pace))
        scene.publish(listing("PF-1"))
        find_all(scene)
        # Found on a Wednesday at noon in China.
        found = datetime.fromisoformat("2026-07-01T12:00:00+08:00")
        with scene.database.session() as session:
            session.execute(update(AlertRow).values(created_at=found))

    @pytest.mark.parametrize(
        ("pace", "early", "due"),
        [
            ("daily", "2026-07-02T07:59:00+08:00", "2026-07-02T08:00:00+08:00"),
            ("weekly", "2026-07-06T07:59:00+08:00", "2026-07-06T08:00:00+08:00"),
        ],
    )
    def test_a_digest_waits_for_its_time(
        self, scene: Scene, settings: Settings, pace: Any, early: str, due: str
    ) -> None:
        self.prepared(scene, pace)
        assert tell(scene.database, settings, SEAL, datetime.fromisoformat(early), TODAY) == 0
        assert tell(scene.database, settings, SEAL, datetime.fromisoformat(due), TODAY) == 1
        assert "汇总" in messages(scene)[0].subject

    def test_a_digest_gathers_what_came_since(self, scene: Scene, settings: Settings) -> None:
        self.prepared(scene, "daily")
        scene.publish(listing("PF-2"))
        find_all(scene)
        assert tell(scene.database, settings, SEAL, now() + timedelta(days=8), TODAY) == 1
        assert len(messages(scene)[0].items) == 2

    def test_an_empty_digest_is_not_sent(self, scene: Scene, settings: Settings) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id, Wish(("message",), "daily"))
        assert told(scene, settings, timedelta(days=30)) == 0
        assert messages(scene) == []

    def test_neither_is_one_of_things_that_are_gone_by_then(self, scene: Scene, settings: Settings) -> None:
        self.prepared(scene, "daily")
        scene.retire("PF-1")
        assert told(scene, settings, timedelta(days=30)) == 0
        assert messages(scene) == []

    def test_the_time_of_day_is_a_setting(self, scene: Scene, settings: Settings) -> None:
        self.prepared(scene, "daily")
        evening = settings.model_copy(update={"digest_at": "18:30"})
        at = datetime.fromisoformat("2026-07-01T18:30:00+08:00")
        assert tell(scene.database, evening, SEAL, at - timedelta(seconds=1), TODAY) == 0
        assert tell(scene.database, evening, SEAL, at, TODAY) == 1


class TestChannels:
    def alert(self, scene: Scene, wish: Wish) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id, wish)
        scene.publish(listing("PF-1"))
        find_all(scene)

    def test_mail_only(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene, Wish(("email",)))
        told(scene, settings)
        assert (len(messages(scene)), len(mails(scene))) == (0, 1)

    def test_no_mail_where_the_site_sends_none(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene, EVERYTHING)
        told(scene, settings.model_copy(update={"smtp_url": None}))
        assert (len(messages(scene)), len(mails(scene))) == (1, 0)

    def test_no_mail_to_an_address_that_is_not_verified_any_more(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene, EVERYTHING)
        with scene.database.session() as session:
            session.execute(update(UserRow).values(email_verified=False))
        told(scene, settings)
        assert (len(messages(scene)), len(mails(scene))) == (1, 0)

    def test_without_the_site_s_address_there_are_no_links(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene, EVERYTHING)
        told(scene, settings.model_copy(update={"public_url": None}))
        (mail,) = mails(scene)
        assert mail["stop"] is None
        assert "http" not in mail["text"] + mail["html"]

    def test_a_webhook(self, scene: Scene, settings: Settings) -> None:
        with scene.database.session() as session:
            hook = add_webhook(session, scene.actors["requester"], "https://a.cn/", ["alerts"], "sealed")
        self.alert(scene, Wish(("webhook",), webhook_id=hook.id))
        told(scene, settings)
        ((channel, target, payload),) = scene.rows(select(OutboxRow.channel, OutboxRow.target, OutboxRow.payload))
        assert (channel, target) == ("webhook", hook.id)
        assert payload["listings"] == [{"id": "PF-1", "name": "发酵中试平台", "grade": "strong"}]
        assert (payload["topic"], payload["total"], payload["about"]["kind"]) == ("alerts", 1, "need")

    def test_switched_off_before_it_was_told(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene, EVERYTHING)
        with scene.database.session() as session:
            key = session.scalars(select(SubscriptionRow.id)).one()
            change_subscription(session, scene.actors["requester"], key, EVERYTHING, False)
        assert told(scene, settings) == 0
        assert mails(scene) == []


class TestNeedsForOperators:
    def alert(self, scene: Scene, **fields: Any) -> str:
        scene.publish(listing("PF-1", "发酵平台"), org="base")
        scene.subscribe("operator", "listing", "PF-1", EVERYTHING)
        find_all(scene)
        openness = Openness({"title": "signed_in", "text": "public"}, listed=True)
        need = scene.need("发酵:PF-1", publish=True, openness=openness, **fields)
        find_all(scene)
        return need.id

    def test_what_may_be_seen_is_said_and_nothing_else(self, scene: Scene, settings: Settings) -> None:
        need_id = self.alert(scene, title="酶制剂放大", budget_wan=123.0, province="广东省")
        assert told(scene, settings) == 1
        (message,) = messages(scene, "operator")
        assert "发酵平台" in message.subject
        assert [(item.kind, item.id, item.name) for item in message.items] == [("need", need_id, "酶制剂放大")]
        (mail,) = mails(scene)
        said = f"{message}{mail}"
        for hidden in ("123", "广东", "requester"):
            assert hidden not in said

    def test_closed_before_it_was_told_it_is_not(self, scene: Scene, settings: Settings) -> None:
        need_id = self.alert(scene, title="酶制剂放大")
        with scene.database.session() as session:
            session.execute(update(NeedRow).where(NeedRow.id == need_id).values(listed=False))
        assert told(scene, settings) == 0
        assert (messages(scene, "operator"), mails(scene)) == ([], [])

    def test_fields_closed_before_it_was_told_are_not_said(self, scene: Scene, settings: Settings) -> None:
        need_id = self.alert(scene, title="酶制剂放大")
        with scene.database.session() as session:
            session.execute(update(NeedRow).where(NeedRow.id == need_id).values(visibility={}))
        told(scene, settings)
        assert "酶制剂" not in f"{messages(scene, 'operator')}{mails(scene)}"

    def test_the_listing_went_to_somebody_else(self, scene: Scene, settings: Settings) -> None:
        self.alert(scene)
        with scene.database.session() as session:
            session.execute(update(UserRow).values(organisation_id=scene.orgs["other_base"]))
        assert told(scene, settings) == 0
        assert told(scene, settings) == 0


class TestNames:
    def test_html_in_names_is_text(self, scene: Scene, settings: Settings) -> None:
        evil = "<script>alert(1)</script>&<img src=x>\"'"
        scene.subscribe("requester", "need", scene.need("发酵:*", title=evil).id, EVERYTHING)
        scene.publish(listing("PF-1", evil), listing("P-2", "<b>平台</b>"))
        find_all(scene)
        told(scene, settings)
        (mail,) = mails(scene)
        for tag in ("<script", "<img", "<b>"):
            assert tag not in mail["html"]
        assert "&lt;script&gt;" in mail["html"]
        assert "<script>" in mail["text"]

    def test_line_ends_in_names_make_no_header(self, scene: Scene, settings: Settings) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*,\r\nBcc: x@y.cn").id, EVERYTHING)
        scene.publish(listing("PF-1"))
        find_all(scene)
        told(scene, settings)
        (mail,) = mails(scene)
        assert "\n" not in mail["subject"]
        assert "\r" not in mail["subject"]

    def test_a_need_of_ten_thousand_characters(self, scene: Scene, settings: Settings) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*," + "长" * 10_000).id, EVERYTHING)
        scene.publish(listing("PF-1"))
        find_all(scene)
        told(scene, settings)
        assert len(messages(scene)[0].subject) < 150
        assert len(mails(scene)[0]["text"]) < 1000


class TestOneTransaction:
    def test_killed_in_the_middle_it_is_all_told_again(
        self, scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id, EVERYTHING)
        scene.publish(listing("PF-1"))
        find_all(scene)
        with monkeypatch.context() as patched:
            patched.setattr(telling.outbox, "put", _killed)
            with pytest.raises(KeyboardInterrupt):
                told(scene, settings)
        assert (messages(scene), mails(scene)) == ([], [])
        assert told(scene, settings) == 1
        assert (len(messages(scene)), len(mails(scene))) == (1, 1)

    def test_another_process_was_first(self, scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.subscribe("requester", "need", scene.need("发酵:*").id)
        scene.publish(listing("PF-1"))
        find_all(scene)
        with scene.database.reading() as session:
            keys = due_module.due_subscriptions(session, {"at_once": now()})
        assert told(scene, settings) == 1
        with scene.database.session() as session:
            assert due_module.take(session, keys[0], TODAY) is None
        assert len(scene.rows(select(MessageRow.id))) == 1

    def test_a_new_secret_makes_new_links_that_work(self, scene: Scene, settings: Settings) -> None:
        made = scene.subscribe("requester", "need", scene.need("发酵:*").id, EVERYTHING)
        scene.publish(listing("PF-1"))
        find_all(scene)
        other = Seal(SECRET[::-1])
        told(scene, settings, seal=other)
        token = mails(scene)[0]["stop"].rsplit("/", 1)[1]
        with scene.database.reading() as session:
            assert is_stoppable(session, token)
            assert not is_stoppable(session, SEAL.stop_token(made.id))
        assert scene.rows(select(SubscriptionRow.stop_token_hash))[0][0] == hash_of(token)


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt
