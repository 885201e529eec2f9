"""ETag and If-Match as versions."""

from __future__ import annotations

import pytest

from api.etags import IfMatch, etag
from matcher.errors import InvalidInput


@pytest.mark.parametrize("version", [1, 42, 999_999_999])
def test_a_version_comes_back(version: int) -> None:
    assert IfMatch(etag(version)).required() == version


def test_proxies_may_weaken_it() -> None:
    assert IfMatch('W/"7"').required() == 7


def test_a_missing_one() -> None:
    assert IfMatch(None).optional() is None
    with pytest.raises(InvalidInput) as caught:
        IfMatch(None).required()
    assert caught.value.field == "If-Match"


@pytest.mark.parametrize("value", ["", "3", "*", '"x"', '"-1"', '"3", "4"', '"' + "9" * 30 + '"', '"٣"x'])
def test_what_is_no_version(value: str) -> None:
    with pytest.raises(InvalidInput):
        IfMatch(value).optional()
