"""What the public reads of a ranking: every weight, every threshold, every rule in force, and nobody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.ranking.profile import load_profile
from matcher.ranking.rules import Rule, Scope
from matcher.ranking.statement import THRESHOLDS, WORDS, statement
from tests.matcher.small import PROFILE

TODAY = date(2026, 3, 1)
PIN = Rule("r-1", "pin", "PF-1", "示范平台", "张三", "2026-03-01", Scope(kinds=("platform",)))
HIDE = Rule("r-2", "hide", "PF-2", "资质存疑", "李四", "2026-12-31")
OLD = Rule("r-3", "pin", "PF-3", "去年的活动", "王五", "2026-02-28")


def test_every_weight_is_there_in_chinese_words() -> None:
    said = statement(Document(PROFILE), TODAY)
    assert [one.name for one in said.weights] == list(FEATURES)
    assert {one.name: one.value for one in said.weights} == PROFILE.weights
    # Names of methods stay as they are; no code name of a requirement does.
    for one in said.weights:
        left = one.words.replace("BM25", "")
        assert not any(letter.isascii() and letter.isalpha() for letter in left), one.words
    assert len({one.words for one in said.weights}) == len(FEATURES)


def test_words_are_of_the_features_there_are() -> None:
    assert set(WORDS) == set(FEATURES)


def test_every_threshold_is_there() -> None:
    said = statement(Document(PROFILE), TODAY)
    assert {one.name: one.value for one in said.thresholds} == {
        name: getattr(PROFILE.thresholds, name) for name in THRESHOLDS
    }
    assert len(THRESHOLDS) == 4


def test_rules_in_force_with_their_reasons_without_their_owners() -> None:
    said = statement(Document(PROFILE, rules=(PIN, HIDE, OLD)), TODAY)
    assert [(one.what, one.listing_id, one.reason) for one in said.rules] == [
        ("pin", "PF-1", "示范平台"),
        ("hide", None, "资质存疑"),
    ]
    assert said.rules[0].when.kinds == ("platform",)
    assert not any(name in repr(said) for name in ("张三", "李四", "王五"))


def test_what_was_changed_by_hand_is_counted() -> None:
    said = statement(Document(PROFILE, added=(("a", "b"),), removed=(("c", "d"), ("e", "f")), dictionary=("g",)), TODAY)
    assert (said.synonyms, said.dictionary, said.encoder) == (3, 1, PROFILE.encoder)


def test_the_re_ranker_is_named_where_it_reads() -> None:
    without = replace(PROFILE, reads=0, unread=None)
    reading = replace(PROFILE, reads=12, unread=PROFILE.calibration)
    assert "重排" not in "".join(statement(Document(without), TODAY).beyond)
    assert "前 12 名" in "".join(statement(Document(reading), TODAY).beyond)


def test_few_layers_are_told_where_they_read() -> None:
    assert "层" not in "".join(statement(Document(PROFILE), TODAY).beyond)
    assert "少数几层" in "".join(statement(Document(replace(PROFILE, few_layers=True)), TODAY).beyond)


def test_the_shipped_one_can_be_told() -> None:
    assert statement(Document(load_profile()), TODAY).encoder
