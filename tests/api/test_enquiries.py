"""Enquiries over HTTP: what goes in and out, and that nothing of them reaches a third party."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.enquiry_answers import EnquiriesAnswer, EnquiryAnswer
from api.errors import ErrorBody
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.tables.feedback import FeedbackRow
from tests.api.people import People
from tests.matcher.catalogue.feedback.answers import answer, put
from tests.matcher.small import LISTINGS

BODY: Final[dict[str, Any]] = {
    "listing_id": "L-a",
    "text": "代号丁,想看现场",
    "contact_name": "李工",
    "contact_organisation": "起步公司",
    "contact_phone": "0769-21234567",
    "contact_email": "li@example.cn",
}
NEED: Final[dict[str, Any]] = {
    "text": "代号戊,酶制剂发酵放大",
    "industry": ["生物制造"],
    "budget_wan": 80,
    "visibility": {"industry": "public"},
}
SECRETS: Final = ("代号丁", "代号戊", "李工", "起步公司", "21234567", "li@example.cn")
STRANGERS: Final = ("other_requester", "other_operator", "broker")


@pytest.fixture
def offered(people: People) -> People:
    """Everybody; L-a and L-a2 of the operator's organisation, L-free of nobody."""
    with people.database.session() as session:
        for listing_id, org in (("L-a", "org"), ("L-a2", "org"), ("L-free", None)):
            listing = replace(LISTINGS[0], id=listing_id, name=f"名称{listing_id}", level=None)
            put_many(session, [listing], CONSOLE, organisation_id=org and people.orgs[org])
    return people


def sent(people: People, **more: Any) -> dict[str, Any]:
    response = people.requester.post("/v1/enquiries", json=BODY | more)
    assert response.status_code == 201, response.text
    answered: dict[str, Any] = response.json()
    return answered


def need_id(people: People) -> str:
    made = people.requester.post("/v1/needs", json=NEED)
    assert made.status_code == 201
    return str(made.json()["id"])


def lead(client: TestClient, enquiry_id: str, state: str, note: str | None = None, **headers: str) -> Any:
    return client.post(f"/v1/enquiries/{enquiry_id}/state", json={"state": state, "note": note}, headers=headers)


