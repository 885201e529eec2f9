"""The gate and previews over HTTP, with a real matcher over the small catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.gate_answers import GateAnswer, GatesAnswer, PreviewAnswer
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.drafts import create
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.ranking.documents import Document
from tests.api.people import People
from tests.api.tried_site import divided_set as divided_set
from tests.api.tried_site import tried_site
from tests.matcher.evaluation.small_judged import CONTRARY
from tests.matcher.small import PROFILE


@pytest.fixture
def site(database: Database, small_matcher: Matcher, divided_set: JudgedSet, tmp_path: Path) -> People:
    """A published profile, and a matcher that can be tried by others."""
    return tried_site(database, small_matcher, divided_set, tmp_path, name="default", stored=False)


def draft(site: People, document: Document | None = None) -> str:
    with site.database.session() as session:
        return create(session, CONSOLE, "city", document or Document(CONTRARY), "试一试").id


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


class TestGates:
    def test_a_draft_that_harms_one_slice_can_not_be_published(self, site: People) -> None:
        profile_id = draft(site)
        response = site.admin.post(f"/v1/profiles/{profile_id}/gates", json={"recent": ["晶圆流片"]})
        assert response.status_code == 201, response.text
        found = GateAnswer.model_validate(response.json())
        assert (found.verdict, found.profile_id, found.user_id) == ("blocked", profile_id, site.ids["admin"])
        assert "行业“食品”" in found.why
        assert found.report["overall"][0]["difference"] > 0
        assert [one["need_id"] for one in found.report["differences"]] == ["1"]
        assert "晶圆流片" not in response.text
        assert site.admin.get(f"/v1/profiles/{profile_id}").json()["state"] == "evaluated"
        refused = error_of(site.admin.post(f"/v1/profiles/{profile_id}/publication", json={"reason": "上线"}), 409)
        assert "门禁未通过" in refused["message"]

    def test_without_recent_needs_it_takes_what_anybody_reads_on_the_wall(self, site: People) -> None:
        def keep(text: str, level: str) -> str:
            body = {"text": text, "state": "published", "listed": True, "visibility": {"text": level}}
            made = site.requester.post("/v1/needs", json=body)
            assert made.status_code == 201, made.text
            return str(made.json()["id"])

        public = keep("晶圆流片", "public")
        keep("酶制剂发酵的秘方", "private")
        response = site.admin.post(f"/v1/profiles/{draft(site)}/gates")
        assert [one["need_id"] for one in response.json()["report"]["differences"]] == [public]
        assert "晶圆流片" not in response.text
        none = site.admin.post(f"/v1/profiles/{draft(site)}/gates", json={"recent": []})
        assert none.json()["report"]["differences"] == []

    def test_one_that_is_no_worse_can(self, site: People) -> None:
        profile_id = draft(site, Document(PROFILE))
        assert site.admin.post(f"/v1/profiles/{profile_id}/gates").json()["verdict"] == "passed"
        done = site.admin.post(f"/v1/profiles/{profile_id}/publication", json={"reason": "上线"})
        assert done.status_code == 201, done.text

    def test_what_was_found_is_listed(self, site: People) -> None:
        profile_id = draft(site)
        runs = [site.admin.post(f"/v1/profiles/{profile_id}/gates", json={}).json() for _ in range(2)]
        listed = GatesAnswer.model_validate(site.admin.get(f"/v1/profiles/{profile_id}/gates").json())
        assert listed.total == 2
        assert {one.id for one in listed.gates} == {one["id"] for one in runs}
        page = site.admin.get(f"/v1/profiles/{profile_id}/gates", params={"size": 1, "page": 2}).json()
        assert len(page["gates"]) == 1

    def test_what_is_refused(self, site: People) -> None:
        error_of(site.admin.post("/v1/profiles/none/gates", json={}), 404)
        error_of(site.admin.get("/v1/profiles/none/gates"), 404)
        profile_id = draft(site)
        error_of(site.admin.post(f"/v1/profiles/{profile_id}/gates", json={"recent": ["。"]}), 422)
        error_of(site.admin.post(f"/v1/profiles/{profile_id}/gates", json={"judgement_set": "none"}), 404)
        error_of(site.admin.post(f"/v1/profiles/{profile_id}/gates", json={"recent": ["发酵"] * 51}), 422)
        error_of(site.requester.post(f"/v1/profiles/{profile_id}/gates", json={}), 403)


def test_nothing_published_nothing_compared(people: People) -> None:
    with people.database.session() as session:
        profile_id = create(session, CONSOLE, "city", Document(CONTRARY), "试").id
    error_of(people.admin.post(f"/v1/profiles/{profile_id}/gates", json={}), 409)
    error_of(people.admin.post("/v1/previews", json={"profile": "city"}), 409)


class TestPreviews:
    def preview(self, client: TestClient, **body: Any) -> PreviewAnswer:
        response = client.post("/v1/previews", json=body)
        assert response.status_code == 200, response.text
        return PreviewAnswer.model_validate(response.json())

    def test_moved_weights_of_the_published_profile(self, site: People, divided_set: JudgedSet) -> None:
        same = self.preview(site.admin, profile="default")
        assert (same.judged.needs, same.judged.changed, same.need) == (40, 0, None)
        weights = CONTRARY.weights
        moved = self.preview(site.admin, profile="default", changes={"weights": weights}, need="晶圆流片")
        assert moved.judged.after["ndcg@10"] > moved.judged.before["ndcg@10"]
        assert moved.judged.judgement_set == divided_set.version
        assert moved.need is not None
        assert moved.need.moved[0].after.rank == 1
        assert moved.need.moved[0].why
        assert moved.against == "default 第 1 版"

    def test_a_stored_draft_and_a_whole_document_say_the_same(self, site: People, divided_set: JudgedSet) -> None:
        need_id = divided_set.needs[0].id
        stored = self.preview(site.admin, profile=draft(site), need_id=need_id)
        whole = self.preview(site.admin, document=Document(CONTRARY).as_dict(), need_id=need_id)
        assert stored.model_copy(update={"took_ms": 0}) == whole.model_copy(update={"took_ms": 0})

    def test_synonyms_are_measured_anew(self, site: People) -> None:
        changes = {"synonyms": {"add": [["酶制剂", "晶圆流片"]]}, "weights": {"words": 90.0}}
        found = self.preview(site.admin, profile="default", changes=changes, need="酶制剂")
        assert found.need is not None
        wafer = next(one for one in found.need.moved if one.listing_id == "PF-5")
        assert (wafer.after.rank or 99) < (wafer.before.rank or 0)
        assert wafer.why[0].feature == "words"

    def test_what_is_refused(self, site: People) -> None:
        whole = Document(PROFILE).as_dict()
        for body, field in (
            ({}, "profile"),
            ({"profile": "default", "document": whole}, "profile"),
            ({"document": whole, "changes": {}}, "changes"),
            ({"profile": "default", "changes": {"weights": {"colour": 1}}}, "changes.weights.colour"),
            ({"document": {"weights": 1}}, "document"),
            ({"profile": "default", "need": "发酵", "need_id": "N"}, "need"),
        ):
            assert error_of(site.admin.post("/v1/previews", json=body), 422)["field"] == field
        error_of(site.admin.post("/v1/previews", json={"profile": "none"}), 404)
        error_of(site.admin.post("/v1/previews", json={"profile": "default", "judgement_set": "none"}), 404)
        error_of(site.admin.post("/v1/previews", json={"profile": "default", "need_id": "none"}), 404)
        error_of(site.admin.post("/v1/previews", json={"profile": "default", "need": "。"}), 422)
        error_of(site.broker.post("/v1/previews", json={"profile": "default"}), 403)
