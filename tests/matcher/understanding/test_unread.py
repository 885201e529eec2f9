"""What was demanded and not understood is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.records import Need, PlaceRequirement
from matcher.understanding.reading import Reader
from matcher.understanding.unread import wished_text

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("仅限央企的中试平台", "“仅限央企的中试平台”"),
        ("反应车间必须防爆,500 L", "“必须防爆”"),
        ("做PCBA打样,不要小作坊", "“不要小作坊”是排除条件"),
        ("污水处理,不考虑外包", "“不考虑外包”是排除条件"),
    ],
)
def test_hard_words_that_led_to_nothing_are_noted(reader: Reader, text: str, said: str) -> None:
    notes = reader.read(Need(text=text), DAY).notes
    if text.startswith("仅限"):
        # 中试平台 in the clause is a condition of its own, so the clause did lead to something.
        assert not any("没有读成条件" in note for note in notes)
    else:
        assert any(note.startswith(said) for note in notes)


@pytest.mark.parametrize(
    "text",
    [
        "不要江苏",
        "除了江苏,还可以在浙江",
        "不接受江苏以外的",
        "必须在东莞",
        "必须有GMP",
        "不要求GMP,做片剂",
        "发酵罐500 L",
        "必须湖北的厂家",
    ],
)
def test_what_was_read_needs_no_note(reader: Reader, text: str) -> None:
    assert not any("没有读成条件" in note or "排除条件" in note for note in reader.read(Need(text=text), DAY).notes)


@pytest.mark.parametrize("text", ["晶圆减薄,必须湖北", "必须江苏省", "必须苏州,做益生菌冻干"])
def test_a_place_right_behind_must_is_hard(reader: Reader, text: str) -> None:
    places = [one for one in reader.read(Need(text=text), DAY).requirements if one.type == "place"]
    assert [one.strength for one in places] == ["must"]


@pytest.mark.parametrize(
    ("text", "strength"), [("最好不要在上海做检测", "prefer"), ("污水处理,不要江苏", "must"), ("不想去深圳", "prefer")]
)
def test_an_excluded_place_is_a_condition(reader: Reader, text: str, strength: str) -> None:
    (place,) = [one for one in reader.read(Need(text=text), DAY).requirements if isinstance(one, PlaceRequirement)]
    assert (place.excluded, place.strength) == (True, strength)
    assert text[place.start : place.end] == place.text


@pytest.mark.parametrize("text", ["没有GMP也行", "没GMP资质也可以,先做样品"])
def test_a_dispensable_certificate_is_no_condition(reader: Reader, text: str) -> None:
    assert not [one for one in reader.read(Need(text=text), DAY).requirements if one.type == "certificate"]


def test_a_certificate_is_no_stage(reader: Reader) -> None:
    types = [
        one.type for one in reader.read(Need(text="锂电池安全测试,要CNAS报告"), DAY).requirements if one.text == "CNAS"
    ]
    assert types == ["certificate"]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("做抗体药,不要CDMO龙头", ["industry"]),
        ("不要危化品园区,做磷酸铁锂烧结", ["industry"]),
        ("做发酵,不接受没有GMP的酶制剂厂家", ["industry", "certificate", "industry"]),
        ("不要没做过发酵的", ["industry"]),
    ],
)
def test_what_is_refused_is_no_wish(reader: Reader, text: str, types: list[str]) -> None:
    understood = reader.read(Need(text=text), DAY)
    assert [one.type for one in understood.requirements] == types
    assert any("未参与筛选" in note for note in understood.notes)


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("益生菌冻干,不要找高校的平台,江苏", "益生菌冻干,        ,江苏"),
        ("益生菌冻干，不要高校", "益生菌冻干，    "),
        ("不要没做过发酵的", "不要没做过发酵的"),
        ("不要高校", "不要高校"),
        (
            "除了高密度毕赤酵母发酵的大规模中试平台,还需要下游纯化",
            "除了高密度毕赤酵母发酵的大规模中试平台,还需要下游纯化",
        ),
        ("不要求GMP,发酵", "不要求GMP,发酵"),
        ("", ""),
    ],
)
def test_what_is_refused_is_not_searched_for(text: str, wished: str) -> None:
    assert wished_text(text) == wished


@given(st.text(alphabet="不要考虑接受除了高校平台,。没有发酵 GMP", max_size=40))
def test_what_is_searched_for_has_the_places_of_the_text(text: str) -> None:
    wished = wished_text(text)
    assert len(wished) == len(text)
    assert all(one in (other, " ") for one, other in zip(wished, text, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("三层共挤,幅宽700以上,并配合测试", "幅宽700以上"),
        ("精度1弧分以内", "精度1弧分以内"),
        ("PEEK造粒,L/D≥40", "L/D≥40"),
        ("氧透过率小于1。", "氧透过率小于1"),
    ],
)
def test_a_limit_without_a_unit_is_said(reader: Reader, text: str, words: str) -> None:
    assert f"“{words}”没有读成条件,未参与筛选;请写明数值的单位" in reader.read(Need(text=text), DAY).notes


@pytest.mark.parametrize(
    "text",
    [
        "幅宽700mm以上",
        "目前每天不到2公斤,求代加工",
        "5L罐做通了,希望放大到200L以上",
        "20家以上客户等着",
        "三个月以内交样,预算50万以内",
        "必须幅宽700以上",
        "不接受低于99%的纯度",
        "",
    ],
)
def test_what_was_read_or_said_otherwise_is_not_said_again(reader: Reader, text: str) -> None:
    notes = reader.read(Need(text=text), DAY).notes if text else ()
    assert not any("写明数值的单位" in note for note in notes)


def test_a_page_of_limits_is_not_said_one_by_one(reader: Reader) -> None:
    notes = reader.read(Need(text="。".join(f"幅宽{number}00以上" for number in range(1, 10))), DAY).notes
    assert sum("写明数值的单位" in note for note in notes) == 5
    assert "另有 4 处数值没有读成条件" in notes