class TestSending:
    def test_what_the_sender_gets(self, offered: People) -> None:
        response = offered.requester.post("/v1/enquiries", json=BODY | {"need_id": need_id(offered), "share": ["text"]})
        assert response.status_code == 201
        answered = EnquiryAnswer.model_validate_json(response.content)
        assert response.headers["ETag"] == '"1"'
        assert response.headers["Location"] == f"/v1/enquiries/{answered.id}"
        assert (answered.side, answered.state, answered.state_name) == ("requester", "sent", "已发送")
        assert answered.listing.name == "名称L-a"
        assert answered.organisation is not None
        assert answered.organisation.name == "东莞中试基地"
        assert (answered.notice, answered.claimed_by, answered.share) == (None, None, ["text"])
        assert answered.contact is not None
        assert answered.contact.model_dump() == {
            "name": "李工", "organisation": "起步公司", "phone": "0769-21234567", "email": "li@example.cn",
        }  # fmt: skip
        assert [one.model_dump() for one in answered.moves] == [{"state": "withdrawn", "name": "已撤回"}]
        assert [(one.what, one.what_name, one.by_me) for one in answered.entries] == [("sent", "已发送", True)]

    def test_what_the_operator_gets(self, offered: People) -> None:
        made = sent(offered, need_id=need_id(offered), share=["budget_wan"])
        for name in ("operator", "colleague"):
            response = getattr(offered, name).get(f"/v1/enquiries/{made['id']}")
            answered = EnquiryAnswer.model_validate_json(response.content)
            assert response.headers["ETag"] == '"1"'
            assert (answered.side, answered.need_id, answered.share) == ("operator", None, None)
            assert answered.contact is not None
            assert answered.need is not None
            assert (answered.need.fields.budget_wan, answered.need.fields.industry) == (80, ["生物制造"])
            assert answered.need.fields.text is None
            assert "代号戊" not in response.text
            assert [one.state for one in answered.moves] == ["read", "answered", "declined"]

    def test_of_a_listing_that_nobody_has_claimed(self, offered: People) -> None:
        made = sent(offered, listing_id="L-free")
        assert (made["organisation"], made["notice"]) == (None, "该条目暂无人认领,由平台转交")
        queue = offered.admin.get("/v1/enquiries?box=queue").json()
        assert [(one["id"], one["side"]) for one in queue["enquiries"]] == [(made["id"], "platform")]
        assert offered.operator.get(f"/v1/enquiries/{made['id']}").status_code == 404
        path = f"/v1/enquiries/{made['id']}/forwarding"
        handed = offered.admin.post(path, json={"organisation_id": offered.orgs["org"]}, headers={"If-Match": '"1"'})
        assert (handed.status_code, handed.json()["notice"]) == (200, None)
        assert handed.json()["entries"][-1]["what_name"] == "平台转交"
        assert offered.operator.get(f"/v1/enquiries/{made['id']}").json()["contact"]["name"] == "李工"
        assert offered.admin.post(path).status_code == 409

    def test_a_second_is_refused_and_the_first_named(self, offered: People) -> None:
        made = sent(offered)
        refused = offered.requester.post("/v1/enquiries", json=BODY)
        assert refused.status_code == 409
        error = refused.json()["error"]
        assert made["id"] in error["message"]
        assert made["id"] in error["hint"]

    def test_sent_twice_with_a_key_it_is_sent_once(self, offered: People) -> None:
        headers = {"Idempotency-Key": "a-1"}
        first, second = (offered.requester.post("/v1/enquiries", json=BODY, headers=headers) for _ in range(2))
        assert first.json() == second.json()
        assert second.headers["Idempotent-Replayed"] == "true"
        assert offered.operator.get("/v1/messages").json()["total"] == 1
        other = offered.requester.post("/v1/enquiries", json=BODY | {"text": "别的"}, headers=headers)
        assert other.status_code == 409

    def test_said_twice_with_a_key_it_is_said_once(self, offered: People) -> None:
        path = f"/v1/enquiries/{sent(offered)['id']}/messages"
        for _ in range(2):
            said = offered.operator.post(path, json={"text": "欢迎"}, headers={"Idempotency-Key": "b-1"})
            assert (said.status_code, len(said.json()["entries"])) == (201, 2)

    def test_more_than_a_day_may_have(self, offered: People) -> None:
        for _ in range(20):
            lead(offered.requester, sent(offered)["id"], "withdrawn")
        refused = offered.requester.post("/v1/enquiries", json=BODY)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["error"]["hint"]

    @pytest.mark.parametrize(
        ("change", "status", "field"),
        [
            ({"listing_id": "L-none"}, 404, "listing_id"),
            ({"need_id": "need-none"}, 404, "need_id"),
            ({"text": "  "}, 422, "text"),
            ({"text": "x" * 4001}, 422, "text"),
            ({"text": None}, 422, "text"),
            ({"share": ["text"]}, 422, "share"),
            ({"share": "text"}, 422, "share"),
            ({"contact_phone": "李工"}, 422, "contact_phone"),
            ({"contact_email": "li"}, 422, "contact_email"),
            ({"contact_name": 5}, 422, "contact_name"),
            ({"phone": "1"}, 422, "phone"),
            ({"listing_id": ""}, 422, "listing_id"),
        ],
    )
    def test_what_can_t_be_sent(self, offered: People, change: dict[str, Any], status: int, field: str) -> None:
        refused = offered.requester.post("/v1/enquiries", json=BODY | change)
        assert (refused.status_code, refused.json()["error"].get("field")) == (status, field)
        assert refused.json()["error"]["hint"]

    def test_it_may_tell_the_ranking_where_it_came_from(self, offered: People) -> None:
        given_one = answer(["L-a"])  # type: ignore[arg-type]  # ids of several letters
        put(offered.database, given_one)
        made = sent(offered, answer_id=given_one.id)
        assert "answer_id" not in made
        lead(offered.operator, made["id"], "answered")
        lead(offered.requester, made["id"], "contracted")
        sent(offered, answer_id="unknown", listing_id="L-a2")
        with offered.database.reading() as session:
            acts = set(session.scalars(select(FeedbackRow.act)))
        assert acts == {"enquired", "contracted"}


