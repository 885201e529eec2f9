"""Who acts, and what that lets them do: pure rules, without database or HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from matcher.errors import Forbidden, NotSignedIn

Role = Literal["requester", "operator", "broker", "admin"]
ROLES: Final[tuple[Role, ...]] = ("requester", "operator", "broker", "admin")
ROLE_NAMES: Final[dict[Role, str]] = {
    "requester": "需求方",
    "operator": "供给方",
    "broker": "技术经纪人",
    "admin": "管理员",
}

Scope = Literal["match", "read", "listings", "needs", "feed", "admin"]
#: What an API key may be used for; a key never lets more than its owner's role lets.
SCOPES: Final[tuple[Scope, ...]] = ("match", "read", "listings", "needs", "feed", "admin")
SCOPE_NAMES: Final[dict[Scope, str]] = {
    "match": "匹配与理解",
    "read": "读取本人可见的内容",
    "listings": "维护本单位的供给条目",
    "needs": "维护本人的需求",
    "feed": "读取变更流",
    "admin": "管理",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request comes from.

    Attributes:
        user_id, role, organisation_id: None for a stranger.
        scopes: of the API key in use; None for a signed-in session, which may do all that its role may.
    """

    user_id: str | None = None
    role: Role | None = None
    organisation_id: str | None = None
    scopes: frozenset[Scope] | None = None

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        """Whether it may act as an admin: the role, and with an API key the scope as well."""
        return self.role == "admin" and (self.scopes is None or "admin" in self.scopes)

    def needs_sign_in(self) -> str:
        """The user's id.

        Raises:
            NotSignedIn: nobody is signed in.
        """
        if self.user_id is None:
            raise NotSignedIn("需要登录", hint="请先登录或附上 API 密钥")
        return self.user_id

    def needs_role(self, *roles: Role) -> str:
        """The user's id, if the role is one of these; admins may do what each role may.

        Raises:
            NotSignedIn: nobody is signed in. Forbidden: another role.
        """
        user_id = self.needs_sign_in()
        if self.role not in (*roles, "admin"):
            names = "、".join(ROLE_NAMES[role] for role in roles)
            raise Forbidden("没有权限", hint=f"需要{names}账号" if roles else "需要管理员账号")
        return user_id

    def needs_scope(self, scope: Scope) -> None:
        """Refuse an API key that was not made for this.

        Raises:
            Forbidden: the key lacks the scope.
        """
        if self.scopes is not None and scope not in self.scopes:
            raise Forbidden("API 密钥的权限不包括此操作", hint=f"需要权限“{SCOPE_NAMES[scope]}”({scope})")

    def needs_admin(self) -> str:
        """The user's id, if it may act as an admin.

        Raises:
            NotSignedIn: nobody is signed in. Forbidden: not an admin, or a key without that scope.
        """
        user_id = self.needs_role()
        self.needs_scope("admin")
        return user_id

    def needs_person(self) -> str:
        """The user's id, if somebody signed in by hand: a key can't make keys or change the password.

        Raises:
            NotSignedIn: nobody is signed in. Forbidden: an API key is in use.
        """
        user_id = self.needs_sign_in()
        if self.scopes is not None:
            raise Forbidden("此操作不能用 API 密钥", hint="请登录后在页面上操作")
        return user_id


#: A stranger.
ANONYMOUS: Final = Actor()
#: The command line: whoever can run it can read the database anyway.
CONSOLE: Final = Actor(user_id="console", role="admin")


def may_change_organisation(actor: Actor, id: str) -> bool:
    """Whether the actor may change where an organisation is: its own operators, and admins."""
    return actor.is_admin or (actor.role == "operator" and actor.organisation_id == id and _has(actor, "listings"))


def _has(actor: Actor, *scopes: Scope) -> bool:
    """Whether the actor is a person, or a key with one of the scopes."""
    return actor.scopes is None or not actor.scopes.isdisjoint(scopes)
