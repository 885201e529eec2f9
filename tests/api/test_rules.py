"""Pins and hides over HTTP: each edit a new version, previews that store nothing, and refusals by field."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from api.rules import RuleEditAnswer, RulesAnswer
from matcher.answers import answer_json
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.profiles.drafts import create, get
from matcher.catalogue.tables.governance import ProfileRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.rules import Rule
from matcher.records import Need
from matcher.retrieval.vocabulary import Vocabulary
from tests.api.edited_profiles import PIN, error_of, judged, made, plain, published, site
from tests.api.people import People
from tests.matcher.small import PROFILE

__all__ = ["judged", "plain", "site"]


#: Fields of a rule that can't be used, and the field that the refusal names; None leaves the field out.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"listing_id": "PF-99"}, "listing_id"),
    ({"listing_id": "CA-1"}, "listing_id"),
    ({"listing_id": ""}, "listing_id"),
    ({"reason": ""}, "reason"),
    ({"reason": None}, "reason"),
    ({"owner": "  "}, "owner"),
    ({"owner": None}, "owner"),
    ({"expires": "2020-01-01"}, "expires"),
    ({"expires": "2026-02-30"}, "expires"),
    ({"expires": None}, "expires"),
    ({"what": "boost"}, "what"),
    ({"when": {"places": ["亚特兰蒂斯"]}}, "when.places"),
    ({"when": {"industries": ["炼金术"]}}, "when.industries"),
    ({"when": {"kinds": ["policy"]}}, "when.kinds"),
    ({"when": {"words": [""]}}, "when.words"),
    ({"when": {"price": ["1"]}}, "when.price"),
    ({"place": 0}, "place"),
    ({"price": 1}, "price"),
    ({"name": "城市"}, "name"),
    ({"note": " "}, "reason"),
]


def add(site: People, profile_id: str, **fields: Any) -> dict[str, Any]:
    answer = made(site.admin.post(f"/v1/profiles/{profile_id}/rules", json=PIN | fields))
    RuleEditAnswer.model_validate(answer)
    return answer


def rules_of(site: People, profile_id: str) -> list[dict[str, Any]]:
    response = site.admin.get(f"/v1/profiles/{profile_id}/rules")
    assert response.status_code == 200, response.text
    RulesAnswer.model_validate(response.json())
    found: list[dict[str, Any]] = response.json()["rules"]
    return found


class TestEdits:
    def test_each_is_a_version_behind_the_one_before(self, site: People) -> None:
        base = published(site)
        first = add(site, base)
        assert (first["base"]["id"], first["profile"]["parent_id"], first["profile"]["version"]) == (base, base, 2)
        assert (first["profile"]["state"], first["profile"]["reason"]) == ("draft", "添加置顶 SO-1:省级示范")
        assert first["rule"]["listing_name"]
        assert first["changes"]["rules"]["added"][0]["listing_id"] == "SO-1"
        second = add(site, first["profile"]["id"], what="hide", listing_id="PF-1", note="投诉", place=1)
        assert second["profile"]["reason"] == "投诉"
        latest, rule_id = second["profile"]["id"], first["rule"]["id"]
        assert [(one["what"], one["listing_id"], one["place"]) for one in rules_of(site, latest)] == [
            ("hide", "PF-1", 1),
            ("pin", "SO-1", 2),
        ]
        changes = {"expires": "2998-01-01", "place": 1, "when": {"places": ["东莞"]}}
        third = made(site.admin.patch(f"/v1/profiles/{latest}/rules/{rule_id}", json=changes))
        assert (third["rule"]["expires"], third["rule"]["when"]) == ("2998-01-01", {"places": ["441900"]})
        assert third["rule"]["reason"] == "省级示范"
        latest = third["profile"]["id"]
        assert rules_of(site, latest)[0]["id"] == rule_id
        last = made(site.admin.delete(f"/v1/profiles/{latest}/rules/{rule_id}", params={"note": "到期"}))
        assert last["rule"] is None
        assert (last["profile"]["version"], last["profile"]["reason"]) == (5, "到期")
        assert [one["listing_id"] for one in rules_of(site, last["profile"]["id"])] == ["PF-1"]
        assert rules_of(site, base) == []

    def test_of_two_who_edit_one_version_the_second_is_told(self, site: People) -> None:
        base = published(site)
        add(site, base)
        body = PIN | {"listing_id": "MF-1"}
        assert "第 2 版" in error_of(site.admin.post(f"/v1/profiles/{base}/rules", json=body), 412)["message"]
        assert add(site, base, name="other")["profile"]["name"] == "other"

    def test_an_edit_that_changes_nothing_makes_no_version(self, site: People) -> None:
        first = add(site, published(site))
        path = f"/v1/profiles/{first['profile']['id']}/rules/{first['rule']['id']}"
        response = site.admin.patch(path, json={})
        assert (response.status_code, response.json()["profile"]) == (200, None)

    def test_rules_that_do_nothing_say_why(self, site: People) -> None:
        rules = tuple(
            Rule(f"r-{number}", "pin", listing_id, "理由", "张三", expires)
            for number, (listing_id, expires) in enumerate(
                [("PF-1", "2020-01-01"), ("PF-2", "2999-01-01"), ("PF-9", "2999-01-01"), ("MF-1", "2999-01-01")]
            )
        )
        with site.database.session() as session:
            stored = create(session, CONSOLE, "old", Document(PROFILE, rules=rules), "旧")
            session.execute(update(ListingRow).where(ListingRow.id == "PF-2").values(hidden=True))
        troubles = [one["trouble"] for one in rules_of(site, stored.id)]
        assert troubles == ["已到期", "已被管理员屏蔽", "没有这个条目", None]


class TestRefusals:
    def test_each_names_its_field_and_stores_nothing(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/rules"
        for fields, field in BAD:
            body = {name: value for name, value in (PIN | fields).items() if value is not None}
            error = error_of(site.admin.post(path, json=body), 422)
            assert error["field"] == field
            assert error["message"]
            assert error["hint"]
        assert site.admin.get("/v1/profiles").json()["total"] == 1

    def test_a_pin_on_a_hidden_or_retired_listing(self, site: People) -> None:
        for values, said in (({"hidden": True}, "屏蔽"), ({"hidden": False, "state": "retired"}, "下架")):
            with site.database.session() as session:
                session.execute(update(ListingRow).where(ListingRow.id == "SO-1").values(**values))
            error = error_of(site.admin.post(f"/v1/profiles/{published(site)}/rules", json=PIN), 422)
            assert said in error["message"]
        assert add(site, published(site), what="hide")["rule"]["trouble"]

    def test_a_pin_on_a_listing_that_was_hidden_before_publication(self, site: People) -> None:
        first = add(site, published(site))
        with site.database.session() as session:
            session.execute(update(ListingRow).where(ListingRow.id == "SO-1").values(hidden=True))
        path = f"/v1/profiles/{first['profile']['id']}/publication"
        error = error_of(site.admin.post(path, json={"reason": "上线"}), 409)
        assert "SO-1(已被管理员屏蔽)" in error["message"]

    def test_the_same_twice(self, site: People) -> None:
        first = add(site, published(site))
        error = error_of(site.admin.post(f"/v1/profiles/{first['profile']['id']}/rules", json=PIN), 422)
        assert first["rule"]["id"] in error["hint"]

    def test_unknown_things(self, site: People) -> None:
        base = published(site)
        for response in (
            site.admin.get("/v1/profiles/none/rules"),
            site.admin.post("/v1/profiles/none/rules", json=PIN),
            site.admin.patch(f"/v1/profiles/{base}/rules/none", json={}),
            site.admin.delete(f"/v1/profiles/{base}/rules/none"),
        ):
            error_of(response, 404)

    def test_a_document_that_was_tampered_with(self, site: People) -> None:
        """By somebody with access to the database: it is neither edited nor tried nor published."""
        first = add(site, published(site))["profile"]["id"]
        with site.database.session() as session:
            row = session.get(ProfileRow, first)
            assert row is not None
            row.document = row.document.replace("省级示范", "国家示范")
        path = f"/v1/profiles/{first}"
        for response in (
            site.admin.post(f"{path}/rules", json=PIN),
            site.admin.get(f"{path}/rules"),
            site.admin.post(f"{path}/synonyms", json={"terms": ["甲种罐", "乙种罐"]}),
            site.admin.get(f"{path}/synonyms"),
            site.admin.post(f"{path}/gates", json={}),
            site.admin.post("/v1/previews", json={"profile": first}),
            site.admin.post(f"{path}/publication", json={"reason": "上线"}),
        ):
            error = error_of(response, 409)
            assert "被改动" in error["message"]
            assert error["hint"]


class TestPreviews:
    def test_what_a_pin_would_do_to_judged_needs_and_one_need(self, site: People) -> None:
        body = PIN | {"preview": True, "need": "酶制剂发酵"}
        response = site.admin.post(f"/v1/profiles/{published(site)}/rules", json=body)
        assert response.status_code == 200, response.text
        answer = response.json()
        RuleEditAnswer.model_validate(answer)
        assert answer["profile"] is None
        preview = answer["preview"]
        assert preview["against"] == "city 第 1 版"
        assert preview["judged"]["changed"] == 5
        assert preview["judged"]["after"]["ndcg@10"] < preview["judged"]["before"]["ndcg@10"]
        first = preview["need"]["moved"][0]
        assert (first["listing_id"], first["after"]["rank"], first["after"]["rule"]) == ("SO-1", 1, "置顶:省级示范")
        assert site.admin.get("/v1/profiles").json()["total"] == 1

    def test_a_rule_for_other_needs_changes_nothing(self, site: People) -> None:
        body = PIN | {"preview": True, "when": {"words": ["没有人这样说"]}}
        answer = site.admin.post(f"/v1/profiles/{published(site)}/rules", json=body).json()
        assert answer["preview"]["judged"]["changed"] == 0

    def test_a_change_and_a_deletion_against_the_version_that_is_edited(self, site: People) -> None:
        first = add(site, published(site))
        path = f"/v1/profiles/{first['profile']['id']}/rules/{first['rule']['id']}"
        gone = site.admin.delete(path, params={"preview": True}).json()
        assert (gone["profile"], gone["preview"]["judged"]["changed"]) == (None, 5)
        moved = site.admin.patch(path, json={"preview": True, "when": {"words": ["没有人这样说"]}}).json()
        assert moved["preview"]["judged"]["after"] == gone["preview"]["judged"]["after"]
        assert len(rules_of(site, first["profile"]["id"])) == 1

    def test_without_figures_it_is_checked_all_the_same(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/rules"
        answer = site.admin.post(path, json=PIN | {"preview": True, "judged": False}).json()
        assert (answer["preview"], answer["profile"]) == (None, None)
        assert answer["changes"]["rules"]["added"]
        error_of(site.admin.post(path, json=PIN | {"preview": True, "listing_id": "X"}), 422)

    def test_the_gate_counts_rules(self, site: People) -> None:
        first = add(site, published(site))
        found = site.admin.post(f"/v1/profiles/{first['profile']['id']}/gates", json={}).json()
        overall = found["report"]["overall"][0]
        assert overall["after"] < overall["before"]
        assert "规则" in "".join(found["report"]["notes"])


def test_readers_are_told_of_rules_but_not_whose_listing_is_hidden(site: People, plain: Matcher) -> None:
    first = add(site, published(site))
    second = add(site, first["profile"]["id"], what="hide", listing_id="PF-1", reason="资质存疑")
    with site.database.reading() as session:
        document = get(session, second["profile"]["id"]).document()
    drafted = plain.with_document(document, Vocabulary.load(site.app.state.settings))
    said = answer_json(drafted.match(Need("发酵"), top=20))
    assert said["matches"][0]["rule"] == "置顶:省级示范"
    assert said["rules"] == ["置顶:省级示范", "屏蔽:资质存疑"]
    assert "PF-1" not in str(said)
    assert "张三" not in str(said)
