"""`Idempotency-Key` over HTTP."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.idempotency import REPLAYED
from matcher.catalogue.idempotency import KEPT
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import ApiKeyRow, IdempotencyRow
from tests.api.people import People
from tests.api.test_accounts import NEW, field_of

BODY = {"name": "新单位"}


def create(client: TestClient, key: str = "key", body: dict[str, Any] | None = None, **more: Any) -> Any:
    return client.post("/v1/organisations", json=body or BODY, headers={"Idempotency-Key": key}, **more)


def count(people: People) -> int:
    return int(people.admin.get("/v1/organisations", params={"q": "新单位"}).json()["total"])


def test_sent_again_it_does_nothing_and_answers_the_same(people: People) -> None:
    first, again = create(people.admin), create(people.admin)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert (first.headers.get(REPLAYED), again.headers[REPLAYED]) == (None, "true")
    assert count(people) == 1
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_with_another_body_it_is_a_conflict(people: People) -> None:
    create(people.admin)
    assert field_of(create(people.admin, body={"name": "新单位二"})) == (409, "Idempotency-Key")
    assert count(people) == 1


def test_with_another_query_or_endpoint_too(people: People) -> None:
    create(people.admin)
    assert create(people.admin, params={"a": "b"}).status_code == 409
    other = people.admin.post("/v1/api-keys", json=BODY | {"scopes": ["match"]}, headers={"Idempotency-Key": "key"})
    assert other.status_code == 409


def test_the_same_key_of_somebody_else_is_another(people: People) -> None:
    body = {"name": "a", "scopes": ["match"]}
    answers = [
        one.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "key"})
        for one in (people.requester, people.broker)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert len({one.json()["key"]["user_id"] for one in answers}) == 2


def test_a_refusal_is_not_kept(people: People) -> None:
    assert create(people.admin, body={"name": "东莞中试基地"}).status_code == 409
    assert create(people.admin, body={"name": "新单位"}).status_code == 201


def test_a_secret_is_not_kept(people: People) -> None:
    body = {"name": "a", "scopes": ["match"]}
    first, again = (
        people.requester.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "key"}) for _ in range(2)
    )
    assert first.json()["secret"].startswith("pm_")
    assert again.json() == first.json() | {"secret": None}
    with people.database.reading() as session:
        assert len(session.scalars(select(ApiKeyRow)).all()) == 1
        assert first.json()["secret"] not in session.scalars(select(IdempotencyRow.body)).one()


def test_strangers_have_keys_by_their_address(people: People) -> None:
    headers = {"Idempotency-Key": "key"}
    first, again = (people.anonymous.post("/v1/account", json=NEW, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers[REPLAYED]) == (201, 201, "true")
    elsewhere = TestClient(people.app, client=("10.1.1.1", 1))
    assert elsewhere.post("/v1/account", json=NEW, headers=headers).status_code == 409


def test_it_is_forgotten_after_a_day(people: People) -> None:
    create(people.admin)
    with people.database.session() as session:
        session.execute(update(IdempotencyRow).values(created_at=base.now() - KEPT - KEPT))
    assert create(people.admin, body={"name": "新单位二"}).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é"])
def test_a_key_that_can_not_be_kept_is_refused(people: People, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1"))]
    response = people.admin.post("/v1/organisations", json=BODY, headers=headers)
    assert field_of(response) == (422, "Idempotency-Key")


def test_whoever_may_not_do_it_gets_no_stored_answer(people: People) -> None:
    create(people.admin)
    assert create(people.requester).status_code == 403
    assert create(people.anonymous).status_code == 401


def test_of_many_at_once_one_does_the_work(people: People) -> None:
    answers: list[Any] = []
    clients = [people.signed_in("admin") for _ in range(5)]
    threads = [threading.Thread(target=lambda one=one: answers.append(create(one))) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.status_code for one in answers} == {201}
    assert sum(REPLAYED in one.headers for one in answers) == 4
    assert len({one.content for one in answers}) == 1
    assert count(people) == 1
