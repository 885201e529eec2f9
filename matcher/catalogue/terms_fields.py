"""The terms of a listing as JSON values, in and out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from matcher.catalogue import json_lines
from matcher.catalogue.json_lines import Fields, choice, chosen, day, number, objects, text, texts, whole
from matcher.errors import InvalidInput
from matcher.records import Parameter
from matcher.terms import (
    NO_TERMS,
    PLATFORM_TYPE_NAMES,
    TIER_NAMES,
    VERIFICATION_NAMES,
    Fee,
    MachineHours,
    Terms,
    Window,
)

#: More is a slip of the unit: nobody queues for thirty years.
DAYS_MAX = 10_000.0
HOURS_A_YEAR = 8_784.0


def terms_from(fields: Fields) -> Terms:
    """Terms from a parsed JSON object; choices may be given by their key or in Chinese (`tier`: "city" or 市级).

    Raises:
        InvalidInput: a field has the wrong type or is out of range; `field` names it as `terms.…`.
    """
    if not fields:
        return NO_TERMS
    try:
        return _terms(fields)
    except InvalidInput as error:
        inner = f"terms.{error.field}" if error.field else "terms"
        raise InvalidInput(f"terms:{error.message}", hint=error.hint, field=inner) from None


def _terms(fields: Fields) -> Terms:
    unknown = sorted(set(fields) - set(Terms.__dataclass_fields__))
    if unknown:
        known = "、".join(Terms.__dataclass_fields__)
        raise InvalidInput(f"没有 {unknown[0][:40]} 这一项", hint=f"可用:{known}", field=unknown[0][:40])
    return Terms(
        tier=choice(fields, "tier", TIER_NAMES),
        tier_evidence=text(fields, "tier_evidence"),
        tier_expires=day(fields, "tier_expires"),
        platform_type=choice(fields, "platform_type", PLATFORM_TYPE_NAMES),
        verifications=tuple(
            dict.fromkeys(chosen(one, "verifications", VERIFICATION_NAMES) for one in texts(fields, "verifications"))
        ),
        windows=tuple(_window(one) for one in objects(fields, "windows")),
        queue_days=_within(fields, "queue_days", DAYS_MAX),
        lead_days=_within(fields, "lead_days", DAYS_MAX),
        open_share=_within(fields, "open_share", 1.0),
        fees=tuple(_fee(one) for one in objects(fields, "fees")),
        minimum_batch=_batch(fields),
        machine_hours=tuple(_hours(one) for one in objects(fields, "machine_hours")),
        vouchers=texts(fields, "vouchers"),
        insurance=text(fields, "insurance"),
        leasing=text(fields, "leasing"),
        ip_terms=text(fields, "ip_terms"),
    )


def terms_fields(terms: Terms) -> Fields:
    """The JSON object that `terms_from` reads again, without what is not filled; {} where nothing is."""
    fields: dict[str, Any] = asdict(terms)
    for one in (*fields["fees"], *([fields["minimum_batch"]] if fields["minimum_batch"] else ())):
        for name in ("low", "high", "min", "max"):
            if name in one:
                one[name] = whole(one[name])
    for one in fields["machine_hours"]:
        one["hours"] = whole(one["hours"])
    for name in ("queue_days", "lead_days", "open_share"):
        fields[name] = whole(fields[name])
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items() if _said(value)}


def _said(value: object) -> bool:
    return value is not None and value != ()


def _within(fields: Fields, name: str, most: float) -> float | None:
    value = number(fields, name)
    if value is not None and not 0 <= value <= most:
        raise InvalidInput(f"{name} 应在 0 与 {most:g} 之间,收到 {value:g}", hint="请检查数值与单位", field=name)
    return value


def _window(fields: Fields) -> Window:
    start, end = day(fields, "start"), day(fields, "end")
    if start is not None and end is not None and start > end:
        raise InvalidInput(f"开始 {start} 晚于结束 {end}", hint="请对调两个日期", field="windows")
    return Window(start, end, text(fields, "note"))


def _fee(fields: Fields) -> Fee:
    low, high = number(fields, "low"), number(fields, "high")
    if any(value is not None and value < 0 for value in (low, high)):
        raise InvalidInput("费用不能为负", hint="以元为单位填写", field="fees")
    if low is not None and high is not None and low > high:
        raise InvalidInput(f"下限 {low:g} 大于上限 {high:g}", hint="low 应不大于 high", field="fees")
    return Fee(json_lines.required(fields, "item"), low, high, text(fields, "per"))


def _hours(fields: Fields) -> MachineHours:
    hours = _within(fields, "hours", HOURS_A_YEAR)
    if hours is None:
        raise InvalidInput("缺少 hours", hint="每年开放的机时,单位小时", field="machine_hours")
    return MachineHours(hours, text(fields, "group"))


def _batch(fields: Fields) -> Parameter | None:
    if fields.get("minimum_batch") is None:
        return None
    return json_lines.parameters({"parameters": [fields["minimum_batch"]]})[0]
