"""The columns of each form: heading, the field it stands for, and how that is written.

To add a field: one line here, its heading in `datasets/import_headings.csv`, and a reader in `row_reader.py` where
the cell is more than text; what to tell who fills it in stands in `exporting/guide.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matcher.catalogue.importing.cells import write_number, write_share
from matcher.catalogue.importing.drafts import model_of
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.lists import join_items
from matcher.catalogue.importing.parameters import write_parameter
from matcher.catalogue.importing.terms_cells import write_fee, write_hours, write_window
from matcher.records import KIND_NAMES, Listing
from matcher.terms import PLATFORM_TYPE_NAMES, TIER_NAMES, VERIFICATION_NAMES

Write = Callable[[Listing], str]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a form.

    Attributes:
        field: the field of `Listing`, `terms.x` for one of its terms, "" for a column that is left empty.
        width: in characters, for the screen.
        choices: the only values allowed; () where anything goes.
    """

    field: str
    heading: str
    write: Write
    width: int = 16
    choices: tuple[str, ...] = ()


def _text(name: str) -> Write:
    return lambda listing: getattr(listing, name) or ""


def _items(name: str) -> Write:
    return lambda listing: join_items(getattr(listing, name))


def _term(name: str) -> Write:
    return lambda listing: getattr(listing.terms, name) or ""


def _named(name: str, names: Any) -> Write:
    return lambda listing: names.get(getattr(listing.terms, name), "")


def _each(name: str, write: Callable[[Any], str]) -> Write:
    return lambda listing: join_items(tuple(write(one) for one in getattr(listing.terms, name)))


def _number(name: str, write: Callable[[float], str] = write_number) -> Write:
    return lambda listing: "" if (value := getattr(listing.terms, name)) is None else write(float(value))


def _parameters(listing: Listing) -> str:
    return join_items(tuple(write_parameter(one) for one in listing.parameters))


def _batch(listing: Listing) -> str:
    return write_parameter(listing.terms.minimum_batch) if listing.terms.minimum_batch else ""


def _kind(listing: Listing) -> str:
    return KIND_NAMES[listing.kind]


def _empty(_: Listing) -> str:
    return ""


def _place(listing: Listing) -> str:
    """广东省东莞市; a municipality once."""
    return (listing.province or "") + (listing.city or "" if listing.city != listing.province else "")


def _model(listing: Listing) -> str:
    return model_of(listing.name)[1]


def _without_model(listing: Listing) -> str:
    return model_of(listing.name)[0]


def _english_type(listing: Listing) -> str:
    return "equipment" if listing.kind == "equipment" else "facility"


def _verifications(listing: Listing) -> str:
    return join_items(tuple(VERIFICATION_NAMES[one] for one in listing.terms.verifications))


def _vouchers(listing: Listing) -> str:
    return join_items(listing.terms.vouchers)


_KINDS = tuple(KIND_NAMES.values())
_TIERS = tuple(TIER_NAMES.values())
_PLATFORM_TYPES = tuple(PLATFORM_TYPE_NAMES.values())
TEMPLATE: tuple[FormColumn, ...] = (
    FormColumn("id", "编号", _text("id"), 14),
    FormColumn("kind", "类别", _kind, 14, _KINDS),
    FormColumn("name", "名称", _text("name"), 32),
    FormColumn("operator", "运营单位", _text("operator"), 28),
    FormColumn("province", "省份", _text("province"), 10),
    FormColumn("city", "城市", _text("city"), 10),
    FormColumn("industry", "行业领域", _items("industry"), 20),
    FormColumn("summary", "简介", _text("summary"), 50),
    FormColumn("capabilities", "服务能力", _items("capabilities"), 30),
    FormColumn("equipment", "主要设备", _items("equipment"), 30),
    FormColumn("parameters", "能力参数", _parameters, 36),
    FormColumn("qualifications", "资质", _items("qualifications"), 20),
    FormColumn("services", "服务内容", _items("services"), 24),
    FormColumn("level", "级别", _text("level"), 10),
    FormColumn("terms.tier", "认定等级", _named("tier", TIER_NAMES), 10, _TIERS),
    FormColumn("terms.tier_evidence", "认定依据", _term("tier_evidence"), 24),
    FormColumn("terms.tier_expires", "认定有效期至", _term("tier_expires"), 14),
    FormColumn("terms.platform_type", "平台类型", _named("platform_type", PLATFORM_TYPE_NAMES), 14, _PLATFORM_TYPES),
    FormColumn("terms.verifications", "验证类型", _verifications, 20),
    FormColumn("terms.windows", "开放时段", _each("windows", write_window), 26),
    FormColumn("terms.queue_days", "排队天数", _number("queue_days"), 10),
    FormColumn("terms.lead_days", "交付天数", _number("lead_days"), 10),
    FormColumn("terms.open_share", "开放比例", _number("open_share", write_share), 10),
    FormColumn("terms.fees", "收费标准", _each("fees", write_fee), 28),
    FormColumn("terms.minimum_batch", "最小批量", _batch, 18),
    FormColumn("terms.machine_hours", "机时额度", _each("machine_hours", write_hours), 22),
    FormColumn("terms.vouchers", "可用服务券", _vouchers, 18),
    FormColumn("terms.insurance", "保险", _term("insurance"), 18),
    FormColumn("terms.leasing", "设备租赁", _term("leasing"), 18),
    FormColumn("terms.ip_terms", "知识产权约定", _term("ip_terms"), 24),
    FormColumn("source_url", "来源网址", _text("source_url"), 24),
    FormColumn("source_title", "来源标题", _text("source_title"), 24),
    FormColumn("source_date", "来源日期", _text("source_date"), 14),
    FormColumn("verified_on", "核验日期", _text("verified_on"), 14),
)

