"""What people type, as values; charts."""

from __future__ import annotations

import base64
import re
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.portal.desks.charts import lines
from api.portal.desks.needs import told
from api.portal.desks.typed import PARAMETER, Typed, row_values, rows_to_show, words_of
from api.portal.forms import Form
from api.portal.rendering import Page


class Speaker:
    """Stands in for a page: says texts as they are."""

    def text(self, text: str, **values: Any) -> str:
        return text % values


def typed(**values: Any) -> Typed:
    return Typed(cast(Page, Speaker()), Form.of(**values))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500", 500),
        (" 0.5 ", 0.5),
        ("5,000", 5000),
        ("-1,234,567.5", -1234567.5),
        ("\uff15\uff0c\uff10\uff10\uff10", 5000),
        ("-3", -3),
        ("1e3", 1000),
        ("", None),
    ],
)
def test_numbers_as_people_type_them(text: str, number: float | None) -> None:
    one = typed(budget=text)
    assert one.number("budget") == number
    assert one.is_readable


@pytest.mark.parametrize(
    "text",
    [
        "很多",
        "nan",
        "inf",
        "1e999",
        "5..0",
        "1,5",
        "1,50",
        ",5",
        "1,5000",
        "1,2.5",
        "0,125",
        "1_5",
        "10³",
        "500 L",
        "0x10",
        "<b>",
    ],
)
def test_what_is_no_number_is_told_beside_its_field(text: str) -> None:
    one = typed(budget=text)
    assert one.number("budget") is None
    message = one.form.error("budget")
    assert message is not None
    assert text in message[0]


@pytest.mark.parametrize(
    "text", ["GMP、CNAS", "GMP,CNAS", "GMP, CNAS", "GMP;CNAS;", "GMP\uff0cCNAS\uff1b", "GMP\nCNAS\n", "、GMP、、CNAS"]
)
def test_words_between_marks(text: str) -> None:
    assert words_of(text) == ["GMP", "CNAS"]
    assert words_of("ISO 9001") == ["ISO 9001"]


_PARAMETERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text("容积转速ab", min_size=1),
            "min": st.none() | st.floats(-1e9, 1e9).map(lambda one: float(f"{one:.6g}")),
            "max": st.none() | st.integers(0, 10**9).map(float),
            "unit": st.none() | st.sampled_from(["L", "kg"]),
        }
    )
)


@settings(max_examples=60, deadline=None)
@given(_PARAMETERS)
def test_parameters_survive_the_form(parameters: list[dict[str, Any]]) -> None:
    form = Form.of(**row_values(parameters))
    one = Typed(cast(Page, Speaker()), form)
    assert one.parameters() == parameters
    assert len(rows_to_show(form, PARAMETER)) > len(parameters)


def test_rows_with_fields_missing_are_rows() -> None:
    one = typed(parameter_name=["容积", ""], parameter_min=["", "3"])
    assert one.parameters() == [
        {"name": "容积", "min": None, "max": None, "unit": None},
        {"name": "", "min": 3, "max": None, "unit": None},
    ]


def test_a_chart_fetches_and_runs_nothing_and_names_its_lines() -> None:
    address = lines(["11-16", "11-23"], {"展示": [1, 5], "<打开>": [0, 2]})
    head, _, data = address.partition(",")
    drawn = base64.b64decode(data).decode()
    assert head == "data:image/svg+xml;base64"
    assert "<script" not in drawn
    assert 'xlink:href="http' not in drawn
    assert "展示" in drawn
    assert "<打开>" not in drawn
    assert drawn.startswith("<svg")


@pytest.mark.parametrize("most", [0, 1, 4, 5, 6, 23, 1000])
def test_a_chart_counts_in_whole_numbers_up_to_the_highest(most: int) -> None:
    address = lines(["11-16", "11-23"], {"展示": [0, most]})
    drawn = base64.b64decode(address.partition(",")[2]).decode()
    labels = [int(one) for one in re.findall(r'class="[^"]*">(\d+)</text>', drawn)]
    assert labels[0] == 0
    assert max(labels) >= max(most, 1)
    assert len(labels) <= 7


@pytest.mark.parametrize(
    ("types", "seen", "hidden", "found"),
    [
        (["budget", "deadline", "place"], "有", ["budget_wan", "deadline", "places"], ["budget_wan", "deadline"]),
        (["budget"], "有", ["deadline"], []),
        (["place"], "有", ["budget_wan"], []),
        (["budget"], None, ["text", "budget_wan"], []),
    ],
    ids=["both", "what is open anyway", "what it does not tell", "a hidden description"],
)
def test_what_a_description_tells_though_it_is_hidden(
    types: list[str], seen: str | None, hidden: list[str], found: list[str]
) -> None:
    read = {"requirements": [{"type": one} for one in types]}
    view = {"fields": {"text": seen} if seen else {}, "hidden": [{"field": one} for one in hidden]}
    assert told(read, view) == found
    assert told(None, view) == []
