"""`pilotmatch understand`: a text, a document, a file of lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.matcher.commands.conftest import Run, refused

TEXT = "需要不低于500升的发酵罐,东莞,GMP,预算200万以内"


def test_json_has_offsets_into_the_text(run: Run) -> None:
    ended = run("understand", TEXT, "--json")
    assert ended.code == 0
    read = ended.json["requirements"]
    assert {one["type"] for one in read} >= {"quantity", "place", "certificate", "budget"}
    for one in read:
        assert TEXT[one["start"] : one["end"]] == one["text"]
    volume = next(one for one in read if one["type"] == "quantity" and one["dimension"] == "volume")
    assert (volume["min"], volume["max"], volume["unit"]) == (500, None, "L")
    assert next(one["code"] for one in read if one["type"] == "place") == "441900"
    assert [one["start"] for one in read] == sorted(one["start"] for one in read)


def test_a_table_for_people(run: Run) -> None:
    ended = run("understand", TEXT)
    assert ended.code == 0
    for words in ("参数", "地点", "资质", "预算", "东莞", "≥ 500 L(发酵罐,设施能力)", "≤ 200 万元", "优先"):
        assert words in ended.out
    assert not [word for word in ("strength", "dimension", "prefer", "capacity") if word in ended.out]
    assert ended.out.count("200万以内") == 1


def test_nothing_read(run: Run) -> None:
    ended = run("understand", "你好")
    assert ended.code == 0
    assert "没有读到具体条件" in ended.out
    assert run("understand", "你好", "--json").json["requirements"] == []


def test_a_document(run: Run, tmp_path: Path) -> None:
    (tmp_path / "need.txt").write_text(TEXT, encoding="utf-8")
    ended = run("understand", "--file", "need.txt", "--json")
    assert ended.code == 0
    assert "certificate" in {one["type"] for one in ended.json["requirements"]}


class TestLines:
    def test_one_json_a_line(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "lines.txt").write_text(f"{TEXT}\n\n8英寸晶圆流片\r\n", encoding="utf-8")
        ended = run("understand", "--lines", "lines.txt")
        assert ended.code == 0
        assert [json.loads(line)["text"] for line in ended.lines] == [TEXT, "", "8英寸晶圆流片"]
        assert json.loads(ended.lines[1]) == {"text": "", "requirements": [], "notes": []}
        assert ended.err == ""

    @pytest.mark.parametrize(
        ("bad", "words"),
        [("发酵".encode("gbk"), "UTF-8"), (b"\x00\x01", "控制字符"), ("。。".encode(), "没有可以理解的文字")],
    )
    def test_a_bad_line_is_named_and_keeps_its_place(self, run: Run, tmp_path: Path, bad: bytes, words: str) -> None:
        (tmp_path / "lines.txt").write_bytes(b"\n".join([TEXT.encode(), bad, "8英寸".encode()]))
        ended = run("understand", "--lines", "lines.txt")
        assert ended.code == 1
        assert "第 2 行" in ended.err
        assert words in ended.err
        answers = [json.loads(line) for line in ended.lines]
        assert len(answers) == 3
        assert answers[1]["requirements"] == []
        assert words in answers[1]["error"]
        assert answers[2]["requirements"]


class TestRefusals:
    @pytest.mark.parametrize("arguments", [(), (TEXT, "--file", "a.txt"), ("--file", "a.txt", "--lines", "a.txt")])
    def test_not_exactly_one_source(self, run: Run, arguments: tuple[str, ...]) -> None:
        refused(run("understand", *arguments), 2, "--lines")

    @pytest.mark.parametrize("option", ["--file", "--lines"])
    def test_a_file_that_is_not_there(self, run: Run, option: str) -> None:
        refused(run("understand", option, "nowhere.txt"), 2, "nowhere.txt")

    @pytest.mark.parametrize("text", ["", "。。", "发\x00酵", "😀", "发" * 20_001])
    def test_texts(self, run: Run, text: str) -> None:
        refused(run("understand", text), 2)

    def test_a_damaged_document(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "need.docx").write_bytes(b"PK\x03\x04 not a document")
        ended = run("understand", "--file", "need.docx")
        assert ended.code in (1, 2)
        refused(ended, ended.code, "(")

    def test_a_file_that_is_not_what_its_name_says(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "need.docx").write_bytes(bytes(range(256)) * 8)
        refused(run("understand", "--file", "need.docx"), 2, "need.docx 不是 Word 文档,是认不出的二进制数据")
        (tmp_path / "need.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
        refused(run("understand", "--file", "need.pdf"), 2, "need.pdf 不是 PDF,实际是图片")
        (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\n" + bytes(300))
        refused(run("understand", "--file", "broken.pdf"), 2, "已损坏")

    def test_words_in_brackets_are_no_markup(self, run: Run) -> None:
        assert "[b]500 L" in run("understand", "纯度[b]500 L").out or "500 L" in run("understand", "纯度[b]500 L").out
