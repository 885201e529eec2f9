"""Lines of synonyms, each by itself: what is taken, what is refused and why, and that no line harms another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.retrieval.synonym_lines import SHOWN, TERM_MAX, TERMS_MAX, Lines, Part, Ties, checked_terms, read_lines
from matcher.retrieval.synonyms import Synonyms

SHIPPED = Synonyms(
    [("玻璃通孔", "tgv"), ("增材制造", "3d打印"), ("发酵罐", "fermenter"), ("生物反应器", "bioreactor")],
    [("选区激光熔化", "增材制造")],
)


def read(text: str, **options: bool) -> Lines:
    return read_lines(text, SHIPPED, room=100, **options)


class TestForms:
    @pytest.mark.parametrize(
        ("line", "terms"),
        [
            ("甲种罐 = 乙种罐", ("甲种罐", "乙种罐")),
            ("甲种罐|乙种罐|丙种罐", ("甲种罐", "乙种罐", "丙种罐")),
            ("甲种罐＝乙种罐", ("甲种罐", "乙种罐")),
            ("甲种罐\t乙种罐", ("甲种罐", "乙种罐")),
            ("甲种罐、乙种罐；丙种罐，丁种罐", ("甲种罐", "乙种罐", "丙种罐", "丁种罐")),
            ("甲种罐, 乙种罐", ("甲种罐", "乙种罐")),
            ("1,4-丁二醇 = BDO", ("1,4-丁二醇", "bdo")),
            ('"1,4-丁二醇", BDO', ("1,4-丁二醇", "bdo")),
            ("發酵槽 = 发酵桶 = 发酵槽", ("发酵槽", "发酵桶")),
        ],
    )
    def test_groups_as_people_write_them(self, line: str, terms: tuple[str, ...]) -> None:
        (taken,) = read(line).taken
        assert (taken.part, taken.terms) == ("add", terms)

    @pytest.mark.parametrize("arrow", ["->", "=>", "→", ">", "＞"])
    def test_pairs(self, arrow: str) -> None:
        (taken,) = read(f"电子束熔化 {arrow} 增材制造").taken
        assert (taken.part, taken.terms) == ("narrower", ("电子束熔化", "增材制造"))

    def test_the_shipped_form(self) -> None:
        found = read(
            "id,terms,kind,source\ng1,甲种罐|乙种罐,equal,自编\ng2,丙种罐|丁种罐,narrower,自编\n"
            "g3,丙种罐|丁种罐,strange,自编\ng4,短\n"
        )
        assert [(one.number, one.part) for one in found.taken] == [(2, "add"), (3, "narrower")]
        assert [one.number for one in found.refused] == [4, 5]
        assert "strange" in found.refused[0].message

    def test_lines_that_say_nothing(self) -> None:
        assert read("\ufeff# 说明\n\n   \n") == Lines((), ())

    def test_numbers_count_every_line(self) -> None:
        found = read("# 说明\n\n甲种罐=乙种罐\n坏\n丙种罐=丁种罐")
        assert [one.number for one in found.taken] == [3, 5]
        assert [one.number for one in found.refused] == [4]


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("甲种罐 = 甲种罐", "与自己同义"),
            ("TGV = tgv", "与自己同义"),
            ("甲种罐", "两个不同的词"),
            ("甲种罐 = ", "空的词"),
            (" = ", "空的词"),
            ("膜 = 薄膜", "太短"),
            ("长" * (TERM_MAX + 1) + " = 短词", "太长"),
            ("甲种罐 = 乙种\x07罐", "无法显示"),
            ("、".join(f"词语{number}" for number in range(TERMS_MAX + 1)), "至多"),
            ("玻璃通孔 = TGV", "已在同一组"),
            ("选区激光熔化 > 增材制造", "已是"),
            ("选区激光熔化 > 3D打印", "已是"),
            ("增材制造 > 选区激光熔化", "成环"),
            ("3D打印 > 选区激光熔化", "成环"),
            ("玻璃通孔 > TGV", "已是同义词"),
            ("选区激光熔化 = 3D打印", "成环"),
            ("甲种罐 > 甲种罐", "与自己同义"),
            ("甲种罐 > 乙种罐 > 丙种罐", "恰好两个"),
            ('"甲种罐, 乙种罐', "引号"),
        ],
    )
    def test_each_says_why_and_what_to_do(self, line: str, message: str) -> None:
        found = read(f"前一行词 = 前一行的词\n{line}\n后一行词 = 后一行的词")
        assert [one.number for one in found.taken] == [1, 3]
        (refused,) = found.refused
        assert refused.number == 2
        assert message in refused.message
        assert refused.hint
        assert line.strip().startswith(refused.text)
        assert len(refused.text) <= SHOWN

    def test_lines_count_for_those_behind_them(self) -> None:
        found = read("甲种罐=乙种罐\n乙种罐=丙种罐\n丙种罐=甲种罐\n丙种罐>丁种罐\n丁种罐>甲种罐")
        assert [one.number for one in found.taken] == [1, 2, 4]
        assert "同一组" in found.refused[0].message
        assert "成环" in found.refused[1].message

    def test_no_more_than_there_is_room_for(self) -> None:
        found = read_lines("甲种罐=乙种罐\n丙种罐=丁种罐\n戊种罐=己种罐", SHIPPED, room=2)
        assert len(found.taken) == 2
        assert "上限" in found.refused[0].message

    def test_what_is_joined_on_the_way_is_said(self) -> None:
        (taken,) = read("发酵罐 = 生物反应器").taken
        assert len(taken.notes) == 2
        assert "fermenter" in taken.notes[0]


class TestApart:
    def test_groups_are_taken_apart(self) -> None:
        found = read("玻璃通孔 = TGV\n甲种罐 = 乙种罐\n增材制造 > 3D打印", apart=True)
        assert [(one.part, one.terms) for one in found.taken] == [("remove", ("玻璃通孔", "tgv"))]
        assert ["不在同一组" in one.message for one in found.refused] == [True, False]

    def test_twice_is_once(self) -> None:
        assert len(read("玻璃通孔 = TGV\nTGV = 玻璃通孔", apart=True).taken) == 1


def test_ties_forget_what_was_taken_apart() -> None:
    ties = Ties(SHIPPED)
    ties.take("remove", ["增材制造", "3D打印"])
    ties.take("narrower", ["3D打印", "选区激光熔化"])
    with pytest.raises(InvalidInput, match="成环"):
        ties.take("narrower", ["增材制造", "3D打印"])


@pytest.mark.parametrize(("part", "terms"), [("add", []), ("add", [""]), ("narrower", ["甲种罐", "乙种罐", "丙种罐"])])
def test_terms_that_are_none(part: Part, terms: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_terms(part, terms)
    assert caught.value.field == "terms"
    assert caught.value.hint


WORDS = st.sampled_from(["甲种罐", "乙种罐", "丙种罐", "丁种罐", "玻璃通孔", "tgv", "增材制造", "选区激光熔化"])
LINES = st.one_of(
    st.builds(lambda a, b: f"{a} = {b}", WORDS, WORDS),
    st.builds(lambda a, b: f"{a} > {b}", WORDS, WORDS),
    st.text(max_size=12).filter(lambda text: len(text.splitlines()) < 2),
)


@given(st.lists(LINES, max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_is_taken_can_be_served_as_it_was_checked(lines: list[str]) -> None:
    """The ranker's own table agrees: each group is one, each pair leads up, and nothing is in a circle."""
    found = read("\n".join(lines))
    numbers = [one.number for one in found.taken] + [one.number for one in found.refused]
    assert len(numbers) == len(set(numbers))
    groups = [one.terms for one in found.taken if one.part == "add"]
    pairs = [one.terms for one in found.taken if one.part == "narrower"]
    served = SHIPPED.edited(groups, (), pairs)
    for group in groups:
        assert all(set(group) - {term} <= set(served.expand([term])) for term in group)
    for narrow, broad in pairs:
        assert broad in served.expand([narrow])


@given(st.lists(st.text(max_size=30), max_size=8))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_the_reading(lines: list[str]) -> None:
    good = read("甲种罐 = 乙种罐\n" + "\n".join(lines))
    assert good.taken[0].terms == ("甲种罐", "乙种罐")
