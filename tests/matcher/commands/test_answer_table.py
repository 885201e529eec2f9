"""An answer on the terminal: what to give up, why a near-miss is one, and what is worth asking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.answers import answer_json
from matcher.commands.answer_table import print_answer
from matcher.match import Matcher
from matcher.records import Need

HARD = Need(text="酶制剂发酵放大,1000 L以上发酵罐", must=("quantity",))
VAGUE = Need(text="想把一个菌种的发酵放大")


def printed(capsys: pytest.CaptureFixture[str], matcher: Matcher, need: Need) -> str:
    print_answer(matcher.match(need))
    return capsys.readouterr().out.replace("\n", "")


def test_a_relaxation_is_proposed(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    answer = small_matcher.match(HARD)
    assert answer.relaxation is not None
    assert answer.relaxation.startswith("把发酵罐容积从 ≥ 1000 L 放宽到 ≥ 500 L")
    assert answer_json(answer)["relaxation"] == answer.relaxation
    assert f"建议 {answer.relaxation}" in printed(capsys, small_matcher, HARD)


def test_a_near_miss_says_why_it_is_one(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    out = printed(capsys, small_matcher, HARD)
    reasons = [match.reasons[0].text for match in small_matcher.match(HARD).near_misses]
    assert reasons
    assert all(f"·{reason}" in out for reason in reasons)


def test_questions_come_with_examples(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    questions = small_matcher.match(VAGUE).questions
    assert questions
    out = printed(capsys, small_matcher, VAGUE)
    for question in questions:
        assert f"想再问一句 {question.text}" in out
        assert question.suggestions[0] in out
    assert "建议" not in out


def test_a_pinned_match_says_so(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    answer = small_matcher.match(Need("发酵中试"), top=1)
    pinned = replace(answer, matches=(replace(answer.matches[0], rule="置顶:示范平台"),))
    print_answer(pinned)
    assert "置顶:示范平台" in capsys.readouterr().out


def test_a_budget_is_read_once(capsys: pytest.CaptureFixture[str], small_matcher: Matcher) -> None:
    """The number that a budget or a deadline was read from is no quantity of its own."""
    out = printed(capsys, small_matcher, Need(text="酶制剂发酵放大,发酵罐500 L,预算20万以内,三个月内完成"))
    assert "预算:预算20万以内" in out
    assert "参数:20万" not in out
    assert "期限:三个月内" in out
    assert "参数:三个月内" not in out
    assert "参数:500 L" in out
