"""How uvicorn is run and what is logged, in one process and in several."""

from __future__ import annotations

from typing import Any

from matcher.settings import Settings

#: Beyond the deadline of matches: one that began at the last moment is finished.
STOP_SECONDS = 5.0
#: Longer than proxies (nginx: 60) and clients keep a connection that is idle: who closes first may cut off a request
#: that is on its way, and one that writes is not sent again.
KEEP_ALIVE_SECONDS = 75

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "loggers": {
        "pilotmatch": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}


def options(logging: dict[str, Any] | None = LOGGING) -> dict[str, Any]:
    """What uvicorn is told."""
    return {
        # Ours says no more than method, path, status and time; see `RequestLog`.
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        # uvicorn would believe `X-Forwarded-For` from this machine; whom to believe is PILOTMATCH_PROXIES's to say.
        "proxy_headers": False,
        "log_config": logging,
    }


def stop_seconds(settings: Settings) -> float:
    """What a process has for finishing what it has begun; a client that hangs must not keep a restart waiting."""
    return settings.deadline + STOP_SECONDS
