import csv
import json
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.records import IndustryRequirement
from matcher.understanding.industries import (
    ANCESTOR_CLOSENESS,
    COUSIN_CLOSENESS,
    FIELD_SIBLING_CLOSENESS,
    LAYERS,
    SIBLING_CLOSENESS,
    TABLE,
    TAGS,
    UNCLE_CLOSENESS,
    Industries,
    Industry,
)

DATASETS = Path(__file__).resolve().parents[3] / "datasets"
TREE = [
    Industry("it", "信息技术", layer="field"),
    Industry("chips", "半导体", "it", "emerging", ("芯片", "IC"), ("生物芯片",)),
    Industry("mems", "微机电系统", "chips", "emerging", ("MEMS",)),
    Industry("packaging", "先进封装", "chips", "emerging", ("玻璃通孔",)),
    Industry("telecom", "通信", "it", "emerging", ("5G",)),
    Industry("antennas", "天线", "telecom"),
    Industry("equipment", "装备制造", layer="field"),
    Industry("machines", "专用装备", "equipment"),
    Industry("glass", "玻璃", "machines", exceptions=("玻璃纤维",)),
]


@pytest.fixture(scope="module")
def tree() -> Industries:
    return Industries(TREE, {"装备": "equipment", "电子 信息": "chips"})


@pytest.fixture(scope="module")
def shipped() -> Industries:
    return Industries.load()


def read(industries: Industries, text: str) -> list[tuple[str, str]]:
    return [(requirement.text, requirement.industry) for requirement in industries.read_industries(text)]


def test_industries_are_read_with_their_spans(tree: Industries) -> None:
    text = "做MEMS器件和5G天线"
    assert tree.read_industries(text) == [
        IndustryRequirement(text="MEMS", start=1, end=5, industry="mems"),
        IndustryRequirement(text="5G", start=8, end=10, industry="telecom"),
        IndustryRequirement(text="天线", start=10, end=12, industry="antennas"),
    ]


def test_the_longest_name_wins(tree: Industries) -> None:
    assert read(tree, "装备制造业") == [("装备制造", "equipment")]
    assert read(tree, "玻璃通孔") == [("玻璃通孔", "packaging")]


def test_a_name_inside_an_exception_is_passed_over(tree: Industries) -> None:
    assert read(tree, "玻璃纤维和生物芯片") == []
    assert read(tree, "玻璃纤维和玻璃") == [("玻璃", "glass")]


def test_an_industry_named_twice_is_read_once_at_its_first_place(tree: Industries) -> None:
    assert [(found.text, found.start) for found in tree.read_industries("芯片,半导体,IC")] == [("芯片", 0)]


def test_latin_names_are_whole_words_in_any_case_and_width(tree: Industries) -> None:
    assert read(tree, "mems和ＩＣ") == [("mems", "mems"), ("ＩＣ", "chips")]
    assert read(tree, "MEMSX 15G MICE") == []


def test_offsets_hold_behind_characters_that_change_length_when_lowered(tree: Industries) -> None:
    (found,) = tree.read_industries("İİẞ天线")
    assert (found.start, found.end, found.text) == (3, 5, "天线")


def test_nothing_is_read_from_nothing(tree: Industries) -> None:
    assert tree.read_industries("") == []
    assert tree.read_industries("需要中试") == []


def test_tags_map_by_table_then_name_then_what_they_hold(tree: Industries) -> None:
    assert tree.of_tags(["装备"]) == {"equipment"}
    assert tree.of_tags(["mems", " 半导体 "]) == {"mems", "chips"}
    assert tree.of_tags(["5G天线"]) == {"telecom", "antennas"}
    assert tree.of_tags(["无从归类", ""]) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "closeness"),
    [
        ("mems", "mems", 1.0),
        ("mems", "chips", ANCESTOR_CLOSENESS[1]),
        ("mems", "it", ANCESTOR_CLOSENESS[2]),
        ("mems", "packaging", SIBLING_CLOSENESS),
        ("chips", "telecom", FIELD_SIBLING_CLOSENESS),
        ("mems", "telecom", UNCLE_CLOSENESS),
        ("mems", "antennas", COUSIN_CLOSENESS),
        ("mems", "machines", 0.0),
        ("it", "equipment", 0.0),
    ],
)
def test_closeness_falls_with_the_way_through_the_tree(
    tree: Industries, one: str, other: str, closeness: float
) -> None:
    assert tree.closeness(one, other) == closeness
    assert tree.closeness(other, one) == closeness


