"""One rule of a document put in, changed or taken out: each gives another document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcher.errors import InvalidInput, NotFound
from matcher.ranking.documents import Document
from matcher.ranking.rules import WHAT_NAMES, Rule, rule_fields, rules_from


def rule_of(document: Document, rule_id: str) -> Rule:
    """A rule by its id.

    Raises:
        NotFound: there is none.
    """
    found = next((rule for rule in document.rules if rule.id == rule_id), None)
    if found is None:
        raise NotFound("这一版没有这条规则", hint="规则见 /v1/profiles/{编号}/rules", field="rule_id")
    return found


def with_rule(document: Document, fields: Mapping[str, Any], place: int | None = None) -> Document:
    """With a rule put in: behind all others, or as the one at `place`, counted from 1; pins hold in this order.

    Raises:
        InvalidInput: it is not well formed (`field` as `expires`), does what another one does, or is one too many.
    """
    rule = _read(fields)
    _refuse_twin(document.rules, rule)
    rules = list(document.rules)
    rules.insert(len(rules) if place is None else place - 1, rule)
    return _with_rules(document, rules)


def with_changed_rule(
    document: Document, rule_id: str, fields: Mapping[str, Any], place: int | None = None
) -> Document:
    """With some fields of a rule changed, and moved to `place` where that is given; errors as for both others."""
    old = rule_of(document, rule_id)
    rule = _read({**rule_fields(old), **fields, "id": rule_id})
    others = [one for one in document.rules if one.id != rule_id]
    _refuse_twin(others, rule)
    others.insert(document.rules.index(old) if place is None else place - 1, rule)
    return _with_rules(document, others)


def without_rule(document: Document, rule_id: str) -> Document:
    """Without a rule. Raises NotFound where there is none."""
    gone = rule_of(document, rule_id)
    return replace(document, rules=tuple(rule for rule in document.rules if rule is not gone))


def summary(rule: Rule) -> str:
    """A rule in one line, for the reason of a version: 置顶 PF-1:省级示范平台."""
    return f"{WHAT_NAMES[rule.what]} {rule.listing_id}:{rule.reason}"


def _read(fields: Mapping[str, Any]) -> Rule:
    try:
        return rules_from([dict(fields)])[0]
    except InvalidInput as error:
        field = (error.field or "").removeprefix("rules[0].")
        raise InvalidInput(error.message.replace("rules[0].", ""), hint=error.hint, field=field) from error


def _refuse_twin(rules: Sequence[Rule], rule: Rule) -> None:
    """Two rules that do the same for the same needs: the second would only hide when the first ends."""
    for other in rules:
        if (other.what, other.listing_id, other.when) == (rule.what, rule.listing_id, rule.when):
            message = f"已有一条规则对同样的需求{WHAT_NAMES[rule.what]} {rule.listing_id[:64]}"
            raise InvalidInput(message, hint=f"请修改那一条(编号 {other.id[:64]})", field="listing_id")


def _with_rules(document: Document, rules: Sequence[Rule]) -> Document:
    return replace(document, rules=rules_from([rule_fields(rule) for rule in rules]))
