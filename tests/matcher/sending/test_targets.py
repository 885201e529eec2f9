"""Webhooks can't be pointed at the installation's own network."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.sending.targets import URL_MAX, NotAllowed, check_url, is_public, resolve

GOOD = [
    "https://example.gov.cn/hook",
    "https://example.com:8443/a?b=c",
    "https://中试.example.cn/x",
    "https://8.8.8.8/",
]


@pytest.mark.parametrize("url", GOOD)
@pytest.mark.parametrize("production", [True, False])
def test_public_addresses_are_taken(url: str, production: bool) -> None:
    assert check_url(url, production=production) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "example.com", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "https://",
        "https:///path", "https://user:pass@example.com/", "https://user@example.com/", "https://example.com/#a",
        "https://example.com:99999/", "https://example.com:x/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://example.com/\x00", "https://example.com\\@127.0.0.1/", "https://[::1", "https://" + "a" * 64 + ".cn/",
        "https://example.com/\t", "https://a..b/", "https://example.com/" + "a" * URL_MAX,
    ],
)  # fmt: skip
@pytest.mark.parametrize("production", [True, False])
def test_what_is_no_address_of_a_webhook(url: str, production: bool) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_url(url, production=production)
    assert refused.value.field == "url"
    assert refused.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://localhost/", "https://LOCALHOST./", "https://db.internal/", "https://nas.local/",
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://0.0.0.0/", "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/",
        "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://198.18.0.1/", "https://[::1]/",
        "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/", "https://[::ffff:10.0.0.1]/", "https://[ff02::1]/",
        "https://[64:ff9b::a00:1]/", "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://[2002:7f00:1::]/", "https://[::ffff:7f00:1]/",
    ],
)  # fmt: skip
def test_in_production_the_own_network_is_out_of_reach(url: str) -> None:
    with pytest.raises(NotAllowed):
        check_url(url, production=True)


def test_in_development_a_receiver_on_this_machine_will_do() -> None:
    assert check_url("http://127.0.0.1:9000/hook", production=False)
    assert resolve("http://127.0.0.1:9000/hook", production=False).address == "127.0.0.1"


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """A name server that knows one answer."""

    def found(host: str, port: int, **_: Any) -> list[Any]:
        family = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (family[ipaddress.ip_address(one).version], socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["2001:4860:4860::8888", "fd00::1"]])
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    names(monkeypatch, *addresses)
    with pytest.raises(NotAllowed, match="内网"):
        resolve("https://innocent.example.com/", production=True)


def test_the_address_that_was_checked_is_the_one_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "8.8.8.8", "8.8.4.4")
    target = resolve("https://example.com/x", production=True)
    assert (target.address, target.host, target.port, target.scheme) == ("8.8.8.8", "example.com", 443, "https")


@given(number=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_an_address_is_as_public_inside_ipv6_as_outside(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address(f"::ffff:{plain}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + number)
    if not is_public(plain):
        assert not is_public(mapped)
        assert not is_public(translated)


@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_taken_or_refused_in_words(text: str) -> None:
    for url in (text, "https://" + text, "https://example.com/" + text):
        with contextlib.suppress(InvalidInput):
            assert check_url(url, production=True) == url
            assert url.startswith("https://")
            assert url.isprintable()
