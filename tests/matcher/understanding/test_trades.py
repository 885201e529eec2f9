"""Who says what it makes instead does not look for what it does not make; who gives work away does."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import IndustryRequirement, Need
from matcher.understanding.reading import Reader
from matcher.understanding.trades import names_own_trade

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("我们不做医药,是做涂料的", ["涂料"]),
        ("我们不做医药,做涂料,找中试平台", ["涂料"]),
        ("我们不做医药,不需要GMP,做水性聚氨酯树脂放大", []),
        ("医药我们不做,做涂料的", ["涂料"]),
        ("我们不做电镀,想找外协", ["电镀"]),
        ("我们不做电镀,只做注塑,想找外协", ["电镀", "注塑"]),
        ("我们不做发酵,是因为没有设备", ["发酵"]),
        ("我们不做电镀,做电镀的厂家有吗", ["电镀"]),
        ("我们不做电镀。做注塑", ["电镀", "注塑"]),
        ("电镀我们不做,想找厂家", ["电镀"]),
    ],
)
def test_what_is_made_tells_what_is_sought(reader: Reader, text: str, wished: list[str]) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, IndustryRequirement)] == wished


def test_only_the_rest_of_the_sentence_counts() -> None:
    text = "我们做涂料,不做医药。找平台"
    assert not names_own_trade(text, text.index("。"))
