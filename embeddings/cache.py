"""A cache of built folders: written aside, checked by a manifest, renamed into place; a crash leaves what was there."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from embeddings.errors import EncoderUnavailable
from embeddings.weights import digest

MANIFEST = "manifest.json"
_ASIDE = ".building-"
_ABANDONED_SECONDS = 3600.0  # no build takes a tenth of it; younger ones may be another process at work
_log = logging.getLogger(__name__)


def provide(cache: Path, name: str, build: Callable[[Path], None]) -> Path:
    """The folder `cache/name`, built first where it is missing or damaged.

    `build` fills an empty folder. Of two processes that build at once, the first to finish wins and the other takes
    its folder.

    Raises:
        EncoderUnavailable: the folder can't be written (no space, no permission); an older one stays as it was.
    """
    target = cache / name
    if is_whole(target):
        return target
    if target.exists():
        _log.warning("%s is damaged and is built again", target)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=cache))
        try:
            build(aside)
            _write_manifest(aside)
            _swap(aside, target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise EncoderUnavailable(
            f"无法写入编码器缓存 {cache}({error.strerror or error})",
            hint="检查磁盘空间和权限,或用 PILOTMATCH_DATA 指定其他目录",
        ) from error
    return target


def is_whole(folder: Path) -> bool:
    """Whether a folder holds every file of its manifest, unchanged to the byte."""
    try:
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        return all((folder / name).stat().st_size == size and digest(folder / name) == sha for name, size, sha in files)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = [[path.relative_to(folder).as_posix(), path.stat().st_size, digest(path)] for path in files]
    (folder / MANIFEST).write_text(json.dumps({"files": rows}, indent=1), "utf-8")


def _swap(aside: Path, target: Path) -> None:
    """Puts a finished folder in place; loses without harm to a process that was quicker."""
    if target.exists() and not is_whole(target):
        damaged = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=target.parent))
        with contextlib.suppress(FileNotFoundError):  # the other process moved it away first
            os.replace(target, damaged / target.name)
        shutil.rmtree(damaged, ignore_errors=True)
    aside.chmod(0o755)  # mkdtemp makes it ours alone; another account may run the service
    try:
        os.replace(aside, target)
    except OSError:
        if not is_whole(target):
            raise


def _sweep(cache: Path) -> None:
    """Removes what crashed builds left behind."""
    for folder in cache.glob(_ASIDE + "*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
