"""`pilotmatch why`: a page for people, JSON for programs, one line and an exit code for what can't be answered."""

from __future__ import annotations

import json

import pytest

from matcher.commands import why as command
from matcher.match import Matcher
from matcher.ranking.why_not import why_not
from matcher.records import Need

TEXT = "酶制剂发酵放大,限广东,1000 L以上发酵罐"


@pytest.fixture(autouse=True)
def _over_the_small_catalogue(monkeypatch: pytest.MonkeyPatch, small_matcher: Matcher) -> None:
    monkeypatch.setattr(Matcher, "load", lambda *_, **__: small_matcher)


def test_json_is_the_whole_answer(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    command.why(TEXT, "PF-2", as_json=True)
    printed = json.loads(capsys.readouterr().out)
    found = why_not(small_matcher, Need(text=TEXT), "PF-2")
    assert (printed["rank"], printed["count"], printed["removal"]) == (found.rank, found.count, found.removal)
    assert printed["listing"]["name"] == "太湖发酵工程中心"


def test_a_removed_listing_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    command.why(TEXT, "PF-2")
    printed = capsys.readouterr().out.replace("\n", "")
    assert "若不被排除,在 5 个中试平台中排第" in printed
    assert "不列入结果 除地点外" in printed
    assert "位于无锡市" in printed


def test_what_is_not_said_and_what_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    command.why(TEXT, "PF-4")
    printed = capsys.readouterr().out
    assert "未写明:1000 L以上" in printed
    assert "排除" not in printed


@pytest.mark.parametrize(
    ("text", "listing_id", "code", "message"),
    [
        (TEXT, "XX-1", 1, "没有编号为 XX-1 的条目"),
        (TEXT, "CA-1", 2, "CA-1 是案例,不参加匹配"),
        ("  ", "PF-1", 2, "错误"),
    ],
)
def test_what_cannot_be_answered(
    capsys: pytest.CaptureFixture[str], text: str, listing_id: str, code: int, message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.why(text, listing_id)
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert message in printed.err
    assert len(printed.err.strip().splitlines()) == 1
    assert printed.out == ""


def test_it_is_a_command() -> None:
    from matcher.__main__ import COMMANDS

    assert COMMANDS["why"] == "matcher.commands.why:why"
