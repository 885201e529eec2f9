"""A matcher that followed changes answers as one that was loaded anew over the same listings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

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
EDITS = (
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


@given(st.sets(st.integers(0, len(LISTINGS) - 1)), steps)
@settings(max_examples=12, deadline=None, phases=LONG, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
