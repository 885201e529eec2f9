"""A matcher that followed changes answers as one that was loaded anew over the same listings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from embeddings import Encoder
from matcher.match import Matcher
from matcher.ranking import catalogue_facts
from matcher.records import Listing, Matches, Need, Parameter
from matcher.retrieval import growing, lexical, token_pages
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

NEEDS = (
    Need(text="酶制剂从5 L放大到500 L以上发酵,需要GMP条件,广东优先,预算200万以内"),
    Need(text="8英寸MEMS压力传感器流片", kinds=("platform", "manufacturer")),
    Need(text="反应釜不低于1000升,必须有GMP,仅限广东、江苏", must=("quantity",)),
    Need(text="高低温试验,要CNAS"),
    Need(text="中试"),
)
#: What an operator edits: each gives other texts, facts or neither.
EDITS: tuple[dict[str, Any], ...] = (
    {"province": "福建", "city": "厦门"},
    {"parameters": (Parameter("发酵罐容积", 300, 3000, "L"), Parameter("晶圆尺寸", 12, 12, "英寸"))},
    {"summary": "提供8英寸晶圆流片、酶制剂发酵放大与高低温试验。", "capabilities": ("微生物发酵", "流片", "冷冻干燥")},
    {"qualifications": ("GMP", "CNAS"), "industry": ("医药", "集成电路"), "services": ("检测", "中试放大")},
    {"name": "全新的中试平台", "capabilities": (), "summary": ""},
    {"kind": "case"},
    {"kind": "manufacturer"},
    {"operator": "改名有限公司"},
)  # fmt: skip


def loaded(data: Path, listings: Sequence[Listing], encoder: Encoder) -> Matcher:
    return Matcher.load(Settings(_env_file=None, data=data), listings, profile=PROFILE, encoder=encoder)


def answers(matcher: Matcher, needs: Sequence[Need] = NEEDS) -> Iterator[Matches]:
    for need in needs:
        for keep in (False, True):
            yield replace(matcher.match(need, top=50, keep_removed=keep, strict=False), took_ms=0.0)


def told(matcher: Matcher, needs: Sequence[Need] = NEEDS) -> list[object]:
    """All that operators are told of three listings, but for what is no longer there."""
    ids = [listing.id for listing in matcher.catalogue.supply[::4]]
    return [matcher.why_not(need, id) for need in needs[:2] for id in ids]


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, HashEncoder]:
    return tmp_path_factory.mktemp("hashed"), HashEncoder()


#: Made smaller by hand: each trial takes half a second.
LONG = (Phase.explicit, Phase.generate)
Step = tuple[list[tuple[int, int, int]], list[int]]

#: A place among twenty ids, what stands there, and its edit.
upserts = st.tuples(st.integers(0, 19), st.integers(0, len(LISTINGS) - 1), st.integers(0, len(EDITS)))
steps = st.lists(st.tuples(st.lists(upserts, max_size=4), st.lists(st.integers(0, 19), max_size=4)), max_size=8)


def listing(place: int, origin: int, edit: int) -> Listing:
    changed = replace(LISTINGS[origin], id=f"L-{place:02}")
    return replace(changed, **EDITS[edit]) if edit < len(EDITS) else changed


@pytest.fixture(params=["as shipped", "tidied often", "never tidied"])
def tidiness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tidying up, and making room, at every turn or never."""
    if request.param == "as shipped":
        return
    often = request.param == "tidied often"
    for module, name in (
        (growing, "DEAD_SHARE"),
        (lexical, "DEAD_SHARE"),
        (catalogue_facts, "DEAD_SHARE"),
        (lexical, "APART_SHARE"),
    ):
        monkeypatch.setattr(module, name, 0.0 if often else 1.0)
    if often:
        monkeypatch.setattr(growing, "LEAST_SPARE", 1)
        monkeypatch.setattr(token_pages, "PAGE_TOKENS", 100)


