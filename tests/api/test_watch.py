"""Watching over HTTP: figures before and after, alarms, thresholds, what each publication did, exposure."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from api.ranking import RankingAnswer
from api.watch_answers import (
    AlarmAnswer,
    AlarmsAnswer,
    ExposureAnswer,
    PublicationsAnswer,
    ThresholdsAnswer,
    WatchAnswer,
)
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.gates import store_gate
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.publishing import history, publish
from matcher.catalogue.watching.alarms import ring
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.exposure import Month, month_of
from matcher.catalogue.watching.flushing import flush
from matcher.catalogue.watching.months import write_month
from matcher.today import today
from tests.api.people import People
from tests.matcher.catalogue.watching.scene import Clock, Scene, answer
from tests.matcher.small import LISTINGS


@pytest.fixture
def scene(people: People) -> Scene:
    """Two profiles, the second of which gives most requesters nothing."""
    made = Scene(people.database)
    made.publish(1.0)
    made.answers(300, "1")
    made.publish(2.0)
    made.answers(300, "2", empty=200)
    return made


def rang(scene: Scene) -> str:
    with scene.database.session() as session:
        return ring(session, scene.clock())[0].id


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


class TestWatch:
    def test_before_and_after_with_what_rings(self, people: People, scene: Scene) -> None:
        seen = WatchAnswer.model_validate(people.admin.get("/v1/watch").json())
        assert (seen.profile.version, seen.previous and seen.previous.version) == ("2", "1")
        assert seen.before is not None
        assert (seen.before.answers, seen.after.answers, seen.after.zero) == (300, 300, 200)
        ringing = [one for one in seen.readings if one.reason]
        assert [(one.metric, one.level, one.before) for one in ringing] == [("zero", "hard", 0)]
        assert seen.alarms
        rang(scene)
        seen = WatchAnswer.model_validate(people.admin.get("/v1/watch").json())
        assert (seen.publication.what, seen.profile.version, seen.alarms) == ("automatic", "1", False)

    def test_who_is_seen_more_and_who_less(self, people: People) -> None:
        scene = Scene(people.database)
        scene.publish(1.0)
        scene.counters.answered(answer("1", listings=LISTINGS[:1]), 1.0)
        scene.publish(2.0)
        scene.counters.answered(answer("2", listings=LISTINGS[1:3]), 1.0)
        flush(people.database, scene.counters)
        with people.database.session() as session:
            put_many(session, LISTINGS, CONSOLE)
        found = WatchAnswer.model_validate(people.admin.get("/v1/watch").json()).exposure
        assert [(one.name, one.before, one.after) for one in found.operators] == [
            ("珠江生物有限公司", 1, 0),
            ("太湖发酵工程中心", 0, 0.6131),
            ("闽江食品中试基地", 0, 0.3869),
        ]
        assert [(one.name, one.after) for one in found.regions] == [("广东", 0), ("江苏", 0.6131), ("福建", 0.3869)]
        assert found.before is not None
        assert (found.before.operators_seen, found.after.operators_seen, found.after.operators) == (1, 2, 11)
        assert (found.before.gini or 0) > (found.after.gini or 0)

    def test_nothing_is_published(self, people: People) -> None:
        error_of(people.admin.get("/v1/watch"), 404)

    def test_matches_are_counted_and_those_of_a_named_profile_are_not(self, people: People) -> None:
        counters: Counters = people.app.state.counters
        for person in (people.anonymous, people.requester):
            assert person.post("/v1/matches", json={"text": "发酵", "top": 3}).status_code == 200
        assert people.anonymous.post("/v1/matches", json={"text": ""}).status_code == 422
        taken = counters.take()
        counts = {what: count for (name, _, _, what), count in taken.counts.items() if name == "characters"}
        assert counts["answers"] == 2
        assert set(counts) == {"answers", *(what for what in counts if what.startswith("ms:"))}
        assert sum(taken.shown.values()) == 6
        # The stand-in ranks by no named profile, but whoever asks so is refused before anything is counted.
        people.admin.post("/v1/matches", json={"text": "发酵", "profile": "city"})
        assert not counters.take()

    def test_another_part_of_the_same_answer_is_not_counted(self, people: People) -> None:
        """Or an anonymous visitor who tries filters that leave nothing would ring the alarm."""
        counters: Counters = people.app.state.counters
        counters.take()
        asked = {"text": "发酵", "top": 3}
        first = people.anonymous.post("/v1/matches", json=asked).json()
        again = people.anonymous.post("/v1/matches", json=asked | {"again": True, "within": {"city": "拉萨"}}).json()
        assert len(first["matches"]) == 3
        assert "matches" in again
        assert sum(count for key, count in counters.take().counts.items() if key[3] == "answers") == 1
        error_of(people.anonymous.post("/v1/matches", json=asked | {"again": "yes"}), 422)

    def test_matches_of_a_stored_need_are_counted(self, people: People) -> None:
        need = people.requester.post("/v1/needs", json={"text": "500 L 发酵罐中试"}).json()["id"]
        counters: Counters = people.app.state.counters
        counters.take()
        assert people.requester.post(f"/v1/needs/{need}/matches").status_code == 200
        assert sum(count for key, count in counters.take().counts.items() if key[3] == "answers") == 1

    def test_enquiries_are_counted_once(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(people.app.state.serving, "ranking", lambda: ("city", "1"))
        with people.database.session() as session:
            put_many(session, LISTINGS[:1], CONSOLE, organisation_id=people.orgs["org"])
        body = {"listing_id": LISTINGS[0].id, "text": "想看现场"}
        for _ in range(2):
            sent = people.requester.post("/v1/enquiries", json=body, headers={"Idempotency-Key": "k"})
            assert sent.status_code == 201, sent.text
        assert people.requester.post("/v1/enquiries", json=body | {"listing_id": "none"}).status_code == 404
        counts = people.app.state.counters.take().counts
        assert [(key[0], key[3], count) for key, count in counts.items()] == [("city", "enquiries", 1)]


class TestAlarms:
    def test_read_and_acknowledged(self, people: People, scene: Scene) -> None:
        assert people.admin.get("/v1/alarms").json()["total"] == 0
        alarm_id = rang(scene)
        found = AlarmsAnswer.model_validate(people.admin.get("/v1/alarms", params={"open": True}).json())
        assert (found.total, found.open, found.alarms[0].id) == (1, 1, alarm_id)
        one = found.alarms[0]
        assert (one.metric_name, one.publication, one.rollback) == ("没有结果的比例", 2, 3)
        assert one.after.zero == 200
        path = f"/v1/alarms/{alarm_id}/acknowledgement"
        done = people.admin.post(path, json={"note": "屏蔽规则写得太宽"})
        assert done.status_code == 201
        told = AlarmAnswer.model_validate(done.json())
        assert (told.acknowledged_by, told.note) == (people.ids["admin"], "屏蔽规则写得太宽")
        assert people.admin.get("/v1/alarms", params={"open": True}).json()["alarms"] == []
        assert people.admin.get("/v1/alarms").json()["open"] == 0
        error_of(people.admin.post(path), 409)

    def test_without_a_note_and_twice_with_one_key(self, people: People, scene: Scene) -> None:
        path = f"/v1/alarms/{rang(scene)}/acknowledgement"
        first, again = (people.admin.post(path, headers={"Idempotency-Key": "k"}) for _ in range(2))
        assert first.status_code == 201, first.text
        assert first.json() == again.json()
        assert first.json()["note"] is None

    def test_what_is_refused(self, people: People, scene: Scene) -> None:
        error_of(people.admin.post("/v1/alarms/none/acknowledgement", json={}), 404)
        path = f"/v1/alarms/{rang(scene)}/acknowledgement"
        assert error_of(people.admin.post(path, json={"note": "长" * 2001}), 422)["field"] == "note"
        bad = json.dumps({"note": "\ud800"})
        assert error_of(people.admin.post(path, content=bad, headers={"content-type": "application/json"}), 422)
        for person in (people.operator, people.broker, people.requester):
            error_of(person.post(path, json={}), 403)
        error_of(people.anonymous.post(path, json={}), 401)


class TestThresholds:
    def test_changed_and_kept(self, people: People, scene: Scene) -> None:
        first = people.admin.get("/v1/watch/thresholds")
        assert first.headers["ETag"] == '"0"'
        told = ThresholdsAnswer.model_validate(first.json())
        assert (told.version, told.before_days, told.metrics["zero"].level) == (0, 7, "hard")
        body = {
            "before_days": 3,
            "watch_days": 14,
            "metrics": {"zero": {"level": "soft", "limit": 0.5, "worse": None, "least": 50}},
        }
        done = people.admin.put("/v1/watch/thresholds", json=body, headers={"If-Match": '"0"'})
        assert (done.status_code, done.headers["ETag"]) == (200, '"1"')
        after = ThresholdsAnswer.model_validate(people.admin.get("/v1/watch/thresholds").json())
        assert after == ThresholdsAnswer.model_validate(done.json())
        zero = after.metrics["zero"]
        assert (after.version, after.watch_days, zero.level, zero.limit, zero.worse) == (1, 14, "soft", 0.5, None)
        assert after.metrics["p95"] == told.metrics["p95"]
        seen = people.admin.get("/v1/watch").json()
        assert next(one for one in seen["readings"] if one["metric"] == "zero")["level"] == "soft"
        error_of(people.admin.put("/v1/watch/thresholds", json=body, headers={"If-Match": '"0"'}), 412)
        error_of(people.admin.put("/v1/watch/thresholds", json=body), 422)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"level": "loud"}, "metrics.zero.level"),
            ({"limit": -1}, "metrics.zero.limit"),
            ({"limit": "0.5"}, "metrics.zero.limit"),
            ({"worse": 101}, "metrics.zero.worse"),
            ({"least": 0}, "metrics.zero.least"),
            ({"least": 1.5}, "metrics.zero.least"),
            ({"more": 1}, "metrics.zero.more"),
        ],
    )
    def test_what_can_not_be_used_is_named(self, people: People, fields: dict[str, Any], field: str) -> None:
        zero = {"level": "soft", "limit": None, "worse": 0.1, "least": 10} | fields
        body = {"metrics": {"zero": zero}}
        answer = people.admin.put("/v1/watch/thresholds", json=body, headers={"If-Match": '"0"'})
        assert error_of(answer, 422)["field"] == field

    def test_no_number_that_is_none(self, people: People) -> None:
        body = '{"metrics": {"zero": {"level": "soft", "limit": NaN, "worse": 0.1, "least": 10}}}'
        headers = {"If-Match": '"0"', "content-type": "application/json"}
        error_of(people.admin.put("/v1/watch/thresholds", content=body, headers=headers), 422)


class TestPublications:
    def test_what_each_one_did_page_by_page(self, people: People, scene: Scene) -> None:
        alarm_id = rang(scene)
        whole = people.admin.get("/v1/publications").json()
        last, second, first = PublicationsAnswer.model_validate(whole).publications
        assert [one.publication.what for one in (first, second, last)] == ["publish", "publish", "automatic"]
        assert second.changes == {"weights": {"late": [1.0, 2.0]}}
        assert [one.id for one in second.alarms] == [alarm_id]
        assert (first.changes, first.before, last.until, whole["next"]) == (None, None, None, None)
        assert second.until == last.publication.at
        page = people.admin.get("/v1/publications", params={"size": 2}).json()
        rest = people.admin.get("/v1/publications", params={"before": page["next"]}).json()
        assert [*page["publications"], *rest["publications"]] == whole["publications"]

    def test_with_what_the_gate_said(self, people: People, scene: Scene) -> None:
        with people.database.session() as session:
            newest = history(session, 1)[0]
            wanted = str(newest.previous_id)
            report = {"why": "没有分组变差"}
            gate = store_gate(session, CONSOLE, wanted, newest.profile_id, "s", "passed", report)
            publish(session, CONSOLE, wanted, "更好", gate_id=gate.id)
        one = people.admin.get("/v1/publications", params={"size": 1}).json()["publications"][0]
        told = one["gate"]
        assert (told["id"], told["verdict"], told["why"]) == (gate.id, "passed", "没有分组变差")


class TestExposure:
    def test_a_month_by_operator_and_region(self, people: People) -> None:
        with people.database.session() as session:
            put_many(session, LISTINGS, CONSOLE)
        counters = Counters()
        counters.answered(answer(listings=LISTINGS[:2]), 1.0)
        flush(people.database, counters)
        found = ExposureAnswer.model_validate(people.admin.get("/v1/exposure").json())
        assert found.month == str(month_of(today()))
        assert [(one.name, one.exposure, one.share) for one in found.by_operator[:2]] == [
            ("珠江生物有限公司", 1.0, 0.6131),
            ("太湖发酵工程中心", 0.63093, 0.3869),
        ]
        assert (found.operators, found.operators_seen, found.ledger) == (11, 2, None)
        assert sum(one.listings_share or 0 for one in found.by_region) == pytest.approx(1, abs=1e-3)
        few = people.admin.get("/v1/exposure", params={"operators": 1, "month": found.month}).json()
        assert [one["name"] for one in few["by_operator"]] == ["珠江生物有限公司"]

    def test_the_public_learns_how_unequal_it_was_and_nobodys_name(self, people: People) -> None:
        assert people.anonymous.get("/v1/ranking").json()["exposure"] is None
        with people.database.session() as session:
            put_many(session, LISTINGS[:4], CONSOLE)
        then = datetime(2026, 3, 5, 4, tzinfo=UTC)
        counters = Counters(Clock(then))
        counters.answered(answer(listings=LISTINGS[:1]), 1.0)
        flush(people.database, counters)
        with people.database.session() as session:
            written = write_month(session, Month(2026, 3), then + timedelta(days=40))
        answered = people.anonymous.get("/v1/ranking")
        told = RankingAnswer.model_validate(answered.json()).exposure
        assert told is not None
        assert (told.month, told.gini, told.top_ten_share, told.number) == ("2026-03", 0.75, 1.0, written.number)
        assert "珠江" not in json.dumps(answered.json()["exposure"], ensure_ascii=False)
        assert "珠江" not in people.anonymous.get("/v1/ledger").text
        own = people.admin.get("/v1/exposure", params={"month": "2026-03"}).json()
        assert own["ledger"] == {"number": written.number, "figures": written.figures}

    @pytest.mark.parametrize("month", ["2026-13", "now", "2026", "1999-01"])
    def test_what_is_no_month(self, people: People, month: str) -> None:
        assert error_of(people.admin.get("/v1/exposure", params={"month": month}), 422)["field"] == "month"


@pytest.mark.parametrize("publications", [1, 2])
def test_the_page_shows_shares_of_before_only_where_there_was_one(people: People, publications: int) -> None:
    made = Scene(people.database)
    for number in range(publications):
        made.publish(1.0 + number)
        made.answers(10, str(number + 1))
    page = people.admin.get("/admin/watch").text
    table = page.partition("曝光变化最大的供给方")[2].partition("</table>")[0]
    before = re.findall(r'<td class="number">([^<]*)</td>', table)[::2]
    assert before
    assert ("—" in before) == (publications == 1)
