import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.retrieval.synonyms import BROADER_WEIGHT, HEADER, SYNONYM_WEIGHT, LineError, Synonyms
from matcher.retrieval.words import Words, normalise

TABLE = Path(__file__).resolve().parents[3] / "datasets" / "synonyms.csv"
LINES = [
    "id,terms,kind,source",
    "S1,TGV|玻璃通孔|through glass via,abbreviation,x",
    "S2,增材制造|3D打印,equal,x",
    "S3,SLM|选区激光熔化,abbreviation,x",
    "B1,选区激光熔化|增材制造,narrower,x",
    "B2,增材制造|先进制造,narrower,x",
]


@pytest.fixture(scope="module")
def synonyms() -> Synonyms:
    return Synonyms.parse(LINES)[0]


@pytest.fixture(scope="module")
def shipped() -> Synonyms:
    return Synonyms.load(TABLE)


def test_words_count_fully_and_their_synonyms_less(synonyms: Synonyms) -> None:
    assert 0 < BROADER_WEIGHT < SYNONYM_WEIGHT < 1
    assert synonyms.expand(["tgv", "膜"]) == {
        "tgv": 1.0,
        "膜": 1.0,
        "玻璃通孔": SYNONYM_WEIGHT,
        "through glass via": SYNONYM_WEIGHT,
    }


def test_broader_terms_are_added_one_way_and_fade_with_each_step(synonyms: Synonyms) -> None:
    assert synonyms.expand(["slm"]) == {
        "slm": 1.0,
        "选区激光熔化": SYNONYM_WEIGHT,
        "增材制造": BROADER_WEIGHT,
        "3d打印": BROADER_WEIGHT,
        "先进制造": pytest.approx(BROADER_WEIGHT**2),
    }
    assert "slm" not in synonyms.expand(["增材制造"])
    assert synonyms.expand(["先进制造"]) == {"先进制造": 1.0}


def test_an_own_word_is_never_lowered_by_being_a_synonym_too(synonyms: Synonyms) -> None:
    assert synonyms.expand(["tgv", "玻璃通孔", "tgv"])["玻璃通孔"] == 1.0
    assert list(synonyms.expand(["玻璃通孔", "tgv"]))[:2] == ["玻璃通孔", "tgv"]


def test_terms_of_several_latin_words_are_found_in_the_raw_text(synonyms: Synonyms) -> None:
    weights = synonyms.expand(["through", "glass", "via"], "我们做Ｔhrough Glass Via样品")
    assert weights["through glass via"] == 1.0
    assert weights["玻璃通孔"] == SYNONYM_WEIGHT
    assert "玻璃通孔" not in synonyms.expand(["glass"], "through glass viable")
    assert "tgv" not in synonyms.expand([], "一块玻璃通孔板")


def test_nothing_is_expanded_to_nothing(synonyms: Synonyms) -> None:
    assert synonyms.expand([]) == {}
    assert Synonyms().expand(["膜"]) == {"膜": 1.0}


def test_terms_and_size(synonyms: Synonyms) -> None:
    assert len(synonyms) == 3
    assert synonyms.terms == tuple(sorted(synonyms.terms))
    assert {"tgv", "3d打印", "先进制造"} <= set(synonyms.terms)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("S9,只有一个,equal,x", "至少要有两个"),
        ("S9,甲乙|甲乙,equal,x", "至少要有两个"),
        ("S9,ＡＬＤ|ald,equal,x", "至少要有两个"),
        ("S9,膜|薄膜,equal,x", "至少 2 个字"),
        ("S9,甲乙|,equal,x", "至少 2 个字"),
        ("S9,甲乙|丙丁,same,x", "类别“same”无效"),
        ("S9,甲乙|丙丁|戊己,narrower,x", "恰好两个"),
        (",甲乙|丙丁,equal,x", "缺少 id"),
        ("S9,甲乙|丙丁", "四列"),
        ("S9,甲乙|丙丁,equal,x,y", "四列"),
        ('S9,"甲乙|丙丁,equal,x', "引号"),
        ("S1,甲乙|丙丁,equal,x", "与第 2 行重复"),
        ("S9,甲乙|玻璃通孔,equal,x", "“玻璃通孔”已在"),
        ("B9,增材制造|SLM,narrower,x", "成环"),
        ("B9,甲乙|甲乙,narrower,x", "恰好两个"),
        ("B9,TGV|玻璃通孔,narrower,x", "成环"),
    ],
)
def test_a_broken_line_is_named_and_harms_no_other(line: str, fault: str) -> None:
    synonyms, errors = Synonyms.parse([*LINES, line, "S10,冻干|冷冻干燥,equal,x"])
    assert [error.line for error in errors] == [7]
    assert fault in errors[0].message
    assert str(errors[0]).startswith("第 7 行:")
    assert synonyms.errors == tuple(errors)
    assert len(synonyms) == 4
    assert synonyms.expand(["冻干"])["冷冻干燥"] == SYNONYM_WEIGHT


def test_the_first_line_keeps_a_term_that_two_lines_claim() -> None:
    synonyms, errors = Synonyms.parse(["S1,甲乙|丙丁,equal,x", "S2,丙丁|戊己,equal,x"])
    assert errors == [LineError(2, "“丙丁”已在“甲乙|丙丁”一组中")]
    assert set(synonyms.terms) == {"甲乙", "丙丁"}


def test_a_refused_group_leaves_none_of_its_terms_behind() -> None:
    synonyms, _ = Synonyms.parse(["S1,甲乙|丙丁,equal,x", "S2,戊己|丙丁,equal,x", "S3,戊己|庚辛,equal,x"])
    assert set(synonyms.expand(["戊己"])) == {"戊己", "庚辛"}


