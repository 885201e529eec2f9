"""The stage now and the stage wanted, from text and from a form's field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.records import Need, Stage, StageRequirement
from matcher.understanding.reading import Reader
from matcher.understanding.stages import FIELD_STAGES, read_stage_field, read_stages


@pytest.mark.parametrize(
    ("text", "now", "wanted"),
    [
        ("小试已完成,希望放大到公斤级", "lab", "pilot"),
        ("摇瓶效果不错,找中试平台", "lab", "pilot"),
        ("已完成中试,计划扩产", "pilot", "production"),
        ("两代样机已完成,需要第三方报告", "prototype", "verification"),
        ("手环主板小批量贴片", None, "production"),
        ("找代工厂", None, "production"),
        ("请有CNAS资质的机构报价", None, "verification"),
        ("试模两腔", None, "prototype"),
        ("需要概念验证", None, "lab"),
        ("项目希望产业化", None, "production"),
        ("bench-scale works, need scale-up", "lab", "pilot"),
        ("只做过小试", "lab", None),
    ],
)
def test_reads_stages(text: str, now: Stage | None, wanted: Stage | None) -> None:
    (stage,) = read_stages(text)
    assert (stage.now, stage.wanted) == (now, wanted)
    assert text[stage.start : stage.end] == stage.text


@pytest.mark.parametrize(
    "text", ["500升发酵罐", "企业希望提升控制精度", "实验室须有资质", "需要GLP实验室做大鼠毒性", "不断开裂求指点", ""]
)
def test_says_nothing_where_the_text_does_not(text: str) -> None:
    assert read_stages(text) == []


@pytest.mark.parametrize(
    ("value", "now", "wanted"),
    [
        ("小试→中试", "lab", "pilot"),
        ("小试 -> 中试", "lab", "pilot"),
        ("小试到中试", "lab", "pilot"),
        ("中试→量产", "pilot", "production"),
        ("样机验证", None, "prototype"),
        ("检测验证", None, "verification"),
    ],
)
def test_field(value: str, now: Stage | None, wanted: Stage | None) -> None:
    stage = read_stage_field(value)
    assert stage is not None
    assert (stage.now, stage.wanted, stage.start, stage.text) == (now, wanted, None, value)


@pytest.mark.parametrize("value", ["", "  ", "未知"])
def test_field_may_say_nothing(value: str) -> None:
    assert read_stage_field(value) is None


def test_field_refuses_other_words() -> None:
    with pytest.raises(InvalidInput, match="阶段“下周”") as refusal:
        read_stage_field("下周")
    assert refusal.value.field == "stage"
    assert all(name in str(refusal.value.hint) for name in FIELD_STAGES)


@given(st.text(alphabet="小试中量产样机检测验证放大完成已代工,。实验室里报告", max_size=40))
@settings(max_examples=100, deadline=None)
def test_one_stage_at_most_with_a_true_span(text: str) -> None:
    stages = read_stages(text)
    assert len(stages) <= 1
    for stage in stages:
        assert text[stage.start : stage.end] == stage.text
        assert stage.now or stage.wanted


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("不要求CNAS", []),
        ("没有CNAS也可以", []),
        ("CNAS有没有无所谓", []),
        ("不要求CNAS,要第三方报告", ["第三方"]),
        ("不要求CNAS,做中试放大", ["中试"]),
        ("没有CNAS也可以,做电池测试", ["测试"]),
    ],
)
def test_a_certificate_that_is_waived_is_no_stage(text: str, stages: list[str]) -> None:
    found = Reader.load().read(Need(text=text), date(2026, 1, 5)).requirements
    assert [one.text for one in found if isinstance(one, StageRequirement)] == stages
