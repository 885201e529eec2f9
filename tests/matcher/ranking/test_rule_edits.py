"""One rule put in, changed or taken out: the others stay, and a bad one is refused by its field."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.errors import InvalidInput, NotFound
from matcher.ranking.documents import Document
from matcher.ranking.rule_edits import rule_of, summary, with_changed_rule, with_rule, without_rule
from matcher.ranking.rules import PINS_MAX, RULES_MAX, Rule, Scope
from tests.matcher.small import PROFILE

PIN: dict[str, Any] = {
    "id": "r-1", "what": "pin", "listing_id": "PF-1", "reason": "示范", "owner": "张三", "expires": "2999-12-31",
}  # fmt: skip


def many(count: int, what: str = "pin") -> Document:
    rules = tuple(
        Rule(f"r-{number}", what, f"PF-{number}", "试", "张三", "2999-12-31")  # type: ignore[arg-type]  # pin or hide
        for number in range(count)
    )
    return Document(PROFILE, rules=rules)


def ids(document: Document) -> list[str]:
    return [rule.id for rule in document.rules]


def test_put_in_changed_and_taken_out() -> None:
    first = with_rule(Document(PROFILE), PIN)
    second = with_rule(first, PIN | {"id": "r-2", "listing_id": "PF-2"}, 1)
    assert ids(second) == ["r-2", "r-1"]
    changed = with_changed_rule(second, "r-2", {"reason": "改了", "when": {"words": ["发酵"]}})
    assert ids(changed) == ["r-2", "r-1"]
    assert rule_of(changed, "r-2").when == Scope(words=("发酵",))
    assert rule_of(changed, "r-1") == rule_of(second, "r-1")
    moved = with_changed_rule(changed, "r-2", {}, 2)
    assert ids(moved) == ["r-1", "r-2"]
    assert ids(without_rule(moved, "r-1")) == ["r-2"]
    assert summary(rule_of(moved, "r-1")) == "置顶 PF-1:示范"


def test_a_place_behind_the_last_is_the_last() -> None:
    assert ids(with_rule(many(2), PIN | {"id": "new", "listing_id": "X"}, 9)) == ["r-0", "r-1", "new"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": None}, "reason"),
        ({"owner": ""}, "owner"),
        ({"owner": None}, "owner"),
        ({"expires": "明年"}, "expires"),
        ({"what": "boost"}, "what"),
        ({"listing_id": ""}, "listing_id"),
        ({"when": {"kinds": ["policy"]}}, "when.kinds"),
        ({"when": {"words": [""]}}, "when.words"),
    ],
)
def test_a_bad_one_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        with_rule(Document(PROFILE), PIN | fields)
    assert caught.value.field == field
    assert caught.value.hint
    assert "rules[" not in caught.value.message
    with pytest.raises(InvalidInput):
        with_changed_rule(with_rule(Document(PROFILE), PIN), "r-1", fields)


def test_twins_are_refused() -> None:
    one = with_rule(Document(PROFILE), PIN)
    with pytest.raises(InvalidInput, match="已有一条规则") as caught:
        with_rule(one, PIN | {"id": "r-2", "reason": "另一个理由"})
    assert "r-1" in (caught.value.hint or "")
    two = with_rule(one, PIN | {"id": "r-2", "when": {"words": ["发酵"]}})
    with pytest.raises(InvalidInput, match="已有一条规则"):
        with_changed_rule(two, "r-2", {"when": {}})
    assert len(with_rule(one, PIN | {"id": "r-2", "what": "hide"}).rules) == 2


def test_one_too_many() -> None:
    with pytest.raises(InvalidInput, match=str(PINS_MAX)):
        with_rule(many(PINS_MAX), PIN | {"id": "new", "listing_id": "X"})
    with pytest.raises(InvalidInput, match=str(RULES_MAX)):
        with_rule(many(RULES_MAX, "hide"), PIN | {"id": "new", "listing_id": "X"})


def test_unknown_rules() -> None:
    for act in (rule_of, without_rule, lambda document, id: with_changed_rule(document, id, {})):
        with pytest.raises(NotFound):
            act(many(1), "r-9")
