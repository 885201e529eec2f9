"""Every act that the audit log is told has words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from api.portal.admin.acts import act_words
from matcher.catalogue.enquiries.states import EnquiryState
from matcher.catalogue.lifecycle import ACTS
from matcher.catalogue.needs import states
from matcher.catalogue.profiles.publishing import How

ROOT = Path(__file__).parents[3]
#: Acts whose verb is a variable where they are recorded, with all that it may be.
VARIED = {
    "listing": (*ACTS, "create", "load", "import", "take_back"),
    "need": get_args(states.Act),
    "enquiry": (*get_args(EnquiryState), "message", "forwarded"),
    "profile": get_args(How),
}


def told() -> Iterator[str]:
    """What `record_act` and `save` of needs are called with, as far as it is written out."""
    for path in (*(ROOT / "matcher").rglob("*.py"), *(ROOT / "api").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("record_act", "save"):
                values = [one.value for one in node.args if isinstance(one, ast.Constant)]
                yield from (one for one in values if isinstance(one, str) and "." in one)


def test_acts_that_are_written_out() -> None:
    acts = sorted(set(told()))
    assert len(acts) >= 45
    assert [act for act in acts if act_words(act) is None] == []


@pytest.mark.parametrize(("thing", "doings"), VARIED.items(), ids=VARIED)
def test_acts_of_states(thing: str, doings: tuple[str, ...]) -> None:
    assert [doing for doing in doings if act_words(f"{thing}.{doing}") is None] == []


def test_words() -> None:
    assert act_words("listing.publish") == "条目 · 发布"
    assert act_words("listing") is None
    assert act_words("nobody.did") is None
