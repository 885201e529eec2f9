"""Somebody at a browser without script, in this process: pages are opened, their forms filled in and sent.

No rule of the pages is gone around: only fields and buttons that stand in a form are sent, with the values in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from fastapi.testclient import TestClient
from httpx2 import Response

#: Elements that never close.
_VOID: Final = frozenset({"input", "br", "hr", "img", "link", "meta"})


@dataclass
class PageForm:
    """One form as it stands in a page: fields with their values in order, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._area: str | None = None
        self._select: tuple[str, str | None, bool] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = PageForm(found.get("action", ""), found.get("method", "get"))
            self.forms.append(self._form)
        if self._form is None:
            return
        name = found.get("name")
        if tag == "input" and name:
            self._input(self._form, name, found)
        elif tag == "textarea" and name:
            self._form.names.add(name)
            self._area, self._text = name, ""
        elif tag == "select" and name:
            self._form.names.add(name)
            self._select = (name, None, False)
        elif tag == "option" and self._select is not None:
            self._option(found)
        elif tag == "button" and found.get("type", "submit") == "submit":
            self._form.buttons.append((name or "", found.get("value", "")))

    def _input(self, form: PageForm, name: str, found: dict[str, str]) -> None:
        form.names.add(name)
        kind = found.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in found:
                form.fields.append((name, found.get("value", "on")))
        elif kind != "file":
            form.fields.append((name, found.get("value", "")))

    def _option(self, found: dict[str, str]) -> None:
        assert self._select is not None
        name, value, chosen = self._select
        if "selected" in found:
            self._select = (name, found.get("value", ""), True)
        elif value is None and not chosen:
            self._select = (name, found.get("value", ""), False)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            # The first line end behind the tag is no part of the text.
            self._form.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None and self._form is not None:
            self._form.fields.append((self._select[0], self._select[1] or ""))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data


class Reader:
    """One person: `text` is the page that he looks at, `path` where it is, `status` how it was answered."""

    def __init__(self, client: TestClient) -> None:
        # Without the header that programs send: what forms carry must do.
        self._client = TestClient(client.app, cookies=dict(client.cookies))
        self.text, self.path, self.status = "", "", 0

    def open(self, path: str) -> str:
        """Go to a page."""
        return self._came(self._client.get(path))

    def form(self, action: str, button: tuple[str, str] | None = None) -> PageForm:
        """The form of the page that goes to an address; of several the one with this button or hidden field."""
        forms = [one for one in forms_of(self.text) if one.action == action and one.method == "post"]
        if button is not None:
            forms = [one for one in forms if button in one.buttons or button in one.fields]
        assert forms, f"no form to {action} on {self.path}"
        return forms[0]

    def send(
        self,
        action: str,
        press: tuple[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        files: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Fill in a form of the page with `values` and `more`, and press its button; lists are several boxes."""
        typed = {**(values or {}), **more}
        form = self.form(action, press)
        assert set(typed) <= form.names, f"{set(typed) - form.names} stand in no form to {action}"
        sent: dict[str, Any] = {}
        for name, value in form.fields:
            if name not in typed:
                sent.setdefault(name, []).append(value)
        sent |= typed
        if press is not None:
            sent[press[0]] = press[1]
        return self._came(self._client.post(action, data=sent, files=files))

    def _came(self, response: Response) -> str:
        self.text, self.status = response.text, response.status_code
        self.path = str(response.url.path)
        return self.text


def forms_of(text: str) -> list[PageForm]:
    """All forms of a page."""
    reader = _Reader()
    reader.feed(text)
    return reader.forms
