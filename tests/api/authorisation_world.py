"""The world in which the table of `authorisation_table.py` is tried: people, and what path parameters stand for."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from fastapi.testclient import TestClient
from sqlalchemy import delete, update

from matcher.catalogue.access import CONSOLE, SCOPES
from matcher.catalogue.accounts.api_keys import add_key
from matcher.catalogue.accounts.invitations import invite
from matcher.catalogue.accounts.organisations import OrganisationFields, add_organisation
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.alerts.subscriptions import Wish, subscribe
from matcher.catalogue.alerts.webhooks import add_webhook
from matcher.catalogue.enquiries.records import EnquiryDraft
from matcher.catalogue.enquiries.store import send_enquiry
from matcher.catalogue.feedback.store import write
from matcher.catalogue.judging.importing import Upload, confirm, parse
from matcher.catalogue.judging.queues import make_queue
from matcher.catalogue.judging.sets import create_set
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.importable import preview_file
from matcher.catalogue.listings.imports import keep_preview
from matcher.catalogue.listings_file import line_of
from matcher.catalogue.needs.consents import give_consent
from matcher.catalogue.needs.store import NeedDraft, Openness, add_need
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.searches.store import Changes, add_search
from matcher.catalogue.tables.alerts import WebhookRow
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.catalogue.tables.feedback import ExperimentRow
from matcher.catalogue.tables.governance import GateRow, PublicationRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.watching import AlarmRow
from matcher.catalogue.watching.figures import Figures
from matcher.feedback.impressions import Place
from matcher.ranking.documents import Document
from matcher.secret import secret_of
from matcher.sending.sealing import Seal
from matcher.sending.signing import new_secret
from matcher.today import today as present_day
from tests.api import people as people_module
from tests.api.authorisation_table import Row
from tests.api.people import People
from tests.matcher.catalogue.feedback.answers import answer
from tests.matcher.small import LISTINGS, PROFILE

_PLACE: Final = re.compile(r"\{(\w+)\}")


class World:
    """People, one program for each of their scopes, and makers of things."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._secrets: dict[tuple[str, str], str] = {}

    def call(self, row: Row, caller: str) -> int:
        """The status that a caller gets, with things made for this call."""
        texts = {name: self.make(name) for name in _PLACE.findall(row.path) if name not in row.made}
        texts |= {name: self.make(maker) for name, maker in row.made.items()}
        path = _PLACE.sub(lambda found: texts[found[1]], row.path)
        with self._client(caller, row.keys_of) as client:
            return client.request(
                row.method,
                path,
                params=self._filled(row.query, texts),
                headers={"If-Match": '"1"'},
                json=self._filled(row.json, texts),
                data=self._filled(row.data, texts),
                files=row.files,
                follow_redirects=False,
            ).status_code

    def make(self, name: str) -> str:
        """A new thing, by the name of its maker."""
        return MAKERS[name](self)

    def _filled(self, value: Any, texts: dict[str, str]) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one, texts) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one, texts) for one in value]
        if isinstance(value, str):
            return _PLACE.sub(lambda found: texts.get(found[1]) or self.make(found[1]), value)
        return value

    def _client(self, caller: str, keys_of: str) -> TestClient:
        if caller == "anonymous":
            return TestClient(self.people.app)
        kind, _, scope = caller.partition(":")
        if kind != "key":
            # A session of its own for each call: one that signs out must not sign out the next.
            return self.people.signed_in(kind)
        owner = "admin" if scope == "admin" else keys_of
        if (owner, scope) not in self._secrets:
            self._secrets[owner, scope] = self.people.secret(owner, next(one for one in SCOPES if one == scope))
        return TestClient(self.people.app, headers={"Authorization": f"Bearer {self._secrets[owner, scope]}"})


def _organisation(world: World) -> str:
    with world.people.database.session() as session:
        return add_organisation(session, CONSOLE, OrganisationFields(_fresh())).id


def _user(world: World) -> str:
    with world.people.database.session() as session:
        return add_user(session, CONSOLE, UserFields(f"{_fresh()}@example.cn", "某人")).id


