"""Rules against the catalogue: what is refused when a rule is made, and once more when it is to be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.allowance import publish_allowed
from matcher.catalogue.profiles.drafts import create, get
from matcher.catalogue.profiles.edits import editable, save
from matcher.catalogue.profiles.publishing import publish, rollback
from matcher.catalogue.profiles.rule_checks import NAMED, about, check_pins, with_checked_rules
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, InvalidInput, NotFound, Outdated
from matcher.ranking.documents import Document
from matcher.ranking.rules import Rule, Scope, What
from matcher.today import today
from tests.matcher.small import LISTINGS, PROFILE

TODAY = date(2026, 6, 1)
LATER = "2999-12-31"
ALWAYS = Scope()


def rule(listing_id: str, what: What = "pin", expires: str = LATER, when: Scope = ALWAYS) -> Rule:
    return Rule(f"{what}-{listing_id}", what, listing_id, "理由", "张三", expires, when)


@pytest.fixture
def filled(database: Database) -> Database:
    """PF-1 in sight, PF-2 hidden by an admin, PF-3 retired, PF-4 a draft, CA-1 a case; PF-9 was never there."""
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
        session.execute(update(ListingRow).where(ListingRow.id == "PF-2").values(hidden=True))
        session.execute(update(ListingRow).where(ListingRow.id == "PF-3").values(state="retired"))
        session.execute(update(ListingRow).where(ListingRow.id == "PF-4").values(state="draft"))
    return database


def checked(session: Session, *rules: Rule, before: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    return with_checked_rules(session, Document(PROFILE, rules=rules), before, TODAY).rules


class TestMaking:
    @pytest.mark.parametrize(
        ("listing_id", "said"),
        [("PF-2", "屏蔽"), ("PF-3", "已下架"), ("PF-4", "草稿"), ("PF-9", "没有编号"), ("CA-1", "案例")],
    )
    def test_a_pin_of_what_nobody_sees(self, filled: Database, listing_id: str, said: str) -> None:
        with filled.reading() as session, pytest.raises(InvalidInput, match=said) as caught:
            checked(session, rule("PF-1"), rule(listing_id))
        assert caught.value.field == "rules[1].listing_id"
        assert caught.value.hint

    def test_a_pin_of_what_never_takes_part_is_not_to_be_published_first(self, filled: Database) -> None:
        hints = {}
        with filled.reading() as session:
            for listing_id in ("CA-1", "PF-2", "PF-4"):
                with pytest.raises(InvalidInput) as caught:
                    checked(session, rule(listing_id))
                hints[listing_id] = caught.value.hint or ""
        assert hints["CA-1"] == "只能置顶中试平台、中试设备、中试代工厂、中试解决方案"
        assert hints["PF-2"] == "请先恢复该条目"
        assert "发布" in hints["PF-4"]

    @pytest.mark.parametrize(
        ("hidden_from", "pinned_for"),
        [
            (ALWAYS, ALWAYS),
            (ALWAYS, Scope(words=("发酵",))),
            (Scope(words=("发酵", "放大")), Scope(words=("发酵",), kinds=("platform",))),
            (Scope(places=("441900",)), Scope(places=("东莞",))),
        ],
    )
    def test_a_pin_of_what_the_same_profile_hides(
        self, filled: Database, hidden_from: Scope, pinned_for: Scope
    ) -> None:
        hide, pin = rule("PF-1", "hide", when=hidden_from), rule("PF-1", when=pinned_for)
        with filled.reading() as session:
            for rules, place in (((hide, pin), 1), ((pin, hide), 0)):
                with pytest.raises(InvalidInput, match="同一方案的规则已将其屏蔽") as caught:
                    checked(session, *rules, before=(hide,))
                assert caught.value.field == f"rules[{place}].listing_id"
                assert LATER in (caught.value.hint or "")
            # What was pinned before may be hidden at once.
            assert checked(session, hide, pin, before=(pin,))

    @pytest.mark.parametrize(
        ("hide", "pinned_for"),
        [
            (rule("PF-1", "hide", when=Scope(words=("发酵",))), ALWAYS),
            (rule("PF-1", "hide", when=Scope(words=("发酵",))), Scope(words=("流片",))),
            (rule("PF-1", "hide", expires="2020-01-01"), ALWAYS),
            (rule("MF-1", "hide"), ALWAYS),
        ],
    )
    def test_a_pin_that_does_something_beside_a_hide(self, filled: Database, hide: Rule, pinned_for: Scope) -> None:
        with filled.reading() as session:
            assert checked(session, hide, rule("PF-1", when=pinned_for), before=(hide,))

    def test_a_hide_may_be_of_what_is_hidden_but_not_of_nothing(self, filled: Database) -> None:
        with filled.reading() as session:
            hides = tuple(rule(listing_id, "hide") for listing_id in ("PF-1", "PF-2", "PF-3"))
            assert checked(session, *hides) == hides
            with pytest.raises(InvalidInput, match="没有编号"):
                checked(session, rule("PF-9", "hide"))

    def test_the_last_day_is_still_good(self, filled: Database) -> None:
        with filled.reading() as session:
            assert checked(session, rule("PF-1", expires=TODAY.isoformat()))
            with pytest.raises(InvalidInput, match="已过") as caught:
                checked(session, rule("PF-1", expires=(TODAY - timedelta(days=1)).isoformat()))
            assert caught.value.field == "rules[0].expires"

    def test_what_was_there_before_may_have_ended_since(self, filled: Database) -> None:
        old = (rule("PF-2"), rule("PF-1", expires="2020-01-01"), rule("PF-9", "hide"))
        with filled.reading() as session:
            assert checked(session, *old, rule("MF-1"), before=old)[:3] == old
            with pytest.raises(InvalidInput):
                checked(session, replace(old[0], reason="换了理由"), before=old)

    def test_places_and_industries_become_codes(self, filled: Database) -> None:
        when = Scope(places=("东莞", "441900", "广东省"), words=("发酵",))
        with filled.reading() as session:
            (found,) = checked(session, rule("PF-1", when=when))
            assert found.when == Scope(places=("441900", "440000"), words=("发酵",))
            for wrong, field in (
                (Scope(places=("亚特兰蒂斯",)), "places"),
                (Scope(industries=("炼金",)), "industries"),
            ):
                with pytest.raises(InvalidInput) as caught:
                    checked(session, rule("PF-1", when=wrong))
                assert caught.value.field == f"rules[0].when.{field}"
                assert caught.value.hint

    def test_what_is_known_of_listings(self, filled: Database) -> None:
        with filled.reading() as session:
            assert about(session, ()) == {}
            found = about(session, ("PF-1", "PF-2", "PF-9"))
        assert {one: found[one].trouble for one in found} == {"PF-1": None, "PF-2": "已被管理员屏蔽"}
        assert found["PF-1"].name == LISTINGS[0].name


class TestPublishing:
    def test_a_pin_of_what_was_hidden_meanwhile(self, filled: Database) -> None:
        with filled.session() as session:
            made = create(session, CONSOLE, "city", Document(PROFILE, rules=(rule("PF-1"),)), "置顶")
            session.execute(update(ListingRow).where(ListingRow.id == "PF-1").values(hidden=True))
            with pytest.raises(Conflict, match="PF-1") as caught:
                publish_allowed(session, CONSOLE, made.id, "上线")
            assert "屏蔽" in caught.value.message
            assert caught.value.field == "rules"
            assert get(session, made.id).state == "draft"
            session.execute(update(ListingRow).where(ListingRow.id == "PF-1").values(hidden=False))
            assert publish_allowed(session, CONSOLE, made.id, "上线").profile_id == made.id

    def test_expired_pins_and_hides_stop_nothing(self, filled: Database) -> None:
        rules = (rule("PF-2", expires="2020-01-01"), rule("PF-3", "hide"), rule("PF-9", "hide"))
        with filled.reading() as session:
            check_pins(session, Document(PROFILE, rules=rules), TODAY)

    def test_some_are_named_and_the_others_counted(self, filled: Database) -> None:
        rules = tuple(rule(f"X-{number}") for number in range(NAMED + 3))
        with filled.reading() as session, pytest.raises(Conflict, match=f"等 {NAMED + 3} 个"):
            check_pins(session, Document(PROFILE, rules=rules), TODAY)

    def test_going_back_is_never_stopped_by_a_pin(self, filled: Database) -> None:
        with filled.session() as session:
            first = create(session, CONSOLE, "city", Document(PROFILE, rules=(rule("PF-2"),)), "一")
            publish(session, CONSOLE, first.id, "一")
            publish(session, CONSOLE, create(session, CONSOLE, "city", Document(PROFILE), "二").id, "二")
            assert rollback(session, CONSOLE, "回退").profile_id == first.id


class TestEditing:
    def draft(self, session: Session, late: float = 1.0, name: str = "city") -> StoredProfile:
        document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))
        return create(session, CONSOLE, name, document, "试一试")

    def test_the_second_of_two_who_edit_one_version_is_told(self, database: Database) -> None:
        with database.session() as session:
            first = self.draft(session)
            base = editable(session, first.id)
            second = save(session, CONSOLE, base, Document(PROFILE, dictionary=("膜分离",)), "词典")
            assert (second.version, second.parent_id) == (2, first.id)
            with pytest.raises(Outdated, match="第 2 版") as caught:
                editable(session, first.id)
            assert caught.value.field == "profile_id"
            assert editable(session, second.id).id == second.id

    def test_under_another_name_any_version_may_be_edited(self, database: Database) -> None:
        with database.session() as session:
            first = self.draft(session)
            self.draft(session, 2.0)
            base = editable(session, first.id, "other")
            made = save(session, CONSOLE, base, Document(PROFILE, dictionary=("膜分离",)), "另起", "other")
            assert (made.name, made.version, made.parent_id) == ("other", 1, first.id)
            with pytest.raises(Outdated):
                editable(session, first.id, "city")

    def test_unknown_versions(self, database: Database) -> None:
        with database.reading() as session, pytest.raises(NotFound):
            editable(session, "none")


class TestLedger:
    def test_pins_hides_words_and_weights_are_read_from_the_entry(self, filled: Database) -> None:
        plain = Document(PROFILE)
        heavier = replace(PROFILE, weights=PROFILE.weights | {"late": 30.0})
        changed = Document(
            heavier, (("发酵罐", "fermenter"),), (("膜", "薄膜"),), ("膜分离",), (rule("PF-1"), rule("MF-1", "hide")),
            (("电子束熔化", "增材制造"),),
        )  # fmt: skip
        with filled.session() as session:
            publish(session, CONSOLE, create(session, CONSOLE, "city", plain, "一").id, "首次")
            publish(session, CONSOLE, create(session, CONSOLE, "city", changed, "二").id, "调整")
            rollback(session, CONSOLE, "投诉")
            entries = list(ledger.entries(session))
            ledger.verify(entries)
        said = entries[1].content["changes"]
        assert said["weights"] == {"late": [PROFILE.weights["late"], 30.0]}
        assert [(one["what"], one["listing_id"], one["reason"], one["expires"]) for one in said["rules"]["added"]] == [
            ("pin", "PF-1", "理由", LATER),
            ("hide", "MF-1", "理由", LATER),
        ]
        assert said["synonyms_added"]["added"] == [["发酵罐", "fermenter"]]
        assert said["synonyms_removed"]["added"] == [["膜", "薄膜"]]
        assert said["synonyms_narrower"]["added"] == [["电子束熔化", "增材制造"]]
        assert said["dictionary"]["added"] == ["膜分离"]
        back = entries[2].content["changes"]
        assert back["weights"] == {"late": [30.0, PROFILE.weights["late"]]}
        assert [one["listing_id"] for one in back["rules"]["removed"]] == ["PF-1", "MF-1"]
        assert "张三" not in "".join(map(ledger.line_of, entries))


def test_the_day_is_the_day_in_china(filled: Database) -> None:
    with filled.reading() as session:
        document = Document(PROFILE, rules=(rule("PF-1", expires=today().isoformat()),))
        assert with_checked_rules(session, document, (), today()) == document
