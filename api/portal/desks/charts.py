"""Charts as SVG in the page itself: a line for each series, in colours that hold on white and in print."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pygal
from pygal.style import Style

#: Told apart in grey and by most who see colours otherwise; the table beside the chart says the same in figures.
COLOURS: Final = ("#0b5d4f", "#b45309", "#1d4ed8", "#9d174d")
DASHES: Final = (None, "8,4", "2,3", "12,4,2,4")
_STYLE: Final = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#1d2421",
    foreground_strong="#1d2421",
    foreground_subtle="#56605b",
    colors=COLOURS,
    font_family="'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
    stroke_width="3",
    stroke_opacity="1",
    opacity="1",
    guide_stroke_color="#d9d6cd",
    major_guide_stroke_color="#d9d6cd",
    label_font_size=13,
    legend_font_size=14,
    major_label_font_size=13,
)


def lines(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """A chart of one line a series as the address of a picture; nothing in it runs or is fetched."""
    chart = pygal.Line(
        style=_STYLE,
        js=[],
        width=800,
        height=320,
        disable_xml_declaration=True,
        show_dots=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(series) or 1,
        include_x_axis=True,
        x_label_rotation=0,
        x_labels_major_every=max(1, len(labels) // 8),
        show_minor_x_labels=False,
        truncate_legend=-1,
        explicit_size=True,
        formatter=lambda value: f"{value:g}",
    )
    chart.add_xml_filter(_without_scripts)
    chart.x_labels = labels
    chart.y_labels = _steps(max((value for values in series.values() for value in values), default=0))
    for number, (name, values) in enumerate(series.items()):
        dash = DASHES[number % len(DASHES)]
        chart.add(name, list(values), stroke_style={"width": 3} | ({"dasharray": dash} if dash else {}))
    return "data:image/svg+xml;base64," + base64.b64encode(chart.render(is_unicode=True).encode()).decode()


def _steps(most: float) -> list[int]:
    """Five or six whole numbers from 0 up to or just above the highest value: counts have no halves."""
    step = max(1, math.ceil(most / 5))
    return list(range(0, max(math.ceil(most), 1) + step, step))


def _without_scripts(root: Any) -> Any:
    """The drawing without the settings that the library leaves in it for its own script, which is not there."""
    for parent in list(root.iter()):
        for child in list(parent):
            if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return root
