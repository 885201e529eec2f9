"""What people write in enquiries, checked on the way in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final

from matcher.catalogue.accounts.emails import normal_email
from matcher.catalogue.accounts.lines import optional_line
from matcher.catalogue.enquiries.records import Contact, EnquiryDraft
from matcher.catalogue.needs.content import FIELDS
from matcher.errors import InvalidInput

#: A letter of two pages; what is longer belongs into the need.
TEXT_MAX: Final = 4_000
#: As long as the columns.
NAME_MAX: Final = 100
ORGANISATION_MAX: Final = 200
PHONE_MAX: Final = 40
ID_MAX: Final = 64

#: NUL can't be stored by PostgreSQL; the others come from broken conversions. Line ends and tabs are text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Digits with an area code, a country, an extension: +86 769 2123 4567 转 801.
_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()-]{4,}(?:\s*(?:转|ext\.?|-|#)\s*[0-9]{1,6})?", re.IGNORECASE)


def checked_draft(draft: EnquiryDraft) -> EnquiryDraft:
    """A draft with its texts cleaned.

    Raises:
        InvalidInput: neither a need nor words; what is too long, has control characters, is no phone number or
            address; a field to share that needs don't have, or shared without a need. `field` names it.
    """
    text = text_from(draft.text, "text")
    if text is None and draft.need_id is None:
        raise InvalidInput("对接申请内容为空", hint="请写明想对接什么,或选一个自己的需求", field="text")
    return replace(draft, text=text or "", share=_share(draft), contact=_contact(draft.contact))


def text_from(text: str | None, field: str) -> str | None:
    """A text, stripped; None where it is blank. Raises InvalidInput: too long, control characters."""
    text = (text or "").strip()
    if len(text) > TEXT_MAX:
        message = f"{field} 有 {len(text)} 个字符,超过 {TEXT_MAX} 个"
        raise InvalidInput(message, hint="请缩短,细节可写入需求", field=field)
    if found := _CONTROL.search(text):
        message = f"{field} 的第 {found.start() + 1} 个字符是控制字符 U+{ord(found.group()):04X}"
        raise InvalidInput(message, hint="请删除后重试", field=field)
    return text or None


def _share(draft: EnquiryDraft) -> tuple[str, ...]:
    if draft.share and draft.need_id is None:
        raise InvalidInput("没有选需求,不能公开其字段", hint="请填 need_id,或去掉 share", field="share")
    for name in draft.share:
        if name not in FIELDS:
            raise InvalidInput(f"需求没有 {name[:40]} 这一项", hint=f"可用:{'、'.join(FIELDS)}", field="share")
    return tuple(name for name in FIELDS if name in draft.share)


def _contact(contact: Contact) -> Contact:
    # Full-width digits of a Chinese keyboard are digits.
    phone = optional_line(unicodedata.normalize("NFKC", contact.phone or ""), "contact_phone", PHONE_MAX)
    if phone is not None and not _PHONE.fullmatch(phone):
        raise InvalidInput("contact_phone 不是电话号码", hint="如 0769-21234567、13800138000", field="contact_phone")
    email = optional_line(contact.email, "contact_email", 2 * PHONE_MAX + ORGANISATION_MAX)
    return Contact(
        name=optional_line(contact.name, "contact_name", NAME_MAX),
        organisation=optional_line(contact.organisation, "contact_organisation", ORGANISATION_MAX),
        phone=phone,
        email=None if email is None else normal_email(email, "contact_email"),
    )
