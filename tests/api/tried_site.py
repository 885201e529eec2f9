"""A site whose matcher drafts can be tried on: what tests of gates, of edits and of the console share."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.app import create_app
from api.trying import Trying
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.api.people import People
from tests.matcher.evaluation.small_judged import CONTRARY, divided
from tests.matcher.small import LISTINGS, PROFILE

#: Needs that the draft of `divided_set` is wrong about.
HARMED = 12


@pytest.fixture(scope="module")
def divided_set(small_matcher: Matcher, shipped_settings: Settings) -> JudgedSet:
    """`CONTRARY` is right about all needs but the first `HARMED`, where `PROFILE` is."""
    draft = small_matcher.with_document(Document(CONTRARY), Vocabulary.load(shipped_settings))
    return divided(small_matcher, draft, harmed=HARMED)


def tried_site(
    database: Database,
    matcher: Matcher,
    judged: JudgedSet,
    folder: Path,
    *,
    name: str = "city",
    stored: bool = True,
    feedback_days: int = 0,
) -> People:
    """An application over a database where `PROFILE` is published and, if `stored`, the small catalogue is."""
    # Nothing is kept for feedback unless a test asks for it: what writes it would outlive the test.
    values = {"sign_in_rate": 0, "match_rate": 0, "feedback_days": feedback_days}
    settings = Settings(_env_file=None, data=folder, database=database.url, **values)
    app = create_app(settings, load=lambda: matcher)
    app.state.database = lambda: database
    app.state.trying = Trying(settings, judged)
    app.state.loading.start()
    assert app.state.loading.wait(10)
    with database.session() as session:
        if stored:
            put_many(session, LISTINGS, CONSOLE)
        publish(session, CONSOLE, create(session, CONSOLE, name, Document(PROFILE), "随附").id, "首次")
    return People(app, database)