class TestTalking:
    def test_from_the_first_word_to_the_last(self, offered: People) -> None:
        made = sent(offered)
        path = f"/v1/enquiries/{made['id']}"
        assert lead(offered.operator, made["id"], "read").json()["state"] == "read"
        said = offered.operator.post(f"{path}/messages", json={"text": "欢迎周二来"})
        assert (said.status_code, said.json()["state"], said.headers["ETag"]) == (201, "answered", '"3"')
        assert lead(offered.requester, made["id"], "visiting").json()["state_name"] == "考察中"
        assert lead(offered.requester, made["id"], "contracted").status_code == 200
        done = lead(offered.requester, made["id"], "completed", "合作愉快")
        assert done.json()["entries"][-1]["text"] == "合作愉快"
        assert done.json()["moves"] == []
        subjects = [one["subject"] for one in offered.requester.get("/v1/messages").json()["messages"]]
        assert sorted(subjects) == ["对接申请:已答复", "对接申请:已阅"]
        heard = offered.operator.get("/v1/messages").json()["messages"]
        assert len(heard) == 4
        assert {one["about_id"] for one in heard} == {made["id"]}

    def test_an_older_version_is_refused(self, offered: People) -> None:
        made = sent(offered)
        assert lead(offered.operator, made["id"], "read", **{"If-Match": '"1"'}).status_code == 200
        assert lead(offered.operator, made["id"], "answered", **{"If-Match": '"1"'}).status_code == 412
        assert lead(offered.operator, made["id"], "answered", **{"If-Match": "1"}).status_code == 422
        assert lead(offered.operator, made["id"], "answered").status_code == 200

    def test_what_can_t_be_done_says_what_can(self, offered: People) -> None:
        made = sent(offered)
        refused = lead(offered.operator, made["id"], "visiting")
        assert refused.status_code == 409
        assert refused.json()["error"]["hint"] == "现在可以标为:已阅、已答复、已婉拒"
        assert lead(offered.operator, made["id"], "contracted").status_code == 403
        assert lead(offered.operator, made["id"], "declined").json()["error"]["field"] == "note"
        assert lead(offered.operator, made["id"], "lost").status_code == 422

    def test_a_webhook_hears_of_it(self, offered: People) -> None:
        hook = {"url": "http://127.0.0.1:9/hook", "topics": ["enquiries"]}
        assert offered.operator.post("/v1/webhooks", json=hook).status_code == 201
        sent(offered)
        assert offered.admin.get("/v1/outbox?state=waiting").json()["waiting"] == 1


class TestLists:
    def test_one_s_own_by_state_in_pages(self, offered: People) -> None:
        first, second = sent(offered), sent(offered, listing_id="L-a2")
        lead(offered.operator, first["id"], "read")
        for client in (offered.requester, offered.operator, offered.admin):
            response = client.get("/v1/enquiries?size=1")
            found = EnquiriesAnswer.model_validate_json(response.content)
            assert (found.total, found.size, found.states["sent"], found.states["read"]) == (2, 1, 1, 1)
            assert found.enquiries[0].id == first["id"]
            only = client.get("/v1/enquiries?state=sent").json()
            assert [one["id"] for one in only["enquiries"]] == [second["id"]]
            for words in ("李工", "21234567", "li@example.cn"):
                assert words not in response.text

    def test_the_queue_is_the_platform_s(self, offered: People) -> None:
        for name in ("requester", "operator", "broker"):
            assert getattr(offered, name).get("/v1/enquiries?box=queue").status_code == 403
        assert offered.admin.get("/v1/enquiries?box=queue").json()["total"] == 0

    @pytest.mark.parametrize("query", ["state=lost", "box=mine", "page=0", "size=101", "who=me", "listing_id="])
    def test_what_can_t_be_asked(self, offered: People, query: str) -> None:
        assert offered.requester.get(f"/v1/enquiries?{query}").status_code == 422


