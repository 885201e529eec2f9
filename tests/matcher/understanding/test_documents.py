"""Files of every kind that a requester may hold, whole, locked, renamed and broken."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.understanding import documents, pdf_files, sheet_files
from matcher.understanding.documents import need_from_document, read_document, split_place, text_of
from matcher.understanding.text import MAX_CHARACTERS, check_text
from tests.matcher.understanding import files

FORM = (
    ("需求名称", "聚酰亚胺薄膜中试放大", "", ""),
    ("单位名称", "某某新材料有限公司", "所在地", "广东省东莞市"),
    ("所属领域", "新材料、电子信息", "拟投入资金(万元)", "200"),
    ("主要问题", "实验室流延良率不到六成", "", ""),
    ("技术指标", "幅宽不低于500 mm;厚度25 μm", "", ""),
    ("完成时限", "2027年6月底前", "联系人", "张三 13800138000"),
)

_WORD = files.word("需要中试", tables=[FORM])


def _field_of_refusal(data: bytes) -> str | None:
    """The field that a refusal names; None where the file is read. Any other error fails the test."""
    try:
        assert read_document(data).text.strip()
    except InvalidInput as refusal:
        return refusal.field
    return None


class TestWord:
    def test_form_in_a_table_becomes_fields(self) -> None:
        document = read_document(files.word("技术需求征集表", tables=[FORM]), "需求.docx")
        assert document.fields == {
            "title": "聚酰亚胺薄膜中试放大",
            "place": "广东省东莞市",
            "industry": "新材料、电子信息",
            "budget": "200万元",
            "problem": "实验室流延良率不到六成",
            "target": "幅宽不低于500 mm;厚度25 μm",
            "deadline": "2027年6月底前",
        }

    def test_private_entries_are_kept_nowhere(self) -> None:
        document = read_document(files.word(tables=[FORM]))
        everything = document.text + "".join(document.fields.values())
        assert "张三" not in everything
        assert "13800138000" not in everything
        assert "某某新材料" not in everything
        assert document.notes == ("已略去单位、联系人等信息 2 处",)

    def test_form_makes_a_need(self) -> None:
        need = need_from_document(read_document(files.word(tables=[FORM])))
        assert (need.title, need.budget_wan, need.deadline) == ("聚酰亚胺薄膜中试放大", 200, "2027年6月底前")
        assert (need.province, need.city) == ("广东省", "东莞市")
        assert need.places == ()
        assert need.industry == ("新材料", "电子信息")
        assert need.text == "聚酰亚胺薄膜中试放大\n实验室流延良率不到六成\n幅宽不低于500 mm;厚度25 μm"

    def test_labels_in_lines(self) -> None:
        document = read_document(
            files.word(
                "一、需求名称:银浆放大",
                "二、主要内容",
                "每批200 g,要放大。",
                "希望到10公斤。",
                "三、联系电话",
                "0769-12345678",
                "四、预算:50万元以内",
            )
        )
        assert document.fields == {
            "title": "银浆放大",
            "problem": "每批200 g,要放大。\n希望到10公斤。",
            "budget": "50万元以内",
        }
        assert "12345678" not in document.text

    def test_prose_without_labels_is_text(self) -> None:
        document = read_document(files.word("寻8英寸中试线。", "预算面议。"))
        assert document.text == "寻8英寸中试线。\n预算面议。"
        assert need_from_document(document).text == document.text

    def test_merged_cells_are_read_once(self) -> None:
        source = docx.Document()
        table = source.add_table(1, 4)
        table.cell(0, 0).text = "需求名称"
        table.cell(0, 1).merge(table.cell(0, 3)).text = "银浆放大"
        stream = io.BytesIO()
        source.save(stream)
        assert read_document(stream.getvalue()).fields == {"title": "银浆放大"}

    def test_content_controls_and_insertions_are_read_deletions_are_not(self) -> None:
        source = docx.Document()
        body = source.element.body
        for xml in (
            "<w:sdt {0}><w:sdtContent><w:p><w:r><w:t>控件里的字</w:t></w:r></w:p></w:sdtContent></w:sdt>",
            "<w:p {0}><w:ins w:id='1' w:author='a'><w:r><w:t>新增</w:t></w:r></w:ins>"
            "<w:del w:id='2' w:author='a'><w:r><w:delText>删除</w:delText></w:r></w:del></w:p>",
        ):
            body.insert(0, parse_xml(xml.format(nsdecls("w"))))
        stream = io.BytesIO()
        source.save(stream)
        assert read_document(stream.getvalue()).text == "新增\n控件里的字"

    def test_macros_are_left_alone(self) -> None:
        document = read_document(files.macro_word("需要中试"), "a.docm")
        assert document.text == "需要中试"
        assert "宏" in document.notes[0]

    @pytest.mark.parametrize("part", ["word/document.xml", "[Content_Types].xml"])
    def test_a_broken_part_is_refused(self, part: str) -> None:
        broken = files.rezip(files.word("需要中试"), lambda name, content: b"<a" if name == part else content)
        with pytest.raises(InvalidInput, match="已损坏"):
            read_document(broken)


class TestPdf:
    def test_reads_chinese_text(self) -> None:
        document = read_document(files.pdf(["需求名称:银浆放大", "预算:50万元"], ["第二页"]), "a.pdf")
        assert document.fields["title"] == "银浆放大"
        assert need_from_document(document).budget_wan == 50
        assert "第二页" in document.text

    def test_joins_lines_broken_by_the_page(self) -> None:
        first = "我们的聚酰亚胺薄膜在实验室流延良率不到六成希望放大到幅宽五"
        document = read_document(files.pdf([first, "百毫米的中试线。", "预算面议。"]))
        assert document.text == f"{first}百毫米的中试线。\n预算面议。"

    def test_a_scan_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="扫描件") as refusal:
            read_document(files.pdf([], []))
        assert refusal.value.field == "file"

    def test_blank_pages_are_noted(self) -> None:
        assert read_document(files.pdf(["需要中试"], [])).notes == ("有 1 页没有文字(可能是图片),未读取",)

    def test_a_password_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="密码"):
            read_document(files.locked_pdf(files.pdf(["需要中试"])))

    def test_long_ones_are_read_in_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pdf_files, "MAX_PAGES", 2)
        document = read_document(files.pdf(["第一页"], ["第二页"], ["第三页"]))
        assert document.text == "第一页\n第二页"
        assert document.notes == ("PDF 有 3 页,只读了前 2 页",)

    @pytest.mark.parametrize("keep", [9, 60, 400])
    def test_a_cut_file_is_refused(self, keep: int) -> None:
        with pytest.raises(InvalidInput, match=r"已损坏|扫描件"):
            read_document(files.pdf(["需要中试"])[:keep])


class TestExcel:
    def test_form(self) -> None:
        document = read_document(files.excel(FORM), "a.xlsx")
        assert document.fields["budget"] == "200万元"
        assert need_from_document(document).city == "东莞市"

    def test_columns_with_a_header_row(self) -> None:
        rows = [("需求名称", "主要内容", "预算", "联系电话"), ("银浆放大", "放大到10 kg", 50, "13800138000")]
        document = read_document(files.excel(rows))
        assert document.fields == {"title": "银浆放大", "problem": "放大到10 kg", "budget": "50"}
        assert "138" not in document.text

    def test_numbers_are_shown_as_typed(self) -> None:
        assert read_document(files.excel([("容积", 500.0, 0.5)])).text == "容积\n500\n0.5"

    def test_many_sheets_and_rows_are_read_in_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheet_files, "MAX_SHEETS", 1)
        monkeypatch.setattr(sheet_files, "MAX_ROWS", 2)
        document = read_document(files.excel([("甲",), ("乙",), ("丙",)], [("丁",)]))
        assert document.text == "甲\n乙"
        assert len(document.notes) == 2

    def test_one_far_cell_does_not_fill_memory(self) -> None:
        far = files.rezip(
            files.excel([("甲",)]),
            lambda name, content: (
                content.replace(b'r="1"', b'r="1048576"').replace(b'"A1"', b'"XFD1048576"')
                if name.startswith("xl/worksheets/")
                else content
            ),
        )
        with pytest.raises(InvalidInput, match="16384 列"):
            read_document(far)

    def test_broken_workbook_is_refused(self) -> None:
        broken = files.rezip(
            files.excel([("甲",)]), lambda name, content: b"<a" if name == "xl/workbook.xml" else content
        )
        with pytest.raises(InvalidInput, match="已损坏"):
            read_document(broken)


class TestPlain:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_encodings(self, encoding: str) -> None:
        assert read_document("需要500升发酵罐\r\n东莞".encode(encoding)).text == "需要500升发酵罐\n东莞"

    def test_control_characters_go(self) -> None:
        assert check_text(
            read_document(
                "需要中试,要求如下\x0c500升发酵罐,带在线检测和控制系统,每批两吨,共五批次,先做一批看看\x01".encode()
            ).text
        )

    def test_contacts_in_prose_are_blotted_out(self) -> None:
        document = read_document("求500升发酵罐,电话13800138000,邮箱 a.b@c.com".encode())
        assert document.text == "求500升发酵罐,电话(略),邮箱 (略)"

    def test_reads_a_path(self, tmp_path: Path) -> None:
        path = tmp_path / "need.md"
        path.write_text("# 需求\n中试", encoding="utf-8")
        document = read_document(path)
        assert (document.name, document.text) == ("need.md", "# 需求\n中试")

    @pytest.mark.parametrize("text", ["BMS主板失效分析", "MZ系列电机", "GIF89a动图", "Rar!"])
    def test_text_that_begins_like_another_file(self, text: str) -> None:
        assert read_document(text.encode()).text == text

    def test_a_missing_path_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match=r"读不了文件 none\.txt"):
            read_document(tmp_path / "none.txt")


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "空的"),
            (b"  \n", "空的"),
            (b"\x89PNG\r\n\x1a\n" + bytes(50), "图片"),
            (b"\xff\xd8\xff\xe0" + bytes(50), "图片"),
            (b"Rar!\x1a\x07\x00", "压缩包"),
            (b"{\\rtf1 abc}", "RTF"),
            (b"PK\x03\x04 not a zip", "已损坏"),
            (b"%PDF-1.7 nothing", "已损坏"),
            (bytes(range(32)) * 20, "认不出"),
            (b"\xff\xfe\x00", "认不出"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), r"旧版 Word"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "已损坏"),
        ],
    )
    def test_by_content(self, data: bytes, message: str) -> None:
        with pytest.raises(InvalidInput, match=message) as refusal:
            read_document(data, "需求.docx")
        assert refusal.value.field == "file"
        assert refusal.value.hint

    @pytest.mark.parametrize(
        ("data", "name", "said"),
        [
            (bytes(range(256)) * 4, "需求.docx", "需求.docx 不是 Word 文档,是认不出的二进制数据"),
            (b"\x89PNG\r\n\x1a\n" + bytes(50), "需求.pdf", "需求.pdf 不是 PDF,实际是图片"),
            (b"MZ\x90\x00" + bytes(50), "需求.docx", "实际是可执行文件"),
            (b"PK\x03\x04" + bytes(50), "需求.pdf", "实际是压缩包"),
        ],
    )
    def test_a_false_name_is_told(self, data: bytes, name: str, said: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            read_document(data, name)
        assert said in refusal.value.message
        assert refusal.value.hint

    def test_a_false_name_that_can_be_read_is_noted(self) -> None:
        assert read_document("需要中试".encode(), "a.docx").notes == (
            "文件名写的是 Word 文档,内容是纯文本,已按纯文本读取",
        )
        assert read_document(files.word("需要中试"), "a.docx").notes == ()
        assert read_document("需要中试".encode(), "a.txt").notes == ()

    def test_a_page_is_read_without_its_tags(self) -> None:
        page = (
            "<!DOCTYPE html><html><head><style>p{}</style></head>"
            "<body><p>需要500L&nbsp;发酵罐</p><script>x</script></body></html>"
        )
        found = read_document(page.encode(), "a.docx")
        assert found.text.split() == ["需要500L", "发酵罐"]
        assert "网页" in found.notes[0]

    def test_content_beats_the_name(self) -> None:
        assert read_document(files.word("需要中试"), "a.pdf").text == "需要中试"
        assert read_document(files.pdf(["需要中试"]), "a.xlsx").text == "需要中试"
        assert read_document("需要中试".encode(), "a.docx").text == "需要中试"

    def test_another_zip(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.txt", "a")
        with pytest.raises(InvalidInput, match="压缩包"):
            read_document(stream.getvalue())

    def test_size(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(documents, "MAX_BYTES", 10)
        path = tmp_path / "a.txt"
        path.write_bytes(b"x" * 11)
        for source in (path, b"x" * 11):
            with pytest.raises(InvalidInput, match="超过"):
                read_document(source)

    def test_unpacked_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "MAX_UNPACKED_BYTES", 1000)
        with pytest.raises(InvalidInput, match="解压后"):
            read_document(files.word("需要中试"))

    def test_an_empty_document(self) -> None:
        with pytest.raises(InvalidInput, match="没有文字"):
            read_document(files.word())


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.4\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, magic: bytes) -> None:
    assert _field_of_refusal(magic + data) in ("file", None)


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_damaged_word_file_is_read_or_refused(place: int, junk: bytes) -> None:
    data = bytearray(_WORD)
    place %= len(data)
    data[place : place + len(junk)] = junk
    assert _field_of_refusal(bytes(data)) in ("file", None)


class TestTextOf:
    def test_a_long_document_is_cut_at_a_paragraph(self) -> None:
        line = "放大到十公斤并考核。" * 20
        document = read_document("\n".join([line] * 200).encode())
        text, notes = text_of(document)
        assert len(text) <= MAX_CHARACTERS
        assert text.endswith("。")
        assert notes == (f"文档有 {len(document.text)} 字,只读了前 {len(text)} 字",)
        assert need_from_document(document).text == text

    def test_short_ones_say_nothing(self) -> None:
        assert text_of(read_document("需要中试".encode())) == ("需要中试", ())


@pytest.mark.parametrize(
    ("place", "province", "city"),
    [
        ("广东省东莞市松山湖", "广东省", "东莞市"),
        ("内蒙古自治区 包头市", "内蒙古自治区", "包头市"),
        ("上海市", None, "上海市"),
        ("江苏省", "江苏省", None),
        ("东莞", None, "东莞"),
        ("", None, None),
    ],
)
def test_split_place(place: str, province: str | None, city: str | None) -> None:
    assert split_place(place) == (province, city)
