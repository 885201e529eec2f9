"""The cache of built folders: crashes, full disks, damage and two builders at once."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embeddings import cache
from embeddings.cache import MANIFEST, is_whole, provide
from embeddings.errors import EncoderUnavailable


def fill(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"a" * 1000)
    (folder / "sub").mkdir()
    (folder / "sub" / "b.json").write_text("{}")


def refuse(folder: Path) -> None:
    raise AssertionError("built again")


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".*")]


def test_builds_once(tmp_path: Path) -> None:
    first = provide(tmp_path / "new" / "cache", "m", fill)
    assert (first / "a.bin").read_bytes() == b"a" * 1000
    assert provide(tmp_path / "new" / "cache", "m", refuse) == first
    assert leftovers(first.parent) == []


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped", "manifest", "garbled manifest"])
def test_damage_is_seen_and_mended(tmp_path: Path, damage: str) -> None:
    folder = provide(tmp_path, "m", fill)
    victim = folder / ("a.bin" if "manifest" not in damage else MANIFEST)
    if damage in ("missing", "manifest"):
        victim.unlink()
    elif damage == "flipped":
        victim.write_bytes(b"a" * 999 + b"b")
    else:
        os.truncate(victim, 10)
    assert not is_whole(folder)
    assert provide(tmp_path, "m", fill) == folder
    assert is_whole(folder)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_crash_leaves_what_was_there(tmp_path: Path, kind: type[BaseException]) -> None:
    old = provide(tmp_path, "old", fill)

    def crash(folder: Path) -> None:
        fill(folder)
        raise kind("half way")

    with pytest.raises(kind):
        provide(tmp_path, "new", crash)
    assert is_whole(old)
    assert not (tmp_path / "new").exists()
    assert leftovers(tmp_path) == []


def test_full_disk_is_an_answer_with_advice(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(EncoderUnavailable, match="No space left") as caught:
        provide(tmp_path, "m", full)
    assert "PILOTMATCH_DATA" in str(caught.value.hint)
    assert leftovers(tmp_path) == []


def test_cache_that_is_a_file_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(EncoderUnavailable):
        provide(tmp_path / "cache", "m", fill)


def test_slower_builder_takes_the_folder_of_the_quicker(tmp_path: Path) -> None:
    def overtaken(folder: Path) -> None:
        fill(folder)
        (folder / "mine").touch()
        provide(tmp_path, "m", fill)

    assert not (provide(tmp_path, "m", overtaken) / "mine").exists()
    assert is_whole(tmp_path / "m")
    assert leftovers(tmp_path) == []


def test_builder_replaces_a_folder_that_broke_meanwhile(tmp_path: Path) -> None:
    def broken_meanwhile(folder: Path) -> None:
        fill(folder)
        (provide(tmp_path, "m", fill) / "a.bin").unlink()

    assert is_whole(provide(tmp_path, "m", broken_meanwhile))


def test_processes_that_build_at_once_agree(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from embeddings.cache import is_whole, provide

def build(folder):
    for part in range(20):
        (folder / f"{part}.bin").write_bytes(bytes([part]) * 10_000)
        time.sleep(0.01)

folder = provide(Path(sys.argv[1]), "m", build)
print(is_whole(folder))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["True"] * 4
    assert leftovers(tmp_path) == []


def test_what_crashed_long_ago_is_swept_and_a_build_at_work_is_not(tmp_path: Path) -> None:
    abandoned, working = tmp_path / ".building-old", tmp_path / ".building-new"
    abandoned.mkdir()
    working.mkdir()
    long_ago = time.time() - 2 * cache._ABANDONED_SECONDS
    os.utime(abandoned, (long_ago, long_ago))
    provide(tmp_path, "m", fill)
    assert leftovers(tmp_path) == [working.name]
