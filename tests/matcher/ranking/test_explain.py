"""Reasons can be checked: quotations stand where they say, carry the score, and name words of the need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embeddings import Encoded, Encoder
from embeddings.products import cosines, quantise
from matcher.match import Matcher
from matcher.ranking.explain import (
    FIELD_NAMES,
    MAX_QUOTES,
    Runs,
    _shared,
    _span,
    carried,
    explain,
    field_name,
    is_telling,
    quotable,
)
from matcher.records import Evidence, Listing, Match, Need, Parameter
from matcher.retrieval.late import Similar
from matcher.retrieval.views import full_text
from matcher.understanding.text import normalise
from tests.matcher.small import LISTINGS

Floats = NDArray[np.float32]
_FIELD = re.compile(r"(\w+)(?:\[(\d+)\])?")
#: Of the reasons that quote words, so many must be missed by the score when cut out of the listing.
MISSED_SHARE = 0.95


def split(evidence: Evidence) -> tuple[str, int | None]:
    found = _FIELD.fullmatch(evidence.field)
    assert found, evidence.field
    return found[1], None if found[2] is None else int(found[2])


def stands_in(listing: Listing, evidence: Evidence) -> bool:
    """Whether the words of an evidence can be found where it says."""
    field, place = split(evidence)
    value = getattr(listing, field) if place is None else getattr(listing, field)[place]
    if isinstance(value, Parameter):
        ends = [f"{end:g}" for end in (value.min, value.max) if end is not None]
        return all(part in evidence.text for part in (value.name, *ends, value.unit or ""))
    return bool(evidence.text) and evidence.text in value


def without(listing: Listing, evidence: Evidence) -> Listing:
    """The listing with the quoted words cut out."""
    field, place = split(evidence)
    value = getattr(listing, field)
    if place is None:
        return replace(listing, **{field: value.replace(evidence.text, "", 1)})
    return replace(listing, **{field: value[:place] + value[place + 1 :]})


def quoted(match: Match) -> Iterator[tuple[str, Evidence]]:
    for reason in match.reasons:
        if reason.feature in ("words", "late"):
            assert reason.evidence is not None
            yield reason.text, reason.evidence


@pytest.fixture(scope="module")
def answers(shipped_matcher: Matcher, real_needs: list[Need]) -> list[tuple[Need, tuple[Match, ...]]]:
    """The first ten matches of 30 real needs, with near-misses where places are hard."""
    found = []
    for need in real_needs[::4][:30]:
        answer = shipped_matcher.match(replace(need, must=("place",)), strict=False)
        found.append((need, (*answer.matches, *answer.near_misses)))
    return found


class TestEvidence:
    @pytest.mark.slow
    def test_every_quotation_stands_in_the_listing(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        checked = 0
        for need, matches in answers:
            for match in matches:
                for evidence in [*(one.evidence for one in match.reasons), *(one.evidence for one in match.fits)]:
                    if evidence is not None:
                        assert stands_in(match.listing, evidence), (need.id, match.listing.id, evidence)
                        checked += 1
        assert checked > 500

    def test_every_reason_has_one(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        for _, matches in answers:
            assert all(reason.evidence for match in matches for reason in match.reasons)

    def test_quoted_words_are_in_the_need(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        """名称中有“X” and Y直接提到“X” name words of both sides; 与需求中的“X”相近 names words of the need."""
        seen = 0
        for need, matches in answers:
            for match in matches:
                for text, evidence in quoted(match):
                    both, _, near = text.partition("与需求中的")
                    words = re.findall("“([^”]+)”", near or both.rpartition("直接提到")[2])
                    assert words, text
                    for word in words:
                        assert normalise(word).lower() in normalise(need.text).lower()
                        assert near or normalise(word).lower() in normalise(evidence.text).lower()
                        seen += 1
        assert seen > 100

    def test_a_few_quotations_each_another(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        for _, matches in answers:
            for match in matches:
                pieces = [evidence for _, evidence in quoted(match)]
                assert len(pieces) <= MAX_QUOTES
                assert len(set(pieces)) == len(pieces)

    def test_met_conditions_are_told_and_no_others(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        for _, matches in answers:
            for match in matches:
                met = [f"{fit.requirement.type}_meets" for fit in match.fits if fit.outcome == "meets" and fit.evidence]
                assert [one.feature for one in match.reasons if one.feature.endswith("_meets")] == met

    def test_most_matches_have_a_reason(self, answers: list[tuple[Need, tuple[Match, ...]]]) -> None:
        matches = [match for _, found in answers for match in found]
        assert np.mean([bool(match.reasons) for match in matches]) > 0.8


class TestRemoval:
    @pytest.mark.slow
    def test_the_score_misses_what_was_quoted(
        self,
        answers: list[tuple[Need, tuple[Match, ...]]],
        shipped_matcher: Matcher,
        bundled: Encoder,
        record_property: Callable[[str, object], None],
    ) -> None:
        """Each quotation cut out, the listing read anew by the encoder: late interaction must find less."""
        lower = []
        for need, matches in answers:
            tokens = bundled.read_need(need.text).tokens
            for match in matches[:4]:
                row = shipped_matcher.catalogue.row(match.listing.id)
                before = shipped_matcher.retriever.late.scores(tokens, np.array([row]))[0]
                for _, evidence in quoted(match):
                    left = quantise(bundled.read_listing(full_text(without(match.listing, evidence))).tokens)
                    lower.append(cosines(left, tokens).max(axis=0).mean(dtype=np.float32) < before)
        record_property("missed_share", float(np.mean(lower)))
        assert len(lower) >= 100
        assert np.mean(lower) >= MISSED_SHARE


class TestCarried:
    @given(
        similarities=arrays(
            np.float32, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.floats(0, 1, width=32)
        ),
        data=st.data(),
    )
    @settings(max_examples=80, deadline=None)
    def test_margins_are_what_is_lost_without_the_piece(self, similarities: Floats, data: st.DataObject) -> None:
        count = 3
        owners = np.array([data.draw(st.integers(0, count)) for _ in similarities], np.int64)
        best, margins, holders = carried(similarities, Runs.of(owners), count)
        for token in range(similarities.shape[1]):
            column = similarities[:, token]
            others = column[owners != holders[token]]
            assert best[token] == column.max()
            assert column[owners == holders[token]].max() == column.max()
            if len(others):
                assert margins[token] == pytest.approx(column.max() - others.max(), abs=1e-6)
            assert margins[token] >= 0


class TestByHand:
    """Three tokens of a need, two pieces of a listing, vectors along the axes."""

    LISTING = Listing("a", "platform", "甲平台", summary="精馏中试,食品包装")

    def reasons(self, need: str, vectors: list[list[float]], words: Sequence[str]) -> list[str]:
        text = full_text(self.LISTING)
        offsets = np.array([[place, place + 1] for place in range(len(text))], np.int16)
        tokens = np.zeros((len(text), 3), np.float32)
        tokens[text.index("精"), 0] = tokens[text.index("馏"), 1] = 1
        encoded = Encoded(
            np.zeros(3, np.float32),
            np.array(vectors, np.float32),
            np.array([[place, place + 1] for place in range(len(vectors))], np.int32),
        )
        similar = Similar(tokens @ encoded.tokens.T, offsets)
        return [one.text for one in explain(self.LISTING, need, encoded, words, similar, ())]

    def test_shared_words_are_named(self) -> None:
        assert self.reasons("精馏塔", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], quotable(("精馏", "塔"), "精馏塔")) == [
            "简介“精馏中试”直接提到“精馏”"
        ]

    def test_shared_words_are_spelt_as_the_listing_spells_them(self) -> None:
        """Where they differ by more than capitals, as both are compared."""
        assert _shared("MEMS小批量流片", "要mems流片", ("mems",)) == ["MEMS"]
        assert _shared("\uff2d\uff25\uff2d\uff33流片", "要mems流片", ("mems",)) == ["mems"]

    def test_two_words_at_most_and_none_inside_another(self) -> None:
        words = quotable(("流片", "小批量流片", "晶圆", "封装"), "封装、小批量流片、晶圆")
        assert _shared("晶圆小批量流片与封装", "封装、小批量流片、晶圆", words) == ["封装", "小批量流片"]

    def test_what_a_reason_may_quote(self) -> None:
        """Words of the need itself, longest first; a synonym, filler and single characters are none."""
        assert quotable(("塔", "蒸馏", "精馏", "精馏塔", "提供"), "提供精馏塔") == ("精馏塔", "精馏")

    def test_near_words_are_named_as_near(self) -> None:
        assert self.reasons("蒸馏塔", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], ()) == ["简介“精馏中试”与需求中的“蒸馏”相近"]

    def test_nothing_near_gives_no_reason(self) -> None:
        assert self.reasons("火箭", [[0, 0, 1], [0, 0, 1]], ("火箭",)) == []

    def test_nothing_to_read(self) -> None:
        none = Encoded(np.zeros(3, np.float32), np.zeros((0, 3), np.float32), np.zeros((0, 2), np.int32))
        similar = Similar(np.zeros((0, 0), np.float32), np.zeros((0, 2), np.int16))
        assert explain(self.LISTING, "", none, (), similar, ()) == ()


class TestFieldNames:
    @pytest.mark.parametrize(
        ("field", "name"), [("capabilities[2]", "能力"), ("summary", "简介"), ("parameters[0]", "参数"), ("x", "x")]
    )
    def test_in_chinese(self, field: str, name: str) -> None:
        assert field_name(field) == name

    def test_every_field_that_evidence_may_name(self) -> None:
        fields = set(Listing.__dataclass_fields__) - {"id", "source_url", "source_title", "source_date"}
        assert fields == set(FIELD_NAMES)


def test_fields_alone_are_explained_too(small_matcher: Matcher) -> None:
    """A need without words is searched for by what its fields say."""
    need = Need(text=" ", industry=("生物制造",), places=("广东",))
    answer = small_matcher.match(need)
    assert {match.listing.id for match in answer.matches[:2]} <= {one.id for one in LISTINGS}
    for match in answer.matches:
        assert all(stands_in(match.listing, one.evidence) for one in match.reasons if one.evidence)
        assert all("“”" not in one.text for one in match.reasons)


@pytest.mark.parametrize(
    "span",
    [
        "提供",
        "提供服务",
        "放",
        "酵罐",
        "需要合作",
        "12",
        "相关技术",
        "的",
        "",
        "东西",
        "地方",
        "必须在",
        "材料",
        "生产设备",
        "平台",
    ],
)
def test_spans_that_tell_nothing(span: str) -> None:
    assert not is_telling(span)


@pytest.mark.parametrize(
    "span", ["发酵罐", "蒸馏", "GMP", "3D", "提供冻干服务的线", "微球制备", "地方标准", "正极材料", "复合材料"]
)
def test_spans_that_tell(span: str) -> None:
    assert is_telling(span)


@pytest.mark.parametrize(
    ("need", "cut", "whole"),
    [
        ("锂电正极材料烧结", "极材料", "正极材料"),
        ("锂电正极材料烧结", "正极材", "正极材料"),
        ("需要发酵罐500 L", "酵罐", "发酵罐"),
        ("做蒸馏,提纯", "馏,", "蒸馏"),
        ("做蒸馏,提纯", "蒸馏,提纯", "蒸馏,提纯"),
    ],
)
def test_words_of_a_need_are_quoted_whole(need: str, cut: str, whole: str) -> None:
    start = need.index(cut)
    offsets = np.array([(start, start + len(cut))], np.int32)
    held, margins = np.ones(1, np.bool_), np.ones(1, np.float32)
    assert _span(need, offsets, held, margins) == whole


def test_reasons_never_rest_on_filler(small_matcher: Matcher) -> None:
    answer = small_matcher.match(Need(text="需要提供技术服务,相关产品项目合作"))
    said = [reason.text for match in answer.matches for reason in match.reasons if reason.feature == "words"]
    assert not [text for text in said if "提供" in text.rpartition("“")[2] or "服务" in text.rpartition("“")[2]]
