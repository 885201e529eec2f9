"""Synonyms and words over HTTP: one by one, as lines each by itself, and what they would change."""

from __future__ import annotations

from typing import Any

from api.synonyms import BYTES_MAX, GroupEditAnswer, LinesAnswer, SynonymsAnswer, WordsAnswer
from tests.api.edited_profiles import error_of, judged, made, plain, published, site
from tests.api.people import People

__all__ = ["judged", "plain", "site"]

GROUP = {"terms": ["甲种罐", "乙种罐"]}


#: Bodies that can't be used, and the field that the refusal names.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"terms": ["甲种罐", "甲种罐"]}, "terms"),
    ({"terms": ["甲种罐"]}, "terms"),
    ({"terms": []}, "terms"),
    ({"terms": ["甲种罐", ""]}, "terms"),
    ({"terms": ["甲种罐", "长" * 61]}, "terms"),
    ({"terms": ["玻璃通孔", "TGV"]}, "terms"),
    ({"part": "narrower", "terms": ["增材制造", "选区激光熔化"]}, "terms"),
    ({"part": "narrower", "terms": ["甲种罐", "乙种罐", "丙种罐"]}, "terms"),
    ({"part": "remove", "terms": ["甲种罐", "乙种罐"]}, "terms"),
    ({"part": "other", "terms": ["甲种罐", "乙种罐"]}, "part"),
    ({"terms": "甲种罐"}, "terms"),
    ({}, "terms"),
]


def listed(site: People, profile_id: str, **query: str) -> dict[str, Any]:
    response = site.admin.get(f"/v1/profiles/{profile_id}/synonyms", params=query)
    assert response.status_code == 200, response.text
    SynonymsAnswer.model_validate(response.json())
    answer: dict[str, Any] = response.json()
    return answer


def post_lines(site: People, profile_id: str, text: str, **fields: Any) -> Any:
    return site.admin.post(f"/v1/profiles/{profile_id}/synonyms/lines", data={"text": text, **fields})


