"""All pages, put into an application."""

from __future__ import annotations

from fastapi import FastAPI

from api.portal import account, admin, assets, catalogue, choices, design, desks, failures, matching, signing_in
from api.portal.headers import PageHeaders
from matcher.settings import Settings

ROUTERS = (
    assets.router,
    choices.router,
    signing_in.router,
    account.router,
    design.router,
    *desks.ROUTERS,
    *matching.ROUTERS,
    *catalogue.ROUTERS,
    *admin.ROUTERS,
)


def install(app: FastAPI, settings: Settings) -> None:
    """What browsers are told about pages, and errors that people can read."""
    failures.install(app)
    app.add_middleware(PageHeaders, hsts_seconds=settings.hsts)
