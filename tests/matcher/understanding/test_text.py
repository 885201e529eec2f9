"""What text is accepted, and the spelling that keeps offsets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.understanding import text as text_module
from matcher.understanding.text import MAX_CHARACTERS, TRADITIONAL, check_text, clean, normalise


class TestCheckText:
    @pytest.mark.parametrize("text", ["500升发酵罐", "a", "需要\n两行\t表格", "\ufeff需要GMP", "１２", "😀 需要中试"])
    def test_returns_usable_text_unchanged(self, text: str) -> None:
        assert check_text(text) == text

    @pytest.mark.parametrize("text", ["", " ", "\n\t", "\u3000\u3000"])
    def test_refuses_blank_text(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="为空") as refusal:
            check_text(text)
        assert refusal.value.field == "text"
        assert refusal.value.hint

    @pytest.mark.parametrize("text", ["。。。", "😀🎉", "?!…——", "\u200b", "-- --"])
    def test_refuses_text_without_a_letter_or_digit(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="没有可以理解的文字"):
            check_text(text)

    def test_limit_is_inclusive(self) -> None:
        assert check_text("字" * MAX_CHARACTERS)
        with pytest.raises(InvalidInput, match="20001 个字符"):
            check_text("字" * (MAX_CHARACTERS + 1))

    @pytest.mark.parametrize("control", ["\x00", "\x08", "\x0b", "\x1b", "\x7f"])
    def test_names_the_place_of_a_control_character(self, control: str) -> None:
        with pytest.raises(InvalidInput, match="第 3 个字符是控制字符"):
            check_text(f"发酵{control}罐")

    def test_refuses_half_a_surrogate_pair(self) -> None:
        with pytest.raises(InvalidInput, match="编码不完整"):
            check_text("发酵\ud83d罐")


class TestNormalise:
    @pytest.mark.parametrize(
        ("given_text", "expected"),
        [
            ("５００Ｌ発酵", "500L発酵"),
            ("東莞發酵罐，兩週內", "东莞发酵罐，两周内"),
            ("50—5000L", "50-5000L"),
            ("50–5000 L", "50-5000 L"),
            ("50～5000", "50~5000"),
            ("停顿——再说", "停顿——再说"),
            ("−40℃", "-40℃"),
            ("≧99％", "≥99%"),
            ("10\u00b5m", "10μm"),
            ("a\u00a0b\u3000c\ufeffd\u200be", "a b c d e"),
            ("噴霧乾燥", "喷雾干燥"),
            ("伍拾萬元", "五十万元"),
            ("贰佰零叁万", "二百零三万"),
            ("伍经理的队伍在收拾", "伍经理的队伍在收拾"),
            ("显著提高,著作", "显著提高,著作"),
            ("80℃，100转", "80℃，100转"),
        ],
    )
    def test_spelling(self, given_text: str, expected: str) -> None:
        assert normalise(given_text) == expected

    def test_keeps_line_ends_and_tabs(self) -> None:
        assert normalise("一\n二\t三\r\n") == "一\n二\t三\r\n"

    @given(st.text(alphabet=st.characters(), max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_keeps_length_and_settles_at_once(self, text: str) -> None:
        once = normalise(text)
        assert len(once) == len(text)
        assert normalise(once) == once

    @given(st.text(alphabet="—-–~～東莞 ５0", max_size=12))
    @settings(max_examples=100, deadline=None)
    def test_settles_at_once_among_dashes(self, text: str) -> None:
        once = normalise(text)
        assert (len(once), normalise(once)) == (len(text), once)

    def test_every_row_of_the_table_is_used(self) -> None:
        rows = [line.split(",") for line in TRADITIONAL.read_text(encoding="utf-8").splitlines()[1:]]
        assert len(rows) > 2500
        assert normalise("".join(row[0] for row in rows)) == "".join(row[1] for row in rows)

    @pytest.mark.parametrize("content", [None, "traditional,simplified\n東莞,东莞\n", "a,b\n東,东\n"])
    def test_a_broken_table_is_named(self, tmp_path: Path, content: str | None) -> None:
        path = tmp_path / "traditional.csv"
        if content is not None:
            path.write_text(content, encoding="utf-8")
        with pytest.raises(BrokenArtefact, match=r"traditional\.csv"):
            text_module._read_traditional(path)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
@settings(max_examples=100, deadline=None)
def test_clean_text_is_never_refused_for_its_characters(text: str) -> None:
    assert check_text("字" + clean(text))


def test_clean_keeps_line_ends() -> None:
    assert clean("一\r\n二\x0b三\x0c四\x00五") == "一\n二\n三\n四 五"
