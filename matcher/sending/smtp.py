"""Handing a message to the mail server that the settings name."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from matcher.errors import InvalidInput
from matcher.sending.mail import checked_address
from matcher.sending.posting import Failed

#: For each answer of the server.
TIMEOUT: Final = 20.0
_PORTS: Final = {"smtps": 465, "smtp": 25}
#: RFC 5321: 5yz is a refusal for good.
_FINAL: Final = range(500, 600)
#: Of these, those about signing in: the administrator can mend them, so trying again makes sense.
_OURS: Final = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    sender: str
    user: str | None
    password: str | None
    implicit_tls: bool

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """From `smtps://user:password@host:port?from=address` (TLS from the start) or `smtp://…` (STARTTLS where the
        server offers it; a password is never sent without encryption).

        Raises:
            InvalidInput: it can't be read, or has no `from`. Field `PILOTMATCH_SMTP_URL`.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
            sender = checked_address(parse_qs(parts.query)["from"][0])
            host = parts.hostname or ""
        except (ValueError, KeyError, InvalidInput):
            raise _unreadable() from None
        if not host:
            raise _unreadable()
        user, password = (None if one is None else unquote(one) for one in (parts.username, parts.password))
        return cls(host, port, sender, user, password, parts.scheme == "smtps")

    def send(self, message: EmailMessage) -> None:
        """Hand in one message; returns once the server has taken responsibility for it.

        Raises:
            Failed: it was not taken; `final` where the server refuses the recipient or the message for good.
        """
        try:
            with self._connected() as server:
                server.send_message(message, self.sender)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise Failed(f"邮件服务器拒收该收件人({code})", final=code in _FINAL) from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code in _FINAL and error.smtp_code not in _OURS
            raise Failed(f"邮件服务器答复 {error.smtp_code}", final=final) from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise Failed(f"无法交给邮件服务器({type(error).__name__})") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            self._sign_in(server, context)
            yield server
            # The message is taken by now: a server that is rude at the end must not make us send it again.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _sign_in(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo_or_helo_if_needed()
        encrypted = self.implicit_tls
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            encrypted = True
        if self.user is not None:
            if not encrypted:
                raise smtplib.SMTPException("no encryption offered")
            server.login(self.user, self.password or "")


def _unreadable() -> InvalidInput:
    hint = "应如 smtps://用户:口令@主机:465?from=地址"
    return InvalidInput("邮件服务器的地址无法读取", hint=hint, field="PILOTMATCH_SMTP_URL")
