"""An administrator's way through the console without script: draft, preview, gate, publish, roll back; and the rest.

The application is a real one over the small catalogue; pages are read and their forms sent as a browser would.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.watching.flushing import flush
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.ranking.documents import Document
from tests.api.people import People, password_hash
from tests.api.portal.form_reader import PageForm, Reader, forms_of
from tests.api.tried_site import divided_set as divided_set
from tests.api.tried_site import tried_site
from tests.databases import database as database
from tests.matcher.evaluation.small_judged import CONTRARY
from tests.matcher.small import LISTINGS

#: What every field is tried with: none of it may reach a page unescaped.
EVIL = "<script>alert(1)</script>&\"'"


@pytest.fixture
def site(database: Database, small_matcher: Matcher, divided_set: JudgedSet, tmp_path: Path) -> People:
    """A published profile, listings, and a matcher that can be tried by others."""
    return tried_site(database, small_matcher, divided_set, tmp_path, feedback_days=30)


@pytest.fixture
def admin(site: People) -> Reader:
    return Reader(site.admin)


def second_admin(site: People) -> Reader:
    with site.database.session() as session:
        fields = UserFields("second@example.cn", "另一位管理员", "admin", None)
        user = add_user(session, CONSOLE, fields, password_hash=password_hash(), email_verified=True)
    site.ids["second"] = user.id
    return Reader(site.signed_in("second"))


def published(reader: Reader) -> str:
    """The path of the profile that ranks."""
    reader.open("/admin/profiles/published")
    return reader.path


def drafted(reader: Reader, **moved: str) -> str:
    """The path of a new draft of the profile that ranks."""
    path = published(reader) + "/weights"
    reader.open(path)
    reader.send(path, ("act", "save"), {"reason": "试一试", **moved})
    assert reader.status == 200, reader.text
    assert "已存为新的一版草稿" in reader.text
    return reader.path


class TestRanking:
    def test_draft_preview_gate_publish_roll_back(self, site: People, admin: Reader) -> None:
        first = published(admin)
        assert "正在按这一版排序" in admin.text
        path = f"{first}/weights"
        admin.open(path)
        text = admin.send(path, ("act", "preview"), {"w-late": "30", "need": "酶制剂发酵放大"})
        assert admin.status == 200
        assert 'value="30"' in text
        assert "nDCG@10(前十名的总体质量)" in text
        assert "行业“食品”" in text
        assert "这条需求的前 20 名" in text
        assert site.admin.get("/v1/profiles").json()["total"] == 1  # a preview keeps nothing

        admin.send(path, ("act", "save"), {"w-late": "20.5", "reason": "更看重逐词相近"})
        draft = admin.path
        assert draft != first
        assert "更看重逐词相近" in admin.text
        assert "20.500" in admin.text
        assert "门禁通过之后才能发布" in admin.text

        admin.send(f"{draft}/gates", recent="酶制剂发酵放大\n晶圆流片打样")
        assert "/gates/" in admin.path
        assert "门禁报告" in admin.text
        assert "没有分组变差" in admin.text
        assert "行业“食品”" in admin.text

        admin.open(draft)
        admin.send(f"{draft}/publication", reason="按标注更好", confirmed="yes")
        assert "已发布,从下一次匹配起按它排序" in admin.text
        assert "正在按这一版排序" in admin.text
        assert published(admin) == draft

        admin.send(f"{draft}/rollback", reason="有人反映不准", confirmed="yes")
        assert "已回退到上一个方案" in admin.text
        assert published(admin) == first

        admin.open("/admin/watch/publications")
        assert "有人反映不准" in admin.text
        admin.open("/admin/ledger")
        assert "校验通过" in admin.text
        assert "profile" in admin.text

    def test_a_harmful_draft_needs_a_second_administrator(self, site: People, admin: Reader) -> None:
        with site.database.session() as session:
            draft = create(session, CONSOLE, "city", Document(CONTRARY), "反着来")
        path = f"/admin/profiles/{draft.id}"
        admin.open(path)
        admin.send(f"{path}/gates")
        assert "未通过" in admin.text
        assert "变差" in admin.text
        admin.open(path)
        assert f"{path}/publication" not in admin.text
        admin.send(f"{path}/waivers", reason="我来负责", confirmed="yes")
        # Who signed can't publish it himself.
        assert "您签署的,须由另一人发布" in admin.text
        assert f"{path}/publication" not in admin.text

        other = second_admin(site)
        other.open(path)
        assert "我来负责" in other.text
        other.send(f"{path}/publication", reason="经两人同意", confirmed="yes")
        assert "正在按这一版排序" in other.text

    def test_dangerous_acts_want_a_reason_and_a_tick(self, site: People, admin: Reader) -> None:
        draft = drafted(admin, **{"w-late": "20.5"})
        admin.send(f"{draft}/gates")
        admin.open(draft)
        admin.send(f"{draft}/publication", reason="", confirmed=[])
        assert admin.status == 422
        assert "请写明理由" in admin.text
        assert "请先勾选“我已确认”" in admin.text
        admin.send(f"{draft}/publication", reason="写过的理由", confirmed=[])
        assert admin.status == 422
        assert "写过的理由" in admin.text
        assert published(admin) != draft

    def test_numbers_that_are_none_are_told_beside_their_field(self, admin: Reader) -> None:
        path = published(admin) + "/weights"
        admin.open(path)
        text = admin.send(path, ("act", "preview"), {"w-late": "很大", "reason": "留着"})
        assert admin.status == 422
        assert "“很大”不是数值" in text
        assert 'value="很大"' in text
        assert "留着" in text
        text = admin.send(path, ("act", "save"), {"w-kind_meets": "-1", "w-late": "20"})
        assert admin.status == 422
        assert "降分" in text
        admin.open(path)
        admin.send(path, ("act", "save"), reason="什么也没改")
        assert admin.status == 422
        assert "没有改动任何数值" in admin.text

    def test_experiments_begin_and_end(self, admin: Reader) -> None:
        draft = drafted(admin, **{"w-late": "20.5"})
        admin.open(f"/admin/experiments/new?profile={draft.rpartition('/')[2]}")
        admin.send("/admin/experiments/new", share="百分之十", reason="看看有多像")
        assert admin.status == 422
        assert "不是数值" in admin.text
        assert "看看有多像" in admin.text
        admin.send("/admin/experiments/new", share="10")
        assert "试验已开始" in admin.text
        assert "还没有请求参加" in admin.text
        path = admin.path
        admin.send(f"{path}/ending", reason="够了", confirmed="yes")
        assert "已停止" in admin.text
        assert "够了" in admin.text
        admin.open("/admin/experiments?state=running")
        assert path not in admin.text


class TestWords:
    def test_a_rule_from_preview_to_deletion(self, admin: Reader) -> None:
        admin.open("/admin/rules")
        assert "这一版没有规则" in admin.text
        base = admin.form(_rules_action(admin)).action
        rule = {"listing_id": "SO-1", "reason": "省级示范", "owner": "张三", "expires": "2999-12-31"}
        text = admin.send(base, ("act", "preview"), {**rule, "what": "pin"})
        assert "预览:还没有保存" in text
        assert 'value="SO-1"' in text
        admin.send(base, ("act", "save"), {**rule, "what": "pin", "words": "发酵、灌装"})
        assert "已存为第 2 版草稿" in admin.text
        assert "省级示范" in admin.text
        assert "发酵、灌装" in admin.text
        edit = re.findall(r'href="(/admin/rules/[^"]+/rule-[^"]+)"', admin.text)[0]
        admin.open(edit)
        admin.send(edit, ("act", "save"), reason="市级示范")
        assert "已存为第 3 版草稿" in admin.text
        assert "市级示范" in admin.text
        remove = re.findall(r'action="(/admin/rules/[^"]+/rule-[^"]+)"', admin.text)[0]
        admin.send(remove, ("act", "delete"))
        assert "已存为第 4 版草稿" in admin.text
        assert "这一版没有规则" in admin.text

    def test_a_rule_that_is_refused_keeps_what_was_typed(self, admin: Reader) -> None:
        admin.open("/admin/rules")
        base = _rules_action(admin)
        admin.send(base, ("act", "save"), listing_id="没有这个", reason="理由在此", owner="张三", expires="2999-12-31")
        assert admin.status in (404, 409, 422)
        assert "理由在此" in admin.text
        assert 'value="没有这个"' in admin.text
        admin.open("/admin/rules")
        admin.send(base, ("act", "save"), listing_id="SO-1", reason="x", owner="y", expires="2000-01-01")
        assert admin.status == 422
        assert "error-expires" in admin.text

    def test_synonyms_one_by_one_and_as_lines(self, admin: Reader) -> None:
        admin.open("/admin/rules/synonyms")
        base = _action(admin, "/admin/rules/synonyms/", "/files", unwanted=True)
        admin.send(base, ("act", "save"), terms="甲种罐", part="add")
        assert admin.status == 422
        assert 'value="甲种罐"' in admin.text
        admin.send(base, ("act", "save"), terms="甲种罐、乙种罐")
        assert "甲种罐 = 乙种罐" in admin.text
        files = _action(admin, "/admin/rules/synonyms/", "/files")
        text = admin.send(files, ("act", "preview"), lines="丙种罐 = 丁种罐\n只有一个\n")
        assert "可用 1 行,不可用 1 行" in text
        assert "只有一个" in text
        text = admin.send(files, ("act", "save"), lines="丙种罐 = 丁种罐\n只有一个\n")
        assert "已存为第 3 版草稿" in text
        sent = {"file": ("a.txt", "戊种罐 = 己种罐\n".encode())}
        files = _action(admin, "/admin/rules/synonyms/", "/files")
        admin.send(files, ("act", "save"), files=sent)
        assert "戊种罐 = 己种罐" in admin.text
        admin.open(f"{admin.path}?term=甲种罐&profile={_profile(files, admin)}")
        assert "乙种罐" in admin.text
        remove = re.findall(r'action="(/admin/rules/synonyms/[^"]+/add/1)"', admin.text)[0]
        admin.send(remove)
        assert "甲种罐 = 乙种罐" not in admin.text

    def test_words_of_the_dictionary(self, admin: Reader) -> None:
        admin.open("/admin/rules/dictionary")
        base = _action(admin, "/admin/rules/dictionary/")
        admin.send(base, words="超临界萃取釜、珊瑚状载体釜")
        assert "已存为第 2 版草稿" in admin.text
        assert "超临界萃取釜" in admin.text
        base = _action(admin, "/admin/rules/dictionary/")
        admin.send(base, ("act", "delete"), word="超临界萃取釜")
        assert "超临界萃取釜</span>" not in admin.text
        assert "珊瑚状载体釜" in admin.text


def _action(reader: Reader, begin: str, end: str = "", *, unwanted: bool = False) -> str:
    found = re.findall(rf'action="({re.escape(begin)}[^"/]+(?:/files)?)"', reader.text)
    found = [one for one in found if one.endswith(end) != unwanted or not end]
    assert found, reader.text[:2000]
    return str(found[0])


def _rules_action(reader: Reader) -> str:
    found = re.findall(r'action="(/admin/rules/[^"/]+)"', reader.text)
    return str(next(one for one in found if not one.endswith(("synonyms", "dictionary"))))


def _profile(action: str, reader: Reader) -> str:
    found = re.findall(r'<option value="([^"]+)" selected>', reader.text)
    return str(found[0])


class TestJudging:
    NEEDS = '{"id": "N-1", "description": "酶制剂发酵放大"}\n{"id": "N-2", "description": "晶圆流片打样"}\n'.encode()
    GRADES = b"need_id,listing_id,grade,judge\nN-1,PF-1,3,a\nN-1,PF-1,1,b\nN-2,PF-2,2,a\n"

    def made(self, admin: Reader, name: str = "walk") -> str:
        admin.open("/admin/judging")
        admin.send("/admin/judging", name=name, description="试用")
        assert "标注集已新建" in admin.text
        return admin.path

    def filled(self, admin: Reader) -> str:
        path = self.made(admin)
        listings = {one.id for one in LISTINGS}
        assert {"PF-1", "PF-2"} <= listings
        admin.open(f"{path}/files")
        files = {"file": ("a.csv", self.GRADES), "needs": ("n.jsonl", self.NEEDS)}
        admin.send(f"{path}/files", files=files)
        assert "预览:还没有写入" in admin.text
        assert "有误" not in admin.text, re.findall(r"<td>(.*?)</td>", admin.text)
        # Two forms go there now: the one that confirms has the hash.
        admin.send(f"{path}/files")
        assert "标注已写入" in admin.text, admin.text
        return path

    def test_names_that_can_not_be_used(self, admin: Reader) -> None:
        admin.open("/admin/judging")
        admin.send("/admin/judging", name="Nicht So", description="说明留着")
        assert admin.status == 422
        assert 'value="Nicht So"' in admin.text
        assert "说明留着" in admin.text

    def test_files_in_and_out(self, admin: Reader) -> None:
        path = self.filled(admin)
        assert "两两比较" in admin.text
        admin.open(f"{path}/exports/csv")
        assert "N-1,PF-1,a,3" in admin.text
        admin.open(f"{path}/exports/qrels")
        assert "N-2" in admin.text
        admin.open(f"{path}/exports/nothing")
        assert admin.status == 404

    def test_rows_at_fault_are_told_and_nothing_is_written(self, admin: Reader) -> None:
        path = self.made(admin)
        admin.open(f"{path}/files")
        files = {"file": ("a.csv", b"need_id,listing_id,grade\nN-9,PF-1,7\n")}
        text = admin.send(f"{path}/files", files=files)
        assert "行有误" in text
        assert 'name="hash"' not in text
        admin.open(f"{path}/files")
        admin.send(f"{path}/files")
        assert admin.status == 422
        assert "请选择标注文件" in admin.text

    def test_pairs_are_judged_one_after_another(self, site: People, admin: Reader) -> None:
        path = self.filled(admin)
        admin.send(f"{path}/queue", judges=[site.ids["admin"]], depth="2", each="1")
        assert "个任务" in admin.text
        admin.open(f"{path}/next")
        assert "可列入候选" in admin.text
        before = re.findall(r"已完成 (\d+) / (\d+)", admin.text)[0]
        assert before[0] == "0"
        admin.send(f"{path}/next", ("grade", "2"))
        assert "已完成 1 / " in admin.text
        admin.send(f"{path}/next", ("grade", "skip"))
        assert "已完成 2 / " in admin.text
        for _ in range(int(before[1]) - 2):
            admin.send(f"{path}/next", ("grade", "0"))
        assert "您的任务都标完了" in admin.text

    def test_disagreements_are_decided(self, admin: Reader) -> None:
        path = self.filled(admin)
        assert "分歧 1 处" in admin.text
        admin.send(f"{path}/adjudications", grade="2", reason="折中")
        assert "裁定为 2" in admin.text

    def test_freezing_asks_first(self, admin: Reader) -> None:
        path = self.filled(admin)
        admin.send(f"{path}/freezing")
        assert admin.status == 422
        admin.send(f"{path}/freezing", confirmed="yes")
        assert "第 1 版已冻结" in admin.text
        assert admin.path != path
        admin.open(path)
        assert "已冻结" in admin.text
        assert f"{path}/freezing" not in admin.text


class TestWatch:
    def test_thresholds(self, admin: Reader) -> None:
        path = "/admin/watch/thresholds"
        admin.open(path)
        admin.send(path, None, {"zero-limit": "很少", "watch_days": "3"})
        assert admin.status == 422
        assert 'value="很少"' in admin.text
        admin.open(path)
        admin.send(path, None, {"zero-least": "0"})
        assert admin.status == 422
        assert "error-zero-least" in admin.text
        admin.open(path)
        stale = admin.text
        admin.send(path, None, {"zero-limit": "0.4", "zero-level": "soft", "watch_days": "3"})
        assert "报警设置已保存" in admin.text
        assert 'value="0.4"' in admin.text
        admin.text = stale
        admin.send(path, watch_days="5")
        assert admin.status == 412

    def test_before_the_first_answer(self, admin: Reader) -> None:
        admin.open("/admin/watch")
        assert "没有报警" in admin.text
        assert "数据不够" in admin.text


class TestFigures:
    @pytest.mark.parametrize("name", ["needs", "matches", "grades", "nothing", "latency"])
    def test_each_chart_has_its_file(self, admin: Reader, name: str) -> None:
        admin.open(f"/admin/figures/{name}?days=14")
        assert admin.text.count('<th scope="row">') == 14
        admin.open(f"/admin/figures/{name}.csv?days=14")
        lines = admin.text.splitlines()
        assert lines[0].startswith("\ufeff日期,")
        assert len(lines) == 15

    def test_a_match_is_counted_and_exposed(self, site: People, admin: Reader) -> None:
        site.app.state.counters.take()
        site.anonymous.post("/v1/matches", json={"text": "酶制剂发酵"})
        flush(site.database, site.app.state.counters)
        admin.open("/admin/figures/matches")
        assert "data:image/svg+xml;base64," in admin.text
        admin.open("/admin/figures/exposure")
        assert "data:image/svg+xml;base64," in admin.text
        admin.open("/admin/figures/exposure.csv")
        assert "供给方" in admin.text

    def test_formulas_of_names_are_taken_for_text(self, site: People, admin: Reader) -> None:
        listing = replace(LISTINGS[0], id="PF-EVIL", operator="=HYPERLINK(1)")
        with site.database.session() as session:
            put_many(session, [listing], CONSOLE)
        admin.open("/admin/figures/exposure.csv")
        assert ",'=HYPERLINK(1)," in admin.text
        assert ",=HYPERLINK" not in admin.text

    def test_nothing_of_other_names(self, admin: Reader) -> None:
        for path in ("/admin/figures/other", "/admin/figures/other.csv", "/admin/figures/exposure?month=x"):
            admin.open(path)
            assert admin.status in (404, 422)


class TestAudit:
    def test_filters_paging_and_file(self, admin: Reader) -> None:
        admin.open("/admin/organisations/new")
        admin.send("/admin/organisations/new", name="审计用的单位")
        admin.open("/admin/audit?action=organisation.create")
        assert "organisation.create" in admin.text
        assert "单位 · 新建" in admin.text
        assert "profile.create" not in admin.text
        admin.open("/admin/audit.csv?action=organisation.create")
        assert len(admin.text.splitlines()) >= 2
        admin.open("/admin/audit?action=nobody.did")
        assert "没有这样的记录" in admin.text

    def test_the_ledger_as_a_file(self, admin: Reader) -> None:
        admin.open("/admin/ledger.ndjson")
        assert admin.text.startswith("{")
        assert '"number":1' in admin.text


class TestEscaping:
    def test_no_field_reaches_a_page_as_markup(self, admin: Reader) -> None:
        """Into every field of every form of the console, and read back from the page that comes and from the lists."""
        draft = drafted(admin, **{"w-late": "20.5"})
        pages = (
            "/admin/users/new", "/admin/organisations/new", "/admin/keys", "/admin/judging", "/admin/rules",
            "/admin/rules/synonyms", "/admin/rules/dictionary", "/admin/watch/thresholds", f"{draft}/weights",
            "/admin/experiments/new", draft,
        )  # fmt: skip
        tried = 0
        for path in pages:
            admin.open(path)
            for form in admin_forms(admin):
                admin.open(path)
                skipped = {"csrf_token", "once", "etag", "confirmed", "act", "file"}
                typed = dict.fromkeys(form.names - skipped, EVIL)
                if not typed or form.action.endswith("/gates"):
                    continue
                admin.send(form.action, form.buttons[0] if form.buttons[0][0] else None, typed)
                tried += len(typed)
                assert admin.status < 500, (path, form.action)
                assert "<script>alert(1)" not in admin.text, (path, form.action)
        assert tried > 60
        lists = ("/admin/users", "/admin/organisations", "/admin/judging", "/admin/profiles", "/admin/audit")
        for path in (*lists, "/admin/keys", "/admin/rules", "/admin/watch/publications"):
            admin.open(path)
            assert "<script>alert(1)" not in admin.text, path

    @pytest.mark.parametrize(
        "path",
        ["/admin/users?q=", "/admin/organisations?q=", "/admin/approvals?q=", "/admin/audit?action=",
         "/admin/rules/synonyms?term=", "/admin/profiles?name="],
    )  # fmt: skip
    def test_what_is_looked_for_is_text(self, admin: Reader, path: str) -> None:
        admin.open(path + "%3Cscript%3Ealert(1)%3C/script%3E%22'")
        assert admin.status == 200
        assert "<script>alert(1)" not in admin.text


def admin_forms(reader: Reader) -> list[PageForm]:
    return [one for one in forms_of(reader.text) if one.method == "post" and one.action != "/sign-out"]


def test_needs_of_the_wall_are_led_to_from_a_gate_and_others_are_not(site: People) -> None:
    with site.database.session() as session:
        draft = create(session, CONSOLE, "city", Document(CONTRARY), "试一试")
    body = {"text": "晶圆流片", "state": "published", "listed": True, "visibility": {"text": "public"}}
    need = site.requester.post("/v1/needs", json=body).json()["id"]
    pages = []
    for given in ({}, {"recent": ["晶圆流片"]}):
        made = site.admin.post(f"/v1/profiles/{draft.id}/gates", json=given).json()
        pages.append(site.admin.get(f"/admin/profiles/{draft.id}/gates/{made['id']}").text)
    assert f'href="/needs/{need}"' in pages[0]
    assert 'href="/needs/' not in pages[1].split("<h2>")[-1]
    assert "第 1 条近期需求" in pages[1]
