"""The form of a listing: what is stored as values of fields, and what was typed as a body of `/v1/listings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.portal.client import Refused
from api.portal.desks.typed import Typed, options, refused, row_values, rows_to_show
from api.portal.filters import KINDS
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page

STATES: Final = {
    "draft": later("草稿"),
    "submitted": later("待审核"),
    "returned": later("已退回"),
    "approved": later("已通过"),
    "published": later("已发布"),
    "due": later("待复核"),
    "stale": later("信息已过期"),
    "retired": later("已下架"),
}
#: The kinds that an operator offers; policies are the administration's.
KIND_NAMES: Final = {kind: KINDS[kind] for kind in ("platform", "equipment", "manufacturer", "solution", "case")}
LABELS: Final[dict[str, str]] = {
    "name": later("名称"),
    "kind": later("类别"),
    "operator": later("运营单位"),
    "province": later("省份"),
    "city": later("城市"),
    "industry": later("行业"),
    "summary": later("简介"),
    "capabilities": later("能做什么"),
    "equipment": later("设备"),
    "parameters": later("技术参数"),
    "qualifications": later("资质证书"),
    "services": later("服务内容"),
    "source_url": later("来源网址"),
    "level": later("级别"),
    "terms": later("条件"),
    "terms.platform_type": later("平台类型"),
    "terms.verifications": later("可做的验证"),
    "terms.lead_days": later("周期(天)"),
    "terms.queue_days": later("排队(天)"),
    "terms.open_share": later("对外开放比例(百分比)"),
    "terms.fees": later("收费标准"),
    "terms.windows": later("空闲档期"),
    "terms.machine_hours": later("每年开放机时"),
    "terms.vouchers": later("接受的创新券、中试券"),
    "terms.insurance": later("中试保险"),
    "terms.leasing": later("设备租赁"),
    "terms.ip_terms": later("知识产权约定"),
}


@dataclass(frozen=True, slots=True)
class Hints:
    """What a kind's form suggests: an example of a name, of lines of what it can do, of a parameter."""

    name: str
    capabilities: str
    parameter: str


HINTS: Final = {
    "platform": Hints(later("如:东莞生物制造中试平台"), later("如:发酵放大、分离纯化"), later("如:发酵罐容积")),
    "equipment": Hints(later("如:500 L 发酵罐及配套"), later("如:发酵、在线监测"), later("如:容积")),
    "manufacturer": Hints(later("如:松山湖精密注塑代工厂"), later("如:小批量注塑、模具试制"), later("如:锁模力")),
    "solution": Hints(later("如:酶制剂从小试到中试的整体方案"), later("如:工艺包设计、试生产"), later("如:处理量")),
    "case": Hints(later("如:某企业 500 L 发酵放大"), later("如:三个月完成放大"), later("如:放大倍数")),
}
LINES: Final = ("capabilities", "equipment", "qualifications", "services")
TEXTS: Final = ("name", "province", "city", "summary", "source_url")
TERM_TEXTS: Final = ("platform_type", "insurance", "leasing", "ip_terms")
TERM_NUMBERS: Final = ("lead_days", "queue_days")
FEE: Final = ("fee_item", "fee_low", "fee_high", "fee_per")
WINDOW: Final = ("window_start", "window_end", "window_note")
HOURS: Final = ("hours_hours", "hours_group")
PLATFORM_TYPES: Final = {
    "proof_of_concept": later("概念验证中心"),
    "pilot_platform": later("中试平台"),
    "pilot_workshop": later("中试车间"),
}
VERIFICATIONS: Final = {
    "design": later("设计"),
    "performance": later("功能性能"),
    "process": later("工艺"),
    "adaptation": later("适配"),
    "production": later("生产"),
}


def form_of(listing: Mapping[str, Any], etag: str | None) -> Form:
    """A stored listing as the values of its form."""
    terms: Mapping[str, Any] = listing.get("terms") or {}
    share = terms.get("open_share")
    values: dict[str, Any] = {name: listing.get(name) for name in (*TEXTS, "kind")}
    values |= {name: "\n".join(listing.get(name, ())) for name in LINES}
    values |= {name: terms.get(name) for name in (*TERM_TEXTS, *TERM_NUMBERS)}
    values |= row_values(listing.get("parameters", ()))
    values |= row_values(terms.get("fees", ()), FEE, ("item", "low", "high", "per"))
    values |= row_values(terms.get("windows", ()), WINDOW, ("start", "end", "note"))
    values |= row_values(terms.get("machine_hours", ()), HOURS, ("hours", "group"))
    return Form.of(
        **values,
        industry="、".join(listing.get("industry", ())),
        vouchers="、".join(terms.get("vouchers", ())),
        verifications=list(terms.get("verifications", ())),
        open_share=None if share is None else f"{100 * share:.6g}",
        etag=etag,
    )


def body_of(page: Page, form: Form) -> tuple[dict[str, Any], Form]:
    """What was typed as a body, and the form with an error beside each number that is none."""
    typed = Typed(page, form)
    body: dict[str, Any] = {name: typed.one(name) for name in TEXTS}
    body |= {name: form.lines(name) for name in LINES}
    body |= {"kind": typed.one("kind"), "industry": typed.words("industry"), "parameters": typed.parameters()}
    return body | {"terms": _terms(typed)}, typed.form


def _terms(typed: Typed) -> dict[str, Any]:
    share = typed.number("open_share")
    terms: dict[str, Any] = {name: typed.one(name) for name in TERM_TEXTS}
    terms |= {name: typed.number(name) for name in TERM_NUMBERS}
    fees = [
        {"item": item, "low": typed.as_number(low, "fees"), "high": typed.as_number(high, "fees"), "per": per or None}
        for item, low, high, per in typed.rows(FEE)
    ]
    windows = [
        {"start": start or None, "end": end or None, "note": note or None} for start, end, note in typed.rows(WINDOW)
    ]
    hours = [
        {"hours": typed.as_number(count, "machine_hours"), "group": group or None} for count, group in typed.rows(HOURS)
    ]
    return terms | {
        "open_share": None if share is None else share / 100,
        "verifications": typed.form.all("verifications"),
        "vouchers": typed.words("vouchers"),
        "fees": fees,
        "windows": windows,
        "machine_hours": hours,
    }


def refused_listing(page: Page, form: Form, error: Refused) -> Form:
    """The form with what the API refused beside its field; those of the terms are called without `terms.`."""
    name = (error.field or "").partition("[")[0]
    fields = {error.field or "": name.removeprefix("terms.")} if name.startswith("terms.") else {}
    return refused(page, form, error, LABELS, fields)


def shown(page: Page, form: Form) -> dict[str, Any]:
    """What the template of the form needs beside it."""
    kind = form.get("kind") or "platform"
    return {
        "kind": kind,
        "hints": HINTS.get(kind, HINTS["platform"]),
        "kinds": KIND_NAMES,
        "rows": rows_to_show(form),
        "fee_rows": rows_to_show(form, FEE),
        "window_rows": rows_to_show(form, WINDOW),
        "hours_rows": rows_to_show(form, HOURS),
        "platform_types": options(page, PLATFORM_TYPES),
        "verifications": options(page, VERIFICATIONS),
    }
