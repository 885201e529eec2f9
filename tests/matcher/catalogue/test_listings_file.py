"""listings.jsonl: what is read, what is refused and in which words, and the round trip."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import line_of, listing_from, read_listings, write_listings
from matcher.errors import InvalidInput, NotFound, Unavailable
from matcher.records import KINDS, Listing, Parameter

SHIPPED = Path(__file__).parents[3] / "datasets" / "listings.jsonl"

FERMENTER: dict[str, Any] = {
    "id": "EQ-1",
    "kind": "equipment",
    "name": "500 L 发酵罐",
    "operator": None,
    "industry": ["生物医药"],
    "parameters": [{"name": "容积", "min": 50, "max": 500, "unit": "L"}],
}


def written(path: Path, *lines: object) -> Path:
    """A file of these lines: bytes and text as they are, anything else as JSON."""
    content = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode("utf-8")
        for line in lines
    ]
    path.write_bytes(b"\n".join(content) + b"\n")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "listings.jsonl"


class TestReading:
    def test_fields_become_a_listing(self, file: Path) -> None:
        (listing,) = read_listings(written(file, FERMENTER))
        assert listing == Listing(
            id="EQ-1",
            kind="equipment",
            name="500 L 发酵罐",
            industry=("生物医药",),
            parameters=(Parameter("容积", 50.0, 500.0, "L"),),
        )

    def test_the_shipped_catalogue_is_read_whole_and_in_its_order(self) -> None:
        listings = read_listings(SHIPPED)
        raw = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
        assert [listing.id for listing in listings] == [fields["id"] for fields in raw]
        assert {listing.kind for listing in listings} == set(KINDS)
        assert sum(len(listing.parameters) for listing in listings) == sum(len(fields["parameters"]) for fields in raw)

    def test_byte_order_mark_blank_lines_and_windows_line_ends(self, file: Path) -> None:
        body = json.dumps(FERMENTER, ensure_ascii=False).encode("utf-8")
        file.write_bytes(b"\xef\xbb\xbf\r\n" + body + b"\r\n \t\r\n")
        assert [listing.id for listing in read_listings(file)] == ["EQ-1"]

    def test_a_line_separator_inside_a_text_does_not_end_the_line(self, file: Path) -> None:
        (listing,) = read_listings(written(file, json.dumps(FERMENTER | {"summary": "甲\u2028乙"}, ensure_ascii=False)))
        assert listing.summary == "甲\u2028乙"

    def test_blank_texts_count_as_missing_and_unknown_fields_are_ignored(self, file: Path) -> None:
        fields = FERMENTER | {"province": " ", "summary": None, "industry": None, "colour": "red"}
        (listing,) = read_listings(written(file, fields))
        assert (listing.province, listing.summary, listing.industry) == (None, "", ())

    def test_an_escaped_astral_character_is_whole(self, file: Path) -> None:
        (listing,) = read_listings(written(file, FERMENTER | {"name": "𬭩盐反应釜"}))
        assert listing.name == "𬭩盐反应釜"

    def test_progress_reaches_the_end_and_only_grows(self, file: Path) -> None:
        seen: list[tuple[int, int]] = []
        lines = [FERMENTER | {"id": f"EQ-{number}"} for number in range(2500)]
        read_listings(written(file, *lines), progress=lambda done, total: seen.append((done, total)))
        assert seen == [(1000, 2500), (2000, 2500), (2500, 2500)]


BROKEN: dict[str, tuple[object, str, str | None]] = {
    "not JSON": ('{"id": "X"', "JSON 格式错误", None),
    "array": ([1], "不是 JSON 对象", None),
    "not UTF-8": (json.dumps(FERMENTER, ensure_ascii=False).encode("gb18030"), "UTF-8", None),
    "no id": ({"kind": "platform", "name": "x"}, "缺少 id", "id"),
    "blank id": (FERMENTER | {"id": " "}, "缺少 id", "id"),
    "id with a tab": (FERMENTER | {"id": "A\tB"}, "空白", "id"),
    "id with a blank at its end": (FERMENTER | {"id": "A "}, "空白", "id"),
    "id with a zero-width space": (FERMENTER | {"id": "A\u200bB"}, "不可见", "id"),
    "id is a number": (FERMENTER | {"id": 7}, "id 应为文本,却是 数值", "id"),
    "no kind": ({"id": "X", "name": "x"}, "缺少 kind", "kind"),
    "unknown kind": (FERMENTER | {"kind": "castle"}, "未知的类别 'castle'", "kind"),
    "no name": ({"id": "X", "kind": "platform"}, "缺少 name", "name"),
    "operator is a list": (FERMENTER | {"operator": ["x"]}, "operator 应为文本或 null,却是 列表", "operator"),
    "industry is a text": (FERMENTER | {"industry": "化工"}, "industry 应为文本的列表,却是 文本", "industry"),
    "industry is false": (FERMENTER | {"industry": False}, "却是 布尔值", "industry"),
    "industry holds null": (FERMENTER | {"industry": ["化工", None]}, "却是 null", "industry"),
    "parameters is an object": (FERMENTER | {"parameters": {"a": 1}}, "parameters 应为参数的列表", "parameters"),
    "parameter is a text": (FERMENTER | {"parameters": ["50 L"]}, "parameters[0] 应为", "parameters[0]"),
    "min above max": (
        FERMENTER | {"parameters": [{"name": "容积", "min": 9, "max": 2.5}]},
        "parameters[0] 下限 9 大于上限 2.5",
        "parameters[0]",
    ),
    "min is a text": (FERMENTER | {"parameters": [{"name": "容积", "min": "9"}]}, "却是 文本", "parameters[0].min"),
    "max is true": (FERMENTER | {"parameters": [{"name": "容积", "max": True}]}, "却是 布尔值", "parameters[0].max"),
    "parameter has no name": (FERMENTER | {"parameters": [{"min": 1}]}, "缺少 name", "parameters[0].name"),
    "NaN": ('{"id":"X","kind":"platform","name":"x","parameters":[{"name":"a","min":NaN}]}', "NaN", None),
    "Infinity": ('{"id":"X","kind":"platform","name":"x","parameters":[{"name":"a","max":Infinity}]}', "Inf", None),
    "overflow": (
        '{"id":"X","kind":"platform","name":"x","parameters":[{"name":"a","max":1e999}]}',
        "数值过大",
        "parameters[0].max",
    ),
    "huge whole number": (
        FERMENTER | {"parameters": [{"name": "a", "min": 10**400}]},
        "数值过大",
        "parameters[0].min",
    ),
    "endless digits": ('{"id": ' + "1" * 5000 + "}", "数字过长", None),
    "deep nesting": ("[" * 200_000, "嵌套过深", None),
    "lone surrogate": (r'{"id":"X","kind":"platform","name":"\ud800"}', "代理字符", None),
    "lone surrogate in a key": (r'{"id":"X","kind":"platform","name":"x","\udfff":1}', "代理字符", None),
}


class TestRefusals:
    @pytest.mark.parametrize("case", BROKEN)
    def test_the_line_the_fault_and_the_remedy_are_named(self, file: Path, case: str) -> None:
        line, said, field = BROKEN[case]
        with pytest.raises(InvalidInput) as caught:
            read_listings(written(file, "", FERMENTER, line))
        assert caught.value.message.startswith("listings.jsonl 第 3 行:")
        assert said in caught.value.message
        assert caught.value.field == field
        assert caught.value.hint
        assert "\n" not in str(caught.value)

    def test_a_duplicate_id_names_both_lines(self, file: Path) -> None:
        with pytest.raises(InvalidInput, match="第 4 行:编号 EQ-1 与第 1 行重复"):
            read_listings(written(file, FERMENTER, FERMENTER | {"id": "EQ-2"}, "", FERMENTER))

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
    def test_an_empty_file(self, file: Path, content: bytes) -> None:
        file.write_bytes(content)
        with pytest.raises(InvalidInput, match="空文件"):
            read_listings(file)

    def test_a_missing_file_a_folder_and_a_path_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="absent"):
            read_listings(tmp_path / "absent")
        with pytest.raises(InvalidInput, match="文件夹"):
            read_listings(tmp_path)
        with pytest.raises(Unavailable):
            read_listings("a\0b")


# --- round trip ---

plain_text = st.text(st.characters(codec="utf-8"), max_size=20)
said_text = plain_text.filter(lambda text: bool(text) and not text.isspace())
identifiers = st.from_regex(r"[A-Z]{2}-[0-9]{1,6}", fullmatch=True) | st.sampled_from(["平台一号", "🧪-1"])
ends = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9).map(float)


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    low, high = draw(ends), draw(ends)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Parameter(draw(said_text), low, high, draw(st.none() | said_text))


words = st.lists(plain_text, max_size=3).map(tuple)
listings = st.builds(
    Listing,
    id=identifiers,
    kind=st.sampled_from(KINDS),
    name=said_text,
    operator=st.none() | said_text,
    province=st.none() | said_text,
    city=st.none() | said_text,
    industry=words,
    summary=st.just("") | said_text,
    capabilities=words,
    equipment=words,
    parameters=st.lists(parameters(), max_size=3).map(tuple),
    qualifications=words,
    services=words,
    level=st.none() | said_text,
    source_url=st.none() | said_text,
    source_title=st.none() | said_text,
    source_date=st.none() | said_text,
)


@pytest.mark.slow
@given(st.lists(listings, min_size=1, max_size=5, unique_by=lambda listing: listing.id))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, written_ones: list[Listing]) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.jsonl"
    write_listings(path, written_ones)
    assert read_listings(path) == tuple(written_ones)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
any_fields = st.fixed_dictionaries(
    {}, optional={name: json_values | st.just(value) for name, value in (FERMENTER | {"city": "东莞市"}).items()}
)


@given(any_fields)
@settings(max_examples=100, deadline=None)
def test_any_object_is_a_listing_or_refused_with_a_remedy(fields: dict[str, Any]) -> None:
    refusal = None
    try:
        assert listing_from(fields).id == fields["id"]
    except InvalidInput as error:
        refusal = error
    assert refusal is None or refusal.hint


class TestWriting:
    def test_whole_numbers_are_written_as_people_write_them(self) -> None:
        listing = Listing("X", "platform", "x", parameters=(Parameter("a", 8.0, 8.5), Parameter("b", 0.0, 1e300)))
        (first, second) = json.loads(line_of(listing))["parameters"]
        assert json.dumps([first["min"], first["max"], second["min"]]) == "[8, 8.5, 0]"
        assert second["max"] == 1e300

    def test_minus_zero_keeps_its_sign(self) -> None:
        assert '"min": -0.0' in line_of(Listing("X", "platform", "x", parameters=(Parameter("a", -0.0),)))

    def test_a_failed_write_leaves_the_old_file_and_no_rest(self, file: Path) -> None:
        written(file, FERMENTER)
        before = file.read_bytes()
        with pytest.raises(InvalidInput):
            write_listings(file, [Listing("X", "platform", "\ud800")])
        with pytest.raises(InvalidInput):
            write_listings(file, [Listing("X", "platform", "x", parameters=(Parameter("a", float("nan")),))])
        assert file.read_bytes() == before
        assert list(file.parent.iterdir()) == [file]

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="无法写入"):
            write_listings(tmp_path / "absent" / "x.jsonl", [])


@pytest.mark.benchmark
def test_reading_24_000_listings_takes_under_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    lines = [shipped[number % len(shipped)] | {"id": f"X-{number}"} for number in range(24_000)]
    path = written(tmp_path / "big.jsonl", *(json.dumps(line, ensure_ascii=False) for line in lines))
    began = time.perf_counter()
    assert len(read_listings(path)) == 24_000
    seconds = time.perf_counter() - began
    with capsys.disabled():
        sys.stdout.write(f"\n24,000 listings ({path.stat().st_size / 1e6:.0f} MB) read in {seconds:.2f} s\n")
