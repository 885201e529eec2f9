"""E-mails: a letter as it is stored in the outbox, and as the message that goes out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from matcher.catalogue.alerts.outbox import SEALED
from matcher.errors import InvalidInput
from matcher.sending.sealing import Seal

#: RFC 5321.
ADDRESS_MAX: Final = 254
#: Longer subjects are cut by every mail program.
SUBJECT_MAX: Final = 150
SITE: Final = "PilotMatch 中试对接"
#: Plain ASCII addresses: what the users' table takes. No quoting, no comments, hence no way out of the header.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says, as plain text and as HTML; `stop` is its one-click unsubscribe link."""

    to: str
    subject: str
    text: str
    html: str
    stop: str | None = None

    def stored(self) -> dict[str, Any]:
        """As the outbox keeps it; `Letter(**stored)` is the letter again."""
        return asdict(self)

    def sealed(self, seal: Seal) -> dict[str, Any]:
        """As the outbox keeps what nobody may read there; `opened` gives the letter again."""
        return {SEALED: seal.close(json.dumps(self.stored()))}


def opened(payload: Mapping[str, Any], seal: Seal) -> Letter:
    """The letter that was stored, sealed or not.

    Raises:
        Unavailable: it was sealed with another secret.
    """
    if SEALED not in payload:
        return Letter(**payload)
    return Letter(**json.loads(seal.open(payload[SEALED])))


def checked_address(address: str) -> str:
    """An address as it can stand in a header; a domain in Chinese becomes its ASCII form (IDNA).

    Raises:
        InvalidInput: it is none, or holds a line end.
    """
    local, at, domain = address.rpartition("@")
    try:
        plain = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    if len(plain) > ADDRESS_MAX or not _ADDRESS.fullmatch(plain):
        raise InvalidInput("邮箱地址不能用", hint="应如 name@example.cn", field="email")
    return plain


def one_line(text: str, limit: int = SUBJECT_MAX) -> str:
    """Text for a header: line ends and control characters become a space, and what is too long is cut."""
    line = " ".join(_BREAKS.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def message_of(letter: Letter, sender: str, delivery: str) -> EmailMessage:
    """The message of a letter.

    Args:
        sender: address in `From`. delivery: names this letter in `Message-ID`: a repeat is the same message.

    Raises:
        InvalidInput: the address of either side can't be used.
    """
    sender = checked_address(sender)
    domain = sender.partition("@")[2]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(SITE, addr_spec=sender)
    message["To"] = Address(addr_spec=checked_address(letter.to))
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{delivery}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop is not None:
        # RFC 8058: the mail program's own button sends a POST there, no page is opened.
        message["List-Unsubscribe"] = f"<{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_sendable(letter.text), cte="base64")
    message.add_alternative(_sendable(letter.html), subtype="html", cte="base64")
    return message


def _sendable(text: str) -> str:
    """Half a surrogate pair, which UTF-8 can't write, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
