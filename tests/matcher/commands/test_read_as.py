"""What was read, as its writer would say it."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.commands.read_as import read_as
from matcher.ranking.facts import default_tables
from matcher.records import CertificateRequirement, IndustryRequirement, Need
from matcher.understanding.reading import Reader

READER = Reader.load()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("发酵罐500L以上", "≥ 500 L(发酵罐,设施能力)"),
        ("纯度≥99.9%", "≥ 99.9%(纯度,产品指标)"),
        ("8英寸晶圆", "8 英寸(晶圆,设施能力)"),
        ("12层线路板", "12 层(线路板,设施能力)"),
        ("每月1000片", "1000 片/月(设施能力)"),
        ("公斤级", "公斤级(设施能力)"),
        ("约500 L的罐", "约 500 L(罐,设施能力)"),
        ("东莞附近", "东莞市附近"),
        ("离东莞100公里以内", "东莞市 100 公里以内"),
        ("离东莞100公里以外", "东莞市 100 公里以外"),
        ("不要江苏", "江苏省以外"),
        ("必须有GMP", "GMP"),
        ("预算200万以内", "≤ 200 万元"),
        ("预算20-30万", "20 万元~30 万元"),
        ("预算不低于100万元", "≥ 100 万元"),
        ("3个月内交付", "90 天内"),
        ("2026年12月31日前交付", "2026-12-31 前(121 天内)"),
        ("小试已完成,要中试放大", "小试 → 中试"),
        ("找代工厂", "中试代工厂"),
        ("石墨烯", "石墨烯"),
    ],
)
def test_in_words(text: str, words: str) -> None:
    tables = default_tables()
    read = READER.read(Need(text=text), date(2026, 9, 1)).conditions
    assert words in [read_as(one, tables.certificates, tables.industries) for one in read]


def test_what_no_table_holds_stays_as_written() -> None:
    tables = default_tables()
    odd = (CertificateRequirement(text="某证", certificate="x"), IndustryRequirement(text="某业", industry="x"))
    assert [read_as(one, tables.certificates, tables.industries) for one in odd] == ["某证", "某业"]
