"""What comes in about listings: their content, and the query of a page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.schemas import TOP_MAX, WORD_MAX, Number, ParameterBody, Strict
from matcher.catalogue.lifecycle import VERIFY_MONTHS, State
from matcher.catalogue.listings.limits import ID_MAX, ITEMS_MAX, NAME_MAX, PLACE_MAX, SUMMARY_MAX, TEXT_MAX, URL_MAX
from matcher.catalogue.listings.queries import ListingFilter, Sort
from matcher.catalogue.listings.rows import StoredListing, stored_fields
from matcher.catalogue.listings_file import listing_from
from matcher.errors import InvalidInput
from matcher.records import Kind, Listing
from matcher.terms import PlatformType, Tier, Verification

Line = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
Lines = Annotated[list[Line], Field(max_length=ITEMS_MAX)]
Name = Annotated[str, StringConstraints(max_length=NAME_MAX)]
Place = Annotated[str, StringConstraints(max_length=PLACE_MAX)]
Industry = Annotated[str, StringConstraints(max_length=WORD_MAX)]
#: Stands in for an id while the other fields are checked.
_NO_ID = "-"


class WindowBody(Strict):
    """Days (YYYY-MM-DD, both included) in which capacity is free; leave out the end that is open."""

    start: Line | None = None
    end: Line | None = None
    note: Line | None = None


class FeeBody(Strict):
    """What one unit of an item costs, in CNY."""

    item: Line
    low: Number | None = None
    high: Number | None = None
    per: Line | None = None


class MachineHoursBody(Strict):
    """Hours a year kept for a group of users."""

    hours: Number
    group: Line | None = None


class TermsBody(Strict):
    """On what terms; choices by key or in Chinese. Tier and its evidence are set by admins."""

    tier: Line | None = Field(None, description="级别:储备 / 市级 / 省级 / 重点培育 / 国家级(由管理员填写)")
    tier_evidence: Line | None = Field(None, description="认定文件(由管理员填写)")
    tier_expires: Line | None = Field(None, description="级别有效期至(由管理员填写)")
    platform_type: Line | None = Field(None, description="概念验证中心 / 中试平台 / 中试车间")
    verifications: Lines = Field([], description="验证类型:设计、功能性能、工艺、适配、生产")
    windows: list[WindowBody] = Field([], max_length=ITEMS_MAX, description="空闲档期")
    queue_days: Number | None = Field(None, description="排队天数")
    lead_days: Number | None = Field(None, description="周期天数")
    open_share: Number | None = Field(None, description="对外开放比例,0–1")
    fees: list[FeeBody] = Field([], max_length=ITEMS_MAX, description="收费标准,元")
    minimum_batch: ParameterBody | None = Field(None, description="最小批量")
    machine_hours: list[MachineHoursBody] = Field([], max_length=ITEMS_MAX, description="每年开放机时")
    vouchers: Lines = Field([], description="接受的创新券、中试券:政策条目的编号")
    insurance: Line | None = Field(None, description="中试保险")
    leasing: Line | None = Field(None, description="设备租赁")
    ip_terms: Line | None = Field(None, description="知识产权约定")


class ListingBody(Strict):
    """The content of a listing; what is left out or null says nothing."""

    kind: Kind | None = Field(None, description="类别,必填")
    name: Name | None = Field(None, description="名称,必填")
    operator: Name | None = Field(None, description="运营单位;缺省为账号所属单位")
    province: Place | None = None
    city: Place | None = None
    industry: list[Industry] = Field([], max_length=ITEMS_MAX)
    summary: Annotated[str, StringConstraints(max_length=SUMMARY_MAX)] | None = None
    capabilities: Lines = Field([])
    equipment: Lines = Field([])
    parameters: list[ParameterBody] = Field([], max_length=ITEMS_MAX)
    qualifications: Lines = Field([])
    services: Lines = Field([])
    level: Line | None = Field(None, description="级别(由管理员填写)")
    source_url: Annotated[str, StringConstraints(max_length=URL_MAX)] | None = None
    source_title: Line | None = None
    source_date: Line | None = None
    terms: TermsBody | None = None

    def listing(self) -> Listing:
        """The listing, without id, that the body describes.

        Raises:
            InvalidInput: kind or name is missing; a value can't be used, or min is above max.
        """
        return _listing(self.model_dump())

    def patched(self, before: StoredListing) -> Listing:
        """The listing before with the fields given replaced; those within the terms one by one.

        Raises:
            InvalidInput: as for `listing`.
        """
        given = self.model_dump(exclude_unset=True)
        fields: dict[str, Any] = stored_fields(before.listing)
        if (terms := given.get("terms")) is not None:
            given["terms"] = fields.get("terms", {}) | terms
        return _listing(fields | given)


class NewListingBody(ListingBody):
    """A draft; `id` and `organisation_id` are for admins."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=ID_MAX)] | None = None
    organisation_id: Annotated[str, StringConstraints(max_length=ID_MAX)] | None = None


