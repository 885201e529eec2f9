"""Two people write the same thing: whoever comes second keeps what he typed, and decides."""

from __future__ import annotations

from typing import Final

from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page

_CHANGED: Final = later("内容已在别处修改,这次没有保存。")
_HINT: Final = later("您写的还在下面;再保存一次,就以您写的为准。")


async def over_a_newer_version(page: Page, form: Form, path: str) -> Form:
    """The form as it was typed, ready to be sent over the version that is stored now."""
    newest = await page.api.call("GET", path)
    again = Form({**form.values, "etag": (newest.etag or "",)}, form.files, form.errors)
    return again.with_error("", page.text(_CHANGED), page.text(_HINT))