class TestThirdParties:
    @pytest.fixture
    def before_and_after(self, offered: People) -> tuple[list[str], list[str]]:
        """All that third parties can ask for, before there is an enquiry and after it has gone its way."""
        need = need_id(offered)
        before = self.everything(offered, need)
        made = sent(offered, need_id=need, share=["text", "budget_wan"])
        offered.operator.post(f"/v1/enquiries/{made['id']}/messages", json={"text": "代号丁,欢迎"})
        lead(offered.requester, made["id"], "visiting", "代号丁")
        return before, self.everything(offered, need)

    def everything(self, people: People, need: str) -> list[str]:
        paths = (
            "/v1/enquiries",
            "/v1/enquiries?listing_id=L-a",
            f"/v1/enquiries?need_id={need}",
            "/v1/enquiries?state=visiting",
            "/v1/enquiries/enq-none",
            "/v1/messages",
            "/v1/needs/board",
            f"/v1/needs/{need}",
            "/v1/listings/L-a",
            "/v1/listings?size=5",
            "/v1/feed?after=0",
        )
        clients = [people.anonymous, *(getattr(people, name) for name in STRANGERS)]
        return [f"{path} {one.status_code} {one.text}" for path in paths for one in (c.get(path) for c in clients)]

    def test_nothing_that_they_can_ask_for_changes(self, before_and_after: tuple[list[str], list[str]]) -> None:
        before, after = before_and_after
        assert before == after
        assert not any(words in one for words in SECRETS for one in after)

    def test_what_is_there_is_to_them_as_what_is_not(self, offered: People) -> None:
        made = sent(offered)["id"]
        for name in STRANGERS:
            client = getattr(offered, name)
            for method, tail, body in (
                ("GET", "", None), ("POST", "/state", {"state": "read"}), ("POST", "/messages", {"text": "您好"}),
            ):  # fmt: skip
                known = client.request(method, f"/v1/enquiries/{made}{tail}", json=body)
                unknown = client.request(method, f"/v1/enquiries/enq-none{tail}", json=body)
                assert (known.status_code, unknown.status_code) == (404, 404)
                assert known.text.replace(made, "enq-none") == unknown.text

    def test_the_operator_sees_no_more_of_the_need_than_was_shared(self, offered: People) -> None:
        need = need_id(offered)
        made = sent(offered, need_id=need, share=["budget_wan"])
        assert offered.operator.get(f"/v1/needs/{need}").status_code == 404
        for path in (f"/v1/enquiries/{made['id']}", "/v1/enquiries", "/v1/messages"):
            assert "代号戊" not in offered.operator.get(path).text
            assert need not in offered.operator.get(path).text.replace(f'"need": {{"id": "{need}"', "")

    def test_withdrawn_the_operator_has_neither_contact_nor_need(self, offered: People) -> None:
        made = sent(offered, need_id=need_id(offered), share=["text"])
        assert "代号戊" in offered.operator.get(f"/v1/enquiries/{made['id']}").text
        lead(offered.requester, made["id"], "withdrawn")
        left = offered.operator.get(f"/v1/enquiries/{made['id']}")
        assert (left.json()["contact"], left.json()["need"]) == (None, None)
        for words in ("代号戊", "李工", "21234567"):
            assert words not in left.text

    def test_the_requester_sees_who_may_read_what_and_takes_it_back(self, offered: People) -> None:
        need = need_id(offered)
        made = sent(offered, need_id=need, share=["text"])
        path = f"/v1/needs/{need}/consents"
        given_one = offered.requester.get(path).json()["consents"][0]
        assert (given_one["chosen"], given_one["fields"]) == (False, ["text"])
        assert offered.requester.delete(f"{path}/{offered.orgs['org']}").status_code == 204
        assert "代号戊" not in offered.operator.get(f"/v1/enquiries/{made['id']}").text

    def test_a_hidden_listing_leaves_the_enquiry_and_takes_its_name(self, offered: People) -> None:
        made = sent(offered)["id"]
        assert offered.admin.post("/v1/listings/L-a/hiding", json={"reason": "被投诉"}).status_code == 200
        own = offered.requester.get(f"/v1/enquiries/{made}")
        assert own.json()["listing"] == {"id": "L-a", "kind": None, "kind_name": None, "name": None, "operator": None}
        assert "名称L-a" not in own.text + offered.requester.get("/v1/messages").text
        assert offered.operator.get(f"/v1/enquiries/{made}").json()["listing"]["name"] == "名称L-a"

    def test_an_admin_s_look_is_written_down(self, offered: People) -> None:
        made = sent(offered)["id"]
        offered.admin.get(f"/v1/enquiries/{made}")
        audit = offered.admin.get(f"/v1/audit?about_id={made}").json()
        assert [one["action"] for one in audit["entries"]] == ["enquiry.read", "enquiry.create"]
        assert not any(words in str(audit) for words in SECRETS)


anything = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3)
bodies = st.dictionaries(st.sampled_from([*BODY, "need_id", "share", "answer_id", "x"]), anything, max_size=6)


@given(bodies)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_the_answer_is_an_enquiry_or_the_one_error_body(offered: People, body: dict[str, Any]) -> None:
    response = offered.requester.post("/v1/enquiries", json={"listing_id": "L-a", "text": "发酵"} | body)
    if response.status_code == 201:
        EnquiryAnswer.model_validate_json(response.content)
        lead(offered.requester, response.json()["id"], "withdrawn")
    else:
        assert response.status_code in (404, 409, 422, 429)
        ErrorBody.model_validate_json(response.content)
