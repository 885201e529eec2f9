"""What commands share: where output goes, progress bars, and how an error ends a command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matcher.errors import InvalidInput, PilotMatchError
from matcher.settings import Settings

FAILED, WRONG_ARGUMENTS = 1, 2

screen = Console()
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
        yield
    except PilotMatchError as error:
        at_fault = isinstance(error, InvalidInput) and error.field is not None
        complain(f"错误:{error}")
        raise SystemExit(WRONG_ARGUMENTS if at_fault else FAILED) from None
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has gone; nothing is wrong and nobody is listening
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        complain("已中断")
        raise SystemExit(130) from None


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A function of (done, total) that draws a bar on standard error from its first call on; nothing before."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors
    ) as bar:
        task = bar.add_task(title, total=None, visible=False)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield show


def existing(path: Path) -> Path:
    """A file that an argument names.

    Raises:
        InvalidInput: it is not there.
    """
    if not path.is_file():
        raise InvalidInput(f"找不到文件 {path}", hint="请检查路径", field=str(path))
    return path
