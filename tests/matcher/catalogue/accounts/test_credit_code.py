"""统一社会信用代码."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.accounts.credit_code import ALPHABET, check_character, normal_credit_code
from matcher.errors import InvalidInput

#: Codes of three well-known companies, as they print them.
REAL = ("91440300708461136T", "91330100799655058B", "91110000802100433B")
codes = st.text(ALPHABET, min_size=17, max_size=17).map(lambda first: first + check_character(first))


@pytest.mark.parametrize("code", REAL)
def test_real_codes_check(code: str) -> None:
    assert normal_credit_code(code) == code


@pytest.mark.parametrize(
    "text", [" 91440300708461136t ", "9144 0300 7084 6113 6T", "９１４４０３００７０８４６１１３６Ｔ"]
)
def test_it_is_read_however_it_is_typed(text: str) -> None:
    assert normal_credit_code(text) == REAL[0]


@pytest.mark.parametrize("text", ["", REAL[0][:-1], REAL[0] + "T", "9144030070846113IT", "<b>", "9" * 10_000, "\x00"])
def test_what_has_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="18 位") as refused:
        normal_credit_code(text)
    assert refused.value.field == "credit_code"


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
@settings(max_examples=100, deadline=None)
def test_one_character_wrong_is_always_found(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    if wrong == code:
        assert normal_credit_code(wrong) == code
        return
    with pytest.raises(InvalidInput, match="校验位"):
        normal_credit_code(wrong)


@given(codes, st.integers(0, 16))
@settings(max_examples=100, deadline=None)
def test_two_neighbours_swapped_are_always_found(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(InvalidInput, match="校验位"):
            normal_credit_code(swapped)