def _key(world: World) -> str:
    with world.people.database.session() as session:
        return add_key(session, world.people.actor("requester"), "程序", ["match"])[0].id


def _reset_token(world: World) -> str:
    user_id = _user(world)
    with world.people.database.session() as session:
        return invite(session, CONSOLE, user_id)


def _need(world: World, *, consent: bool = False) -> str:
    actor, today = world.people.actor("requester"), present_day()
    with world.people.database.session() as session:
        openness = Openness({"industry": "public"}, listed=True)
        need = add_need(session, actor, NeedDraft({"text": "发酵中试"}), today, openness=openness, publish=True)
        if consent:
            give_consent(session, actor, need.id, world.people.orgs["org"], today)
    return need.id


def _search(world: World) -> str:
    with world.people.database.session() as session:
        return add_search(session, world.people.actor("requester"), Changes({"text": "发酵中试"})).id


def _offered_listing(world: World) -> str:
    listing = replace(LISTINGS[0], id=_fresh())
    with world.people.database.session() as session:
        put_many(session, [listing], CONSOLE, organisation_id=world.people.orgs["org"])
    return listing.id


def _listing(world: World, state: State = "published", *, hidden: bool = False) -> str:
    """A listing of the organisation of `operator`, version 1 in its state."""
    listing = replace(LISTINGS[0], id=_fresh(), level=None)
    with world.people.database.session() as session:
        put_many(session, [listing], CONSOLE, organisation_id=world.people.orgs["org"], state=state)
        if hidden:
            session.execute(update(ListingRow).where(ListingRow.id == listing.id).values(hidden=True))
    return listing.id


def _import(world: World) -> str:
    actor = world.people.actor("operator")
    with world.people.database.session() as session:
        found = preview_file(session, actor, "表.jsonl", line_of(replace(LISTINGS[0], name=_fresh())).encode())
        return keep_preview(session, actor, found).id


def _subscription(world: World) -> str:
    need_id, wish = _need(world), Wish(("message",), "at_once", None)
    with world.people.database.session() as session:
        actor = world.people.actor("requester")
        return subscribe(session, actor, "need", need_id, wish, lambda key: f"stop-{key}", present_day()).id


def _message(world: World) -> str:
    with world.people.database.session() as session:
        return add_message(session, world.people.ids["requester"], "标题", "正文")


def _webhook(world: World) -> str:
    sealed = Seal(secret_of(world.people.app.state.settings)).close(new_secret())
    with world.people.database.session() as session:
        # A user may have ten.
        session.execute(delete(WebhookRow).where(WebhookRow.user_id == world.people.ids["requester"]))
        url = f"http://127.0.0.1:9/{_fresh()}"
        return add_webhook(session, world.people.actor("requester"), url, ["alerts"], sealed).id


def _delivery(world: World) -> str:
    with world.people.database.session() as session:
        return outbox.put(session, "email", "a@b.cn", {}, now())


def _profile(world: World) -> str:
    """A draft that the gate has passed, if there was anything to hold it against."""
    with world.people.database.session() as session:
        made = create(session, CONSOLE, _fresh(), Document(PROFILE), "试一试")
        present = published(session)
        if present is not None:
            gate = GateRow(
                id=_fresh(), profile_id=made.id, against_id=present.id, judgement_set="s", verdict="passed", report={}
            )
            session.add(gate)
    return made.id


def _judgement_set(world: World) -> str:
    """One graded pair, N-1 and the shown listing, in the queues of `broker` and `admin`."""
    need = {"id": "N-1", "description": "发酵中试"}
    judges = [world.people.ids[name] for name in ("broker", "admin")]
    pair = ("N-1", LISTINGS[0].id)
    with world.people.database.session() as session:
        put_many(session, LISTINGS[:1], CONSOLE)
        made = create_set(session, CONSOLE, _fresh())
        upload = parse(Upload(f"N-1 0 {pair[1]} 3".encode(), json.dumps(need).encode(), "qrels"))
        confirm(session, CONSOLE, made.id, upload, upload.upload.hash)
        make_queue(session, CONSOLE, made.id, [pair], judges, 2)
    return made.id


