from __future__ import annotations

import pytest

from matcher.ranking.facts import default_tables
from matcher.ranking.offers import industries_of, stages_of
from matcher.records import Evidence, Stage
from tests.matcher.ranking.stated import listing


@pytest.mark.parametrize(
    ("service", "stages"),
    [
        ("中试熟化", {"pilot"}),
        ("小批量试产", {"pilot", "production"}),
        ("CDMO", {"production"}),
        ("检测认证", {"verification"}),
        ("打样", {"prototype"}),
        ("概念验证", {"lab", "verification"}),
        ("投资", set()),
    ],
)
def test_services_tell_the_stages(service: str, stages: set[Stage]) -> None:
    assert set(stages_of(listing(services=(service,)))) == stages


def test_what_is_sold_is_quoted_before_what_is_named() -> None:
    offer = listing(name="某中试基地", services=("工艺放大",), summary="可做中试。")
    assert stages_of(offer)["pilot"] == Evidence("services[0]", "工艺放大")


def test_a_word_of_running_text_is_quoted_alone() -> None:
    assert stages_of(listing(summary="可为客户做样机,很快。"))["prototype"] == Evidence("summary", "样机")


def test_nothing_said_is_nothing_offered() -> None:
    assert stages_of(listing()) == {}


def test_quotations_stand_in_their_fields() -> None:
    offer = listing(name="检测中心", capabilities=("量产爬坡",), equipment=("中试线",))
    fields = {"name": offer.name, "capabilities[0]": "量产爬坡", "equipment[0]": "中试线"}
    for evidence in stages_of(offer).values():
        assert evidence.text in fields[evidence.field]


def offered(**words: tuple[str, ...]) -> set[str]:
    """The ids of industries that a listing offers which says nothing else."""
    return set(industries_of(listing(**words), default_tables().industries))  # type: ignore[arg-type]  # names of fields


@pytest.mark.parametrize(
    ("capability", "id"),
    [
        ("按需注塑", "injection-moulding"),
        ("面向汽车的按需注塑", "injection-moulding"),
        ("为汽车客户做注塑", "injection-moulding"),
        ("提供发酵与冻干", "fermentation"),
        ("不间断发酵", "fermentation"),
        ("不含喷涂,可做电镀", "surface-treatment"),
        ("不锈钢焊接", "welding"),
    ],
)
def test_what_is_done_names_its_industry(capability: str, id: str) -> None:
    assert id in offered(capabilities=(capability,))


@pytest.mark.parametrize(
    "capability",
    [
        "面向汽车", "用于锂电池", "半导体用石英件", "服务光伏企业", "汽车行业客户", "不提供发酵", "暂不承接电镀",
        "尚未开展发酵", "无法做注塑", "发酵(规划)", "发酵在建", "拟建注塑", "电镀外协", "除发酵外的提取", "数智化工艺",
        "仪器共享", "ODM",
    ],
)  # fmt: skip
def test_a_mere_mention_is_no_offer(capability: str) -> None:
    assert offered(capabilities=(capability,)) == set()


def test_industries_above_are_offered_too() -> None:
    assert offered(services=("流片",)) == {"chip-manufacturing", "semiconductors", "information-industry"}


def test_lines_make_what_they_are_called_after_and_machines_do_not() -> None:
    assert "moulds" in offered(equipment=("模具中试线2条",))
    assert offered(equipment=("光刻机", "AGV小车")) == set()


def test_names_and_summaries_offer_nothing() -> None:
    whole = listing(name="某某新材料公司", summary="面向光伏、锂电池与汽车企业。", qualifications=("食品生产许可",))
    assert industries_of(whole, default_tables().industries) == {}


def test_an_offer_is_quoted() -> None:
    found = industries_of(listing(capabilities=("按需注塑",)), default_tables().industries)
    assert set(found.values()) == {Evidence("capabilities[0]", "按需注塑")}
