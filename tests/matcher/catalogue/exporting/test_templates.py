"""The empty forms: headings, an example that is never imported, lists to choose from, and a guide."""

from __future__ import annotations

import io

import openpyxl
import pytest

from matcher.catalogue.exporting.guide import GUIDE, example_of, note_of
from matcher.catalogue.exporting.templates import template
from matcher.catalogue.importing.columns import FORM_COLUMNS, TEMPLATE
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.reading import read_table
from matcher.errors import InvalidInput
from tests.matcher.catalogue.importing.files import previewed, saved

FORMS: list[Form] = list(FORM_COLUMNS)


@pytest.mark.parametrize("form", FORMS)
def test_an_untouched_template_imports_nothing(form: Form) -> None:
    with pytest.raises(InvalidInput, match="没有可导入的行"):
        preview(read_table("x.xlsx", template(form)), [])


@pytest.mark.parametrize("form", FORMS)
def test_the_example_is_a_row_that_would_be_read_without_fault(form: Form) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(form)))
    sheet = book["供给条目"]
    for cell in sheet[2]:
        if str(cell.value) in ("示例", "EXAMPLE"):
            cell.value = None
    (row,) = previewed(saved(book)).rows
    assert row.form == form
    assert row.outcome == "new"
    assert row.problems == ()


def test_the_full_example_fills_its_fields() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    book["供给条目"]["A2"] = None
    listing = previewed(saved(book)).rows[0].listing
    assert listing is not None
    assert (listing.kind, listing.city, listing.terms.tier) == ("platform", "东莞市", "province")
    assert listing.parameters[0].max == 5000
    assert listing.terms.fees[0].per == "批"


def test_a_filled_template_is_read_and_the_guide_is_not() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    book["供给条目"].append([None, "中试设备", "甲设备"])
    found = previewed(saved(book))
    assert [row.listing.name for row in found.rows if row.listing] == ["甲设备"]
    assert "工作表“填写说明”没有认得的标题行,没有导入" in found.notes
    assert "略去示例行 1 行" in found.notes


def test_kinds_and_other_choices_are_offered_as_lists() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template()))["供给条目"]
    offered = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert offered["B2:B2000"] == '"中试平台,中试设备,中试代工厂,中试解决方案,案例,政策"'
    assert len(offered) == sum(bool(column.choices) for column in TEMPLATE) == 3


@pytest.mark.parametrize("form", FORMS)
def test_every_column_is_explained(form: Form) -> None:
    guide = openpyxl.load_workbook(io.BytesIO(template(form)))["填写说明"]
    listed = [row[0].value for row in guide.iter_rows()]
    for column in FORM_COLUMNS[form]:
        assert column.heading in listed


def test_the_guide_speaks_only_of_headings_that_exist() -> None:
    headings = {column.heading for columns in FORM_COLUMNS.values() for column in columns}
    assert GUIDE.keys() <= headings
    assert (note_of("没有这一列"), example_of("没有这一列")) == ("", "")


def test_json_lines_have_no_template() -> None:
    with pytest.raises(InvalidInput, match="没有模板"):
        template("jsonl")
