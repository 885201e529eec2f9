"""GET /v1/listings/{id}/needs, …/needs/{need_id} and …/advice: for operators."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from api.need_answers import AdviceListAnswer, CompletenessAnswer, FittingNeedsAnswer, NeedStandingAnswer
from matcher.catalogue.needs.content import FIELDS
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.needs import NeedVectorRow
from matcher.fitting import NeedReadings
from tests.api.fitting_people import offering  # noqa: F401
from tests.api.people import People
from tests.api.test_needs import fault
from tests.databases import database  # noqa: F401

ALL = dict.fromkeys(FIELDS, "public")
FERMENTING = {
    "text": "酶制剂发酵放大,需要400 L发酵罐,有GMP车间",
    "industry": ["生物制造"],
    "certificates": ["GMP"],
    "budget_wan": 200,
}


def publish(people: People, fields: dict[str, Any], visibility: dict[str, str] | None = None, **more: Any) -> str:
    body = {**fields, "state": "published", "listed": True, "visibility": ALL if visibility is None else visibility}
    response = people.requester.post("/v1/needs", json=body | more)
    assert response.status_code == 201, response.text
    made: str = response.json()["id"]
    return made


def fitting(people: People, listing_id: str = "PF-1", **params: Any) -> dict[str, Any]:
    response = people.operator.get(f"/v1/listings/{listing_id}/needs", params={"least": "weak"} | params)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    FittingNeedsAnswer.model_validate(answer)
    return answer


def test_needs_that_fit_come_first_with_their_fits(offering: People) -> None:  # noqa: F811
    chips = publish(offering, {"text": "MEMS压力传感器8英寸晶圆流片"})
    enzyme = publish(offering, FERMENTING)
    answer = fitting(offering)
    assert [one["need"]["id"] for one in answer["needs"]] == [enzyme, chips]
    assert [one["rank"] for one in answer["needs"]] == [1, 2]
    outcomes = {one["requirement"]["type"]: one["outcome"] for one in answer["needs"][0]["fits"]}
    assert (outcomes["certificate"], outcomes["quantity"], outcomes["budget"]) == ("meets", "meets", "unknown")
    assert fitting(offering, size=1, page=2)["needs"] == answer["needs"][1:]
    assert answer["total"] == 2


def test_the_score_is_that_of_the_needs_own_matches(offering: People) -> None:  # noqa: F811
    need_id = publish(offering, FERMENTING)
    own = offering.requester.post(f"/v1/needs/{need_id}/matches").json()["matches"]
    theirs = next(one for one in own if one["listing"]["id"] == "PF-1")
    mine = fitting(offering)["needs"][0]
    assert mine["score"] == theirs["score"]
    assert mine["fits"] == theirs["fits"]


def test_hidden_fields_are_named_and_not_judged(offering: People) -> None:  # noqa: F811
    publish(offering, FERMENTING, {"industry": "public"})
    one = fitting(offering)["needs"][0]
    assert [fit["requirement"]["type"] for fit in one["fits"]] == ["industry"]
    assert {"field": "budget_wan", "name": "预算"} in one["need"]["hidden"]
    assert "GMP" not in str(one)


def test_consent_opens_more_to_judge(offering: People) -> None:  # noqa: F811
    need_id = publish(offering, FERMENTING, {"industry": "public", "certificates": "chosen"})
    before = fitting(offering)["needs"][0]
    offering.requester.put(f"/v1/needs/{need_id}/consents/{offering.orgs['org']}")
    after = fitting(offering)["needs"][0]
    assert {fit["requirement"]["type"] for fit in after["fits"]} == {"industry", "certificate"}
    assert after["score"] != before["score"]
    url = "/v1/listings/MF-1/needs"
    assert offering.other_operator.get(url, params={"least": "weak"}).json()["needs"][0]["fits"] != after["fits"]


def test_needs_that_the_listing_can_not_answer_are_counted_only(offering: People) -> None:  # noqa: F811
    publish(offering, {**FERMENTING, "kinds": ["manufacturer"]})
    publish(offering, {"text": "需要发酵罐,在上海", "places": ["上海"], "must": ["上海"]})
    answer = fitting(offering)
    assert (answer["total"], answer["removed"]) == (0, 2)


def test_where_a_listing_stands_for_a_need_and_what_to_add(offering: People) -> None:  # noqa: F811
    need_id = publish(offering, {"text": "高分子材料挤出造粒中试", "certificates": ["ISO 9001"]})
    response = offering.operator.get(f"/v1/listings/PF-4/needs/{need_id}")
    answer = response.json()
    NeedStandingAnswer.model_validate(answer)
    assert answer["need"]["id"] == need_id
    assert answer["standing"]["rank"] == 1
    assert "certificate" in [fit["requirement"]["type"] for fit in answer["standing"]["unsaid"]]


def test_a_hard_condition_that_quotes_hidden_words_is_left_out(offering: People) -> None:  # noqa: F811
    fields = {"text": "需要400 L发酵罐", "industry": ["生物制造"], "must": ["400 L"]}
    need_id = publish(offering, fields, {"industry": "public", "must": "public"})
    assert offering.operator.get(f"/v1/listings/PF-1/needs/{need_id}").status_code == 200
    assert fitting(offering)["total"] == 1


@pytest.mark.parametrize("visibility", [{}, {"province": "public"}, {"kinds": "public"}, {"industry": "public"}])
def test_a_need_that_shows_next_to_nothing(offering: People, visibility: dict[str, str]) -> None:  # noqa: F811
    fields = {"text": "需要400 L发酵罐", "industry": ["不在表中的行业"], "province": "广东省", "kinds": ["platform"]}
    need_id = publish(offering, fields, visibility)
    assert fitting(offering)["total"] == 1
    assert offering.operator.get(f"/v1/listings/PF-1/needs/{need_id}").status_code == 200


def test_advice_counts_what_needs_ask_for_and_the_listing_does_not_say(offering: People) -> None:  # noqa: F811
    for words in ("高分子材料挤出造粒", "复合材料双螺杆挤出", "工程塑料注塑打样"):
        publish(offering, {"text": words, "certificates": ["ISO 9001"], "industry": ["新材料"]})
    publish(offering, {"text": "高分子材料挤出注塑", "certificates": ["CNAS"]})
    publish(offering, {"text": "高分子材料挤出", "certificates": ["GMP"]}, {"text": "public"})
    answer = offering.operator.get("/v1/listings/PF-4/advice").json()
    AdviceListAnswer.model_validate(answer)
    assert answer["considered"] == 5
    asked = {one["name"]: (one["field"], one["needs"]) for one in answer["advice"]}
    assert asked["ISO 9001"] == ("qualifications", 3)
    assert asked["CNAS"] == ("qualifications", 1)
    assert "GMP" not in asked
    assert "3 个需求" in answer["advice"][0]["why"]


def test_completeness_falls_with_what_needs_ask_for_and_is_there_for_drafts(offering: People) -> None:  # noqa: F811
    def completeness(listing_id: str) -> dict[str, Any]:
        answer = offering.operator.get(f"/v1/listings/{listing_id}/completeness").json()
        CompletenessAnswer.model_validate(answer)
        return answer  # type: ignore[no-any-return]  # JSON

    before = completeness("PF-4")
    assert before["asked"] == []
    publish(offering, {"text": "高分子材料挤出造粒,需要400 L混合机", "industry": ["新材料"], "certificates": ["CNAS"]})
    after = completeness("PF-4")
    assert "CNAS" in {one["name"] for one in after["asked"]}
    assert (after["score"] < before["score"]) == bool(after["counted"])
    draft = offering.operator.post("/v1/listings", json={"kind": "platform", "name": "草稿平台"}).json()
    assert completeness(draft["id"])["score"] == round(100 / 12)  # the operator is filled in, and nothing else
    assert offering.other_operator.get(f"/v1/listings/{draft['id']}/completeness").status_code == 404
    assert offering.other_operator.get("/v1/listings/PF-4/completeness").status_code == 403


@pytest.mark.parametrize("path", ["needs", "needs/{need}", "advice"])
def test_who_may_ask(offering: People, path: str) -> None:  # noqa: F811
    need_id = publish(offering, FERMENTING)
    for listing_id, allowed, refused in (
        ("PF-1", ("operator", "colleague", "admin"), ("other_operator", "requester", "broker")),
        ("MF-1", ("other_operator", "admin"), ("operator", "requester")),
    ):
        url = f"/v1/listings/{listing_id}/{path.format(need=need_id)}"
        for name in allowed:
            assert getattr(offering, name).get(url).status_code == 200, name
        for name in refused:
            fault(getattr(offering, name).get(url), 403)
        fault(offering.anonymous.get(url), 401)
    url = f"/v1/listings/PF-1/{path.format(need=need_id)}"
    assert offering.key("operator", "read").get(url).status_code == 200
    fault(offering.key("operator", "listings").get(url), 403)


@pytest.mark.parametrize("path", ["needs", "needs/{need}", "advice"])
def test_listings_that_can_not_be_asked_for(offering: People, path: str) -> None:  # noqa: F811
    need_id = publish(offering, FERMENTING)
    with offering.database.session() as session:
        session.get_one(ListingRow, "PF-4").state = "draft"
    url = f"/v1/listings/{{}}/{path.format(need=need_id)}"
    for listing_id in ("PF-none", "x" * 99, "'%20OR%201=1"):
        for client in (offering.operator, offering.admin):
            assert fault(client.get(url.format(listing_id)), 404)["field"] == "listing_id"
    assert fault(offering.operator.get(url.format("PF-4")), 409)["hint"]
    draft, missing = (fault(offering.other_operator.get(url.format(one)), 404) for one in ("PF-4", "PF-none"))
    assert {**draft, "message": ""} == {**missing, "message": ""}
    assert fault(offering.admin.get(url.format("CA-1")), 422)["field"] == "listing_id"


def test_needs_that_are_not_there(offering: People) -> None:  # noqa: F811
    closed, unlisted = publish(offering, FERMENTING), publish(offering, FERMENTING, listed=False)
    offering.requester.post(f"/v1/needs/{closed}/closing")
    said = set()
    for need_id in (closed, unlisted, "need-none"):
        error = fault(offering.operator.get(f"/v1/listings/PF-1/needs/{need_id}"), 404)
        said.add(str(error).replace(need_id, "…"))
    assert len(said) == 1
    assert fitting(offering)["total"] == 0


def test_another_process_encodes_nothing_again(offering: People, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    need_ids = [publish(offering, {**FERMENTING, "title": f"第{one}批"}) for one in range(3)]
    before = fitting(offering)
    offering.app.state.need_readings = NeedReadings()
    with monkeypatch.context() as patched:
        patched.setattr(offering.app.state.loading.matcher().retriever, "encode", None)
        assert fitting(offering) == before
        assert offering.operator.get("/v1/listings/PF-1/advice").status_code == 200
    url = f"/v1/needs/{need_ids[0]}"
    offering.requester.patch(url, json={"title": "饮料"}, headers={"If-Match": '"1"'})
    with offering.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(NeedVectorRow)) == 2
    assert fitting(offering) != before


@pytest.mark.parametrize("params", [{"least": "best"}, {"page": 0}, {"size": 101}, {"colour": 1}])
def test_queries_that_are_refused(offering: People, params: dict[str, Any]) -> None:  # noqa: F811
    error = fault(offering.operator.get("/v1/listings/PF-1/needs", params=params), 422)
    assert error["field"] == next(iter(params))
