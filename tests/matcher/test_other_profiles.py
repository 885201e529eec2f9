"""Matchers by other profiles are made once for a catalogue, and only the last few are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from matcher.catalogue.profiles.stored import StoredProfile
from matcher.errors import BrokenArtefact
from matcher.match import Matcher
from matcher.other_profiles import OtherProfiles
from matcher.ranking.documents import Document, canonical, document_hash
from matcher.retrieval.vocabulary import Vocabulary
from tests.matcher.small import PROFILE

TEXT = canonical(Document(PROFILE))
VOCABULARY = cast(Vocabulary, object())


class Recording:
    """What a matcher is to `OtherProfiles`."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def with_document(self, document: Document, vocabulary: object) -> object:
        assert vocabulary is VOCABULARY
        self.documents.append(document)
        return object()


def stored(number: int, text: str = TEXT) -> StoredProfile:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    return StoredProfile(
        f"p-{number}", "city", number, "draft", text, document_hash(TEXT), None, None, "试一试", day, None
    )


@pytest.fixture
def current() -> Recording:
    return Recording()


def made(others: OtherProfiles, number: int, current: Recording) -> Matcher:
    return others.matcher(stored(number), cast(Matcher, current))


def test_one_is_made_once_and_named_as_it_is_stored(current: Recording) -> None:
    others = OtherProfiles(VOCABULARY)
    assert made(others, 3, current) is made(others, 3, current)
    assert [(one.profile.name, one.profile.version) for one in current.documents] == [("city", "3")]


def test_it_is_made_anew_when_the_catalogue_has_moved_on(current: Recording) -> None:
    others, later = OtherProfiles(VOCABULARY), Recording()
    before = made(others, 1, current)
    assert made(others, 1, later) is not before
    assert len(later.documents) == 1


def test_only_the_last_few_are_kept(current: Recording) -> None:
    others = OtherProfiles(VOCABULARY, kept=2)
    for number in (1, 2, 1, 3, 1):
        made(others, number, current)
    assert len(current.documents) == 3
    made(others, 2, current)
    assert len(current.documents) == 4


def test_one_that_can_not_be_used_leaves_the_others(current: Recording) -> None:
    others = OtherProfiles(VOCABULARY)
    kept = made(others, 1, current)
    with pytest.raises(BrokenArtefact):
        others.matcher(replace(stored(2), text="{}"), cast(Matcher, current))
    assert made(others, 1, current) is kept
