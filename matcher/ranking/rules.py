"""Rules of a profile: a listing pinned to the top of, or hidden from, the answers to certain needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from matcher.errors import InvalidInput
from matcher.records import KIND_NAMES, SUPPLY_KINDS, Kind

What = Literal["pin", "hide"]
WHAT_NAMES: dict[What, str] = {"pin": "置顶", "hide": "屏蔽"}
#: More pins than a screen holds are no ranking any more.
PINS_MAX = 200
RULES_MAX = 1_000
WORDS_MAX = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """For which needs a rule holds: each part that is filled must be met, by any one of its values; empty is always.

    Attributes:
        kinds: of supply asked for. places: GB/T 2260 codes or ids of city groups that the need names or lies in.
        industries: ids from industries.csv, the need's or one above it. words: any of them stands in the need.
    """

    kinds: tuple[Kind, ...] = ()
    places: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`owner` answers for it; `expires` is its last day (ISO); `reason` is shown to requesters."""

    id: str
    what: What
    listing_id: str
    reason: str
    owner: str
    expires: str
    when: Scope = field(default_factory=Scope)

    def holds_on(self, today: date) -> bool:
        """Whether it has not expired yet."""
        return today <= date.fromisoformat(self.expires)


def rules_from(values: Any) -> tuple[Rule, ...]:
    """Rules from JSON values.

    Raises:
        InvalidInput: one is not well formed; `field` names it as `rules[3].expires`.
    """
    if not isinstance(values, list):
        raise InvalidInput("rules 应为列表", hint="没有规则时写 []", field="rules")
    if len(values) > RULES_MAX:
        raise InvalidInput(
            f"规则 {len(values)} 条,超过上限 {RULES_MAX}", hint="请删去已过期或不用的规则", field="rules"
        )
    rules = tuple(_rule(value, f"rules[{place}]") for place, value in enumerate(values))
    _refuse_repeated(rules)
    return rules


def rule_fields(rule: Rule) -> dict[str, Any]:
    """The JSON object that `rules_from` reads."""
    fields = asdict(rule)
    fields["when"] = {name: list(values) for name, values in fields["when"].items() if values}
    return fields


def _rule(value: Any, where: str) -> Rule:
    fields = _object(value, where, {"id", "what", "listing_id", "reason", "owner", "expires", "when"})
    what = _text(fields, "what", where)
    if what not in get_args(What):
        raise InvalidInput(f"{where}.what 只能是 pin 或 hide", hint="pin 置顶,hide 屏蔽", field=f"{where}.what")
    expires = _text(fields, "expires", where)
    try:
        date.fromisoformat(expires)
    except ValueError:
        message = f"{where}.expires 不是日期:{expires[:40]}"
        raise InvalidInput(message, hint="日期写成 2026-12-31 的形式", field=f"{where}.expires") from None
    return Rule(
        id=_text(fields, "id", where),
        what=what,  # type: ignore[arg-type]  # checked above
        listing_id=_text(fields, "listing_id", where),
        reason=_text(fields, "reason", where),
        owner=_text(fields, "owner", where),
        expires=expires,
        when=_scope(fields.get("when") or {}, f"{where}.when"),
    )


def _scope(value: Any, where: str) -> Scope:
    fields = _object(value, where, {"kinds", "places", "industries", "words"})
    scope = {name: _texts(fields.get(name), f"{where}.{name}") for name in ("kinds", "places", "industries", "words")}
    wrong = [kind for kind in scope["kinds"] if kind not in SUPPLY_KINDS]
    if wrong:
        known = "、".join(f"{kind}({KIND_NAMES[kind]})" for kind in SUPPLY_KINDS)
        raise InvalidInput(f"{where}.kinds 没有 {wrong[0][:40]}", hint=f"可用:{known}", field=f"{where}.kinds")
    return Scope(**scope)  # type: ignore[arg-type]  # kinds are checked above


def _object(value: Any, where: str, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} 应为 {{…}} 对象", hint=f"字段:{'、'.join(sorted(names))}", field=where)
    unknown = sorted(set(value) - names)
    if unknown:
        hint = f"可用:{'、'.join(sorted(names))}"
        raise InvalidInput(f"{where} 没有 {unknown[0][:40]} 这一项", hint=hint, field=f"{where}.{unknown[0][:40]}")
    return value


def _text(fields: Mapping[str, Any], name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > WORDS_MAX:
        message = f"{where}.{name} 应为 1–{WORDS_MAX} 字的文本"
        raise InvalidInput(message, hint=f"请填写 {name}", field=f"{where}.{name}")
    return value.strip()


def _texts(values: Any, where: str) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise InvalidInput(f"{where} 应为文本的列表", hint="不限时写 []", field=where)
    if len(values) > WORDS_MAX:
        raise InvalidInput(f"{where} 过多", hint=f"至多 {WORDS_MAX} 项", field=where)
    return tuple(dict.fromkeys(one.strip() for one in values))


def _refuse_repeated(rules: Sequence[Rule]) -> None:
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        if rule.id in seen:
            raise InvalidInput(f"规则编号 {rule.id[:40]} 重复", hint="每条规则一个编号", field=f"rules[{place}].id")
        seen.add(rule.id)
    pins = sum(rule.what == "pin" for rule in rules)
    if pins > PINS_MAX:
        raise InvalidInput(f"置顶 {pins} 条,超过上限 {PINS_MAX}", hint="请删去已过期或不用的置顶", field="rules")
