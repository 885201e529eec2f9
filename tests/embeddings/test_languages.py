from __future__ import annotations

import pytest

from embeddings.languages import is_foreign, is_in_latin_word
from matcher.records import Need


@pytest.mark.parametrize(
    "text",
    ["500 L fermenter", "8-inch MEMS foundry", "a pilot line near 苏州 with GMP", "Micro-LED mass transfer, 200 mm"],
)
def test_english_is_foreign(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "……",
        "12345",
        "SiC MOSFET",
        "GMP CDMO AAV",
        "5000 L",
        "发酵",
        "用Python做的MEMS器件仿真",
        "需要pilot plant一条",
    ],
)
def test_chinese_and_mere_abbreviations_are_not(text: str) -> None:
    assert not is_foreign(text)


def test_no_shipped_need_is_foreign(real_needs: list[Need]) -> None:
    assert not [need.text for need in real_needs if is_foreign(need.text)]


def test_borders_inside_a_latin_word() -> None:
    assert [place for place in range(1, 5) if is_in_latin_word("ab 膜c", place)] == [1]
