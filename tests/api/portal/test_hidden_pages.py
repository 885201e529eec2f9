"""What is hidden stands on no page: a listing that was hidden, a need that nobody may read.

Each page is looked at before the listing is published, while it is, and after it was hidden: the second time it must be
there, or the test would not see it the third time either; and the third time the page is the first again.
"""

from __future__ import annotations

import io
import re
import time
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx2
import pytest

from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.desks_people import Program, unique
from tests.api.portal.test_floor import token_of

#: Tokens of forms, and numbers that a form is sent once by: others each time.
CHANGING: Final = re.compile(r'm\.[\w=-]{20,}|(?<=name="once" value=")\w+|data:image/svg\+xml;base64,[\w+/=]+')
FOUND_SECONDS: Final = 40


def unzipped(content: bytes) -> str:
    """The text of a .docx or .xlsx."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())


class Looker:
    """Somebody with a browser without script."""

    def __init__(self, address: str, email: str | None, password: str = PASSWORD) -> None:
        self.client = httpx2.Client(base_url=address, timeout=60)
        if email is not None:
            form = {"email": email, "password": password, "csrf_token": token_of(self.client.get("/sign-in").text)}
            assert self.client.post("/sign-in", data=form).status_code == 303

    def page(self, path: str, *ids: str) -> str:
        """The text of a page without what changes each time; ids that were asked for are left out too."""
        answer = self.client.get(path, follow_redirects=True)
        text = unzipped(answer.content) if answer.content.startswith(b"PK") else answer.text
        for one in ids:
            text = text.replace(one, "ID")
        return CHANGING.sub("*", text)

    def send(self, path: str, on: str, **values: str) -> str:
        """Send a form of a page; where it led."""
        token = token_of(self.client.get(on).text)
        answer = self.client.post(path, data={"csrf_token": token, "once": uuid.uuid4().hex, **values})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@dataclass
class Site:
    """People, and what was made."""

    lookers: dict[str, Looker]
    operator: Program
    requester: Program
    admin: Program


@pytest.fixture(scope="module")
def site(portal: str) -> Iterator[Site]:
    with Program(portal, "admin") as admin, Program(portal, "operator") as operator:
        organisation = admin.send("POST", "/v1/organisations", {"name": unique("另一家")})["id"]
        email, password = f"{unique('other')}@example.com", "another pass 2026"
        user = {"email": email, "name": "另一位", "role": "operator", "organisation_id": organisation}
        made = admin.send("POST", "/v1/users", user)
        with Program(portal, "requester") as requester:
            requester.send("PUT", "/v1/account/password-reset", {"token": made["invitation"], "password": password})
            lookers = {role: Looker(portal, f"{role}@{DOMAIN}") for role in ("requester", "broker")}
            lookers |= {"stranger": Looker(portal, None), "other_operator": Looker(portal, email, password)}
            yield Site(lookers, operator, requester, admin)
            for one in lookers.values():
                one.client.close()


def until(condition: object, *arguments: object) -> None:
    """Wait for what follows within a moment."""
    assert callable(condition)
    deadline = time.monotonic() + FOUND_SECONDS
    while not condition(*arguments):
        assert time.monotonic() < deadline
        time.sleep(0.1)


#: Where a listing of a platform shows, by its name or in a number, while everybody may see it.
PUBLIC: Final = ("/", "/listings", "/listings?q={name}", "/listings?kind=platform&sort=recent", "/sitemap.xml")
#: Where it could, if something were wrong.
ELSEWHERE: Final = ("/cases", "/ranking", "/needs", "/desk", "/desk/needs", "/operator", "/operator/statistics")


class TestListing:
    @pytest.mark.slow
    def test_a_hidden_one_is_on_no_page(self, site: Site) -> None:
        name = unique("珊瑚状载体线")
        words = {"summary": f"{name[:6]}的小批量试制", "province": "广东省", "city": "东莞市", "industry": [name[-8:]]}
        like = site.operator.published(site.admin, name="载体试制线", **words)["id"]
        stranger = site.lookers["stranger"]
        until(lambda: like in stranger.page(f"/listings?q={name[-8:]}"))
        paths = [one.format(name=name[-8:]) for one in (*PUBLIC, f"/listings/{like}")]

        def pages() -> dict[tuple[str, str], str]:
            return {(who, path): one.page(path) for who, one in site.lookers.items() for path in (*paths, *ELSEWHERE)}

        before = pages()
        listing = str(site.operator.published(site.admin, name=name, **words)["id"])
        until(lambda: listing in stranger.page(paths[2]))
        during = pages()
        assert {path for (who, path), text in during.items() if text != before[who, path]} >= set(paths)
        searches = {who: one.send("/matches", "/", text=f"{name}试制") for who, one in site.lookers.items()}
        assert all(listing in one.page(searches[who]) for who, one in site.lookers.items())
        site.lookers["requester"].send(
            f"{searches['requester'].partition('?')[0]}/saving", searches["requester"], name="存"
        )
        need = site.requester.send("POST", "/v1/needs", {"title": "甲", "text": "乙", "state": "published"})["id"]
        asked = {"need_id": need, "listing_id": listing, "text": "可否面谈"}
        enquiry = site.requester.send("POST", "/v1/enquiries", asked)["id"]

        site.admin.send("POST", f"/v1/listings/{listing}/hiding", {"reason": "投诉"})
        until(lambda: listing not in stranger.page(paths[2]))
        for (who, path), text in pages().items():
            # The requester's own pages now have what he has done since.
            assert text == before[who, path] or who == "requester", (who, path)
            assert listing not in text, (who, path)
            assert name not in text.replace(f"{name}试制", ""), (who, path)
        for who, one in site.lookers.items():
            search = searches[who].partition("?")[0]
            for path in (
                searches[who], f"{search}/report.docx", f"{search}/report.xlsx",
                f"{search}/compare?id={listing}&id={like}", "/desk/enquiries", "/desk/saved",
                f"/desk/enquiries/new?listing={listing}", f"/desk/enquiries/{enquiry}",
                "/desk/alerts", f"/listings/{listing}",
            ):  # fmt: skip
                text = one.page(path)
                if listing not in path:
                    assert listing not in text, (who, path)
                assert name not in text.replace(f"{name}试制", ""), (who, path)
            unknown = f"L-{uuid.uuid4().hex}"
            for path in ("/listings/{}", "/desk/enquiries/new?listing={}", "/operator/listings/{}", "/v1/listings/{}"):
                hidden, absent = (one.page(path.format(each), each) for each in (listing, unknown))
                assert hidden == absent, (who, path)


class TestNeed:
    def test_a_private_one_is_on_no_page_of_others(self, site: Site) -> None:
        title = unique("代号丁")
        others = {who: one for who, one in site.lookers.items() if who != "requester"}
        paths = (
            "/",
            "/needs",
            f"/needs?q={title[-8:]}",
            "/sitemap.xml",
            "/operator/needs",
            "/operator",
            "/desk",
            "/cases",
        )
        before = {(who, path): one.page(path) for who, one in others.items() for path in paths}
        words = {"title": title, "text": f"{title}的酶制剂发酵放大,500 L", "abstract": title, "industry": [title]}
        need = site.requester.send("POST", "/v1/needs", words | {"state": "published", "listed": False})["id"]
        assert title in site.lookers["requester"].page("/desk/needs")
        for (who, path), text in before.items():
            assert others[who].page(path) == text, (who, path)
        unknown = f"need-{uuid.uuid4().hex}"
        for who, one in others.items():
            for path in ("/needs/{}", "/desk/needs/{}", "/desk/needs/{}/edit", "/operator/needs/{}", "/v1/needs/{}",
                         "/desk/enquiries/new?listing=PF-0067&need={}"):  # fmt: skip
                hidden, absent = (one.page(path.format(each), each) for each in (need, unknown))
                assert hidden == absent, (who, path)
                assert title not in hidden, (who, path)

    def test_closed_again_it_is_gone_from_the_column(self, site: Site) -> None:
        title = unique("代号戊")
        stranger = site.lookers["stranger"]
        before = {path: stranger.page(path) for path in ("/needs", "/", "/sitemap.xml")}
        words = {"title": title, "text": "酶制剂发酵放大", "state": "published", "listed": True}
        made = site.requester.send("POST", "/v1/needs", words | {"visibility": {"title": "public"}})
        assert title in stranger.page("/needs")
        assert title in stranger.page(f"/needs/{made['id']}")
        site.requester.send("POST", f"/v1/needs/{made['id']}/closing")
        assert {path: stranger.page(path) for path in before} == before
        unknown = f"need-{uuid.uuid4().hex}"
        hidden, absent = (stranger.page(f"/needs/{one}", one) for one in (made["id"], unknown))
        assert hidden == absent
