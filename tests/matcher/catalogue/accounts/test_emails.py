"""One form for each address."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.accounts.emails import LENGTH_MAX, normal_email
from matcher.errors import InvalidInput


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [
        ("Zhang.San@Example.CN", "zhang.san@example.cn"),
        ("  a@b.cn \n", "a@b.cn"),
        ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ", "zhang@example.cn"),
        ("a@例子。中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("a@xn--fsqu00a.xn--fiqs8s", "a@xn--fsqu00a.xn--fiqs8s"),
        ("a+tag@b-c.example.com", "a+tag@b-c.example.com"),
        ("K\u212a@b.cn", "kk@b.cn"),
    ],
)
def test_one_person_has_one_address(given_as: str, kept_as: str) -> None:
    assert normal_email(given_as) == kept_as


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "a", "a@", "@b.cn", "a@b", "a b@c.cn", "a@b..cn", "a@-b.cn", "a@b-.cn", "a@b.cn\x00", "a\x00@b.cn",
        "a@b@c.cn", "<script>@b.cn", "a@b.cn>", "张三@b.cn", '"a b"@c.cn', "a\r\nBcc: x@b.cn", "a@[127.0.0.1]",
        "a@b.cn, c@d.cn", "' OR 1=1 --@b.cn", "\ud800@b.cn", "a@\ud800.cn",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="不是邮箱地址") as refused:
        normal_email(text)
    assert refused.value.field == "email"


@pytest.mark.parametrize("text", ["a" * 65 + "@b.cn", "a@" + "b" * 63 + ".c" * 100, "a" * 10_000 + "@b.cn"])
def test_what_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        normal_email(text)


@given(st.emails())
@settings(max_examples=100, deadline=None)
def test_normalising_again_changes_nothing(text: str) -> None:
    try:
        once = normal_email(text)
    except InvalidInput:
        return
    assert normal_email(once) == once
    assert once.isascii()
    assert once == once.lower()
    assert len(once) <= LENGTH_MAX
    assert normal_email(text.upper()) == once


@pytest.mark.slow
@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_is_an_address_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert normal_email(text).count("@") == 1
