"""`pilotmatch match`: formats to the letter, and every bad input refused in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher.records import KINDS, Need
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import SUPPLY

NeedsFile = Callable[[Any], str]
TEXT = "酶制剂发酵中试放大,500 L发酵罐,最好有GMP,广东优先"
GOOD = {"id": "N-1", "title": "酶制剂发酵放大", "description": "500 L发酵罐,广东"}
OTHER = {"id": "N-2", "description": "8英寸MEMS晶圆流片"}


class TestTable:
    def test_what_a_person_reads(self, run: Run, listings: str) -> None:
        ended = run("match", TEXT, "--listings", listings, "--top", "3")
        assert ended.code == 0
        assert "读到 参数:500 L" in ended.out
        assert "读到 资质:GMP" in ended.out
        assert "结论" in ended.out
        assert [line[:2] for line in ended.lines if re.match(r"\d\. ", line)] == ["1.", "2.", "3."]
        assert "1. 珠江发酵中试平台  中试平台  广东广州" in ended.out
        assert "✓ GMP" in ended.out
        assert "排序方案 default" in ended.out
        assert ended.err.strip() == ""

    def test_hard_conditions_and_near_misses(self, run: Run, listings: str) -> None:
        ended = run("match", TEXT, "--listings", listings, "--province", "江苏")
        assert "地点(必须):江苏" in ended.out
        assert "硬性条件“江苏”排除了" in ended.out
        assert "差一点就合适" in ended.out
        assert "✗ 江苏" in ended.out

    def test_markup_in_names_is_only_text(self, run: Run, tmp_path: Path) -> None:
        line = {"id": "[b]1[/b]", "kind": "platform", "name": "[red]红[/] 发酵平台", "summary": "发酵[/]中试"}
        (tmp_path / "odd.jsonl").write_text(json.dumps(line), encoding="utf-8")
        ended = run("match", "发酵[/]中试 [bold]", "--listings", str(tmp_path / "odd.jsonl"))
        assert ended.code == 0
        assert "[red]红[/] 发酵平台" in ended.out
        assert "[b]1[/b]" in ended.out


class TestJson:
    KEYS = {"need", "matches", "near_misses", "coverage", "questions", "removed", "notes", "profile", "took_ms"}  # noqa: RUF012

    @pytest.mark.parametrize("format_", [("--json",), ("--format", "json")])
    def test_one_object_on_one_line(self, run: Run, listings: str, format_: tuple[str, ...]) -> None:
        ended = run("match", TEXT, "--listings", listings, "--top", "4", *format_)
        assert ended.code == 0
        assert len(ended.lines) == 1
        answer = ended.json
        assert set(answer) >= self.KEYS
        assert "need_id" not in answer
        assert answer["need"]["text"] == TEXT
        for requirement in answer["need"]["requirements"]:
            assert TEXT[requirement["start"] : requirement["end"]] == requirement["text"]
        assert [match["rank"] for match in answer["matches"]] == [1, 2, 3, 4]
        assert answer["matches"][0]["listing"]["id"] == "PF-1"
        for match in answer["matches"]:
            assert set(match) >= {"rank", "score", "grade", "listing", "fits", "reasons"}
            assert {fit["outcome"] for fit in match["fits"]} <= {"meets", "misses", "unknown"}

    def test_a_file_has_a_line_a_need_with_its_id(self, run: Run, listings: str, needs_file: NeedsFile) -> None:
        ended = run("match", "--needs", needs_file([GOOD, "", OTHER]), "--listings", listings, "--json")
        assert ended.code == 0
        answers = [json.loads(line) for line in ended.lines]
        assert [answer["need_id"] for answer in answers] == ["N-1", "N-2"]
        assert [answer["matches"][0]["listing"]["id"] for answer in answers] == ["PF-1", "PF-5"]

    @pytest.mark.parametrize("kind", ["platform", "equipment", "manufacturer", "solution"])
    def test_kinds(self, run: Run, listings: str, kind: str) -> None:
        answer = run("match", TEXT, "--listings", listings, "--kind", kind, "--json").json
        assert {match["listing"]["kind"] for match in answer["matches"]} == {kind}

    def test_several_kinds(self, run: Run, listings: str) -> None:
        answer = run("match", TEXT, "--listings", listings, "--kind", "solution", "--kind", "equipment", "--json").json
        assert {match["listing"]["kind"] for match in answer["matches"]} == {"solution", "equipment"}

    def test_a_city_is_a_hard_condition(self, run: Run, listings: str) -> None:
        answer = run("match", TEXT, "--listings", listings, "--city", "东莞", "--json").json
        assert {match["listing"]["city"] for match in answer["matches"]} == {"东莞", None}
        assert answer["near_misses"]
        assert answer["removed"] == {"东莞": sum(one.city not in ("东莞", None) for one in SUPPLY)}

    def test_a_certificate_is_a_hard_condition(self, run: Run, listings: str) -> None:
        answer = run("match", "发酵中试", "--listings", listings, "--must", "GMP", "--json").json
        read = [one for one in answer["need"]["requirements"] if one["type"] == "certificate"]
        assert [(one["certificate"], one["strength"]) for one in read] == [("gmp", "must")]

    def test_all_lists_the_removed_behind(self, run: Run, listings: str) -> None:
        arguments = ("match", TEXT, "--listings", listings, "--must", "江苏", "--top", "50", "--json")
        left, whole = (run(*arguments, *more).json["matches"] for more in ((), ("--all",)))
        assert len(whole) == len(SUPPLY)
        assert whole[: len(left)] == left
        for match in whole[len(left) :]:
            assert "misses" in {fit["outcome"] for fit in match["fits"]}


class TestTrec:
    def test_six_columns(self, run: Run, listings: str, needs_file: NeedsFile) -> None:
        path = needs_file([GOOD, OTHER])
        ended = run("match", "--needs", path, "--listings", listings, "--top", "100", "--format", "trec")
        rows = [line.split(" ") for line in ended.lines]
        assert {len(row) for row in rows} == {6}
        assert len(rows) == 2 * len(SUPPLY)
        for need_id in ("N-1", "N-2"):
            own = [row for row in rows if row[0] == need_id]
            assert [int(row[3]) for row in own] == list(range(1, len(SUPPLY) + 1))
            assert {(row[1], row[5]) for row in own} == {("Q0", "pilotmatch")}
            assert {row[2] for row in own} == {one.id for one in SUPPLY}
            scores = [float(row[4]) for row in own]
            assert scores == sorted(scores, reverse=True)
            assert all(re.fullmatch(r"-?\d+\.\d{6}", row[4]) for row in own)
        assert ended.err.strip() == ""

    def test_with_all_the_scores_still_fall(self, run: Run, listings: str, needs_file: NeedsFile) -> None:
        """The removed would score more than some that are left, and whoever reads run lines sorts by score."""
        path = needs_file([{"id": "N-1", "description": "酶制剂发酵放大,500 L发酵罐,必须在江苏"}])
        whole = run("match", "--needs", path, "--listings", listings, "--all", "--top", "50", "--format", "trec").lines
        left = run("match", "--needs", path, "--listings", listings, "--top", "50", "--format", "trec").lines
        assert whole[: len(left)] == left
        assert len(whole) == len(SUPPLY) > len(left)
        scores = [float(line.split()[4]) for line in whole]
        assert all(below < above for above, below in zip(scores[len(left) - 1 :], scores[len(left) :], strict=False))

    def test_one_need_in_words(self, run: Run, listings: str) -> None:
        ended = run("match", TEXT, "--listings", listings, "--top", "2", "--format", "trec")
        assert [line.split()[0] for line in ended.lines] == ["need", "need"]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("fermentation of enzymes, 500 L bioreactor, GMP", None),
            ("膜分離中試,廢水零排放", "SO-1"),
            ("MEMS", "PF-5"),
            ("酵", None),
            ("发酵😀罐", None),
            ("晶圆流片" * 2000, "PF-5"),
        ],
    )
    def test_that_work(self, run: Run, listings: str, text: str, first: str | None) -> None:
        ended = run("match", text, "--listings", listings, "--json")
        assert ended.code == 0
        matches = ended.json["matches"]
        assert len(matches) == 10
        assert first in (None, matches[0]["listing"]["id"])

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "需求内容为空"),
            (" \t　", "需求内容为空"),
            ("。,!?……", "没有可以理解的文字"),
            ("😀🎉", "没有可以理解的文字"),
            ("发\x00酵", "控制字符 U+0000"),
            ("发\x1b[31m酵", "控制字符 U+001B"),
            ("发" * 20_001, "20001"),
            ("发\udce9酵", "编码不完整"),
        ],
    )
    def test_that_are_refused(self, run: Run, listings: str, text: str, words: str) -> None:
        refused(run("match", text, "--listings", listings), 2, words, "(")


class TestArguments:
    def test_neither_text_nor_file(self, run: Run) -> None:
        refused(run("match"), 2, "--needs", "例如")

    def test_both(self, run: Run, needs_file: NeedsFile) -> None:
        refused(run("match", TEXT, "--needs", needs_file([GOOD])), 2, "--needs")

    def test_a_file_as_a_table(self, run: Run, needs_file: NeedsFile) -> None:
        refused(run("match", "--needs", needs_file([GOOD])), 2, "--format trec")

    @pytest.mark.parametrize("option", [("--city", "东莞"), ("--province", "广东"), ("--must", "GMP")])
    def test_conditions_beside_a_file(self, run: Run, needs_file: NeedsFile, option: tuple[str, str]) -> None:
        refused(run("match", "--needs", needs_file([GOOD]), "--json", *option), 2, option[0])

    @pytest.mark.parametrize("kind", [*KINDS[4:], "factory", "", "Platform"])
    def test_kinds(self, run: Run, listings: str, kind: str) -> None:
        refused(run("match", TEXT, "--listings", listings, "--kind", kind), 2, "platform")

    @pytest.mark.parametrize("option", ["--city", "--province"])
    def test_a_place_that_is_none(self, run: Run, listings: str, option: str) -> None:
        refused(run("match", TEXT, "--listings", listings, option, "亚特兰蒂斯"), 2, "亚特兰蒂斯")

    @pytest.mark.parametrize("must", ["没有这种条件", "ISO 99999999", "", "。"])
    def test_an_unknown_must(self, run: Run, listings: str, must: str) -> None:
        refused(run("match", "发酵", "--listings", listings, "--must", must), 2, "GMP")

    @pytest.mark.parametrize("top", ["0", "-1", "1000001"])
    def test_top(self, run: Run, listings: str, needs_file: NeedsFile, top: str) -> None:
        refused(run("match", TEXT, "--listings", listings, "--top", top), 2, "top", top)
        path = needs_file([GOOD, OTHER])
        refused(run("match", "--needs", path, "--listings", listings, "--top", top, "--json"), 2, "top", top)

    @pytest.mark.parametrize("arguments", [("--top", "ten"), ("--format", "xml"), ("--nonsense",)])
    def test_what_the_parser_refuses(self, run: Run, arguments: tuple[str, ...]) -> None:
        ended = run("match", TEXT, *arguments)
        assert ended.code == 2
        assert ended.out == ""
        assert arguments[0] in ended.err
        assert "Traceback" not in ended.err

    def test_a_profile_that_is_not_there(self, run: Run, listings: str) -> None:
        refused(run("match", TEXT, "--listings", listings, "--profile", "nobody"), 1, "nobody", "pilotmatch train")

    @pytest.mark.parametrize("name", ["nowhere.jsonl", ".", "长" * 300])
    @pytest.mark.parametrize("option", ["--needs", "--listings"])
    def test_files_that_are_not_there(self, run: Run, option: str, name: str) -> None:
        words = ("--json", "--needs", name) if option == "--needs" else (TEXT, "--listings", name)
        refused(run("match", *words), 2, "找不到文件")

    def test_a_broken_environment(self, run: Run, listings: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PILOTMATCH_THREADS", "many")
        refused(run("match", TEXT, "--listings", listings), 2, "PILOTMATCH_THREADS")


class TestFiles:
    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("{broken", "JSON"),
            ("[1]", "JSON"),
            ('{"id": "N-9"}', "description"),
            ('{"description": "发酵"}', "id"),
            ('{"id": "N-1", "description": "又一个"}', "重复"),
            (
                '{"id": "N-9", "description": "发酵", "parameters": [{"name": "容积", "min": 9, "max": 1}]}',
                "大于上限",
            ),
            ('{"id": "N-9", "description": 3}', "description"),
        ],
    )
    def test_a_broken_line_is_named_and_the_others_ranked(
        self, run: Run, listings: str, needs_file: NeedsFile, line: str, words: str
    ) -> None:
        ended = run("match", "--needs", needs_file([GOOD, line, OTHER]), "--listings", listings, "--json")
        assert ended.code == 1
        assert [json.loads(one)["need_id"] for one in ended.lines] == ["N-1", "N-2"]
        assert len(ended.err.strip().splitlines()) == 1
        assert "第 2 行" in ended.err
        assert words in ended.err

    @pytest.mark.parametrize("text", ["。。。", "发\x07酵", "发" * 20_001, "😀"])
    def test_words_that_can_not_be_read_stop_only_their_need(
        self, run: Run, listings: str, needs_file: NeedsFile, text: str
    ) -> None:
        path = needs_file([{"id": "N-9", "description": text}, GOOD])
        ended = run("match", "--needs", path, "--listings", listings, "--format", "trec", "--top", "1")
        assert ended.code == 1
        assert [line.split()[0] for line in ended.lines] == ["N-1"]
        assert "N-9" in ended.err
        assert len(ended.err.strip().splitlines()) == 1

    def test_a_line_that_is_not_utf_8(self, run: Run, listings: str, tmp_path: Path) -> None:
        lines = [json.dumps(GOOD, ensure_ascii=False).encode(), '{"id": "N-9", "title": "发酵"}'.encode("gbk")]
        (tmp_path / "gbk.jsonl").write_bytes(b"\n".join(lines))
        ended = run("match", "--needs", str(tmp_path / "gbk.jsonl"), "--listings", listings, "--json")
        assert ended.code == 1
        assert len(ended.lines) == 1
        assert "第 2 行" in ended.err
        assert "UTF-8" in ended.err

    @pytest.mark.parametrize(
        "field", [{"province": "亚特兰蒂斯"}, {"parameters": [{"name": "速度", "unit": "帕秒米"}]}]
    )
    def test_names_that_no_table_holds_are_notes(
        self, run: Run, listings: str, needs_file: NeedsFile, field: dict[str, Any]
    ) -> None:
        ended = run("match", "--needs", needs_file([GOOD | field]), "--listings", listings, "--json")
        assert ended.code == 0
        assert ended.json["matches"][0]["listing"]["id"] == "PF-1"

    def test_an_empty_file(self, run: Run, needs_file: NeedsFile) -> None:
        refused(run("match", "--needs", needs_file([]), "--json"), 1, "空文件")

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('{"id": "PF-1", "kind": "platform", "name": "又一个"}', "重复"),
            ("{broken", "JSON"),
            ('{"id": "X", "kind": "factory", "name": "名"}', "factory"),
            ('{"id": "X", "kind": "platform"}', "name"),
        ],
    )
    def test_a_catalogue_with_a_fault_is_refused(
        self, run: Run, listings: str, tmp_path: Path, line: str, words: str
    ) -> None:
        path = tmp_path / "faulty.jsonl"
        path.write_text(Path(listings).read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
        refused(run("match", TEXT, "--listings", str(path)), 1, "faulty.jsonl 第 14 行", words)


def test_need_ids_are_those_of_the_file(run: Run, listings: str, needs_file: NeedsFile) -> None:
    """Whatever they look like; white space in them would break the columns and is refused."""
    ids = ["需求-1", "a/b:c", "0"]
    path = needs_file([{"id": one, "description": "发酵"} for one in [*ids, "with space"]])
    ended = run("match", "--needs", path, "--listings", listings, "--format", "trec", "--top", "1")
    assert [line.split(" ")[0] for line in ended.lines] == ids
    assert ended.code == 1
    assert Need(text="发酵").id is None
