"""Labels of forms, in whatever dress, and the fields they open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.forms import Form, field_of, unit_of, without_contacts


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("需求名称", "title"),
        ("一、需求名称:", "title"),
        ("(二)主要问题", "problem"),
        ("3. 技 术 指 标", "target"),
        ("★拟投入资金(万元)", "budget"),
        ("主要内容(限500字)", "problem"),
        ("联系人", "private"),
        ("E-mail", "private"),
        ("备注", "other"),
        ("发酵罐", None),
        ("我们的技术指标是脱盐率不低于百分之九十九", None),
        ("", None),
    ],
)
def test_field_of(label: str, field: str | None) -> None:
    assert field_of(label) == field


@pytest.mark.parametrize(
    ("label", "unit"), [("预算(万元)", "万元"), ("预算(单位)", ""), ("预算", ""), ("投入(元)", "元")]
)
def test_unit_of(label: str, unit: str) -> None:
    assert unit_of(label) == unit


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话13800138000", "电话(略)"),
        ("138 0013 8000", "(略)"),
        ("0769-12345678", "(略)"),
        ("a.b@c.com.cn", "(略)"),
        ("转速13800转", "转速13800转"),
        ("500-5000 L", "500-5000 L"),
        ("2026-06-30", "2026-06-30"),
    ],
)
def test_without_contacts(text: str, left: str) -> None:
    assert without_contacts(text) == left


def form_of_rows(*rows: tuple[str, ...]) -> Form:
    form = Form()
    form.add_rows(rows)
    return form


class TestLines:
    def test_value_beside_and_below(self) -> None:
        form = Form()
        form.add_lines(["需求名称:银浆", "主要问题", "第一行", "第二行", "备注:无", "预算", "50万元"])
        assert form.fields == {"title": "银浆", "problem": "第一行\n第二行", "budget": "50万元"}
        assert form.text.splitlines()[0] == "需求名称:银浆"

    def test_words_before_any_label_are_text_only(self) -> None:
        form = Form()
        form.add_lines(["说明:本表用于征集", "需求名称:银浆"])
        assert form.fields == {"title": "银浆"}
        assert "本表用于征集" in form.text

    def test_a_private_value_below_its_label_is_dropped(self) -> None:
        form = Form()
        form.add_lines(["联系人", "", "张三", "需要中试"])
        assert form.text == "需要中试"
        assert form.dropped == 2

    def test_a_private_value_beside_its_label_ends_there(self) -> None:
        form = Form()
        form.add_lines(["单位名称:某公司", "需要中试"])
        assert form.text == "需要中试"

    def test_the_same_label_twice_is_joined(self) -> None:
        form = Form()
        form.add_lines(["主要问题:一", "主要问题:二"])
        assert form.fields == {"problem": "一\n二"}


class TestRows:
    def test_pairs_in_one_row(self) -> None:
        form = form_of_rows(("需求名称", "银浆", "联系人", "张三"), ("预算(万元)", "50", "行业", "电子"))
        assert form.fields == {"title": "银浆", "budget": "50万元", "industry": "电子"}
        assert "张三" not in form.text

    def test_a_label_above_its_value(self) -> None:
        assert form_of_rows(("主要问题",), ("良率低",)).fields == {"problem": "良率低"}

    def test_label_and_value_in_one_cell(self) -> None:
        assert form_of_rows(("需求名称:银浆", "预算:50万")).fields == {"title": "银浆", "budget": "50万"}

    def test_a_header_above_rows_takes_the_first_row(self) -> None:
        form = form_of_rows(("需求名称", "联系人", "预算"), ("银浆", "张三", "50"), ("陶瓷", "李四", "60"))
        assert form.fields == {"title": "银浆", "budget": "50"}
        assert "陶瓷" in form.text
        assert "张三" not in form.text
        assert "李四" not in form.text

    def test_other_tables_are_text(self) -> None:
        form = form_of_rows(("容积", "数量"), ("500 L", "2 台"))
        assert form.fields == {}
        assert form.text.split() == ["容积", "数量", "500", "L", "2", "台"]


@given(
    st.lists(
        st.sampled_from(
            ["联系人:张三", "联系电话:13800138000", "手机", "13912345678", "需求名称:银浆", "电话:a@b.cn", ""]
        ),
        max_size=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_contact_survives(lines: list[str]) -> None:
    form = Form()
    form.add_lines(lines)
    everything = form.text + "".join(form.fields.values())
    assert not any(secret in everything for secret in ("张三", "13800138000", "13912345678", "a@b.cn"))
