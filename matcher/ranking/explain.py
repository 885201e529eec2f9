"""Reasons that can be checked: which words of a listing carried its score, quoted, and which conditions it meets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import rjieba
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.languages import is_foreign, is_in_latin_word
from matcher.ranking.by_listing import ByListing
from matcher.records import KIND_NAMES, Evidence, Fit, Listing, Reason
from matcher.retrieval.late import Similar
from matcher.retrieval.views import Segment, segments
from matcher.retrieval.words import STOP_WORDS
from matcher.retrieval.words import normalise as normalised
from matcher.understanding.english_terms import EnglishTerm, english_terms, without_empty_ends

Floats = NDArray[np.float32]

#: The same pieces of listings come again and again: as many as catalogues hold, and short.
normalise = lru_cache(maxsize=65_536)(normalised)
#: A need is asked for once for each of its quotations; it may have 20,000 characters, so few are kept.
is_foreign_need = lru_cache(maxsize=16)(is_foreign)

#: More than this and nobody reads them; the fits stand beside them in full.
MAX_QUOTES = 3
#: Words named of one quotation.
MAX_WORDS = 2
#: A quotation must carry at least this share of the strongest one, or it only decorates.
LEAST_SHARE = 0.25
#: What the mean similarity of the need's tokens must at least lose without a piece. Cut a piece out and the encoder
#: reads all the rest a little differently (some 0.003 either way; more without a clause, most without the name). Of
#: quotations above these 97 % do lower the score when cut out of the listing (1,000 of needs_dev), of all 84 %.
LEAST_LOSSES = {"name": 0.006, "summary": 0.0032}
LEAST_LOSS_OF_ITEM = 0.0015
#: Below this a pair of words is near only because everything in the encoder's space is near everything else.
LEAST_SIMILARITY = 0.84
#: A single character is no word to quote.
LEAST_CHARACTERS = 2
#: What only resembles must be more than a syllable or two, or anybody's words resemble it.
LEAST_SIMILAR = 3
#: Words of any need and any listing: that both use them says nothing.
_FILLER_WORDS = (
    "提供|服务|需要|需求|进行|开展|相关|项目|企业|公司|单位|产品|技术|支持|能力|方面|要求|解决|问题|使用|具有|可以|我们|希望|"
    "目前|现有|必须|务必|东西|地方|附近|一点|一些|一下|实现|提高|合作|寻求|寻找|完成|采用|包括|以及|通过|满足|达到|应用|建设|拥有|承接|委托|相应|各类|多种|"
    "材料|设备|平台|研发|生产|工艺|产业|行业|领域"
)
FILLERS = frozenset(_FILLER_WORDS.split("|"))
_FILLER = re.compile(_FILLER_WORDS)
_JOINING = " ,，。、;；:：()（）的了和与及在对"

FIELD_NAMES = {
    "name": "名称", "industry": "领域", "capabilities": "能力", "equipment": "设备", "summary": "简介",
    "services": "服务", "parameters": "参数", "qualifications": "资质", "operator": "单位", "level": "级别",
    "province": "省份", "city": "城市", "kind": "类别",
    "terms": "合作条件", "verified_on": "核实日期", "stale_since": "过期日期",
}  # fmt: skip
KIND_WORDS: dict[str, str] = {str(kind): name for kind, name in KIND_NAMES.items()}
TYPE_NAMES = {
    "quantity": "参数", "place": "地点", "certificate": "资质", "industry": "行业", "stage": "阶段",
    "budget": "预算", "deadline": "期限", "kind": "类别",
}  # fmt: skip


def field_name(field: str) -> str:
    """The Chinese name of an evidence's field: capabilities[2] → 能力."""
    return FIELD_NAMES.get(field.partition("[")[0], field)


def explain(
    listing: Listing, need: str, encoded: Encoded, words: Sequence[str], similar: Similar, fits: Sequence[Fit]
) -> tuple[Reason, ...]:
    """Reasons for one match: the listing's words that carried its score, strongest first, then the conditions met.

    Args:
        need: the text that was encoded; `encoded.offsets` point into it.
        words: those that a reason may quote, as `quotable` gives them.
        similar: the listing's tokens beside those of `encoded`.
    """
    quotes = _quotes(listing, need, encoded, words, similar)
    met = [_met(fit) for fit in fits if fit.outcome == "meets" and fit.evidence]
    return (*quotes, *met)