def test_pairs_may_stand_above_the_groups_they_link() -> None:
    synonyms, errors = Synonyms.parse([LINES[4], *LINES[1:4]])
    assert errors == []
    assert "3d打印" in synonyms.expand(["slm"])


def test_a_longer_cycle_is_refused_at_the_line_that_closes_it() -> None:
    lines = ["B1,甲甲|乙乙,narrower,x", "B2,乙乙|丙丙,narrower,x", "B3,丙丙|甲甲,narrower,x"]
    synonyms, errors = Synonyms.parse(lines)
    assert [error.line for error in errors] == [3]
    assert "甲甲" not in synonyms.expand(["丙丙"])


def test_comments_blank_lines_and_a_byte_order_mark_are_skipped() -> None:
    synonyms, errors = Synonyms.parse(["\ufeffid,terms,kind,source", "", "  ", "# 说明", "S1,甲乙|丙丁,equal"])
    assert (len(synonyms), errors) == (1, [])


def test_quoted_terms_may_hold_a_comma() -> None:
    synonyms, _ = Synonyms.parse(['S1,"FDCA|2,5-呋喃二甲酸",abbreviation,x'])
    assert "2,5-呋喃二甲酸" in synonyms.expand(["fdca"])


def test_groups_given_in_code_are_checked_as_well() -> None:
    with pytest.raises(InvalidInput, match="已在"):
        Synonyms([("甲乙", "丙丁"), ("丙丁", "戊己")])
    with pytest.raises(InvalidInput, match="成环"):
        Synonyms(broader=[("甲乙", "丙丁"), ("丙丁", "甲乙")])


def test_a_missing_or_binary_table_is_a_broken_artefact(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact):
        Synonyms.load(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenArtefact):
        Synonyms.load(tmp_path / "binary.csv")


def test_load_keeps_what_is_good(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.csv"
    path.write_text("\n".join([*LINES, "oops"]), encoding="utf-8")
    synonyms = Synonyms.load(path)
    assert [error.line for error in synonyms.errors] == [7]
    assert len(synonyms) == 3


LETTERS = [f"{first}{second}" for first in "甲乙丙" for second in "丁戊己"]
groups = st.lists(st.sampled_from(LETTERS), min_size=2, max_size=4, unique=True).map("|".join)
rows = st.lists(
    st.tuples(groups, st.sampled_from(["equal", "abbreviation", "english", "narrower"])), min_size=1, max_size=8
)


def parse(table: list[tuple[str, str]]) -> Synonyms:
    return Synonyms.parse(f"R{number},{terms},{kind},x" for number, (terms, kind) in enumerate(table))[0]


@settings(max_examples=100, deadline=None)
@given(rows)
def test_groups_are_symmetric(table: list[tuple[str, str]]) -> None:
    synonyms = parse(table)
    for one in LETTERS:
        for other, weight in synonyms.expand([one]).items():
            if weight == SYNONYM_WEIGHT:
                assert synonyms.expand([other])[one] == SYNONYM_WEIGHT


@settings(max_examples=100, deadline=None)
@given(rows)
def test_broader_links_have_no_cycle(table: list[tuple[str, str]]) -> None:
    synonyms = parse(table)
    for one in LETTERS:
        for other, weight in synonyms.expand([one]).items():
            if weight <= BROADER_WEIGHT:
                assert one not in synonyms.expand([other])


@settings(max_examples=100, deadline=None)
@given(rows, st.lists(st.sampled_from(LETTERS), max_size=4))
def test_expanding_again_adds_nothing(table: list[tuple[str, str]], words: list[str]) -> None:
    synonyms = parse(table)
    once = synonyms.expand(words)
    assert set(synonyms.expand(list(once))) == set(once)
    assert all(once[word] == 1.0 for word in words)
    assert all(0 < weight <= 1 for weight in once.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text('ab|,"#甲乙 \n', max_size=12), max_size=6))
def test_any_lines_are_read_without_a_crash(lines: list[str]) -> None:
    synonyms, errors = Synonyms.parse([LINES[1], *lines])
    assert "玻璃通孔" in synonyms.expand(["tgv"])
    assert all(2 <= error.line <= len(lines) + 1 for error in errors)


def test_the_shipped_table_is_well_formed_and_large(shipped: Synonyms) -> None:
    assert shipped.errors == ()
    assert len(shipped) >= 300
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert tuple(table[0]) == HEADER
    assert all(len(row) == 4 and all(row) for row in table)
    assert sum(row[2] == "narrower" for row in table) >= 50


@pytest.mark.parametrize(
    ("word", "synonym"),
    [
        ("TGV", "玻璃通孔"),
        ("TSV", "硅通孔"),
        ("CDMO", "合同研发生产"),
        ("GMP", "药品生产质量管理规范"),
        ("MPW", "多项目晶圆"),
        ("SMT", "表面贴装"),
        ("ALD", "原子层沉积"),
        ("lyophilization", "冻干"),
        ("SLM", "选区激光熔化"),
        ("DLC", "类金刚石"),
        ("PEEK", "聚醚醚酮"),
        ("PHA", "聚羟基脂肪酸酯"),
        ("打样", "试制"),
    ],
)
def test_what_every_engineer_knows(shipped: Synonyms, word: str, synonym: str) -> None:
    assert shipped.expand([normalise(word)])[synonym] == SYNONYM_WEIGHT
    assert shipped.expand([synonym])[normalise(word)] == SYNONYM_WEIGHT


def test_every_shipped_term_is_a_word_when_the_segmenter_knows_the_table(shipped: Synonyms) -> None:
    words = Words(shipped.terms)
    assert [term for term in shipped.terms if term not in words.cut(f"寻求:{term}。")] == []
