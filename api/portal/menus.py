"""What stands at the top of every page: the columns for everybody, and the desk of whoever is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.portal.languages import later
from matcher.catalogue.access import Actor, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of a menu; its text is translated where it is shown."""

    path: str
    text: str


COLUMNS: Final = (
    Entry("/listings?kind=solution", later("中试解决方案")),
    Entry("/needs", later("中试需求")),
    Entry("/listings?kind=platform", later("中试平台")),
    Entry("/listings?kind=equipment", later("中试设备")),
    Entry("/listings?kind=manufacturer", later("中试代工厂")),
)
REQUESTER: Final = (
    Entry("/desk", later("工作台")),
    Entry("/desk/needs", later("我的需求")),
    Entry("/desk/saved", later("收藏的匹配")),
    Entry("/desk/enquiries", later("对接申请")),
    Entry("/desk/alerts", later("提醒")),
)
OPERATOR: Final = (
    Entry("/operator", later("工作台")),
    Entry("/operator/listings", later("我的条目")),
    Entry("/operator/needs", later("适合我的需求")),
    Entry("/desk/enquiries", later("对接申请")),
    Entry("/operator/imports", later("批量导入")),
    Entry("/operator/statistics", later("统计")),
    Entry("/desk/alerts", later("提醒")),
)
ADMIN: Final = (
    Entry("/admin", later("总览")),
    Entry("/admin/approvals", later("审核")),
    Entry("/admin/users", later("用户")),
    Entry("/admin/organisations", later("单位")),
    Entry("/admin/profiles", later("排序方案")),
    Entry("/admin/rules", later("规则与同义词")),
    Entry("/admin/judging", later("标注")),
    Entry("/admin/watch", later("监测")),
    Entry("/desk/enquiries", later("对接申请")),
    Entry("/admin/audit", later("审计与账本")),
)
DESKS: Final[dict[Role, tuple[Entry, ...]]] = {
    "requester": REQUESTER,
    "broker": REQUESTER,
    "operator": OPERATOR,
    "admin": ADMIN,
}


@dataclass(frozen=True, slots=True)
class Menu:
    """The columns, and the desk of the visitor: empty for a stranger."""

    columns: tuple[Entry, ...]
    desk: tuple[Entry, ...]


def menu_of(actor: Actor) -> Menu:
    """What an actor finds at the top."""
    return Menu(COLUMNS, DESKS[actor.role] if actor.role is not None else ())


def desk_of(role: Role | None) -> str:
    """Where somebody goes after signing in."""
    return DESKS[role][0].path if role is not None else "/"
