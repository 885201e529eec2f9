"""GET /v1/listings: pages, filters, counts, and one listing."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.answers import ListingAnswer
from api.listing_answers import ListingsAnswer
from matcher.records import KINDS
from tests.api.stand_in import CharacterMatcher


def test_the_first_page_and_the_counts(client: TestClient, stand_in: CharacterMatcher) -> None:
    answer = client.get("/v1/listings").json()
    ListingsAnswer.model_validate(answer)
    assert answer["total"] == len(stand_in.catalogue.listings) == sum(answer["kinds"].values())
    assert list(answer["kinds"]) == list(KINDS)
    assert [one["id"] for one in answer["listings"]] == [one.id for one in stand_in.catalogue.listings[:20]]


def test_all_pages_together_are_the_catalogue(client: TestClient, stand_in: CharacterMatcher) -> None:
    seen: list[str] = []
    page = 1
    while found := client.get("/v1/listings", params={"kind": "case", "page": page, "size": 30}).json()["listings"]:
        seen += [one["id"] for one in found]
        page += 1
    assert seen == [one.id for one in stand_in.catalogue.listings if one.kind == "case"]


@pytest.mark.parametrize("province", ["广东省", "广东"])
def test_a_province_with_or_without_its_suffix(client: TestClient, province: str) -> None:
    answer = client.get("/v1/listings", params={"province": province, "kind": "platform", "size": 100}).json()
    assert answer["listings"]
    assert {(one["province"], one["kind"]) for one in answer["listings"]} == {("广东省", "platform")}
    assert answer["kinds"]["platform"] == answer["total"] < sum(answer["kinds"].values())


def test_a_page_beyond_the_last_is_empty(client: TestClient) -> None:
    answer = client.get("/v1/listings", params={"page": 1_000_000}).json()
    assert answer["listings"] == []
    assert answer["total"] > 0


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"page": 0}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "9" * 30}, "page"),
        ({"size": 101}, "size"),
        ({"kind": "castle"}, "kind"),
        ({"province": ""}, "province"),
        ({"knid": "platform"}, "knid"),
    ],
)
def test_refusals(client: TestClient, params: dict[str, str], field: str) -> None:
    response = client.get("/v1/listings", params=params)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == field


def test_one_listing(client: TestClient) -> None:
    answer = client.get("/v1/listings/PF-0001").json()
    ListingAnswer.model_validate(answer)
    assert (answer["id"], answer["kind"], answer["kind_name"]) == ("PF-0001", "platform", "中试平台")
    assert answer["parameters"][0] == {"name": "晶圆尺寸", "min": 8.0, "max": 8.0, "unit": "英寸"}


@pytest.mark.parametrize("listing_id", ["XX-1", "pf-0001", "%00", "%FF", "x" * 5000, "甲"])
def test_a_listing_that_is_not_there(client: TestClient, listing_id: str) -> None:
    response = client.get(f"/v1/listings/{listing_id}")
    error = response.json()["error"]
    assert response.status_code == 404
    assert error["code"] == "not_found"
    assert len(error["message"]) < 300
