"""The one condition to ease: what is proposed opens as many listings as it says, counted by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.match import Matcher
from matcher.ranking.fit import assess
from matcher.ranking.relaxation import Relaxation, relax
from matcher.ranking.removals import kept_by
from matcher.records import (
    CertificateRequirement,
    Interval,
    Need,
    Parameter,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
)
from matcher.scoring import DEPTH
from tests.matcher.ranking.vessels_catalogue import VOLUMES, matcher_over, platform, platforms
from tests.matcher.small import PROFILE

DONGGUAN = PlaceRequirement(text="东莞", code="441900", name="东莞市", strength="must")
WUXI = PlaceRequirement(text="无锡", code="320200", name="无锡市", strength="must")
GMP = CertificateRequirement(text="GMP", certificate="gmp", strength="must")
#: With this every listing suits, so that conditions alone decide.
KEEN = replace(PROFILE, calibration=((-1e6, 0.9), (1e6, 0.99)))
CHOOSY = replace(PROFILE, calibration=((-1e6, 0.0), (1e6, 0.01)))


def volume(low: float | None = None, high: float | None = None) -> QuantityRequirement:
    interval = Interval(-np.inf if low is None else low, np.inf if high is None else high)
    return QuantityRequirement(
        text="容积", dimension="volume", interval=interval, unit="L", role="capacity", name="发酵罐", strength="must"
    )


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return matcher_over(platforms(), tmp_path_factory.mktemp("relaxation"), KEEN)


def proposal(matcher: Matcher, *requirements: Requirement) -> Relaxation | None:
    """What is proposed for the requirements over the whole catalogue."""
    removed = np.flatnonzero(~matcher.conditions.kept(requirements))
    features = np.zeros((len(removed), len(PROFILE.weights)), np.float32)
    return relax(requirements, removed, features, matcher.conditions, matcher.ranker, matcher.tables.regions)


def kept_rows(matcher: Matcher, requirements: Sequence[Requirement]) -> set[int]:
    """By brute force, one fit after the other."""
    rows = set()
    for row, facts in enumerate(matcher.conditions.facts):
        hard = [fit for fit in assess(requirements, facts) if fit.requirement.strength == "must"]
        places = [fit.outcome for fit in hard if fit.requirement.type == "place"]
        others = [fit.outcome for fit in hard if fit.requirement.type != "place"]
        if "misses" not in others and (not places or set(places) != {"misses"}):
            rows.add(row)
    return rows


def check_opens(matcher: Matcher, requirements: Sequence[Requirement], found: Relaxation) -> None:
    opened = kept_rows(matcher, found.easing.applied(requirements)) - kept_rows(matcher, requirements)
    assert set(found.rows) == opened
    assert f"可多出 {len(opened)} 个合适的条目" in found.text


class TestNumbers:
    def test_the_bound_is_eased_to_what_is_on_offer(self, matcher: Matcher) -> None:
        found = proposal(matcher, volume(600))
        assert found is not None
        assert found.text == "把发酵罐容积从 ≥ 600 L 放宽到 ≥ 300 L,可多出 2 个合适的条目"
        check_opens(matcher, [volume(600)], found)

    def test_a_near_bound_that_opens_little_less_is_better_than_a_far_one(self, matcher: Matcher) -> None:
        found = proposal(matcher, volume(1100))
        assert found is not None
        assert found.text == "把发酵罐容积从 ≥ 1100 L 放宽到 ≥ 1000 L,可多出 1 个合适的条目"

    def test_a_far_offer_is_another_need(self, tmp_path: Path) -> None:
        tiny = matcher_over([platform("PF-1", 5.0, None), platform("PF-2", 5.0, None)], tmp_path, KEEN)
        found = proposal(tiny, volume(10_000))
        assert found is None

    def test_an_upper_bound_is_raised(self, tmp_path: Path) -> None:
        fine = QuantityRequirement(
            text="线宽", dimension="length", interval=Interval(max=0.01), unit="mm", name="线宽", strength="must"
        )
        coarse = replace(platform("PF-1", None, None), parameters=(Parameter("最小线宽", 20, 20, "μm"),))
        found = proposal(matcher_over([coarse], tmp_path, KEEN), fine)
        assert found is not None
        assert found.text == "把线宽从 ≤ 0.01 mm 放宽到 ≤ 0.02 mm,可多出 1 个合适的条目"

    def test_a_named_size_takes_in_another(self, tmp_path: Path) -> None:
        eight = QuantityRequirement(
            text="8英寸", dimension="length", interval=Interval(200, 200), unit="mm", role="capacity", name="晶圆",
            strength="must",
        )  # fmt: skip
        six = replace(platform("PF-1", None, None), parameters=(Parameter("晶圆尺寸", 6, 6, "英寸"),))
        found = proposal(matcher_over([six], tmp_path, KEEN), eight)
        assert found is not None
        assert found.text == "把晶圆尺寸从 8 英寸 放宽到 6~8 英寸,可多出 1 个合适的条目"

    @given(st.sampled_from([60.0, 150.0, 450.0, 700.0, 1500.0, 4000.0, 9000.0]), st.sampled_from([(), (WUXI,), (GMP,)]))
    @settings(max_examples=25, deadline=None)
    def test_it_opens_what_it_says(self, matcher: Matcher, low: float, others: tuple[Requirement, ...]) -> None:
        requirements = [volume(low), *others]
        found = proposal(matcher, *requirements)
        if found is not None:
            check_opens(matcher, requirements, found)
        elif not others:
            assert all(low / offer > 10 or offer >= low for offer in VOLUMES)


class TestPlaces:
    def test_the_province_before_the_country(self, matcher: Matcher) -> None:
        found = proposal(matcher, DONGGUAN)
        assert found is not None
        check_opens(matcher, [DONGGUAN], found)
        assert found.text.startswith(("把地点从东莞市放宽到", "不限东莞"))

    def test_nearby_first_where_it_opens_as_much(self, tmp_path: Path) -> None:
        two = [platform("PF-1", 500.0, ("广东", "广州")), platform("PF-2", 500.0, ("黑龙江", "哈尔滨"))]
        found = proposal(matcher_over(two, tmp_path, KEEN), DONGGUAN)
        assert found is not None
        assert found.text == "把地点从东莞市放宽到东莞市附近,可多出 1 个合适的条目"

    def test_alternatives_are_given_up_together(self, matcher: Matcher) -> None:
        requirements = [DONGGUAN, WUXI]
        found = proposal(matcher, *requirements)
        assert found is not None
        assert found.text == "不限东莞、无锡,可多出 4 个合适的条目"
        check_opens(matcher, requirements, found)

    def test_a_listing_without_a_place_was_never_removed(self, tmp_path: Path) -> None:
        nowhere = matcher_over([platform("PF-1", 500.0, None)], tmp_path, KEEN)
        assert proposal(nowhere, DONGGUAN) is None


class TestChoice:
    def test_what_misses_two_conditions_is_opened_by_neither(self, tmp_path: Path) -> None:
        far_and_small = matcher_over([platform("PF-1", 50.0, ("江苏", "无锡"))], tmp_path, KEEN)
        assert proposal(far_and_small, DONGGUAN, volume(400)) is None

    def test_the_condition_that_opens_most_is_named(self, tmp_path: Path) -> None:
        listings = [
            *(platform(f"PF-{number}", 300.0, ("广东", "东莞")) for number in range(5)),
            platform("PF-9", 1000.0, ("江苏", "无锡")),
        ]
        found = proposal(matcher_over(listings, tmp_path, KEEN), DONGGUAN, volume(500))
        assert found is not None
        assert found.text == "把发酵罐容积从 ≥ 500 L 放宽到 ≥ 300 L,可多出 5 个合适的条目"

    def test_weak_listings_open_nothing(self, tmp_path: Path) -> None:
        assert proposal(matcher_over(platforms(), tmp_path, CHOOSY), DONGGUAN, volume(600)) is None

    def test_a_wish_is_not_eased(self, matcher: Matcher) -> None:
        assert proposal(matcher, replace(volume(600), strength="prefer")) is None

    def test_a_certificate_that_a_listing_says_it_lacks(self, tmp_path: Path) -> None:
        lacking = replace(platform("PF-1", 500.0, None), summary="提供发酵放大服务,尚未取得GMP认证。")
        found = proposal(matcher_over([lacking], tmp_path, KEEN), GMP)
        assert found is not None
        assert found.text == "放弃资质要求“GMP”,可多出 1 个合适的条目"


def test_kept_by_outcomes_is_kept_by_fits(matcher: Matcher) -> None:
    rows = np.arange(len(matcher.conditions.facts))
    for requirements in ([DONGGUAN, WUXI], [volume(300), DONGGUAN], [GMP], []):
        outcomes = matcher.conditions.outcomes(requirements, rows)
        assert set(np.flatnonzero(kept_by(requirements, outcomes)).tolist()) == kept_rows(matcher, requirements)


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ("仅限东莞,GMP车间,500L反应釜", ()),
        ("8英寸晶圆流片", ("quantity",)),
        ("板层数40层以上的电路板", ("quantity",)),
        ("限广东、福建,PCB打样", ()),
    ],
)
def test_over_the_shipped_catalogue(shipped_matcher: Matcher, text: str, must: tuple[str, ...]) -> None:
    """Each listing that a proposal counts is really let through by the eased need, and was not before."""
    need = Need(text=text, must=must)
    requirements = shipped_matcher.reader.read(need).conditions
    ranked = shipped_matcher.candidates(need)
    removed = ~shipped_matcher.conditions.kept(requirements)[ranked.rows]
    rows, features = ranked.rows[removed], ranked.features[removed]
    assert 0 < len(rows) <= 4 * DEPTH
    found = relax(
        requirements, rows, features, shipped_matcher.conditions, shipped_matcher.ranker, shipped_matcher.tables.regions
    )
    if found is None:
        return
    before = kept_rows(shipped_matcher, requirements)
    after = kept_rows(shipped_matcher, found.easing.applied(requirements))
    assert set(found.rows) <= (after - before) & set(rows.tolist())
    assert f"可多出 {len(found.rows)} 个" in found.text


def test_a_match_carries_the_proposal(matcher: Matcher) -> None:
    need = Need(text="发酵放大,600 L以上发酵罐", must=("quantity",))
    assert matcher.match(need).relaxation == "把发酵罐容积从 ≥ 600 L 放宽到 ≥ 300 L,可多出 2 个合适的条目"
    assert matcher.match(need, explained=False).relaxation is None
    assert matcher.match(Need(text="发酵放大,600 L以上发酵罐")).relaxation is None


def test_an_excluded_place_is_eased_by_letting_it_in(matcher: Matcher) -> None:
    away = replace(DONGGUAN, excluded=True)
    found = proposal(matcher, away)
    assert found is not None
    assert found.easing.instead == ()
    assert found.text.startswith("不再排除东莞市,可多出 ")
