"""The console in a real browser: every page at both sizes, and what script adds: keys, sliders, words of waiting."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.browser import Visitor
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_people import EVIL, Program, unique
from tests.api.portal.variants import SCRIPTS, SIZES, THEMES

PATHS = (
    "/admin",
    "/admin/figures/needs",
    "/admin/figures/latency",
    "/admin/figures/exposure",
    "/admin/approvals?queue=all",
    "/admin/users",
    "/admin/users/new",
    "/admin/organisations",
    "/admin/organisations/new",
    "/admin/keys",
    "/admin/outbox",
    "/admin/profiles",
    "/admin/profiles/published",
    "/admin/experiments",
    "/admin/experiments/new",
    "/admin/rules",
    "/admin/rules/synonyms?term=发酵罐",
    "/admin/rules/dictionary",
    "/admin/judging",
    "/admin/watch",
    "/admin/watch/publications",
    "/admin/watch/thresholds",
    "/admin/audit",
    "/admin/ledger",
)
#: Measuring two needs anew, on a busy machine.
MEASURED = 60_000
COMPLETE = {"summary": "五十升到五千升发酵", "province": "广东省", "city": "东莞市", "capabilities": ["发酵放大"]}

#: Sends the form of the gate and stops it: what is said meanwhile can then be read at leisure.
STOPPED_SUBMIT = """() => {
  const form = document.querySelector("#run-gate");
  form.addEventListener("submit", (event) => event.preventDefault(), { once: true });
  form.requestSubmit();
  delete form.dataset.sent;
}"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def signed_in(one: Visitor) -> Visitor:
    one.sign_in("admin")
    return one


@SIZES
@THEMES
def test_every_page_is_accessible(visitor: NewVisitor, size: str, dark: bool) -> None:
    one = signed_in(visitor(size, dark=dark))
    for path in PATHS:
        one.open(path)
        assert one.page.inner_text("h1")
        one.check()


def test_the_console_speaks_english(visitor: NewVisitor) -> None:
    one = signed_in(visitor())
    one.open("/language/en?next=/admin")
    for path in PATHS:
        one.open(path)
        headings = " ".join(one.page.locator("main h1, main h2, main nav a").all_inner_texts())
        shown = re.sub(r"[“\"].*?[”\"]", "", headings)
        if path.startswith(("/admin/approvals", "/admin/rules")):
            continue  # names of listings and states of versions are as they were written
        assert not re.search(r"[\u4e00-\u9fff]", shown), (path, headings)
    one.check()


def submitted(operator: Program, name: str) -> str:
    """The id of a listing that waits for approval."""
    made = operator.send("POST", "/v1/listings", {"kind": "platform", "name": name, **COMPLETE})
    operator.send("POST", f"/v1/listings/{made['id']}/submission")
    return str(made["id"])


def state_of(admin: Program, listing_id: str) -> str:
    return str(admin.get(f"/v1/listings/{listing_id}")["standing"]["state"])


