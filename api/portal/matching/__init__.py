"""From the front page to matches: looking, correcting what was understood, comparing, keeping, taking away."""

from __future__ import annotations

from api.portal.matching import changes, comparing, front, keeping, reports, results

ROUTERS = (front.router, results.router, changes.router, comparing.router, keeping.router, reports.router)
