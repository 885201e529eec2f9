"""What commands share: where output goes, progress bars, and how an error ends a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from embeddings import EmbeddingsError
from matcher.catalogue.listings_file import Check, read_listings
from matcher.errors import InvalidInput, PilotMatchError
from matcher.records import Listing
from matcher.settings import Settings

FAILED, WRONG_ARGUMENTS = 1, 2


class Screen(Console):
    """Standard output for people; Rich would end with 1 where the reader of a pipe has gone."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


screen = Screen()
errors = Console(stderr=True)


def write(text: str) -> None:
    """A line of results on standard output, as it is: no wrapping, no colour."""
    sys.stdout.write(text + "\n")


def complain(message: object) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{message}\n")


def read_settings() -> Settings:
    """The settings of the environment; see `Settings` for the errors."""
    return Settings()


@contextmanager
def ending_well() -> Iterator[None]:
    """One line and an exit code for every error that has words: 2 for an argument at fault, 1 for failed work."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except PilotMatchError as error:
        at_fault = isinstance(error, InvalidInput) and error.field is not None
        complain(f"错误:{error}")
        raise SystemExit(WRONG_ARGUMENTS if at_fault else FAILED) from None
    except EmbeddingsError as error:
        complain(f"错误:{error}")
        raise SystemExit(FAILED) from None
    except BrokenPipeError:  # the reader of a pipe has gone (| head): nothing is wrong
        _drop_output()
        raise SystemExit(0) from None
    except OSError as error:
        complain(f"错误:无法读写:{error.strerror or error}")
        _drop_output()
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        complain("已中断")
        raise SystemExit(130) from None


def _drop_output() -> None:
    """Send what is still buffered nowhere: the interpreter flushes it once more when it ends, and would complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A function of (done, total) that draws a bar on standard error from its first call on; nothing before."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors
    )

    def show(done: int, total: int) -> None:
        if not bar.tasks:
            bar.start()
            bar.add_task(title, total=total)
        bar.update(bar.tasks[0].id, completed=done, total=total)

    try:
        yield show
    finally:
        if bar.tasks:  # one that never began would leave an empty line
            bar.stop()


def existing(path: Path) -> Path:
    """A file that an argument names.

    Raises:
        InvalidInput: it is not there.
    """
    with suppress(OSError):  # a name that is too long
        if path.is_file():
            return path
    raise InvalidInput(f"找不到文件 {path}", hint="请检查路径", field=str(path))


def given_listings(path: Path, check: Check | None = None) -> tuple[Listing, ...]:
    """The listings of a file that an argument names, each of which passes `check`.

    Raises:
        InvalidInput: the file is not there (with a field), or a line can't be used (without: the argument is right).
    """
    path = existing(path)
    try:
        return read_listings(path, check=check)
    except InvalidInput as error:
        raise InvalidInput(error.message, hint=error.hint) from None
