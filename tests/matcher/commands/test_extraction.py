"""`pilotmatch evaluate-extraction` prints the figures that the README quotes."""

import re

import pytest

from matcher.commands.extraction import evaluate_extraction


def test_the_figures_hold_what_the_readme_promises(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate_extraction()
    printed = capsys.readouterr().out
    quantities = next(line for line in printed.splitlines() if line.startswith("│ 数量"))
    places = next(line for line in printed.splitlines() if line.startswith("│ places(held)"))
    assert float(quantities.split("│")[4]) >= 0.95
    assert float(places.split("│")[4]) >= 0.97
    found = re.search(r"准确率 ([\d.]+);把未写明误判为不符 (\d+) 对", printed)
    assert found
    assert float(found[1]) >= 0.95
    assert found[2] == "0"
