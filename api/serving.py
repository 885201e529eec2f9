"""Runs the application under uvicorn, with plain words where the port or the matcher is not to be had."""

from __future__ import annotations

import contextlib
import gc
import logging
import logging.config
import math
import multiprocessing
import socket
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer
import uvicorn

from api.admission import SPARE
from api.app import create_app
from api.serving_options import LOGGING, options, stop_seconds
from api.stopping import Server
from api.worker_process import Work, follow_mapped
from api.workers import Workers
from embeddings.encoded import available_cores
from matcher.catalogue.database import open_database
from matcher.commands.terminal import ending_well, read_settings
from matcher.demo import ACCOUNTS, PASSWORD, open_demo
from matcher.errors import InvalidInput, Unavailable
from matcher.installation import fill_if_empty
from matcher.settings import Settings
from matcher.starting import prepare

#: Reachable from this machine alone until somebody decides otherwise.
HOST = "127.0.0.1"
PORT = 8000
PORT_MAX = 65535
#: Names of this machine that no other can reach.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: While one match waits for the encoder's threads another can go on.
LEAST_AT_ONCE = 2
_BACKLOG = 2048

_log = logging.getLogger("pilotmatch")


def serve(
    settings: Settings,
    host: str = HOST,
    port: int = PORT,
    workers: int = 1,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Serve until interrupted.

    Args:
        settings: of the application.
        host: an address of this machine; 0.0.0.0 for all of them.
        port: 0 lets the system choose; the log names it.
        workers: processes, each with a matcher of its own; the vectors of the listings they share.
        reread: the settings anew, when the processes are replaced (SIGHUP); only for several.

    Raises:
        InvalidInput: no such host, or a port or number of workers out of range.
        Unavailable: the port is taken or not allowed; or whatever kept the matcher from loading.
    """
    if workers < 1:
        raise InvalidInput("workers 至少为 1", field="workers", hint="请填写正整数")
    listening = bind(host, port)
    if workers == 1:
        _serve_here(settings, listening)
    else:
        _serve_in_workers(settings, listening, workers, reread)


def bind(host: str, port: int) -> socket.socket:
    """A socket on `host` and `port`, not yet listening; errors as for `serve`."""
    if not 0 <= port <= PORT_MAX:
        raise InvalidInput(f"端口 {port} 超出范围", field="port", hint=f"请填 0–{PORT_MAX}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise InvalidInput(f"找不到主机 {host}", field="host", hint="本机用 127.0.0.1,所有网卡用 0.0.0.0") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Linux lets two sockets bind before either listens: only this tells that the port is ours.
        listening.listen(_BACKLOG)
    except PermissionError:
        listening.close()
        raise Unavailable(f"没有权限使用端口 {port}", field="port", hint="请用 --port 换一个 1024 以上的端口") from None
    except OSError:
        listening.close()
        hint = "请用 --port 换一个端口,或先停止占用它的程序"
        raise Unavailable(f"{host} 的端口 {port} 已被占用或不可用", field="port", hint=hint) from None
    return listening


def _serve_here(settings: Settings, listening: socket.socket) -> None:
    # The catalogue stays as long as the process: the collector need not walk through it again.
    app = create_app(settings, on_success=gc.freeze, on_failure=lambda: setattr(server, "should_exit", True))
    server = Server(uvicorn.Config(app, **options(LOGGING)), app.state.door, stop_seconds(settings))
    with listening, contextlib.suppress(KeyboardInterrupt):
        _tell_address(listening)
        server.run(sockets=[listening])
    if app.state.loading.error is not None:
        raise app.state.loading.error


def _serve_in_workers(
    settings: Settings, listening: socket.socket, workers: int, reread: Callable[[], Settings] | None
) -> None:
    logging.config.dictConfig(LOGGING)
    # Loaded once beforehand, so that workers find vectors and models made and do not all make them at once.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        process.submit(prepare, settings).result()
    _tell_address(listening)
    again = None if reread is None else lambda: of_each(reread(), workers)
    what = Work(of_each(settings, workers), listening, stop_seconds(settings), follow_mapped)
    Workers(what, workers, again).run()


def of_each(settings: Settings, workers: int) -> Settings:
    """Settings of one of several processes, which share the cores unless the settings say how many matches at once."""
    if settings.at_once is not None:
        return settings
    at_once = max(LEAST_AT_ONCE, math.ceil((available_cores() + SPARE) / workers))
    return settings.model_copy(update={"at_once": at_once})


def _tell_address(listening: socket.socket) -> None:
    name, number = listening.getsockname()[:2]
    _log.info("PilotMatch 在 http://%s:%d (按 Ctrl+C 停止)", f"[{name}]" if ":" in name else name, number)


def serve_command(
    host: Annotated[str, typer.Option(help="监听地址;0.0.0.0 对外开放")] = HOST,
    port: Annotated[int, typer.Option(help="端口")] = PORT,
    workers: Annotated[int, typer.Option(help="进程数;条目的向量由各进程共用")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="开设演示账号(密码公开,仅限本机试用,生产环境拒绝)")] = False,
) -> None:
    """启动 HTTP 服务与网页。"""
    with ending_well():
        settings = read_settings()
        if demo:
            _open_demo(settings, host)
        serve(settings, host, port, workers, read_settings)


def _open_demo(settings: Settings, host: str) -> None:
    """Accounts with a known password, for this machine only.

    Raises:
        Forbidden: in production. InvalidInput: the server would answer other machines.
    """
    if host not in LOOPBACK:
        raise InvalidInput("演示账号的密码是公开的,只能在本机使用", field="host", hint="去掉 --host,或去掉 --demo")
    database = open_database(settings)
    try:
        if settings.env != "production":
            fill_if_empty(settings, database)
        open_demo(settings, database)
    finally:
        database.dispose()
    accounts = "、".join(account.email for account in ACCOUNTS)
    _log.warning("演示账号 %s,密码都是 %s", accounts, PASSWORD)
