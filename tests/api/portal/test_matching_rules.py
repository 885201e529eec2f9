"""Rules that pages of matches share with `/v1`: limits, who sees what, and words that stand nowhere they should not."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from fastapi.testclient import TestClient

from api.portal.forms import Form
from api.portal.matching.asking import ASIDE_MAX
from api.portal.matching.changes import query_of
from api.portal.matching.keeping import aside_of
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.watching.counting import Counters
from matcher.records import Listing
from tests.api.people import app_over
from tests.databases import fresh_url

TEXT = "绝密配方发酵放大"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """One kind will do: what is kept is tested with the store."""
    opened = Database(fresh_url("sqlite", tmp_path))
    opened.migrate()
    yield opened
    opened.dispose()


def sent(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """Post a form as a page would; status and where it leads."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/design").text)
    assert token is not None
    answer = client.post(path, data=fields | {"csrf_token": token[1]}, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", answer.text)


def test_limits_hold_for_pages_too(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path, match_rate=2)) as client:
        status, path = sent(client, "/matches", text=TEXT)
        assert status == 303
        statuses = [client.get(path).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = client.get(path)
        assert int(refused.headers["retry-after"]) > 0
        assert "操作过于频繁" in refused.text
        assert [sent(client, "/matches", text=TEXT)[0] for _ in range(2)] == [303, 429]


def test_words_of_a_need_are_in_no_address_and_in_no_log(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        page = client.get(path)
        assert TEXT in page.text
        sent(client, f"{path}/changes", act="add|限广东")
    assert re.fullmatch(r"/matches/[\w-]{22}", path)
    assert all(TEXT not in record.getMessage() for record in caplog.records)
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', page.text)
    assert addresses
    assert not any("绝密" in one or "%E7%BB%9D" in one for one in addresses)
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "no-store"


def test_sent_twice_is_one_search(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        client.get("/")
        first, again = (sent(client, "/matches", text=TEXT, once="same") for _ in range(2))
        assert first == again


def test_an_empty_catalogue_shows_what_to_do(database: Database, tmp_path: Path) -> None:
    app = app_over(database, tmp_path)
    with TestClient(app) as client:
        app.state.loading.matcher().catalogue.listings = ()
        text = client.get("/").text
    assert "目录还是空的" in text
    assert "/operator/imports" in text


def test_a_front_page_while_the_matcher_loads_is_there(database: Database, tmp_path: Path) -> None:
    app = app_over(database, tmp_path)
    app.state.loading = type(app.state.loading)(lambda: (_ for _ in ()).throw(OSError()))
    with TestClient(app) as client:
        page = client.get("/")
    assert page.status_code == 200
    assert "目录正在准备" in page.text


def test_recent_cases_are_those_of_the_latest_day(database: Database, tmp_path: Path) -> None:
    days = ("2024-05-01", None, "2026-02-01", "2025-03-01", "2026-01-01")
    made = [Listing(f"CS-{number}", "case", f"案例{number}", source_date=day) for number, day in enumerate(days)]
    with database.session() as session:
        put_many(session, made, CONSOLE)
        put_many(session, [replace(made[1], summary="刚改过")], CONSOLE)
    with TestClient(app_over(database, tmp_path)) as client:
        text = client.get("/").text
    assert re.findall(r'href="/listings/(CS-\d)"', text) == ["CS-2", "CS-4", "CS-3"]


@pytest.mark.parametrize("query", ["page=0", "page=11", "kind=case", "grade=weak", "page=x", f"province={'x' * 60}"])
def test_addresses_that_mean_nothing_are_not_found(database: Database, tmp_path: Path, query: str) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        assert client.get(f"{path}?{query}").status_code == 404


def test_what_was_not_chosen_in_a_form_narrows_nothing(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        assert client.get(f"{path}?kind=&province=&city=&certificate=&grade=").status_code == 200


def test_filters_and_further_pages_are_no_new_answers(database: Database, tmp_path: Path) -> None:
    app = app_over(database, tmp_path)
    counters: Counters = app.state.counters
    with TestClient(app) as client:
        _, path = sent(client, "/matches", text=TEXT)
        counters.take()
        for query in ("", "?city=拉萨", "?kind=platform", "?grade=possible", "?page=2"):
            assert client.get(path + query).status_code == 200
        assert sum(count for key, count in counters.take().counts.items() if key[3] == "answers") == 1


def test_what_is_told_to_be_no_match_is_folded_away_and_comes_back(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        ids = re.findall(r'name="listing" value="([^"]+)" form="compare"', client.get(path).text)
        folded = client.get(f"{path}?aside={ids[1]}&aside={ids[0]}&aside=unknown").text
    assert re.findall(r'name="listing" value="([^"]+)" form="compare"', folded) == ids[2:]
    assert folded.count("<s>") == 2
    assert f'href="{path}?aside={ids[1]}&amp;aside=unknown"' in folded  # the way back for the first
    assert folded.count('<input type="hidden" name="aside"') == 3  # a filter keeps them


def test_where_the_list_was_is_kept_when_one_is_folded_away() -> None:
    form = Form.of(query="kind=platform&page=2&aside=PF-2&other=x")
    assert aside_of(form, "PF-1") == "?kind=platform&page=2&aside=PF-2&aside=PF-1"
    assert aside_of(Form.of(query="aside=PF-1"), "PF-1") == "?aside=PF-1"
    assert aside_of(Form.of(), "甲&b") == "?aside=%E7%94%B2%26b"


def test_an_enquiry_from_the_matches_of_a_need_is_about_that_need(database: Database, tmp_path: Path) -> None:
    app = app_over(database, tmp_path)
    counters: Counters = app.state.counters
    with TestClient(app) as client:
        _, path = sent(client, "/matches", text=TEXT)
        plain, of_need = client.get(path).text, client.get(f"{path}?need=n-1").text
        assert client.get(f"{path}?need={'x' * 101}").status_code == 404
        assert sum(count for key, count in counters.take().counts.items() if key[3] == "answers") == 1
    (first, *_) = re.findall(r'name="listing" value="([^"]+)" form="compare"', plain)
    assert re.search(rf'href="/listings/{first}(\?answer=[^"]+)?#enquire"', plain)
    assert "/desk/enquiries/new" not in plain
    assert re.search(rf'href="/desk/enquiries/new\?listing={first}&amp;need=n-1(&amp;answer=[^"]+)?"', of_need)
    assert "#enquire" not in of_need
    assert '<input type="hidden" name="need" value="n-1">' in of_need  # a filter keeps it
    assert aside_of(Form.of(query="need=n-1"), "PF-1") == "?need=n-1&aside=PF-1"
    assert query_of(Form.of(query="need=n-1&kind=platform&aside=PF-1")) == "?need=n-1&kind=platform"


def test_what_is_folded_away_is_told_in_bounds(database: Database, tmp_path: Path) -> None:
    many = "&".join(f"aside=X-{number}" for number in range(ASIDE_MAX))
    told = parse_qs(aside_of(Form.of(query=many), "PF-1")[1:])["aside"]
    assert told == [*(f"X-{number}" for number in range(1, ASIDE_MAX)), "PF-1"]
    with TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        assert client.get(f"{path}?{many}").status_code == 200
        assert client.get(f"{path}?{many}&aside=one-more").status_code == 404


def test_feedback_on_what_is_not_kept_is_told(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        _, path = sent(client, "/matches", text=TEXT)
        assert sent(client, f"{path}/dismissals", what="place:PF-1", answer="unknown") == (303, path)
        assert "反馈未能记下" in client.get(path).text


def test_a_need_that_can_not_be_read_goes_back_with_its_words(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path)) as client:
        status, text = sent(client, "/matches", text="")
        assert status == 422
        assert 'id="error-text"' in text
        _, path = sent(client, "/matches", text="!!!")
        page = client.get(path)
    assert page.status_code == 422
    assert "!!!" in page.text
    assert 'id="error-text"' in page.text
