"""Changes of a document: only what is named changes, and what can't be used is named."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.ranking.document_changes import changed
from matcher.ranking.documents import Document, canonical, differences, document_from
from matcher.ranking.features import FEATURES
from tests.matcher.small import PROFILE

BASE = Document(PROFILE, added=(("发酵罐", "反应器"),), dictionary=("膜分离",))
RULE = {"id": "r", "what": "pin", "listing_id": "PF-1", "reason": "示范", "owner": "张三", "expires": "2026-12-31"}


@given(st.dictionaries(st.sampled_from(FEATURES), st.floats(0, 100)))
@settings(max_examples=50, deadline=None)
def test_named_weights_change_and_all_else_stays(weights: dict[str, float]) -> None:
    after = changed(BASE, {"weights": weights})
    assert after.profile.weights == {**PROFILE.weights, **weights}
    assert set(differences(BASE, after)) <= {"weights"}
    assert (after.added, after.dictionary, after.profile.thresholds) == (
        BASE.added,
        BASE.dictionary,
        PROFILE.thresholds,
    )


def test_no_changes_are_the_same_document() -> None:
    assert canonical(changed(BASE, {})) == canonical(BASE)
    assert canonical(changed(BASE, {"weights": None, "rules": None})) == canonical(BASE)


def test_parts_are_replaced_as_a_whole() -> None:
    after = changed(BASE, {"synonyms": {"add": [["挤出", "造粒"]]}, "dictionary": [], "rules": [RULE]})
    assert after.added == (("挤出", "造粒"),)
    assert after.dictionary == ()
    assert after.rules[0].listing_id == "PF-1"
    assert changed(after, {"rules": []}).rules == ()


def test_who_reads_needs() -> None:
    after = changed(BASE, {"few_layers": True})
    assert after.profile.few_layers
    assert differences(BASE, after) == {"few_layers": [False, True]}
    assert changed(after, {"weights": {}}) == after
    assert canonical(changed(after, {"few_layers": False})) == canonical(BASE)


def test_a_threshold() -> None:
    assert changed(BASE, {"thresholds": {"strong": 0.8}}).profile.thresholds.strong == 0.8


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calibration": []}, "changes.calibration"),
        ({"weights": {"price": 1}}, "changes.weights.price"),
        ({"weights": {"late": math.nan}}, "changes.weights.late"),
        ({"weights": {"late": math.inf}}, "changes.weights.late"),
        ({"weights": {"late": -math.inf}}, "changes.weights.late"),
        ({"weights": {"late": 10**400}}, "changes.weights.late"),
        ({"weights": {"late": True}}, "changes.weights.late"),
        ({"weights": {"late": "1"}}, "changes.weights.late"),
        ({"weights": {"late": None}}, "changes.weights.late"),
        ({"weights": [1]}, "changes.weights"),
        ({"weights": {"place_meets": -1}}, "document"),
        ({"thresholds": {"x": 1}}, "changes.thresholds.x"),
        ({"rules": {"a": 1}}, "rules"),
        ({"rules": [RULE, RULE]}, "rules[1].id"),
        ({"synonyms": {"plus": []}}, "synonyms"),
        ({"synonyms": {"add": [["a", "b"]] * 10_001}}, "synonyms.add"),
        ({"dictionary": [""]}, "dictionary"),
        ({"few_layers": 1}, "changes.few_layers"),
        ({"few_layers": "true"}, "changes.few_layers"),
    ],
)
def test_what_can_not_be_used_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        changed(BASE, changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "spoilt",
    [
        {"weights": PROFILE.weights | {"late": 10**400}},
        {"encoder": 5},
        {"name": None},
        {"version": ["1"]},
        {"training": "all of it"},
    ],
)
def test_a_whole_document_of_the_wrong_types_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        document_from(BASE.as_dict() | spoilt)
    assert caught.value.field == "document"


def test_with_another_encoder_weights_are_no_longer_learnt_on_it() -> None:
    learnt = replace(BASE, profile=replace(BASE.profile, encoder="a-fingerprint"))
    after = changed(learnt, {"encoder_source": "bge"})
    assert (after.encoder_source, after.profile.encoder) == ("bge", "")
    assert changed(after, {"encoder_source": None}).encoder_source is None
    assert changed(learnt, {"encoder_source": None}) == learnt
    assert changed(after, {"weights": {}}) == after
