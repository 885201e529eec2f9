"""Deadlines in days from a given today; impossible and past dates are noted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.deadlines import read_deadline_field, read_deadlines
from matcher.understanding.text import normalise

TODAY = date(2025, 7, 1)


@pytest.mark.parametrize(
    ("text", "span", "days"),
    [
        ("三个月内出报告", "三个月内", 90),
        ("兩週內要結果", "两周内", 14),
        ("十个工作日内", "十个工作日内", 14),
        ("先打50片,五天交货。", "五天交货", 5),
        ("半年内", "半年内", 183),
        ("一个半月内完成", "一个半月内", 45),
        ("一年半内投产", "一年半内", 548),
        ("两三个月内拿到", "两三个月内", 90),
        ("2-3个月内", "2-3个月内", 90),
        ("俩月内", "俩月内", 60),
        ("仨月交付", "仨月交付", 90),
        ("加急,一周", "加急,一周", 7),
        ("加急:三天,做喷涂", "加急:三天", 3),
        ("尽快,一周左右", "尽快,一周左右", 7),
        ("急,48小时", "急,48小时", 2),
        ("72小时内出结果", "72小时内", 3),
        ("工期3个月,预算120万", "工期3个月", 90),
        ("交货期不超过30天", "交货期不超过30天", 30),
        ("4个月做完,分两期", "4个月做完", 120),
        ("within 3 months", "within 3 months", 90),
        ("report in two weeks please", "in two weeks", 14),
    ],
)
def test_reads_a_span(text: str, span: str, days: int) -> None:
    (deadline,) = read_deadlines(normalise(text), TODAY).requirements
    assert (deadline.text, deadline.interval.max, deadline.date) == (span, days, None)


@pytest.mark.parametrize(
    ("text", "span", "last"),
    [
        ("年底前完成", "年底前", "2025-12-31"),
        ("项目年底前得交样", "年底前", "2025-12-31"),
        ("月底展会要用", "月底", "2025-07-31"),
        ("下月底前", "下月底前", "2025-08-31"),
        ("2026年6月底前拿到报告", "2026年6月底前", "2026-06-30"),
        ("2026年6月前", "2026年6月前", "2026-05-31"),
        ("5月底前取得报告", "5月底前", "2026-05-31"),
        ("今年9月底前完成", "今年9月底前", "2025-09-30"),
        ("十月底之前要结果", "十月底之前", "2025-10-31"),
        ("做发酵,12月底", "12月底", "2025-12-31"),
        ("下个月中旬前", "下个月中旬前", "2025-08-15"),
        ("下月初交样", "下月初", "2025-08-05"),
        ("12/31之前交付", "12/31之前", "2025-12-31"),
        ("3/5前要报告", "3/5前", "2026-03-05"),
        ("9月中旬前", "9月中旬前", "2025-09-15"),
        ("明年一季度", "明年一季度", "2026-03-31"),
        ("明年二季度前交付", "明年二季度前", "2026-03-31"),
        ("明年二季度末前交付", "明年二季度末前", "2026-06-30"),
        ("明年上半年上线", "明年上半年", "2026-06-30"),
        ("最迟2026年3月31日完成", "2026年3月31日", "2026-03-31"),
        ("2026-06-30前", "2026-06-30前", "2026-06-30"),
        ("截止2026/6/30", "2026/6/30", "2026-06-30"),
        ("今年底", "今年底", "2025-12-31"),
        ("2026年底前", "2026年底前", "2026-12-31"),
        ("本月内", "本月内", "2025-07-31"),
        ("下周就要", "下周", "2025-07-13"),
        ("下周五之前", "下周五之前", "2025-07-11"),
        ("下周前", "下周前", "2025-07-06"),
        ("本周内要结果", "本周内", "2025-07-06"),
        ("春节前", "春节前", "2026-02-16"),
        ("明年春节前交样", "明年春节前", "2026-02-16"),
        ("年前要拿到样品", "年前", "2026-02-16"),
        ("最好年前,能快更好", "年前", "2026-02-16"),
        ("2025年12月1日-2026年3月31日之间", "2025年12月1日-2026年3月31日", "2026-03-31"),
        ("12月-明年2月进场", "12月-明年2月", "2026-02-28"),
        ("9月至11月期间", "9月至11月", "2025-11-30"),
        ("国庆节之前", "国庆节之前", "2025-09-30"),
        ("十一前交样", "十一前", "2025-09-30"),
        ("元旦就要", "元旦", "2026-01-01"),
        ("25年Q4之前", "25年Q4之前", "2025-09-30"),
        ("2027年Q1", "2027年Q1", "2027-03-31"),
        ("2027Q2前完成", "2027Q2前", "2027-03-31"),
        ("26年6月底前", "26年6月底前", "2026-06-30"),
        ("周期:2027年1月至2027年12月", "2027年1月至2027年12月", "2027-12-31"),
        ("项目周期:2027年1月至12月", "2027年1月至12月", "2027-12-31"),
        ("2026年3月到6月交付", "2026年3月到6月", "2026-06-30"),
        ("年底就要", "年底", "2025-12-31"),
        ("by June 2026", "by June 2026", "2026-06-30"),
        ("before 2027", "before 2027", "2026-12-31"),
        ("by end of 2026", "by end of 2026", "2026-12-31"),
    ],
)
def test_reads_a_date(text: str, span: str, last: str) -> None:
    (deadline,) = read_deadlines(text, TODAY).requirements
    assert (deadline.text, deadline.date) == (span, last)
    assert deadline.interval.max == (date.fromisoformat(last) - TODAY).days


@pytest.mark.parametrize(
    "text",
    [
        "保质期6个月内不变色",
        "近三个月内做过小试",
        "连续跑三个月以上",
        "连续运行1000小时内不衰减",
        "去年底完成小试",
        "2020年完成小试",
        "目标2025年达产",
        "公司2023年3月前后成立",
        "按GB/T 2423.10-2019试验",
        "版本 2026.06",
        "十年内不降解",
        "内径5天",
        "上半年完成了小试",
        "三月龄小鼠",
        "前道工序在5月",
        "应急,一周",
        "急性毒性,一周",
        "加急,一周两批",
        "尽快,2天一批",
        "加急,连续运行一周",
        "做喷涂,一周",
        "99999999999999999999天内",
        "下周开会",
        "下周期开始",
        "春节前后",
        "三年前做过",
        "几年前",
        "去年前后",
        "年前端",
        "标准号GB-2026年3月31日期间",
        "春节后交付",
        "2041年春节前",
        "二十一前",
        "保质期25年",
        "AEC-Q100交付",
        "2027年1月至2027年12月举办",
        "",
    ],
)
def test_leaves_other_times(text: str) -> None:
    assert read_deadlines(text, TODAY).requirements == ()


@pytest.mark.parametrize("text", ["2024.13.45", "2024.13.45前完成", "2026年2月30日前交货", "2026-00-10"])
def test_a_date_that_does_not_exist_is_noted(text: str) -> None:
    deadlines = read_deadlines(text, TODAY)
    assert deadlines.requirements == ()
    assert "不存在" in deadlines.notes[0]


def test_a_past_date_is_noted() -> None:
    deadlines = read_deadlines("2024年2月前完成", TODAY)
    assert deadlines.requirements == ()
    assert deadlines.notes == ("期限“2024年2月前”(2024-01-31)已过,未作为条件",)


class TestField:
    @pytest.mark.parametrize(
        ("value", "days"),
        [
            ("5天", 5),
            ("三个月", 90),
            ("2025-09", 91),
            ("2026-06-30", 364),
            ("月底", 30),
            ("2026年", 548),
            ("十月底前", 122),
        ],
    )
    def test_needs_no_words_around(self, value: str, days: int) -> None:
        (deadline,) = read_deadline_field(value, TODAY).requirements
        assert deadline.interval.max == days

    @pytest.mark.parametrize(
        ("value", "note"), [("尽快", "不是可以计算的时间"), ("2024-13-01", "不存在"), ("2024-12-01", "已过")]
    )
    def test_notes_what_it_cannot_use(self, value: str, note: str) -> None:
        deadlines = read_deadline_field(value, TODAY)
        assert deadlines.requirements == ()
        assert note in deadlines.notes[0]

    def test_blank_says_nothing(self) -> None:
        assert read_deadline_field("  ", TODAY).notes == ()


@given(
    st.dates(date(2025, 7, 1), date(2035, 12, 31)),
    st.sampled_from(["{:%Y-%m-%d}前", "{:%Y年%m月%d日}前", "截止{:%Y/%m/%d}"]),
)
@settings(max_examples=80, deadline=None)
def test_a_written_date_is_read_back(day: date, form: str) -> None:
    (deadline,) = read_deadlines(form.format(day), TODAY).requirements
    assert deadline.date == day.isoformat()
    assert TODAY + timedelta(days=int(deadline.interval.max)) == day


@given(
    st.text(alphabet="0123456789年月日前底内个周天季度一二三十半明今本下上-/.~到 完成交付,。", max_size=30), st.dates()
)
@settings(max_examples=100, deadline=None)
def test_never_fails_and_spans_are_true(text: str, today: date) -> None:
    for deadline in read_deadlines(text, today).requirements:
        assert text[deadline.start : deadline.end] == deadline.text
        assert deadline.interval.max >= 0
    read_deadline_field(text, today)
