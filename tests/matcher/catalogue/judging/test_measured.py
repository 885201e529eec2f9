"""A version of a set as the gate takes it, and the shipped set through the whole of it."""

from __future__ import annotations

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging.grades import adjudicate, put_grade
from matcher.catalogue.judging.importing import Upload, confirm, parse
from matcher.catalogue.judging.measured import judged_set
from matcher.catalogue.judging.sets import create_set, freeze
from matcher.catalogue.listings.bulk import put_many
from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judgements import read_judgements
from matcher.evaluation.slices import read_traits
from matcher.records import Listing
from tests.conftest import DATASETS
from tests.matcher.catalogue.judging.world import stored

NEEDS, GRADES = DATASETS / "needs_dev.jsonl", DATASETS / "judgements_dev.tsv"


def test_the_shipped_set_comes_out_as_it_is_in_its_files(
    database: Database, shipped_listings: tuple[Listing, ...]
) -> None:
    upload = parse(Upload(GRADES.read_bytes(), NEEDS.read_bytes(), "qrels"))
    with database.session() as session:
        put_many(session, shipped_listings, CONSOLE)
        made = create_set(session, CONSOLE, "dev")
        confirm(session, CONSOLE, made.id, upload, upload.upload.hash)
        found, expected = judged_set(session, "dev"), read_judgements(GRADES)
        frozen, _ = freeze(session, CONSOLE, made.id)
    assert {need: dict(grades) for need, grades in found.judgements.grades.items()} == expected.grades
    assert {need.id for need in found.needs} == set(expected.need_ids)
    traits = {one.id: one for one in read_traits(NEEDS)}
    assert all(traits[one.id] == one for one in found.traits)
    assert len(found.needs) == len(found.traits) == 123
    assert found.hash == frozen.content_hash
    assert found.version.startswith("dev-1@")


def test_needs_without_grades_are_left_out_and_decisions_hold(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        with pytest.raises(InvalidInput):
            judged_set(session, "dev")
        with pytest.raises(NotFound):
            judged_set(session, "other")
        put_grade(session, people["admin"], made.id, ("N-2", "PF-1"), 3)
        adjudicate(session, people["admin"], made.id, ("N-2", "PF-1"), 1)
        found = judged_set(session, made.id)
    assert [need.id for need in found.needs] == ["N-2"]
    assert found.judgements.grades == {"N-2": {"PF-1": 1}}
