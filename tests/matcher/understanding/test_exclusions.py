"""What a need sets itself apart from is no wish, and what only sounds so stays one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Need
from matcher.understanding.exclusions import exclusion, may_exclude
from matcher.understanding.reading import Reader
from tests.matcher.understanding.wished import DAY, industries


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("不是半导体,是光伏", ["光伏"]),
        ("不是半导体,而是光伏中试", ["光伏"]),
        ("我们不是半导体企业,是做光伏的", ["光伏"]),
        ("找化工中试,不是医药", ["化工"]),
        ("不是做医药的,要化工中试", ["化工"]),
        ("非医药类的化工中试", ["化工"]),
        ("非医药、食品类的化工中试", ["化工"]),
        ("非贵金属催化", ["催化"]),
        ("我们是非医药企业,做涂料", ["涂料"]),
        ("除医药外的化工", ["化工"]),
        ("除医药、食品外的化工", ["化工"]),
        ("除了食品以外的都可以,发酵放大", ["发酵"]),
        ("除了食品都可以,发酵放大", ["发酵"]),
        ("与食品无关的化工中试", ["化工"]),
        ("化工中试,与食品、医药无关", ["化工"]),
        ("化工中试,跟医药没有关系", ["化工"]),
        ("化工中试,无危化品", ["化工"]),
        ("化工中试,没有危化品", ["化工"]),
        ("涂料,不产生危化品", ["涂料"]),
    ],
)
def test_what_is_set_apart_is_no_wish(reader: Reader, text: str, wished: list[str]) -> None:
    assert industries(reader, text) == wished


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("是不是半导体都可以", ["半导体"]),
        ("不是半导体的不要", ["半导体"]),
        ("不是半导体的,请勿联系", ["半导体"]),
        ("不是只做发酵", ["发酵"]),
        ("不仅是发酵", ["发酵"]),
        ("发酵不是问题", ["发酵"]),
        ("不是发酵就是酶催化", ["发酵", "酶催化"]),
        ("非发酵不可", ["发酵"]),
        ("除非发酵", ["发酵"]),
        ("非织造布中试", ["非织造布"]),
        ("非金属矿中试", ["非金属矿"]),
        ("除了发酵,还需要冻干", ["发酵"]),
        ("除发酵外,其他工序已完成", ["发酵"]),
        ("除了电镀以外,其他我们都能做", ["电镀"]),
        ("除发酵外的工序我们都能做", ["发酵"]),
        ("与发酵有关", ["发酵"]),
        ("我们目前无电镀,想找外协", ["电镀"]),
        ("没有电镀,怎么办", ["电镀"]),
        ("无人机中试", ["无人机"]),
        ("无机非金属材料", ["无机非金属材料"]),
    ],
)
def test_what_only_sounds_so_stays_a_wish(reader: Reader, text: str, wished: list[str]) -> None:
    assert industries(reader, text) == wished


def test_lacking_a_pilot_plant_refuses_none(reader: Reader) -> None:
    found = reader.read(Need(text="已完成小试,无中试"), DAY).requirements
    assert [one.type for one in found] == ["stage"]


def test_the_words_are_said_to_be_no_filter(reader: Reader) -> None:
    notes = reader.read(Need(text="化工中试,与食品无关"), DAY).notes
    assert "“与食品无关”暂不用于排除,仅不作为要求" in notes


@settings(deadline=None, max_examples=200)
@given(st.text("不是非除外无关与和、,的食品医药做还都可", max_size=24), st.text("不是非除外无关的,都可还", max_size=24))
def test_the_span_holds_the_name(left: str, right: str) -> None:
    text = f"{left}发酵{right}"
    start = len(left)
    found = exclusion(text, start, start + 2)
    if found is not None:
        assert 0 <= found[0] <= start < start + 2 <= found[1] <= len(text)
        assert may_exclude(text)


def test_a_page_without_end_is_read_in_time(reader: Reader) -> None:
    text = "不是发酵、电镀、注塑与喷涂和除非医药外、" * 400
    began = time.perf_counter()
    for start in range(0, len(text), 20):
        exclusion(text, start + 2, start + 4)
    assert time.perf_counter() - began < 1