class TestApprovals:
    @SIZES
    def test_one_key_approves(self, visitor: NewVisitor, operator: Program, admin: Program, size: str) -> None:
        name = unique("键盘平台")
        listing_id = submitted(operator, name)
        one = signed_in(visitor(size))
        one.open(f"/admin/approvals?q={name}")
        assert "第一次提交" in one.page.inner_text("main")
        one.check()
        one.page.keyboard.press("j")
        one.page.keyboard.press("a")
        one.page.wait_for_selector(".flash")
        assert "已通过审核" in one.page.inner_text(".flash")
        assert state_of(admin, listing_id) == "approved"

    def test_keys_can_be_switched_off(self, visitor: NewVisitor, operator: Program, admin: Program) -> None:
        name = unique("关键盘")
        listing_id = submitted(operator, name)
        one = signed_in(visitor())
        one.open(f"/admin/approvals?q={name}")
        one.page.uncheck(".shortcuts input")
        one.page.focus("[data-entry]")
        one.page.keyboard.press("a")
        one.page.reload()
        assert not one.page.is_checked(".shortcuts input")
        assert state_of(admin, listing_id) == "submitted"
        # And nobody who writes a reason approves with its letters.
        one.page.check(".shortcuts input")
        one.page.focus("[data-entry]")
        one.page.keyboard.press("r")
        one.page.keyboard.type("a lack of data")
        assert state_of(admin, listing_id) == "submitted"
        one.page.click("details[open] button:has-text('退回')")
        one.page.wait_for_selector(".flash")
        assert state_of(admin, listing_id) == "returned"

    def test_changes_are_shown_against_what_was_approved(
        self, visitor: NewVisitor, operator: Program, admin: Program
    ) -> None:
        name = unique("改动平台")
        listing = operator.published(admin, name=name, **COMPLETE)
        listing_id = listing["id"]
        version = admin.get(f"/v1/listings/{listing_id}")["standing"]["version"]
        operator.send("PATCH", f"/v1/listings/{listing_id}", {"summary": EVIL}, etag=f'"{version}"')
        one = signed_in(visitor(script=False))
        one.open(f"/admin/approvals?queue=changed&q={name}")
        text = one.page.inner_text("main")
        assert "五十升到五千升发酵" in text
        assert EVIL in text
        one.page.click("button:has-text('通过')")
        assert "已通过审核" in one.page.inner_text(".flash")
        assert not admin.get(f"/v1/listings/{listing_id}")["standing"]["changed"]

    @SCRIPTS
    def test_hiding_wants_a_reason_and_is_taken_back(
        self, visitor: NewVisitor, operator: Program, admin: Program, script: bool
    ) -> None:
        listing_id = operator.published(admin, name=unique("屏蔽平台"), **COMPLETE)["id"]
        one = signed_in(visitor(script=script))
        one.open(f"/admin/approvals/{listing_id}")
        one.check() if script else None
        one.page.click("summary:has-text('屏蔽')")
        one.page.fill("#reason-hide", "有人投诉")
        one.page.check("#act-hide [name=confirmed]")
        one.page.click("#act-hide button")
        assert "不再展示" in one.page.inner_text(".flash")
        assert "有人投诉" in one.page.inner_text("main")
        assert admin.get(f"/v1/listings/{listing_id}")["standing"]["hidden"]
        one.page.click("button:has-text('取消屏蔽')")
        assert "已取消屏蔽" in one.page.inner_text(".flash")
        assert not admin.get(f"/v1/listings/{listing_id}")["standing"]["hidden"]

    def test_a_listing_is_assigned(self, visitor: NewVisitor, operator: Program, admin: Program) -> None:
        name = unique("新单位")
        owner = admin.send("POST", "/v1/organisations", {"name": name})["id"]
        listing_id = submitted(operator, unique("划归平台"))
        one = signed_in(visitor())
        one.open(f"/admin/approvals/{listing_id}?q={name}")
        one.page.select_option("#organisation", owner)
        one.page.click("button:has-text('划归') >> nth=-1")
        assert "已划归" in one.page.inner_text(".flash")
        assert admin.get(f"/v1/listings/{listing_id}")["standing"]["organisation_id"] == owner

    def test_what_is_not_there(self, visitor: NewVisitor) -> None:
        one = signed_in(visitor())
        for path in ("/admin/approvals/nobody", "/admin/users/nobody", "/admin/judging/nobody", "/admin/profiles/none"):
            answer = one.page.goto(one.address + path)
            assert answer is not None
            assert answer.status == 404
            assert "没有找到这个页面" in one.page.inner_text("h1")


