"""People of the demo as programs: what tests of the desks make things with, and look at them afterwards."""

from __future__ import annotations

import re
import uuid
from typing import Any, Final, Self

import httpx2
from playwright.sync_api import Page

from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.browser import Visitor

#: What a page must show as letters, in every field that takes text.
EVIL: Final = "<script>alert(1)</script>&\"'"


def unique(words: str) -> str:
    """Words that no other test uses."""
    return f"{words}{uuid.uuid4().hex[:8]}"


class Program:
    """`/v1` as one of the demo's people."""

    def __init__(self, portal: str, role: str) -> None:
        self._client = httpx2.Client(base_url=portal, timeout=60)
        answer = self._client.post("/v1/session", json={"email": f"{role}@{DOMAIN}", "password": PASSWORD})
        self._client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        answer = self._client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any = None, etag: str | None = None) -> Any:
        headers = {"If-Match": etag} if etag else {}
        answer = self._client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def needs_called(self, title: str) -> list[Any]:
        """One's needs with a title."""
        found = self.get("/v1/needs", size=100)["needs"]
        return [one for one in found if one["fields"].get("title") == title]

    def listings_called(self, name: str) -> list[Any]:
        """One's listings with a name."""
        return [one for one in self.get("/v1/listings", mine=True, q=name, size=100)["listings"] if one["name"] == name]

    def published(self, admin: Program, **fields: Any) -> Any:
        """A listing of one's organisation, approved by an admin and published."""
        made = self.send("POST", "/v1/listings", {"kind": "platform", **fields})
        path = f"/v1/listings/{made['id']}"
        version = self.send("POST", f"{path}/submission")["standing"]["version"]
        admin.send("POST", f"{path}/approval", etag=f'"{version}"')
        return self.send("POST", f"{path}/publication")


def page_form(portal: str, role: str, path: str) -> tuple[httpx2.Client, dict[str, str]]:
    """A browser without script as a program: signed in, with the hidden fields of the form on a page."""
    client = httpx2.Client(base_url=portal, timeout=60)
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/sign-in").text)
    assert token is not None
    form = {"email": f"{role}@{DOMAIN}", "password": PASSWORD, "csrf_token": token.group(1)}
    assert client.post("/sign-in", data=form).status_code == 303
    main = client.get(path).text.partition("<main")[2]
    return client, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))


def sign_in_again(one: Visitor, role: str) -> Page:
    """On the sign-in form that a lost session led to."""
    one.page.fill("[name=email]", f"{role}@{DOMAIN}")
    one.page.fill("[name=password]", PASSWORD)
    one.page.click("main form button")
    one.page.wait_for_selector("h1:has-text('请确认提交')")
    return one.page
