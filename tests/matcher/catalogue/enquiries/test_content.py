"""What people write in enquiries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.enquiries.content import TEXT_MAX, checked_draft, text_from
from matcher.catalogue.enquiries.records import Contact, EnquiryDraft
from matcher.catalogue.needs.content import FIELDS
from matcher.errors import InvalidInput


def draft(text: str = "想看现场", need_id: str | None = "need-1", **more: object) -> EnquiryDraft:
    return EnquiryDraft("L", text, need_id, **more)  # type: ignore[arg-type]  # as each test says


def field_of(one: EnquiryDraft) -> str | None:
    with pytest.raises(InvalidInput) as caught:
        checked_draft(one)
    assert caught.value.hint
    return caught.value.field


def test_words_or_a_need_are_enough_and_nothing_is_not() -> None:
    assert checked_draft(draft(" 想看现场\n", None)).text == "想看现场"
    assert checked_draft(draft("", "need-1")).text == ""
    assert field_of(draft(" \n", None)) == "text"


@pytest.mark.parametrize("text", ["a" * (TEXT_MAX + 1), "a\x00b", "a\x1fb", "\ud800"])
def test_texts_that_can_t_be_kept(text: str) -> None:
    assert field_of(draft(text)) == "text"


def test_line_ends_and_the_longest_text_are_kept() -> None:
    assert text_from("一\n\t二", "note") == "一\n\t二"
    assert text_from("字" * TEXT_MAX, "note") == "字" * TEXT_MAX
    assert text_from(None, "note") is None


def test_shared_fields_are_those_of_needs_each_once_in_their_order() -> None:
    assert checked_draft(draft(share=("budget_wan", "text", "text"))).share == ("text", "budget_wan")
    assert checked_draft(draft(share=tuple(FIELDS))).share == tuple(FIELDS)
    assert field_of(draft(share=("text", "secret"))) == "share"
    assert field_of(draft(need_id=None, share=("text",))) == "share"


PHONES = (
    "0769-21234567",
    "13800138000",
    "+86 769 2123 4567",
    "(0769) 21234567",
    "0769-21234567转801",
    "021-12345678 ext. 9",
)


@pytest.mark.parametrize("phone", PHONES)
def test_phone_numbers(phone: str) -> None:
    assert checked_draft(draft(contact=Contact(phone=f" {phone} "))).contact.phone == phone


def test_a_phone_number_from_a_chinese_keyboard() -> None:
    assert checked_draft(draft(contact=Contact(phone="(0769)21234567"))).contact.phone == "(0769)21234567"


@pytest.mark.parametrize("phone", ["李工", "1234", "138001380ab", "+", "<script>", "1" * 41, "138\n00138000", "٣٣٣٣٣٣"])
def test_no_phone_numbers(phone: str) -> None:
    assert field_of(draft(contact=Contact(phone=phone))) == "contact_phone"


def test_other_contact_data_are_lines() -> None:
    given_one = Contact("  李  工", "起步公司 ", None, "LI@Example.cn")
    assert checked_draft(draft(contact=given_one)).contact == Contact("李 工", "起步公司", None, "li@example.cn")
    assert checked_draft(draft(contact=Contact("", " ", "", " "))).contact == Contact()
    assert field_of(draft(contact=Contact(name="a" * 101))) == "contact_name"
    assert field_of(draft(contact=Contact(organisation="a\u202eb"))) == "contact_organisation"
    assert field_of(draft(contact=Contact(email="li@"))) == "contact_email"
    assert field_of(draft(contact=Contact(email=f"{'a' * 300}@b.cn"))) == "contact_email"


@given(st.builds(Contact, *[st.none() | st.text(max_size=30)] * 4), st.text(max_size=50))
@settings(max_examples=100, deadline=None)
def test_what_passes_passes_again_unchanged(contact: Contact, text: str) -> None:
    try:
        once = checked_draft(draft(text, contact=contact))
    except InvalidInput:
        return
    assert checked_draft(once) == once
