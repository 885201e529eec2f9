"""What may be linked to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.web_address import is_web_address

#: Told apart from addresses by one thing each.
NO_ADDRESSES = [
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "not a url",
    "//evil.example",
    "/etc",
    "http://",
    "https://?q",
    "http:///path",
    "http:a.cn",
    "http://.",
    "http://a.cn:99999/",
    "http://[::1",
    "https://a.cn\n",
    "https://a.cn/x y",
    "http:\\\\a.cn",
    "ftp://x",
    "",
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address(text: str) -> None:
    assert not is_web_address(text)
    assert not is_web_address(None)


@pytest.mark.parametrize(
    "text",
    [
        "http://a.cn",
        "HTTPS://A.CN/",
        "https://例子.中国/路径",
        "https://a.cn:8443/b?c=d#e",
        "http://[::1]/",
        "http://10.0.0.1/",
    ],
)
def test_addresses(text: str) -> None:
    assert is_web_address(text)


@given(st.text())
def test_nothing_breaks_it_and_only_two_schemes_pass(text: str) -> None:
    for one in (text, f"http://{text}"):
        assert not is_web_address(one) or one.lower().startswith(("http://", "https://"))
