"""What a visitor says to what was understood: not this, not so firmly, in other words, this as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.matching.asking import COPIED, EVERYTHING, KEPT, Json, keep, search_of
from api.portal.matching.results import shown
from api.portal.rendering import Page, PageDep
from matcher.catalogue.needs_file import own_words

router = APIRouter(include_in_schema=False)

#: What the page of matches calls the need.
LABELS: Final = {"text": "需求描述"}
#: Between the parts of a button's value; what follows the last one may hold it.
_PARTS: Final = "|"


@router.post("/matches/{search_id}/changes")
async def change(search_id: str, page: PageDep, form: FormDep) -> Response:
    """Change the search and show its matches anew; another's search is copied and the copy changed."""
    search = await search_of(page, search_id)
    need = changed(search["need"], form)
    try:
        after, is_copy = await keep(page, search, {"need": need}, once=form.once)
    except Refused as error:
        if error.status != 422:
            raise
        return await shown(page, search, EVERYTHING, error.status, form.refused(error, {"need": "text"}, LABELS))
    return page.go(f"/matches/{after['id']}{query_of(form)}", page.text(COPIED) if is_copy else None)


def query_of(form: Form) -> str:
    """How the list was narrowed, to be narrowed so again, and of which need it is."""
    kept = [(name, value) for name, value in parse_qsl(form.get("query")) if name in KEPT]
    return f"?{urlencode(kept)}" if kept else ""


def changed(need: Json, form: Form) -> Json:
    """The need after what a form says; one that says nothing known changes nothing."""
    act, _, rest = form.get("act").partition(_PARTS)
    if act in _ACTS:
        return _without_idle(_ACTS[act](dict(need), rest))
    if act == "text":
        return _without_idle(dict(need) | {"text": form.get("text")})
    if act == "words":
        return _without_idle(_reworded(dict(need), rest, form.get("words")))
    if act == "addition":
        return _added(dict(need), form.get("words"))
    return dict(need)


def _without(need: Json, name: str) -> Json:
    need = _unnamed(_unnamed(need, "must", name), "prefer", name)
    return _named(need, "without", name)


def _restored(need: Json, name: str) -> Json:
    return _unnamed(need, "without", name)


def _must(need: Json, name: str) -> Json:
    return _named(_unnamed(need, "prefer", name), "must", name)


def _prefer(need: Json, name: str) -> Json:
    return _named(_unnamed(need, "must", name), "prefer", name)


def _added(need: Json, words: str) -> Json:
    """The need with something more, in a sentence of its own."""
    text = str(need.get("text") or "").rstrip()
    if not words:
        return need
    return need | {"text": f"{text.rstrip('。')}。{words}" if text else words}


_ACTS: Final[dict[str, Callable[[Json, str], Json]]] = {
    "without": _without,
    "restore": _restored,
    "must": _must,
    "prefer": _prefer,
    "add": _added,
}


def _reworded(need: Json, where: str, words: str) -> Json:
    """A condition in other words: where it stands in the text, or beside the field that gave it.

    Args:
        where: start, end and name of the condition, as the page was told them; the text may have changed since.
    """
    start, end, name = [*where.split(_PARTS, 2), "", "", ""][:3]
    before = name.partition(":")[2]
    if not words:
        return need
    text, title = str(need.get("text") or ""), str(need.get("title") or "")
    shift = len(own_words(title, text)) - len(text) if title else 0
    if start.isdecimal() and end.isdecimal():
        for field, first in (("text", int(start) - shift), ("title", int(start))):
            whole = text if field == "text" else title
            if first >= 0 and before and whole[first : first + len(before)] == before:
                return need | {field: whole[:first] + words + whole[first + len(before) :]}
    return _added(_without(need, name), words)


def _named(need: Json, field: str, name: str) -> Json:
    return need | {field: list(dict.fromkeys([*need.get(field, ()), name]))} if name else need


def _unnamed(need: Json, field: str, name: str) -> Json:
    """Without a name, and without the plain words that mean the same condition."""
    words = name.partition(":")[2]
    return need | {field: [one for one in need.get(field, ()) if one not in (name, words)]}


def _without_idle(need: Json) -> Json:
    """Without corrections of words that are no longer there; those of structured fields stay."""
    text = str(need.get("title") or "") + str(need.get("text") or "")
    has_fields = bool(set(need) - {"text", "title", "must", "prefer", "without", "kinds"})
    if has_fields:
        return need
    for field in ("prefer", "without"):
        need = need | {field: [one for one in need.get(field, ()) if one.partition(":")[2] in text]}
    hard = [one for one in need.get("must", ()) if ":" not in one or one.partition(":")[2] in text]
    return need | {"must": hard}


def act_of(act: str, *parts: object) -> str:
    """The value of a button."""
    return _PARTS.join([act, *map(str, parts)])


__all__ = ["Page", "act_of", "change", "changed", "query_of", "router"]
