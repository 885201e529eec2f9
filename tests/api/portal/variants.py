"""Ways in which people look at a page. The first of each is among the quick tests, the others among the slow ones."""

from __future__ import annotations

from typing import Final

import pytest

SIZES: Final = pytest.mark.parametrize("size", ["desktop", pytest.param("phone", marks=pytest.mark.slow)])
SCRIPTS: Final = pytest.mark.parametrize(
    "script", [pytest.param(True, id="script"), pytest.param(False, id="plain", marks=pytest.mark.slow)]
)
THEMES: Final = pytest.mark.parametrize(
    "dark", [pytest.param(False, id="light"), pytest.param(True, id="dark", marks=pytest.mark.slow)]
)
