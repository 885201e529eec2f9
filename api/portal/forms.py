"""Forms: the token that shows they are ours, what was typed, and what is wrong with it.

Whoever is signed in has the token of the session. A stranger gets a cookie with a random number, and forms carry its
keyed hash: another site can neither read nor guess it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from api.dependencies import CallerDep, SettingsDep
from api.portal.client import Refused
from api.portal.wording import in_words
from api.security import CSRF_FIELD, check_same_site, unmasked
from matcher.errors import PilotMatchError
from matcher.secret import secret_of
from matcher.settings import Settings

VISITOR: Final = "pilotmatch_visitor"
#: Hidden field: the same each time one form is sent, so that sending it twice does one thing.
ONCE: Final = "once"
#: Hidden field: what was typed before the session was lost, and where it was to go.
KEPT: Final = "kept"
KEPT_TARGET: Final = "kept_target"
OUR_FIELDS: Final = frozenset({CSRF_FIELD, ONCE, KEPT, KEPT_TARGET})
#: What needs an account begins with one of these.
PROTECTED: Final = ("/desk", "/operator", "/admin", "/account")


class SignInNeeded(Exception):
    """The page is for people with an account; `values` is what they had typed."""

    def __init__(self, values: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.values = tuple(values)


class Unconfirmed(Exception):
    """The form's token is not of this visitor: an old page, or a browser without cookies. Asked again, not refused."""

    def __init__(self, values: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.values = tuple(values)


@dataclass(frozen=True)
class Form:
    """What a form holds: values by field, and errors beside them; an empty one for a page that is opened.

    Attributes:
        values: of each field the texts that were typed, several for one with several boxes.
        files: uploads. errors: field → (message, hint); "" for what belongs to no field.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    errors: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, **values: Any) -> Form:
        """A form filled in with what is stored; None is empty, a list several values."""
        return cls({name: _texts(value) for name, value in values.items()})

    def get(self, name: str, otherwise: str = "") -> str:
        """The text of a field, without blanks around it."""
        texts = self.values.get(name)
        return texts[0].strip() if texts else otherwise

    def all(self, name: str) -> list[str]:
        """All texts of a field with several, the empty ones left out."""
        return [one.strip() for one in self.values.get(name, ()) if one.strip()]

    def lines(self, name: str) -> list[str]:
        """A text box with one thing a line."""
        return [one.strip() for one in self.get(name).splitlines() if one.strip()]

    def has(self, name: str, value: str) -> bool:
        """Whether a box is ticked or an option chosen."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> tuple[str, str | None] | None:
        """Message and hint for a field."""
        return self.errors.get(name)

    @property
    def once(self) -> str | None:
        """The form's own number, to be handed on as Idempotency-Key."""
        return self.get(ONCE) or None

    def refused(
        self,
        error: Refused | PilotMatchError,
        fields: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Form:
        """The same form with the error beside its field; one whose field the form does not have stands above it.

        Args:
            fields: names in the API → names in the form, where they differ; a name stands for its parts as well.
            labels: what the form calls its fields, as for `in_words`.
        """
        name = error.field or ""
        stem = name.partition("[")[0].partition(".")[0]
        named = (fields or {}).get(name) or (fields or {}).get(stem) or (name if name in self.values else stem)
        return self.with_error(named, *in_words(error.field, error.message, error.hint, labels))

    def with_error(self, name: str, message: str, hint: str | None = None) -> Form:
        """The same form with an error more."""
        return Form(self.values, self.files, {**self.errors, name: (message, hint)})


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)),)
    return (str(value),)


def new_once() -> str:
    """A number for a form that is about to be shown."""
    return uuid.uuid4().hex


def visitor_token(settings: Settings, visitor: str) -> str:
    """What forms of a stranger carry: the keyed hash of the number in the cookie."""
    return hmac.new(secret_of(settings).encode(), f"visitor:{visitor}".encode(), hashlib.sha256).hexdigest()


def new_visitor() -> str:
    """A number for the cookie of a stranger."""
    return secrets.token_hex(16)


async def _form(request: Request, caller: CallerDep, settings: SettingsDep) -> AsyncIterator[Form]:
    """What was sent; that it was sent from a page of ours has been seen to. Its files end with the request."""
    sent = await request.form()
    try:
        if caller.csrf is None:
            check_same_site(request)
            if not _is_of_visitor(request, settings, sent):
                values = kept_values(sent)
                raise SignInNeeded(values) if request.url.path.startswith(PROTECTED) else Unconfirmed(values)
        yield _read(sent)
    finally:
        await sent.close()


def _read(sent: FormData) -> Form:
    texts: dict[str, list[str]] = {}
    files = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                value.filename = _storable(value.filename)
                files[name] = value
        else:
            texts.setdefault(_storable(name), []).append(_storable(value))
    return Form(texts, files)


def _storable(text: str) -> str:
    """Without NUL, and with a mark for half a surrogate pair: some charsets that a form may name can write one."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


#: For POST: what was sent.
FormDep = Annotated[Form, Depends(_form)]


def _is_of_visitor(request: Request, settings: Settings, sent: FormData) -> bool:
    visitor, given = request.cookies.get(VISITOR), sent.get(CSRF_FIELD)
    if not visitor or not isinstance(given, str):
        return False
    expected = visitor_token(settings, visitor)
    return hmac.compare_digest(expected.encode(), unmasked(given).encode("utf-8", "replace"))


def kept_values(sent: FormData) -> list[tuple[str, str]]:
    """What was typed, to be shown again; files can't be kept, and passwords are not."""
    return [
        (_storable(name), _storable(value))
        for name, value in sent.multi_items()
        if isinstance(value, str) and name not in OUR_FIELDS and "password" not in name
    ]


def packed(values: Sequence[tuple[str, str]]) -> str:
    """Fields as one hidden field."""
    return json.dumps(values, ensure_ascii=False)


def unpacked(text: str) -> list[tuple[str, str]]:
    """Fields from a hidden field; none where it was tampered with."""
    try:
        found = json.loads(text)
        return [(str(name), str(value)) for name, value in found]
    except (ValueError, TypeError):
        return []


def local_path(text: str | None, otherwise: str = "/") -> str:
    """An address of this site, else `otherwise`: a link that names another site must not take anybody there."""
    if text is None or not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(one) < 32 for one in text):
        return otherwise
    return text
