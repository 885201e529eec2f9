"""Empty forms to fill in: headings, one example row, lists to choose from, and a sheet that explains each column."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from matcher.catalogue.exporting.guide import example_of, note_of
from matcher.catalogue.exporting.sheets import heading_cell, set_widths, text_cell
from matcher.catalogue.importing.columns import FORM_COLUMNS, FormColumn
from matcher.catalogue.importing.headings import FORM_NAMES, Form
from matcher.errors import InvalidInput

#: Choices are offered down to here; below, the import checks them all the same.
_LAST_ROW = 2_000
_GUIDE = (
    ("怎样填", "每行一个条目。第一列写“示例”的行不会导入,可以保留,也可以删去。"),
    ("怎样改", "标题不要改名;列的次序可以变,不用的列可以删去。标题行上方可以有大标题。"),
    ("多项", "一格里有几项时用 ; 或 、 或换行隔开;某一项自身含有这些符号时,在符号前加 \\。"),
    ("导入前", "先预览:每行会标明新增、更新、疑似重复或有误;确认之前不会写入任何内容。"),
    ("个人信息", "联系人、电话、邮箱不会导入,请不要填写。"),
)


def template(form: Form = "template") -> bytes:
    """Return an .xlsx to fill in.

    Raises:
        InvalidInput: JSON lines have no template.
    """
    if form not in FORM_COLUMNS:
        raise InvalidInput("JSON Lines 没有模板", hint=f"可用:{'、'.join(FORM_COLUMNS)}", field="form")
    columns = FORM_COLUMNS[form]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "供给条目"
    set_widths(sheet, columns)
    sheet.freeze_panes = "A2"
    sheet.append([heading_cell(sheet, column.heading) for column in columns])
    sheet.append([text_cell(sheet, example) if (example := example_of(column.heading)) else None for column in columns])
    for number, column in enumerate(columns, 1):
        if column.choices:
            _offer(sheet, get_column_letter(number), column)
    _explain(book, form, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offer(sheet: Any, letter: str, column: FormColumn) -> None:
    validation = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    validation.error = f"请从列表中选择:{'、'.join(column.choices)}"
    validation.errorTitle = column.heading
    validation.showErrorMessage = True
    validation.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(validation)


def _explain(book: Any, form: Form, columns: tuple[FormColumn, ...]) -> None:
    guide = book.create_sheet("填写说明")
    guide.column_dimensions["A"].width = 24
    guide.column_dimensions["B"].width = 90
    guide.append([heading_cell(guide, FORM_NAMES[form]), heading_cell(guide, "说明")])
    for what, how in _GUIDE:
        guide.append([what, how])
    guide.append([])
    guide.append([heading_cell(guide, "列"), heading_cell(guide, "填什么")])
    for column in columns:
        choices = f"只能是:{'、'.join(column.choices)}" if column.choices else ""
        guide.append([column.heading, ";".join(part for part in (note_of(column.heading), choices) if part)])
