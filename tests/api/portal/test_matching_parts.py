"""The parts that pages of matches are made of, without a browser: chips, marks, changes, quotations, reports."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from api.portal.forms import Form
from api.portal.matching.asking import ResultsQuery, all_of, count_of
from api.portal.matching.changes import act_of, changed, query_of
from api.portal.matching.quoting import quotation
from api.portal.matching.report_document import document
from api.portal.matching.report_pages import pages
from api.portal.matching.report_sheet import WIDTHS, sheet
from api.portal.matching.reporting import Report, report_of
from api.portal.matching.results import grade_counts, place_of, removed
from api.portal.matching.understood import chips_of, segments_of
from api.portal.rendering import Page
from matcher.answers import answer_json
from matcher.match import Matcher
from matcher.records import Need
from matcher.understanding.reading import Reader, as_json

TEXT = "8英寸MEMS流片,必须在深圳,要有CNAS,三个月内,预算50万以内"


def page_in(language: str = "zh") -> Page:
    """A page that only knows its language and address."""
    request = SimpleNamespace(
        cookies={"pilotmatch_language": language}, base_url="http://site.example/", headers={}, client=None, app=None
    )
    caller = SimpleNamespace(csrf=None)
    return Page(cast(Any, request), cast(Any, caller), cast(Any, SimpleNamespace(public_url=None)))


@pytest.fixture(scope="module")
def page() -> Page:
    return page_in()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def need_json(reader: Reader, text: str, **fields: Any) -> dict[str, Any]:
    understood = reader.read(Need(text, **fields))
    return {"text": text, "requirements": [as_json(one) for one in understood.requirements]}


def test_chips_are_the_conditions_with_their_words_and_meaning(page: Page, reader: Reader) -> None:
    chips = {chip.name: chip for chip in chips_of(page, need_json(reader, TEXT))}
    assert chips["place:深圳"].is_must
    assert chips["place:深圳"].meaning == "深圳市"
    assert chips["quantity:8英寸"].meaning == "200 mm"
    assert chips["kind:流片"].meaning == "中试代工厂"
    assert chips["budget:预算50万以内"].meaning == "≤ 50 万元"
    assert not chips["industry:MEMS"].is_must
    # The number of the budget and that of the deadline are no conditions of their own.
    assert [name for name in chips if name.startswith("quantity:")] == ["quantity:8英寸"]


def test_money_in_english_is_counted_in_thousands(reader: Reader) -> None:
    (chip,) = [one for one in chips_of(page_in("en"), need_json(reader, "budget under 1.5M RMB")) if one.meaning]
    assert chip.meaning == "≤ 1500 thousand CNY"


@pytest.mark.parametrize(
    ("text", "name", "meaning"),
    [
        ("不要江苏的", "place:", "不要江苏省"),
        ("东莞附近", "place:东莞", "东莞市附近"),
        ("从小试放大到中试", "stage:", "小试 → 中试"),
        ("发酵罐500L到2000L", "quantity:", "发酵罐 500–2000 L"),
    ],
)
def test_meanings_say_what_was_taken_from_the_words(
    page: Page, reader: Reader, text: str, name: str, meaning: str
) -> None:
    found = [chip.meaning for chip in chips_of(page, need_json(reader, text)) if chip.name.startswith(name)]
    assert meaning in found


def test_a_condition_of_a_field_has_no_place_in_the_text(page: Page, reader: Reader) -> None:
    (chip,) = chips_of(page, need_json(reader, "做个东西", certificates=("GMP",)))
    assert (chip.mark, chip.start) == (None, None)


def test_marks_cut_the_text_into_pieces_that_make_it_again(page: Page, reader: Reader) -> None:
    chips = chips_of(page, need_json(reader, TEXT))
    segments = segments_of(TEXT, chips)
    assert "".join(one.text for one in segments) == TEXT
    marked = {one.mark: one.text for one in segments if one.mark is not None}
    for chip in chips:
        assert chip.mark is not None
        assert chip.words in marked[chip.mark]
    # 流片 is two conditions and one mark, which leads to the first of them.
    shared = [chip for chip in chips if chip.words == "流片"]
    assert len({chip.mark for chip in shared}) == 1
    assert next(one.chip for one in segments if one.mark == shared[0].mark) == shared[0].number


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=6), st.text(min_size=40, max_size=60))
@settings(max_examples=80, deadline=None)
def test_overlapping_conditions_never_lose_or_double_a_letter(spans: list[tuple[int, int]], text: str) -> None:
    requirements = [
        {"type": "industry", "text": text[start : start + length], "start": start, "end": start + length,
         "strength": "prefer"}
        for start, length in spans
    ]  # fmt: skip
    chips = chips_of(page_in(), {"requirements": requirements})
    segments = segments_of(text, chips)
    assert "".join(one.text for one in segments) == text
    assert all(chip.mark is not None for chip in chips)
    assert {one.mark for one in segments if one.mark is not None} == {chip.mark for chip in chips}


def sent(act: str, **fields: str) -> Form:
    return Form.of(act=act, **fields)


NEED: Mapping[str, Any] = {"text": TEXT}


def test_a_condition_is_taken_away_and_brought_back() -> None:
    need = changed(dict(NEED, must=["place:深圳", "GMP"]), sent("without|place:深圳"))
    assert (need["without"], need["must"]) == (["place:深圳"], ["GMP"])
    assert changed(need, sent("restore|place:深圳"))["without"] == []


def test_must_and_wish_take_each_others_place() -> None:
    need = changed(dict(NEED), sent("must|kind:流片"))
    assert need["must"] == ["kind:流片"]
    need = changed(need, sent("prefer|kind:流片"))
    assert (need["must"], need["prefer"]) == ([], ["kind:流片"])
    # A plain word that a program set means the same.
    assert changed({"text": "GMP", "must": ["GMP"]}, sent("prefer|certificate:GMP"))["must"] == []


def test_words_are_changed_where_they_stand() -> None:
    start = TEXT.index("三个月内")
    need = changed(dict(NEED), sent(f"words|{start}|{start + 4}|deadline:三个月内", words="半年内"))
    assert need["text"] == TEXT.replace("三个月内", "半年内")


def test_words_of_a_title_are_changed_there() -> None:
    need = {"title": "流片服务", "text": "在深圳"}
    assert changed(need, sent("words|0|2|kind:流片", words="封装"))["title"] == "封装服务"
    shown = "流片服务。在深圳"
    start = shown.index("深圳")
    assert changed(need, sent(f"words|{start}|{start + 2}|place:深圳", words="东莞"))["text"] == "在东莞"


@pytest.mark.parametrize("where", ["None|None|certificate:GMP", "3|6|certificate:GMP", "x", "||", "9999|1|a:b"])
def test_words_that_stand_nowhere_are_added_instead(where: str) -> None:
    need = changed({"text": "做发酵", "certificates": ["GMP"]}, sent(f"words|{where}", words="ISO 9001"))
    assert need["text"] == "做发酵。ISO 9001"


def test_an_answer_is_said_at_the_end() -> None:
    assert changed({"text": "做发酵。"}, sent("add|限浙江"))["text"] == "做发酵。限浙江"
    assert changed({"certificates": ["GMP"]}, sent("add|限浙江"))["text"] == "限浙江"
    assert changed({"text": "做发酵"}, sent("add|"))["text"] == "做发酵"


def test_new_words_take_old_corrections_with_them() -> None:
    need = dict(NEED, without=["place:深圳"], prefer=["certificate:CNAS"], must=["kind:流片", "GMP"])
    after = changed(need, sent("text", text="要有CNAS的发酵"))
    assert (after["without"], after["prefer"], after["must"]) == ([], ["certificate:CNAS"], ["GMP"])
    with_fields = dict(need, certificates=["GMP"])
    assert changed(with_fields, sent("text", text="发酵"))["without"] == ["place:深圳"]


@pytest.mark.parametrize("act", ["", "nonsense", "without", "must|", "delete|everything"])
def test_what_means_nothing_changes_nothing_of_the_words(act: str) -> None:
    assert changed(dict(NEED), sent(act))["text"] == TEXT


def test_values_of_buttons_are_read_as_they_were_written() -> None:
    assert act_of("words", 3, 7, "place:深|圳") == "words|3|7|place:深|圳"
    assert changed({"text": "在深|圳做"}, sent(act_of("without", "place:深|圳")))["without"] == ["place:深|圳"]


def test_only_known_filters_are_carried_on() -> None:
    form = Form.of(query="kind=platform&page=3&next=//evil.example&province=广东")
    assert query_of(form) == "?kind=platform&province=%E5%B9%BF%E4%B8%9C"
    assert query_of(Form()) == ""


LISTING = {
    "summary": "深圳的8英寸线",
    "capabilities": ["流片", "封装"],
    "city": "深圳市",
    "parameters": [{"name": "x"}],
}


@pytest.mark.parametrize(
    ("field", "text", "parts"),
    [
        ("summary", "8英寸", ("简介", "深圳的", "8英寸", "线")),
        ("capabilities[1]", "封装", ("能力", "", "封装", "")),
        ("capabilities[7]", "封装", ("能力", "", "封装", "")),
        ("parameters[0]", "晶圆 8 英寸", ("参数", "", "晶圆 8 英寸", "")),
        ("terms.fees", "200 元", ("服务条件", "", "200 元", "")),
        ("kind", "platform", ("类别", "", "中试平台", "")),
        ("unheard_of", "x", ("unheard_of", "", "x", "")),
    ],
)
def test_evidence_is_quoted_with_what_stands_around_it(
    page: Page, field: str, text: str, parts: tuple[str, ...]
) -> None:
    quoted = quotation(page, LISTING, {"field": field, "text": text})
    assert quoted is not None
    assert (quoted.field, quoted.before, quoted.words, quoted.after) == parts
    assert quotation(page, LISTING, None) is None


def test_counts_of_pages_and_grades() -> None:
    answer = {
        "matches": [1] * 10,
        "facets": {"kind": [{"value": "platform", "count": 7}, {"value": "solution", "count": 300}]},
    }
    assert count_of(answer, ResultsQuery(page=1)) == 100
    assert count_of(answer | {"matches": []}, ResultsQuery(kind="platform", page=1)) == 7
    assert count_of(answer, ResultsQuery(grade="strong", page=1)) == 10
    assert all_of(answer, ResultsQuery(page=1)) == 307
    assert all_of(answer, ResultsQuery(kind="platform", grade="strong", page=1)) == 10
    assert grade_counts({"strong": 2, "weak": 90}) == {"strong": 2, "possible": 2}
    assert place_of({"province": "上海市", "city": "上海市"}) == "上海市"
    assert place_of({"province": None, "city": None}) == ""


def test_what_hard_conditions_took_is_told_the_most_first(page: Page, reader: Reader) -> None:
    chips = chips_of(page, need_json(reader, TEXT))
    found = removed({"removed": {"CNAS": 3, "深圳": 686, "不见": 9}}, chips)
    assert [(chip.words, count) for chip, count in found] == [("深圳", 686), ("CNAS", 3)]


EVIL = '=HYPERLINK("http://evil.example")'


@pytest.fixture(scope="module")
def report(page: Page, small_matcher: Matcher) -> Report:
    answer = answer_json(small_matcher.match(Need("<b>发酵</b>放大,500 L发酵罐,仅限广东,不要高校\n&第二行"), top=5))
    answer["matches"][0]["listing"] |= {"name": EVIL, "operator": "+1+1", "source_title": "@SUM(A1)", "summary": "-2"}
    return report_of(page, {"id": "abc"}, answer)


def test_a_report_says_need_conditions_matches_and_where_they_come_from(report: Report) -> None:
    assert [line.rank for line in report.lines] == ["1", "2", "3", "4", "5"][: len(report.lines)]
    assert ("地点", "广东(广东省)", "必须") in report.conditions
    assert dict(report.facts)["链接"] == "http://site.example/matches/abc"
    assert any(one.startswith("✓") for one in report.lines[0].fits)
    assert report.near


def test_what_is_no_condition_is_said_in_every_form(report: Report) -> None:
    said = "“不要高校”是排除条件,暂不支持,未参与筛选"
    assert said in report.notes
    book = load_workbook(io.BytesIO(sheet(report)))
    assert said in {cell.value for row in book[report.need_title].iter_rows() for cell in row}
    assert said in [one.text for one in Document(io.BytesIO(document(report))).paragraphs]
    assert "不要高校”是排除条件" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pages(report))).pages)


def test_a_distance_is_said_once(page: Page, small_matcher: Matcher) -> None:
    answer = answer_json(small_matcher.match(Need("发酵,深圳"), top=5))
    said = [fit for line in report_of(page, {"id": "abc"}, answer).lines for fit in line.fits if "相距" in fit]
    assert said
    assert all(fit.count("相距约") == 1 for fit in said)


def test_cells_are_texts_and_never_formulas(report: Report) -> None:
    book = load_workbook(io.BytesIO(sheet(report)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert EVIL in {cell.value for cell in cells}
    with zipfile.ZipFile(io.BytesIO(sheet(report))) as files:
        assert not any(b"<f>" in files.read(name) for name in files.namelist())
    lines = book[report.lines_title]
    assert [cell.value for cell in lines[1]] == [report.labels[name] for name in WIDTHS]
    assert lines.max_row == 1 + len(report.lines)


def test_the_document_holds_all_of_it(report: Report) -> None:
    made = Document(io.BytesIO(document(report)))
    text = "\n".join(one.text for one in made.paragraphs)
    for line in (*report.lines, *report.near):
        assert line.name in text
    assert "<b>发酵</b>放大" in text
    assert report.footer in text
    assert [cell.text for cell in made.tables[0].columns[1].cells] == [value for _, value in report.facts]


def test_the_pages_can_be_read_by_people_and_programs(report: Report) -> None:
    read = PdfReader(io.BytesIO(pages(report)))
    text = "".join(page.extract_text() for page in read.pages).replace("\n", "")
    assert read.metadata is not None
    assert read.metadata.title == "中试匹配报告"
    assert "<b>发酵</b>放大" in text
    for line in report.lines[1:]:
        assert line.name in text
    assert "√ 符合" in text


def test_a_report_in_english(small_matcher: Matcher) -> None:
    page = page_in("en")
    report = report_of(page, {"id": "abc"}, answer_json(small_matcher.match(Need("发酵"), top=1)))
    assert report.title == "Pilot match report"
    assert report.labels["reasons"] == "Reasons"
    assert len(pages(report)) > 1000
