"""Pydantic's faults in Chinese: which field, what is wrong with it, and what would do."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

#: Where a value stood is told apart from what it is called; the caller knows the name only.
_PLACES = frozenset({"body", "query", "path", "header"})
#: A field name comes from the caller when it is unknown, and is repeated no further than this.
NAME_LENGTH = 60
OPENAPI_HINT = "字段说明见 /openapi.json"

#: Message after the field's name, and hint; both may use the limits that Pydantic gives with the fault.
FAULTS: dict[str, tuple[str, str]] = {
    "string_type": ("应为文本", "请用双引号括起的文本"),
    "string_unicode": ("含有不完整的字符", "请用 UTF-8 重新保存后重试"),
    "string_too_long": ("超过 {max_length} 个字符", "请缩短到 {max_length} 个字符以内"),
    "string_too_short": ("不能为空", "请填写内容,或去掉这一项"),
    "too_long": ("超过 {max_length} 项", "请减少到 {max_length} 项以内"),
    "int_type": ("应为整数", "请填整数,不加引号"),
    "int_parsing": ("应为整数", "请填整数"),
    "int_parsing_size": ("数值过大", "请填较小的整数"),
    "int_from_float": ("应为整数", "请填整数"),
    "float_type": ("应为数值", "请填数值,不加引号"),
    "finite_number": ("应为有限的数值", "不能用 NaN 或 Infinity;没有数值时请去掉这一项"),
    "list_type": ("应为列表", '请用方括号,如 ["…"]'),
    "literal_error": ("的值不可用", "可用的值:{expected}"),
    "greater_than_equal": ("不能小于 {ge}", "请填不小于 {ge} 的数值"),
    "less_than_equal": ("不能大于 {le}", "请填不大于 {le} 的数值"),
}
_NOT_AN_OBJECT = ("应为 JSON 对象", "请用花括号 {…},并将 Content-Type 设为 application/json")
_UNKNOWN_FAULT = ("的值不可用", OPENAPI_HINT)


#: Names of fields by the fields that they stand in: those of a body under (), of its `terms` under ("terms",).
Names = Mapping[tuple[str, ...], Collection[str]]
NO_NAMES: Names = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request, in words."""

    message: str
    field: str | None
    hint: str | None


def describe(fault: Mapping[str, Any], names: Names = NO_NAMES) -> Fault:
    """One of Pydantic's error dictionaries as a `Fault`; the value given is not repeated.

    Args:
        names: what the request's fields may be called where, for "did you mean".
    """
    kind, location = str(fault["type"]), tuple(fault["loc"])
    if kind == "json_invalid":
        return Fault("请求体不是合法的 JSON", None, "请检查引号、逗号和括号")
    field = field_name(location)
    if kind in ("model_attributes_type", "model_type", "dict_type") or (kind == "missing" and field is None):
        message, hint = _NOT_AN_OBJECT
        return Fault(f"{field or '请求体'} {message}", field, hint)
    if kind == "extra_forbidden":
        return _unknown(field, names.get(_above(location), ()))
    if kind == "missing":
        return Fault(f"缺少 {field}", field, f"请补上 {field}")
    message, hint = FAULTS.get(kind, _UNKNOWN_FAULT)
    context = _in_chinese(fault.get("ctx", {}))
    return Fault(f"{field or '请求体'} {message.format_map(context)}", field, hint.format_map(context))


def field_name(location: tuple[int | str, ...]) -> str | None:
    """`("body", "parameters", 0, "min")` as `parameters[0].min`; None for the body as a whole."""
    name = ""
    for part in _within(location):
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")[:NAME_LENGTH] or None


def _within(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return location[1:] if location and location[0] in _PLACES else location


def _above(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The fields that a field stands in, whatever their place in lists."""
    return tuple(part for part in _within(location)[:-1] if isinstance(part, str))


def names_of(route: object) -> Names:
    """The names that body and query of a route know, by the fields that they stand in; none for no route of ours."""
    if not isinstance(route, APIRoute):
        return NO_NAMES
    names: dict[tuple[str, ...], set[str]] = {(): set()}
    for part in _flat(route.dependant):
        for one in (*part.body_params, *part.query_params):
            if not _collect(one.field_info.annotation, (), names, ()):
                names[()].add(one.alias)  # a single value is called as its parameter, a model only as its fields
    return names


def _flat(part: Dependant) -> Iterator[Dependant]:
    yield part
    for below in part.dependencies:
        yield from _flat(below)


def _collect(
    annotation: Any, where: tuple[str, ...], names: dict[tuple[str, ...], set[str]], above: tuple[type[BaseModel], ...]
) -> bool:
    """Gather the names of the models in an annotation; whether there are any. `above`: those that it stands in."""
    found = [_collect(inner, where, names, above) for inner in get_args(annotation)]
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return any(found)
    if annotation not in above:
        for name, field in annotation.model_fields.items():
            called = field.alias or name
            names.setdefault(where, set()).add(called)
            _collect(field.annotation, (*where, called), names, (*above, annotation))
    return True


def _unknown(field: str | None, names: Collection[str]) -> Fault:
    last = (field or "").rpartition(".")[2]
    near = difflib.get_close_matches(last, sorted(names), n=1)
    return Fault(f"未知的字段 {field}", field, f"是否想写 {near[0]}?" if near else OPENAPI_HINT)


def _in_chinese(context: Mapping[str, Any]) -> defaultdict[str, str]:
    # A limit that a later Pydantic no longer gives must not turn a refusal into a 500.
    said = {name: str(value).replace(" or ", "、").replace("'", "") for name, value in context.items()}
    return defaultdict(lambda: "规定值", said)
