"""POST /v1/understand: requirements with the offsets of the text given."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.answers import UnderstandAnswer
from api.schemas import UNDERSTAND_EXAMPLE

URL = "/v1/understand"


def test_the_example_of_the_documentation(client: TestClient) -> None:
    answer = client.post(URL, json={"text": UNDERSTAND_EXAMPLE}).json()
    UnderstandAnswer.model_validate(answer)
    requirements = {one["type"]: one for one in answer["requirements"]}
    assert {"quantity", "place"} <= requirements.keys()
    volume = requirements["quantity"]
    assert (volume["dimension"], volume["min"], volume["max"], volume["unit"]) == ("volume", 500, None, "L")
    assert requirements["place"]["code"] == "441900"
    for one in answer["requirements"]:
        assert UNDERSTAND_EXAMPLE[one["start"] : one["end"]] == one["text"]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": " "}, {"text": None}, {"text": "x", "top": 1}])
def test_refusals(client: TestClient, body: dict[str, object]) -> None:
    response = client.post(URL, json=body)
    assert response.status_code == 422
    assert response.json()["error"]["hint"]


@given(st.text(max_size=80) | st.text("0123456789万千百十升吨℃~—至到以上不低于约元英寸GMP东莞,。 ", max_size=60))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(client: TestClient, text: str) -> None:
    response = client.post(URL, json={"text": text})
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        for one in UnderstandAnswer.model_validate_json(response.content).requirements:
            assert one.start is None or text[one.start : one.end] == one.text
