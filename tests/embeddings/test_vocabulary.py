"""The pieces that serving keeps: nothing changes for what is written in the scripts that stay."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.bundled import bundled_tokenizer, served_words
from embeddings.tokenizer import PASSAGE, QUERY, UNK_ID, make_tokenizer, read
from embeddings.vocabulary import kept
from embeddings.weights import open_source, source_path
from matcher.catalogue.needs_file import read_needs
from matcher.records import Listing
from matcher.retrieval.views import full_text
from tests.embeddings import tiny


class Both(NamedTuple):
    """The tokenizer of the whole vocabulary, that of the pieces that stay, and which these are."""

    whole: Tokenizer
    served: Tokenizer
    rows: NDArray[np.int64]

    def agree(self, prompt: str, text: str) -> bool:
        """Whether both cut a text into the same pieces at the same places."""
        wanted, found = read(self.whole, prompt, text), read(self.served, prompt, text)
        ids = np.array_equal(self.rows[found.ids], wanted.ids)
        return ids and np.array_equal(found.rows, wanted.rows) and np.array_equal(found.offsets, wanted.offsets)


@pytest.fixture(scope="module")
def both() -> Both:
    pieces = open_source(source_path()).pieces
    return Both(make_tokenizer(pieces), bundled_tokenizer(), kept(pieces))


@pytest.mark.parametrize(
    "piece", ["<s>", "▁发酵", "▁GMP", "ü", "μ", "か", "シ", "～", "①", "₂", "℃", "▁", "9", "\U000f0000"]
)
def test_what_stays(piece: str) -> None:
    assert kept([(piece, -1.0)]).tolist() == [0]


@pytest.mark.parametrize("piece", ["▁завод", "공장", "โรงงาน", "مصنع", "בית", "ферментатор", "GMPя", "๙", "\u0941"])
def test_what_goes(piece: str) -> None:
    assert kept([(piece, -1.0)]).tolist() == []


def test_numbers_are_those_of_the_pieces(both: Both) -> None:
    assert kept([("a", 0.0), ("ж", 0.0), ("b", 0.0)]).tolist() == [0, 2]
    assert both.rows[: UNK_ID + 1].tolist() == [0, 1, 2, UNK_ID]
    assert 0.5 < len(both.rows) / both.whole.get_vocab_size() < 0.6
    assert both.served.get_vocab_size() == len(both.rows)


@given(text=st.text("发酵罐反应釜中试平台的和与、,。:;()～0123456789.-%℃μm²ALGMPabcdeüéλΩかシ①㎡ \n", max_size=80))
@settings(max_examples=300, deadline=None)
def test_a_text_in_scripts_that_stay_is_cut_the_same(both: Both, text: str) -> None:
    assert both.agree(QUERY, text)


@given(text=st.text(st.characters(max_codepoint=0x24F) | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
@settings(max_examples=200, deadline=None)
def test_so_is_any_latin_and_chinese(both: Both, text: str) -> None:
    assert both.agree(PASSAGE, text)


def test_shipped_listings_and_needs_are_cut_the_same(both: Both, shipped_listings: tuple[Listing, ...]) -> None:
    needs = [need.text for path in sorted(Path("datasets").glob("needs*.jsonl")) for need in read_needs(path)[0]]
    assert len(needs) > 400
    assert all(both.agree(QUERY, text) for text in needs)
    assert all(both.agree(PASSAGE, full_text(listing)) for listing in shipped_listings)


def test_another_script_is_unknown_and_its_neighbours_are_not(both: Both) -> None:
    pieces = read(both.served, QUERY, "发酵罐 завод GMP")
    tokens = [both.served.id_to_token(number) for number in pieces.ids.tolist()]
    assert "<unk>" in tokens
    assert {"发", "▁G"} & set(tokens) or "发酵" in tokens
    assert len(pieces.offsets) == len(pieces.rows)
    assert pieces.offsets[-1][1] == len("发酵罐 завод GMP")


def test_the_word_table_has_a_row_for_each_piece(both: Both) -> None:
    source = open_source(source_path())
    served, whole = served_words(source), source.four_bit("emb.word", source.shape.hidden)
    assert len(served.halves) == len(served.scales) == len(both.rows)
    for row in (0, UNK_ID, 1000, len(both.rows) - 1):
        assert served.halves[row].tolist() == whole.halves[both.rows[row]].tolist()
        assert served.scales[row].tolist() == whole.scales[both.rows[row]].tolist()


def test_rows_beyond_the_pieces_go_too(tiny_source: Path) -> None:
    assert len(served_words(open_source(tiny_source)).halves) == len(tiny.PIECES) < tiny.VOCABULARY
