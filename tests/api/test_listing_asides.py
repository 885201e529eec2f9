"""What stands beside a listing: similar ones, scales, word of a mistake, the list of addresses; facets of browsing."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.listing_asides import ScalesAnswer, SimilarAnswer, SitemapAnswer
from tests.api.people import People, people
from tests.api.test_stored_listings import BODY, made, published
from tests.databases import database

__all__ = ["database", "people"]


def test_similar_listings_of_the_catalogue(client: TestClient) -> None:
    answer = client.get("/v1/listings/PF-0001/similar", params={"count": 3}).json()
    SimilarAnswer.model_validate(answer)
    assert [one["kind"] for one in answer["listings"]] == ["platform"] * 3
    assert "PF-0001" not in [one["id"] for one in answer["listings"]]
    assert client.get("/v1/listings/PF-0001/similar", params={"count": 21}).status_code == 422


def test_scales_name_the_parameter(client: TestClient) -> None:
    answer = client.get("/v1/listings/MF-0001/scales").json()
    ScalesAnswer.model_validate(answer)
    assert answer["scales"][0] == {
        "position": 0,
        "dimension": "volume",
        "unit": "L",
        "low": None,
        "high": 50000.0,
        "least": 1.0,
        "most": 50000.0,
        "listings": 9,
    }


@pytest.mark.parametrize("aside", ["similar", "scales"])
def test_there_is_nothing_beside_what_is_not_there(client: TestClient, aside: str) -> None:
    assert client.get(f"/v1/listings/XX-1/{aside}").status_code == 404


def test_what_is_hidden_has_nothing_beside_it_and_stands_nowhere(people: People) -> None:
    path = published(people)
    listing_id = path.rpartition("/")[2]
    assert people.anonymous.get(f"{path}/similar").json() == {"listings": []}
    people.admin.post(f"{path}/hiding", json={"reason": "投诉"})
    for aside in ("similar", "scales"):
        assert people.anonymous.get(f"{path}/{aside}").status_code == 404
    assert people.anonymous.post(f"{path}/corrections", json={"text": "有误"}).status_code == 404
    assert listing_id not in [one["id"] for one in people.anonymous.get("/v1/sitemap").json()["listings"]]


def test_the_list_of_addresses_holds_what_everybody_sees(people: People) -> None:
    shown, draft = published(people).rpartition("/")[2], made(people)["id"]
    answer = people.anonymous.get("/v1/sitemap").json()
    SitemapAnswer.model_validate(answer)
    ids = [one["id"] for one in answer["listings"]]
    assert shown in ids
    assert draft not in ids
    assert answer["next"] is None
    assert shown not in [one["id"] for one in people.anonymous.get(f"/v1/sitemap?after={shown}").json()["listings"]]


def subjects(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/messages").json()["messages"]
    return [one for one in found if one["subject"] == "有人指出条目有误"]


def test_word_of_a_mistake_reaches_the_operator(people: People) -> None:
    path = published(people)
    body = {"text": "<b>电话</b>是 0769-1", "contact": "李工 138"}
    answer = people.anonymous.post(f"{path}/corrections", json=body)
    assert (answer.status_code, answer.json()) == (201, {"told": "operator"})
    (told,) = subjects(people.operator)
    assert "<b>电话</b>是 0769-1" in told["body"]
    assert "李工 138" in told["body"]
    assert subjects(people.admin) == []
    assert subjects(people.other_operator) == []


def test_word_of_a_mistake_reaches_admins_where_nobody_looks_after_it(people: People) -> None:
    path = published(people)
    version = people.admin.get(path).headers["etag"]
    people.admin.put(f"{path}/assignment", json={"organisation_id": None}, headers={"If-Match": version})
    assert people.admin.get(path).json()["standing"]["organisation_id"] is None
    assert people.requester.post(f"{path}/corrections", json={"text": "已停业"}).json() == {"told": "platform"}
    assert len(subjects(people.admin)) == 1


def test_one_form_sent_twice_tells_once(people: People) -> None:
    path = published(people)
    for _ in range(2):
        sent = people.requester.post(
            f"{path}/corrections", json={"text": "地址有误"}, headers={"Idempotency-Key": "c-1"}
        )
        assert sent.status_code == 201
    assert len(subjects(people.operator)) == 1


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": "x" * 1001}, {"text": "x", "contact": "x" * 101}])
def test_a_correction_says_something(people: People, body: dict[str, str]) -> None:
    assert people.anonymous.post(f"{published(people)}/corrections", json=body).status_code == 422


def test_facets_of_qualifications_and_industries(people: People) -> None:
    more = {"qualifications": ["cGMP", "洁净车间合格证"], "industry": ["生物制造"]}
    first = published(people, **more).rpartition("/")[2]
    published(people, **more | {"qualifications": ["CNAS(申请中)"]})
    answer = people.anonymous.get("/v1/listings", params={"industry": "生物制造"}).json()
    assert answer["total"] == 2
    assert answer["facets"]["qualification"] == {"cGMP": 1, "洁净车间合格证": 1}
    assert answer["facets"]["industry"]["生物制造"] == 2
    found = people.anonymous.get("/v1/listings", params={"qualification": "cGMP"}).json()
    assert [one["id"] for one in found["listings"]] == [first]
    assert people.anonymous.get("/v1/listings", params={"operator": "东莞中试基地"}).json()["total"] == 2
    assert people.anonymous.get("/v1/listings", params={"operator": "东莞"}).json()["total"] == 0


def test_counts_follow_each_change_at_once(people: People) -> None:
    published(people)
    before = people.anonymous.get("/v1/listings").json()["total"]
    path = published(people, industry=["低空经济"])
    after = people.anonymous.get("/v1/listings").json()
    assert after["total"] == before + 1
    assert after["facets"]["industry"]["低空经济"] == 1
    people.admin.post(f"{path}/hiding", json={"reason": "投诉"})
    gone = people.anonymous.get("/v1/listings").json()
    assert gone["total"] == before
    assert "低空经济" not in gone["facets"]["industry"]


def test_listings_in_the_order_of_their_places(people: People) -> None:
    for city in ("广州市", "东莞市"):
        published(people, city=city, name=f"平台 {BODY['kind']} {city}")
    found = people.anonymous.get("/v1/listings", params={"sort": "place", "province": "广东"}).json()["listings"]
    cities = [one["city"] for one in found]
    assert sorted(cities) == cities
