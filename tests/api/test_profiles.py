"""Ranking profiles over HTTP: versions, the way to publication, and back."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from api.profile_answers import HistoryAnswer, ProfilesAnswer, PublicationAnswer, WaiverAnswer, WholeProfileAnswer
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.seeding import seed
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow, ProfileRow
from tests.api.people import PEOPLE, People
from tests.matcher.small import LISTINGS

RULE = {"id": "r", "what": "pin", "listing_id": "PF-1", "reason": "示范", "owner": "张三", "expires": "2999-12-31"}


@pytest.fixture
def site(people: People, monkeypatch: pytest.MonkeyPatch) -> People:
    """People with a second admin, and the shipped profile published."""
    monkeypatch.setitem(PEOPLE, "second", ("admin", None))
    with people.database.session() as session:
        seed(session)
        fields = UserFields("second@example.cn", "second", "admin", None)
        people.ids["second"] = add_user(session, CONSOLE, fields, email_verified=True).id
    people.second = people.signed_in("second")  # type: ignore[attr-defined]  # one more than usual
    return people


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


def draft(people: People, late: float = 20.0, **fields: Any) -> dict[str, Any]:
    body = {"base": "default", "name": "city", "changes": {"weights": {"late": late}}, "reason": "试一试"} | fields
    response = people.admin.post("/v1/profiles", json=body)
    assert response.status_code == 201, response.text
    WholeProfileAnswer.model_validate(response.json())
    answer: dict[str, Any] = response.json()
    return answer


def gate(people: People, profile_id: str, verdict: str) -> None:
    with people.database.session() as session:
        present = published(session)
        assert present is not None
        session.add(
            GateRow(
                id=new_key("gate"),
                profile_id=profile_id,
                against_id=present.id,
                judgement_set="s",
                verdict=verdict,
                report={},
            )
        )


def publish(people: People, profile_id: str) -> Response:
    return people.admin.post(f"/v1/profiles/{profile_id}/publication", json={"reason": "更好"})


class TestVersions:
    def test_a_version_with_what_changed(self, site: People) -> None:
        first = draft(site, 20.0)
        assert (first["name"], first["version"], first["state"], first["state_name"]) == ("city", 1, "draft", "草稿")
        before = site.admin.get("/v1/profiles/published").json()
        assert first["parent_id"] == before["id"]
        assert first["from_published"] == {"weights": {"late": [before["document"]["weights"]["late"], 20.0]}}
        second = draft(site, 21.0, base=first["id"])
        assert second["version"] == 2
        assert second["from_parent"] == {"weights": {"late": [20.0, 21.0]}}
        read = site.admin.get(f"/v1/profiles/{second['id']}")
        assert read.json() == second
        assert second["author_id"] == site.ids["admin"]
        assert second["gate"] is None

    def test_a_whole_document_comes_back_as_it_was_sent(self, site: People) -> None:
        document = site.admin.get("/v1/profiles/published").json()["document"]
        document["rules"], document["dictionary"] = [RULE], ["膜分离"]
        with site.database.session() as session:
            put_many(session, LISTINGS[:1], CONSOLE)
        body = {"name": "town", "document": document, "reason": "置顶"}
        made = site.admin.post("/v1/profiles", json=body)
        assert made.status_code == 201, made.text
        assert made.headers["location"] == f"/v1/profiles/{made.json()['id']}"
        assert made.json()["parent_id"] is None
        assert made.json()["from_published"]["dictionary"]["added"] == ["膜分离"]
        again = made.json()["document"]
        assert again["rules"][0] == RULE | {"when": {}}
        assert again["weights"] == document["weights"]

    def test_the_name_of_the_base_is_kept(self, site: People) -> None:
        made = draft(site, name=None)
        assert (made["name"], made["version"]) == ("default", 2)

    def test_the_list_has_pages_and_filters(self, site: People) -> None:
        for late in range(3):
            draft(site, float(late))
        page = site.admin.get("/v1/profiles", params={"name": "city", "size": 2}).json()
        ProfilesAnswer.model_validate(page)
        assert (page["total"], [one["version"] for one in page["profiles"]]) == (3, [3, 2])
        assert "document" not in page["profiles"][0]
        shown = site.admin.get("/v1/profiles", params={"state": "published"}).json()
        assert [one["name"] for one in shown["profiles"]] == ["default"]
        assert error_of(site.admin.get("/v1/profiles", params={"state": "x"}), 422)["field"] == "state"

    def test_the_same_key_makes_one(self, site: People) -> None:
        body = {"base": "default", "changes": {"weights": {"late": 1}}, "reason": "x"}
        headers = {"Idempotency-Key": "k-1"}
        first, again = (site.admin.post("/v1/profiles", json=body, headers=headers) for _ in range(2))
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert site.admin.get("/v1/profiles", params={"name": "default"}).json()["total"] == 2

    def test_the_second_of_two_who_change_one_version_is_told(self, site: People) -> None:
        base = draft(site)
        first = draft(site, 21.0, base=base["id"])
        body = {"base": base["id"], "changes": {"weights": {"late": 22.0}}, "reason": "x"}
        error = error_of(site.admin.post("/v1/profiles", json=body), 412)
        assert error["field"] == "base"
        assert "第 2 版" in error["message"]
        assert "名称" in error["hint"]
        assert draft(site, 22.0, base=first["id"])["version"] == 3
        assert draft(site, 23.0, base="city")["version"] == 4
        assert draft(site, 24.0, base=base["id"], name="other")["version"] == 1
        assert draft(site, 25.0, base="city@1")["version"] == 5

    @pytest.mark.parametrize(
        ("fields", "status", "field"),
        [
            ({"changes": {"weights": {"late": math.nan}}}, 422, "changes.weights.late"),
            ({"changes": {"weights": {"late": math.inf}}}, 422, "changes.weights.late"),
            ({"changes": {"weights": {"price": 1}}}, 422, "changes.weights.price"),
            ({"changes": {"dictionary": ["乱\ud800码"]}}, 422, "document"),
            ({"changes": {"synonyms": {"add": [["a", "b"]] * 10_001}}}, 422, "synonyms.add"),
            ({"changes": {"rules": [RULE | {"expires": "soon"}]}}, 422, "rules[0].expires"),
            ({"changes": {"rules": [RULE]}}, 422, "rules[0].listing_id"),
            ({"changes": {"rules": [RULE | {"expires": "2020-01-01"}]}}, 422, "rules[0].expires"),
            ({"changes": None}, 422, "document"),
            ({"changes": None, "document": {}}, 422, "document"),
            ({"document": {}}, 422, "document"),
            ({"base": None, "name": "city"}, 422, "base"),
            ({"base": None, "name": None}, 422, "name"),
            ({"base": "nothing"}, 404, "profile"),
            ({"reason": " "}, 422, "reason"),
            ({"reason": "\ud800"}, 422, "reason"),
            ({"name": "城市"}, 422, "name"),
            ({"changes": {}}, 409, None),
            ({"x": 1}, 422, "x"),
        ],
    )
    def test_what_can_not_be_used_is_named_and_nothing_is_stored(
        self, site: People, fields: dict[str, Any], status: int, field: str | None
    ) -> None:
        body = {"base": "default", "changes": {"weights": {"late": 1}}, "reason": "x"} | fields
        content = json.dumps(body)
        headers = {"content-type": "application/json"}
        error = error_of(site.admin.post("/v1/profiles", content=content, headers=headers), status)
        assert error.get("field") == field
        assert site.admin.get("/v1/profiles", params={"state": "draft"}).json()["profiles"][0]["name"] != "city"

    def test_one_that_can_not_be_read_says_why(self, site: People) -> None:
        made = draft(site)
        with site.database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.id == made["id"]).values(document="{}"))
        read = site.admin.get(f"/v1/profiles/{made['id']}").json()
        assert read["document"] is None
        assert "被改动" in read["complaint"]
        assert read["from_published"] is None
        assert site.admin.get("/v1/profiles").status_code == 200

    def test_unknown_ones(self, site: People) -> None:
        for answer in (
            site.admin.get("/v1/profiles/x"),
            publish(site, "x"),
            site.admin.post("/v1/profiles/x/waivers", json={"reason": "x"}),
        ):
            assert error_of(answer, 404)["field"] == "profile_id"

    def test_before_the_first_publication(self, people: People) -> None:
        error_of(people.admin.get("/v1/profiles/published"), 404)
        error_of(people.admin.post("/v1/profiles/rollback", json={"reason": "x"}), 409)


class TestDocuments:
    """What somebody sends as a whole document: the fault is named, and nothing is stored."""

    @pytest.mark.parametrize(
        ("part", "values", "said"),
        [
            ("weights", {"beauty": 1.0}, "beauty"),
            ("weights", {"late": math.nan}, "无效数字"),
            ("weights", {"late": math.inf}, "无效数字"),
            ("weights", {"place_meets": -1.0}, "降分"),
            ("confidence", {"beauty": 1.0}, "beauty"),
            ("thresholds", {"strong": math.nan}, "无效数字"),
        ],
    )
    def test_a_model_of_other_features_or_without_numbers(
        self, site: People, part: str, values: dict[str, float], said: str
    ) -> None:
        document = site.admin.get("/v1/profiles/published").json()["document"]
        document[part] |= values
        content = json.dumps({"name": "town", "document": document, "reason": "x"})
        headers = {"content-type": "application/json"}
        error = error_of(site.admin.post("/v1/profiles", content=content, headers=headers), 422)
        assert error["field"] == "document"
        assert said in error["message"]
        assert error["hint"]
        assert site.admin.get("/v1/profiles", params={"name": "town"}).json()["total"] == 0

    def test_a_feature_that_is_missing(self, site: People) -> None:
        document = site.admin.get("/v1/profiles/published").json()["document"]
        del document["weights"]["late"]
        error = error_of(site.admin.post("/v1/profiles", json={"name": "t", "document": document, "reason": "x"}), 422)
        assert "late" in error["message"]


class TestPublishing:
    def test_what_the_gate_passed_and_back_again(self, site: People) -> None:
        before = site.admin.get("/v1/profiles/published").json()
        made = draft(site)
        assert "waivers" in error_of(publish(site, made["id"]), 409)["hint"]
        gate(site, made["id"], "passed")
        assert site.admin.get(f"/v1/profiles/{made['id']}").json()["gate"]["verdict"] == "passed"
        done = publish(site, made["id"])
        PublicationAnswer.model_validate(done.json())
        assert (done.status_code, done.json()["previous_id"], done.json()["what"]) == (201, before["id"], "publish")
        assert site.admin.get("/v1/profiles/published").json()["id"] == made["id"]
        error_of(publish(site, made["id"]), 409)
        body = {"reason": "投诉增多", "profile_id": made["id"]}
        back = site.admin.post("/v1/profiles/rollback", json=body)
        assert (back.status_code, back.json()["profile_id"], back.json()["what"]) == (201, before["id"], "rollback")
        error_of(site.admin.post("/v1/profiles/rollback", json=body), 412)
        assert site.admin.get(f"/v1/profiles/{made['id']}").json()["state"] == "rolled_back"

    def test_the_same_key_publishes_and_rolls_back_once(self, site: People) -> None:
        made = draft(site)
        gate(site, made["id"], "passed")
        for path in (f"/v1/profiles/{made['id']}/publication", "/v1/profiles/rollback"):
            headers = {"Idempotency-Key": "k"}
            first, again = (site.admin.post(path, json={"reason": "x"}, headers=headers | {"Idempotency-Key": path})
                            for _ in range(2))  # fmt: skip
            assert first.status_code == 201, first.text
            assert first.json() == again.json()

    def test_a_second_administrator_signs_for_what_the_gate_blocked(self, site: People) -> None:
        made = draft(site)
        gate(site, made["id"], "blocked")
        path = f"/v1/profiles/{made['id']}/waivers"
        assert site.admin.post(path, json={"reason": "我同意"}).status_code == 201
        assert "退步" in error_of(publish(site, made["id"]), 409)["message"]
        signed = site.second.post(path, json={"reason": "该切片只有三条需求"})  # type: ignore[attr-defined]  # see `site`
        WaiverAnswer.model_validate(signed.json())
        assert publish(site, made["id"]).json()["second_id"] == site.ids["second"]
        assert len(site.admin.get(f"/v1/profiles/{made['id']}").json()["waivers"]) == 2

    def test_a_reason_is_asked_for(self, site: People) -> None:
        made = draft(site)
        gate(site, made["id"], "passed")
        for path in (f"{made['id']}/publication", f"{made['id']}/waivers", "rollback"):
            for body in ({"reason": " "}, {}):
                error = error_of(site.admin.post(f"/v1/profiles/{path}", json=body), 422)
                assert error["field"] == "reason"

    def test_history_page_by_page(self, site: People) -> None:
        for late in range(3):
            made = draft(site, float(late))
            gate(site, made["id"], "passed")
            assert publish(site, made["id"]).status_code == 201
        first = site.admin.get("/v1/profiles/history", params={"size": 3}).json()
        HistoryAnswer.model_validate(first)
        assert len(first["publications"]) == 3
        rest = site.admin.get("/v1/profiles/history", params={"before": first["next"]}).json()
        assert [one["user_id"] for one in rest["publications"]] == ["console"]
        assert rest["next"] is None


class TestWhoMay:
    @pytest.mark.parametrize("path", ["", "/published", "/history", "/x"])
    def test_admins_read(self, site: People, path: str) -> None:
        error_of(site.anonymous.get(f"/v1/profiles{path}"), 401)
        for person in (site.operator, site.requester, site.broker, site.key("admin", "read")):
            error_of(person.get(f"/v1/profiles{path}"), 403)
        assert site.key("admin", "admin").get(f"/v1/profiles{path}").status_code == (404 if path == "/x" else 200)

    @pytest.mark.parametrize("path", ["", "/rollback", "/x/publication", "/x/waivers"])
    def test_admins_change(self, site: People, path: str) -> None:
        body = {"reason": "x"}
        error_of(site.anonymous.post(f"/v1/profiles{path}", json=body), 401)
        for person in (site.operator, site.requester, site.broker, site.key("admin", "listings")):
            error_of(person.post(f"/v1/profiles{path}", json=body), 403)