class TestGroups:
    def test_each_is_a_version_behind_the_one_before(self, site: People) -> None:
        base = published(site)
        first = made(site.admin.post(f"/v1/profiles/{base}/synonyms", json=GROUP))
        GroupEditAnswer.model_validate(first)
        assert first["profile"]["parent_id"] == base
        assert first["profile"]["reason"] == "同义:甲种罐、乙种罐"
        assert first["changes"] == {"synonyms_added": {"added": [["甲种罐", "乙种罐"]], "removed": []}}
        body = {"part": "narrower", "terms": ["丙种罐", "甲种罐"]}
        second = made(site.admin.post(f"/v1/profiles/{first['profile']['id']}/synonyms", json=body))
        latest = second["profile"]["id"]
        body = {"part": "remove", "terms": ["玻璃通孔", "TGV"]}
        third = made(site.admin.post(f"/v1/profiles/{latest}/synonyms", json=body))
        latest = third["profile"]["id"]
        found = listed(site, latest, term="丙种罐")
        assert (found["add"], found["narrower"]) == ([["甲种罐", "乙种罐"]], [["丙种罐", "甲种罐"]])
        assert found["remove"] == [["玻璃通孔", "tgv"]]
        assert {one["term"] for one in found["meanings"]} == {"甲种罐", "乙种罐"}
        assert found["shipped"] > 100
        assert listed(site, base)["meanings"] is None
        last = made(site.admin.delete(f"/v1/profiles/{latest}/synonyms/add/1"))
        assert listed(site, last["profile"]["id"])["add"] == []
        assert last["profile"]["version"] == 5

    def test_what_can_not_be_used(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/synonyms"
        for body, field in BAD:
            error = error_of(site.admin.post(path, json=body), 422)
            assert error["field"] == field
            assert error["hint"]
        assert site.admin.get("/v1/profiles").json()["total"] == 1

    def test_unknown_things(self, site: People) -> None:
        base = published(site)
        error_of(site.admin.delete(f"/v1/profiles/{base}/synonyms/add/1"), 404)
        error_of(site.admin.delete(f"/v1/profiles/{base}/synonyms/other/1"), 422)
        error_of(site.admin.delete(f"/v1/profiles/{base}/synonyms/add/x"), 422)
        error_of(site.admin.get("/v1/profiles/none/synonyms"), 404)

    def test_a_preview_on_judged_needs_stores_nothing(self, site: People) -> None:
        body = {"terms": ["酶制剂", "电池涂布"], "preview": True, "need": "酶制剂发酵"}
        response = site.admin.post(f"/v1/profiles/{published(site)}/synonyms", json=body)
        assert response.status_code == 200, response.text
        preview = response.json()["preview"]
        assert preview["judged"]["needs"] == 5
        assert any(one["why"] for one in preview["need"]["moved"])
        assert response.json()["profile"] is None
        assert site.admin.get("/v1/profiles").json()["total"] == 1


class TestLines:
    TEXT = "# 我们的词\n甲种罐 = 乙种罐\n坏行\n丙种罐 > 甲种罐\n甲种罐 > 丙种罐\n玻璃通孔 = TGV\n"

    def test_good_lines_are_taken_and_bad_ones_come_back(self, site: People) -> None:
        answer = made(post_lines(site, published(site), self.TEXT))
        LinesAnswer.model_validate(answer)
        assert [(one["line"], one["part"]) for one in answer["taken"]] == [(2, "add"), (4, "narrower")]
        assert [one["line"] for one in answer["refused"]] == [3, 5, 6]
        assert all(one["message"] and one["hint"] and one["text"] for one in answer["refused"])
        assert answer["profile"]["reason"] == "添加同义词 2 组"
        assert listed(site, answer["profile"]["id"])["add"] == [["甲种罐", "乙种罐"]]

    def test_a_preview_says_the_same_and_stores_nothing(self, site: People) -> None:
        base = published(site)
        response = post_lines(site, base, self.TEXT, preview="true", judged="false")
        assert response.status_code == 200, response.text
        answer = response.json()
        assert (answer["profile"], answer["preview"], len(answer["taken"])) == (None, None, 2)
        figures = post_lines(site, base, self.TEXT, preview="true").json()["preview"]["judged"]
        assert figures["needs"] == 5
        assert site.admin.get("/v1/profiles").json()["total"] == 1

    def test_a_file(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/synonyms/lines"
        text = "id,terms,kind,source\nx1,甲种罐|乙种罐,equal,自编\nx2,单,equal,自编\n"
        for encoding in ("utf-8", "utf-8-sig", "gb18030"):
            files = {"file": ("a.csv", text.encode(encoding))}
            answer = made(site.admin.post(path, files=files, data={"name": encoding}))
            assert answer["taken"][0]["terms"] == ["甲种罐", "乙种罐"]
            assert [one["line"] for one in answer["refused"]] == [3]

    def test_groups_are_taken_apart(self, site: People) -> None:
        answer = made(post_lines(site, published(site), "玻璃通孔=TGV\n甲种罐=乙种罐", apart="true"))
        assert answer["taken"][0]["part"] == "remove"
        assert [one["line"] for one in answer["refused"]] == [2]

    def test_nothing_good_makes_no_version(self, site: People) -> None:
        response = post_lines(site, published(site), "坏行\n")
        assert (response.status_code, response.json()["profile"]) == (200, None)
        assert len(response.json()["refused"]) == 1

    def test_what_can_not_be_read_at_all(self, site: People) -> None:
        base = published(site)
        path = f"/v1/profiles/{base}/synonyms/lines"
        assert error_of(post_lines(site, base, "甲种罐=乙种罐\n" * 10_001), 422)["field"] == "text"
        assert error_of(site.admin.post(path, data={}), 422)["field"] == "text"
        both = site.admin.post(path, files={"file": ("a.txt", b"x")}, data={"text": "x"})
        assert error_of(both, 422)["field"] == "text"
        error_of(site.admin.post(path, files={"file": ("a.txt", b"\xff\xff\xfe\x00")}), 422)
        error_of(site.admin.post(path, files={"file": ("a.txt", b"x" * (BYTES_MAX + 1))}), 413)
        assert site.admin.get("/v1/profiles").json()["total"] == 1


class TestWords:
    def test_each_by_itself_and_out_again(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/dictionary"
        answer = made(site.admin.post(path, json={"words": ["甲种罐", "", "甲种罐", "罐", "长" * 61]}))
        WordsAnswer.model_validate(answer)
        assert answer["taken"] == ["甲种罐"]
        assert [one["line"] for one in answer["refused"]] == [2, 3, 4, 5]
        latest = answer["profile"]["id"]
        assert listed(site, latest)["dictionary"] == ["甲种罐"]
        gone = made(site.admin.delete(f"/v1/profiles/{latest}/dictionary/甲种罐"))
        assert listed(site, gone["profile"]["id"])["dictionary"] == []
        error_of(site.admin.delete(f"/v1/profiles/{gone['profile']['id']}/dictionary/甲种罐"), 404)

    def test_a_preview(self, site: People) -> None:
        path = f"/v1/profiles/{published(site)}/dictionary"
        response = site.admin.post(path, json={"words": ["发酵放大"], "preview": True})
        assert response.status_code == 200, response.text
        assert response.json()["preview"]["judged"]["needs"] == 5
        assert response.json()["profile"] is None


def test_nothing_of_it_is_for_others(site: People) -> None:
    base = published(site)
    for client in (site.requester, site.operator, site.broker):
        error_of(client.get(f"/v1/profiles/{base}/synonyms"), 403)
        error_of(client.post(f"/v1/profiles/{base}/synonyms", json=GROUP), 403)
        error_of(client.post(f"/v1/profiles/{base}/synonyms/lines", data={"text": "甲种罐=乙种罐"}), 403)
        error_of(client.post(f"/v1/profiles/{base}/dictionary", json={"words": ["甲种罐"]}), 403)
