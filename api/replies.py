"""Answers as JSON bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response


def reply(values: dict[str, Any]) -> Response:
    """JSON of values just built from typed records: a second validation would cost as much as building them.

    Tests check the same answers against the declared models instead.
    """
    return Response(json.dumps(values, ensure_ascii=False, allow_nan=False), media_type="application/json")


def model_reply(answer: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON of an answer's model."""
    return Response(answer.model_dump_json(), status, headers, media_type="application/json")
