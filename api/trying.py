"""What gates and previews of one application share: the judged needs, and their features in memory."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Annotated, cast

from fastapi import Depends, Request

from api.dependencies import MatcherDep
from api.loading import Answering
from matcher.catalogue.database import Session
from matcher.catalogue.judging.measured import judged_set
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.errors import Conflict, Unavailable
from matcher.evaluation.cached_features import FeatureCache
from matcher.evaluation.judged_sets import JudgedSet, shipped_set
from matcher.evaluation.trials import Trial
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings


class Trying:
    """Read at the first use, off the event loop; of one application.

    Args:
        judged: instead of the shipped set.
    """

    def __init__(self, settings: Settings, judged: JudgedSet | None = None) -> None:
        self._settings, self._given = settings, judged
        self._reading = Lock()

    @property
    def judged(self) -> JudgedSet:
        """The judged needs that profiles are held against; errors as for `read_judged_set`."""
        with self._reading:
            return self._judged

    @property
    def cache(self) -> FeatureCache:
        """Errors as for `Vocabulary.load`."""
        with self._reading:
            return self._cache

    @cached_property
    def _judged(self) -> JudgedSet:
        return self._given or shipped_set(self._settings)

    @cached_property
    def _cache(self) -> FeatureCache:
        return FeatureCache(Vocabulary.load(self._settings))


class Trials:
    """Makes trials over the catalogue that is served now."""

    def __init__(self, request: Request, answering: MatcherDep) -> None:
        self._answering: Answering = answering
        self._trying = cast(Trying, request.app.state.trying)

    def judged(self, session: Session, named: str | None) -> JudgedSet:
        """A set of the database, or else the shipped one; errors as for `judged_set`."""
        return self._trying.judged if named is None else judged_set(session, named)

    @property
    def vocabulary(self) -> Vocabulary:
        """The shipped words and synonyms, which documents change; errors as for `Vocabulary.load`."""
        return self._trying.cache.vocabulary

    def of(self, before: Document, after: Document) -> Trial:
        """A trial.

        Raises:
            Unavailable: the matcher in use can't be tried by other profiles.
        """
        if not isinstance(self._answering, Matcher):
            raise Unavailable("当前匹配器不能试用排序方案")
        return Trial(self._trying.cache, self._answering, before, after)


TrialsDep = Annotated[Trials, Depends(Trials)]


def published_or_refused(session: Session) -> StoredProfile:
    """The published version.

    Raises:
        Conflict: nothing was ever published, so there is nothing to hold a draft against.
    """
    stored = published(session)
    if stored is None:
        raise Conflict("还没有已发布的排序方案,无从比较", hint="服务首次启动时会发布随程序附带的方案")
    return stored
