"""Far from a place is the opposite of near it, and no wish for it; what only sounds far stays what it was."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.match import Matcher
from matcher.ranking.facts import ListingFacts, default_tables, facts_of
from matcher.ranking.fits.place_fit import place_check
from matcher.records import Listing, Need, PlaceRequirement, QuantityRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def places(reader: Reader, text: str) -> list[PlaceRequirement]:
    return [one for one in reader.read(Need(text=text), DAY).requirements if isinstance(one, PlaceRequirement)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("离东莞100公里以外", "离东莞100公里以外"),
        ("离东莞100公里以外的地方做发酵", "离东莞100公里以外"),
        ("做发酵,距东莞市区200km以上", "距东莞市区200km以上"),
        ("距离东莞市区一百公里以外", "距离东莞市区一百公里以外"),
        ("远离东莞", "远离东莞"),
        ("要远离东莞的发酵平台", "远离东莞"),
        ("东莞100公里以外的平台", "东莞100公里以外"),
        ("东莞周边100公里以外", "东莞周边100公里以外"),
        ("离东莞至少100公里", "离东莞至少100公里"),
        ("离东莞超过100公里", "离东莞超过100公里"),
        ("离东莞不小于100公里", "离东莞不小于100公里"),
        ("与东莞相距100公里以上", "与东莞相距100公里以上"),
        ("离东莞2小时车程以外", "离东莞2小时车程以外"),
        ("离东莞远一点", "离东莞远一点"),
        ("离东莞越远越好", "离东莞越远越好"),
        ("不要靠近东莞", "不要靠近东莞"),
        ("at least 100 km away from Dongguan", "at least 100 km away from Dongguan"),
        ("far from Dongguan, fermentation", "far from Dongguan"),
        ("not closer than 100 km to Dongguan", "not closer than 100 km to Dongguan"),
    ],
)
def test_far_shuts_out_what_is_near(reader: Reader, text: str, said: str) -> None:
    (place,) = places(reader, text)
    assert (place.code, place.excluded, place.near, place.text) == ("441900", True, True, said)
    assert text[place.start : place.end] == said
    assert not [one for one in reader.read(Need(text=text), DAY).requirements if isinstance(one, QuantityRequirement)]


@pytest.mark.parametrize(
    "text",
    [
        "离东莞100公里以内",
        "离东莞不超过100公里",
        "离东莞不远",
        "不要离东莞太远",
        "离东莞太远的不要",
        "离东莞100公里以外的不要",
        "离东莞100公里以外的平台不考虑",
        "不要离东莞100公里以外的",
        "离东莞100公里以上不考虑",
        "离东莞超过200公里就算了",
        "距离东莞不要超过100公里",
        "离东莞不要太远",
        "靠近东莞",
        "距离东莞近一点",
        "not far from Dongguan",
        "within 100 km of Dongguan",
    ],
)
def test_near_stays_near(reader: Reader, text: str) -> None:
    (place,) = places(reader, text)
    assert (place.code, place.excluded, place.near) == ("441900", False, True)
    found = reader.read(Need(text=text), DAY).requirements
    assert not [one for one in found if isinstance(one, QuantityRequirement)]


@pytest.mark.parametrize(
    "text",
    [
        "离东莞100公里以外也行",
        "离东莞远一点也可以",
        "不必远离东莞",
        "不一定要远离东莞",
        "我们远离东莞,找发酵平台",
        "我司离东莞100公里以上,找发酵平台",
        "we are far from Dongguan and look for fermentation",
    ],
)
def test_what_asks_for_nothing_is_no_condition(reader: Reader, text: str) -> None:
    assert places(reader, text) == []


@pytest.mark.parametrize(
    ("text", "code"), [("东莞100公里以上续航测试", "100公里以上"), ("东莞到深圳100公里光纤", "100公里")]
)
def test_another_length_stays_a_quantity(reader: Reader, text: str, code: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, QuantityRequirement)] == [code]
    assert not [one for one in found if isinstance(one, PlaceRequirement) and one.excluded]


def test_a_list_is_kept_clear_of_as_a_whole(reader: Reader) -> None:
    for said in ("远离东莞、深圳", "离东莞、深圳都要200公里以上"):
        found = places(reader, f"做发酵,{said}")
        assert [(one.code, one.excluded) for one in found] == [("441900", True), ("440300", True)]
        assert {one.text for one in found} == {said}


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("离东莞30公里以外", 30),
        ("离东莞100公里以外", 100),
        ("距离东莞市区一百公里以外", 100),
        ("东莞200公里以外的平台", 200),
        ("at least 100 km away from Dongguan", 100),
        ("at least 100 miles away from Dongguan", 160.9),
        ("远离东莞", None),
        ("离东莞2小时车程以外", None),
    ],
)
def test_the_distance_said_is_kept(reader: Reader, text: str, radius: float | None) -> None:
    (place,) = places(reader, text)
    assert (place.excluded, place.near, place.radius_km) == (True, True, radius)


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("离东莞30公里以外", ["misses", "meets", "meets"]),
        ("离东莞100公里以外", ["misses", "misses", "meets"]),
        ("离东莞2000公里以外", ["misses", "misses", "misses"]),
    ],
)
def test_far_is_judged_by_the_distance_said(reader: Reader, text: str, outcomes: list[str]) -> None:
    check = place_check(places(reader, text)[0], default_tables().regions)
    cities = (("广东省", "东莞市"), ("广东省", "广州市"), ("江苏省", "苏州市"))
    assert [check(facts_in(*where)).outcome for where in cities] == outcomes


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("离东莞100公里以外", "prefer"),
        ("必须离东莞30公里以外", "must"),
        ("必须离东莞100公里以外", "must"),
        ("必须离东莞200公里以外", "must"),
        ("必须远离东莞", "must"),
        ("远离东莞", "prefer"),
        ("尽量远离东莞", "prefer"),
        ("不得靠近东莞", "must"),
    ],
)
def test_only_a_hard_word_removes(reader: Reader, text: str, strength: str) -> None:
    assert [one.strength for one in places(reader, text)] == [strength]


def test_what_is_judged_instead_is_said(reader: Reader) -> None:
    assert list(reader.read(Need(text="离东莞2小时车程以外"), DAY).notes) == [
        "“离东莞2小时车程以外”按不在附近判断(附近指约 150 公里以内)"
    ]
    assert list(reader.read(Need(text="离东莞100公里以外"), DAY).notes) == []
    assert list(reader.read(Need(text="远离东莞"), DAY).notes) == []


def facts_in(province: str, city: str) -> ListingFacts:
    return facts_of(Listing(f"PF-{city}", "platform", "平台", province=province, city=city))


@pytest.mark.parametrize("text", ["离东莞100公里以外", "远离东莞", "距东莞200km以上"])
def test_the_fit_of_far(reader: Reader, text: str) -> None:
    check = place_check(places(reader, text)[0], default_tables().regions)
    outcomes = [
        check(facts_in(*where)).outcome for where in (("广东省", "东莞市"), ("广东省", "广州市"), ("江苏省", "苏州市"))
    ]
    assert outcomes == ["misses", "misses", "meets"]


def test_far_and_near_rank_the_other_way_round(small_matcher: Matcher) -> None:
    """What is within the circle misses where it is to be far and meets where it is to be near."""
    outcomes = {}
    for text in ("做发酵,离无锡100公里以内", "做发酵,离无锡100公里以外"):
        answer = small_matcher.match(Need(text=text), top=20)
        outcomes[text] = {
            match.listing.id: fit.outcome
            for match in answer.matches
            for fit in match.fits
            if isinstance(fit.requirement, PlaceRequirement) and fit.outcome != "unknown"
        }
    near, far = outcomes.values()
    assert near.keys() == far.keys()
    assert near
    assert all((near[id] == "meets") == (far[id] == "misses") for id in near)