@pytest.mark.slow
@given(st.sets(st.integers(0, len(LISTINGS) - 1)), steps)
@settings(max_examples=8, deadline=None, phases=LONG, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("tidiness")
def test_any_changes(hashed: tuple[Path, HashEncoder], first: set[int], steps: list[Step]) -> None:
    data, encoder = hashed
    now = {f"L-{place:02}": listing(place, place, len(EDITS)) for place in first}
    matcher = loaded(data, list(now.values()), encoder)
    list(answers(matcher, NEEDS[:2]))  # what is remembered must follow too
    for comes, goes in steps:
        new = [listing(*one) for one in comes]
        gone = [f"L-{place:02}" for place in goes]
        matcher = matcher.with_changes(new, gone)
        now = {id: one for id, one in now.items() if id not in gone} | {one.id: one for one in new}
        assert matcher.catalogue.listings == tuple(sorted(now.values(), key=lambda one: one.id))
    anew = loaded(data, list(now.values()), encoder)
    assert list(answers(matcher)) == list(answers(anew))
    assert told(matcher) == told(anew)


def edited(random: Random, one: Listing, turn: int) -> Listing:
    """Mostly such as give no new text: encoding takes most of the time."""
    edit = random.choice([EDITS[0], EDITS[1], EDITS[5], EDITS[6], EDITS[7], {"id": f"{one.id}-{turn}"}])
    return replace(one, **(edit if random.random() < 0.9 else random.choice(EDITS)))


@pytest.fixture(scope="module")
def before(shipped_matcher: Matcher) -> list[Matches]:
    return list(answers(shipped_matcher))


@pytest.fixture(scope="module")
def followed(shipped_matcher: Matcher, before: list[Matches]) -> Matcher:
    matcher, random = shipped_matcher, Random(4)
    for turn in range(25):
        upserts = [edited(random, one, turn) for one in random.sample(matcher.catalogue.listings, 12)]
        removals = [one.id for one in random.sample(matcher.catalogue.listings, 4)]
        matcher = matcher.with_changes(upserts, removals)
    return matcher


@pytest.fixture(scope="module")
def anew(shipped_matcher: Matcher, followed: Matcher, data_folder: Path, bundled: Encoder) -> Matcher:
    profile, settings = shipped_matcher.ranker.profile, Settings(_env_file=None, data=data_folder)
    return Matcher.load(settings, followed.catalogue.listings, profile=profile, encoder=bundled)


class TestShipped:
    """Hundreds of random changes of the shipped catalogue, with the real encoder."""

    def test_much_of_it_has_changed(self, shipped_matcher: Matcher, followed: Matcher) -> None:
        before, after = ({repr(one) for one in matcher.catalogue.supply} for matcher in (shipped_matcher, followed))
        assert len(before & after) < 0.8 * len(before)
        assert len(after) > 500

    @pytest.mark.slow
    def test_the_same_answers(self, followed: Matcher, anew: Matcher, real_needs: list[Need]) -> None:
        needs = [*NEEDS, *real_needs[::20]]
        assert list(answers(followed, needs)) == list(answers(anew, needs))

    def test_asked_for_more_than_retrieval_proposes(self, followed: Matcher, anew: Matcher) -> None:
        one, other = (matcher.match(NEEDS[0], top=5000, explained=False) for matcher in (followed, anew))
        assert len(one.matches) > 500
        assert [(match.listing, match.score) for match in one.matches] == [
            (match.listing, match.score) for match in other.matches
        ]

    def test_the_first_matcher_answers_as_before(
        self, shipped_matcher: Matcher, before: list[Matches], followed: Matcher
    ) -> None:
        assert list(answers(shipped_matcher)) == before
        assert list(answers(followed)) != before


class TestSharing:
    @pytest.fixture
    def matcher(self, hashed: tuple[Path, HashEncoder]) -> Matcher:
        return loaded(hashed[0], LISTINGS, hashed[1])

    def test_what_changes_nothing_is_no_work(self, matcher: Matcher) -> None:
        same = [replace(one) for one in LISTINGS]
        assert matcher.with_changes(same, ["unknown"]) is matcher
        assert matcher.with_changes([]) is matcher

    def test_only_new_texts_are_encoded(self, matcher: Matcher, hashed: tuple[Path, HashEncoder]) -> None:
        encoder = hashed[1]
        encoder.texts.clear()
        moved = matcher.with_changes([replace(LISTINGS[0], province="海南", city="三亚")], [LISTINGS[1].id])
        assert encoder.texts == []
        moved.with_changes([replace(LISTINGS[0], summary="只改了这一句。")])
        assert len(encoder.texts) == 1
        moved.with_changes([replace(LISTINGS[1], id="PF-20")])
        assert len(encoder.texts) == 1

    def test_a_case_moves_no_row(self, matcher: Matcher) -> None:
        case = next(one for one in LISTINGS if one.kind == "case")
        after = matcher.with_changes([replace(case, name="另一案例")])
        assert after.retriever is matcher.retriever
        found = after.catalogue.get(case.id)
        assert found is not None
        assert found.name == "另一案例"

    def test_all_may_go_and_come_back(self, matcher: Matcher) -> None:
        nothing = matcher.with_changes([], [one.id for one in LISTINGS])
        assert len(nothing.catalogue) == 0
        assert nothing.match(NEEDS[0]).matches == ()
        assert list(answers(nothing.with_changes(LISTINGS))) == list(answers(matcher))

    @pytest.mark.slow
    def test_many_ways_on_from_one_matcher(self, matcher: Matcher, hashed: tuple[Path, HashEncoder]) -> None:
        before = list(answers(matcher))
        ways = []
        for edit in EDITS:
            changed = replace(LISTINGS[3], **edit)
            ways.append((changed, matcher.with_changes([changed])))
        for changed, after in ways:
            anew = loaded(hashed[0], [*LISTINGS[:3], changed, *LISTINGS[4:]], hashed[1])
            assert list(answers(after)) == list(answers(anew))
        assert list(answers(matcher)) == before