class TestAccounts:
    def test_from_invitation_to_deactivation(self, visitor: NewVisitor, admin: Program) -> None:
        email, name = f"{unique('new')}@{DOMAIN}", unique("新人")
        one = signed_in(visitor("phone", script=False))
        one.open("/admin/users/new")
        one.page.fill("[name=name]", name)
        one.page.fill("[name=email]", email)
        one.page.select_option("[name=role]", "broker")
        one.page.click("main form button")
        said = one.page.inner_text(".flash")
        link = re.search(r"http\S+", said)
        assert link is not None

        other = visitor()
        other.page.goto(link.group())
        other.page.fill("[name=password]", PASSWORD)
        other.page.click("main form button")
        other.page.fill("[name=email]", email)
        other.page.fill("[name=password]", PASSWORD)
        other.page.click("main form button")
        other.page.wait_for_url(lambda url: "/sign-in" not in url)

        assert one.page.reload() is not None
        assert "token=" not in one.page.inner_text("body")  # shown once
        one.page.click("summary:has-text('停用账号')")
        one.page.check("#act-deactivate [name=confirmed]")
        one.page.click("#act-deactivate button")
        assert "账号已停用" in one.page.inner_text(".flash")
        other.open("/account")
        assert "/sign-in" in other.page.url
        one.page.click("button:has-text('重新启用')")
        assert "账号已启用" in one.page.inner_text(".flash")
        one.open(f"/admin/users?q={name}&role=broker&active=true")
        assert name in one.page.inner_text("table")

    def test_an_address_that_is_taken_is_told_beside_it(self, visitor: NewVisitor) -> None:
        one = signed_in(visitor())
        one.open("/admin/users/new")
        one.page.fill("[name=name]", EVIL)
        one.page.fill("[name=email]", f"broker@{DOMAIN}")
        one.page.select_option("[name=role]", "broker")
        one.page.click("main form button")
        assert one.page.inner_text("#error-email")
        assert one.page.input_value("[name=name]") == EVIL
        one.check()

    @SIZES
    def test_a_user_and_an_organisation(self, visitor: NewVisitor, admin: Program, size: str) -> None:
        one = signed_in(visitor(size))
        one.open("/admin/organisations/new")
        name = unique("登记单位")
        one.page.fill("[name=name]", name)
        one.page.fill("[name=credit_code]", "123")
        one.page.click("main form button")
        assert one.page.inner_text("#error-credit_code")
        one.page.fill("[name=credit_code]", "")
        one.page.click("main form button")
        assert "单位已登记" in one.page.inner_text(".flash")
        one.check()
        one.page.fill("[name=city]", "东莞市")
        one.page.click("button:has-text('保存')")
        assert "单位已保存" in one.page.inner_text(".flash")
        one.page.click("summary:has-text('删除单位')")
        one.page.check("[name=confirmed]")
        one.page.click(".danger-zone button")
        assert "单位已删除" in one.page.inner_text(".flash")
        user = admin.get("/v1/users", q=f"operator@{DOMAIN}")["users"][0]
        one.open(f"/admin/users/{user['id']}")
        one.check()

    def test_two_who_write_the_same_account(self, visitor: NewVisitor, admin: Program) -> None:
        made = admin.send("POST", "/v1/users", {"email": f"{unique('two')}@{DOMAIN}", "name": "两人"})["user"]
        one = signed_in(visitor())
        one.open(f"/admin/users/{made['id']}")
        admin.send("PATCH", f"/v1/users/{made['id']}", {"name": "别人改的"}, etag=f'"{made["version"]}"')
        one.page.fill("[name=name]", "我改的")
        one.page.click("button:has-text('保存')")
        assert one.page.input_value("[name=name]") == "我改的"
        assert one.page.inner_text(".problems")
        assert admin.get(f"/v1/users/{made['id']}")["name"] == "别人改的"

    def test_a_key_is_shown_once(self, visitor: NewVisitor) -> None:
        one = signed_in(visitor())
        name = unique("程序")
        one.open("/admin/keys")
        one.page.fill("[name=name]", name)
        one.page.check("[name=scopes][value=read]")
        one.page.click("main form button >> nth=0")
        assert "只显示这一次" in one.page.inner_text(".flash")
        one.page.reload()
        assert "只显示这一次" not in one.page.inner_text("main")
        one.page.on("dialog", lambda dialog: dialog.accept())
        one.page.click(f"tr:has-text('{name}') button")
        assert "已吊销" in one.page.inner_text(".flash")


