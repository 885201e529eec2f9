"""The form of a need: what is stored as values of fields, and what was typed as a body of `/v1/needs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.portal.client import Refused
from api.portal.desks.typed import Typed, known_words_of, options, refused, row_values, rows_to_show
from api.portal.filters import KINDS
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page
from matcher.catalogue.needs.content import FIELDS
from matcher.catalogue.needs.stored import Level
from matcher.catalogue.needs.visibility import LEVEL_NAMES
from matcher.records import SUPPLY_KINDS
from matcher.understanding.corrections import TYPES

#: Fields of several words in one line.
WORDS: Final = ("industry", "places", "certificates", "must", "prefer", "without")
#: Of these, words that name a condition: without its type, which a person need not know; the form remembers it.
NAMES: Final = ("must", "prefer", "without")
NAMED: Final = "named_"
TEXTS: Final = ("title", "text", "province", "city", "stage", "deadline", "abstract", "expires_on")
#: What the fields are called, as `matcher` calls them: named here so that they are translated.
LABELS: Final[dict[str, str]] = {
    "title": later("标题"),
    "text": later("需求描述"),
    "kinds": later("需求类别"),
    "industry": later("行业"),
    "province": later("省份"),
    "city": later("城市"),
    "places": later("中试地点"),
    "stage": later("阶段"),
    "parameters": later("技术参数"),
    "certificates": later("资质证书"),
    "must": later("硬性条件"),
    "prefer": later("可放宽的条件"),
    "without": later("不算条件的内容"),
    "budget_wan": later("预算(万元)"),
    "deadline": later("期限"),
    "abstract": later("对外摘要"),
    "expires_on": later("有效期至"),
}
LEVELS: Final[dict[Level, str]] = {
    "public": later("公开"),
    "signed_in": later("登录可见"),
    "chosen": later("经同意的单位可见"),
    "private": later("不公开"),
}
assert set(FIELDS) <= set(LABELS)
assert LEVELS == LEVEL_NAMES
SUPPLY: Final = {kind: KINDS[kind] for kind in SUPPLY_KINDS}


def form_of(need: Mapping[str, Any], etag: str | None) -> Form:
    """A stored need as the values of its form."""
    fields: dict[str, Any] = dict(need["fields"])
    listed: dict[str, list[str]] = {name: list(fields.get(name, ())) for name in WORDS}
    words = {
        name: "、".join(dict.fromkeys(map(plain, said)) if name in NAMES else said) for name, said in listed.items()
    }
    texts = {name: fields.get(name) for name in TEXTS} | {name: need.get(name) for name in ("abstract", "expires_on")}
    names = {NAMED + name: listed[name] for name in NAMES}
    values = {**texts, **words, **names, **row_values(fields.get("parameters", ()))}
    return Form.of(**values, kinds=fields.get("kinds", ()), budget_wan=fields.get("budget_wan"), etag=etag)


def plain(name: str) -> str:
    """The words of a condition that is named with its type."""
    kind, _, words = name.partition(":")
    return words if words and kind in TYPES else name


def body_of(page: Page, form: Form) -> tuple[dict[str, Any], Form]:
    """What was typed as a body, and the form with an error beside each number that is none."""
    typed = Typed(page, form)
    body: dict[str, Any] = {name: typed.one(name) for name in TEXTS}
    body |= {name: _names(form, name) if name in NAMES else typed.words(name) for name in WORDS}
    body |= {"kinds": form.all("kinds"), "budget_wan": typed.number("budget_wan"), "parameters": typed.parameters()}
    return body, typed.form


def _names(form: Form, field: str) -> list[str]:
    """The conditions that a line names; those that the page wrote by the names that it wrote them for."""
    known: dict[str, list[str]] = {}
    for name in form.all(NAMED + field):
        known.setdefault(plain(name).strip(), []).append(name)
    return known_words_of(form.get(field), {words: names for words, names in known.items() if words})


def refused_need(page: Page, form: Form, error: Refused) -> Form:
    """The form with what the API refused."""
    return refused(page, form, error, LABELS, {})


def shown(page: Page, form: Form) -> dict[str, Any]:
    """What the template of the form needs beside it."""
    names = [(NAMED + name, one) for name in NAMES for one in form.all(NAMED + name)]
    return {"rows": rows_to_show(form), "kind_options": options(page, SUPPLY), "labels": LABELS, "names": names}
