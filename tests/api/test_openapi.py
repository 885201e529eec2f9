"""What /openapi.json promises."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def test_every_endpoint_is_described_and_refuses_with_the_one_body(openapi: dict[str, Any]) -> None:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (path, method, status)


def test_the_framework_s_own_error_shape_is_nowhere(openapi: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


def test_matching_has_examples_and_limits(openapi: dict[str, Any]) -> None:
    body = openapi["paths"]["/v1/matches"]["post"]["requestBody"]["content"]["application/json"]
    assert len(body["examples"]) >= 3
    top = openapi["components"]["schemas"]["NeedBody"]["properties"]["top"]
    assert (top["minimum"], top["maximum"], top["default"]) == (1, 100, 10)


def test_the_front_points_to_it(client: TestClient) -> None:
    assert 'href="/openapi.json"' in client.get("/").text
    assert client.get("/openapi.json").status_code == 200


def test_nothing_points_outside(client: TestClient) -> None:
    assert "://" not in client.get("/openapi.json").text.replace("https://json-schema.org", "")
