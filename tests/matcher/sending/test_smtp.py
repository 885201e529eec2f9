"""Handing in mail at a real SMTP server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from matcher.errors import InvalidInput
from matcher.sending import smtp
from matcher.sending.mail import Letter, message_of
from matcher.sending.posting import Failed
from matcher.sending.smtp import MailServer
from tests.matcher.sending.receivers import MailReceiver, mail_receiver

LETTER = Letter(
    "wang@example.cn", "有 1 个新条目符合“发酵放大”", "正文", "<p>正文</p>", "https://x.cn/v1/unsubscribe/t"
)


@pytest.fixture
def receiver() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver


def send(server: MailServer, letter: Letter = LETTER) -> None:
    server.send(message_of(letter, server.sender, "dl-1"))


def test_it_arrives(receiver: MailReceiver) -> None:
    send(MailServer.from_url(receiver.url))
    (mail,) = receiver.mails
    assert mail["Subject"] == LETTER.subject
    assert mail["To"] == "wang@example.cn"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert receiver.raw[0].isascii()


@pytest.mark.parametrize(
    ("answer", "final"), [("550 no such user", True), ("553 no", True), ("450 later", False), ("452 full", False)]
)
def test_a_recipient_that_is_refused(receiver: MailReceiver, answer: str, final: bool) -> None:
    receiver.refuse = answer
    with pytest.raises(Failed, match=answer[:3]) as failed:
        send(MailServer.from_url(receiver.url))
    assert failed.value.final is final
    assert receiver.mails == []


@pytest.mark.parametrize(("answer", "final"), [("554 spam", True), ("451 later", False)])
def test_a_message_that_is_refused(receiver: MailReceiver, answer: str, final: bool) -> None:
    receiver.refuse_data = answer
    with pytest.raises(Failed, match=answer[:3]) as failed:
        send(MailServer.from_url(receiver.url))
    assert failed.value.final is final


def test_a_password_is_never_sent_in_the_clear(receiver: MailReceiver) -> None:
    url = f"smtp://user:hush@127.0.0.1:{receiver.port}?from=a@b.cn"
    with pytest.raises(Failed) as failed:
        send(MailServer.from_url(url))
    assert not failed.value.final
    assert "hush" not in str(failed.value)
    assert receiver.mails == []


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}?from=a@b.cn"
        with pytest.raises(Failed) as failed:
            send(MailServer.from_url(url))
    assert not failed.value.final


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Failed):
        send(MailServer.from_url(f"smtp://127.0.0.1:{silent.getsockname()[1]}?from=a@b.cn"))


def test_a_server_that_hangs_up_after_taking_it_has_taken_it() -> None:
    """Only the goodbye is missing: to send it again would be twice."""
    answers = [b"220 x\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 go\r\n", b"250 taken\r\n"]
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(answers[0])
                for answer in answers[1:5]:
                    lines.readline()
                    connection.sendall(answer)
                while lines.readline() != b".\r\n":
                    pass
                connection.sendall(answers[5])

        thread = threading.Thread(target=serve)
        thread.start()
        send(MailServer.from_url(f"smtp://127.0.0.1:{listening.getsockname()[1]}?from=a@b.cn"))
        thread.join()


class TestUrls:
    def test_all_of_it(self) -> None:
        server = MailServer.from_url("smtps://user%40x.cn:p%2Fw@mail.example.cn?from=a@b.cn")
        assert server == MailServer("mail.example.cn", 465, "a@b.cn", "user@x.cn", "p/w", True)

    def test_defaults(self) -> None:
        assert MailServer.from_url("smtp://h?from=a@b.cn") == MailServer("h", 25, "a@b.cn", None, None, False)

    @pytest.mark.parametrize(
        "url", ["smtp://h", "smtp://h?from=", "smtp://?from=a@b.cn", "http://h?from=a@b.cn", "smtp://h:x?from=a@b.cn",
                "smtp://h?from=a@b.cn%0d%0aBcc:c@d.cn"]
    )  # fmt: skip
    def test_what_can_t_be_used(self, url: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            MailServer.from_url(url)
        assert refused.value.field == "PILOTMATCH_SMTP_URL"
