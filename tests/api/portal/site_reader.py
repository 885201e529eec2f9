"""What a page holds: its links, its forms with the kind of each field, and the names of all attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Kinds of fields that take any text.
TYPED = ("text", "search", "textarea", "url", "tel")


@dataclass(frozen=True)
class SiteField:
    """A field of a form: `kind` is the type of an input, or textarea, select, button."""

    name: str
    kind: str
    value: str
    chosen: bool = True


@dataclass
class SiteForm:
    """A form as it stands in a page."""

    action: str
    method: str
    fields: list[SiteField] = field(default_factory=list)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.fields)

    @property
    def typed(self) -> list[str]:
        """Names of the fields that take any text."""
        return [one.name for one in self.fields if one.kind in TYPED]

    def values(self) -> dict[str, list[str]]:
        """What a browser would send without touching anything, the first button pressed."""
        sent: dict[str, list[str]] = {}
        pressed = False
        for one in self.fields:
            if one.kind == "file" or not one.chosen or (one.kind == "button" and pressed):
                continue
            pressed = pressed or one.kind == "button"
            sent.setdefault(one.name, []).append(one.value)
        return sent


class SitePage(HTMLParser):
    """Reads a page; `scripts` are the texts of script elements, `attributes` the names of attributes anywhere."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[SiteForm] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[tuple[str, str]] = []
        self.words = ""
        self._form: SiteForm | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._script: str | None = None
        self._text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.attributes |= set(found)
        if tag == "a" and found.get("href", "").startswith("/"):
            self.links.append(found["href"].partition("#")[0])
        elif tag == "script":
            self._script, self._text = found.get("type", ""), ""
        elif tag == "form":
            self._form = SiteForm(found.get("action", ""), found.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None:
            self._part(tag, found, self._form)

    def _part(self, tag: str, found: dict[str, str], form: SiteForm) -> None:
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "option" and self._select is not None:
            self._options.append((value, "selected" in found))
        elif not name:
            return
        elif tag == "input":
            kind = found.get("type", "text")
            boxed = kind in ("checkbox", "radio")
            form.fields.append(SiteField(name, kind, value or ("on" if boxed else ""), not boxed or "checked" in found))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "button":
            form.fields.append(SiteField(name, "button", value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.scripts.append((self._script, self._text))
            self._script = None
        elif tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            self._form.fields.append(SiteField(self._area, "textarea", self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None and self._form is not None:
            chosen = [value for value, is_chosen in self._options if is_chosen]
            for value in chosen or [value for value, _ in self._options[:1]]:
                self._form.fields.append(SiteField(self._select, "select", value))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None or self._script is not None:
            self._text += data
        if self._script is None:
            self.words += data
