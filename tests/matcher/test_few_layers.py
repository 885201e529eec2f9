"""A profile may have needs read by few layers: with the vectors of listings that are there, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.catalogue.encodings import Encodings
from matcher.encoders import Opened
from matcher.errors import BrokenArtefact, Unavailable
from matcher.evaluation.cached_features import FeatureCache
from matcher.match import OTHER_ENCODER, Matcher
from matcher.ranking.documents import Document
from matcher.ranking.reranking import Floats, Lazily
from matcher.records import SUPPLY_KINDS, Need
from matcher.retrieval.views import full_text
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.hash_encoder import BothHashEncoder, FewHashEncoder, HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

NEED = Need("500 L发酵罐中试放大")
SUPPLY = [one for one in LISTINGS if one.kind in SUPPLY_KINDS]
FEW = replace(PROFILE, few_layers=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


@pytest.fixture
def vocabulary(settings: Settings) -> Vocabulary:
    return Vocabulary.load(settings)


@pytest.fixture
def matcher(settings: Settings) -> Matcher:
    return load(settings, BothHashEncoder())


def load(settings: Settings, encoder: HashEncoder, few: bool = False) -> Matcher:
    return Matcher.load(settings, SUPPLY, profile=FEW if few else PROFILE, encoder=encoder)


def scores(matcher: Matcher) -> list[tuple[str, float]]:
    return [(match.listing.id, match.score) for match in matcher.match(NEED, top=100).matches]


def test_needs_are_read_by_few_layers_with_the_vectors_that_are_there(
    matcher: Matcher, settings: Settings, vocabulary: Vocabulary
) -> None:
    encoder = matcher.retriever._encoder
    assert isinstance(encoder, BothHashEncoder)
    read = list(encoder.texts)
    few = matcher.with_document(Document(FEW), vocabulary)
    assert scores(few) == scores(load(settings, FewHashEncoder())) != scores(matcher)
    assert scores(few) == scores(load(settings, BothHashEncoder(), few=True))
    assert (encoder.texts, encoder.few.texts) == (read, [])
    assert scores(few.with_document(Document(PROFILE), vocabulary)) == scores(matcher)


def test_a_changed_catalogue_is_read_as_ever(matcher: Matcher, settings: Settings, vocabulary: Vocabulary) -> None:
    few = matcher.with_document(Document(FEW), vocabulary)
    new = replace(SUPPLY[0], id="PF-99", name="新的发酵中试线", summary="500 L 发酵罐")
    expected = Matcher.load(settings, [*SUPPLY, new], profile=FEW, encoder=FewHashEncoder())
    assert scores(few.with_changes([new])) == scores(expected)


def test_without_few_layers_all_read(settings: Settings) -> None:
    assert scores(load(settings, HashEncoder(), few=True)) == scores(load(settings, HashEncoder()))


def test_few_layers_that_can_t_be_loaded_leave_the_matcher_as_it_was(
    settings: Settings, vocabulary: Vocabulary
) -> None:
    matcher = load(settings, BothHashEncoder(broken=True))
    before = scores(matcher)
    with pytest.raises(Unavailable, match="缺失") as raised:
        matcher.with_document(Document(FEW), vocabulary)
    assert "train needs" in (raised.value.hint or "")
    assert scores(matcher) == before


@pytest.mark.parametrize("reads", [0, 4])
def test_a_start_without_the_few_layers_is_refused_with_the_command(settings: Settings, reads: int) -> None:
    profile = replace(FEW, reads=reads, unread=PROFILE.calibration if reads else None)
    with pytest.raises(Unavailable, match="缺失") as raised:
        Matcher.load(settings, SUPPLY, profile=profile, encoder=BothHashEncoder(broken=True))
    assert "train needs" in (raised.value.hint or "")


def test_another_setting_of_the_encoder_computes_no_vectors_again(tmp_path: Path) -> None:
    texts = [full_text(listing) for listing in SUPPLY]
    Encodings(tmp_path, HashEncoder()).read(texts)
    assert Encodings(tmp_path, FewHashEncoder()).missing(texts) == 0
    assert Encodings(tmp_path, HashEncoder("another")).missing(texts) == len(set(texts))


@pytest.mark.parametrize(("learnt", "is_noted"), [("hash", False), ("hash-few", False), ("other", True), ("", False)])
def test_what_was_learnt_on_all_layers_holds_for_few(
    matcher: Matcher, vocabulary: Vocabulary, learnt: str, is_noted: bool
) -> None:
    found = matcher.with_document(Document(replace(FEW, encoder=learnt)), vocabulary)
    assert (OTHER_ENCODER in found.match(NEED).notes) == is_noted


def test_what_was_learnt_on_few_layers_does_not_hold_for_all(matcher: Matcher, vocabulary: Vocabulary) -> None:
    found = matcher.with_document(Document(replace(PROFILE, encoder="hash-few")), vocabulary)
    assert OTHER_ENCODER in found.match(NEED).notes


@pytest.mark.parametrize("learnt", ["", "hash", "hash-few"])
def test_a_named_encoder_may_have_taught_its_few_layers(tmp_path: Path, learnt: str) -> None:
    encoder = BothHashEncoder()
    opened = Opened("city", encoder, Encodings(tmp_path, encoder))
    opened.check(replace(FEW, encoder=learnt))
    if learnt == "hash-few":
        with pytest.raises(BrokenArtefact):
            opened.check(replace(PROFILE, encoder=learnt))


def test_the_re_ranker_goes_on_from_what_read_the_need(matcher: Matcher, vocabulary: Vocabulary) -> None:
    opened: list[bool] = []

    class Zeros:
        def begin(self, text: str) -> None:
            pass

        def keep(self, cards: Sequence[str]) -> int:
            return 0

        def scores(self, text: str, cards: Sequence[str]) -> Floats:
            return np.zeros(len(cards), np.float32)

    def opening(few: bool) -> Zeros:
        opened.append(few)
        return Zeros()

    matcher._together = Lazily(opening)
    reading = replace(FEW, reads=4, unread=PROFILE.calibration)
    scores(matcher.with_document(Document(reading), vocabulary))
    assert opened == [True]
    scores(matcher.with_document(Document(replace(reading, few_layers=False)), vocabulary))
    assert opened == [True, False]


def test_features_of_a_draft_are_those_of_its_layers(matcher: Matcher, vocabulary: Vocabulary) -> None:
    cache = FeatureCache(vocabulary)
    all_layers, few = (cache.one(matcher, Document(profile), NEED).features for profile in (PROFILE, FEW))
    assert not np.array_equal(all_layers, few)
    np.testing.assert_array_equal(cache.one(matcher, Document(PROFILE), NEED).features, all_layers)
