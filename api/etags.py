"""ETag and If-Match: who changes something says which version was seen, and learns when it is no longer the one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from matcher.errors import InvalidInput

_VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_HINT = '请把取回内容时响应头 ETag 的值原样填入请求头 If-Match,如 If-Match: "3"'


def etag(version: int) -> str:
    """The value of the header `ETag` for a version."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The header as it came; endpoints ask for it after they know that the caller may act at all."""

    value: str | None

    def required(self) -> int:
        """The version that the caller saw.

        Raises:
            InvalidInput: it is missing, or no version of ours.
        """
        seen = self.optional()
        if seen is None:
            raise InvalidInput("缺少请求头 If-Match", hint=_HINT, field="If-Match")
        return seen

    def optional(self) -> int | None:
        """As `required`; None where the header is missing."""
        if self.value is None:
            return None
        found = _VERSION.fullmatch(self.value.strip())
        if found is None:
            raise InvalidInput("请求头 If-Match 不是版本号", hint=_HINT, field="If-Match")
        return int(found[1])


def _if_match(
    value: Annotated[str | None, Header(alias="If-Match", description="取回内容时的 ETag")] = None,
) -> IfMatch:
    return IfMatch(value)


IfMatchDep = Annotated[IfMatch, Depends(_if_match)]
