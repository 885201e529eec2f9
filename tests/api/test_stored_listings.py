"""Listings over HTTP, by people of every kind, on both kinds of database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.listing_answers import (
    DifferencesAnswer,
    KeptListingAnswer,
    ListingsAnswer,
    VersionsAnswer,
    WholeVersionAnswer,
)
from tests.api.people import People, people
from tests.databases import database
from tests.matcher.test_web_address import NO_ADDRESSES

__all__ = ["database", "people"]

BODY: dict[str, Any] = {
    "kind": "platform",
    "name": "松山湖发酵中试平台",
    "province": "广东省",
    "city": "东莞市",
    "summary": "50–5000 L 发酵放大",
    "parameters": [{"name": "发酵罐容积", "min": 50, "max": 5000, "unit": "L"}],
    "terms": {"queue_days": 14, "platform_type": "中试平台", "verifications": ["工艺"]},
}


def made(people: People, **fields: Any) -> dict[str, Any]:
    response = people.operator.post("/v1/listings", json=BODY | fields)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def published(people: People, **fields: Any) -> str:
    path = f"/v1/listings/{made(people, **fields)['id']}"
    version = people.operator.post(f"{path}/submission").headers["etag"]
    assert people.admin.post(f"{path}/approval", headers={"If-Match": version}).status_code == 200
    assert people.operator.post(f"{path}/publication").status_code == 200
    return path


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


class TestMaking:
    def test_a_draft_with_its_place_and_version(self, people: People) -> None:
        response = people.operator.post("/v1/listings", json=BODY)
        answer = response.json()
        KeptListingAnswer.model_validate(answer)
        assert response.headers["location"] == f"/v1/listings/{answer['id']}"
        assert response.headers["etag"] == '"1"'
        assert answer["operator"] == "东莞中试基地"
        assert answer["terms"] == {"platform_type": "pilot_platform", "verifications": ["process"], "queue_days": 14}
        assert (answer["standing"]["state"], answer["standing"]["state_name"]) == ("draft", "草稿")
        assert "submit" in answer["standing"]["acts"]
        assert "approve" not in answer["standing"]["acts"]

    def test_the_same_key_makes_one(self, people: People) -> None:
        headers = {"Idempotency-Key": "k-1"}
        first, again = (people.operator.post("/v1/listings", json=BODY, headers=headers) for _ in range(2))
        assert first.json() == again.json()
        error_of(people.operator.post("/v1/listings", json=BODY | {"city": "广州市"}, headers=headers), 409)

    def test_an_id_that_exists(self, people: People) -> None:
        for status in (201, 409):
            response = people.admin.post("/v1/listings", json=BODY | {"id": "PF-1"})
            assert response.status_code == status
        assert error_of(response, 409)["field"] == "id"
        assert error_of(people.operator.post("/v1/listings", json=BODY | {"id": "PF-2"}), 403)["field"] == "id"

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": None}, "name"),
            ({"name": "  "}, "name"),
            ({"name": "名" * 10_000}, "name"),
            ({"name": "名\x00称"}, "name"),
            ({"name": 5}, "name"),
            ({"kind": "castle"}, "kind"),
            ({"colour": "red"}, "colour"),
            ({"summary": "长" * 20_001}, "summary"),
            ({"parameters": [{"name": "容积", "min": 9, "max": 1}]}, "parameters[0]"),
            ({"parameters": [{"name": "容积", "min": True}]}, "parameters[0].min"),
            ({"services": ["一"] * 1001}, "services"),
            ({"services": "一"}, "services"),
            ({"industry": ["业" * 201]}, "industry[0]"),
            *(({"source_url": url}, "source_url") for url in NO_ADDRESSES if url),
            ({"province": "广东省", "city": "北京市"}, "city"),
            ({"terms": {"queue_days": -1}}, "terms.queue_days"),
            ({"terms": {"open_share": 1.5}}, "terms.open_share"),
            ({"terms": {"fees": [{"item": "批", "low": 9, "high": 1}]}}, "terms.fees"),
            ({"terms": {"windows": [{"start": "2026-09-01", "end": "2026-01-01"}]}}, "terms.windows"),
            ({"terms": {"windows": [{"start": "九月"}]}}, "terms.start"),
            ({"terms": {"verifications": ["口味"]}}, "terms.verifications"),
            ({"terms": {"colour": "red"}}, "terms.colour"),
            ({"organisation_id": "x" * 65}, "organisation_id"),
            ({"verified_on": "2026-01-01"}, "verified_on"),
        ],
    )
    def test_bad_input_names_its_field(self, people: People, fields: dict[str, Any], field: str) -> None:
        error = error_of(people.operator.post("/v1/listings", json=BODY | fields), 422)
        assert error["field"] == field
        assert len(error["message"]) < 300

    def test_places_that_nobody_knows_and_addresses_of_any_script(self, people: People) -> None:
        fields = {"province": "广东省", "city": "某开发区", "source_url": "https://例子.中国/路径"}
        answer = made(people, **fields)
        assert {name: answer[name] for name in fields} == fields

    @pytest.mark.parametrize("body", [{"source_url": "javascript:alert(1)"}, {"city": "北京市"}])
    def test_a_patch_is_refused_as_well(self, people: People, body: dict[str, str]) -> None:
        path, headers = f"/v1/listings/{made(people)['id']}", {"If-Match": '"1"'}
        assert error_of(people.operator.patch(path, json=body, headers=headers), 422)["field"] in body

    @pytest.mark.parametrize("id", ["../up", "a/b", "..", "a b", "%2e%2e", "x\x00", "\ud800"])
    def test_ids_that_climb(self, people: People, id: str) -> None:
        body = json.dumps(BODY | {"id": id})
        response = people.admin.post("/v1/listings", content=body, headers={"Content-Type": "application/json"})
        assert error_of(response, 422)["code"] == "invalid_input"

    def test_too_large(self, people: People) -> None:
        error_of(people.operator.post("/v1/listings", json=BODY | {"services": ["长" * 900] * 900}), 413)

    @pytest.mark.parametrize("body", ["{", "[]", '"x"', "", "\xff"])
    def test_what_is_no_object(self, people: People, body: str) -> None:
        headers = {"Content-Type": "application/json"}
        error_of(people.operator.post("/v1/listings", content=body.encode("latin-1"), headers=headers), 422)

    @pytest.mark.parametrize(
        "text", ["'; DROP TABLE listings; --", "<img src=x onerror=alert(1)>", "{{7*7}}", "%00%0d"]
    )
    def test_every_text_comes_back_as_it_is(self, people: People, text: str) -> None:
        names = ("name", "operator", "province", "city", "summary", "source_title")
        lists = ("industry", "capabilities", "equipment", "qualifications", "services")
        answer = made(people, **dict.fromkeys(names, text), **{name: [text] for name in lists})
        assert {answer[name] for name in names} == {text}
        assert all(answer[name] == [text] for name in lists)
        assert people.operator.get("/v1/listings", params={"mine": True, "q": text}).json()["total"] == 1


class TestEditing:
    def test_the_second_of_two_gets_412_and_loses_nothing(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        first = people.operator.get(path)
        second = people.colleague.get(path)
        assert first.headers["etag"] == second.headers["etag"]
        seen = {"If-Match": first.headers["etag"]}
        assert people.operator.patch(path, json={"summary": "甲改的"}, headers=seen).status_code == 200
        error = error_of(people.colleague.patch(path, json={"name": "乙改的"}, headers=seen), 412)
        assert error["hint"]
        now = people.colleague.get(path)
        assert (now.json()["summary"], now.json()["name"]) == ("甲改的", BODY["name"])
        again = people.colleague.patch(path, json={"name": "乙改的"}, headers={"If-Match": now.headers["etag"]})
        assert (again.json()["summary"], again.json()["name"]) == ("甲改的", "乙改的")

    def test_put_empties_what_is_left_out_and_patch_does_not(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        patched = people.operator.patch(path, json={"terms": {"lead_days": 3}}, headers={"If-Match": '"1"'}).json()
        assert patched["terms"]["queue_days"] == 14
        assert patched["terms"]["lead_days"] == 3
        assert patched["summary"] == BODY["summary"]
        body = {"kind": "platform", "name": "只有名称"}
        replaced = people.operator.put(path, json=body, headers={"If-Match": '"2"'}).json()
        assert (replaced["terms"], replaced["summary"], replaced["parameters"]) == ({}, "", [])
        emptied = people.operator.patch(path, json={"city": None, "terms": None}, headers={"If-Match": '"3"'})
        assert emptied.status_code == 200

    @pytest.mark.parametrize("value", [None, "1", "*", '"x"', ""])
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_without_a_version(self, people: People, method: str, value: str | None) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        headers = {} if value is None else {"If-Match": value}
        response = people.operator.request(method, path, json=None if method == "DELETE" else BODY, headers=headers)
        assert error_of(response, 422)["field"] == "If-Match"

    def test_what_only_admins_set(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        headers = {"If-Match": '"1"'}
        for fields in ({"level": "国家级"}, {"terms": {"tier": "国家级"}}):
            error_of(people.operator.patch(path, json=fields, headers=headers), 403)
        answer = people.admin.patch(
            path, json={"terms": {"tier": "市级", "tier_evidence": "莞科〔2025〕8号"}}, headers=headers
        )
        assert answer.json()["terms"]["tier"] == "city"

    def test_of_another_organisation(self, people: People) -> None:
        draft, shown = f"/v1/listings/{made(people)['id']}", published(people)
        headers = {"If-Match": '"1"'}
        error_of(people.other_operator.patch(draft, json={"name": "x"}, headers=headers), 404)
        error_of(people.other_operator.patch(shown, json={"name": "x"}, headers=headers), 403)
        for client in (people.requester, people.broker):
            error_of(client.patch(shown, json={"name": "x"}, headers=headers), 403)
        error_of(people.anonymous.patch(shown, json={"name": "x"}, headers=headers), 401)

    def test_deleting(self, people: People) -> None:
        draft, shown = f"/v1/listings/{made(people)['id']}", published(people)
        assert people.operator.delete(draft, headers={"If-Match": '"1"'}).status_code == 204
        error_of(people.admin.get(draft), 404)
        answer = people.operator.delete(shown, headers={"If-Match": people.operator.get(shown).headers["etag"]})
        assert answer.json()["standing"]["state"] == "retired"
        error_of(people.anonymous.get(shown), 404)


class TestLife:
    def test_from_draft_to_stale_and_back(self, people: People) -> None:
        path = published(people)
        answer = people.anonymous.get(path).json()
        KeptListingAnswer.model_validate(answer)
        assert "standing" not in answer
        assert answer["verified_on"] is not None
        assert people.operator.post(f"{path}/verification", json={"months": 6}).status_code == 200
        assert people.operator.post(f"{path}/verification").status_code == 200
        retired = people.operator.post(f"{path}/retirement")
        assert retired.json()["standing"]["state"] == "retired"
        reopened = people.operator.delete(f"{path}/retirement", headers={"If-Match": retired.headers["etag"]})
        assert reopened.json()["standing"]["state"] == "draft"
        submitted = people.operator.post(f"{path}/submission")
        withdrawn = people.operator.delete(f"{path}/submission", headers={"If-Match": submitted.headers["etag"]})
        assert withdrawn.json()["standing"]["state"] == "draft"

    def test_returned_with_a_reason(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        people.operator.post(f"{path}/submission")
        error_of(people.admin.post(f"{path}/return", json={}), 422)
        error_of(people.admin.post(f"{path}/return", json={"reason": " "}), 422)
        assert people.admin.post(f"{path}/return", json={"reason": "缺少参数"}).status_code == 200
        standing = people.operator.get(path).json()["standing"]
        assert (standing["state"], standing["note"]) == ("returned", "缺少参数")

    def test_hidden_is_gone_for_everybody_else(self, people: People) -> None:
        path = published(people)
        assert people.admin.post(f"{path}/hiding", json={"reason": "被投诉"}).status_code == 200
        for client in (people.anonymous, people.requester, people.other_operator, people.broker):
            error_of(client.get(path), 404)
            assert client.get("/v1/listings").json()["total"] == 0
        assert people.operator.get(path).json()["standing"]["note"] == "被投诉"
        version = people.admin.get(path).headers["etag"]
        assert people.admin.delete(f"{path}/hiding", headers={"If-Match": version}).status_code == 200
        assert people.anonymous.get(path).status_code == 200

    def test_approval_of_an_edit_after_reading_the_difference(self, people: People) -> None:
        path = published(people)
        version = people.operator.get(path).headers["etag"]
        people.operator.patch(path, json={"summary": "改了"}, headers={"If-Match": version})
        assert people.anonymous.get(path).json()["summary"] == "改了"
        queue = people.admin.get("/v1/listings", params={"changed": True}).json()
        assert [f"/v1/listings/{one['id']}" for one in queue["listings"]] == [path]
        found = people.admin.get(f"{path}/differences").json()
        DifferencesAnswer.model_validate(found)
        assert found["differences"] == [{"field": "summary", "before": BODY["summary"], "after": "改了"}]
        error_of(people.admin.post(f"{path}/approval", headers={"If-Match": version}), 412)
        error_of(people.admin.post(f"{path}/approval"), 422)
        now = people.admin.get(path).headers["etag"]
        assert people.admin.post(f"{path}/approval", headers={"If-Match": now}).json()["standing"]["changed"] is False
        assert people.admin.get("/v1/listings", params={"changed": True}).json()["total"] == 0

    def test_states_that_do_not_allow_it(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        for act in ("publication", "verification"):
            assert error_of(people.operator.post(f"{path}/{act}"), 409)["hint"]

    def test_versions_and_going_back(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        people.operator.patch(path, json={"summary": "第二版"}, headers={"If-Match": '"1"'})
        answer = people.operator.get(f"{path}/versions").json()
        VersionsAnswer.model_validate(answer)
        assert [(one["version"], one["act"]) for one in answer["versions"]] == [(2, "edit"), (1, "create")]
        first = people.operator.get(f"{path}/versions/1").json()
        WholeVersionAnswer.model_validate(first)
        assert first["fields"]["summary"] == BODY["summary"]
        back = people.operator.post(f"{path}/versions/1/restoration", headers={"If-Match": '"2"'})
        assert (back.json()["summary"], back.headers["etag"]) == (BODY["summary"], '"3"')
        error_of(people.operator.get(f"{path}/versions/9"), 404)
        error_of(people.other_operator.get(f"{path}/versions"), 404)

    def test_given_to_another_organisation(self, people: People) -> None:
        path = f"/v1/listings/{made(people)['id']}"
        body = {"organisation_id": people.orgs["other_org"]}
        assert people.admin.put(f"{path}/assignment", json=body, headers={"If-Match": '"1"'}).status_code == 200
        assert people.other_operator.get(path).status_code == 200
        error_of(people.operator.get(path), 404)
        error_of(
            people.admin.put(f"{path}/assignment", json={"organisation_id": "x"}, headers={"If-Match": '"2"'}), 422
        )


class TestFinding:
    def test_pages_filters_and_facets(self, people: People) -> None:
        first, second = published(people), published(people, city="广州市", terms={"queue_days": 90})
        made(people, name="草稿")
        answer = people.anonymous.get("/v1/listings").json()
        ListingsAnswer.model_validate(answer)
        assert answer["total"] == answer["kinds"]["platform"] == 2
        assert answer["facets"]["city"] == {"东莞市": 1, "广州市": 1}
        assert "state" not in answer["facets"]
        near = people.anonymous.get("/v1/listings", params={"queue": 30}).json()
        assert [f"/v1/listings/{one['id']}" for one in near["listings"]] == [first]
        by_queue = people.anonymous.get("/v1/listings", params={"sort": "queue", "size": 1, "page": 2}).json()
        assert [f"/v1/listings/{one['id']}" for one in by_queue["listings"]] == [second]
        mine = people.operator.get("/v1/listings", params={"mine": True}).json()
        ListingsAnswer.model_validate(mine)
        assert mine["facets"]["state"] == {"published": 2, "draft": 1}
        assert all("standing" in one for one in mine["listings"])
        assert people.other_operator.get("/v1/listings", params={"mine": True}).json()["total"] == 0
        assert people.anonymous.get("/v1/listings", params={"state": "draft"}).json()["total"] == 0

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"free_from": "2026-09-01", "free_until": "2026-01-01"}, "free_from"),
            ({"free_from": "soon"}, "free_from"),
            ({"fee": "-1"}, "fee"),
            ({"fee": "nan"}, "fee"),
            ({"open_share": "2"}, "open_share"),
            ({"q": "a\x00"}, "q"),
            ({"q": "x" * 201}, "q"),
            ({"sort": "colour"}, "sort"),
            ({"tier": "皇家"}, "tier"),
        ],
    )
    def test_refusals(self, people: People, params: dict[str, str], field: str) -> None:
        assert error_of(people.anonymous.get("/v1/listings", params=params), 422)["field"] == field

    def test_keys_for_other_things(self, people: People) -> None:
        published(people)
        for scope, status in (("match", 403), ("feed", 403), ("read", 200), ("listings", 200)):
            assert people.key("operator", scope).get("/v1/listings").status_code == status  # type: ignore[arg-type]  # scopes

    def test_a_listing_that_is_hidden_reads_as_one_that_is_not_there(self, people: People) -> None:
        draft = made(people)["id"]
        client: TestClient = people.requester
        hidden, nowhere = (client.get(f"/v1/listings/{one}") for one in (draft, "L-" + "0" * 32))
        assert hidden.status_code == nowhere.status_code == 404
        assert hidden.text.replace(draft, "") == nowhere.text.replace("L-" + "0" * 32, "")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source_date": "2030-13-45"}, "source_date"),
        ({"source_date": "昨天"}, "source_date"),
        ({"source_date": "长" * 900}, "source_date"),
        ({"source_date": "2099-01-01"}, "source_date"),
        ({"parameters": [{"name": "容积", "min": -5, "max": -1, "unit": "L"}]}, "parameters[0]"),
        ({"parameters": [{"name": "容积", "unit": "L"}]}, "parameters[0]"),
        ({"industry": [""]}, "industry[0]"),
        ({"name": "甲\u202e平台"}, "name"),
        ({"province": "江苏省", "city": "东莞市"}, "city"),
        ({"province": "广东省", "city": "洛杉矶"}, "city"),
    ],
)
def test_what_nobody_can_mean_is_refused_by_field(people: People, fields: dict[str, Any], field: str) -> None:
    body = {"kind": "platform", "name": "甲平台", **fields}
    stored = made(people)
    path, etag = f"/v1/listings/{stored['id']}", {"If-Match": f'"{stored["standing"]["version"]}"'}
    for refused in (
        people.operator.post("/v1/listings", json=body),
        people.operator.patch(path, json=fields, headers=etag),
    ):
        assert refused.status_code == 422, refused.text
        error = refused.json()["error"]
        assert error["field"] == field
        assert error["hint"]
