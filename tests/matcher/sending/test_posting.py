"""Webhook deliveries against a real HTTP server that behaves in every way it should not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from matcher.sending import posting
from matcher.sending.posting import Failed, post
from matcher.sending.signing import new_secret, signature
from tests.matcher.sending.receivers import WebReceiver, web_receiver

SECRET = new_secret()


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


def send(receiver: WebReceiver, content: dict[str, Any] | None = None) -> int:
    return post(receiver.url, SECRET, "dl-1", content or {"topic": "test"}, production=False)


def test_it_arrives_signed(receiver: WebReceiver) -> None:
    assert send(receiver, {"name": "发酵平台", "n": 1}) == 204
    (posted,) = receiver.posts
    assert posted.content == {"name": "发酵平台", "n": 1}
    assert posted.path == "/hook"
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["webhook-id"] == "dl-1"
    assert abs(int(posted.headers["webhook-timestamp"]) - time.time()) < 5
    expected = signature(SECRET, "dl-1", posted.headers["webhook-timestamp"], posted.body)
    assert posted.headers["webhook-signature"] == f"v1,{expected}"


def test_the_host_header_names_the_host_and_port_of_the_url(receiver: WebReceiver) -> None:
    send(receiver)
    assert receiver.posts[0].headers["host"] == receiver.url.split("/")[2]


def test_a_name_is_connected_to_at_the_address_that_was_checked(
    receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers something else the second time changes nothing: it is asked once."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *args: Any, **named: Any) -> Any:
        if host == "hook.example.com":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.9"
        return real(host, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = receiver.url.rsplit(":", 1)[1]
    assert post(f"http://hook.example.com:{port}", SECRET, "dl-1", {}, production=False) == 204
    assert asked == ["hook.example.com"]
    assert receiver.posts[0].headers["host"].startswith("hook.example.com")


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_2xx_will_do(receiver: WebReceiver, status: int) -> None:
    receiver.answer = lambda _: status
    assert send(receiver) == status


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_another_status_is_a_failure_to_be_tried_again(receiver: WebReceiver, status: int) -> None:
    receiver.answer = lambda _: status
    with pytest.raises(Failed, match=str(status)) as failed:
        send(receiver)
    assert not failed.value.final


def test_gone_is_for_good(receiver: WebReceiver) -> None:
    receiver.answer = lambda _: 410
    with pytest.raises(Failed) as failed:
        send(receiver)
    assert failed.value.final


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: WebReceiver, status: int) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("location", receiver.url.replace("/hook", "/elsewhere"))
        handler.send_header("content-length", "0")
        handler.end_headers()

    receiver.answer = redirect
    with pytest.raises(Failed, match="重定向"):
        send(receiver)
    assert [one.path for one in receiver.posts] == ["/hook"]


def test_a_huge_answer_is_not_read(receiver: WebReceiver) -> None:
    written = [0]

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(10**12))
        handler.end_headers()
        try:
            for _ in range(10_000):
                written[0] += handler.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    receiver.answer = flood
    began = time.monotonic()
    assert send(receiver) == 200
    assert time.monotonic() - began < 5
    time.sleep(0.1)
    assert written[0] < 50_000_000


def test_one_who_never_answers_is_left_at_the_deadline(receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "DEADLINE", 0.3)
    done = threading.Event()
    receiver.answer = lambda _: 200 if done.wait(5) else 500
    began = time.monotonic()
    with pytest.raises(Failed, match="没有应答"):
        send(receiver)
    assert time.monotonic() - began < 2
    done.set()


def test_one_who_answers_a_byte_at_a_time_is_too(receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for each read would never be reached."""
    monkeypatch.setattr(posting, "DEADLINE", 0.5)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nx-" + b"a" * 100:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    receiver.answer = drip
    began = time.monotonic()
    with pytest.raises(Failed, match="没有应答"):
        send(receiver)
    assert time.monotonic() - began < 3


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Failed, match="连接失败") as failed:
            post(f"http://127.0.0.1:{port}/", SECRET, "dl-1", {}, production=False)
    assert not failed.value.final


def test_something_else_than_http(receiver: WebReceiver) -> None:
    receiver.answer = lambda handler: handler.wfile.write(b"\x00\xff nonsense\r\n\r\n") and None
    with pytest.raises(Failed, match="连接失败"):
        send(receiver)


def test_in_production_nothing_is_sent_inside(receiver: WebReceiver) -> None:
    with pytest.raises(Failed, match="https"):
        post(receiver.url, SECRET, "dl-1", {}, production=True)
    with pytest.raises(Failed, match="内网"):
        post(receiver.url.replace("http:", "https:"), SECRET, "dl-1", {}, production=True)
    assert receiver.posts == []


def test_a_proxy_of_the_environment_is_not_used(receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(receiver) == 204
