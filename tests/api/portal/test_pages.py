"""Every page, opened by everybody; and no page without a row."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from api.app import create_app
from api.errors import PROGRAMS
from matcher.demo import DOMAIN, PASSWORD
from matcher.settings import Settings
from tests.api.portal.page_table import PAGES, VISITORS, PageRow
from tests.api.portal.test_floor import token_of


@pytest.fixture(scope="module")
def visitors(portal: str) -> Iterator[dict[str, httpx2.Client]]:
    made = {name: httpx2.Client(base_url=portal, timeout=60) for name in VISITORS}
    for role, client in made.items():
        if role != "anonymous":
            token = token_of(client.get("/sign-in").text)
            form = {"email": f"{role}@{DOMAIN}", "password": PASSWORD, "csrf_token": token}
            assert client.post("/sign-in", data=form).status_code == 303
    yield made
    for client in made.values():
        client.close()


@pytest.mark.parametrize("row", [row for row in PAGES if row.method == "GET"], ids=lambda row: row.name)
def test_everybody_gets_what_the_table_says(visitors: dict[str, httpx2.Client], row: PageRow) -> None:
    if row.sample is None and "{" in row.path:
        pytest.skip("tried by the tests of its own page")
    found = {name: client.get(row.sample or row.path).status_code for name, client in visitors.items()}
    refused = {name: 303 if name == "anonymous" else 403 for name in VISITORS}
    expected = {name: row.status if name in row.allowed.split() else refused[name] for name in VISITORS}
    assert found == expected


@pytest.mark.parametrize("row", [row for row in PAGES if row.method == "POST"], ids=lambda row: row.name)
def test_a_form_without_a_token_is_never_taken(visitors: dict[str, httpx2.Client], row: PageRow) -> None:
    path = (row.sample or row.path).replace("{", "").replace("}", "")
    for name, client in visitors.items():
        status = client.post(path, data={"text": "x"}).status_code
        assert status in (401, 403), name


def test_every_page_has_one_row(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The way to mend it is a row in the table of its area, named in `page_table.py`."""
    app = create_app(Settings(_env_file=None, data=tmp_path_factory.mktemp("data")))
    found = [(one.path, method) for one in iter_route_contexts(app.routes) for method in one.methods or ()]
    pages = {f"{method} {path}" for path, method in found if not path.startswith(PROGRAMS)}
    pages = {one for one in pages if not one.startswith(("HEAD", "OPTIONS"))}
    named = [row.name for row in PAGES]
    assert sorted({one for one in named if named.count(one) > 1}) == []
    assert sorted(pages - set(named)) == []
    assert sorted(set(named) - pages) == []
