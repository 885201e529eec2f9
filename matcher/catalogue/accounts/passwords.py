"""Passwords: which are taken, and how they are kept (argon2id)."""

from __future__ import annotations

import string
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matcher.errors import InvalidInput

LENGTH_MIN: Final = 10
#: Longer than any passphrase; a bound, so that nobody has a megabyte hashed.
LENGTH_MAX: Final = 200
#: Fewer different characters are a pattern ("1212121212"), not a password.
VARIETY_MIN: Final = 5
#: OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Each takes 19 MiB and a core for some 20 ms: more at once would serve nobody sooner.
_AT_ONCE = threading.BoundedSemaphore(4)
_COMMON = Path(__file__).with_name("common_passwords.txt")
#: What people put before and after a word when they are told that it is not enough.
_TAIL: Final = string.digits + string.punctuation
#: Rows of a keyboard and the alphabet; a password that is a piece of one, either way, is soon guessed.
_ROWS: Final = (
    "01234567890" * 2,
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse what is guessed at once; length counts, not kinds of characters.

    Raises:
        InvalidInput: too short or too long, the person's own e-mail or name, or widely used.
    """
    plain = _plain(password)
    if len(plain) < LENGTH_MIN:
        raise InvalidInput(f"密码至少 {LENGTH_MIN} 个字符", hint="可以用几个不相干的词连成一句", field=field)
    if len(plain) > LENGTH_MAX:
        raise InvalidInput(f"密码不能超过 {LENGTH_MAX} 个字符", hint="请缩短", field=field)
    word = plain.casefold()
    own = {email.casefold(), email.casefold().partition("@")[0], _plain(name).casefold()}
    if word in own:
        raise InvalidInput("密码不能与邮箱或姓名相同", hint="请另想一个", field=field)
    if not {word, word.strip(_TAIL)}.isdisjoint(_common()) or _is_pattern(word):
        raise InvalidInput("密码过于常见", hint="可以用几个不相干的词连成一句", field=field)


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters and a salt of its own."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether it is the password; without a stored hash the same time is spent, so that an answer tells nothing."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _nobody(), _plain(password)[: LENGTH_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _plain(password: str) -> str:
    """One form of the same characters, however a keyboard or a system writes them; half a surrogate pair becomes ?."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def _is_pattern(word: str) -> bool:
    """Few different characters, a word written twice or more, or a piece of a keyboard's row."""
    if word in (word + word)[1:-1]:
        return True
    return len(set(word)) < VARIETY_MIN or any(word in row or word in row[::-1] for row in _ROWS)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())
