"""Judging over HTTP: from an empty set to grades that hold, by people who don't see each other's work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.judgement_answers import AgreementsAnswer, FrozenAnswer, JudgementImportAnswer, NextAnswer, QueueAnswer
from api.judgements import RANKED_MAX
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.listings.bulk import put_many
from tests.api.people import People
from tests.matcher.small import LISTINGS

NEEDS = "\n".join(json.dumps({"id": f"N-{n}", "description": f"第{n}个发酵放大", "source_url": "x"}) for n in (1, 2))
CSV = "need_id,listing_id,grade,judge\nN-1,PF-1,3,ann\nN-1,PF-1,1,bob\nN-1,PF-2,0,ann\nN-1,PF-2,0,bob\nN-2,PF-3,2,ann\n"
RUNS = [
    {"name": "a", "rankings": {"N-1": ["PF-1", "PF-2"], "N-2": ["PF-3"]}},
    {"name": "b", "rankings": {"N-1": ["PF-2", "MF-1"]}},
]


@pytest.fixture
def judged(people: People) -> str:
    """A set with needs, over the small catalogue."""
    with people.database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
    made = people.admin.post("/v1/judgement-sets", json={"name": "dev", "description": "开发用"})
    assert made.status_code == 201
    path = f"/v1/judgement-sets/{made.json()['id']}"
    assert made.headers["location"] == path
    sent(people.admin, path, needs=NEEDS)
    return path


def sent(client: TestClient, path: str, file: str | bytes | None = None, needs: str | None = None, **data: Any) -> Any:
    """A file previewed and confirmed."""
    files = {name: ("f", one) for name, one in (("file", file), ("needs", needs)) if one is not None}
    found = client.post(f"{path}/imports", files=files, data=data).json()
    assert found["problem_count"] == 0, found
    done = client.post(f"{path}/imports/confirmation", files=files, data=data | {"hash": found["hash"]})
    assert done.status_code == 200, done.text
    assert JudgementImportAnswer.model_validate(done.json()).written
    return done.json()


def queue(people: People, path: str, **body: Any) -> Any:
    judges = [people.ids["broker"], people.ids["admin"]]
    return people.admin.post(f"{path}/queue", json={"judges": judges, "each": 2, "runs": RUNS} | body)


def error_of(response: Any) -> tuple[int, str | None]:
    return response.status_code, response.json()["error"].get("field")


def test_from_rankings_to_grades_that_hold(people: People, judged: str) -> None:
    made = queue(people, judged)
    assert made.json()["added"] == 8
    assert {one["open"] for one in QueueAnswer.model_validate(made.json()).model_dump()["judges"]} == {4}
    # Blind: neither the source nor the rank nor another judge's grade is in what a judge gets.
    first = people.broker.get(f"{judged}/next").json()
    NextAnswer.model_validate(first)
    assert [one["grade"] for one in first["guideline"]] == [3, 2, 1, 0]
    assert set(first["task"]) == {"need", "listing"}
    assert first["task"]["need"]["fields"] == {}
    for client, grades in ((people.broker, {"PF-1": 3}), (people.admin, {"PF-1": 1})):
        answer = client.get(f"{judged}/next").json()
        while answer["task"]:
            pair = {"need_id": answer["task"]["need"]["id"], "listing_id": answer["task"]["listing"]["id"]}
            grade = grades.get(pair["listing_id"], 0)
            answer = client.put(f"{judged}/grades", json=pair | {"grade": grade}).json()
        assert (answer["progress"]["open"], answer["progress"]["graded"]) == (0, 4)
    found = people.admin.get(f"{judged}/agreement").json()
    AgreementsAnswer.model_validate(found)
    assert (found["judges"][0]["pairs"], found["judges"][0]["same"], found["total"]) == (4, 0.75, 1)
    # O: (3, 1) once, (0, 0) thrice: Σ wO = 4; Σ wE = (9 · 3 + 3 · 1 + 4) / 4.
    assert found["kappa"] == found["judges"][0]["kappa"] == pytest.approx(1 - 4 / (34 / 4), abs=1e-4)
    assert found["disagreements"][0]["grades"] == {people.ids["broker"]: 3, people.ids["admin"]: 1}
    pair = {"need_id": "N-1", "listing_id": "PF-1", "grade": 2, "reason": "部分工序"}
    assert people.admin.put(f"{judged}/adjudications", json=pair).json()["adjudications"] == 1
    assert people.admin.get(f"{judged}/agreement").json()["disagreements"][0]["adjudicated"] == 2
    qrels = people.admin.get(f"{judged}/exports", params={"form": "qrels"})
    assert qrels.text == "N-1\t0\tMF-1\t0\nN-1\t0\tPF-1\t2\nN-1\t0\tPF-2\t0\nN-2\t0\tPF-3\t0\n"
    assert "judgements-dev-1.tsv" in qrels.headers["content-disposition"]


def test_skipping(people: People, judged: str) -> None:
    queue(people, judged)
    first = people.broker.get(f"{judged}/next").json()["task"]
    pair = {"need_id": first["need"]["id"], "listing_id": first["listing"]["id"]}
    after = people.broker.post(f"{judged}/skips", json=pair).json()
    assert (after["progress"]["open"], after["progress"]["skipped"]) == (3, 1)
    assert after["task"] != first


def test_brokers_see_their_own_progress_alone(people: People, judged: str) -> None:
    queue(people, judged)
    assert [one["judge"] for one in people.broker.get(f"{judged}/queue").json()["judges"]] == [people.ids["broker"]]
    assert len(people.admin.get(f"{judged}/queue").json()["judges"]) == 2


def test_a_pair_of_nobodys_queue_is_not_there_for_a_broker(people: People, judged: str) -> None:
    pair = {"need_id": "N-1", "listing_id": "PF-1", "grade": 2}
    assert people.broker.put(f"{judged}/grades", json=pair).status_code == 404
    unknown = people.broker.put(f"{judged}/grades", json=pair | {"listing_id": "XX"})
    assert unknown.json() == people.broker.put(f"{judged}/grades", json=pair).json()
    assert people.admin.put(f"{judged}/grades", json=pair).status_code == 200


@pytest.mark.parametrize("grade", [4, -1, "2", 1.5, True, None])
def test_grades_that_are_none(people: People, judged: str, grade: Any) -> None:
    pair = {"need_id": "N-1", "listing_id": "PF-1", "grade": grade}
    assert error_of(people.admin.put(f"{judged}/grades", json=pair)) == (422, "grade")
    assert error_of(people.admin.put(f"{judged}/adjudications", json=pair)) == (422, "grade")


def test_freezing_and_what_is_refused_after_it(people: People, judged: str) -> None:
    assert people.admin.post(f"{judged}/freezing").status_code == 409
    sent(people.admin, judged, CSV)
    found = people.admin.post(f"{judged}/freezing", json={"description": "第二版"})
    FrozenAnswer.model_validate(found.json())
    assert found.json()["frozen"]["content_hash"]
    following = found.json()["open"]
    assert (following["version"], following["description"], following["judgements"]) == (2, "第二版", 5)
    pair = {"need_id": "N-1", "listing_id": "PF-1", "grade": 2}
    for response in (
        people.admin.post(f"{judged}/freezing"),
        people.admin.put(f"{judged}/grades", json=pair),
        people.admin.put(f"{judged}/adjudications", json=pair),
        people.admin.post(f"{judged}/imports", files={"file": ("f", CSV)}),
        queue(people, judged),
    ):
        assert response.status_code == 409, response.text
    listed = people.broker.get("/v1/judgement-sets").json()["sets"]
    assert [(one["name"], one["version"]) for one in listed] == [("dev", 2), ("dev", 1)]
    assert people.admin.get(f"{judged}").json() == listed[1]


def test_a_name_is_taken_once_and_sending_again_makes_no_second(people: People, judged: str) -> None:
    assert error_of(people.admin.post("/v1/judgement-sets", json={"name": "dev"})) == (409, "name")
    key = {"Idempotency-Key": "k1"}
    first, second = (people.admin.post("/v1/judgement-sets", json={"name": "b"}, headers=key) for _ in range(2))
    assert first.json() == second.json()
    assert error_of(people.admin.post("/v1/judgement-sets", json={"name": "A B"})) == (422, "name")


def test_a_file_is_previewed_and_confirmed(people: People, judged: str) -> None:
    files = {"file": ("f.csv", CSV)}
    found = people.admin.post(f"{judged}/imports", files=files).json()
    assert (found["grades"], found["judges"]) == ({"new": 5, "changed": 0, "same": 0}, {"ann": 3, "bob": 2})
    assert people.admin.get(judged).json()["judgements"] == 0
    stale = people.admin.post(f"{judged}/imports/confirmation", files=files, data={"hash": "0" * 64})
    assert error_of(stale) == (409, "hash")
    assert sent(people.admin, judged, CSV)["grades"]["new"] == 5
    exported = people.admin.get(f"{judged}/exports")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    # What went out comes in again, into another set.
    other = people.admin.post("/v1/judgement-sets", json={"name": "copy"}).json()["id"]
    needs = people.admin.get(f"{judged}/exports", params={"form": "needs"}).text
    sent(people.admin, f"/v1/judgement-sets/{other}", exported.content, needs)
    assert people.admin.get(f"/v1/judgement-sets/{other}/exports").content == exported.content


@pytest.mark.parametrize(
    ("file", "data", "status", "field"),
    [
        ("", {}, 422, "file"),
        ("标注,等级\n".encode("gb18030"), {}, 422, "file"),
        ("a,b\n1,2\n", {}, 422, "file"),
        (None, {}, 422, "file"),
        (CSV, {"form": "xlsx"}, 422, "form"),
        ("N-1 0 PF-1 1", {"form": "qrels", "judge": "a b"}, 422, "judge"),
        ("N-1 0 PF-1 1\n" * 100_001, {"form": "qrels"}, 413, "file"),
    ],
)
def test_files_that_cannot_be_read(
    people: People, judged: str, file: str | bytes | None, data: dict[str, str], status: int, field: str
) -> None:
    files = None if file is None else {"file": ("f", file)}
    response = people.admin.post(f"{judged}/imports", files=files, data=data or {"form": "csv"})
    assert error_of(response) == (status, field)


def test_rows_at_fault_are_told_and_nothing_is_written(people: People, judged: str) -> None:
    files = {"file": ("f", CSV + "N-9,PF-1,1,ann\nN-1,XX,1,ann\nN-1,PF-3,9,ann\nN-1,PF-1,3,ann\n")}
    found = people.admin.post(f"{judged}/imports", files=files).json()
    assert {(one["line"], one["code"]) for one in found["problems"]} == {
        (7, "unknown_need"),
        (8, "unknown_listing"),
        (9, "grade"),
        (10, "duplicate"),
    }
    refused = people.admin.post(f"{judged}/imports/confirmation", files=files, data={"hash": found["hash"]})
    assert error_of(refused) == (422, "file")
    assert people.admin.get(judged).json()["judgements"] == 0


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"judges": []}, 422, "judges"),
        ({"judges": ["nobody"], "each": 1}, 422, "judges"),
        ({"each": 3}, 422, "judges"),
        ({"depth": 0}, 422, "depth"),
        ({"runs": [{"name": "a", "rankings": {"N-9": ["PF-1"]}}]}, 422, "runs"),
        ({"runs": [{"name": "a", "rankings": {"N-1": ["XX"]}}]}, 422, "runs"),
        ({"runs": [{"name": "a", "rankings": {"N-1": ["PF-1", "PF-1"]}}]}, 422, "runs"),
        ({"runs": [RUNS[0], RUNS[0]]}, 422, "runs"),
        ({"profiles": ["unknown"]}, 404, "profile"),
    ],
)
def test_queues_that_cannot_be_made(people: People, judged: str, body: dict[str, Any], status: int, field: str) -> None:
    assert error_of(queue(people, judged, **body)) == (status, field)


def test_a_judge_named_twice(people: People, judged: str) -> None:
    twice = [people.ids["broker"]] * 2
    assert error_of(queue(people, judged, judges=twice)) == (422, "judges")


def test_without_runs_the_published_ranking_is_judged(people: People, judged: str) -> None:
    made = queue(people, judged, runs=[], depth=3, each=1)
    assert made.json()["added"] == 6
    empty = people.admin.post("/v1/judgement-sets", json={"name": "empty"}).json()["id"]
    assert error_of(queue(people, f"/v1/judgement-sets/{empty}", runs=[])) == (422, "profiles")


def test_more_needs_than_are_ranked_at_once(people: People, judged: str) -> None:
    many = "\n".join(json.dumps({"id": f"M-{n}", "title": "发酵"}) for n in range(RANKED_MAX))
    sent(people.admin, judged, needs=many)
    assert error_of(queue(people, judged, runs=[])) == (413, "profiles")


def test_a_pair_with_a_nul_is_refused(people: People, judged: str) -> None:
    pair = {"need_id": "N-1\x00", "listing_id": "PF-1", "grade": 1}
    assert error_of(people.admin.put(f"{judged}/grades", json=pair)) == (422, "need_id")
