"""Who sees what of a need: pure rules, without database or HTTP.

Each field is `public`, `signed_in`, `chosen` (operators' organisations that the requester consented to) or `private`;
what is not named is private. An outsider gets a `SeenNeed`, which holds nothing else: lists, counts, filters, ranking
and fits for outsiders are all made of these, so none of them can depend on what is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from matcher.catalogue.access import Actor
from matcher.catalogue.json_lines import Fields
from matcher.catalogue.needs.content import FIELDS, LISTS, TELLING, need_of
from matcher.catalogue.needs.stored import Level, StoredNeed
from matcher.errors import InvalidInput
from matcher.records import KIND_NAMES, Need
from matcher.today import day_of

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
LEVEL_NAMES: Final[dict[Level, str]] = {
    "public": "公开",
    "signed_in": "登录可见",
    "chosen": "经同意的单位可见",
    "private": "不公开",
}
#: How a caller stands to a need. Strangers are not signed in.
Relation = Literal["owner", "consented", "signed_in", "stranger"]
_OPEN_TO: Final[dict[Relation, frozenset[Level]]] = {
    "owner": frozenset(LEVELS),
    "consented": frozenset({"public", "signed_in", "chosen"}),
    "signed_in": frozenset({"public", "signed_in"}),
    "stranger": frozenset({"public"}),
}
#: Consent is given to an organisation as one that offers something; its requesters are not meant.
_CONSENTED_ROLES: Final = ("operator", "broker", "admin")
#: What a need is called where nothing of it is open.
UNSAID: Final = "中试需求"


@dataclass(frozen=True, slots=True)
class SeenNeed:
    """What one outsider sees of a need.

    Attributes:
        fields: every field that is open to them, with null or [] where it is not filled.
        abstract: as the requester wrote it, or composed of public fields. written: whether the requester wrote it.
    """

    id: str
    abstract: str
    written: bool
    fields: Fields
    published_on: date | None

    @property
    def hidden(self) -> tuple[str, ...]:
        """The fields that are not open, filled or not."""
        return tuple(name for name in FIELDS if name not in self.fields)

    @property
    def need(self) -> Need:
        """What can be matched of it: words that are seen and fields that are seen, nothing else.

        With everything open it is `StoredNeed.need`. Where the description is hidden, an abstract that the requester
        wrote stands for it; a composed one only repeats fields.
        """
        content = {name: value for name, value in self.fields.items() if value not in (None, "", [])}
        if "text" not in self.fields and self.written:
            content["text"] = self.abstract
        if not content.keys() & TELLING:
            content["text"] = UNSAID
        return need_of(content, self.id)


def visibility_from(raw: Mapping[str, Any]) -> dict[str, Level]:
    """Levels by field, without those that are private.

    Raises:
        InvalidInput: a field or a level that nobody knows; `field` names it.
    """
    for name, level in raw.items():
        if name not in FIELDS:
            shown = str(name)[:40]
            raise InvalidInput(
                f"需求没有 {shown} 这一项", hint=f"可用:{'、'.join(FIELDS)}", field=f"visibility.{shown}"
            )
        if level not in LEVELS:
            known = "、".join(f"{one}({LEVEL_NAMES[one]})" for one in LEVELS)
            raise InvalidInput(f"{name} 的可见范围不可用", hint=f"可用:{known}", field=f"visibility.{name}")
    return {name: raw[name] for name in FIELDS if raw.get(name, "private") != "private"}


def relation(need: StoredNeed, actor: Actor, consents: Collection[str]) -> Relation:
    """How a caller stands to a need; `consents` are the organisations that its requester consented to.

    Admins see all, as owners do.
    """
    if actor.signed_in and (actor.user_id == need.user_id or actor.is_admin):
        return "owner"
    return outsiders_relation(actor, consents)


def outsiders_relation(actor: Actor, consents: Collection[str]) -> Relation:
    """As `relation`, where nobody is treated as owner or admin: on the wall all see what others see."""
    if actor.organisation_id in consents and actor.organisation_id and actor.role in _CONSENTED_ROLES:
        return "consented"
    return "signed_in" if actor.signed_in else "stranger"


def is_seen(need: StoredNeed, how: Relation, today: date) -> bool:
    """Whether a need is there at all for somebody: to outsiders while it is open, listed or consented to."""
    return how == "owner" or (need.is_open(today) and (need.listed or how == "consented"))


def visible_fields(need: StoredNeed, actor: Actor, consents: Collection[str]) -> Fields:
    """The fields that a caller may read, with their values: null or [] where one is not filled.

    Which fields these are depends on the need's visibility only, never on what is filled. It does not say whether the
    need is there for the caller: see `is_seen`.
    """
    return _open_fields(need, relation(need, actor, consents))


def seen(need: StoredNeed, how: Relation, also: Collection[str] = ()) -> SeenNeed:
    """What somebody who stands so to a need sees of it; `also` are fields that the requester showed to them."""
    return SeenNeed(
        id=need.id,
        abstract=need.abstract or composed_abstract(_open_fields(need, "stranger")),
        written=need.abstract is not None,
        fields=_open_fields(need, how, also),
        published_on=day_of(need.published_at) if need.published_at else None,
    )


def composed_abstract(public: Mapping[str, Any]) -> str:
    """One sentence made of public fields: 生物制造行业的中试需求,需求方在广东省,寻找中试平台."""
    industry = "、".join(public.get("industry") or ())
    place = "".join(public.get(name) or "" for name in ("province", "city"))
    kinds = "、".join(KIND_NAMES[kind] for kind in public.get("kinds") or ())
    parts = [f"{industry}行业的{UNSAID}" if industry else UNSAID]
    parts += [f"需求方在{place}"] if place else []
    parts += [f"寻找{kinds}"] if kinds else []
    return public.get("title") or ",".join(parts)


def _open_fields(need: StoredNeed, how: Relation, also: Collection[str] = ()) -> Fields:
    levels = _OPEN_TO[how]
    return {
        name: need.fields.get(name, [] if name in LISTS else None)
        for name in FIELDS
        if name in also or need.visibility.get(name, "private") in levels
    }
