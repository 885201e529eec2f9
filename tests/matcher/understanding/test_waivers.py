"""What is refused behind its name is no wish either, and what only sounds so stays one."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import CertificateRequirement, IndustryRequirement, KindRequirement, Need, StageRequirement
from matcher.understanding.reading import Reader
from matcher.understanding.waivers import may_waive, waiver_end

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def read(reader: Reader, text: str, kind: type) -> list[str]:
    return [one.text for one in reader.read(Need(text=text), DAY).requirements if isinstance(one, kind)]


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("电镀不需要", []),
        ("喷涂就不用了", []),
        ("包装不要", []),
        ("包装不要了", []),
        ("电镀无需,做喷涂", ["喷涂"]),
        ("电镀这一步可以省", []),
        ("电镀工艺可以跳过", []),
        ("电镀可省略。", []),
        ("电镀这道工序免了", []),
        ("电镀取消,做注塑", ["注塑"]),
        ("电镀没必要做", []),
        ("电镀用不着", []),
        ("电镀的话就不用了", []),
        ("电镀:不需要", []),
        ("电镀不考虑", []),
        ("电镀不做,只做注塑", ["注塑"]),
        ("电镀不需要但要注塑", ["注塑"]),
        ("电镀不需要,但要注塑", ["注塑"]),
        ("需要电镀,包装不需要", ["电镀"]),
        ("电镀、包装都不需要,做注塑", ["注塑"]),
        ("电镀和包装不需要", []),
        ("做注塑、包装不需要", ["注塑"]),
        ("做注塑、包装都不需要", []),
        ("发酵不需要 注塑要", ["注塑"]),
    ],
)
def test_what_is_refused_behind_its_name_is_no_wish(reader: Reader, text: str, wished: list[str]) -> None:
    assert read(reader, text, IndustryRequirement) == wished


@pytest.mark.parametrize(
    "text",
    [
        "电镀需要不需要",
        "要不要电镀",
        "电镀要不要",
        "电镀要不要做",
        "电镀有没有必要",
        "电镀不需要吗",
        "电镀不需要?",
        "电镀可以省吗",
        "是否电镀不需要",
        "如果电镀不需要,请说明",
        "电镀可能不需要",
        "电镀不需要太厚",
        "电镀不需要很贵的",
        "电镀不要影响外观",
        "电镀不用外协",
        "电镀不要求",
        "电镀不做要求",
        "电镀不可省",
        "电镀不能省",
        "电镀不得省略",
        "电镀不做不行",
        "电镀不要,不行",
        "电镀可以省成本",
        "电镀层不要",
        "电镀资质不需要",
        "电镀我们不做,想找外协",
        "我们电镀不做,想找外协",
        "电镀,成本不要太高",
        "需要电镀不需要喷漆",
        "电镀 不需要 喷漆",
    ],
)
def test_what_only_sounds_like_a_waiver_stays_a_wish(reader: Reader, text: str) -> None:
    assert "电镀" in read(reader, text, IndustryRequirement)


@pytest.mark.parametrize(
    ("text", "kind", "wished"),
    [
        ("量产不考虑,只做打样", StageRequirement, ["打样"]),
        ("中试就不用了,直接量产", StageRequirement, ["量产"]),
        ("技术方案不需要,租用设备", KindRequirement, ["租用设备"]),
        ("GMP就不用了", CertificateRequirement, []),
        ("GMP认证可以省,要CNAS", CertificateRequirement, ["CNAS"]),
        ("GMP不能省", CertificateRequirement, ["GMP"]),
    ],
)
def test_whatever_is_waived(reader: Reader, text: str, kind: type, wished: list[str]) -> None:
    assert read(reader, text, kind) == wished


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("电镀不需要,做喷涂", ["“电镀不需要”暂不用于排除,仅不作为要求"]),
        ("包装不要了,做喷涂", ["“包装不要了”暂不用于排除,仅不作为要求"]),
        ("电镀、包装都不要,做注塑", ["“电镀、包装都不要”暂不用于排除,仅不作为要求"]),
        ("要不要电镀", []),
        ("电镀要不要", []),
    ],
)
def test_a_waiver_is_noted_once(reader: Reader, text: str, notes: list[str]) -> None:
    assert list(reader.read(Need(text=text), DAY).notes) == notes


@given(st.text(alphabet="不要需做用无可以省了的、和都就,只发酵电镀工艺这一步我们", max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_waiver_lies_behind_what_it_waives(text: str) -> None:
    end = waiver_end("发酵" + text, 0, 2)
    assert end is None or (2 < end <= len(text) + 2 and may_waive(text))


@pytest.mark.parametrize("text", ["电镀、" * 6_000, "电镀工艺" * 5_000, "电镀、喷涂都" * 3_000, "电镀我们就" * 4_000])
def test_a_page_of_names_costs_little(text: str) -> None:
    began = time.perf_counter()
    for end in range(2, len(text), 7):
        waiver_end(text, end - 2, end)
    assert time.perf_counter() - began < 2
