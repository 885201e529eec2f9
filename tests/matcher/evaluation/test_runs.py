from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.runs import Run, parse_run, read_run, run_lines, write_run


def test_reads_lines_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    path.write_text("N-1 Q0 B 2 0.5 ours\nN-2\tQ0\tA\t1\t-3\tours\n\nN-1 Q0 A 1 0.75 ours\n")
    run = read_run(path)
    assert run.of("N-1") == ("A", "B")
    assert run.of("N-2") == ("A",)
    assert run.tag == "ours"
    assert run.top_score("N-1") == 0.75


def test_score_decides_not_the_written_rank() -> None:
    assert parse_run(["N Q0 A 1 0.1 t", "N Q0 B 2 0.9 t"]).of("N") == ("B", "A")


def test_equal_scores_are_ordered_by_id_whatever_came_first() -> None:
    lines = ["N Q0 C 1 1.0 t", "N Q0 A 2 1.0 t", "N Q0 B 3 1 t"]
    assert parse_run(lines).of("N") == ("A", "B", "C") == parse_run(reversed(lines)).of("N")


def test_a_need_without_ranking() -> None:
    run = Run.from_scores({"N": {}})
    assert run.of("N") == () == run.of("other")
    assert run.top_score("N") is None


def test_writes_ranks_from_one_and_the_tag() -> None:
    run = Run.from_scores({"N-1": {"B": 0.25, "A": 0.5}}, tag="mine")
    assert list(run_lines(run)) == ["N-1 Q0 A 1 0.5 mine", "N-1 Q0 B 2 0.25 mine"]


def test_an_order_without_scores_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    write_run(Run.from_rankings({"N": ["Z", "A", "M"]}), path)
    assert read_run(path).of("N") == ("Z", "A", "M")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("N Q0 A 1 0.5", "有 5 列,应为 6 列"),
        ("N Q0 A 1 0.5 t x", "有 7 列,应为 6 列"),
        ("N Q0 A 1 high t", "分数“high”不是数"),
        ("N Q0 A 1 nan t", "分数“nan”不是有限的数"),
        ("N Q0 A 1 inf t", "分数“inf”不是有限的数"),
        ("N Q0 B 2 0.5 t", "N 已有条目 B"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "r.trec"
    path.write_text(f"N Q0 B 1 1.0 t\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=f"r.trec 第 2 行.*{says}"):
        read_run(path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "r.trec"
    path.write_text("\n")
    with pytest.raises(InvalidInput, match="没有任何排名"):
        read_run(path)


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "r.trec"
    path.write_bytes("需求".encode("gb18030"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_run(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.trec"):
        read_run(tmp_path / "none.trec")


def test_refuses_scores_that_have_no_order() -> None:
    with pytest.raises(InvalidInput, match="N-7"):
        Run.from_scores({"N-7": {"A": float("nan")}})


def test_refuses_a_listing_twice() -> None:
    with pytest.raises(InvalidInput, match="出现两次"):
        Run.from_rankings({"N": ["A", "A"]})


@pytest.mark.parametrize(
    "run", [Run.from_scores({"N": {"a b": 1.0}}), Run.from_scores({"": {"A": 1.0}}), Run({"N": ()}, "")]
)
def test_refuses_ids_that_would_shift_columns(run: Run) -> None:
    with pytest.raises(InvalidInput, match="空白"):
        list(run_lines(run))


words = st.text(st.characters(whitelist_categories=["L", "N"], whitelist_characters="-_"), min_size=1, max_size=8)
scores = st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(words, st.dictionaries(words, scores, min_size=1), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read(rows: dict[str, dict[str, float]]) -> None:
    run = Run.from_scores(rows, tag="t")
    assert parse_run(run_lines(run)) == run


@given(st.dictionaries(words, scores, min_size=1))
@settings(max_examples=100, deadline=None)
def test_scores_never_rise_with_rank(listings: dict[str, float]) -> None:
    ranking = Run.from_scores({"N": listings}).rankings["N"]
    pairs = [(-ranked.score, ranked.listing_id) for ranked in ranking]
    assert pairs == sorted(pairs)
    assert {ranked.listing_id for ranked in ranking} == set(listings)
