"""A rule on its way: made, published, served in the next answer, told to everybody it concerns, and rolled back."""

from __future__ import annotations

from typing import Any

from matcher.catalogue.database import Database
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow
from tests.api.edited_profiles import PIN, made
from tests.api.people import People
from tests.api.test_fitting_needs import publish
from tests.api.test_matches_by_profile import NEED, Portal, people, portal

__all__ = ["people", "portal"]

HIDE = PIN | {"what": "hide", "listing_id": "PF-1", "reason": "资质存疑", "when": {"words": ["发酵罐"]}}


def passed(database: Database, profile_id: str) -> None:
    """The gate has passed it: what a gate is, is tried elsewhere."""
    with database.session() as session:
        present = published(session)
        assert present is not None
        values: dict[str, Any] = {"judgement_set": "s", "verdict": "passed", "report": {}}
        session.add(GateRow(id=new_key("gate"), profile_id=profile_id, against_id=present.id, **values))


def drafted(people: People, base: str) -> str:
    """A draft with a pin, a hide and a group of synonyms."""
    latest = made(people.admin.post(f"/v1/profiles/{base}/rules", json=PIN))["profile"]["id"]
    latest = made(people.admin.post(f"/v1/profiles/{latest}/rules", json=HIDE))["profile"]["id"]
    body = {"terms": ["中试放大", "晶圆流片"]}
    made_of: str = made(people.admin.post(f"/v1/profiles/{latest}/synonyms", json=body))["profile"]["id"]
    return made_of


def test_from_a_draft_to_everybody_and_back(portal: Portal, people: People) -> None:
    base = portal.store(20.0, published=True)
    before = portal.match(people.anonymous)
    assert "PF-1" in [one["listing"]["id"] for one in before["matches"]]
    draft = drafted(people, base.id)
    assert portal.match(people.anonymous)["rules"] == []
    assert portal.match(people.admin, profile=draft)["rules"] == ["置顶:省级示范", "屏蔽:资质存疑"]

    passed(portal.database, draft)
    path = f"/v1/profiles/{draft}/publication"
    assert people.admin.post(path, json={"reason": "示范平台置顶"}).status_code == 201
    after = portal.match(people.anonymous)
    assert (after["matches"][0]["listing"]["id"], after["matches"][0]["rule"]) == ("SO-1", "置顶:省级示范")
    assert after["rules"] == ["置顶:省级示范", "屏蔽:资质存疑"]
    assert "PF-1" not in [one["listing"]["id"] for one in after["matches"] + after["near_misses"]]

    why = people.anonymous.post("/v1/explanations", json=NEED | {"listing_id": "PF-1"}).json()
    assert (why["removal"], why["advice"]) == ("管理员屏蔽:资质存疑", [])
    why = people.anonymous.post("/v1/explanations", json=NEED | {"listing_id": "SO-1"}).json()
    assert (why["rank"], why["rule"]) == (1, "置顶:省级示范")

    entry = people.anonymous.get("/v1/ledger").json()["entries"][-1]
    assert entry["content"]["reason"] == "示范平台置顶"
    added = entry["content"]["changes"]["rules"]["added"]
    assert [(one["what"], one["listing_id"]) for one in added] == [("pin", "SO-1"), ("hide", "PF-1")]
    assert entry["content"]["changes"]["synonyms_added"]["added"] == [["中试放大", "晶圆流片"]]
    assert "张三" not in people.anonymous.get("/v1/ledger").text + people.anonymous.get("/v1/ranking").text

    assert people.admin.post("/v1/profiles/rollback", json={"reason": "投诉"}).status_code == 201
    again = portal.match(people.anonymous)
    assert [one["listing"]["id"] for one in again["matches"]] == [one["listing"]["id"] for one in before["matches"]]
    assert again["rules"] == []


def test_an_operator_reads_it_beside_the_need(portal: Portal, people: People) -> None:
    base = portal.store(20.0, published=True)
    need_id = publish(people, NEED)
    draft = drafted(people, base.id)
    passed(portal.database, draft)
    assert people.admin.post(f"/v1/profiles/{draft}/publication", json={"reason": "试"}).status_code == 201
    query = {"least": "weak"}
    needs = {one: people.admin.get(f"/v1/listings/{one}/needs", params=query).json() for one in ("SO-1", "PF-1")}
    assert [one["rule"] for one in needs["SO-1"]["needs"]] == ["置顶:省级示范"]
    assert (needs["PF-1"]["needs"], needs["PF-1"]["removed"]) == ([], 1)
    standing = people.admin.get(f"/v1/listings/PF-1/needs/{need_id}").json()["standing"]
    assert standing["removal"] == "管理员屏蔽:资质存疑"
