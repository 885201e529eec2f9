"""The score of reading places and certificates, and what it is on the shipped gold sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.errors import BrokenArtefact
from matcher.evaluation.mentions import GOLD_PATH, MentionScore, score_gold, score_mentions
from matcher.understanding.certificates import default_certificates
from matcher.understanding.places import default_regions

GOLD = [json.loads(line) for line in GOLD_PATH.read_text(encoding="utf-8").splitlines()]


def test_a_hand_worked_score() -> None:
    # Two right, one too many, two missed: P 2/3, R 2/4, F1 = 2·2 / (2·2 + 1 + 2).
    score = score_mentions(
        [({(0, 2, "a"), (3, 5, "b")}, {(0, 2, "a"), (6, 8, "c")}), ({(1, 2, "a"), (4, 5, "d")}, {(1, 2, "a")})]
    )
    assert score == MentionScore(found=2, wrong=1, missed=2)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(1 / 2)
    assert score.f1 == pytest.approx(4 / 7)


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    score = score_mentions([(set(), set())])
    assert (score.precision, score.recall, score.f1) == (1.0, 1.0, 1.0)


def test_all_missed_is_zero() -> None:
    score = score_mentions([({(0, 2, "a")}, set())])
    assert (score.recall, score.f1) == (0.0, 0.0)


class TestGold:
    def test_has_enough_sentences_and_none_twice(self) -> None:
        assert len(GOLD) >= 200
        assert len({row["text"] for row in GOLD}) == len(GOLD)
        assert {row["split"] for row in GOLD} == {"held", "tune"}

    def test_spans_codes_and_ids_are_sound(self) -> None:
        for row in GOLD:
            for mark in (*row["places"], *row["certificates"]):
                assert row["text"][mark["start"] : mark["end"]] == mark["text"], row["text"]
            assert all(place["code"] in default_regions() for place in row["places"])
            assert all(place["role"] in ("wanted", "excluded", "origin", "mention") for place in row["places"])
            assert all(one["id"] in default_certificates() for one in row["certificates"])

    def test_many_sentences_are_traps(self) -> None:
        assert sum(not row["places"] and not row["certificates"] for row in GOLD) >= 30

    @pytest.mark.parametrize("split", ["held", "tune"])
    def test_reading_keeps_its_quality(self, split: str) -> None:
        scores = score_gold()[split]
        assert scores["places"].f1 >= 0.97
        assert scores["certificates"].f1 >= 0.97
        assert scores["roles"].f1 >= 0.9


def test_a_small_file_is_scored_by_split(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    place = {"text": "东莞", "start": 0, "end": 2, "code": "441900", "role": "origin"}
    row = {"text": "东莞附近,要GMP", "split": "held", "places": [place], "certificates": []}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    scores = score_gold(path)
    assert scores == {
        "held": {
            "places": MentionScore(1, 0, 0),
            "roles": MentionScore(0, 1, 1),
            "certificates": MentionScore(0, 1, 0),
        }
    }


def test_a_broken_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BrokenArtefact, match=r"gold\.jsonl"):
        score_gold(path)
    with pytest.raises(BrokenArtefact):
        score_gold(tmp_path / "none.jsonl")
