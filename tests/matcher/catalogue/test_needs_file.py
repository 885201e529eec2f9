"""needs.jsonl: own words, structured fields, and broken lines that stop no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.needs_file import LineError, need_from, own_words, read_needs
from matcher.errors import InvalidInput, NotFound
from matcher.records import Need, Parameter

DATASETS = Path(__file__).parents[3] / "datasets"

NEED: dict[str, Any] = {
    "id": "N-1",
    "title": "酶制剂发酵放大",
    "description": "需要500 L以上的发酵罐,东莞附近。",
    "org_type": "中小企业",
    "province": "广东省",
    "city": "东莞市",
    "industry": ["生物医药"],
    "parameters": [{"name": "发酵罐容积", "min": 500, "max": None, "unit": "L"}],
    "stage": "小试→中试",
    "budget_wan": 200,
    "deadline": "2026-12-31",
    "explicit": True,
}


def written(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_fields_become_a_need(tmp_path: Path) -> None:
    needs, errors = read_needs(written(tmp_path / "needs.jsonl", NEED))
    assert errors == []
    assert needs == [
        Need(
            text="酶制剂发酵放大。需要500 L以上的发酵罐,东莞附近。",
            id="N-1",
            title="酶制剂发酵放大",
            province="广东省",
            city="东莞市",
            industry=("生物医药",),
            parameters=(Parameter("发酵罐容积", 500.0, None, "L"),),
            stage="小试→中试",
            budget_wan=200.0,
            deadline="2026-12-31",
        )
    ]


@pytest.mark.parametrize(("name", "rows"), [("needs_dev.jsonl", 123), ("needs_train.jsonl", 360)])
def test_the_shipped_needs_are_read_without_a_fault(name: str, rows: int) -> None:
    needs, errors = read_needs(DATASETS / name)
    assert (len(needs), errors) == (rows, [])
    assert all(need.text for need in needs)


def test_the_place_of_the_requester_is_no_condition(tmp_path: Path) -> None:
    (need,), _ = read_needs(written(tmp_path / "needs.jsonl", NEED))
    assert (need.places, need.must, need.kinds) == ((), (), ())


@pytest.mark.parametrize(
    ("title", "description", "text"),
    [
        ("甲", "乙", "甲。乙"),
        ("甲。", "乙", "甲。乙"),
        ("甲?", "乙", "甲?乙"),
        (" 甲 ", " 乙 ", "甲。乙"),
        ("甲", "甲的放大", "甲的放大"),
        ("甲", "甲", "甲"),
        ("甲", None, "甲"),
        (None, "乙", "乙"),
        ("", "乙", "乙"),
    ],
)
def test_own_words(title: str | None, description: str | None, text: str) -> None:
    assert own_words(title, description) == text


@given(st.text(min_size=1), st.text(min_size=1))
@settings(max_examples=100, deadline=None)
def test_own_words_lose_nothing(title: str, description: str) -> None:
    if title.strip() or description.strip():
        text = own_words(title, description)
        assert text.startswith(title.strip())
        assert text.endswith(description.strip())
        assert len(text) <= len(title) + len(description) + 1


def test_broken_lines_are_named_and_the_others_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "needs.jsonl", "{", NEED, "", "[]", NEED | {"id": "N-2", "title": None}, NEED)
    needs, errors = read_needs(path)
    assert [need.id for need in needs] == ["N-1", "N-2"]
    assert [error.line for error in errors] == [1, 4, 6]
    assert errors[2] == LineError(6, "编号 N-1 与第 2 行重复", "每个需求的 id 只能出现一次")
    assert str(errors[2]) == "第 6 行:编号 N-1 与第 2 行重复(每个需求的 id 只能出现一次)"


def test_a_line_in_another_encoding_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "needs.jsonl"
    lines = [json.dumps(NEED | {"id": number}, ensure_ascii=False) for number in ("A", "B")]
    path.write_bytes(lines[0].encode("gb18030") + b"\n" + lines[1].encode("utf-8"))
    needs, errors = read_needs(path)
    assert [need.id for need in needs] == ["B"]
    assert "UTF-8" in errors[0].message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "缺少 id"),
        ({"id": "A B"}, "空白"),
        ({"title": None, "description": " "}, "title 和 description"),
        ({"title": 5}, "title 应为文本"),
        ({"budget_wan": -1}, "不能为负数"),
        ({"budget_wan": "200"}, "budget_wan 应为数值"),
        ({"budget_wan": True}, "却是 布尔值"),
        ({"industry": "化工"}, "industry 应为文本的列表"),
        ({"parameters": [{"name": "容积", "min": 2, "max": 1}]}, "下限 2 大于上限 1"),
        ({"deadline": 2026}, "deadline 应为文本"),
    ],
)
def test_faults_in_fields(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    needs, (error,) = read_needs(written(tmp_path / "needs.jsonl", NEED | change))
    assert needs == []
    assert error.line == 1
    assert said in error.message
    assert error.hint


def test_a_need_whose_first_line_was_broken_is_no_duplicate(tmp_path: Path) -> None:
    needs, errors = read_needs(written(tmp_path / "needs.jsonl", NEED | {"budget_wan": -1}, NEED))
    assert [need.id for need in needs] == ["N-1"]
    assert [error.line for error in errors] == [1]


def test_an_empty_file_and_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="空文件"):
        read_needs(written(tmp_path / "needs.jsonl"))
    with pytest.raises(NotFound, match="absent"):
        read_needs(tmp_path / "absent")


def test_text_without_a_structured_field_is_enough() -> None:
    assert need_from({"id": "A", "description": "找中试线"}) == Need(text="找中试线", id="A")
