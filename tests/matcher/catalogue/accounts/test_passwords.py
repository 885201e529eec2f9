"""Which passwords are taken and how they are kept."""

from __future__ import annotations

import contextlib

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.accounts import passwords
from matcher.catalogue.accounts.passwords import check_password, hash_password, needs_rehash, verify_password
from matcher.errors import InvalidInput


def check(password: str) -> None:
    check_password(password, email="zhang.san.feng@example.cn", name="张三丰 Zhang")


class TestRules:
    @pytest.mark.parametrize(
        "password",
        [
            "发酵罐和离心机各三台呢",
            "correct donkey battery",
            "kitten-lamp-river",
            "mY9#xPl2qRz",
            "ljkqhw eprmz",
            "日月 山水 草木 鸟兽 风雨",
        ],
    )
    def test_length_is_enough_whatever_it_is_made_of(self, password: str) -> None:
        check(password)

    @pytest.mark.parametrize("password", ["", "short", "123456789", "发酵罐"])
    def test_nine_characters_are_too_few(self, password: str) -> None:
        with pytest.raises(InvalidInput, match="至少 10 个字符") as refused:
            check(password)
        assert refused.value.field == "password"

    def test_two_hundred_are_enough(self) -> None:
        word = "".join(chr(0x4E00 + n) for n in range(200))
        check(word)
        with pytest.raises(InvalidInput, match="超过 200"):
            check(word + "长")

    @pytest.mark.parametrize("password", ["zhang.san.feng@example.cn", "Zhang.San.Feng", "ZHANG.SAN.FENG@EXAMPLE.CN"])
    def test_not_the_person_s_own_name(self, password: str) -> None:
        with pytest.raises(InvalidInput, match="邮箱或姓名"):
            check(password)

    @pytest.mark.parametrize(
        "password",
        [
            "password123", "Password2024!", "1234567890", "0987654321", "qwertyuiop", "QWERTYUIOP", "1qaz2wsx3edc",
            "aaaaaaaaaaaa", "1212121212", "abcabcabcabc", "admin@123456", "woaini1314520", "5201314520",
            "iloveyou2023", "huawei123456", "pilotmatch2026", "password１２３", "abcdefghijk", "发酵发酵发酵发酵发酵",
        ],
    )  # fmt: skip
    def test_not_what_everybody_takes(self, password: str) -> None:
        with pytest.raises(InvalidInput, match="过于常见"):
            check(password)

    def test_the_list_is_small_and_lower_case(self) -> None:
        words = passwords._common()
        assert 150 < len(words) < 1000
        assert {word for word in words if word != word.casefold()} == set()

    @given(st.text(max_size=40))
    @settings(max_examples=100, deadline=None)
    def test_any_text_is_taken_or_refused_in_words(self, password: str) -> None:
        with contextlib.suppress(InvalidInput):
            check(password)


class TestKeeping:
    def test_only_the_password_opens(self) -> None:
        stored = hash_password("发酵罐 and 离心机")
        assert stored.startswith("$argon2id$")
        assert "发酵罐" not in stored
        assert len(stored) <= 200
        assert verify_password(stored, "发酵罐 and 离心机")
        assert not verify_password(stored, "发酵罐 and 离心机 ")
        assert not verify_password(stored, "")

    def test_every_hash_has_a_salt_of_its_own(self) -> None:
        assert hash_password("the same words") != hash_password("the same words")

    def test_the_same_characters_written_otherwise_are_the_same(self) -> None:
        """Full-width digits and composed accents depend on the keyboard, not on what the person remembers."""
        stored = hash_password("café １２３４５６")
        assert verify_password(stored, "cafe\u0301 123456")

    def test_nobody_s_password_is_right(self) -> None:
        assert not verify_password(None, "nobody has this password")
        assert not verify_password("not a hash", "x")

    def test_half_a_surrogate_pair_is_no_error(self) -> None:
        assert not verify_password(hash_password("x" * 12), "\ud800" * 12)

    def test_what_was_made_with_weaker_parameters_is_made_anew(self) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("some words")
        assert needs_rehash(weak)
        assert verify_password(weak, "some words")
        assert not needs_rehash(hash_password("some words"))
