"""A day of an administrator, through the API of two server processes over one database.

Judgements come in; a draft is previewed; the gate blocks it, because it harms one slice although the mean rises; it is
mended, passes, and is published; but it holds a rule that nobody judged: real requesters find nothing, the alarm rings,
and the profile before is back. At each step both processes serve the order that they should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.passwords import hash_password
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.database import Database
from matcher.catalogue.ledger import entries, verify
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.ranking.document_changes import changed
from matcher.ranking.documents import Document
from matcher.records import Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.api.small_server import servers, wait
from tests.matcher.evaluation.small_judged import CONTRARY, divided
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_following import Site

PASSWORD = "发酵-中试-2026-平台"
HARMED = 12
#: Whose order tells the profiles apart.
PROBE = {"text": "酶制剂发酵工艺验证", "top": 8}
#: Real requesters ask for this; of all manufacturers MF-1 alone is in Guangdong.
CUSTOM = {"text": "在广东做化学原料药定制生产", "kinds": ["manufacturer"], "must": ["place"]}
#: Too wide by far: meant for one workshop, it hides the plant from everybody who asks for custom work.
HIDE = {
    "id": "r-1", "what": "hide", "listing_id": "MF-1", "reason": "车间检修,暂停接单", "owner": "王工",
    "expires": "2099-12-31", "when": {"words": ["定制"]},
}  # fmt: skip
HARMFUL = {"weights": CONTRARY.weights}
MENDED = {"weights": {"dense": 20.0}, "rules": [HIDE]}
#: A process follows another within a second; a machine that runs other tests beside may need longer to get its turn.
FOLLOWING = 10.0
#: Counts go out every two seconds, and are looked at every five.
WATCHING = 40.0
ANSWERS = 60

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Day:
    """Two processes, an administrator signed in to both, and what each profile would answer."""

    def __init__(self, database: Database, folder: Path, clients: Sequence[httpx2.Client]) -> None:
        self.database = database
        self.here, self.there = clients
        self.matcher = Site(database, folder).follower().live.current
        self._vocabulary = Vocabulary.load(Settings(_env_file=None, data=folder))
        self.before, self.harmful = Document(PROFILE), changed(Document(PROFILE), HARMFUL)
        self.mended = changed(Document(PROFILE), MENDED)

    def by(self, document: Document) -> Matcher:
        return self.matcher.with_document(document, self._vocabulary)

    def order(self, document: Document) -> list[str]:
        """What should be served for the probe."""
        found = self.by(document).match(Need(PROBE["text"]), top=PROBE["top"])
        return [match.listing.id for match in found.matches]

    def served(self, client: httpx2.Client) -> tuple[str, list[str]]:
        """By which version, and in what order."""
        answer = told(client.post("/v1/matches", json=PROBE), 200)
        return answer["profile"]["version"], [match["listing"]["id"] for match in answer["matches"]]

    def both_serve(self, document: Document, version: str, *, at_once: httpx2.Client | None = None) -> None:
        """Both processes serve by a document; the one that wrote does so in its very next answer."""
        wanted = version, self.order(document)
        if at_once is not None:
            assert self.served(at_once) == wanted
        for client in (self.here, self.there):
            wait(lambda: self.served(client)[0] == version, FOLLOWING)  # noqa: B023  # called before the next round
            assert self.served(client) == wanted

    def judged(self) -> JudgedSet:
        """The harmful draft is right about all needs but those of the food industry."""
        return divided(self.matcher, self.by(self.harmful), harmed=HARMED)


def told(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


def sign_in(client: httpx2.Client) -> None:
    told(client.post("/v1/session", json={"email": "admin@city.gov.cn", "password": PASSWORD}), 200)
    client.headers["X-CSRF-Token"] = told(client.get("/v1/session"), 200)["csrf_token"]


@pytest.fixture
def day(database: Database, tmp_path: Path) -> Iterator[Day]:
    Site(database, tmp_path).put(*LISTINGS)
    with database.session() as session:
        fields = UserFields("admin@city.gov.cn", "王工", "admin", None)
        add_user(session, CONSOLE, fields, password_hash=hash_password(PASSWORD), email_verified=True)
        publish(session, CONSOLE, create(session, CONSOLE, "city", Document(PROFILE), "随附").id, "首次启动")
    with servers(database, tmp_path) as clients:
        for client in clients:
            sign_in(client)
        yield Day(database, tmp_path, clients)


def test_a_day(day: Day) -> None:
    orders = [day.order(one) for one in (day.before, day.harmful, day.mended)]
    assert orders[0] not in orders[1:], "else nothing below would show"
    assert orders[1] != orders[2]
    day.both_serve(day.before, "1")

    judgement_set = judgements_come_in(day)
    harmful = a_draft_is_made(day, HARMFUL, "向量信号反着用,似乎更准")
    it_is_previewed(day, harmful, judgement_set)
    the_gate_blocks_it(day, harmful, judgement_set)
    day.both_serve(day.before, "1")

    mended = a_draft_is_made(day, MENDED, "只加大语义信号;检修期间暂停岭南")
    the_gate_passes_it(day, mended, judgement_set)
    the_alarm_is_set(day)
    requesters_ask(day, {"1": ["MF-1"]})
    done = told(day.here.post(f"/v1/profiles/{mended}/publication", json={"reason": "更准"}), 201)
    assert done["what"] == "publish"
    day.both_serve(day.mended, "3", at_once=day.here)

    # The alarm may ring before the last of them has asked.
    requesters_ask(day, {"3": [], "1": ["MF-1"]})
    wait(lambda: bool(day.there.get("/v1/alarms").json()["alarms"]), WATCHING)
    day.both_serve(day.before, "1")
    requesters_ask(day, {"1": ["MF-1"]})
    the_alarm_is_read(day, mended)
    it_is_all_written_down(day, mended)


def judgements_come_in(day: Day) -> str:
    """The name of a frozen version."""
    judged = day.judged()
    made = told(day.here.post("/v1/judgement-sets", json={"name": "day"}), 201)
    industries = {one.id: list(one.industry) for one in judged.traits}
    needs = "".join(
        json.dumps({"id": one.id, "description": one.text, "province": one.province,
                    "industry": industries[str(one.id)]}, ensure_ascii=False) + "\n"
        for one in judged.needs
    )  # fmt: skip
    grades = "need_id,listing_id,grade,judge\n" + "".join(
        f"{need_id},{listing_id},{grade},专家组\n"
        for need_id, graded in judged.judgements.grades.items()
        for listing_id, grade in graded.items()
    )
    files = {"file": ("grades.csv", grades.encode()), "needs": ("needs.jsonl", needs.encode())}
    path = f"/v1/judgement-sets/{made['id']}"
    preview = told(day.here.post(f"{path}/imports", files=files), 200)
    # Sent to the other process, which knows nothing of the preview but what the database holds.
    told(day.there.post(f"{path}/imports/confirmation", files=files, data={"hash": preview["hash"]}), 200)
    told(day.here.post(f"{path}/freezing"), 200)
    return "day@1"


def a_draft_is_made(day: Day, changes: dict[str, Any], reason: str) -> str:
    made = told(day.here.post("/v1/profiles", json={"base": "city@1", "changes": changes, "reason": reason}), 201)
    assert made["state"] == "draft"
    return str(made["id"])


def it_is_previewed(day: Day, draft: str, judgement_set: str) -> None:
    body = {"profile": draft, "judgement_set": judgement_set, "need": PROBE["text"]}
    found = told(day.here.post("/v1/previews", json=body), 200)
    assert found["judged"]["after"]["ndcg@10"] > found["judged"]["before"]["ndcg@10"], "the mean rises"
    moved = next(one for one in found["need"]["moved"] if one["after"]["rank"] == 1)
    assert moved["listing_id"] == day.order(day.harmful)[0]
    assert moved["why"]
    # An admin may look at answers by it; nobody else is served any.
    named = told(day.there.post("/v1/matches", json=PROBE | {"profile": draft}), 200)
    assert [match["listing"]["id"] for match in named["matches"]] == day.order(day.harmful)


def the_gate_blocks_it(day: Day, draft: str, judgement_set: str) -> None:
    found = told(day.here.post(f"/v1/profiles/{draft}/gates", json={"judgement_set": judgement_set}), 201)
    assert found["verdict"] == "blocked"
    assert found["report"]["overall"][0]["difference"] > 0.1
    food = next(one for one in found["report"]["groups"] if (one["dimension"], one["value"]) == ("industry", "食品"))
    assert food["regressed"]
    assert "行业“食品”" in found["why"]
    for client in (day.here, day.there):
        told(client.post(f"/v1/profiles/{draft}/publication", json={"reason": "均值高了"}), 409)


def the_gate_passes_it(day: Day, draft: str, judgement_set: str) -> None:
    found = told(day.there.post(f"/v1/profiles/{draft}/gates", json={"judgement_set": judgement_set}), 201)
    assert found["verdict"] == "passed", found["why"]


def the_alarm_is_set(day: Day) -> None:
    path = "/v1/watch/thresholds"
    seen = day.here.get(path)
    zero = {"level": "hard", "limit": None, "worse": 0.2, "least": ANSWERS // 2}
    told(day.here.put(path, json={"metrics": {"zero": zero}}, headers={"If-Match": seen.headers["ETag"]}), 200)


def requesters_ask(day: Day, wanted: dict[str, list[str]]) -> None:
    """A need that no judge has seen, to both processes in turn; what each version should bring."""
    for number in range(ANSWERS):
        answer = told((day.here, day.there)[number % 2].post("/v1/matches", json=CUSTOM), 200)
        assert [match["listing"]["id"] for match in answer["matches"]] == wanted[answer["profile"]["version"]]


def the_alarm_is_read(day: Day, mended: str) -> None:
    found = told(day.here.get("/v1/alarms", params={"open": True}), 200)
    assert (found["total"], found["open"]) == (1, 1)
    alarm = found["alarms"][0]
    assert (alarm["metric"], alarm["level"], alarm["profile_id"]) == ("zero", "hard", mended)
    assert (alarm["before"]["zero_share"], alarm["failure"]) == (0, None)
    assert alarm["after"]["zero_share"] > 0.5
    messages = told(day.there.get("/v1/messages"), 200)["messages"]
    assert [one["subject"] for one in messages] == ["排序方案报警:已自动回退到上一个方案"]
    path = f"/v1/alarms/{alarm['id']}/acknowledgement"
    told(day.there.post(path, json={"note": "屏蔽规则写得太宽"}), 201)
    told(day.here.post(path, json={}), 409)


def it_is_all_written_down(day: Day, mended: str) -> None:
    last, second, first = told(day.here.get("/v1/publications"), 200)["publications"]
    assert [one["publication"]["what"] for one in (first, second, last)] == ["publish", "publish", "automatic"]
    assert second["gate"]["verdict"] == "passed"
    assert second["changes"]["weights"] == {"dense": [PROFILE.weights["dense"], 20.0]}
    assert second["changes"]["rules"]["added"][0]["reason"] == HIDE["reason"]
    assert second["alarms"][0]["rollback"] == last["publication"]["number"]
    assert (second["before"]["zero"], second["after"]["zero"] > 0) == (0, True)
    assert told(day.there.get(f"/v1/profiles/{mended}"), 200)["state"] == "rolled_back"
    with day.database.reading() as session:
        chain = list(entries(session))
    assert [one.kind for one in chain] == ["profile.publish", "profile.publish", "profile.automatic"]
    assert verify(chain, told(day.there.get("/v1/ranking"), 200)["ledger"]["hash"]) == 3
    assert "王工" not in day.here.get("/v1/ledger").text, "who owns a rule is nobody's business"
    broken = [chain[0], replace(chain[1], content=chain[1].content | {"reason": "无"}), chain[2]]
    with pytest.raises(Exception, match="第 2 条"):
        verify(broken)
