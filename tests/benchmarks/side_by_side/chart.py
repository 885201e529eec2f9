"""The chart of the side-by-side benchmark: one need's median by size, and answers a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pygal
from pygal.style import Style

from tests.benchmarks.side_by_side.figures import Figures

#: As distinct for those who don't see red and green apart (Okabe and Ito, 2008).
COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#009E73", "#D55E00", "#CC79A7")
STYLE = Style(colors=COLOURS, background="white", plot_background="white", font_family="sans-serif")


def svg(results: Sequence[Figures], hardware: str) -> str:
    """Milliseconds for one need with its encoder, median, by number of listings, on a scale of powers of ten."""
    sizes = sorted({one.size for one in results})
    chart = pygal.Bar(
        logarithmic=True,
        style=STYLE,
        title=f"One need, median in ms ({hardware})",
        x_title="listings",
        legend_at_bottom=True,
        print_values=True,
        value_formatter=lambda value: f"{value:.1f}" if value else "",
        js=[],  # asked of another machine
        disable_xml_declaration=True,
    )
    chart.add_xml_filter(_without_scripts)
    chart.x_labels = [f"{size:,}" for size in sizes]
    for system in dict.fromkeys(one.system for one in results):
        by_size = {one.size: one.percentile("whole", 50) for one in results if one.system == system}
        chart.add(system, [by_size.get(size) for size in sizes])
    return str(chart.render(is_unicode=True))


def _without_scripts(root: Any) -> Any:
    """The drawing without what is left of the library's script."""
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root
