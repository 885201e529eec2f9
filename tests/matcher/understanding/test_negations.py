"""What a need refuses is no wish, and what only sounds like a refusal stays one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Need, StageRequirement
from matcher.understanding.industries import Industries
from matcher.understanding.negations import refusal_start
from matcher.understanding.reading import Reader
from matcher.understanding.stages import read_stages
from tests.matcher.understanding.wished import DAY, industries


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("我不需要发酵,需要冻干", []),
        ("不要发酵,要冻干", []),
        ("不做发酵,只做冻干", []),
        ("不需要电镀,做喷涂", ["喷涂"]),
        ("不做注塑,做CNC加工", ["CNC加工"]),
        ("不需要发酵，要喷涂", ["喷涂"]),
        ("不需要电镀、喷涂,做注塑", ["注塑"]),
        ("不需要发酵、电镀以及注塑,需要3D打印", ["3D打印"]),
        ("不需要发酵只要注塑", ["注塑"]),
        ("不用电镀工艺,做喷涂", ["喷涂"]),
        ("无需电镀、喷涂等表面处理,做注塑", ["注塑"]),
        ("无需再做电镀", []),
        ("不涉及注塑", []),
        ("不需要发酵的平台,找喷涂", ["喷涂"]),
        ("表面处理不需要电镀", ["表面处理"]),
        ("做发酵,不做注塑", ["发酵"]),
        ("不做普通发酵,做厌氧发酵", ["发酵"]),
    ],
)
def test_what_is_refused_is_no_wish(reader: Reader, text: str, wished: list[str]) -> None:
    assert industries(reader, text) == wished


@pytest.mark.parametrize(
    "text",
    [
        "不要影响电镀",
        "不用等电镀",
        "不要电镀层脱落",
        "不用担心电镀",
        "电镀不做要求",
        "不含氰电镀",
        "报价不含税,做电镀",
        "不含电镀费",
        "无需洁净,做电镀",
        "不要超过5万元,电镀",
        "不得不做电镀",
        "不能不做电镀",
        "不是不做电镀",
        "不做电镀不行",
        "要不要做电镀",
        "我们不做电镀,想找外协",
    ],
)
def test_what_only_sounds_like_a_refusal_stays_a_wish(reader: Reader, text: str) -> None:
    assert "电镀" in industries(reader, text)


@pytest.mark.parametrize(
    ("text", "stage"), [("不做量产,只做打样", "打样"), ("不需要中试,直接量产", "量产"), ("不要中试放大", None)]
)
def test_a_refused_stage_is_no_wish(reader: Reader, text: str, stage: str | None) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, StageRequirement)] == ([stage] if stage else [])


def test_only_wishes_are_sifted() -> None:
    assert [one.text for one in Industries.load().read_industries("不做电镀")] == ["电镀"]
    assert [one.text for one in read_stages("不做量产")] == ["量产"]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("不需要发酵,需要冻干", ["“不需要发酵”暂不用于排除,仅不作为要求"]),
        ("不需要电镀、喷涂,做注塑", ["“不需要电镀、喷涂”暂不用于排除,仅不作为要求"]),
        ("不要发酵,要冻干", ["“不要发酵”是排除条件,暂不支持,未参与筛选"]),
        ("做发酵", []),
    ],
)
def test_a_refusal_is_noted_once(reader: Reader, text: str, notes: list[str]) -> None:
    assert list(reader.read(Need(text=text), DAY).notes) == notes


@given(st.text(alphabet="不要需做用含无有的、和以及或者,只发酵电镀工艺也行我们", max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_refusal_begins_before_what_it_refuses(text: str) -> None:
    text += "发酵"
    start = refusal_start(text, len(text) - 2, len(text))
    assert start is None or text[start] in "不无毋"


def test_a_page_of_lists_costs_little() -> None:
    text = "不要有有有有、" * 2_800 + "发酵"
    began = time.perf_counter()
    for end in range(100, len(text), 7):
        refusal_start(text, end - 2, end)
    assert time.perf_counter() - began < 2
