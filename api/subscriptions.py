"""`/v1/subscriptions`: saved needs and listings that their owners want to hear of; and the link that ends one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import HTMLResponse, Response

from api.alert_answers import (
    ChangeSubscriptionBody,
    PageQuery,
    SubscriptionAnswer,
    SubscriptionBody,
    SubscriptionsAnswer,
    subscription_answer,
)
from api.dependencies import ActorDep, DatabaseDep, ReadingDep, SessionDep, SettingsDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.subscriptions import (
    Wish,
    change_subscription,
    delete_subscription,
    is_stoppable,
    own_subscription,
    own_subscriptions,
    stop,
    subscribe,
)
from matcher.errors import InvalidInput
from matcher.secret import secret_of
from matcher.sending.sealing import Seal
from matcher.settings import Settings
from matcher.today import today

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], responses=responses(401, 403, 413, 422, 503))
stopping = APIRouter(prefix="/v1/unsubscribe", tags=["subscriptions"], responses=responses(413, 422, 503))

#: A page without scripts, pictures or anything from elsewhere.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

#: Said here and not by a response class, under which the refusals, which are JSON, would be described as pages too.
_PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}


@router.get("", summary="浏览本人的订阅", response_model=SubscriptionsAnswer)
def subscriptions(query: Annotated[PageQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """One page of the caller's subscriptions, latest first."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    total, found = own_subscriptions(session, actor, query.page, query.size)
    answers = [subscription_answer(one) for one in found]
    return model_reply(SubscriptionsAnswer(total=total, page=query.page, size=query.size, subscriptions=answers))


@router.post("", status_code=201, summary="订阅", response_model=SubscriptionAnswer, responses=responses(404, 409))
def add(
    body: SubscriptionBody, session: SessionDep, settings: SettingsDep, actor: ActorDep, once: IdempotencyDep
) -> Response:
    """Hear of listings that fit a need of one's own, or of needs that fit a listing of one's organisation."""
    _needs_scope(actor)
    wish = _wish(body, settings)
    seal = Seal(secret_of(settings))

    def work() -> Response:
        made = subscribe(session, actor, body.about_kind, body.about_id, wish, seal.stop_token, today())
        return model_reply(subscription_answer(made), 201)

    return once.run(work)


@router.get("/{subscription_id}", summary="一个订阅", response_model=SubscriptionAnswer, responses=responses(404))
def subscription(subscription_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """One of the caller's subscriptions."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return model_reply(subscription_answer(own_subscription(session, actor, subscription_id)))


@router.put("/{subscription_id}", summary="修改订阅", response_model=SubscriptionAnswer, responses=responses(404))
def change(
    subscription_id: str, body: ChangeSubscriptionBody, session: SessionDep, settings: SettingsDep, actor: ActorDep
) -> Response:
    """Set ways, pace, and whether it is on."""
    _needs_scope(actor)
    own_subscription(session, actor, subscription_id)
    changed = change_subscription(session, actor, subscription_id, _wish(body, settings), body.active)
    return model_reply(subscription_answer(changed))


@router.delete("/{subscription_id}", status_code=204, summary="删除订阅", responses=responses(404))
def remove(subscription_id: str, session: SessionDep, actor: ActorDep) -> None:
    """End a subscription for good; a new one begins without memory of what was told."""
    _needs_scope(actor)
    delete_subscription(session, actor, subscription_id)


@stopping.get("/{token}", summary="退订页面", responses=_PAGE)
def ask(token: Annotated[str, Path(description="邮件中的退订码")]) -> Response:
    """Asks whether to stop: programs that look at links before people do must not stop anything.

    The same page for every token; nothing is looked up.
    """
    return _page("退订中试对接提醒", '<form method="post"><button type="submit">确认退订</button></form>')


@stopping.post("/{token}", summary="退订", responses=_PAGE)
def confirm(token: Annotated[str, Path(description="邮件中的退订码")], database: DatabaseDep) -> Response:
    """Stops the subscription of the link, without sign-in (RFC 8058); a used or unknown token is answered the same."""
    with database.reading() as session:
        found = is_stoppable(session, token)
    if found:
        with database.session() as session:
            stop(session, token)
    return _page("已退订", "<p>此后不再发送这一订阅的提醒。登录后可重新开启。</p>")


def _page(title: str, body: str) -> HTMLResponse:
    page = (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
    return HTMLResponse(page, headers=_PAGE_HEADERS)


def _wish(body: SubscriptionBody | ChangeSubscriptionBody, settings: Settings) -> Wish:
    if "email" in body.channels and settings.smtp_url is None:
        raise InvalidInput("本站没有开通邮件提醒", hint="请选择站内消息,或请管理员配置邮件服务器", field="channels")
    return Wish(tuple(dict.fromkeys(body.channels)), body.pace, body.webhook_id)


def _needs_scope(actor: Actor) -> None:
    """A key that may keep needs or listings may keep the subscriptions on them."""
    actor.needs_sign_in()
    if actor.scopes is None or "listings" not in actor.scopes:
        actor.needs_scope("needs")
