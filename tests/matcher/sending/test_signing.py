"""Signatures: the example of the specification, and what a receiver checks."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from matcher.sending.signing import PREFIX, headers_for, new_secret, signature


def test_a_receiver_can_check_it_with_nothing_but_the_standard() -> None:
    secret, body = new_secret(), '{"a": "中试"}'.encode()
    headers = headers_for(secret, "dl-1", body)
    key = base64.b64decode(secret[len(PREFIX) :])
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_example_that_libraries_of_the_standard_are_tested_with() -> None:
    """Secret, id, time, body and signature as published with the reference implementations."""
    found = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert found == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("changed", ["id", "time", "body", "secret"])
def test_whatever_is_changed_changes_the_signature(changed: str) -> None:
    values = {"secret": new_secret(), "id": "dl-1", "time": "1700000000", "body": b"x"}
    other = values | {changed: b"y" if changed == "body" else new_secret() if changed == "secret" else "2"}
    first, second = (
        signature(str(one["secret"]), str(one["id"]), str(one["time"]), bytes(one["body"]))  # type: ignore[arg-type]  # bytes by construction
        for one in (values, other)
    )
    assert first != second


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b64decode(one.removeprefix(PREFIX))) == 32 for one in secrets)


def test_what_is_no_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        signature("whsec_***", "a", "1", b"")
