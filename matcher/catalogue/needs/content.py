"""What a requester writes: the fields of a stored need, checked on the way in, and the need that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from matcher.catalogue import json_lines
from matcher.catalogue.json_lines import Fields, whole
from matcher.catalogue.needs_file import own_words
from matcher.errors import InvalidInput
from matcher.records import KIND_NAMES, SUPPLY_KINDS, Kind, Need, Parameter
from matcher.understanding.text import MAX_CHARACTERS

#: The fields of a need in the order in which they are shown, and what they are called on screen.
FIELDS: Final[dict[str, str]] = {
    "title": "标题",
    "text": "需求描述",
    "kinds": "需求类别",
    "industry": "行业",
    "province": "省份",
    "city": "城市",
    "places": "中试地点",
    "stage": "阶段",
    "parameters": "技术参数",
    "certificates": "资质证书",
    "must": "硬性条件",
    "prefer": "可放宽的条件",
    "without": "不算条件的内容",
    "budget_wan": "预算",
    "deadline": "期限",
}
#: Fields of which one at least must be filled: from the others nobody can tell what is needed.
TELLING: Final = frozenset(FIELDS) - {"kinds", "province", "city", "must", "prefer", "without"}
LISTS: Final = ("kinds", "industry", "places", "parameters", "certificates", "must", "prefer", "without")
_WORDS: Final = ("title", "province", "city", "stage", "deadline")
#: Structured fields are short lists of short words, as `POST /v1/matches` takes them.
ITEMS_MAX: Final = 50
WORD_MAX: Final = 200
#: An abstract is a paragraph on a wall of many.
ABSTRACT_MAX: Final = 500

#: NUL can't be stored by PostgreSQL; the others come from broken conversions. Line ends and tabs are text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def content_from(raw: Mapping[str, Any]) -> Fields:
    """The content of a need as JSON values, without what says nothing.

    Raises:
        InvalidInput: a field that nobody knows, of the wrong type, too long or out of range, min above max, control
            characters, or neither words nor a structured field; `field` names it.
    """
    fields = dict(raw)
    if unknown := sorted(set(fields) - set(FIELDS)):
        name = unknown[0][:40]
        raise InvalidInput(f"没有 {name} 这一项", hint=f"可用:{'、'.join(FIELDS)}", field=name)
    content: Fields = {"text": _text(fields)}
    content |= {name: _word(json_lines.text(fields, name), name) for name in _WORDS}
    content |= {name: checked_words(fields, name) for name in LISTS if name != "parameters"}
    content["parameters"] = [_parameter(one, place) for place, one in enumerate(_parameters(fields))]
    content["budget_wan"] = _budget(fields)
    for kind in content["kinds"]:
        if kind not in SUPPLY_KINDS:
            known = "、".join(f"{name}({KIND_NAMES[name]})" for name in SUPPLY_KINDS)
            raise InvalidInput(f"不能按“{kind}”匹配", hint=f"可用的类别:{known}", field="kinds")
    content = {name: content[name] for name in FIELDS if content[name] not in (None, "", [])}
    if not content.keys() & TELLING:
        raise InvalidInput("需求内容为空", hint="请写明需求,或至少填写行业、参数、证书等一项", field="text")
    return content


def need_of(content: Mapping[str, Any], need_id: str | None = None) -> Need:
    """The need that content makes, as `POST /v1/matches` would of the same fields."""
    title, text = content.get("title"), content.get("text")
    return Need(
        text=own_words(title, text) if title or text else "",
        id=need_id,
        title=title,
        province=content.get("province"),
        city=content.get("city"),
        places=tuple(content.get("places", ())),
        industry=tuple(content.get("industry", ())),
        parameters=tuple(
            Parameter(one["name"], one["min"], one["max"], one["unit"]) for one in content.get("parameters", ())
        ),
        certificates=tuple(content.get("certificates", ())),
        stage=content.get("stage"),
        budget_wan=content.get("budget_wan"),
        deadline=content.get("deadline"),
        kinds=_kinds(content.get("kinds", ())),
        must=tuple(content.get("must", ())),
        prefer=tuple(content.get("prefer", ())),
        without=tuple(content.get("without", ())),
    )


def abstract_from(abstract: str | None) -> str | None:
    """What strangers may read, stripped; None where it is blank. Raises InvalidInput: too long, control characters."""
    abstract = (abstract or "").strip()
    _check_characters(abstract, "abstract")
    if len(abstract) > ABSTRACT_MAX:
        message = f"摘要有 {len(abstract)} 个字符,超过 {ABSTRACT_MAX} 个"
        raise InvalidInput(message, hint="请只写一段不涉密的概述", field="abstract")
    return abstract or None


def _kinds(values: tuple[Kind, ...] | list[Kind]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(values))


def _text(fields: Fields) -> str | None:
    text = json_lines.text(fields, "text")
    if text is not None:
        _check_characters(text, "text")
        if len(text) > MAX_CHARACTERS:
            message = f"需求内容有 {len(text)} 个字符,超过 {MAX_CHARACTERS} 个"
            raise InvalidInput(message, hint="请只保留需求和技术指标部分", field="text")
    return text


def _word(value: str | None, field: str) -> str | None:
    if value is None:
        return None
    _check_characters(value, field)
    value = value.strip()
    if len(value) > WORD_MAX:
        raise InvalidInput(f"{field} 超过 {WORD_MAX} 个字符", hint=f"请缩短到 {WORD_MAX} 个字符以内", field=field)
    return value


def checked_words(fields: Fields, name: str) -> list[str]:
    """A list of short words, each once. Raises InvalidInput: too many, too long, control characters."""
    values = json_lines.texts(fields, name)
    _check_count(values, name)
    words = (_word(value, f"{name}[{place}]") for place, value in enumerate(values))
    return list(dict.fromkeys(word for word in words if word))


def _parameters(fields: Fields) -> tuple[Parameter, ...]:
    values = json_lines.parameters(fields)
    _check_count(values, "parameters")
    return values


def _parameter(one: Parameter, place: int) -> Fields:
    name, unit = _word(one.name, f"parameters[{place}].name"), _word(one.unit, f"parameters[{place}].unit")
    return {"name": name, "min": whole(one.min), "max": whole(one.max), "unit": unit or None}


def _budget(fields: Fields) -> float | None:
    budget = json_lines.number(fields, "budget_wan")
    if budget is not None and budget < 0:
        raise InvalidInput("budget_wan 不能为负数", hint="预算以万元为单位;没有预算时写 null", field="budget_wan")
    return whole(budget)


def _check_count(values: tuple[object, ...], field: str) -> None:
    if len(values) > ITEMS_MAX:
        raise InvalidInput(f"{field} 超过 {ITEMS_MAX} 项", hint=f"请减少到 {ITEMS_MAX} 项以内", field=field)


def _check_characters(value: str, field: str) -> None:
    if found := _CONTROL.search(value):
        message = f"{field} 的第 {found.start() + 1} 个字符是控制字符 U+{ord(found.group()):04X}"
        raise InvalidInput(message, hint="请删除后重试", field=field)
    if found := _SURROGATE.search(value):
        message = f"{field} 的第 {found.start() + 1} 个字符编码不完整"
        raise InvalidInput(message, hint="请用 UTF-8 重新保存后重试", field=field)