def test_closeness_constants_are_in_order() -> None:
    order = [
        0.0,
        COUSIN_CLOSENESS,
        UNCLE_CLOSENESS,
        FIELD_SIBLING_CLOSENESS,
        SIBLING_CLOSENESS,
        ANCESTOR_CLOSENESS[1],
        1.0,
    ]
    assert order == sorted(set(order))


def test_an_unknown_id_is_refused(tree: Industries) -> None:
    for call in (lambda: tree.closeness("mems", "nix"), lambda: tree.closeness("nix", "mems"), lambda: tree["nix"]):
        with pytest.raises(InvalidInput, match="nix"):
            call()


def test_coverage_is_the_mean_of_the_best(tree: Industries) -> None:
    assert tree.coverage(["mems", "glass"], ["chips", "telecom"]) == pytest.approx(ANCESTOR_CLOSENESS[1] / 2)
    assert tree.coverage(["mems"], ["telecom", "mems"]) == 1.0
    assert tree.coverage([], ["mems"]) == 0.0
    assert tree.coverage(["mems"], []) == 0.0


IDS = st.sampled_from([industry.id for industry in TREE])


@settings(max_examples=100, deadline=None)
@given(st.frozensets(IDS, max_size=4), st.frozensets(IDS, max_size=4))
def test_coverage_agrees_with_all_pairs(wanted: frozenset[str], offered: frozenset[str]) -> None:
    tree = Industries(TREE)
    best = [max((tree.closeness(want, offer) for offer in offered), default=0.0) for want in wanted]
    assert tree.coverage(wanted, offered) == pytest.approx(sum(best) / len(best) if best else 0.0)
    assert tree.coverage(wanted, wanted | offered) == (1.0 if wanted else 0.0)


@settings(max_examples=100, deadline=None)
@given(st.text("玻璃纤维通孔MEMSmems装备制造5G天线İ，, ", max_size=30))
def test_spans_are_in_order_apart_and_true_to_the_text(text: str) -> None:
    found = Industries(TREE).read_industries(text)
    assert all(text[hit.start : hit.end] == hit.text for hit in found)
    assert all((one.end or 0) <= (other.start or 0) for one, other in pairwise(found))
    assert len({hit.industry for hit in found}) == len(found)


def changed(id: str, **fields: object) -> Iterable[Industry]:
    return [replace(industry, **fields) if industry.id == id else industry for industry in TREE]  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("industries", "fault"),
    [
        ([*TREE, TREE[2]], "重复"),
        (changed("mems", parent="nix"), "“nix”不存在"),
        (changed("it", parent="mems"), "成环"),
        (changed("it", parent="it"), "成环"),
        (changed("chips", parent="antennas"), "超过 3 级"),
        (changed("mems", layer="top"), "“top”无效"),
        (changed("mems", aliases=("ic",)), "“ic”同时属于"),
        (changed("mems", name="芯片"), "“芯片”同时属于"),
    ],
)
def test_a_faulty_tree_is_refused(industries: Iterable[Industry], fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        Industries(industries)


def test_a_tag_of_an_unknown_industry_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nix"):
        Industries(TREE, {"装备": "nix"})


def test_missing_files_and_columns_are_broken_artefacts(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact, match=r"none\.csv"):
        Industries.load(tmp_path / "none.csv")
    short = tmp_path / "short.csv"
    short.write_text("id,name,parent,layer,aliases,exceptions,source\nit,信息技术,,field\n", encoding="utf-8")
    with pytest.raises(BrokenArtefact, match="第 2 行"):
        Industries.load(short)
    with pytest.raises(BrokenArtefact, match=r"short\.csv"):
        Industries.load(tags=short)


def test_the_shipped_tree_is_well_formed(shipped: Industries) -> None:
    assert len(shipped) >= 120
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["id"] and row["name"] and row["source"] for row in rows)
    assert {row["layer"] for row in rows} == set(LAYERS)
    assert [row["name"] for row in rows if not row["parent"]] == [
        "原材料工业",
        "装备制造",
        "消费品工业",
        "信息技术",
        "新兴和未来产业",
        "共性需求",
    ]
    assert all((row["layer"] == "field") == (not row["parent"]) for row in rows)


