"""Listings go out and come in again; no cell becomes a formula; every character has a place."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.exporting.files import Encoding, Exported, FileType, export
from matcher.catalogue.exporting.neutral import CELL_MAX, escaped, storable
from matcher.catalogue.importing.cells import cleaned
from matcher.catalogue.importing.delimited import TRIGGERS
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import Known
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.listings.amounts import is_below_nothing, is_empty
from matcher.catalogue.listings.limits import (
    ID_MAX,
    ITEMS_MAX,
    MARK_MAX,
    NAME_MAX,
    SUMMARY_MAX,
    TEXT_MAX,
    URL_MAX,
    checked,
)
from matcher.catalogue.listings_file import read_listings
from matcher.errors import InvalidInput
from matcher.records import KINDS, Listing, Parameter
from matcher.terms import PLATFORM_TYPE_NAMES, TIER_NAMES, Fee, MachineHours, Terms, Verification, Window
from matcher.understanding.forms import without_contacts

SHIPPED = read_listings(Path(__file__).parents[4] / "datasets" / "listings.jsonl")
#: Pieces that forms, formulas and lists give a meaning to.
_PIECES = ("'", "=", "+", "-", "@", "\t", "a", "_x0041_", ";", "、", "\\", "\n", ":", "(", "1", "示例")
#: Contacts are blotted out on the way in, and blanks at the ends go: what comes in has neither.
TEXTS = (
    (st.text(max_size=20) | st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
    .map(lambda text: cleaned(text))
    .filter(lambda text: without_contacts(text) == text)
)
WORDS = TEXTS.map(lambda text: text or "字")
LINES = TEXTS.map(lambda text: " ".join(text.split()) or "名")
ITEMS = st.lists(WORDS, max_size=3, unique=True).map(tuple)
NUMBERS = st.none() | st.floats(-1e12, 1e12, allow_nan=False)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(str)


def in_order(low: Any, high: Any) -> tuple[Any, Any]:
    return (high, low) if low is not None and high is not None and low > high else (low, high)


#: Those that say something, and something that can be.
PARAMETERS = st.builds(
    lambda name, low, high, unit: Parameter(name, *in_order(low, high), unit),
    LINES,
    NUMBERS,
    NUMBERS,
    st.none() | LINES,
).filter(lambda one: not is_empty(one) and not is_below_nothing(one))
POSITIVE = st.none() | st.floats(0, 1e9, allow_nan=False)
TERMS = st.builds(
    Terms,
    tier=st.none() | st.sampled_from(sorted(TIER_NAMES)),
    tier_evidence=st.none() | WORDS,
    tier_expires=DAYS,
    platform_type=st.none() | st.sampled_from(sorted(PLATFORM_TYPE_NAMES)),
    verifications=st.lists(st.sampled_from(get_args(Verification)), unique=True).map(tuple),
    windows=st.lists(
        st.builds(lambda a, b, note: Window(*in_order(a, b), note), DAYS, DAYS, st.none() | LINES),
        max_size=2,
        unique=True,
    ).map(tuple),
    queue_days=st.none() | st.floats(0, 10_000),
    lead_days=st.none() | st.floats(0, 10_000),
    open_share=st.none() | st.floats(0, 1),
    fees=st.lists(
        st.builds(
            lambda item, a, b, per: Fee(item, *in_order(a, b), per), LINES, POSITIVE, POSITIVE, st.none() | LINES
        ),
        max_size=2,
        unique=True,
    ).map(tuple),
    minimum_batch=st.none() | PARAMETERS,
    machine_hours=st.lists(st.builds(MachineHours, st.floats(0, 8784), st.none() | LINES), max_size=2, unique=True).map(
        tuple
    ),
    vouchers=ITEMS,
    insurance=st.none() | WORDS,
    leasing=st.none() | WORDS,
    ip_terms=st.none() | WORDS,
)
LISTINGS = st.builds(
    Listing,
    id=st.from_regex(r"[A-Z]{2}-[0-9]{1,6}", fullmatch=True),
    kind=st.sampled_from(KINDS),
    name=LINES,
    operator=st.none() | LINES,
    province=st.sampled_from([None, "广东省"]),
    city=st.none(),
    industry=ITEMS,
    summary=TEXTS,
    capabilities=ITEMS,
    equipment=ITEMS,
    parameters=st.lists(PARAMETERS, max_size=3, unique=True).map(tuple),
    qualifications=ITEMS,
    services=ITEMS,
    level=st.none() | WORDS,
    source_url=st.sampled_from([None, "https://a.cn/b?c=d"]),
    source_title=st.none() | WORDS,
    source_date=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)).map(str),
    terms=TERMS,
)


def exported(
    listings: list[Listing], form: Form = "template", file_type: FileType = "xlsx", encoding: Encoding = "utf-8-sig"
) -> bytes:
    out = io.BytesIO()
    export(listings, form, out, file_type=file_type, encoding=encoding)
    return out.getvalue()


def imported(data: bytes) -> list[Listing | None]:
    return [row.listing for row in preview(read_table("x", data), []).rows]


WAYS: list[tuple[Form, FileType, Encoding]] = [
    ("template", "xlsx", "utf-8-sig"), ("template", "csv", "utf-8-sig"), ("template", "csv", "gb18030"),
    ("jsonl", "jsonl", "utf-8-sig"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "file_type", "encoding"), WAYS)
def test_the_shipped_catalogue_comes_back_whole(form: Form, file_type: FileType, encoding: Encoding) -> None:
    data = exported(list(SHIPPED), form, file_type, encoding)
    found = preview(read_table("x", data), [Known(one) for one in SHIPPED])
    assert found.counts() == {"new": 0, "changed": 0, "same": len(SHIPPED), "duplicate": 0, "error": 0}
    assert found.problems() == []
    assert [row.listing for row in found.rows] == list(SHIPPED)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "file_type", "encoding"), WAYS[:3])
@settings(max_examples=40, deadline=None)
@given(one=LISTINGS)
def test_any_listing_comes_back_as_it_went(form: Form, file_type: FileType, encoding: Encoding, one: Listing) -> None:
    found = preview(read_table("x", exported([one], form, file_type, encoding)), [])
    (row,) = found.rows
    assert [problem for problem in row.problems if problem.level == "error"] == []
    assert row.listing == one


FULL = replace(
    SHIPPED[0],
    id="x" * ID_MAX,
    name="名" * NAME_MAX,
    operator="位" * NAME_MAX,
    summary="简" * SUMMARY_MAX,
    industry=("业" * MARK_MAX,),
    capabilities=tuple(f"第{number}项" for number in range(ITEMS_MAX)),
    services=("务" * TEXT_MAX,),
    parameters=tuple(Parameter(f"参数{number}", 1, 2, "L") for number in range(ITEMS_MAX)),
    level="级" * TEXT_MAX,
    source_url="https://a.cn/" + "b" * (URL_MAX - 13),
    source_title="题" * TEXT_MAX,
    terms=Terms(tier_evidence="据" * TEXT_MAX, vouchers=("券" * MARK_MAX,), ip_terms="权" * TEXT_MAX),
)


@pytest.mark.parametrize(("form", "file_type", "encoding"), WAYS)
def test_a_listing_as_full_as_can_be_comes_back(form: Form, file_type: FileType, encoding: Encoding) -> None:
    assert checked(FULL) == FULL
    (row,) = preview(read_table("x", exported([FULL], form, file_type, encoding)), [Known(FULL)]).rows
    assert (row.outcome, row.problems) == ("same", ())


def test_what_the_database_refuses_is_an_error_of_its_row_before_anything_is_written() -> None:
    worse = replace(FULL, level="级" * (TEXT_MAX + 1), capabilities=FULL.capabilities * 2, source_title="题\x07")
    with pytest.raises(InvalidInput):
        checked(worse)
    (row,) = preview(read_table("x", exported([worse], "jsonl", "jsonl")), []).rows
    assert row.outcome == "error"
    assert [one.code for one in row.problems] == ["length", "length", "control"]


@pytest.mark.parametrize("form", ["directory", "instruments", "uniquip"])
@pytest.mark.parametrize("file_type", ["xlsx", "csv"])
def test_the_other_forms_keep_what_they_have_columns_for(form: Form, file_type: FileType) -> None:
    one = replace(
        SHIPPED[0],
        kind="equipment",
        name="液相色谱仪\uff08LC-1\uff09",
        parameters=(Parameter("流速", 1, 10, "mL/min"),),
        capabilities=("成分分析",),
        source_url="https://a.cn/b",
    )
    found = preview(read_table("x", exported([one], form, file_type)), []).rows[0]
    assert found.form == form
    assert found.listing is not None
    assert (found.listing.name, found.listing.kind) == (one.name, "equipment")
    assert (found.listing.operator, found.listing.province, found.listing.city) == (
        one.operator,
        one.province,
        one.city,
    )
    assert (found.listing.capabilities, found.listing.source_url) == (one.capabilities, one.source_url)
    assert found.listing.id == one.id or form == "directory"
    assert found.listing.parameters == (() if form == "uniquip" else one.parameters)


def test_a_platform_comes_back_from_a_register_of_instruments_as_a_platform() -> None:
    one = replace(SHIPPED[0], kind="platform")
    (row,) = preview(read_table("x", exported([one], "instruments")), [Known(one)]).rows
    assert row.listing is not None
    assert (row.listing.id, row.listing.kind) == (one.id, "platform")


DANGEROUS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "'=1", "''+x"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_csv_cell_begins_like_a_formula(text: str) -> None:
    one = Listing("PF-1", "platform", f"x{text}", summary=text, operator=text)
    data = exported([one], file_type="csv")
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(TRIGGERS)]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_xlsx_cell_is_a_formula(text: str) -> None:
    data = exported([Listing("PF-1", "platform", "x", summary=text)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    cell = openpyxl.load_workbook(io.BytesIO(data)).active["H2"]
    assert cell.data_type == "s"
    assert cell.value == storable(text)
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@"))


def test_characters_that_no_file_holds_go_and_are_counted() -> None:
    one = Listing("PF-1", "platform", "甲", summary="a\x00b\ud800c\x1b")
    for file_type in ("xlsx", "csv"):
        out = io.BytesIO()
        done = export([one], "template", out, file_type=file_type)  # type: ignore[arg-type]  # one of the two
        assert done == Exported(1, cleaned=1)
        (back,) = imported(out.getvalue())
        assert back is not None
        assert back.summary == "abc"


def test_half_surrogates_in_json_lines_are_replaced_and_counted() -> None:
    out = io.BytesIO()
    assert export([Listing("PF-1", "platform", "甲\ud800")], "jsonl", out) == Exported(1, cleaned=1)
    assert "甲?".encode() in out.getvalue()


def test_texts_longer_than_a_cell_are_cut_and_counted() -> None:
    out = io.BytesIO()
    assert export([Listing("PF-1", "platform", "甲", summary="长" * (CELL_MAX + 5))], "template", out).cut == 1
    assert openpyxl.load_workbook(io.BytesIO(out.getvalue())).active["H2"].value == "长" * CELL_MAX


def test_gb18030_holds_rare_characters() -> None:
    one = Listing("PF-1", "platform", "䶮😀㎡平台", summary="Ω≥½")
    data = exported([one], file_type="csv", encoding="gb18030")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert "㎡" in data.decode("gb18030")
    assert imported(data) == [one]


def test_letters_in_escapes_stay_letters() -> None:
    assert escaped("_x0041_ _x_ _X0041_") == "_x005F_x0041_ _x_ _X0041_"
    one = Listing("PF-1", "platform", "甲", summary="_x0041_")
    assert imported(exported([one])) == [one]


def test_utf8_files_carry_the_mark_that_excel_knows() -> None:
    assert exported([], file_type="csv").startswith("\ufeff编号,类别,名称".encode())


def test_sheets_have_their_headings_frozen() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported([SHIPPED[0]]))).active
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]][:4] == ["编号", "类别", "名称", "运营单位"]
    assert sheet.title == "供给条目"


def test_a_form_that_a_file_cannot_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="名录不能写成 JSON Lines"):
        export([], "directory", io.BytesIO(), file_type="jsonl")


def test_personal_columns_are_left_empty() -> None:
    for form in ("instruments", "uniquip"):
        data = exported([SHIPPED[0]], form, "csv").decode("utf-8-sig")  # type: ignore[arg-type]  # one of the two
        heading, row = csv.reader(io.StringIO(data))
        assert [cell for name, cell in zip(heading, row, strict=True) if "联系" in name or "Contact" in name] in (
            [""],
            ["", ""],
        )


def test_progress_counts_listings() -> None:
    told: list[int] = []
    export(SHIPPED[:450], "template", io.BytesIO(), file_type="csv", progress=told.append)
    assert told == [200, 400, 450]


def test_the_stream_stays_open_and_is_written_from_where_it_stands() -> None:
    out = io.BytesIO()
    out.write(b"#")
    export([SHIPPED[0]], "template", out, file_type="csv", encoding="gb18030")
    assert not out.closed
    assert out.getvalue().startswith("#编号".encode("gb18030"))
