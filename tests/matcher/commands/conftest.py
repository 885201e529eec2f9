"""The command line in this process, over a small catalogue and with an encoder that is loaded once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embeddings import Encoder
from matcher.__main__ import main
from matcher.catalogue.listings_file import write_listings
from matcher.match import Matcher
from matcher.settings import Settings
from tests.matcher.small import LISTINGS


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_data: Path, small_matcher: Matcher, bundled: Encoder
) -> None:
    """No variable of ours but the data folder, no .env file, a wide terminal; the encoder is not loaded again."""
    assert small_matcher.catalogue  # its vectors are stored: no command has to draw a progress bar
    for field in Settings.model_fields:
        monkeypatch.delenv(f"PILOTMATCH_{field.upper()}", raising=False)
    monkeypatch.setenv("PILOTMATCH_DATA", str(small_data))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    for module in ("match", "commands.index", "commands.loading"):
        monkeypatch.setattr(f"matcher.{module}.open_encoder", lambda settings, source=None: bundled)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """`run("match", "发酵")` is `pilotmatch match 发酵`."""

    def call(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["pilotmatch", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        said = capfd.readouterr()
        return Ended(code or 0, said.out, said.err)

    return call


@pytest.fixture
def listings(tmp_path: Path) -> str:
    """The small catalogue as a file."""
    path = tmp_path / "small.jsonl"
    write_listings(path, LISTINGS)
    return str(path)


@pytest.fixture
def needs_file(tmp_path: Path) -> Callable[[Iterable[str | dict[str, Any]]], str]:
    """Writes lines, or objects as lines, to a needs file."""

    def write(lines: Iterable[str | dict[str, Any]]) -> str:
        path = tmp_path / "needs.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return str(path)

    return write


def refused(ended: Ended, code: int, *words: str) -> None:
    """It ended with that code, one line on standard error that holds the words, nothing else said."""
    assert ended.code == code, ended
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert len(ended.err.strip().splitlines()) == 1, ended.err
    assert ended.err.startswith("错误:")
    for word in words:
        assert word in ended.err
