"""The application: `create_app(settings)` puts routes, errors and logging together and loads the matcher once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache

from fastapi import Depends, FastAPI
from starlette.routing import BaseRoute

from api import (
    accounts,
    api_keys,
    approvals,
    audit,
    documents,
    enquiries,
    errors,
    experiments,
    explanations,
    exports,
    feed,
    feedback,
    figures,
    fitting_needs,
    gates,
    health,
    imports,
    judgement_files,
    judgements,
    listing_asides,
    listings,
    matches,
    messages,
    need_acts,
    needs,
    organisations,
    outbox,
    previews,
    profiles,
    ranking,
    rules,
    searches,
    sessions,
    single_sign_on,
    subscriptions,
    synonyms,
    understanding,
    users,
    watch,
    webhooks,
)
from api.admission import Admission, Admitted
from api.counting import CountedRequests
from api.dependencies import may_match, plain_address
from api.door import Door, DoorKeeper
from api.follow import Serving
from api.limits import Limits
from api.loading import Answering, Loading
from api.portal import pages
from api.portal.matching.shown import Shown
from api.requests import BodyLimit, RequestLog
from api.trying import Trying
from matcher.catalogue.database import Database
from matcher.catalogue.watching.counting import Counters
from matcher.fitting import NeedReadings
from matcher.following import Follower
from matcher.settings import Settings
from matcher.understanding.reading import Reader

TITLE = "PilotMatch 中试对接"
VERSION = "0.1.0"
#: What matches or understands: limited by address or user, and open to keys that may match.
MATCHING = (matches.router, explanations.router, understanding.router, documents.router)
OTHERS = (
    listings.router,
    listing_asides.router,
    approvals.router,
    imports.router,
    exports.router,
    feed.router,
    needs.router,
    need_acts.router,
    fitting_needs.router,
    enquiries.router,
    sessions.router,
    single_sign_on.router,
    accounts.router,
    organisations.router,
    users.router,
    api_keys.router,
    subscriptions.router,
    subscriptions.stopping,
    messages.router,
    webhooks.router,
    outbox.router,
    judgements.router,
    judgement_files.router,
    audit.router,
    profiles.router,
    rules.router,
    synonyms.router,
    gates.router,
    previews.router,
    ranking.router,
    feedback.router,
    searches.router,
    experiments.router,
    watch.router,
    figures.router,
    health.router,
)


@cache
def _routes() -> Sequence[BaseRoute]:
    """Those of every application in this process: FastAPI takes 0.1 s to work out what each of them wants."""
    whole = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(plain_address)])
    for router in MATCHING:
        whole.include_router(router, dependencies=[Depends(may_match), Admitted])
    for router in (*OTHERS, *pages.ROUTERS):
        whole.include_router(router)
    return tuple(whole.router.routes)


def create_app(
    settings: Settings,
    *,
    load: Callable[[], Answering] | None = None,
    follow: Callable[[Database], Follower] | None = None,
    on_success: Callable[[], object] | None = None,
    on_failure: Callable[[], object] | None = None,
) -> FastAPI:
    """An application of its own for each call.

    Args:
        settings: of the database, the encoder and all else.
        load: makes a matcher that stays as it is, for tests. follow: makes another follower of the database.
        on_success: called when the matcher is loaded, before the first request gets it.
        on_failure: called when the matcher can't be loaded; the application then goes on to answer 503.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.loading.start()
        yield
        serving.stop()

    counters = Counters()
    serving = Serving(settings, load, follow, counters)
    # The pages of /docs and /redoc fetch scripts from elsewhere; an installation of a city office must not.
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.loading = Loading(serving.start, on_success, on_failure)
    app.state.database = serving.database
    app.state.settings = settings
    app.state.committed = serving.committed
    app.state.serving = serving
    app.state.counters = counters
    app.state.presenter = serving.presenter
    app.state.reader = cache(lambda: Reader.load(settings.datasets))
    app.state.limits = Limits.of(settings)
    app.state.admission = Admission.of(settings)
    app.state.need_readings = NeedReadings()
    app.state.shown = Shown()
    app.state.trying = Trying(settings)
    app.router.routes.extend(_routes())
    errors.install(app)
    pages.install(app, settings)
    app.add_middleware(BodyLimit)
    app.add_middleware(CountedRequests, counters=counters)
    app.add_middleware(RequestLog)
    app.state.door = Door()
    app.add_middleware(DoorKeeper, door=app.state.door)
    return app
