"""`/v1/webhooks`: other systems that a user wants to be told at, for alerts and for the change feed."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from api.alert_answers import (
    ChangeWebhookBody,
    NewWebhookAnswer,
    TestedAnswer,
    WebhookAnswer,
    WebhookBody,
    WebhooksAnswer,
    webhook_answer,
)
from api.dependencies import ActorDep, DatabaseDep, ReadingDep, SessionDep, SettingsDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.limits import Buckets
from api.replies import model_reply
from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.webhooks import (
    Topic,
    add_webhook,
    change_webhook,
    delete_webhook,
    own_webhook,
    own_webhooks,
)
from matcher.secret import secret_of
from matcher.sending.posting import Failed, post
from matcher.sending.sealing import Seal
from matcher.sending.signing import new_secret
from matcher.sending.targets import check_url
from matcher.settings import Settings

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=responses(401, 403, 413, 422, 503))

#: A test is a request to somebody else's server at a user's word: six a minute are enough to set one up.
_tests = Buckets(6)


@router.get("", summary="浏览本人的 webhook", response_model=WebhooksAnswer)
def webhooks(session: ReadingDep, actor: ActorDep) -> Response:
    """The caller's webhooks, oldest first; secrets are not among what is told."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return model_reply(WebhooksAnswer(webhooks=[webhook_answer(one) for one in own_webhooks(session, actor)]))


@router.post("", status_code=201, summary="登记 webhook", response_model=NewWebhookAnswer, responses=responses(409))
def add(
    body: WebhookBody, session: SessionDep, settings: SettingsDep, actor: ActorDep, once: IdempotencyDep
) -> Response:
    """Register an address; the secret that signs deliveries (Standard Webhooks 1.0) is told this once."""
    _needs_scope(actor, body.topics)
    check_url(body.url, production=_is_production(settings))

    def work() -> Response:
        secret = new_secret()
        sealed = Seal(secret_of(settings)).close(secret)
        made = add_webhook(session, actor, body.url, body.topics, sealed, body.after)
        return model_reply(NewWebhookAnswer(**webhook_answer(made).model_dump(), secret=secret), 201)

    return once.run(work, secrets=("secret",))


@router.put("/{webhook_id}", summary="修改 webhook", response_model=WebhookAnswer, responses=responses(404))
def change(
    webhook_id: str, body: ChangeWebhookBody, session: SessionDep, settings: SettingsDep, actor: ActorDep
) -> Response:
    """Set address, topics, and whether it is on; a failing follower of the feed is tried again at once."""
    _needs_scope(actor, body.topics)
    own_webhook(session, actor, webhook_id)
    check_url(body.url, production=_is_production(settings))
    changed = change_webhook(session, actor, webhook_id, url=body.url, topics=body.topics, active=body.active)
    return model_reply(webhook_answer(changed))


@router.delete("/{webhook_id}", status_code=204, summary="删除 webhook", responses=responses(404))
def remove(webhook_id: str, session: SessionDep, actor: ActorDep) -> None:
    """Remove an address; nothing more is sent there."""
    _needs_scope(actor, own_webhook(session, actor, webhook_id).topics)
    delete_webhook(session, actor, webhook_id)


@router.post("/{webhook_id}/secret", summary="更换密钥", response_model=NewWebhookAnswer, responses=responses(404))
def renew(webhook_id: str, session: SessionDep, settings: SettingsDep, actor: ActorDep) -> Response:
    """A new secret, told this once; the old one signs nothing any more."""
    _needs_scope(actor, own_webhook(session, actor, webhook_id).topics)
    secret = new_secret()
    changed = change_webhook(session, actor, webhook_id, sealed_secret=Seal(secret_of(settings)).close(secret))
    return model_reply(NewWebhookAnswer(**webhook_answer(changed).model_dump(), secret=secret))


@router.post("/{webhook_id}/test", summary="试发一次", response_model=TestedAnswer, responses=responses(404, 429))
def send_test(webhook_id: str, database: DatabaseDep, settings: SettingsDep, actor: ActorDep) -> Response:
    """Send a signed delivery of topic `test` now, and tell how it was received."""
    with database.reading() as session:
        webhook = own_webhook(session, actor, webhook_id)
    _needs_scope(actor, webhook.topics)
    _tests.take(actor.needs_sign_in())
    # Outside the transaction: the receiver may take its time.
    try:
        secret = Seal(secret_of(settings)).open(webhook.sealed_secret)
        status = post(webhook.url, secret, f"test-{webhook.id}", {"topic": "test"}, production=_is_production(settings))
    except Failed as error:
        return model_reply(TestedAnswer(delivered=False, status=None, error=error.message))
    return model_reply(TestedAnswer(delivered=True, status=status, error=None))


def _is_production(settings: Settings) -> bool:
    return settings.env == "production"


def _needs_scope(actor: Actor, topics: Sequence[Topic]) -> None:
    """A key may tell others what it may read itself: the feed, or alerts and enquiries on needs and listings."""
    actor.needs_sign_in()
    if "feed" in topics:
        actor.needs_scope("feed")
    if {"alerts", "enquiries"} & set(topics) and (actor.scopes is None or "listings" not in actor.scopes):
        actor.needs_scope("needs")