def _quotes(listing: Listing, need: str, encoded: Encoded, words: Sequence[str], similar: Similar) -> list[Reason]:
    layout = _layout(listing)
    pieces = layout.pieces
    if not pieces or not similar.cosines.size:
        return []
    best, margins, holders = carried(similar.cosines, layout.runs(similar.offsets), len(pieces))
    shares = np.bincount(holders, weights=margins, minlength=len(pieces) + 1)[: len(pieces)]
    reasons = []
    for place in np.argsort(-shares, kind="stable")[:MAX_QUOTES]:
        if shares[place] < LEAST_SHARE * shares.max():
            break
        if shares[place] < LEAST_LOSSES.get(pieces[place].field, LEAST_LOSS_OF_ITEM) * len(best):
            continue
        held = (holders == place) & (best >= LEAST_SIMILARITY)
        reason = _quote(pieces[place], need, encoded.offsets, held, margins, words)
        if reason:
            reasons.append(reason)
    return reasons


def _changes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a value differs from the one before it, the first always; [n], n ≥ 1."""
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))


class Runs(NamedTuple):
    """Tokens of one piece that stand together, piece by piece.

    Attributes:
        starts: int64 [r], where each run of tokens begins. order: int64 [r], the runs in the order of their pieces.
        firsts: int64 [p], where in that order each piece's first run stands. owners: int64 [p], ascending, the pieces.
    """

    starts: NDArray[np.int64]
    order: NDArray[np.int64]
    firsts: NDArray[np.int64]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, owners: NDArray[np.int64]) -> Runs:
        """From the piece of each token, int64 [t], t ≥ 1."""
        starts = _changes(owners)
        order = np.argsort(owners[starts], kind="stable")
        held = owners[starts][order]
        firsts = _changes(held)
        return cls(starts, order, firsts, held[firsts])


def carried(similarities: Floats, runs: Runs, count: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """For each token of the need: its greatest similarity, what the piece that holds it adds, and which piece that is.

    A piece adds the difference to the best token outside it: what late interaction would lose were it not there.

    Args:
        similarities: [t, m] of the listing's tokens and the need's, t ≥ 1.
        runs: of the listing's tokens; the piece is `count` where they are in none.

    Returns:
        best float32 [m], margins float32 [m], holders int64 [m].
    """
    by_piece = np.full((count + 1, similarities.shape[1]), -1, np.float32)
    by_run = np.maximum.reduceat(similarities, runs.starts, axis=0)
    by_piece[runs.owners] = np.maximum.reduceat(by_run[runs.order], runs.firsts, axis=0)
    holders, tokens = by_piece.argmax(axis=0), np.arange(similarities.shape[1])
    best = by_piece[holders, tokens]
    by_piece[holders, tokens] = -1
    return best, best - np.maximum.reduce(by_piece, axis=0), holders


class _Layout:
    """The pieces of a listing's full text, and where each begins and ends in it."""

    def __init__(self, listing: Listing) -> None:
        self.pieces = segments(listing)
        self._starts = np.array([piece.start for piece in self.pieces])
        self._ends = np.array([piece.end for piece in self.pieces])
        self._known: tuple[bytes, Runs] | None = None

    def runs(self, offsets: NDArray[np.int16]) -> Runs:
        """Which pieces tokens with these characters [t, 2] begin in; the same again for one encoder, so it is kept."""
        cut = offsets.tobytes()
        known = self._known
        if known is None or known[0] != cut:
            known = self._known = cut, Runs.of(self._owners(offsets[:, 0]))
        return known[1]

    def _owners(self, begins: NDArray[np.int16]) -> NDArray[np.int64]:
        """int64 [t]: the piece that each token begins in; the number of pieces where in none."""
        found = np.searchsorted(self._starts, begins, side="right") - 1
        inside = (found >= 0) & (begins < self._ends[np.maximum(found, 0)])
        return np.where(inside, found, len(self.pieces))


#: Good listings are shown for many needs.
_layout = ByListing(_Layout, 4096)


def _quote(
    piece: Segment,
    need: str,
    offsets: NDArray[np.int32],
    held: NDArray[np.bool_],
    margins: Floats,
    words: Sequence[str],
) -> Reason | None:
    evidence = Evidence(piece.field, piece.text)
    place = "名称" if piece.field == "name" else f"{field_name(piece.field)}“{piece.text}”"
    shared = [f"“{word}”{original(need, word)}" for word in _shared(piece.text, need, words)]
    if shared:
        said = "名称中有" if piece.field == "name" else f"{place}直接提到"
        return Reason(said + "".join(shared), "words", evidence)
    span = _span(need, offsets, held, margins)
    return Reason(f"{place}与需求中的“{span}”相近", "late", evidence) if span else None


@lru_cache(maxsize=16)
def searched(need: str) -> str:
    """A need as lexical search reads it: in Chinese, as far as its words are known there, and normalised."""
    return normalised(english_terms().in_chinese(need) if is_foreign_need(need) else need)


