"""Every text of pages that is to be translated, from templates and code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from babel.messages.extract import extract_from_dir

import api.portal

PORTAL: Final = Path(api.portal.__file__).parent
METHODS: Final = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "**.html": {
        "extensions": "jinja2.ext.do",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
    }
}
#: `page.text("…")` and `later("…")` beside the usual `_("…")`.
KEYWORDS: Final[dict[str, Any]] = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None, "text": None}


def texts() -> dict[str, str]:
    """Text → where it stands first."""
    found: dict[str, str] = {}
    for file, line, message, _, _ in extract_from_dir(str(PORTAL), METHODS, OPTIONS, KEYWORDS):
        for one in (message,) if isinstance(message, str) else message:
            if one:
                found.setdefault(one, f"{file}:{line}")
    return found


if __name__ == "__main__":
    # What still lacks English words, ready to be filled in: python -m tests.api.portal.words
    import sys

    from api.portal.languages import catalogue

    known = catalogue("en")
    for one, where in sorted(texts().items(), key=lambda item: item[1]):
        if one not in known:
            quoted = one.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            sys.stdout.write(f'#: {where}\nmsgid "{quoted}"\nmsgstr ""\n\n')
