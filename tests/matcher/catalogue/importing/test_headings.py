"""Headings of every form are told apart, wherever they stand."""

from __future__ import annotations

import csv

import pytest

from matcher.catalogue.importing.columns import FORM_COLUMNS
from matcher.catalogue.importing.headings import HEADINGS, bare, find_layout, heading_score, recognise
from matcher.catalogue.importing.tables import Row
from matcher.records import Listing
from matcher.terms import Terms

OTHER_FIELDS = {
    "code", "address", "district", "model", "manufacturer", "english_name", "department", "uniquip_type", "detail",
    "private", "ignored",
}  # fmt: skip


def rows(*lines: tuple[str, ...]) -> list[Row]:
    return [Row(number, line) for number, line in enumerate(lines, 1)]


def test_the_table_names_fields_that_exist_each_heading_once_and_bare() -> None:
    with HEADINGS.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines))
    names = [row["heading"] for row in table]
    assert len(names) == len(set(names)) > 400
    assert all(name == bare(name) for name in names)
    fields = {*Listing.__dataclass_fields__, *Terms.__dataclass_fields__, *OTHER_FIELDS}
    assert {row["field"] for row in table} <= fields
    assert {row["source"] for row in table} == {"template", "list", "nrii", "uniquip"}


@pytest.mark.parametrize("form", FORM_COLUMNS)
def test_every_heading_that_we_write_is_read_as_its_field_in_its_form(form: str) -> None:
    columns = FORM_COLUMNS[form]  # type: ignore[index]  # the keys are the forms
    layout = recognise([column.heading for column in columns])
    assert layout is not None
    assert layout.form == form
    for column, found in zip(columns, layout.columns, strict=True):
        assert found.field is not None, column.heading
        if column.field:
            allowed = {column.field.removeprefix("terms.")}
            allowed |= {"id": {"code"}, "kind": {"uniquip_type"}, "operator": {"department"}}.get(column.field, set())
            allowed |= {"address", "district"} if column.field == "province" else set()
            allowed |= {"model"} if column.heading == "规格型号" else set()
            assert found.field in allowed, column.heading


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (("编号", "类别", "名称", "运营单位"), "template"),
        (("序号", "平台名称", "建设单位", "所在地", "领域"), "directory"),
        (("中试平台名称", "依托单位", "拟建设类型"), "directory"),
        (("仪器设备名称", "规格型号", "生产制造商", "安放地址"), "instruments"),
        (("仪器名称", "英文名称", "型号", "所属单位"), "instruments"),
        (("Type", "ID", "Name", "Description", "Technique", "Contact Email"), "uniquip"),
        (("type", "institutionID", "name", "description", "manufacturer", "measuredVariables"), "uniquip"),
        (("Name", "Description", "Web Address", "Building"), "uniquip"),
    ],
)
def test_forms_are_told_by_their_headings(header: tuple[str, ...], form: str) -> None:
    layout = recognise(header)
    assert layout is not None
    assert layout.form == form


@pytest.mark.parametrize(
    "header", [(), ("名称",), ("运营单位", "地址"), ("2025年东莞市中试平台名录",), ("甲", "乙"), ("名称" * 20, "单位")]
)
def test_rows_that_are_no_headings(header: tuple[str, ...]) -> None:
    assert recognise(header) is None
    assert heading_score(header) == 0


@pytest.mark.parametrize(
    "heading",
    [
        "平台名称",
        " 平台 名称 ",
        "平台名称*",
        "平台名称\n(全称)",
        "平台名称\uff08全称\uff09",
        "★平台名称:",
        "1、平台名称",
        "一.平台名称",
    ],
)
def test_decoration_of_headings_does_not_matter(heading: str) -> None:
    layout = recognise((heading, "单位"))
    assert layout is not None
    assert layout.columns[0].field == "name"


def test_columns_with_a_unit_are_parameters_and_others_unknown() -> None:
    layout = recognise(("名称", "单位", "发酵罐容积(L)", "洁净面积\uff08㎡\uff09", "颜色(红)", ""))
    assert layout is not None
    assert [(one.field, one.unit) for one in layout.columns[2:]] == [
        ("parameter", "L"), ("parameter", "㎡"), (None, None), (None, None),
    ]  # fmt: skip
    assert layout.unknown == ("颜色(红)",)
    assert layout.heading("name", "operator") == "名称"
    assert layout.heading("city") is None


def test_separate_parameter_columns_keep_their_number_and_take_the_unit() -> None:
    layout = recognise(("名称", "参数名称1", "下限1", "上限1", "单位1", "参数名称2", "数值2"))
    assert layout is not None
    assert [one.field for one in layout.columns[1:]] == [
        "group:name:1", "group:min:1", "group:max:1", "group:unit:1", "group:name:2", "group:value:2",
    ]  # fmt: skip
    alone = recognise(("平台名称", "参数名称", "下限", "上限", "单位"))
    assert alone is not None
    assert alone.columns[-1].field == "group:unit:0"


def test_a_second_column_of_a_single_field_is_left_out() -> None:
    layout = recognise(("平台名称", "名称", "建设单位", "运营单位"))
    assert layout is not None
    assert [one.field for one in layout.columns] == ["name", None, "operator", "operator"]


def test_the_heading_row_is_found_below_titles() -> None:
    layout = find_layout(
        rows(("附件2",), ("2025年名录", ""), ("单位:万元",), ("序号", "名称", "单位", "地址"), ("1", "甲", "乙", "丙"))
    )
    assert layout is not None
    assert layout.row == 4
    assert find_layout(rows(("a", "b"), ("c", "d"))) is None


def test_two_rows_of_headings_are_one() -> None:
    head = Row(1, ("名称", "安放地址", "安放地址", "安放地址", "单位"), frozenset(), frozenset({2, 3}))
    below = Row(2, ("名称", "省", "市", "区县", "单位"), frozenset({0, 4}))
    layout = find_layout([head, below])
    assert layout is not None
    assert layout.row == 2
    assert [one.field for one in layout.columns] == ["name", "province", "city", "district", "operator"]
    assert layout.columns[1].heading == "安放地址-省"


def test_data_below_one_row_of_headings_is_not_joined_to_it() -> None:
    layout = find_layout(rows(("名称", "单位", "类别"), ("平台", "公司", "设备")))
    assert layout is not None
    assert layout.row == 1
