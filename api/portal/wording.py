"""What the API says of a field, as people read it: called as on its form, and hints without what programs write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: What forms call fields, by the last part of their names in the API; forms that say otherwise give their own.
#: Not translated: they stand in sentences of the API, which are Chinese.
LABELS: Final[dict[str, str]] = {
    "name": "名称",
    "title": "标题",
    "text": "内容",
    "kind": "类别",
    "kinds": "类别",
    "operator": "运营单位",
    "province": "省份",
    "city": "城市",
    "industry": "行业",
    "summary": "简介",
    "capabilities": "能做什么",
    "equipment": "设备",
    "parameters": "技术参数",
    "min": "下限",
    "max": "上限",
    "unit": "单位",
    "qualifications": "资质证书",
    "certificates": "资质证书",
    "services": "服务内容",
    "source_url": "来源网址",
    "fees": "收费标准",
    "item": "项目",
    "low": "最低",
    "high": "最高",
    "per": "每",
    "windows": "空闲档期",
    "start": "从",
    "end": "到",
    "machine_hours": "每年开放机时",
    "hours": "小时",
    "places": "地区",
    "must": "硬性条件",
    "prefer": "可放宽的条件",
    "without": "不算条件的内容",
    "budget_wan": "预算(万元)",
    "deadline": "期限",
    "stage": "阶段",
    "abstract": "对外摘要",
    "expires_on": "有效期至",
    "contact": "联系方式",
    "contact_name": "联系人",
    "contact_phone": "电话",
    "contact_email": "邮箱",
    "contact_organisation": "单位",
    "email": "邮箱",
    "password": "密码",
    "current": "现在的密码",
    "new": "新密码",
    "role": "身份",
    "organisation_id": "单位",
    "credit_code": "统一社会信用代码",
    "listing_id": "条目编号",
    "need_id": "需求",
    "share": "公开的内容",
    "note": "说明",
    "reason": "理由",
    "description": "说明",
    "owner": "负责人或部门",
    "expires": "最后一天",
    "words": "词",
    "days": "天数",
    "file": "文件",
}
#: Of forms about a person.
PERSON_LABELS: Final = {"name": "姓名"}
#: Hints that tell programs what to write, and what they are to whoever has a form before them.
_HINTS: Final = {
    "min 应不大于 max": "下限应不大于上限",
    "min 应不大于 max;只有一端时另一端写 null": "下限应不大于上限;只有一端时另一端留空",
    "min 应不大于 max;只有一端时去掉另一端": "下限应不大于上限;只有一端时另一端留空",
    "low 应不大于 high": "最低应不大于最高",
    "没有数值时请写 null": "没有数值时请留空",
    "预算以万元为单位;没有预算时写 null": "预算以万元为单位;没有预算时留空",
    "请填 need_id,或去掉 share": "请选一个自己的需求",
    "请先登记单位,再填 organisation_id": "请先登记单位,再选择单位",
}
_PLACE: Final = re.compile(r"\[\d+\]")
#: What a refusal of the terms begins with, whatever the field within them.
_TERMS: Final = "terms:"


def in_words(
    field: str | None, message: str, hint: str | None, labels: Mapping[str, str] | None = None
) -> tuple[str, str | None]:
    """Message and hint of a refusal as a page shows them.

    Args:
        field: as the API names it, `terms.fees[0].item`. labels: what the form calls its fields, by their whole names
            in the API or the last part; the others are called as in `LABELS`.
    """
    called = _called(field or "", {**LABELS, **(labels or {})})
    hint = _replaced(_HINTS.get(hint, hint), called) if hint else hint
    if not message.startswith(_TERMS):
        return _replaced(message, called), hint
    said = message.removeprefix(_TERMS)
    words = _replaced(said, called)
    # Refusals within the terms need not name the field.
    label = next(iter(called.values()), None)
    return (f"{label}:{words}" if words == said and label else words), hint


def _called(field: str, labels: Mapping[str, str]) -> dict[str, str]:
    """The names that a message about a field may use, the longest first, each with its label."""
    parts = field.split(".") if field else []
    names = {".".join(parts[: end + 1]) for end in range(len(parts))}
    found = {name: label for name in names if (label := _label(name, labels))}
    if field in found:
        found[parts[-1]] = found[field]
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def _label(name: str, labels: Mapping[str, str]) -> str | None:
    bare = _PLACE.sub("", name)
    return labels.get(bare) or labels.get(bare.rpartition(".")[2])


def _replaced(text: str, called: Mapping[str, str]) -> str:
    """Each name once: what was typed may be repeated behind it. Between Chinese words no blank is left."""
    for name, label in called.items():
        blank = " " if label.isascii() else ""
        pattern = rf"((?<=[^\x00-\x7f]) )?(?<![\w.]){re.escape(name)}(?![\w.\[])( (?=[^\x00-\x7f]))?"
        if found := re.search(pattern, text, re.ASCII):
            text = f"{text[: found.start()]}{blank}{label}{blank}{text[found.end() :]}".strip()
    return text
