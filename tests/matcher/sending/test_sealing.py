"""What is sealed opens with the same secret only."""

from __future__ import annotations

import pytest

from matcher.errors import Unavailable
from matcher.sending.sealing import Seal

SECRET = "k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE"


def test_what_was_closed_opens_again() -> None:
    sealed = Seal(SECRET).close("whsec_abc")
    assert "abc" not in sealed
    assert Seal(SECRET).open(sealed) == "whsec_abc"


def test_twice_the_same_text_is_not_seen_to_be() -> None:
    assert Seal(SECRET).close("x") != Seal(SECRET).close("x")


@pytest.mark.parametrize("secret", [SECRET + "x", SECRET[::-1]])
def test_another_secret_opens_nothing(secret: str) -> None:
    with pytest.raises(Unavailable) as refused:
        Seal(secret).open(Seal(SECRET).close("x"))
    assert "PILOTMATCH_SECRET" in (refused.value.hint or "")


@pytest.mark.parametrize("damaged", ["", "x", "é"])
def test_what_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(Unavailable):
        Seal(SECRET).open(damaged)


def test_tokens_of_links_are_the_same_each_time_and_differ_by_subscription_and_secret() -> None:
    token = Seal(SECRET).stop_token("sub-1")
    assert token == Seal(SECRET).stop_token("sub-1")
    assert len(token) == 43
    assert token.isascii()
    assert token not in (Seal(SECRET).stop_token("sub-2"), Seal(SECRET[::-1]).stop_token("sub-1"))