class ListingsQuery(Strict):
    """Which listings; what a listing does not say meets no condition."""

    kind: Kind | None = Field(None, description="类别")
    province: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="省份,可省略“省”“市”")
    city: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="城市,可省略“市”")
    industry: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="行业")
    operator: str | None = Field(None, min_length=1, max_length=NAME_MAX, description="运营单位,全名")
    qualification: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="资质,如 GMP")
    tier: Tier | None = Field(None, description="级别")
    platform_type: PlatformType | None = Field(None, description="平台类型")
    verification: Verification | None = Field(None, description="验证类型")
    voucher: str | None = Field(None, min_length=1, max_length=WORD_MAX, description="接受这个政策条目的券")
    has_voucher: bool | None = Field(None, description="接受任何创新券或中试券")
    hours: float | None = Field(None, ge=0, allow_inf_nan=False, description="每年开放机时不少于")
    open_share: float | None = Field(None, ge=0, le=1, allow_inf_nan=False, description="开放比例不低于")
    fee: float | None = Field(None, ge=0, allow_inf_nan=False, description="最低收费不高于,元")
    queue: float | None = Field(None, ge=0, allow_inf_nan=False, description="排队天数不超过")
    free_from: date | None = Field(None, description="从这一天起有空档")
    free_until: date | None = Field(None, description="到这一天为止有空档")
    q: str = Field("", max_length=WORD_MAX, description="包含这些词,以空格分开")
    mine: bool = Field(False, description="只看本单位维护的条目(管理员:全部),不论状态")
    state: State | None = Field(None, description="状态,限本单位维护的条目")
    hidden: bool | None = Field(None, description="是否被屏蔽,限本单位维护的条目")
    changed: bool | None = Field(None, description="通过审核后又有修改,限本单位维护的条目")
    organisation_id: str | None = Field(None, max_length=ID_MAX, description="单位编号,限管理员")
    sort: Sort = Field("id", description="排列顺序")
    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")

    def wanted(self) -> ListingFilter:
        """The filter of the store.

        Raises:
            InvalidInput: NUL in a text; the days the wrong way round.
        """
        fields = self.model_dump(include=set(ListingFilter.__dataclass_fields__))
        for name, value in (*fields.items(), ("q", self.q)):
            if isinstance(value, str) and "\0" in value:
                raise InvalidInput(f"{name} 含有控制字符", hint="请删去不可见的字符", field=name)
        if self.free_from is not None and self.free_until is not None and self.free_from > self.free_until:
            raise InvalidInput("free_from 晚于 free_until", hint="请对调两个日期", field="free_from")
        return ListingFilter(**fields, words=self.q)


class ReasonBody(Strict):
    """Why: the operator reads it."""

    reason: Annotated[str, StringConstraints(max_length=TEXT_MAX)]


class VerificationBody(Strict):
    """All of the listing still holds, today."""

    months: int = Field(VERIFY_MONTHS, ge=1, le=VERIFY_MONTHS, strict=True, description="几个月后再复核")


class AssignmentBody(Strict):
    """Whose listing it is; null takes it from all."""

    organisation_id: Annotated[str, StringConstraints(max_length=ID_MAX)] | None


def _listing(fields: dict[str, Any]) -> Listing:
    return listing_from({**fields, "id": _NO_ID})
