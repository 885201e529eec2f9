"""A profile as a document: canonical, hashed, and refused where it can't be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matcher.errors import BrokenArtefact, Conflict, InvalidInput
from matcher.ranking.documents import (
    SYNONYMS_MAX,
    Document,
    canonical,
    differences,
    document_from,
    document_hash,
    stored_document,
)
from matcher.ranking.rules import Rule
from tests.matcher.small import PROFILE

PIN = Rule("r1", "pin", "PF-1", "示范", "工信局", "2026-12-31")
FULL = Document(PROFILE, (("发酵罐", "生物反应器"),), (("膜", "薄膜"),), ("深硅刻蚀",), (PIN,))


class TestRoundTrip:
    @pytest.mark.parametrize("document", [FULL, Document(PROFILE)])
    def test_it_is_read_back_as_it_was(self, document: Document) -> None:
        assert document_from(json.loads(canonical(document))) == document

    def test_the_same_document_has_the_same_hash_however_it_was_written(self) -> None:
        fields = FULL.as_dict()
        shuffled = json.loads(json.dumps(dict(reversed(fields.items())), indent=3))
        assert document_hash(canonical(document_from(shuffled))) == document_hash(canonical(FULL))

    def test_a_plain_profile_is_a_document_without_edits(self) -> None:
        assert document_from(PROFILE.as_dict()) == Document(PROFILE)

    def test_what_was_stored_is_checked_against_its_hash(self) -> None:
        text = canonical(FULL)
        assert stored_document(text, document_hash(text), "city 第 1 版") == FULL
        tampered = text.replace("示范", "收费")
        with pytest.raises(BrokenArtefact, match="被改动"):
            stored_document(tampered, document_hash(text), "city 第 1 版")
        with pytest.raises(BrokenArtefact, match="city 第 1 版"):
            stored_document("{}", document_hash("{}"), "city 第 1 版")


def weights(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    fields = FULL.as_dict()
    change(fields["weights"])
    return fields


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            (weights(lambda one: one.update(late=float("nan"))), "document"),
            (weights(lambda one: one.update(late=float("inf"))), "document"),
            (weights(lambda one: one.update(late="much")), "document"),
            (weights(lambda one: one.update(beauty=1.0)), "document"),
            (weights(lambda one: one.pop("late")), "document"),
            (weights(lambda one: one.update(place_meets=-1.0)), "document"),
            (FULL.as_dict() | {"format": 99}, "document"),
            (FULL.as_dict() | {"calibration": [[1, 0.5], [0, 0.7]]}, "document"),
            (FULL.as_dict() | {"unknown": 1}, "document"),
            (FULL.as_dict() | {"synonyms": []}, None),
            (FULL.as_dict() | {"synonyms": ["a"]}, "synonyms"),
            (FULL.as_dict() | {"synonyms": {"plus": []}}, "synonyms"),
            (FULL.as_dict() | {"synonyms": {"add": [["发酵"]]}}, "synonyms.add[0]"),
            (FULL.as_dict() | {"synonyms": {"add": [["发酵", "发酵 "]]}}, "synonyms.add[0]"),
            (FULL.as_dict() | {"synonyms": {"add": [["发酵", ""]]}}, "synonyms.add[0]"),
            (FULL.as_dict() | {"synonyms": {"add": [["a", "b"]] * (SYNONYMS_MAX + 1)}}, "synonyms.add"),
            (FULL.as_dict() | {"dictionary": ["长" * 61]}, "dictionary"),
            (FULL.as_dict() | {"dictionary": "发酵"}, "dictionary"),
            (FULL.as_dict() | {"rules": [{}]}, "rules[0].what"),
            ([], "document"),
            (None, "document"),
        ],
    )
    def test_it_is_refused_by_the_part_that_can_not_be_used(self, fields: Any, field: str | None) -> None:
        if field is None:  # an empty list says as little as an empty object
            assert document_from(fields).added == ()
            return
        with pytest.raises(InvalidInput) as caught:
            document_from(fields)
        assert caught.value.field == field
        assert caught.value.hint


class TestDifferences:
    def test_weights_rules_and_words_by_name(self) -> None:
        heavier = replace(PROFILE, weights=PROFILE.weights | {"late": 30.0})
        found = differences(FULL, Document(heavier, (), FULL.removed, ("深硅刻蚀", "键合"), ()))
        assert found["weights"] == {"late": [20.0, 30.0]}
        assert found["rules"]["removed"][0]["listing_id"] == "PF-1"
        assert found["synonyms_added"] == {"added": [], "removed": [("发酵罐", "生物反应器")]}
        assert found["dictionary"] == {"added": ["键合"], "removed": []}
        assert "synonyms_removed" not in found
        json.dumps(found)

    def test_nothing_where_nothing_changed(self) -> None:
        assert differences(FULL, FULL) == {}

    def test_encoder_and_thresholds(self) -> None:
        other = replace(PROFILE, encoder="bge", thresholds=replace(PROFILE.thresholds, strong=0.9))
        strong = [PROFILE.thresholds.strong, 0.9]
        found = differences(FULL, replace(FULL, profile=other))
        assert found == {"thresholds": {"strong": strong}, "encoder": ["", "bge"]}

    def test_curves_confidence_and_what_is_read(self) -> None:
        """Nothing that decides a ranking changes without a word."""
        confidence = {name: value + 1 for name, value in PROFILE.confidence.items()}
        curve = ((0.0, 0.1), (1.0, 0.2))
        other = replace(PROFILE, confidence=confidence, calibration=curve, reads=5, unread=curve)
        found = differences(FULL, replace(FULL, profile=other))
        assert set(found) == {"confidence", "calibration", "reads"}
        assert found["reads"] == [PROFILE.reads, 5]
        assert set(found["confidence"]) == set(PROFILE.confidence)


class TestNarrower:
    def test_pairs_come_back_and_change_the_hash(self) -> None:
        pairs = replace(FULL, narrower=(("选区激光熔化", "增材制造"),))
        assert document_from(json.loads(canonical(pairs))) == pairs
        assert canonical(pairs) != canonical(FULL)
        assert differences(FULL, pairs)["synonyms_narrower"]["added"] == [("选区激光熔化", "增材制造")]

    def test_documents_without_pairs_keep_their_hash(self) -> None:
        assert "narrower" not in canonical(FULL)

    @pytest.mark.parametrize(
        ("pairs", "place"),
        [
            ([["甲级", "乙级"], ["乙级", "甲级"]], 1),
            ([["甲级", "乙级"], ["乙级", "丙级"], ["丙级", "甲级"]], 2),
            ([["甲级", "甲级"]], 0),
            ([["甲级", "乙级", "丙级"]], 0),
            ([["甲级"]], 0),
            ([["甲级", ""]], 0),
        ],
    )
    def test_cycles_and_what_is_no_pair(self, pairs: list[list[str]], place: int) -> None:
        with pytest.raises(InvalidInput) as caught:
            document_from(FULL.as_dict() | {"synonyms": {"narrower": pairs}})
        assert caught.value.field is not None
        assert caught.value.field.startswith(f"synonyms.narrower[{place}]")
        assert caught.value.hint


class TestEncoderSource:
    def test_it_comes_back_and_changes_the_hash(self) -> None:
        other = replace(FULL, encoder_source="bge")
        assert document_from(json.loads(canonical(other))) == other
        assert canonical(other) != canonical(FULL)
        assert differences(FULL, other) == {"encoder_source": [None, "bge"]}

    def test_documents_without_one_keep_their_hash(self) -> None:
        assert "encoder_source" not in FULL.as_dict()
        assert document_from(FULL.as_dict() | {"encoder_source": None}) == FULL

    @pytest.mark.parametrize("source", [7, "", " ", " bge", "a\nb", "a" * 201, ["bge"]])
    def test_what_is_no_name(self, source: object) -> None:
        with pytest.raises(InvalidInput) as caught:
            document_from(FULL.as_dict() | {"encoder_source": source})
        assert caught.value.field == "encoder_source"

    def test_a_matcher_of_another_encoder_is_refused(self) -> None:
        replace(FULL, encoder_source="bge").check_encoder("bge")
        FULL.check_encoder(None)
        for document, source in ((FULL, "bge"), (replace(FULL, encoder_source="bge"), None)):
            with pytest.raises(Conflict, match="bge"):
                document.check_encoder(source)
