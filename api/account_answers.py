"""Accounts on the wire: what comes in and goes out. No hash, token or key is in an answer but where it is given out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from matcher.catalogue.access import Role, Scope
from matcher.catalogue.accounts.api_keys import DAYS_DEFAULT, ApiKey
from matcher.catalogue.accounts.organisations import Organisation
from matcher.catalogue.accounts.users import User
from matcher.catalogue.audit import AuditEntry

PAGE_MAX = 1_000_000
SIZE_DEFAULT, SIZE_MAX = 20, 100
Language = Literal["zh-CN", "en"]


class Body(BaseModel):
    """Lengths and characters are checked where a text is stored, which says the same in every way in."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: Annotated[int, Field(ge=1, le=PAGE_MAX, description="第几页")] = 1
    size: Annotated[int, Field(ge=1, le=SIZE_MAX, description="每页条数")] = SIZE_DEFAULT

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size


class SignInBody(Body):
    email: str = Field(description="邮箱")
    password: str = Field(description="密码")


class SignUpBody(Body):
    email: str = Field(description="邮箱")
    name: str = Field(description="姓名")
    password: str = Field(description="密码,至少 10 个字符")


class ProfileBody(Body):
    name: str | None = Field(None, description="姓名")
    language: Language | None = Field(None, description="界面语言")


class PasswordBody(Body):
    current: str | None = Field(None, description="现在的密码;没有密码的账号不填")
    new: str = Field(description="新密码,至少 10 个字符")


class ResetRequestBody(Body):
    email: str = Field(description="邮箱")


class ResetBody(Body):
    token: str = Field(description="邀请或重置链接中的令牌")
    password: str = Field(description="新密码,至少 10 个字符")


class OrganisationBody(Body):
    name: str = Field(description="单位名称")
    credit_code: str | None = Field(None, description="统一社会信用代码")
    province: str | None = Field(None, description="省份")
    city: str | None = Field(None, description="城市")
    active: bool = Field(True, description="是否在用")


class OrganisationAnswer(Answer):
    id: str
    name: str
    credit_code: str | None
    province: str | None
    city: str | None
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class OrganisationsAnswer(Answer):
    total: int
    page: int
    size: int
    organisations: list[OrganisationAnswer]


class OrganisationsQuery(PageQuery):
    q: str | None = Field(None, max_length=200, description="名称中的字,或统一社会信用代码")
    province: str | None = Field(None, max_length=100, description="省份")


class UserBody(Body):
    email: str = Field(description="邮箱")
    name: str = Field(description="姓名")
    role: Role = Field("requester", description="角色")
    organisation_id: str | None = Field(None, max_length=64, description="所属单位的编号")
    language: Language = Field("zh-CN", description="界面语言")


class UserChangeBody(Body):
    """What is left out stays as it is."""

    email: str | None = Field(None, description="邮箱")
    name: str | None = Field(None, description="姓名")
    role: Role | None = Field(None, description="角色")
    organisation_id: str | None = Field(None, max_length=64, description="所属单位的编号;null 表示无")
    active: bool | None = Field(None, description="是否在用")
    language: Language | None = Field(None, description="界面语言")


class UserAnswer(Answer):
    id: str
    email: str
    name: str
    role: Role
    organisation_id: str | None
    active: bool
    language: str
    email_verified: bool
    has_password: bool
    linked: bool
    version: int
    created_at: datetime
    updated_at: datetime


class UsersAnswer(Answer):
    total: int
    page: int
    size: int
    users: list[UserAnswer]


class UsersQuery(PageQuery):
    q: str | None = Field(None, max_length=200, description="姓名或邮箱中的字")
    role: Role | None = Field(None, description="角色")
    organisation_id: str | None = Field(None, max_length=64, description="所属单位的编号")
    active: bool | None = Field(None, description="是否在用")


class NewUserAnswer(Answer):
    """`invitation` lets its holder set the password, once and for seven days; it is shown here only."""

    user: UserAnswer
    invitation: str | None


class InvitationAnswer(Answer):
    """`token` is shown here only."""

    token: str
    purpose: Literal["invitation", "reset"]
    hours: int


class SessionAnswer(Answer):
    """Who is signed in; `csrf_token` goes into `X-CSRF-Token` with whatever changes something."""

    user: UserAnswer | None
    csrf_token: str | None
    scopes: list[Scope] | None


class ApiKeyBody(Body):
    name: str = Field(description="用途,如“统计平台”")
    scopes: list[Scope] = Field(min_length=1, max_length=10, description="权限")
    days: int = Field(DAYS_DEFAULT, strict=True, description="有效天数")


class ApiKeyAnswer(Answer):
    id: str
    user_id: str
    name: str
    shown: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeysAnswer(Answer):
    keys: list[ApiKeyAnswer]


class NewApiKeyAnswer(Answer):
    """`secret` is the key itself, shown here only; null where the answer is repeated."""

    key: ApiKeyAnswer
    secret: str | None


class AuditQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: Annotated[int, Field(ge=1, description="只返回编号更小的记录")] | None = None
    user_id: str | None = Field(None, max_length=64, description="谁做的")
    action: str | None = Field(None, max_length=60, description="做了什么,如 user.change")
    about_id: str | None = Field(None, max_length=64, description="对什么做的")
    size: Annotated[int, Field(ge=1, le=SIZE_MAX, description="条数")] = SIZE_MAX


class AuditEntryAnswer(Answer):
    number: int
    at: datetime
    user_id: str | None
    role: str | None
    action: str
    about_kind: str
    about_id: str
    details: dict[str, Any]


class AuditAnswer(Answer):
    """Latest first; `next` is the `before` of the next page, null on the last."""

    entries: list[AuditEntryAnswer]
    next: int | None


def organisation_answer(organisation: Organisation) -> OrganisationAnswer:
    """An organisation as whoever may see it sees it."""
    fields = organisation.fields
    return OrganisationAnswer(
        id=organisation.id,
        name=fields.name,
        credit_code=fields.credit_code,
        province=fields.province,
        city=fields.city,
        active=fields.active,
        version=organisation.version,
        created_at=organisation.created_at,
        updated_at=organisation.updated_at,
    )


def user_answer(user: User) -> UserAnswer:
    """An account as its owner and admins see it."""
    fields = user.fields
    return UserAnswer(
        id=user.id,
        email=fields.email,
        name=fields.name,
        role=fields.role,
        organisation_id=fields.organisation_id,
        active=fields.active,
        language=fields.language,
        email_verified=user.email_verified,
        has_password=user.has_password,
        linked=user.linked,
        version=user.version,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )


def key_answer(key: ApiKey) -> ApiKeyAnswer:
    """A key without its secret."""
    return ApiKeyAnswer(
        id=key.id,
        user_id=key.user_id,
        name=key.name,
        shown=key.shown,
        scopes=list(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )


def audit_answer(entry: AuditEntry) -> AuditEntryAnswer:
    """One act."""
    return AuditEntryAnswer(
        number=entry.number,
        at=entry.at,
        user_id=entry.user_id,
        role=entry.role,
        action=entry.action,
        about_kind=entry.about_kind,
        about_id=entry.about_id,
        details=entry.details,
    )
