"""The command line as people start it: help, unknown words, pipes, bytes that are not UTF-8."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.__main__ import COMMANDS, _commands, application, main
from matcher.catalogue.listings_file import write_listings
from tests.matcher.small import LISTINGS

ROOT = Path(__file__).parents[2]


class TestCommands:
    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_each_is_there_and_says_what_it_does(self, name: str) -> None:
        module, _, function = COMMANDS[name].partition(":")
        assert getattr(import_module(module), function).__doc__
        found = CliRunner().invoke(application(name), [name, "--help"])
        assert found.exit_code == 0
        assert "Usage" in found.stdout

    def test_help_lists_them_all(self) -> None:
        found = CliRunner().invoke(application(), ["--help"], env={"COLUMNS": "160"})
        assert found.exit_code == 0
        assert [name for name in _commands() if name not in found.stdout] == []
        assert {"match", "load", "serve", "index", "evaluate", "understand", "train", "settings"} <= set(_commands())

    @pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--nonsense"]])
    def test_anything_else_is_a_wrong_argument(
        self, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.argv", ["pilotmatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert "Traceback" not in capsys.readouterr().err

    @pytest.mark.slow
    def test_a_command_is_not_made_to_wait_for_the_others(self) -> None:
        """`understand` needs neither encoder nor index, and is there in a fraction of their time."""
        code = "import sys, matcher.__main__ as m; m.application('settings'); print('torch' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "False"


class TestProcesses:
    """One process each: what only a real start, pipe or argument shows."""

    @pytest.fixture
    def environment(self, small_data: Path) -> dict[str, str]:
        """Without what changes settings or buffering: most of what goes wrong does so when a buffer is emptied."""
        ours = ("PILOTMATCH_", "PYTHONUNBUFFERED")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {"PILOTMATCH_DATA": str(small_data)}

    @pytest.mark.slow
    def test_a_reader_that_goes_is_no_error(self, environment: dict[str, str], tmp_path: Path) -> None:
        """`pilotmatch understand --lines … | head -1`, with more to write than a pipe holds."""
        (tmp_path / "lines.txt").write_text("500 L发酵罐,东莞\n" * 1500, encoding="utf-8")
        command = f"{sys.executable} -m matcher understand --lines {tmp_path / 'lines.txt'} | head -1"
        found = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert found.stderr == b""
        assert found.returncode == 0
        assert found.stdout.count(b"\n") == 1

    @pytest.mark.slow
    def test_a_full_disk_is_told_in_one_line(self, environment: dict[str, str]) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full on this system")
        command = [sys.executable, "-m", "matcher", "understand", "500 L发酵罐", "--json"]
        with open("/dev/full", "wb") as full:
            found = subprocess.run(command, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
        assert found.returncode == 1
        assert found.stderr.decode().startswith("错误:")
        assert len(found.stderr.splitlines()) == 1

    @pytest.mark.slow
    def test_an_argument_that_is_not_utf_8(self, environment: dict[str, str], tmp_path: Path) -> None:
        write_listings(tmp_path / "small.jsonl", LISTINGS)
        given: list[str | bytes | Path] = [b"\xb7\xa2\xbd\xcd", "--listings", tmp_path / "small.jsonl"]
        command = [sys.executable, "-m", "matcher", "match", *given]
        found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        assert found.returncode == 2
        assert found.stdout == b""
        assert "UTF-8" in found.stderr.decode()
        assert len(found.stderr.splitlines()) == 1
