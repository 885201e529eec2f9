"""POST /v1/matches: the contract, what becomes of each field, and refusals with field and hint."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient

from api.answers import MatchesAnswer
from api.schemas import NEED_EXAMPLES, SupplyKind
from matcher.records import SUPPLY_KINDS, Need, Parameter
from tests.api.stand_in import CharacterMatcher

URL = "/v1/matches"


@pytest.mark.parametrize("example", NEED_EXAMPLES)
def test_every_example_of_the_documentation_is_answered(client: TestClient, example: str) -> None:
    response = client.post(URL, json=NEED_EXAMPLES[example]["value"])
    assert response.status_code == 200
    assert response.json()["matches"]


def test_an_answer_is_what_the_contract_says(client: TestClient) -> None:
    response = client.post(URL, json={"text": "有GMP车间的发酵中试平台", "kinds": ["platform"], "top": 3})
    answer = response.json()
    MatchesAnswer.model_validate(answer)
    assert [match["rank"] for match in answer["matches"]] == [1, 2, 3]
    assert {match["listing"]["kind"] for match in answer["matches"]} == {"platform"}
    (requirement,) = answer["need"]["requirements"]
    assert requirement == {
        "type": "certificate",
        "text": "GMP",
        "start": 1,
        "end": 4,
        "strength": "prefer",
        "certificate": "gmp",
    }
    fit = answer["matches"][0]["fits"][0]
    assert fit["requirement"] == requirement
    assert {"outcome", "shortfall", "evidence"} <= fit.keys()
    assert answer["profile"] == {"name": "characters", "version": "1"}
    assert answer["took_ms"] == 0.1


def test_chinese_is_sent_as_chinese(client: TestClient) -> None:
    response = client.post(URL, json={"text": "发酵"})
    assert response.headers["content-type"] == "application/json"
    assert "字面相近" in response.content.decode("utf-8")


def test_every_field_reaches_the_matcher(client: TestClient, stand_in: CharacterMatcher) -> None:
    body = {
        "text": "需要500 L发酵罐",
        "title": "酶制剂放大",
        "kinds": ["platform", "equipment", "platform"],
        "must": ["GMP"],
        "top": 1,
        "province": "广东省",
        "city": "东莞市",
        "places": ["东莞"],
        "industry": ["生物医药"],
        "parameters": [{"name": "容积", "min": 500, "unit": "L"}],
        "certificates": ["ISO9001"],
        "stage": "小试→中试",
        "budget_wan": 200,
        "deadline": "2026-12-31",
    }
    assert len(client.post(URL, json=body).json()["matches"]) == 1
    assert stand_in.needs[-1] == Need(
        text="酶制剂放大。需要500 L发酵罐",
        title="酶制剂放大",
        kinds=("platform", "equipment"),
        must=("GMP",),
        province="广东省",
        city="东莞市",
        places=("东莞",),
        industry=("生物医药",),
        parameters=(Parameter("容积", 500.0, None, "L"),),
        certificates=("ISO9001",),
        stage="小试→中试",
        budget_wan=200.0,
        deadline="2026-12-31",
    )


def test_words_alone_are_kept_as_they_are_so_that_offsets_hold(client: TestClient) -> None:
    text = "  需要 GMP 车间\n"
    answer = client.post(URL, json={"text": text}).json()
    (requirement,) = answer["need"]["requirements"]
    assert answer["need"]["text"] == text
    assert text[requirement["start"] : requirement["end"]] == "GMP"


@pytest.mark.parametrize(
    "structured",
    [
        {"parameters": [{"name": "容积", "min": 5}]},
        {"industry": ["化工"]},
        {"certificates": ["GMP"]},
        {"places": ["东莞"]},
        {"budget_wan": 0},
        {"stage": "中试"},
        {"text": None, "city": "东莞"},
        {"text": "", "deadline": "2026-12-31"},
    ],
)
def test_structured_fields_are_enough(client: TestClient, structured: dict[str, Any]) -> None:
    assert client.post(URL, json=structured).status_code == 200


def test_the_kinds_that_can_be_asked_for_are_those_that_are_ranked() -> None:
    assert get_args(SupplyKind) == SUPPLY_KINDS


def test_ten_matches_unless_said_otherwise(client: TestClient) -> None:
    assert len(client.post(URL, json={"text": "发酵"}).json()["matches"]) == 10
    assert len(client.post(URL, json={"text": "发酵", "top": 100}).json()["matches"]) == 100


REFUSED: list[tuple[dict[str, Any], str | None, str]] = [
    ({}, "text", "需求内容为空"),
    ({"text": " \n"}, "text", "需求内容为空"),
    ({"kinds": ["platform"], "top": 5}, "text", "需求内容为空"),
    ({"text": "!!!"}, "text", "没有可以理解的文字"),
    ({"text": "发酵\u0000"}, "text", "控制字符"),
    ({"text": "发" * 20_001}, "text", "超过 20000 个字符"),
    ({"text": 5}, "text", "应为文本"),
    ({"text": "发酵", "top": 0}, "top", "不能小于 1"),
    ({"text": "发酵", "top": -1}, "top", "不能小于 1"),
    ({"text": "发酵", "top": 10**6}, "top", "不能大于 100"),
    ({"text": "发酵", "top": 10**40}, "top", "不能大于 100"),
    ({"text": "发酵", "top": "10"}, "top", "应为整数"),
    ({"text": "发酵", "top": 2.5}, "top", "应为整数"),
    ({"text": "发酵", "top": True}, "top", "应为整数"),
    ({"text": "发酵", "top": None}, "top", "应为整数"),
    ({"text": "发酵", "kinds": ["castle"]}, "kinds[0]", "不可用"),
    ({"text": "发酵", "kinds": ["case"]}, "kinds[0]", "不可用"),
    ({"text": "发酵", "kinds": "platform"}, "kinds", "应为列表"),
    ({"text": "发酵", "must": [""]}, "must[0]", "不能为空"),
    ({"text": "发酵", "must": ["长" * 201]}, "must[0]", "超过 200 个字符"),
    ({"text": "发酵", "must": ["GMP"] * 51}, "must", "超过 50 项"),
    ({"text": "发酵", "budget_wan": -1}, "budget_wan", "不能小于 0"),
    ({"text": "发酵", "budget_wan": "200"}, "budget_wan", "应为数值"),
    ({"text": "发酵", "budget_wan": True}, "budget_wan", "应为数值"),
    ({"text": "发酵", "parameters": [{"min": 1}]}, "parameters[0].name", "缺少"),
    ({"text": "发酵", "parameters": [{"name": "容积", "min": 9, "max": 1}]}, "parameters[0].min", "大于上限"),
    ({"text": "发酵", "parameters": ["500 L"]}, "parameters[0]", "应为 JSON 对象"),
    ({"text": "发酵", "certificate": ["GMP"]}, "certificate", "未知的字段"),
    ({"text": "发酵", "id": "N-1"}, "id", "未知的字段"),
]


@pytest.mark.parametrize(("body", "field", "said"), REFUSED)
def test_refusals_name_the_field_and_what_would_do(
    client: TestClient, body: dict[str, Any], field: str | None, said: str
) -> None:
    response = client.post(URL, json=body)
    error = response.json()["error"]
    assert response.status_code == 422
    assert error["code"] == "invalid_input"
    assert error.get("field") == field
    assert said in error["message"]
    assert error["hint"]


def test_a_misspelt_field_is_told_its_name(client: TestClient) -> None:
    error = client.post(URL, json={"text": "发酵", "certificate": ["GMP"]}).json()["error"]
    assert error["hint"] == "是否想写 certificates?"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(client: TestClient, value: str) -> None:
    response = client.post(
        URL, content=f'{{"text": "ab", "budget_wan": {value}}}', headers={"content-type": "application/json"}
    )
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "budget_wan"
