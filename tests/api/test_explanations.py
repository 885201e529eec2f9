"""POST /v1/explanations: where a listing stands, and refusals with field and hint."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.answers import ExplanationAnswer
from matcher.records import Listing
from tests.api.stand_in import CharacterMatcher

URL = "/v1/explanations"


@pytest.fixture(scope="module")
def listing(stand_in: CharacterMatcher) -> Listing:
    return next(one for one in stand_in.catalogue.listings if one.kind == "platform")


def test_an_answer_is_what_the_contract_says(client: TestClient, listing: Listing) -> None:
    response = client.post(URL, json={"text": "有GMP车间的发酵中试", "listing_id": listing.id})
    assert response.status_code == 200
    answer = response.json()
    ExplanationAnswer.model_validate(answer)
    assert answer["listing"]["id"] == listing.id
    assert (answer["rank"], answer["count"], answer["tenth"]) == (2, 9, None)
    assert answer["advice"][0]["text"] == "写明GMP"
    assert answer["lacks"] == [{"feature": "words", "text": "共有的字", "own": 0.1, "median": 0.2}]


def test_structured_fields_reach_the_matcher(client: TestClient, stand_in: CharacterMatcher, listing: Listing) -> None:
    client.post(URL, json={"text": "发酵", "places": ["江苏"], "kinds": ["platform"], "listing_id": listing.id})
    assert (stand_in.needs[-1].places, stand_in.needs[-1].kinds) == (("江苏",), ("platform",))


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": "发酵", "listing_id": "XX-1"}, 404, None),
        ({"text": "发酵"}, 422, "listing_id"),
        ({"text": "发酵", "listing_id": ""}, 422, "listing_id"),
        ({"listing_id": "PF-0001"}, 422, "text"),
        ({"text": "发酵", "listing_id": "CA-0001"}, 422, "listing_id"),
        ({"text": "发酵", "listing_id": "PF-0001", "listing": 1}, 422, "listing"),
    ],
)
def test_refusals(client: TestClient, body: dict[str, object], status: int, field: str | None) -> None:
    response = client.post(URL, json=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["message"]
    assert error.get("field") == field
