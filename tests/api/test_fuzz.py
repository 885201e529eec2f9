"""Whatever is sent, the answer is a match or the one error body: never a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.answers import MatchesAnswer
from api.errors import ErrorBody
from api.schemas import NeedBody
from matcher.records import SUPPLY_KINDS

# The client lives for the whole session and keeps no state between requests.
fuzz = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
words = st.text(min_size=1, max_size=8)
plausible: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=60) | st.just("需要500 L发酵罐"),
    "top": st.integers(-2, 200),
    "kinds": st.lists(st.sampled_from(SUPPLY_KINDS), max_size=8),
    "parameters": st.lists(
        st.fixed_dictionaries({"name": words}, optional={"min": st.floats(), "max": st.integers(), "unit": words})
    ),
    "budget_wan": st.floats(),
    "must": st.lists(words),
}
bodies = st.fixed_dictionaries({}, optional={name: plausible.get(name, words) for name in NeedBody.model_fields})
spoilt = st.fixed_dictionaries(
    {"text": st.just("发酵")}, optional={name: anything for name in NeedBody.model_fields if name != "text"}
)


def post(client: TestClient, content: bytes) -> Response:
    return client.post("/v1/matches", content=content, headers={"content-type": "application/json"})


def assert_answered(response: Response) -> None:
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        MatchesAnswer.model_validate_json(response.content)
    else:
        ErrorBody.model_validate_json(response.content)


@given(bodies)
@fuzz
def test_plausible_bodies(client: TestClient, body: dict[str, Any]) -> None:
    assert_answered(post(client, json.dumps(body).encode()))


@given(spoilt)
@fuzz
def test_one_field_of_any_type(client: TestClient, body: dict[str, Any]) -> None:
    assert_answered(post(client, json.dumps(body).encode()))


@given(anything)
@fuzz
def test_any_json(client: TestClient, body: Any) -> None:
    assert_answered(post(client, json.dumps(body).encode()))


@given(st.binary(max_size=200))
@fuzz
def test_any_bytes(client: TestClient, content: bytes) -> None:
    assert_answered(post(client, content))


@given(st.text(max_size=30), st.dictionaries(st.sampled_from(["page", "size", "kind", "province", "x"]), words))
@fuzz
def test_any_address(client: TestClient, listing_id: str, params: dict[str, str]) -> None:
    params = {name: value.encode("utf-8", "replace").decode() for name, value in params.items()}
    assert client.get("/v1/listings", params=params).status_code in (200, 422)
    response = client.get(f"/v1/listings/{quote(listing_id.encode('utf-8', 'replace'), safe='')}")
    assert response.status_code in (200, 404)
