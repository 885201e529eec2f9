from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.slices import NeedTraits, Slice, asked_kind, has_number, read_traits, slices_of
from matcher.records import Kind

DATASETS = Path(__file__).parents[3] / "datasets"
KINDS: dict[str, Kind] = {"P": "platform", "P2": "platform", "E": "equipment", "M": "manufacturer"}


def by_value(slices: tuple[Slice, ...], dimension: str) -> dict[str, frozenset[str]]:
    return {part.value: part.need_ids for part in slices if part.dimension == dimension}


class TestSlicesOf:
    needs = (
        NeedTraits("A", "需要 500 L 发酵罐", ("食品",), True),
        NeedTraits("B", "产品不稳定", ("化工",), False),
        NeedTraits("C", "产品不稳定", (), None),
        NeedTraits("D", "没有合适的", ("化工",), False),
    )
    judgements = Judgements(
        {
            "A": {"P": 3, "E": 2, "P2": 2},
            "B": {"E": 3, "P": 1},
            "C": {f"L{i}": 2 for i in range(35)},
            "D": {"P": 1},
        }
    )
    slices = slices_of(needs, judgements, kinds=KINDS)

    def test_needs_without_an_answer_are_in_no_slice(self) -> None:
        assert all("D" not in part.need_ids for part in self.slices)

    def test_wording(self) -> None:
        assert by_value(self.slices, "wording") == {"explicit": frozenset("A"), "vague": frozenset("B")}

    def test_kind_is_that_of_most_answers_where_known(self) -> None:
        assert by_value(self.slices, "kind") == {"platform": frozenset("A"), "equipment": frozenset("B")}

    def test_without_kinds_there_is_no_such_slice(self) -> None:
        assert by_value(slices_of(self.needs, self.judgements), "kind") == {}

    def test_numbers(self) -> None:
        assert by_value(self.slices, "numbers") == {"with": frozenset("A"), "without": frozenset("BC")}

    def test_number_of_answers(self) -> None:
        found = by_value(self.slices, "answers")
        assert found == {"1": frozenset("B"), "2-4": frozenset("A"), ">4": frozenset("C")}

    def test_number_of_judged_listings(self) -> None:
        assert by_value(self.slices, "pool") == {"<=30": frozenset("AB"), "31-40": frozenset("C")}

    def test_dimensions_come_in_one_order(self) -> None:
        order = list(dict.fromkeys(part.dimension for part in self.slices))
        assert order == ["wording", "kind", "numbers", "answers", "pool", "industry"]


class TestIndustry:
    def test_small_industries_are_read_together(self) -> None:
        needs = [NeedTraits(f"C{i}", industry=("化工", "材料")) for i in range(5)]
        needs += [NeedTraits("F", industry=("食品",)), NeedTraits("G", industry=("纺织",)), NeedTraits("H")]
        judgements = Judgements({need.id: {"P": 2} for need in needs})
        found = by_value(slices_of(needs, judgements), "industry")
        assert found == {"化工": frozenset(f"C{i}" for i in range(5)), "other": frozenset("FG")}

    def test_a_taxonomy_may_decide(self) -> None:
        needs = [NeedTraits(f"N{i}", industry=(tag,)) for i, tag in enumerate(["锂电池", "钠电池"] * 3)]
        judgements = Judgements({need.id: {"P": 2} for need in needs})
        found = by_value(slices_of(needs, judgements, industry_of=lambda need: "battery"), "industry")
        assert found == {"battery": frozenset(need.id for need in needs)}


def test_on_equal_counts_the_kind_named_first_wins() -> None:
    judgements = Judgements({"N": {"M": 2, "E": 3}})
    assert asked_kind("N", judgements, KINDS) == "equipment"
    assert asked_kind("N", judgements, {}) is None


@pytest.mark.parametrize("text", ["500 L", "需要8英寸产线", "五百升发酵罐", "预算两百万元", "十余吨"])
def test_has_a_number(text: str) -> None:
    assert has_number(text)


@pytest.mark.parametrize("text", ["", "希望进一步降低一些成本", "一家企业", "十分紧急", "万能试验机"])
def test_has_no_number(text: str) -> None:
    assert not has_number(text)


class TestReadTraits:
    def test_reads_what_slicing_asks(self, tmp_path: Path) -> None:
        path = tmp_path / "n.jsonl"
        rows = [
            {"id": "A", "title": "题", "description": "文", "industry": ["化工", "新材料"], "explicit": True},
            {"id": "B", "text": "自己的话", "industry": None},
        ]
        path.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        assert read_traits(path) == (
            NeedTraits("A", "文", ("化工", "新材料"), True),
            NeedTraits("B", "自己的话", (), None),
        )

    @pytest.mark.parametrize(
        ("line", "says"),
        [("{", "不是 JSON"), ("[]", "缺少 id"), ('{"id": ""}', "缺少 id"), ('{"id": "A"}', "需求 A 重复")],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str, says: str) -> None:
        path = tmp_path / "n.jsonl"
        path.write_text(f'{{"id": "A"}}\n{line}\n', encoding="utf-8")
        with pytest.raises(InvalidInput, match=f"n.jsonl 第 2 行.*{says}"):
            read_traits(path)

    def test_another_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "n.jsonl"
        path.write_bytes('{"id": "需求"}'.encode("gb18030"))
        with pytest.raises(InvalidInput, match="UTF-8"):
            read_traits(path)

    def test_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"none\.jsonl"):
            read_traits(tmp_path / "none.jsonl")


def test_the_shipped_needs_fall_into_slices_once() -> None:
    needs = read_traits(DATASETS / "needs_dev.jsonl")
    judgements = read_judgements(DATASETS / "judgements_dev.tsv")
    slices = slices_of(needs, judgements)
    sizes = Counter(part.dimension for part in slices for _ in part.need_ids)
    assert sizes == {"wording": 103, "numbers": 103, "answers": 103, "pool": 103, "industry": 103}