@pytest.fixture(scope="module")
def judged(portal: str, admin: Program, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a set of two needs with a grade each, and pairs to judge for the admin."""
    made = admin.send("POST", "/v1/judgement-sets", {"name": unique("pages-")})
    listing = admin.get("/v1/listings", size=2)["listings"]
    needs = [{"id": f"N-{number}", "description": text} for number, text in enumerate(("酶制剂发酵放大", EVIL), 1)]
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in needs).encode()
    grades = f"need_id,listing_id,grade\nN-1,{listing[0]['id']},3\nN-2,{listing[1]['id']},2\n".encode()
    files = {"file": ("a.csv", grades), "needs": ("n.jsonl", lines)}
    client, base = admin._client, f"/v1/judgement-sets/{made['id']}"
    seen = client.post(f"{base}/imports", files=files).json()
    assert seen["problem_count"] == 0, seen
    assert client.post(f"{base}/imports/confirmation", files=files, data={"hash": seen["hash"]}).status_code == 200
    me = client.get("/v1/session").json()["user"]["id"]
    admin.send("POST", f"{base}/queue", {"judges": [me], "each": 1, "depth": 3})
    return str(made["id"])


class TestJudging:
    def test_by_keys(self, visitor: NewVisitor, judged: str) -> None:
        one = signed_in(visitor())
        one.open(f"/admin/judging/{judged}/next")
        one.check()
        done = int(re.findall(r"已完成 (\d+)", one.page.inner_text("main"))[0])
        for number, key in enumerate(("2", "s"), 1):
            one.page.keyboard.press(key)
            one.page.wait_for_selector(f"text=已完成 {done + number} /")

    def test_by_buttons_on_a_phone(self, visitor: NewVisitor, judged: str) -> None:
        one = signed_in(visitor("phone", script=False))
        one.open(f"/admin/judging/{judged}/next")
        done = int(re.findall(r"已完成 (\d+)", one.page.inner_text("main"))[0])
        one.page.click("button[value='1']")
        assert f"已完成 {done + 1} /" in one.page.inner_text("main")

    @SIZES
    def test_the_pages_of_a_set(self, visitor: NewVisitor, judged: str, size: str) -> None:
        one = signed_in(visitor(size))
        for path in (f"/admin/judging/{judged}", f"/admin/judging/{judged}/files", f"/admin/judging/{judged}/next"):
            one.open(path)
            one.check()

    def test_a_file_is_looked_at_before_it_is_written(
        self, visitor: NewVisitor, judged: str, admin: Program, tmp_path: Path
    ) -> None:
        listing = admin.get("/v1/listings", size=5)["listings"][4]["id"]
        path = tmp_path / "a.csv"
        path.write_text(f"need_id,listing_id,grade,judge\nN-1,{listing},1,{unique('j')}\n")
        before = admin.get(f"/v1/judgement-sets/{judged}")["judgements"]
        one = signed_in(visitor())
        one.open(f"/admin/judging/{judged}/files")
        one.page.set_input_files("#field-file", path)
        one.page.click("button:has-text('上传并预览')")
        one.page.wait_for_selector("text=预览:还没有写入")
        one.check()
        assert admin.get(f"/v1/judgement-sets/{judged}")["judgements"] == before
        one.page.click("button:has-text('确认写入')")
        assert "标注已写入" in one.page.inner_text(".flash")
        assert admin.get(f"/v1/judgement-sets/{judged}")["judgements"] == before + 1


class TestWeights:
    def test_sliders_preview_as_they_move(self, visitor: NewVisitor, judged: str, admin: Program) -> None:
        versions = admin.get("/v1/profiles")["total"]
        one = signed_in(visitor())
        one.page.set_default_timeout(MEASURED)
        one.open("/admin/profiles/published")
        one.open(one.page.url.removeprefix(one.address) + "/weights")
        assert one.page.locator("input[type=range]").count() > 10
        one.check()
        one.page.select_option("#field-judgement_set", judged)
        one.page.wait_for_selector("#preview table")
        slider = one.page.locator("[type=range] + #field-w-late, #field-w-late").first
        before = slider.input_value()
        one.page.focus("[type=range] >> nth=3")
        one.page.locator("#field-w-late").locator("xpath=preceding-sibling::input").focus()
        with one.page.expect_response(lambda answer: answer.url.endswith("/weights")):
            for _ in range(40):
                one.page.keyboard.press("ArrowLeft")
        assert slider.input_value() != before
        one.page.wait_for_selector("#preview:not([aria-busy])")
        assert "nDCG@10" in one.page.inner_text("#preview")
        with one.page.expect_response(lambda answer: answer.url.endswith("/weights")):
            one.page.fill("[name=need]", "酶制剂发酵放大")
        one.page.wait_for_selector("text=并排比较")
        one.check()
        assert admin.get("/v1/profiles")["total"] == versions
        one.page.fill("[name=reason]", "滑块试过")
        one.page.click("button:has-text('存为草稿')")
        one.page.wait_for_selector("text=已存为新的一版草稿")
        one.check()
        assert "滑块试过" in one.page.inner_text("main")

    @SIZES
    def test_the_gate_says_that_it_runs(self, visitor: NewVisitor, judged: str, admin: Program, size: str) -> None:
        present = admin.get("/v1/profiles/published")
        late = present["document"]["weights"]["late"] + 0.25
        changes = {"weights": {"late": late}}
        body = {"base": present["id"], "name": f"gated-{size}", "reason": EVIL, "changes": changes}
        draft = admin.send("POST", "/v1/profiles", body)["id"]
        one = signed_in(visitor(size))
        one.page.set_default_timeout(MEASURED)
        one.open(f"/admin/profiles/{draft}")
        assert EVIL in one.page.inner_text("main")
        one.check()
        one.page.select_option("#field-judgement_set", judged)
        one.page.fill("[name=recent]", "酶制剂发酵放大\n8英寸晶圆流片")
        one.page.evaluate(STOPPED_SUBMIT)
        assert "门禁正在运行" in one.page.inner_text("#run-gate [role=status]")
        one.page.click("#run-gate button")
        one.page.wait_for_url("**/gates/**")
        assert "需求太少" in one.page.inner_text("main")
        one.check()
        one.open(f"/admin/profiles/{draft}")
        assert "门禁没有通过" in one.page.inner_text("main")
        one.check()


@pytest.fixture(scope="module")
def paths(admin: Program) -> list[str]:
    """A draft of its own name with a rule, synonyms and words, and an experiment that has ended."""
    present = admin.get("/v1/profiles/published")["id"]
    listing = admin.get("/v1/listings", kind="platform", size=1)["listings"][0]["id"]
    name = unique("pages-")
    rule = {"what": "pin", "listing_id": listing, "reason": EVIL, "owner": "张三", "expires": "2999-12-31"}
    scope = {"kinds": ["platform"], "places": ["广东省"], "words": ["发酵"]}
    made = admin.send("POST", f"/v1/profiles/{present}/rules", rule | {"name": name, "when": scope})
    profile, rule_id = made["profile"]["id"], made["rule"]["id"]
    words = {"terms": [unique("甲罐"), unique("乙罐")]}
    profile = admin.send("POST", f"/v1/profiles/{profile}/synonyms", words)["profile"]["id"]
    profile = admin.send("POST", f"/v1/profiles/{profile}/dictionary", {"words": [unique("丙釜")]})["profile"]["id"]
    body = {"what": "shadow", "profile": profile, "share": 0.01, "reason": "试一试"}
    experiment = admin.send("POST", "/v1/experiments", body)["id"]
    admin.send("POST", f"/v1/experiments/{experiment}/ending", {"reason": "够了"})
    return [
        f"/admin/profiles/{profile}",
        f"/admin/profiles/{profile}/weights",
        f"/admin/rules?profile={profile}",
        f"/admin/rules/{profile}/{rule_id}",
        f"/admin/rules/synonyms?profile={profile}",
        f"/admin/rules/dictionary?profile={profile}",
        f"/admin/experiments/{experiment}",
        f"/admin/experiments/new?profile={profile}",
        "/admin/experiments?state=stopped",
        f"/admin/profiles?name={name}",
        f"/admin/approvals/{listing}",
        "/admin/watch/publications",
    ]


class TestPagesWithSomethingInThem:
    @SIZES
    def test_they_are_accessible(self, visitor: NewVisitor, paths: list[str], size: str) -> None:
        one = signed_in(visitor(size))
        for path in paths:
            one.open(path)
            for details in one.page.locator("main details:not([open]) > summary").all():
                if details.is_visible():
                    details.click()
            one.check()

    def test_a_rule_shows_what_it_is_for(self, visitor: NewVisitor, paths: list[str]) -> None:
        one = signed_in(visitor(script=False))
        one.open(paths[2])
        text = one.page.inner_text("main")
        assert EVIL in text
        assert "中试平台" in text
        assert "2999年12月31日" in text
