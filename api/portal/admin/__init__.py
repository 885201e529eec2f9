"""The console of administrators."""

from __future__ import annotations

from api.portal.admin import (
    approvals,
    audits,
    experiments,
    figures,
    judging,
    judging_files,
    keys,
    organisations,
    overviews,
    profiles,
    rules,
    users,
    watching,
    weights,
    words,
)

#: Words before rules: `/admin/rules/synonyms/…` is no version called "synonyms".
ROUTERS = (
    overviews.router,
    figures.router,
    approvals.router,
    users.router,
    organisations.router,
    keys.router,
    profiles.router,
    weights.router,
    experiments.router,
    words.router,
    rules.router,
    judging.router,
    judging_files.router,
    watching.router,
    audits.router,
)