@lru_cache(maxsize=16)
def _terms(need: str) -> list[EnglishTerm]:
    return english_terms().find(need)


def quotable(words: Iterable[str], need: str) -> tuple[str, ...]:
    """Those of the words that lexical search looked for which a reason may quote: said in the need itself, and neither
    filler nor a single character; longest first."""
    need = searched(need)
    told = (word for word in words if len(word) >= LEAST_CHARACTERS and word not in FILLERS and _is_said(need, word))
    return tuple(sorted(told, key=lambda word: (-len(word), word)))


def _shared(text: str, need: str, words: Sequence[str]) -> list[str]:
    """The first two of the `quotable` words that the piece holds, none inside another, in the order of the need."""
    spelt, text = text, normalise(text)
    found: list[str] = []
    for word in words:
        if word in text and not any(word in one for one in found):
            found.append(word)
            if len(found) == MAX_WORDS:
                break
    return [as_spelt(word, spelt) for word in sorted(found, key=searched(need).index)]


def _is_said(need: str, word: str) -> bool:
    """Whether a normalised need holds a word; one in Latin letters stands alone (ic is not said in electro-optic)."""
    if word not in need:
        return False
    return not word.isascii() or re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", need) is not None


def original(need: str, word: str) -> str:
    """The requester's own word in brackets where search put a Chinese one in its place: (fermentation)."""
    if not is_foreign_need(need):
        return ""
    word = normalise(word)
    return next((f"({need[start:end]})" for start, end, chinese in _terms(need) if normalise(chinese) == word), "")


def as_spelt(word: str, text: str) -> str:
    """A normalised word as the text has it (mems → MEMS); itself where they differ by more than capitals."""
    small = text.lower()
    start = small.find(word.lower()) if len(small) == len(text) else -1
    return text[start : start + len(word)] if start >= 0 else word


def _span(need: str, offsets: NDArray[np.int32], held: NDArray[np.bool_], margins: Floats) -> str | None:
    """The stretch of neighbouring tokens that carries most, as words of the need."""
    best, weight = None, 0.0
    start = None
    for place in range(len(held) + 1):
        if place < len(held) and held[place]:
            start = place if start is None else start
        elif start is not None:
            text = _words_at(need, int(offsets[start, 0]), int(offsets[place - 1, 1]))
            carried_here = float(margins[start:place].sum())
            if is_telling(text) and carried_here > weight:
                best, weight = text, carried_here
            start = None
    return best


def _words_at(need: str, start: int, end: int) -> str:
    """`need[start:end]` without what only joins; words whole, for the encoder cuts 正|极材料 and pro|biotic."""
    if not is_foreign_need(need):
        if not rjieba.has_word(need[start:end]):  # 蒸馏 stays, of 蒸馏塔
            borders = _word_borders(need)
            start, end = borders[bisect_right(borders, start) - 1], borders[bisect_left(borders, end)]
        return need[start:end].strip(_JOINING)
    while 0 < start < end and is_in_latin_word(need, start):
        start -= 1
    while start < end < len(need) and is_in_latin_word(need, end):
        end += 1
    return without_empty_ends(need[start:end].strip(_JOINING))


@lru_cache(maxsize=16)
def _word_borders(need: str) -> list[int]:
    """Where words of a dictionary begin and end in a need, ascending, its own ends included."""
    return [0, *accumulate(map(len, rjieba.cut(need, False)))]


def is_telling(span: str) -> bool:
    """Whether a stretch of a need is worth a quotation: longer than a syllable or two once filler is taken out.

    Two characters will do where they are a word (蒸馏), or Latin, which is short by nature: GMP, 3D.
    """
    bare = _FILLER.sub("", span)
    if normalised(bare) in STOP_WORDS or re.fullmatch(r"[\W\d_]*", bare):
        return False
    is_word = bool(re.search("[A-Za-z]", bare)) or rjieba.has_word(bare)
    return len(re.findall(r"\w", bare)) >= (LEAST_CHARACTERS if is_word else LEAST_SIMILAR)


def quoted(evidence: Evidence) -> str:
    """An evidence's words as a reader knows them: the kind of a listing by its Chinese name."""
    return KIND_WORDS.get(evidence.text, evidence.text) if evidence.field == "kind" else evidence.text


def _met(fit: Fit) -> Reason:
    assert fit.evidence is not None
    name = TYPE_NAMES[fit.requirement.type]
    stated = f"{field_name(fit.evidence.field)}:{quoted(fit.evidence)}"
    note = f",{fit.note}" if fit.note else ""
    return Reason(
        f"满足{name}要求“{fit.requirement.text}”({stated}{note})", f"{fit.requirement.type}_meets", fit.evidence
    )
