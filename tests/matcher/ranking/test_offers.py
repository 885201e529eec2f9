from __future__ import annotations

import pytest

from matcher.ranking.offers import stages_of
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
