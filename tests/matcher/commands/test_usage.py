"""Wrong arguments: one Chinese line on standard error, exit code 2, and nothing else."""

from __future__ import annotations

import pytest

from matcher.commands.usage import usage_words
from tests.matcher.commands.conftest import Run, refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["understand", "--lins", "x"], ("没有选项 --lins", "--lines", "pilotmatch understand --help")),
        (["matchh", "x"], ("没有命令 matchh", "match")),
        (["why", "x"], ("缺少参数 LISTING_ID", "pilotmatch why --help")),
        (["match", "x", "--top", "abc"], ("选项 --top 的值不能用", "应为整数")),
        (["match", "x", "--format", "pdf"], ("选项 --format 的值不能用", "只能是 table、json、trec")),
        (["match", "x", "--top"], ("选项 --top 后面缺少值",)),
        (["settings", "more"], ("多余的参数 more",)),
        (["--nonsense"], ("没有选项 --nonsense",)),
    ],
)
def test_one_line(run: Run, arguments: list[str], words: tuple[str, ...]) -> None:
    refused(run(*arguments), 2, *words)


def test_help_is_no_error(run: Run) -> None:
    ended = run("understand", "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "--lines" in ended.out


def test_without_arguments_the_help_is_shown(run: Run) -> None:
    ended = run()
    assert ended.code == 2
    assert "understand" in ended.out + ended.err


def test_what_nobody_foresaw_is_still_one_line() -> None:
    assert usage_words(ValueError("a\nb")) == "命令写得不对(用法见 pilotmatch --help)"
