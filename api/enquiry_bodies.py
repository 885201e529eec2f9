"""What comes in about enquiries: bodies and queries."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.schemas import TOP_MAX, Strict
from matcher.catalogue.enquiries.content import ID_MAX, NAME_MAX, ORGANISATION_MAX, PHONE_MAX, TEXT_MAX
from matcher.catalogue.enquiries.records import Contact, EnquiryDraft
from matcher.catalogue.enquiries.states import EnquiryState
from matcher.catalogue.enquiries.views import Box, EnquiryFilter
from matcher.catalogue.needs.content import FIELDS

_Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_MAX, strip_whitespace=True)]
_Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
#: Of an e-mail address, as it may be typed: longer ones are refused by what it says.
_EMAIL_MAX = 300

ENQUIRY_EXAMPLES: dict[str, Any] = {
    "need": {
        "summary": "用自己的需求,并向对方公开预算",
        "value": {
            "listing_id": "PF-0001",
            "need_id": "need-0123456789abcdef0123456789abcdef",
            "text": "想了解 500 L 发酵罐三季度的排期。",
            "share": ["text", "budget_wan"],
            "contact_name": "李工",
            "contact_phone": "0769-21234567",
        },
    },
    "words": {
        "summary": "只写几句话",
        "value": {
            "listing_id": "PF-0001",
            "text": "酶制剂发酵放大,预计 9 月进场,可否先看现场?",
            "contact_email": "li@example.cn",
        },
    },
}


class NewEnquiryBody(Strict):
    """An approach to the operator of a listing."""

    listing_id: _Id = Field(description="供给条目的编号")
    need_id: _Id | None = Field(None, description="自己的一个需求;不填时须写 text")
    text: _Text = Field("", description="想对接什么;双方可见")
    share: list[_Id] = Field([], max_length=2 * len(FIELDS), description="向对方公开需求的哪些字段,不论其可见范围")
    contact_name: str | None = Field(None, max_length=NAME_MAX, description="联系人;只有收到申请的单位可见,下同")
    contact_organisation: str | None = Field(None, max_length=ORGANISATION_MAX, description="联系人的单位")
    contact_phone: str | None = Field(None, max_length=PHONE_MAX, description="电话")
    contact_email: str | None = Field(None, max_length=_EMAIL_MAX, description="邮箱")
    answer_id: _Id | None = Field(None, description="条目出自哪一次匹配的回答;随申请保存,用于改进排序")

    def draft(self) -> EnquiryDraft:
        """What is sent, as it came."""
        return EnquiryDraft(
            listing_id=self.listing_id,
            text=self.text,
            need_id=self.need_id,
            share=tuple(self.share),
            contact=Contact(self.contact_name, self.contact_organisation, self.contact_phone, self.contact_email),
            answer_id=self.answer_id,
        )


class EnquiryStateBody(Strict):
    """Where to lead an enquiry."""

    state: EnquiryState = Field(description="新的状态;可选哪些见 moves")
    note: _Text | None = Field(None, description="说明,双方可见;婉拒时必填")


class EnquiryMessageBody(Strict):
    """Something to say."""

    text: _Text = Field(description="留言,双方可见")


class ForwardingBody(Strict):
    """To whom the platform hands an enquiry on."""

    organisation_id: _Id | None = Field(None, description="转交给哪个单位;不填时为该条目现在所属的单位")
    note: _Text | None = Field(None, description="说明,双方可见")


class EnquiriesQuery(Strict):
    """Which of the enquiries that the caller may know of."""

    box: Box | None = Field(None, description="sent 我发出的,received 本单位收到的,queue 待平台转交的;不填为全部")
    state: EnquiryState | None = Field(None, description="状态")
    listing_id: _Id | None = Field(None, description="供给条目")
    need_id: _Id | None = Field(None, description="自己的需求")
    page: int = Field(1, ge=1, le=1_000_000, description="第几页,从 1 起")
    size: int = Field(20, ge=1, le=TOP_MAX, description="每页几条")

    def filter(self) -> EnquiryFilter:
        """Without the page."""
        return EnquiryFilter(self.box, self.state, self.listing_id, self.need_id)
