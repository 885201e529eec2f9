"""What a reader of matches can ask beside them: counts to narrow by, cases, and corrections of what was read."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.answers import MatchesAnswer
from matcher.answers import facets_json
from matcher.match import Matcher
from matcher.narrowing import Facets
from matcher.records import EVERYWHERE, Need, Within
from tests.api.stand_in import CharacterMatcher

URL = "/v1/matches"


def test_counts_and_cases_come_where_they_are_asked_for(client: TestClient) -> None:
    answer = client.post(URL, json={"text": "发酵", "facets": True, "top": 50}).json()
    MatchesAnswer.model_validate(answer)
    kinds = {one["value"]: one for one in answer["facets"]["kind"]}
    assert kinds["platform"]["name"] == "中试平台"
    assert sum(one["count"] for one in kinds.values()) == 50
    assert set(answer["facets"]) == {"kind", "province", "city", "certificate"}
    assert isinstance(answer["cases"], dict)
    plain = client.post(URL, json={"text": "发酵"}).json()
    MatchesAnswer.model_validate(plain)
    assert not {"facets", "cases"} & plain.keys()


def test_corrections_and_narrowing_reach_the_matcher(client: TestClient, stand_in: CharacterMatcher) -> None:
    body = {"text": "发酵", "prefer": ["GMP"], "without": ["place:东莞"]}
    client.post(URL, json=body | {"within": {"province": "广东", "holding": "gmp"}})
    assert stand_in.needs[-1] == Need(
        "发酵", prefer=("GMP",), without=("place:东莞",), within=Within("广东", None, "gmp")
    )
    client.post(URL, json=body)
    assert stand_in.needs[-1].within == EVERYWHERE


def test_explanations_take_corrections_too(client: TestClient, stand_in: CharacterMatcher) -> None:
    listing = stand_in.catalogue.listings[0].id
    body = {"text": "GMP发酵", "without": ["GMP"], "listing_id": listing}
    assert client.post("/v1/explanations", json=body).status_code == 200
    assert stand_in.needs[-1].without == ("GMP",)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"facets": "yes"}, "facets"),
        ({"within": {"town": "x"}}, "within.town"),
        ({"within": {"city": ""}}, "within.city"),
        ({"without": ["x"] * 51}, "without"),
        ({"prefer": [""]}, "prefer[0]"),
    ],
)
def test_what_can_not_be_used_is_refused(client: TestClient, body: dict[str, Any], field: str) -> None:
    refused = client.post(URL, json={"text": "发酵"} | body)
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == field


def test_a_need_that_is_stored_has_no_corrections(client: TestClient) -> None:
    refused = client.post("/v1/needs", json={"text": "发酵", "without": ["发酵"]})
    assert refused.status_code in (401, 422)


def test_facets_as_json_name_their_values() -> None:
    made = facets_json(Facets({"platform": 2}, {"广东省": 1}, {}, {"gmp": 3}), lambda one: one.upper())
    assert made == {
        "kind": [{"value": "platform", "name": "中试平台", "count": 2}],
        "province": [{"value": "广东省", "name": "广东省", "count": 1}],
        "city": [],
        "certificate": [{"value": "gmp", "name": "GMP", "count": 3}],
    }


def test_grades_count_all_that_were_ranked(small_matcher: Matcher) -> None:
    answer = small_matcher.match(Need("发酵放大"), top=1)
    assert sum(answer.grades.values()) > len(answer.matches)
