"""Organisations, users, keys and the audit log over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.people import People
from tests.api.test_accounts import field_of
from tests.api.test_sessions import sign_in, user_of

CODE = "91440300708461136T"
CODE_OF_ANOTHER = "91330100799655058B"


class TestOrganisations:
    def test_a_whole_life(self, people: People) -> None:
        body = {"name": "新中试基地", "credit_code": CODE.lower(), "province": "广东省", "city": "东莞市"}
        made = people.admin.post("/v1/organisations", json=body)
        assert (made.status_code, made.headers["etag"], made.json()["credit_code"]) == (201, '"1"', CODE)
        path = made.headers["location"]
        found = people.requester.get(path)
        assert found.json() == made.json()
        changed = people.admin.put(path, json=body | {"city": "深圳市"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"], changed.json()["city"]) == (200, '"2"', "深圳市")
        lost = people.admin.put(path, json=body | {"city": "广州市"}, headers={"If-Match": '"1"'})
        assert lost.status_code == 412
        assert people.requester.get(path).json()["city"] == "深圳市"
        assert people.admin.delete(path, headers={"If-Match": '"1"'}).status_code == 412
        assert people.admin.delete(path, headers={"If-Match": '"2"'}).status_code == 204
        assert people.admin.get(path).status_code == 404

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({"name": "长" * 10_000}, 422, "name"),
            ({"name": "a\x00"}, 422, "name"),
            ({"name": ""}, 422, "name"),
            ({}, 422, "name"),
            ({"name": "a", "credit_code": CODE[:-1] + "1"}, 422, "credit_code"),
            ({"name": "a", "province": "长" * 10_000}, 422, "province"),
            ({"name": "a", "city": "\x00"}, 422, "city"),
            ({"name": "a", "id": "mine"}, 422, "id"),
            ({"name": " 东莞中试基地 "}, 409, "name"),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(self, people: People, body: dict[str, Any], status: int, field: str) -> None:
        assert field_of(people.admin.post("/v1/organisations", json=body)) == (status, field)

    @pytest.mark.parametrize("version", [None, "1", '"x"', "*", '"99999999999999999999"'])
    def test_a_version_that_is_none_is_refused(self, people: People, version: str | None) -> None:
        path = f"/v1/organisations/{people.orgs['org']}"
        headers = {} if version is None else {"If-Match": version}
        assert field_of(people.admin.delete(path, headers=headers)) == (422, "If-Match")

    def test_pages_and_search(self, people: People) -> None:
        first = people.requester.get("/v1/organisations", params={"size": 2}).json()
        second = people.requester.get("/v1/organisations", params={"size": 2, "page": 2}).json()
        assert (first["total"], len(first["organisations"]), len(second["organisations"])) == (3, 2, 1)
        assert people.requester.get("/v1/organisations", params={"q": "深圳"}).json()["total"] == 1
        for q in ("%", "' OR 1=1 --", "<script>"):
            assert people.requester.get("/v1/organisations", params={"q": q}).json()["total"] == 0

    def test_one_with_people_stays(self, people: People) -> None:
        path = f"/v1/organisations/{people.orgs['org']}"
        assert people.admin.delete(path, headers={"If-Match": '"1"'}).status_code == 409
        assert people.admin.get(path).status_code == 200


class TestUsers:
    def test_an_operator_is_invited_and_sets_a_password(self, people: People) -> None:
        body = {"email": "new@example.cn", "name": "新人", "role": "operator", "organisation_id": people.orgs["org"]}
        made = people.admin.post("/v1/users", json=body)
        assert made.status_code == 201
        assert (made.json()["user"]["has_password"], made.json()["user"]["email_verified"]) == (False, True)
        password = {"token": made.json()["invitation"], "password": "四台反应釜 in a row"}
        assert people.anonymous.put("/v1/account/password-reset", json=password).status_code == 204
        assert sign_in(people.anonymous, "new@example.cn", password["password"]).status_code == 200
        assert user_of(people.anonymous)["organisation_id"] == people.orgs["org"]

    def test_one_out_of_use_is_signed_out_at_once(self, people: People) -> None:
        key = people.key("requester", "read")
        path = f"/v1/users/{people.ids['requester']}"
        requester = people.requester  # signed in before
        assert user_of(requester) is not None
        changed = people.admin.patch(path, json={"active": False}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.json()["active"]) == (200, False)
        assert user_of(requester) is None
        assert key.get("/v1/account").status_code == 401
        assert sign_in(people.anonymous, "requester@example.cn").status_code == 401

    def test_what_is_not_given_stays(self, people: People) -> None:
        path = f"/v1/users/{people.ids['operator']}"
        before = people.admin.get(path).json()
        after = people.admin.patch(path, json={"name": "改名"}, headers={"If-Match": '"1"'}).json()
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"name", "version", "updated_at"}
        moved = people.admin.patch(path, json={"role": "broker", "organisation_id": None}, headers={"If-Match": '"2"'})
        assert (moved.json()["role"], moved.json()["organisation_id"]) == ("broker", None)

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({"email": "operator@EXAMPLE.cn", "name": "a"}, 409, "email"),
            ({"email": "x", "name": "a"}, 422, "email"),
            ({"email": "a@b.cn", "name": "长" * 10_000}, 422, "name"),
            ({"email": "a@b.cn", "name": "\x00"}, 422, "name"),
            ({"email": "a@b.cn", "name": "a", "role": "root"}, 422, "role"),
            ({"email": "a@b.cn", "name": "a", "role": "operator"}, 422, "organisation_id"),
            ({"email": "a@b.cn", "name": "a", "organisation_id": "\x00"}, 422, "organisation_id"),
            ({"email": "a@b.cn", "name": "a", "password_hash": "x"}, 422, "password_hash"),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(self, people: People, body: dict[str, Any], status: int, field: str) -> None:
        assert field_of(people.admin.post("/v1/users", json=body)) == (status, field)

    def test_the_last_admin_stays_one(self, people: People) -> None:
        path = f"/v1/users/{people.ids['admin']}"
        for body in ({"role": "requester"}, {"active": False}):
            assert people.admin.patch(path, json=body, headers={"If-Match": '"1"'}).status_code == 409
        assert people.admin.delete(path, headers={"If-Match": '"1"'}).status_code == 409

    def test_filters(self, people: People) -> None:
        def total(**query: str) -> int:
            return int(people.admin.get("/v1/users", params=query).json()["total"])

        assert total() == 7
        assert total(role="operator") == 3
        assert total(organisation_id=people.orgs["org"]) == 2
        assert total(q="BROKER@") == 1
        assert total(active="false") == 0
        assert field_of(people.admin.get("/v1/users", params={"role": "root"})) == (422, "role")


class TestKeys:
    def test_a_whole_life(self, people: People) -> None:
        made = people.requester.post("/v1/api-keys", json={"name": "统计", "scopes": ["read"], "days": 30})
        assert made.status_code == 201
        secret, key = made.json()["secret"], made.json()["key"]
        assert secret.startswith(key["shown"])
        program = TestClient(people.app, headers={"Authorization": f"bearer {secret}"})
        assert program.get("/v1/account").json()["id"] == people.ids["requester"]
        listed = people.requester.get("/v1/api-keys")
        assert secret not in listed.text
        assert listed.json()["keys"][0]["last_used_at"] is not None
        assert people.requester.delete(f"/v1/api-keys/{key['id']}").status_code == 204
        refused = program.get("/v1/account")
        assert (refused.status_code, "停用" in refused.json()["error"]["message"]) == (401, True)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": "长" * 10_000}, "name"),
            ({"name": "\x00"}, "name"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["root"]}, "scopes[0]"),
            ({"days": 0}, "days"),
            ({"days": "30"}, "days"),
            ({"days": 10**30}, "days"),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(self, people: People, change: dict[str, Any], field: str) -> None:
        body = {"name": "a", "scopes": ["match"]} | change
        assert field_of(people.requester.post("/v1/api-keys", json=body)) == (422, field)

    def test_only_admins_get_the_scope_admin(self, people: People) -> None:
        body = {"name": "a", "scopes": ["admin"]}
        assert people.requester.post("/v1/api-keys", json=body).status_code == 403
        assert people.admin.post("/v1/api-keys", json=body).status_code == 201

    def test_an_admin_sees_the_keys_of_others(self, people: People) -> None:
        people.secret("requester", "read")
        query = {"user_id": people.ids["requester"]}
        assert len(people.admin.get("/v1/api-keys", params=query).json()["keys"]) == 1
        assert people.broker.get("/v1/api-keys", params=query).status_code == 403


class TestAudit:
    def test_every_act_of_an_admin_is_there(self, people: People) -> None:
        admin, target = people.admin, people.ids["requester"]
        organisation = admin.post("/v1/organisations", json={"name": "新单位"}).json()["id"]
        admin.put(f"/v1/organisations/{organisation}", json={"name": "改名"}, headers={"If-Match": '"1"'})
        admin.delete(f"/v1/organisations/{organisation}", headers={"If-Match": '"2"'})
        user = admin.post("/v1/users", json={"email": "a@b.cn", "name": "a"}).json()["user"]["id"]
        admin.patch(f"/v1/users/{user}", json={"role": "broker"}, headers={"If-Match": '"1"'})
        admin.post(f"/v1/users/{target}/unlock")
        admin.delete(f"/v1/users/{user}", headers={"If-Match": '"2"'})
        acts = admin.get("/v1/audit", params={"user_id": people.ids["admin"]}).json()["entries"]
        assert [(one["action"], one["about_id"]) for one in reversed(acts)] == [
            ("organisation.create", organisation),
            ("organisation.change", organisation),
            ("organisation.remove", organisation),
            ("user.create", user),
            ("user.invite", user),
            ("user.change", user),
            ("user.unlock", target),
            ("user.remove", user),
        ]
        assert {one["role"] for one in acts} == {"admin"}

    def test_pages_follow_without_gap_whatever_is_added(self, people: People) -> None:
        whole = [one["number"] for one in people.admin.get("/v1/audit").json()["entries"]]
        found: list[int] = []
        before: int | None = None
        for _ in range(100):
            query = {"size": 3} | ({} if before is None else {"before": before})
            page = people.admin.get("/v1/audit", params=query).json()
            found += [one["number"] for one in page["entries"]]
            before = page["next"]
            people.admin.post(f"/v1/users/{people.ids['requester']}/unlock")
            if before is None:
                break
        assert found == whole == sorted(whole, reverse=True)

    def test_holds_no_secret(self, people: People) -> None:
        secret = people.requester.post("/v1/api-keys", json={"name": "a", "scopes": ["match"]}).json()["secret"]
        token = people.admin.post(f"/v1/users/{people.ids['requester']}/invitation").json()["token"]
        text = people.admin.get("/v1/audit").text
        assert secret not in text
        assert token not in text
        assert "argon2" not in text


@pytest.mark.parametrize(
    ("path", "status"),
    [("organisations/a%00b", 404), ("users/%00", 404), ("users?q=a%00", 422), ("audit?action=%00", 422)],
)
def test_a_nul_in_an_address_is_refused_on_every_database(people: People, path: str, status: int) -> None:
    assert people.admin.get(f"/v1/{path}").status_code == status