#: What official lists of pilot platforms have in common (the handbook of the central enterprises' platforms: service
#: items, qualifications, capability parameters; lists of provinces and cities: number, name, builder, place, field).
DIRECTORY: tuple[FormColumn, ...] = (
    FormColumn("", "序号", _empty, 6),
    FormColumn("name", "名称", _text("name"), 32),
    FormColumn("kind", "类别", _kind, 14, _KINDS),
    FormColumn("operator", "建设/运营单位", _text("operator"), 28),
    FormColumn("province", "所在地", _place, 20),
    FormColumn("industry", "所属领域", _items("industry"), 20),
    FormColumn("summary", "简介", _text("summary"), 50),
    FormColumn("capabilities", "中试能力", _items("capabilities"), 30),
    FormColumn("equipment", "主要设备", _items("equipment"), 30),
    FormColumn("services", "服务内容", _items("services"), 24),
    FormColumn("parameters", "能力参数", _parameters, 36),
    FormColumn("qualifications", "资质", _items("qualifications"), 20),
    FormColumn("level", "级别", _text("level"), 10),
    FormColumn("source_url", "网址", _text("source_url"), 24),
)

#: The import template of the national platform for research instruments, as open systems of universities name its
#: columns; those that a listing says nothing of are left empty, personal ones always.
INSTRUMENTS: tuple[FormColumn, ...] = (
    FormColumn("id", "仪器编号", _text("id"), 16),
    FormColumn("operator", "所属单位", _text("operator"), 28),
    FormColumn("name", "仪器设备名称", _without_model, 28),
    FormColumn("", "英文名称", _empty, 20),
    FormColumn("", "原值(单位万元、保留小数点后两位)", _empty, 10),
    FormColumn("", "产地国别", _empty, 10),
    FormColumn("", "生产制造商", _empty, 18),
    FormColumn("name", "规格型号", _model, 18),
    FormColumn("parameters", "主要技术指标", _parameters, 36),
    FormColumn("capabilities", "主要功能", _items("capabilities"), 30),
    FormColumn("industry", "主要学科领域", _items("industry"), 20),
    FormColumn("services", "服务内容", _items("services"), 24),
    FormColumn("summary", "简介", _text("summary"), 40),
    FormColumn("terms.fees", "参考收费标准", _each("fees", write_fee), 24),
    FormColumn("source_url", "预约服务网址", _text("source_url"), 24),
    FormColumn("province", "安放地址-省", _text("province"), 12),
    FormColumn("city", "安放地址-市", _text("city"), 12),
    FormColumn("", "联系人", _empty, 10),
)

#: UNIQUIP, the data publishing specification of the UK's equipment.data: its column titles in its order.
UNIQUIP: tuple[FormColumn, ...] = (
    FormColumn("kind", "Type", _english_type, 12, ("equipment", "facility")),
    FormColumn("id", "ID", _text("id"), 16),
    FormColumn("name", "Name", _text("name"), 30),
    FormColumn("summary", "Description", _text("summary"), 50),
    FormColumn("", "Related Facility ID", _empty, 14),
    FormColumn("capabilities", "Technique", _items("capabilities"), 24),
    FormColumn("operator", "Department", _text("operator"), 28),
    FormColumn("province", "Site Location", _place, 20),
    FormColumn("", "Contact Name", _empty, 14),
    FormColumn("", "Contact Email", _empty, 14),
    FormColumn("services", "Service Level", _items("services"), 20),
    FormColumn("source_url", "Web Address", _text("source_url"), 24),
)

FORM_COLUMNS: dict[Form, tuple[FormColumn, ...]] = {
    "template": TEMPLATE,
    "directory": DIRECTORY,
    "instruments": INSTRUMENTS,
    "uniquip": UNIQUIP,
}
