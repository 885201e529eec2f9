"""Whether the process lives and whether it can answer, for load balancers and container platforms."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import MatcherDep, ServingDep
from api.errors import responses

router = APIRouter(prefix="/health", tags=["health"])


class Live(BaseModel):
    status: Literal["live"] = "live"


class Ready(BaseModel):
    """`listings` is the size of the catalogue that is served; `waiting` are new ones that are still being encoded."""

    status: Literal["ready"] = "ready"
    listings: int
    waiting: int = 0


@router.get("/live", summary="进程是否存活")
async def live() -> Live:
    """The process answers; says nothing about the matcher."""
    return Live()


@router.get("/ready", summary="是否可以匹配", responses=responses(503))
async def ready(matcher: MatcherDep, serving: ServingDep) -> Ready:
    """The matcher is loaded; 503 until then."""
    progress = serving.progress()
    return Ready(listings=len(matcher.catalogue.listings), waiting=progress.waiting if progress else 0)
