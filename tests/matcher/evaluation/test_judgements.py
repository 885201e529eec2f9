from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judgements import parse_judgements, read_judgements

SHIPPED = Path(__file__).parents[3] / "datasets" / "judgements_dev.tsv"


@pytest.mark.parametrize("separator", ["\t", " ", "   ", " \t"])
def test_reads_tabs_and_spaces(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "j.tsv"
    path.write_text("\n".join(separator.join(row) for row in [("N-1", "0", "PF-1", "3"), ("N-1", "0", "PF-2", "0")]))
    assert read_judgements(path).grades == {"N-1": {"PF-1": 3, "PF-2": 0}}


def test_passes_over_byte_order_mark_blank_lines_and_repeats(tmp_path: Path) -> None:
    path = tmp_path / "j.tsv"
    path.write_bytes("\ufeffN-1 0 A 1\r\n\r\nN-1 0 A 1\r\n".encode())
    judgements = read_judgements(path)
    assert judgements.grades == {"N-1": {"A": 1}}
    assert judgements.pairs == 1


def test_the_shipped_file() -> None:
    judgements = read_judgements(SHIPPED)
    assert (len(judgements.need_ids), judgements.pairs) == (123, 4488)
    assert sum(not judgements.is_answerable(need) for need in judgements.need_ids) == 20


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("N-1 0 A 4", "等级“4”"),
        ("N-1 0 A -1", "等级“-1”"),
        ("N-1 0 A 2.0", "等级“2.0”"),
        ("N-1 0 A 高", "等级“高”"),
        ("need_id iteration listing_id grade", "等级“grade”"),
        ("N-1 A 2", "有 3 列,应为 4 列"),
        ("N-1 0 A 2 extra", "有 5 列,应为 4 列"),
        ("N-0 0 A 2", "已标为 1,这里又标为 2"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(f"N-0 0 A 1\n\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=f"mine.tsv 第 3 行.*{says}") as caught:
        read_judgements(path)
    assert caught.value.field == "judgements"


@pytest.mark.parametrize("content", ["", "\n  \n"])
def test_nothing_in_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "empty.tsv"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="没有任何标注"):
        read_judgements(path)


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "j.tsv"
    path.write_bytes("需求 0 条目 1".encode("gb18030"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_judgements(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"missing\.tsv"):
        read_judgements(tmp_path / "missing.tsv")


class TestQuestions:
    judgements = parse_judgements(["N-1 0 A 3", "N-1 0 B 1", "N-1 0 C 2", "N-2 0 A 1"])

    def test_answers_are_grade_two_and_more(self) -> None:
        assert self.judgements.answers("N-1") == ("A", "C")
        assert self.judgements.is_answerable("N-1")

    def test_a_need_with_grade_one_only_has_no_answer(self) -> None:
        assert self.judgements.answers("N-2") == ()
        assert not self.judgements.is_answerable("N-2")

    def test_an_unknown_need_has_no_grades(self) -> None:
        assert dict(self.judgements.of("N-9")) == {}

    def test_keeps_only_some_needs(self) -> None:
        assert self.judgements.kept({"N-2", "N-9"}).grades == {"N-2": {"A": 1}}


words = st.text(st.characters(whitelist_categories=["L", "N"], whitelist_characters="-_"), min_size=1, max_size=8)


@pytest.mark.slow
@given(st.dictionaries(words, st.dictionaries(words, st.integers(0, 3), min_size=1), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read(grades: dict[str, dict[str, int]]) -> None:
    lines = [f"{need}\t0\t{listing}\t{grade}" for need, row in grades.items() for listing, grade in row.items()]
    assert parse_judgements(lines).grades == grades
