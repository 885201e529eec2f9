"""Imports, exports, templates and the feed over HTTP."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from openpyxl import load_workbook

from api.feed import FeedAnswer
from api.imports import DECISIONS_MAX, ImportAnswer, ImportRowsAnswer, ImportsAnswer
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings_file import fields_of, line_of, listing_from
from tests.api.people import People, people
from tests.api.test_stored_listings import published
from tests.databases import database
from tests.matcher.small import LISTINGS

__all__ = ["database", "people"]

LINES = "\n".join(map(line_of, LISTINGS)).encode()


def upload(client: TestClient, content: bytes = LINES, name: str = "表.jsonl", **fields: str) -> Response:
    return client.post("/v1/imports", files={"file": (name, content)}, data=fields)


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


class TestImports:
    def test_previewed_looked_at_and_confirmed(self, people: People) -> None:
        uploaded = upload(people.admin)
        answer = uploaded.json()
        ImportAnswer.model_validate(answer)
        assert uploaded.status_code == 201
        assert uploaded.headers["location"] == f"/v1/imports/{answer['id']}"
        assert sum(answer["counts"].values()) == len(LISTINGS)
        assert people.anonymous.get("/v1/listings", params={"mine": True}).json()["total"] == 0
        rows = people.admin.get(f"/v1/imports/{answer['id']}", params={"size": 5, "page": 2}).json()
        ImportRowsAnswer.model_validate(rows)
        assert rows["total"] == len(LISTINGS)
        assert [one["key"] for one in rows["rows"]] == [f"1-{number}" for number in range(6, 11)]
        only = people.admin.get(f"/v1/imports/{answer['id']}", params={"outcome": "error"}).json()
        assert (only["total"], only["rows"]) == (0, [])
        done = people.admin.post(f"/v1/imports/{answer['id']}/confirmation", json={"suggestions": True})
        ImportAnswer.model_validate(done.json())
        assert done.json()["result"]["added"] == len(LISTINGS)
        assert people.anonymous.get("/v1/listings").json()["total"] == len(LISTINGS)
        error_of(people.admin.post(f"/v1/imports/{answer['id']}/confirmation", json={}), 409)
        listed = people.admin.get("/v1/imports").json()
        ImportsAnswer.model_validate(listed)
        assert [(one["id"], one["state"]) for one in listed["imports"]] == [(answer["id"], "confirmed")]

    def test_an_operators_are_drafts_of_its_own(self, people: People) -> None:
        made = upload(people.operator, line_of(LISTINGS[0]).encode()).json()["id"]
        assert people.operator.post(f"/v1/imports/{made}/confirmation", json={}).status_code == 200
        (one,) = people.operator.get("/v1/listings", params={"mine": True}).json()["listings"]
        assert one["standing"]["state"] == "draft"
        assert one["standing"]["organisation_id"] == people.orgs["org"]
        assert one["standing"]["provenance"]["file"] == "表.jsonl"
        for path in (f"/v1/imports/{made}", "/v1/imports/nowhere"):
            error_of(people.other_operator.get(path), 404)
        error_of(people.operator.post(f"/v1/imports/{made}/confirmation", json={}), 409)

    def test_publishing_is_not_for_operators(self, people: People) -> None:
        made = upload(people.operator, line_of(LISTINGS[0]).encode()).json()["id"]
        response = people.operator.post(f"/v1/imports/{made}/confirmation", json={"state": "published"})
        assert error_of(response, 403)["field"] == "state"
        error_of(upload(people.operator, organisation_id=people.orgs["other_org"]), 403)

    def test_the_same_confirmation_twice_writes_once(self, people: People) -> None:
        made = upload(people.admin).json()["id"]
        headers = {"Idempotency-Key": "confirm-1"}
        path, body = f"/v1/imports/{made}/confirmation", {"suggestions": True}
        first, again = (people.admin.post(path, json=body, headers=headers) for _ in range(2))
        assert first.json() == again.json()

    def test_a_decision_for_each_row_of_the_largest_file_fits(self, people: People) -> None:
        made = upload(people.admin).json()["id"]
        path = f"/v1/imports/{made}/confirmation"
        decisions = {f"{'9' * 20}-{row:019}": "merge" for row in range(DECISIONS_MAX)}
        refused = error_of(people.admin.post(path, json={"decisions": decisions}), 422)
        # They were read, and none is of a row of this file.
        assert (refused["field"], "没有" in refused["message"]) == ("decisions", True)
        error_of(people.admin.post(path, content=b" " * 6_100_000), 413)
        error_of(people.admin.post("/v1/needs", content=b" " * 1_100_000), 413)

    def test_rows_with_errors(self, people: People) -> None:
        made = upload(people.admin, b'{"id": "A", "kind": "platform"}\n{"id": "B"').json()["id"]
        rows = people.admin.get(f"/v1/imports/{made}").json()["rows"]
        assert [one["outcome"] for one in rows] == ["error", "error"]
        assert all(one["problems"][0]["message"] for one in rows)
        error_of(people.admin.post(f"/v1/imports/{made}/confirmation", json={}), 422)
        assert people.admin.delete(f"/v1/imports/{made}").status_code == 204
        error_of(people.admin.delete(f"/v1/imports/{made}"), 409)

    @pytest.mark.parametrize(
        ("content", "word"),
        [(b"", "空"), (b"%PDF-1.7 x", "PDF"), (b"PK\x03\x04broken", ""), (b"\x89PNG\r\n", "图片"), (b"\x00" * 99, "")],
    )
    def test_files_that_are_none(self, people: People, content: bytes, word: str) -> None:
        error = error_of(upload(people.admin, content, "名录.xlsx"), 422)
        assert error["field"] == "file"
        assert word in error["message"]

    def test_a_file_that_is_too_large(self, people: People) -> None:
        error_of(upload(people.admin, b"x" * 21_000_000), 413)

    @pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\Windows\\a.jsonl", "a\x00b.jsonl", "x" * 5000])
    def test_names_of_files_are_only_names(self, people: People, name: str) -> None:
        response = upload(people.admin, LINES, name)
        if response.status_code == 201:
            shown = response.json()["file_name"]
            assert "/" not in shown
            assert "\\" not in shown
            assert len(shown) <= 120
        else:
            error_of(response, 422)

    def test_without_a_file(self, people: People) -> None:
        assert error_of(people.admin.post("/v1/imports"), 422)["field"] == "file"


def test_a_faulty_row_is_called_as_the_file_calls_it(people: People) -> None:
    rows = [
        {"kind": "platform", "name": "甲平台", "operator": "乙公司", "parameters": "500 L"},
        {"kind": "platform", "name": "名" * 300, "operator": 5},
        {"kind": "platform", "operator": "乙公司", "name": "\ud800"},
        {"kind": "nothing"},
    ]
    content = "\n".join([*(json.dumps(one) for one in rows), "{"]).encode()
    found = people.admin.get(f"/v1/imports/{upload(people.admin, content).json()['id']}").json()
    ImportRowsAnswer.model_validate(found)
    assert {one["outcome"] for one in found["rows"]} == {"error"}
    assert [one["name"] for one in found["rows"][:2]] == ["甲平台", "名" * 200]
    assert [one["name"] for one in found["rows"][2:]] == [None, None, None]
    assert [one["operator"] for one in found["rows"]] == ["乙公司", None, None, None, None]


def test_a_faulty_row_of_a_table_too(people: People) -> None:
    content = "类别,名称,运营单位,简介\n没有这类,甲平台,乙公司,发酵\n中试平台,,丙公司,发酵\n".encode()
    found = people.admin.get(f"/v1/imports/{upload(people.admin, content, '表.csv').json()['id']}").json()
    told = [(one["outcome"], one["name"], one["operator"]) for one in found["rows"]]
    assert told == [("error", "甲平台", "乙公司"), ("error", None, "丙公司")]


def test_a_row_for_another_s_listing_keeps_its_name(people: People) -> None:
    with people.database.session() as session:
        put_many(session, [LISTINGS[0]], CONSOLE, organisation_id=people.orgs["other_org"])
    content = line_of(replace(LISTINGS[0], summary="改")).encode()
    found = people.operator.get(f"/v1/imports/{upload(people.operator, content).json()['id']}").json()
    assert [(one["outcome"], one["name"]) for one in found["rows"]] == [("error", LISTINGS[0].name)]


class TestExports:
    @pytest.mark.parametrize("form", ["xlsx", "csv", "gb18030", "jsonl", "uniquip", "instruments", "directory"])
    def test_what_everybody_sees_and_nothing_else(self, people: People, form: str) -> None:
        published(people, name="松山湖发酵中试平台")
        people.operator.post("/v1/listings", json={"kind": "platform", "name": "未公开的平台"})
        response = people.anonymous.get("/v1/exports/listings", params={"form": form})
        assert response.status_code == 200
        assert "attachment" in response.headers["content-disposition"]
        text = text_of(response, form)
        assert "松山湖发酵中试平台" in text
        assert "未公开的平台" not in text
        mine = people.operator.get("/v1/exports/listings", params={"form": form, "mine": True})
        assert "未公开的平台" in text_of(mine, form)

    def test_it_comes_in_again_unchanged(self, people: People) -> None:
        # With the full names of places, which reading a table gives them.
        whole = [replace(one, province=None, city=None) for one in LISTINGS]
        made = upload(people.admin, "\n".join(map(line_of, whole)).encode()).json()["id"]
        people.admin.post(f"/v1/imports/{made}/confirmation", json={"suggestions": True})
        for form in ("jsonl", "xlsx", "csv", "gb18030"):
            out = people.admin.get("/v1/exports/listings", params={"form": form}).content
            counts = upload(people.admin, out, "又来").json()["counts"]
            assert counts["same"] == len(LISTINGS), form

    def test_filters_hold(self, people: People) -> None:
        published(people, city="广州市", name="广州的")
        published(people, city="东莞市", name="东莞的")
        response = people.anonymous.get("/v1/exports/listings", params={"form": "jsonl", "city": "东莞"})
        assert [json.loads(line)["name"] for line in response.text.splitlines()] == ["东莞的"]

    def test_formulas_are_text(self, people: People) -> None:
        published(people, name="=cmd|' /C calc'!A0", summary="+1")
        book = load_workbook(io.BytesIO(people.anonymous.get("/v1/exports/listings").content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        assert not [cell for cell in cells if cell.data_type == "f"]
        lines = people.anonymous.get("/v1/exports/listings", params={"form": "csv"}).text
        assert ",=cmd" not in lines
        assert ",+1" not in lines

    @pytest.mark.parametrize("form", ["template", "uniquip", "instruments", "directory"])
    def test_templates(self, people: People, form: str) -> None:
        response = people.anonymous.get(f"/v1/templates/{form}")
        assert load_workbook(io.BytesIO(response.content)).sheetnames

    @pytest.mark.parametrize("form", ["jsonl", "castle", "..%2f..%2fetc"])
    def test_no_such_template(self, people: People, form: str) -> None:
        assert people.anonymous.get(f"/v1/templates/{form}").status_code in (404, 422)

    def test_no_such_form(self, people: People) -> None:
        response = people.anonymous.get("/v1/exports/listings", params={"form": "docx"})
        assert error_of(response, 422)["field"] == "form"


def text_of(response: Response, form: str) -> str:
    if form in ("xlsx", "uniquip", "instruments", "directory"):
        book = load_workbook(io.BytesIO(response.content))
        return "".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return response.content.decode("gb18030" if form == "gb18030" else "utf-8")


class TestFeed:
    def test_followed_to_the_end(self, people: People) -> None:
        paths = [published(people, name=f"平台 {number}") for number in range(3)]
        people.admin.post(f"{paths[1]}/hiding", json={"reason": "被投诉"})
        seen: dict[str, Any] = {}
        after, more = 0, True
        while more:
            page = people.requester.get("/v1/feed", params={"after": after, "limit": 1}).json()
            FeedAnswer.model_validate(page)
            seen |= {one["id"]: one["listing"] for one in page["changes"]}
            after, more = page["next"], page["more"]
        shown = {path.rpartition("/")[2]: people.anonymous.get(path).json() for path in (paths[0], paths[2])}
        assert {id: listing for id, listing in seen.items() if listing} == shown
        assert seen[paths[1].rpartition("/")[2]] is None
        assert people.requester.get("/v1/feed", params={"after": after}).json() == {
            "changes": [],
            "next": after,
            "more": False,
        }

    def test_what_is_gone_is_not_in_it_at_all(self, people: People) -> None:
        path = published(people, summary="商业秘密")
        people.admin.post(f"{path}/hiding", json={"reason": "内部理由"})
        text = people.key("broker", "feed").get("/v1/feed").text
        assert "商业秘密" not in text
        assert "内部理由" not in text

    @pytest.mark.parametrize(
        ("params", "field"), [({"after": -1}, "after"), ({"after": 9**20}, "after"), ({"limit": 1001}, "limit")]
    )
    def test_refusals(self, people: People, params: dict[str, int], field: str) -> None:
        assert error_of(people.requester.get("/v1/feed", params=params), 422)["field"] == field

    def test_a_cursor_from_the_future(self, people: People) -> None:
        assert error_of(people.requester.get("/v1/feed", params={"after": 99}), 422)["field"] == "after"

    def test_its_listings_are_whole(self, people: People) -> None:
        made = upload(people.admin).json()["id"]
        people.admin.post(f"/v1/imports/{made}/confirmation", json={"suggestions": True})
        for one in people.requester.get("/v1/feed").json()["changes"]:
            listing = {name: value for name, value in one["listing"].items() if name != "kind_name"}
            before = next(known for known in LISTINGS if known.id == one["id"])
            assert fields_of(listing_from(listing)) | {"verified_on": None} == fields_of(before) | {"verified_on": None}
