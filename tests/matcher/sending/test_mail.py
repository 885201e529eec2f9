"""E-mails as they go out."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.sending.mail import SUBJECT_MAX, Letter, checked_address, message_of, one_line

STOP = "https://pilot.example.cn/v1/unsubscribe/abc"


def sent(letter: Letter) -> EmailMessage:
    """The message as a mail program reads it."""
    raw = message_of(letter, "no-reply@example.cn", "dl-1").as_bytes()
    parsed = email.message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.rstrip("\r\n")


def test_text_and_html_in_chinese() -> None:
    message = sent(Letter("a@example.cn", "有 3 个新条目", "正文", "<p>正文</p>", STOP))
    assert message["Subject"] == "有 3 个新条目"
    assert (body_of(message, "plain"), body_of(message, "html")) == ("正文", "<p>正文</p>")
    assert message["From"].addresses[0].addr_spec == "no-reply@example.cn"
    assert message["Message-ID"] == "<dl-1@example.cn>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_wire_is_plain_ascii_with_short_lines() -> None:
    raw = message_of(Letter("a@example.cn", "题" * 80, "正" * 5000, "文" * 5000), "b@example.cn", "dl-1").as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\r\n" in raw


def test_the_mail_program_s_own_button_stops_it() -> None:
    """RFC 8058: both headers, an https address."""
    message = sent(Letter("a@example.cn", "x", "x", "x", STOP))
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_link_there_is_no_button() -> None:
    message = sent(Letter("a@example.cn", "x", "x", "x"))
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: evil@example.com", "a\nTo: b@c.d", "a\rX: y", "a\x00b", "a\u2028b", "a\x85X: y", "\ud800"]
)
def test_a_subject_can_t_add_headers(subject: str) -> None:
    message = sent(Letter("a@example.cn", subject, "x", "x"))
    assert message["Bcc"] is None
    assert message["X"] is None
    assert len(message.get_all("To", [])) == 1
    assert "\n" not in str(message["Subject"])


@given(text=st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_subject_and_body_can_be_sent(text: str) -> None:
    message = sent(Letter("a@example.cn", text, text, text))
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip


def test_a_name_of_ten_thousand_characters_is_cut() -> None:
    line = one_line("名" * 10_000)
    assert len(line) == SUBJECT_MAX
    assert line.endswith("…")
    assert one_line("名" * SUBJECT_MAX) == "名" * SUBJECT_MAX


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "a@", "@b.cn", "a@b.cn\r\nBcc: c@d.cn", "a@b.cn\n", "a@b.cn,c@d.cn", "a@b.cn c@d.cn", "<a@b.cn>",
        '"a b"@c.cn', "a@-b.cn", "a" * 65 + "@b.cn", "a@" + "b" * 300, "a@b..cn", "甲@b.cn", "a@b.cn>\x00", "a@b@c.cn",
    ],
)  # fmt: skip
def test_addresses_that_can_t_stand_in_a_header(address: str) -> None:
    with pytest.raises(InvalidInput):
        checked_address(address)
    with pytest.raises(InvalidInput):
        message_of(Letter(address, "x", "x", "x"), "b@example.cn", "dl-1")


def test_a_domain_in_chinese_goes_out_in_its_ascii_form() -> None:
    assert checked_address("li.ming@例子.中国") == "li.ming@xn--fsqu00a.xn--fiqs8s"


def test_a_letter_is_the_same_after_the_outbox() -> None:
    letter = Letter("a@example.cn", "题", "文", "<p>", STOP)
    assert Letter(**letter.stored()) == letter
