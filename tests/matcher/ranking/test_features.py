"""Features by name: where each number goes, and what conditions add."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.ranking.features import (
    DESCRIPTIONS,
    FEATURES,
    FIT_FEATURES,
    FIT_TYPES,
    completeness,
    feature_matrix,
)
from matcher.ranking.ranker import Ranker
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    IndustryRequirement,
    Interval,
    KindRequirement,
    Listing,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)
from matcher.retrieval.retriever import SIGNALS
from tests.matcher.small import LISTINGS, PROFILE

OF_TYPE: dict[str, Requirement] = {
    "kind": KindRequirement(text="设备", kind="equipment"),
    "place": PlaceRequirement(text="东莞", code="441900", name="东莞市"),
    "quantity": QuantityRequirement(text="500 L", dimension="volume", interval=Interval(500), unit="L"),
    "certificate": CertificateRequirement(text="GMP", certificate="gmp"),
    "industry": IndustryRequirement(text="发酵", industry="fermentation"),
    "stage": StageRequirement(text="中试", wanted="pilot"),
    "budget": BudgetRequirement(text="200万", interval=Interval(max=2e6)),
}
outcomes_of = st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=8)
needs = st.lists(st.tuples(st.sampled_from(sorted(OF_TYPE)), st.sampled_from([-1, 0, 1])), max_size=8)


def row_of(need: list[tuple[str, int]]) -> dict[str, float]:
    """The features of one candidate whose signals are 0."""
    requirements = [OF_TYPE[kind] for kind, _ in need]
    outcomes = np.array([[outcome] for _, outcome in need], np.int8).reshape(len(need), 1)
    features = feature_matrix(np.zeros((1, len(SIGNALS)), np.float32), requirements, outcomes, np.zeros(1, np.float32))
    return dict(zip(FEATURES, features[0].tolist(), strict=True))


def test_every_feature_is_described_and_no_other() -> None:
    assert set(DESCRIPTIONS) == set(FEATURES)
    assert len(set(FEATURES)) == len(FEATURES)
    assert all(DESCRIPTIONS.values())


def test_signals_and_completeness_stand_under_their_names() -> None:
    signals = np.arange(2 * len(SIGNALS), dtype=np.float32).reshape(2, -1)
    complete = np.array([0.25, 0.75], np.float32)
    features = feature_matrix(signals, (), np.zeros((0, 2), np.int8), complete)
    assert features.dtype == np.float32
    assert features.shape == (2, len(FEATURES))
    for column, name in enumerate(SIGNALS):
        assert features[:, FEATURES.index(name)].tolist() == signals[:, column].tolist()
    assert features[:, FEATURES.index("completeness")].tolist() == complete.tolist()
    assert not features[:, [FEATURES.index(name) for name in FIT_FEATURES]].any()


def test_no_candidates() -> None:
    empty = feature_matrix(
        np.zeros((0, len(SIGNALS)), np.float32), [OF_TYPE["place"]], np.zeros((1, 0), np.int8), np.zeros(0, np.float32)
    )
    assert empty.shape == (0, len(FEATURES))


@given(need=needs)
@settings(max_examples=80, deadline=None)
def test_shares_of_each_type(need: list[tuple[str, int]]) -> None:
    found = row_of(need)
    for kind in FIT_TYPES:
        own = [outcome for name, outcome in need if name == kind]
        if kind == "place" and own:  # alternatives: met in any of them, missed only outside of all
            assert (found["place_meets"], found["place_misses"]) == (max(own) > 0, -float(max(own) < 0))
            continue
        assert found[f"{kind}_meets"] == pytest.approx(sum(one > 0 for one in own) / max(len(own), 1))
        assert found[f"{kind}_misses"] == pytest.approx(-sum(one < 0 for one in own) / max(len(own), 1))


@given(need=needs.filter(bool), data=st.data())
@settings(max_examples=80, deadline=None)
def test_no_feature_falls_where_an_outcome_improves(need: list[tuple[str, int]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(need) - 1))
    kind, outcome = need[place]
    better = data.draw(st.sampled_from([one for one in (-1, 0, 1) if one >= outcome]))
    before, after = row_of(need), row_of([*need[:place], (kind, better), *need[place + 1 :]])
    assert all(after[name] >= before[name] for name in FEATURES)
    ranker = Ranker(PROFILE)
    low, high = (ranker.scores(np.array([list(row.values())], np.float32))[0] for row in (before, after))
    assert high >= low


def test_candidates_do_not_mix() -> None:
    requirements = [OF_TYPE["place"], OF_TYPE["place"], OF_TYPE["certificate"]]
    outcomes = np.array([[1, -1], [-1, -1], [0, 1]], np.int8)
    signals = np.zeros((2, len(SIGNALS)), np.float32)
    features: NDArray[np.float32] = feature_matrix(signals, requirements, outcomes, np.zeros(2, np.float32))
    column = {name: features[:, FEATURES.index(name)].tolist() for name in FIT_FEATURES}
    assert column["place_meets"] == [1, 0]
    assert column["place_misses"] == [0, -1]
    assert column["certificate_meets"] == [0, 1]


class TestCompleteness:
    @pytest.mark.parametrize("listing", LISTINGS)
    def test_a_share(self, listing: Listing) -> None:
        assert 0 <= completeness(listing) <= 1

    def test_nothing_and_everything(self) -> None:
        assert completeness(Listing("a", "platform", "名称")) == 0
        assert completeness(LISTINGS[0]) == 1

    @pytest.mark.parametrize("field", ["operator", "province", "summary", "capabilities", "parameters", "services"])
    def test_an_emptied_field_lowers_it(self, field: str) -> None:
        full = LISTINGS[0]
        less = replace(full, **{field: type(getattr(full, field))()})
        assert completeness(less) < completeness(full)


def test_an_excluded_place_is_no_alternative_to_a_wanted_one() -> None:
    """仅限广东,不要广州: inside the first and outside the second meets both; inside both meets one and misses one."""
    out = replace(OF_TYPE["place"], excluded=True)
    outcomes = np.array([[1, 1, -1], [1, -1, 1]], np.int8)
    found = feature_matrix(
        np.zeros((3, len(SIGNALS)), np.float32), [OF_TYPE["place"], out], outcomes, np.ones(3, np.float32)
    )
    met, missed = (found[:, FEATURES.index(name)].tolist() for name in ("place_meets", "place_misses"))
    assert met == [1.0, 0.5, 0.5]
    assert missed == [0.0, -0.5, -0.5]
