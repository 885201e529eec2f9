"""Typed texts as values of a body: numbers, words in a line, rows of parameters; errors beside what can't be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.portal.client import Refused
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page
from matcher.written_numbers import read_number

#: Between words of one line, wide marks as well; blanks stand within names (ISO 9001).
_BETWEEN: Final = re.compile(r"[、,;\n\uff0c\uff1b]+")
_NOT_A_NUMBER: Final = later("“%(typed)s”不是数值")
_NUMBER_HINT: Final = later("请只填数字,如 500 或 0.5;单位填在旁边一格")
#: Names of the four fields of a row of parameters, in the order of the columns.
PARAMETER: Final = ("parameter_name", "parameter_min", "parameter_max", "parameter_unit")
#: A table shows what is filled and so many empty rows: whoever has more saves, and finds new ones.
EMPTY_ROWS: Final = 2


class Typed:
    """Reads a form into values.

    Attributes:
        form: the form, with an error beside each field that could not be read.
    """

    def __init__(self, page: Page, form: Form) -> None:
        self._page = page
        self.form = form

    @property
    def is_readable(self) -> bool:
        """Whether everything so far could be read."""
        return not self.form.errors

    def one(self, name: str) -> str | None:
        """A text; None where nothing was typed."""
        return self.form.get(name) or None

    def words(self, name: str) -> list[str]:
        """Words with 、 or a comma or a line end between them."""
        return words_of(self.form.get(name))

    def number(self, name: str) -> float | None:
        """A number; None where nothing was typed, or where it is none (then with an error)."""
        return self.as_number(self.form.get(name), name)

    def parameters(self) -> list[dict[str, Any]]:
        """The rows of parameters that are not empty, as bodies have them."""
        found = []
        for name, low, high, unit in self.rows(PARAMETER):
            least, most = self.as_number(low, "parameters"), self.as_number(high, "parameters")
            found.append({"name": name, "min": least, "max": most, "unit": unit or None})
        return found

    def rows(self, columns: Sequence[str]) -> list[tuple[str, ...]]:
        """The rows of a table of fields that are not empty."""
        return [row for row in rows_of(self.form, columns) if any(row)]

    def as_number(self, typed: str, field: str) -> float | None:
        if not typed:
            return None
        found = read_number(typed)
        if found is None:
            message = self._page.text(_NOT_A_NUMBER, typed=typed)
            self.form = self.form.with_error(field, message, self._page.text(_NUMBER_HINT))
        return found


def options(page: Page, names: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Values and their words in the page's language, as fields with choices take them."""
    return [(value, page.text(words)) for value, words in names.items()]


def words_of(text: str) -> list[str]:
    """Words with 、 or a comma or a line end between them."""
    return [one.strip() for one in _BETWEEN.split(text) if one.strip()]


def known_words_of(text: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """As `words_of`, where some words were written by the page.

    Args:
        known: what stands for words that the page wrote; these may hold a comma themselves (1,000 L).
    """
    found: list[str] = []
    if known:
        written = "|".join(re.escape(words) for words in sorted(known, key=len, reverse=True))
        between = _BETWEEN.pattern.removesuffix("+")
        whole = re.compile(rf"(?:^|(?<={between}))\s*({written})\s*(?={between}|$)")
        for match in whole.finditer(text):
            found += known[match[1]]
        text = whole.sub("", text)
    return list(dict.fromkeys([*found, *words_of(text)]))


def rows_of(form: Form, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows of a table of fields as they were typed, empty ones as well."""
    texts = [form.values.get(name, ()) for name in columns]
    length = max(map(len, texts))
    filled = [[*(one.strip() for one in column), *[""] * (length - len(column))] for column in texts]
    return list(zip(*filled, strict=True))


def rows_to_show(form: Form, columns: Sequence[str] = PARAMETER) -> list[tuple[str, ...]]:
    """The rows that are filled, and some empty ones to fill in."""
    return [row for row in rows_of(form, columns) if any(row)] + [("",) * len(columns)] * EMPTY_ROWS


def row_values(
    found: Sequence[Mapping[str, Any]],
    columns: Sequence[str] = PARAMETER,
    fields: Sequence[str] = ("name", "min", "max", "unit"),
) -> dict[str, list[str]]:
    """Stored parameters, or other things of several `fields`, as values of a form."""
    pairs = zip(columns, fields, strict=True)
    return {column: [_shown(one.get(field)) for one in found] for column, field in pairs}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def refused(page: Page, form: Form, error: Refused, labels: Mapping[str, str], fields: Mapping[str, str]) -> Form:
    """A form with what the API refused beside its field, called as the form calls it.

    Args:
        labels: what fields are called on screen, by their names in the API. fields: names in the API → in the form,
            where they differ.
    """
    return form.refused(error, fields, {name: page.text(label) for name, label in labels.items()})
