"""How the tests write down what is read from a text."""

from __future__ import annotations

import math

from matcher.records import QuantityRequirement
from matcher.understanding.quantities import read_quantities

INF = math.inf
#: (span, dimension, min, max, unit)
Row = tuple[str, str, float, float, str]


def rows(text: str) -> list[Row]:
    """Return what is read from `text`, one row a quantity."""
    return [row(quantity) for quantity in read_quantities(text)]


def row(quantity: QuantityRequirement) -> Row:
    interval = quantity.interval
    return quantity.text, quantity.dimension, interval.min, interval.max, quantity.unit


def only(text: str) -> QuantityRequirement:
    """Return the one quantity of `text`; fails where there is none or more."""
    (quantity,) = read_quantities(text)
    return quantity
