"""Files of one JSON object a line, and the checks of their fields; a fault is told with the field and the remedy."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from matcher.errors import InvalidInput, NotFound, Unavailable
from matcher.records import Parameter

Fields = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
#: Beyond this a float no longer tells neighbouring whole numbers apart, so it is written as a float.
_WHOLE_MAX = 2.0**53


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, with their numbers from 1; a byte order mark is dropped.

    Lines end at LF or CRLF only: U+2028 and its like may stand inside a JSON string.

    Raises:
        NotFound: there is no such file.
        InvalidInput: `path` is a folder.
        Unavailable: the file can't be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"找不到文件 {path}", hint="请检查路径") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path} 是文件夹,不是文件", hint="请给出 .jsonl 文件的路径") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"无法读取文件 {path}:{error}", hint="请检查路径与读取权限") from None
    lines = content.removeprefix(_BOM).split(b"\n")
    return ((number, line) for number, line in enumerate(lines, 1) if line and not line.isspace())


def parse_line(line: bytes) -> Fields:
    """One JSON object.

    Raises:
        InvalidInput: not UTF-8, not JSON, not an object, NaN or Infinity, or text with half a surrogate pair.
    """
    try:
        value = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidInput("不是 UTF-8 编码", hint="请将文件另存为 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        hint = "每行应是一个完整的 JSON 对象,用双引号,不要跨行,末尾不加逗号"
        raise InvalidInput(f"JSON 格式错误(第 {error.pos + 1} 个字符处)", hint=hint) from None
    except (ValueError, RecursionError):
        raise InvalidInput("JSON 中的数字过长或嵌套过深", hint="请检查这一行的内容") from None
    if type(value) is not dict:
        raise InvalidInput("不是 JSON 对象", hint="文件每行是一个 {…} 对象,而不是一个数组或数值")
    # Only an escape can carry half a surrogate pair through UTF-8, so whole lines without one need no look.
    if b"\\u" in line:
        _refuse_lone_surrogates(value)
    return value


def required(fields: Fields, name: str) -> str:
    """A text that must be there and not blank."""
    value = fields.get(name)
    if type(value) is str and value and not value.isspace():
        return value
    if value is None or type(value) is str:
        raise InvalidInput(f"缺少 {name}", hint=f"请补上 {name}", field=name)
    raise _wrong_type(name, "文本", value)


def identifier(fields: Fields) -> str:
    """The `id`: without white space, which would break the columns of TREC files."""
    value = required(fields, "id")
    if not value.isprintable() or len(value.split()) != 1 or value != value.strip():
        raise InvalidInput(f"编号 {value!r} 含有空白或不可见字符", hint="编号中不要有空格、制表符或换行", field="id")
    return value


def text(fields: Fields, name: str) -> str | None:
    """A text that may be missing; a blank one counts as missing."""
    value = fields.get(name)
    if value is None:
        return None
    if type(value) is not str:
        raise _wrong_type(name, "文本或 null", value)
    return value if value and not value.isspace() else None


def texts(fields: Fields, name: str) -> tuple[str, ...]:
    """A list of texts; () where it is missing or null."""
    value = fields.get(name)
    if not value and (value is None or type(value) is list):
        return ()
    if type(value) is not list:
        raise _wrong_type(name, "文本的列表", value)
    for item in value:
        if type(item) is not str:
            raise _wrong_type(name, "文本的列表", item)
    return tuple(value)


def number(fields: Fields, name: str) -> float | None:
    """A finite number that may be missing."""
    value = fields.get(name)
    if value is None:
        return None
    if type(value) is not int and type(value) is not float:
        raise _wrong_type(name, "数值或 null", value)
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidInput(f"{name} 的数值过大", hint="请检查数值与单位", field=name)
    return float(value)


def parameters(fields: Fields) -> tuple[Parameter, ...]:
    """The `parameters`: objects of name, min, max and unit, with min ≤ max where both are there."""
    value = fields.get("parameters")
    if not value and (value is None or type(value) is list):
        return ()
    if type(value) is not list:
        raise _wrong_type("parameters", "参数的列表", value)
    return tuple(_parameter(item, position) for position, item in enumerate(value))


def _parameter(item: object, position: int) -> Parameter:
    field = f"parameters[{position}]"
    if type(item) is not dict:
        raise _wrong_type(field, "{name, min, max, unit} 对象", item)
    try:
        low, high = number(item, "min"), number(item, "max")
        if low is not None and high is not None and low > high:
            message = f"下限 {low:g} 大于上限 {high:g}"
            raise InvalidInput(message, hint="min 应不大于 max;只有一端时另一端写 null")
        return Parameter(required(item, "name"), low, high, text(item, "unit"))
    except InvalidInput as error:
        inner = f"{field}.{error.field}" if error.field else field
        raise InvalidInput(f"{field} {error.message}", hint=error.hint, field=inner) from None


def _wrong_type(name: str, wanted: str, value: object) -> InvalidInput:
    return InvalidInput(f"{name} 应为{wanted},却是 {_JSON_TYPES[type(value)]}", hint=f"请改正 {name}", field=name)


_JSON_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "布尔值",
    int: "数值",
    float: "数值",
    str: "文本",
    list: "列表",
    dict: "对象",
}


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} 不是 JSON 数值", hint="没有数值时请写 null")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _refuse_lone_surrogates(value: Fields) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("含有不完整的 Unicode 代理字符(\\ud800–\\udfff)", hint="请删去这些字符") from None


def whole(value: float | None) -> float | int | None:
    """8.0 as 8, the way people write it; −0.0 stays a float, an int would lose its sign."""
    if value is None or abs(value) >= _WHOLE_MAX or not float(value).is_integer():
        return value
    return value if value == 0 and math.copysign(1.0, value) < 0 else int(value)


def mapping(fields: Fields, name: str) -> Fields:
    """An object that may be missing; {} then."""
    value = fields.get(name)
    if value is None:
        return {}
    if type(value) is not dict:
        raise _wrong_type(name, "{…} 对象", value)
    return value


def objects(fields: Fields, name: str) -> list[Fields]:
    """A list of objects; [] where it is missing."""
    value = fields.get(name)
    if value is None:
        return []
    if type(value) is not list or any(type(item) is not dict for item in value):
        raise _wrong_type(name, "{…} 对象的列表", value)
    return value


def day(fields: Fields, name: str) -> str | None:
    """A day as YYYY-MM-DD that may be missing."""
    value = text(fields, name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise InvalidInput(f"{name} 不是日期:{value[:40]}", hint="日期写成 2026-03-31 的形式", field=name) from None


def choice(fields: Fields, name: str, names: Mapping[Any, str]) -> Any:
    """One of the keys of `names`, or of its Chinese names; None where it is missing."""
    value = text(fields, name)
    return None if value is None else chosen(value, name, names)


def chosen(value: str, name: str, names: Mapping[Any, str]) -> Any:
    """The key that a word names, itself or in Chinese."""
    for key, called in names.items():
        if value.strip() in (key, called):
            return key
    raise InvalidInput(f"{name} 没有“{value[:40]}”这一项", hint=f"可用:{'、'.join(names.values())}", field=name)
