"""The secret of this installation: signs cookies and seals what must be stored and read again."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from matcher.errors import Unavailable
from matcher.settings import Settings

FILE = "secret"


def secret_of(settings: Settings) -> str:
    """`PILOTMATCH_SECRET`; in development, where there may be none, a random one kept in the data folder (0600).

    Raises:
        Unavailable: the file can't be read or written.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    path = settings.data / FILE
    try:
        return _read(path) or _make(path)
    except OSError as error:
        hint = "请检查文件夹的权限,或设置 PILOTMATCH_SECRET"
        raise Unavailable(f"无法读写 {path}", hint=hint, field="PILOTMATCH_SECRET") from error


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def _make(path: Path) -> str:
    """Written aside and linked: of several workers that start together one makes it, and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    made = _read(path)
    if made is None:
        raise OSError(f"{path} is empty")
    return made
