"""One server and one browser for the tests of pages in a process; a new visitor for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from embeddings import Encoder
from tests.api.portal.browser import Visitor, chromium, new_visitor, open_browser, running_server
from tests.api.portal.desks_people import Program

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def portal(bundled: Encoder, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server as people start it, with demo accounts."""
    assert bundled.dimension  # built by now
    with running_server(data_folder, tmp_path_factory.mktemp("portal")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: while it is open an event loop runs in this thread, which other tests need for themselves."""
    if chromium() is None:
        message = "no Chromium: `make test` installs it on Debian and Ubuntu"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as playwright:
        made = open_browser(playwright)
        yield made
        made.close()


@pytest.fixture
def visitor(browser: Browser, portal: str) -> Iterator[NewVisitor]:
    """Makes visitors: `visitor("phone", script=False)`, `visitor().sign_in("admin")`."""
    made: list[Visitor] = []

    def new(size: str = "desktop", **options: bool) -> Visitor:
        made.append(new_visitor(browser, portal, size, **options))  # type: ignore[arg-type]
        return made[-1]

    yield new
    for one in made:
        one.context.close()


@pytest.fixture(scope="module")
def operator(portal: str) -> Iterator[Program]:
    with Program(portal, "operator") as program:
        yield program


@pytest.fixture(scope="module")
def admin(portal: str) -> Iterator[Program]:
    with Program(portal, "admin") as program:
        yield program


@pytest.fixture(scope="module")
def requester(portal: str) -> Iterator[Program]:
    with Program(portal, "requester") as program:
        yield program
