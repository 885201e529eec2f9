"""Settings of sign-in, limits, proxies and single sign-on."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.errors import InvalidInput
from matcher.settings import MASK, Settings

SIGN_ON = {"oidc_issuer": "https://id.example.cn", "oidc_client_id": "pilot", "oidc_client_secret": "hush"}


def made(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_defaults_let_requesters_in_and_need_no_provider() -> None:
    settings = made()
    assert (settings.sign_up, settings.proxies, settings.oidc_issuer, settings.oidc_role) == (
        True,
        None,
        None,
        "requester",
    )
    assert settings.sign_in_rate > 0
    assert settings.match_rate > settings.sign_in_rate


@pytest.mark.parametrize("left_out", SIGN_ON)
def test_single_sign_on_is_set_whole_or_not_at_all(left_out: str) -> None:
    assert made(**SIGN_ON).oidc_issuer == SIGN_ON["oidc_issuer"]
    with pytest.raises(InvalidInput) as refused:
        made(**{name: value for name, value in SIGN_ON.items() if name != left_out})
    assert refused.value.field == f"PILOTMATCH_{left_out.upper()}"


@pytest.mark.parametrize(
    "issuer",
    ["http://id.example.cn", "id.example.cn", "ftp://id", "http://127.0.0.1.evil.example", "http://localhost@x"],
)
def test_a_provider_is_asked_over_https(issuer: str) -> None:
    with pytest.raises(InvalidInput, match="https"):
        made(**SIGN_ON | {"oidc_issuer": issuer})


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9000", "http://localhost/realm", "http://127.0.0.1"])
def test_but_on_this_machine(issuer: str) -> None:
    assert made(**SIGN_ON | {"oidc_issuer": issuer}).oidc_issuer == issuer


@pytest.mark.parametrize("proxies", ["10.0.0.0/8", "127.0.0.1, ::1", "192.0.2.1,10.0.0.0/8"])
def test_proxies_are_addresses_and_networks(proxies: str) -> None:
    assert made(proxies=proxies).proxies == proxies


@pytest.mark.parametrize("proxies", ["*", "proxy.example.cn", "10.0.0.0/99", "a,b"])
def test_and_nothing_else(proxies: str) -> None:
    with pytest.raises(InvalidInput, match="IP 地址"):
        made(proxies=proxies)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("sign_up", "maybe", "true 或 false"), ("match_rate", "-1", "不能小于"), ("oidc_role", "admin", "只能是")],
)
def test_a_wrong_value_is_said_in_words(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"PILOTMATCH_{name.upper()}", value)
    with pytest.raises(InvalidInput, match=said) as refused:
        made()
    assert refused.value.field == f"PILOTMATCH_{name.upper()}"


def test_the_client_secret_is_not_shown() -> None:
    shown = {origin.name: origin.value for origin in made(**SIGN_ON).origins()}
    assert shown["PILOTMATCH_OIDC_CLIENT_SECRET"] == MASK
    assert "hush" not in repr(made(**SIGN_ON))
