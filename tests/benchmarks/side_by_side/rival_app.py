"""A rival behind HTTP, with the same framework and server as ours: `python -m … rival_app SYSTEM FOLDER MODEL PORT`.

Its answer is the ids alone, the least that a page could be made of.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from tests.benchmarks.side_by_side.running import open_running


class Wanted(BaseModel):
    """A need."""

    text: str


class Added(BaseModel):
    """A listing."""

    id: str
    text: str


def make_app(running: Any) -> FastAPI:
    """`running`: as `RunningRival`."""
    app = FastAPI()

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/v1/matches")
    def matches(wanted: Wanted) -> dict[str, Any]:
        return {"matches": [{"listing": {"id": found}} for found in running.answer(wanted.text)]}

    @app.post("/v1/listings")
    def add(added: Added) -> dict[str, str]:
        running.add(added.id, added.text)
        return {"id": added.id}

    return app


def main(system: str, folder: str, model: str, port: str) -> None:
    running = open_running(system, Path(folder), Path(model))
    running.answer("预热")
    uvicorn.run(make_app(running), host="127.0.0.1", port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
