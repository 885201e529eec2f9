"""Hard conditions against a slow loop: what a must removes, how many, and that silence removes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.conditions import Conditions, alternatives, missed
from matcher.ranking.facts import default_tables, facts_of_all
from matcher.ranking.fit import assess
from matcher.records import Fit, Listing, Need, PlaceRequirement, Requirement, Strength
from matcher.understanding.reading import Reader
from tests.matcher.small import SUPPLY

TODAY = date(2025, 6, 1)
SENTENCES = (
    "必须有GMP", "必须在广东", "仅限广东、福建", "必须达到500 L以上发酵罐", "必须能做8英寸晶圆", "必须有CNAS资质",
    "不要江苏和浙江", "仅限广东、福建,不要广州", "江苏除外,必须有GMP",
    "必须在东莞,必须有GMP", "发酵中试,必须在江苏或上海,发酵罐至少1000 L",
)  # fmt: skip
MUSTS = ("place", "certificate", "quantity", "kind", "industry", "stage")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.fixture(scope="module")
def small() -> Conditions:
    return Conditions(SUPPLY, default_tables())


@pytest.fixture(scope="module")
def hundred(shipped_listings: tuple[Listing, ...]) -> Conditions:
    """Every eighth listing that is shipped."""
    return Conditions(shipped_listings[::8], default_tables())


def slowly(conditions: Conditions, requirements: tuple[Requirement, ...]) -> list[bool]:
    """Listing by listing: no hard condition but places misses, and not every hard place does."""
    kept = []
    for facts in conditions.facts:
        hard = [fit for fit in assess(requirements, facts) if fit.requirement.strength == "must"]
        wanted = [fit for fit in hard if isinstance(fit.requirement, PlaceRequirement) and not fit.requirement.excluded]
        places = [fit.outcome == "misses" for fit in wanted]
        others = [fit.outcome == "misses" for fit in hard if fit not in wanted]
        kept.append(not any(others) and not (places and all(places)))
    return kept


def read(reader: Reader, text: str, must: tuple[str, ...] = ()) -> tuple[Requirement, ...]:
    """A number is hard only where `must` says so; here whenever the text says 必须."""
    must = must or (("quantity",) if "必须" in text else ())
    return reader.read(Need(text=text, must=must), TODAY, strict=False).requirements


def ids(conditions: Conditions, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> set[str]:
    return {facts.id for facts, one in zip(conditions.facts, kept, strict=True) if one}


class TestKept:
    @pytest.mark.parametrize("text", SENTENCES)
    def test_as_the_slow_loop_says(self, reader: Reader, small: Conditions, hundred: Conditions, text: str) -> None:
        requirements = read(reader, text)
        assert any(one.strength == "must" for one in requirements)
        for conditions in (small, hundred):
            assert conditions.kept(requirements).tolist() == slowly(conditions, requirements)

    def test_real_needs_with_everything_made_hard(
        self, reader: Reader, hundred: Conditions, real_needs: list[Need]
    ) -> None:
        removing = 0
        for need in real_needs[::6]:
            requirements = read(reader, need.text, MUSTS)
            kept = hundred.kept(requirements)
            assert kept.tolist() == slowly(hundred, requirements), need.id
            removing += not kept.all()
        assert removing >= 10

    @given(
        texts=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3),
        strengths=st.lists(st.sampled_from(["must", "prefer"]), min_size=12, max_size=12),
    )
    @settings(max_examples=40, deadline=None)
    def test_any_mixture(self, reader: Reader, small: Conditions, texts: list[str], strengths: list[Strength]) -> None:
        requirements = tuple(
            replace(one, strength=strength)
            for one, strength in zip(read(reader, "。".join(texts)), strengths, strict=False)
        )
        assert small.kept(requirements).tolist() == slowly(small, requirements)

    def test_wishes_remove_nothing(self, reader: Reader, small: Conditions) -> None:
        requirements = read(reader, "最好有GMP,希望在东莞附近,500 L发酵罐")
        assert {one.strength for one in requirements} == {"prefer"}
        assert small.kept(requirements).all()

    def test_places_are_alternatives(self, reader: Reader, small: Conditions) -> None:
        either = small.kept(read(reader, "仅限广东、福建"))
        alone = [small.kept(read(reader, f"必须在{name}")) for name in ("广东", "福建")]
        assert either.tolist() == (alone[0] | alone[1]).tolist()
        assert {"PF-1", "PF-3", "PF-4", "MF-1", "EQ-1"} <= ids(small, either)
        assert not {"PF-2", "PF-5", "MF-2", "MF-3", "EQ-2"} & ids(small, either)

    def test_silence_is_no_miss(self, reader: Reader, small: Conditions) -> None:
        assert "SO-1" in ids(small, small.kept(read(reader, "必须在广东")))
        assert "PF-4" in ids(small, small.kept(read(reader, "必须达到500 L以上发酵罐")))

    def test_a_vessel_that_is_too_small_goes(self, reader: Reader, small: Conditions) -> None:
        left = ids(small, small.kept(read(reader, "必须达到1000 L以上的发酵罐")))
        assert not {"PF-1", "EQ-1"} & left
        assert {"PF-2", "MF-3"} <= left

    def test_several_conditions_hold_together(self, reader: Reader, small: Conditions) -> None:
        texts = ("必须在广东", "必须达到1000 L以上的发酵罐")
        both = small.kept(read(reader, ",".join(texts)))
        assert both.tolist() == np.logical_and(*(small.kept(read(reader, text)) for text in texts)).tolist()

    def test_an_empty_catalogue(self, reader: Reader) -> None:
        assert Conditions((), default_tables()).kept(read(reader, "必须在广东")).shape == (0,)


class TestRemoved:
    @pytest.mark.parametrize("text", SENTENCES)
    def test_counts_are_those_of_the_slow_loop(self, reader: Reader, hundred: Conditions, text: str) -> None:
        requirements = read(reader, text)
        allowed = np.arange(len(hundred.facts)) % 3 != 0
        wanted: dict[str, int] = {}
        for facts, one in zip(hundred.facts, allowed, strict=True):
            for fit in assess(requirements, facts):
                if one and fit.outcome == "misses" and fit.requirement.strength == "must":
                    wanted[fit.requirement.text] = wanted.get(fit.requirement.text, 0) + 1
        assert hundred.removed(requirements, allowed) == wanted

    def test_what_removes_none_is_left_out(self, reader: Reader, small: Conditions) -> None:
        nowhere = np.zeros(len(SUPPLY), np.bool_)
        assert small.removed(read(reader, "必须在广东"), nowhere) == {}
        assert small.removed(read(reader, "最好在广东"), ~nowhere) == {}

    def test_two_excluded_places_in_one_list_count_each_row_once(self, hundred: Conditions, reader: Reader) -> None:
        everything = np.ones(len(hundred.facts), np.bool_)
        both = hundred.removed(read(reader, "不要江苏和浙江"), everything)
        one, other = (hundred.removed(read(reader, text), everything) for text in ("不要江苏", "不要浙江"))
        assert both == {"不要江苏和浙江": one["不要江苏"] + other["不要浙江"]}


class TestOutcomes:
    def test_as_the_checks_of_single_rows(self, reader: Reader, hundred: Conditions, real_needs: list[Need]) -> None:
        codes = {"meets": 1, "unknown": 0, "misses": -1}
        rows = np.array([5, 3, 40, 41, 7])
        for need in real_needs[::12]:
            requirements = read(reader, need.text)
            checks = hundred.checks(requirements)
            wanted = [[codes[check(hundred.facts[row]).outcome] for row in rows] for check in checks]
            assert hundred.outcomes(requirements, rows).tolist() == wanted


def test_missed_are_the_hard_ones(reader: Reader) -> None:
    requirements = read(reader, "必须在江苏,最好有CNAS资质,发酵罐500 L")
    facts = facts_of_all(SUPPLY[:1])[0]
    assert [fit.requirement.type for fit in missed(assess(requirements, facts))] == ["place"]


class TestAlternatives:
    """Places that were named are alternatives; other conditions are not."""

    HERE = PlaceRequirement(text="深圳", code="440300", name="深圳市", strength="must")
    THERE = PlaceRequirement(text="东莞", code="441900", name="东莞市", strength="must")
    WISHED = PlaceRequirement(text="广东", code="440000", name="广东省")

    def test_one_met_place_settles_the_others(self) -> None:
        shown = alternatives([Fit(self.HERE, "meets"), Fit(self.THERE, "misses", shortfall="相距约 62 公里")])
        assert [fit.outcome for fit in shown] == ["meets", "unknown"]
        assert shown[1].note == "任一地点即可,已符合“深圳”"
        assert shown[1].shortfall is None

    def test_a_wish_that_is_met_settles_no_must(self) -> None:
        shown = alternatives([Fit(self.WISHED, "meets"), Fit(self.HERE, "misses")])
        assert [fit.outcome for fit in shown] == ["meets", "misses"]

    def test_nothing_met_changes_nothing(self) -> None:
        fits = [Fit(self.HERE, "misses"), Fit(self.THERE, "unknown")]
        assert alternatives(fits) == tuple(fits)