def _enquiry(world: World, organisation: str | None = "org") -> str:
    """An enquiry of `requester` that waits for an answer; kept by the platform without an organisation."""
    listing = replace(LISTINGS[0], id=_fresh())
    actor, to = world.people.actor("requester"), organisation and world.people.orgs[organisation]
    with world.people.database.session() as session:
        put_many(session, [listing], CONSOLE, organisation_id=to)
        # Those of other calls are of another day, in which a user may send as many again.
        yesterday = now() - timedelta(days=1)
        session.execute(update(EnquiryRow).values(created_at=yesterday))
        return send_enquiry(session, actor, EnquiryDraft(listing.id, "想看现场"), present_day()).enquiry.id


def _alarm(world: World) -> str:
    profile_id = _profile(world)
    with world.people.database.session() as session:
        publication = PublicationRow(profile_id=profile_id, what="publish", reason="试")
        session.add(publication)
        session.flush()
        figures = {"before": None, "after": Figures().as_dict()}
        alarm = AlarmRow(id=_fresh(), publication_id=publication.id, metric="zero", level="soft", reason="试",
                         figures=figures)  # fmt: skip
        session.add(alarm)
        return alarm.id


def _answer(world: World) -> str:
    """An answer in which the shown listing stood."""
    made = replace(answer(), id=f"answer-{uuid.uuid4().hex}", places=(Place(LISTINGS[0].id),))
    with world.people.database.session() as session:
        write(session, [made])
    return made.id


def _experiment(world: World) -> str:
    """A shadow that runs, of one draft against another."""
    draft, against = _profile(world), _profile(world)
    with world.people.database.session() as session:
        row = ExperimentRow(
            id=_fresh(), what="shadow", state="running", draft_id=draft, against_id=against, share=0.1, reason="试一试",
            alpha=0.05,
        )  # fmt: skip
        session.add(row)
    return row.id


def _fresh() -> str:
    return f"new-{uuid.uuid4().hex[:12]}"


#: Path parameter or place in a text → what makes it. Others add theirs here.
MAKERS: Final[dict[str, Callable[[World], str]]] = {
    "organisation_id": lambda world: world.people.orgs["org"],
    "new_organisation_id": _organisation,
    "user_id": _user,
    "key_id": _key,
    "reset_token": _reset_token,
    "fresh_email": lambda world: f"{_fresh()}@example.cn",
    "fresh_name": lambda world: _fresh(),
    "password": lambda world: people_module.PASSWORD,
    "need_id": _need,
    "consented_need_id": lambda world: _need(world, consent=True),
    "offered_listing_id": _offered_listing,
    "published_listing_id": _listing,
    "draft_listing_id": lambda world: _listing(world, "draft"),
    "submitted_listing_id": lambda world: _listing(world, "submitted"),
    "approved_listing_id": lambda world: _listing(world, "approved"),
    "retired_listing_id": lambda world: _listing(world, "retired"),
    "hidden_listing_id": lambda world: _listing(world, hidden=True),
    "number": lambda world: "1",
    "form": lambda world: "template",
    "import_id": _import,
    "subscription_id": _subscription,
    "token": lambda world: "unknown",
    "message_id": _message,
    "webhook_id": _webhook,
    "delivery_id": _delivery,
    "enquiry_id": _enquiry,
    "unclaimed_enquiry_id": lambda world: _enquiry(world, None),
    "profile_id": _profile,
    "rule_id": lambda world: "unknown",
    "word": lambda world: "unknown",
    "part": lambda world: "add",
    "alarm_id": _alarm,
    "set_id": _judgement_set,
    "search_id": _search,
    "answer_id": _answer,
    "experiment_id": _experiment,
    "broker_id": lambda world: world.people.ids["broker"],
    "shown_listing_id": lambda world: LISTINGS[0].id,
}