def test_dongguans_industries_stand_in_their_layers(shipped: Industries) -> None:
    layers = {industry.name: industry.layer for industry in shipped}
    for pillar in ("新一代电子信息", "电气机械及设备", "纺织服装鞋帽", "食品饮料", "造纸及纸制品"):
        assert layers[pillar] == "pillar"
    for emerging in ("高端装备", "半导体及集成电路", "新材料", "新能源", "生物医药", "人工智能", "低空经济"):
        assert layers[emerging] == "emerging"
    for future in ("下一代移动通信", "前沿新材料", "具身智能与人形机器人", "未来生命健康"):
        assert layers[future] == "future"


def test_every_exception_holds_a_name_of_its_industry(shipped: Industries) -> None:
    idle = [
        (industry.id, word)
        for industry in shipped
        for word in industry.exceptions
        if not any(name.lower() in word.lower() for name in (industry.name, *industry.aliases))
    ]
    assert idle == []


def test_every_tag_of_the_catalogue_and_of_the_needs_is_mapped(shipped: Industries) -> None:
    with TAGS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    mapped = [row["tag"] for row in rows]
    assert len(set(mapped)) == len(mapped)
    used = set()
    for name in ("listings.jsonl", "needs_dev.jsonl", "needs_train.jsonl"):
        for line in (DATASETS / name).read_text(encoding="utf-8").splitlines():
            used.update(json.loads(line)["industry"])
    assert used - set(mapped) == set()
    assert all(shipped.of_tags([row["tag"]]) == {row["industry"]} for row in rows)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("小型饮料生产线", {"beverages"}),
        ("寻8英寸TSV中试线做转接板流片", {"advanced-packaging", "chip-manufacturing"}),
        ("效价已到6g/L", set()),
        ("水分蒸发抑制剂", set()),
        ("6G外场", {"six-g"}),
        ("铝电解槽节能", {"aluminium"}),
        ("全固态電池", {"solid-state-batteries"}),
        ("玻璃通孔", {"advanced-packaging"}),
        ("PET回收再生造粒,食品接触FDA", set()),
        ("食品接触材料", {"packaging-materials"}),
        ("食品加工,接触材料", {"food"}),
        ("深圳高铁站", set()),
        ("高铁轴承", {"rail", "transmission"}),
    ],
)
def test_what_needs_say(shipped: Industries, text: str, ids: set[str]) -> None:
    assert {requirement.industry for requirement in shipped.read_industries(text)} == ids


def test_reading_and_comparing_are_quick(shipped: Industries) -> None:
    text = "车规级SiC功率模块封装后做功率循环,预算30万元以内,最好在东莞附近。" * 2
    shipped.closeness("food", "food")
    start = time.perf_counter()
    for _ in range(100):
        shipped.read_industries(text)
        shipped.coverage(("power-devices", "vehicles"), ("semiconductors", "auto-electronics"))
    # Measured at 0.08 ms; shared machines are slower, a slip of the algorithm is slower by far.
    assert (time.perf_counter() - start) / 100 < 0.002
