"""What comes in and goes out of subscriptions, messages, webhooks and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.schemas import TOP_MAX, Strict
from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.messages import Message
from matcher.catalogue.alerts.subscriptions import CHANNELS, AboutKind, Channel, Subscription
from matcher.catalogue.alerts.webhooks import TOPICS, Topic, Webhook
from matcher.records import Grade
from matcher.sending.pace import Pace
from matcher.sending.targets import URL_MAX

#: Ids of listings and needs are no longer.
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
_Channels = Annotated[list[Channel], Field(min_length=1, max_length=len(CHANNELS), description="提醒方式")]
_Topics = Annotated[list[Topic], Field(min_length=1, max_length=len(TOPICS), description="接收的主题")]
_Url = Annotated[str, StringConstraints(min_length=1, max_length=URL_MAX)]


class PageQuery(Strict):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")


class MessagesQuery(PageQuery):
    unread: bool = Field(False, description="只看未读")


class OutboxQuery(PageQuery):
    state: Literal["waiting", "sent", "given_up"] = Field("given_up", description="状态")


class ChangeSubscriptionBody(Strict):
    """How and how often to be told, and whether at all."""

    channels: _Channels
    pace: Pace = Field("at_once", description="即时、每日或每周")
    webhook_id: _Id | None = Field(None, description="提醒方式含 webhook 时,发往哪一个")
    active: bool = Field(True, strict=True, description="是否开启")


class SubscriptionBody(Strict):
    """What to hear of: a need of one's own, or a listing of one's organisation."""

    about_kind: AboutKind = Field(description="need 需求,listing 供给条目")
    about_id: _Id = Field(description="需求或条目的编号")
    channels: _Channels
    pace: Pace = Field("at_once", description="即时、每日或每周")
    webhook_id: _Id | None = Field(None, description="提醒方式含 webhook 时,发往哪一个")


class WebhookBody(Strict):
    """Where to send what."""

    url: _Url = Field(description="接收地址;生产环境必须是公网上的 https 地址")
    topics: _Topics
    after: int | None = Field(None, ge=0, le=2**62, strict=True, description="变更流从此编号之后开始;不填则从现在开始")


class ChangeWebhookBody(Strict):
    """All of it anew, but the secret."""

    url: _Url
    topics: _Topics
    active: bool = Field(True, strict=True)


class SubscriptionAnswer(BaseModel):
    id: str
    about_kind: AboutKind
    about_id: str
    channels: list[Channel]
    pace: Pace
    webhook_id: str | None
    active: bool
    created_at: datetime


class SubscriptionsAnswer(BaseModel):
    total: int
    page: int
    size: int
    subscriptions: list[SubscriptionAnswer]


class ItemAnswer(BaseModel):
    """A listing or need that the message names and its reader may still see."""

    kind: AboutKind
    id: str
    name: str
    grade: Grade | None


class MessageAnswer(BaseModel):
    id: str
    subject: str
    body: str
    about_kind: str | None
    about_id: str | None
    items: list[ItemAnswer]
    read_at: datetime | None
    created_at: datetime


class MessagesAnswer(BaseModel):
    total: int
    unread: int
    page: int
    size: int
    messages: list[MessageAnswer]


class MarkedAnswer(BaseModel):
    """How many messages were unread."""

    marked: int


class WebhookAnswer(BaseModel):
    """`delivered`, `failures`, `next_at` and `last_error` are of the change feed."""

    id: str
    url: str
    topics: list[Topic]
    active: bool
    delivered: int
    failures: int
    next_at: datetime
    last_error: str | None
    created_at: datetime


class NewWebhookAnswer(WebhookAnswer):
    """With the secret: null where the request was answered before."""

    secret: str | None


class WebhooksAnswer(BaseModel):
    webhooks: list[WebhookAnswer]


class TestedAnswer(BaseModel):
    """How a test was received."""

    delivered: bool
    status: int | None
    error: str | None


class WaitingAnswer(BaseModel):
    id: str
    channel: Literal["email", "webhook"]
    target: str
    state: Literal["waiting", "sent", "given_up"]
    attempts: int
    next_at: datetime
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


class OutboxAnswer(BaseModel):
    """`late_seconds`: how long the delivery that is due longest has been due."""

    waiting: int
    sent: int
    given_up: int
    late_seconds: float
    total: int
    page: int
    size: int
    deliveries: list[WaitingAnswer]


def subscription_answer(one: Subscription) -> SubscriptionAnswer:
    return SubscriptionAnswer(
        id=one.id,
        about_kind=one.about_kind,
        about_id=one.about_id,
        channels=list(one.wish.channels),
        pace=one.wish.pace,
        webhook_id=one.wish.webhook_id,
        active=one.active,
        created_at=one.created_at,
    )


def message_answer(one: Message) -> MessageAnswer:
    return MessageAnswer.model_validate(one, from_attributes=True)


def webhook_answer(one: Webhook) -> WebhookAnswer:
    """Without the sealed secret, which the model has no field for."""
    return WebhookAnswer.model_validate(one, from_attributes=True)


def waiting_answer(one: outbox.Waiting) -> WaitingAnswer:
    return WaitingAnswer.model_validate(one, from_attributes=True)
