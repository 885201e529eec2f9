"""Whether the process lives and whether it can answer, for load balancers and container platforms."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import MatcherDep, ServingDep
from api.errors import responses

OLD_PROFILE = "新发布的排序方案未能启用,仍按原方案排序;详情见服务日志"

router = APIRouter(prefix="/health", tags=["health"])


class Live(BaseModel):
    status: Literal["live"] = "live"


class ProfileInUse(BaseModel):
    """The ranking profile that answers."""

    name: str
    version: str


class Reencoding(BaseModel):
    """Texts of the catalogue that have vectors of the encoder that a published profile waits for, and all of them."""

    done: int
    total: int


class Ready(BaseModel):
    """`listings` is the size of the catalogue that is served; `waiting` are new ones that are still being encoded.

    `complaint` says that a newer profile was published and could not be put in place; what is wrong with it stands in
    the log, not here, where everybody reads. `reencoding` is how far the catalogue is encoded for a published profile
    that needs another encoder; until then the one before it answers.
    """

    status: Literal["ready"] = "ready"
    listings: int
    waiting: int = 0
    profile: ProfileInUse | None = None
    complaint: str | None = None
    reencoding: Reencoding | None = None


@router.get("/live", summary="进程是否存活")
async def live() -> Live:
    """The process answers; says nothing about the matcher."""
    return Live()


@router.get("/ready", summary="是否可以匹配", responses=responses(503))
async def ready(matcher: MatcherDep, serving: ServingDep) -> Ready:
    """The matcher is loaded; 503 until then."""
    progress, ranking = serving.progress(), serving.ranking()
    waiting = progress.reencoded if progress else None
    return Ready(
        listings=len(matcher.catalogue.listings),
        waiting=progress.waiting if progress else 0,
        profile=ProfileInUse(name=ranking[0], version=ranking[1]) if ranking else None,
        complaint=OLD_PROFILE if progress and progress.complaint else None,
        reencoding=Reencoding(done=waiting.done, total=waiting.total) if waiting else None,
    )
