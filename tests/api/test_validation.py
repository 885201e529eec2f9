"""Pydantic's faults in words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.listing_bodies import ListingsQuery
from api.schemas import NeedBody
from api.validation import NAME_LENGTH, Fault, describe, field_name


@pytest.mark.parametrize(
    ("location", "name"),
    [
        (("body",), None),
        ((), None),
        (("body", "top"), "top"),
        (("query", "page"), "page"),
        (("body", "parameters", 0, "min"), "parameters[0].min"),
        (("body", "body"), "body"),
        (("body", "x" * 500), "x" * NAME_LENGTH),
    ],
)
def test_field_names(location: tuple[int | str, ...], name: str | None) -> None:
    assert field_name(location) == name


def fault_of(values: object) -> Fault:
    with pytest.raises(ValidationError) as caught:
        NeedBody.model_validate(values)
    return describe(caught.value.errors()[0])


def test_the_limit_is_told() -> None:
    assert fault_of({"top": 101}) == Fault("top 不能大于 100", "top", "请填不大于 100 的数值")


def test_allowed_values_are_listed() -> None:
    hint = fault_of({"kinds": ["castle"]}).hint
    assert hint is not None
    assert "platform" in hint
    assert "manufacturer" in hint
    assert "'" not in hint


def test_the_value_given_is_never_repeated() -> None:
    fault = fault_of({"text": ["secret need"]})
    assert "secret" not in f"{fault.message}{fault.hint}"


def test_a_fault_nobody_translated_still_names_the_field() -> None:
    assert describe({"type": "brand_new", "loc": ("body", "top")}) == Fault(
        "top 的值不可用", "top", "字段说明见 /openapi.json"
    )


def test_braces_in_a_fault_do_not_break_the_message() -> None:
    fault = describe({"type": "literal_error", "loc": ("query", "{kind}"), "ctx": {"expected": "'{a}' or 'b'"}})
    assert fault.field == "{kind}"
    assert fault.hint == "可用的值:{a}、b"


@pytest.mark.parametrize("fault", ["too_long", "less_than_equal", "string_too_long", "literal_error"])
def test_a_fault_without_its_limits_is_still_described(fault: str) -> None:
    assert describe({"type": fault, "loc": ("body", "top")}).field == "top"


def test_query_faults() -> None:
    with pytest.raises(ValidationError) as caught:
        ListingsQuery.model_validate({"page": "x"})
    assert describe(caught.value.errors()[0]).message == "page 应为整数"
