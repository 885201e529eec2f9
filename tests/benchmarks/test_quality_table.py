from __future__ import annotations

from matcher.evaluation.bootstrap import Comparison, Estimate, compare, mean_estimate
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.report import evaluate
from matcher.evaluation.runs import Run
from matcher.evaluation.slices import NeedTraits
from tests.benchmarks.quality_table import Entry, interval, page

NEEDS = [NeedTraits(f"N{i}", "要 5 L", (), i < 6) for i in range(8)]
JUDGEMENTS = Judgements({need.id: {"A": 3, "B": 1} for need in NEEDS} | {"N7": {"A": 1}})


def entry(name: str, ranking: list[str], against: Comparison | None = None) -> Entry:
    report = evaluate(Run.from_rankings({need.id: ranking for need in NEEDS}), JUDGEMENTS, NEEDS, samples=50)
    return Entry(name, "set-up", "1.0", report, mean_estimate([0.5], samples=10), against)


def cells(text: str, start: str) -> list[str]:
    """The first row of a system: the overall table stands before the slices."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_has_a_system_s_figures() -> None:
    found = cells(page([entry("Ours", ["A", "B"])], "make x", "e"), "Ours")
    assert found == ["Ours", "1.0", "set-up", "1.000 [1.000, 1.000]", "1.000", "1.000", "1.000", "0.500", "–", "–"]


def test_what_is_not_installed_stands_there_with_that_word() -> None:
    text = page([entry("Ours", ["A"]), Entry("Rival", "set-up", "", problem="not installed")], "make x", "e")
    assert cells(text, "Rival")[3] == "not installed"
    assert "Rival" not in text.split("## nDCG@10 by slice")[1]


def test_p_values_are_adjusted_for_the_number_of_systems() -> None:
    better = compare([0.9] * 7, [0.1] * 7, samples=999)
    one = cells(page([entry("Ours", ["A"]), entry("R1", ["B"], better)], "", ""), "R1")
    two = cells(page([entry("Ours", ["A"]), entry("R1", ["B"], better), entry("R2", ["B"], better)], "", ""), "R1")
    assert float(two[-1]) > float(one[-1])
    assert one[-2] == "+0.800 [+0.800, +0.800]"


def test_slices_are_of_enough_needs() -> None:
    slices = page([entry("Ours", ["A", "B"])], "", "").split("## nDCG@10 by slice")[1]
    assert "wording: explicit (6)" in slices
    assert "wording: vague" not in slices
    assert cells(slices, "Ours")[:3] == ["Ours", "set-up", "1.000"]


def test_notes_count_what_was_left_out() -> None:
    assert "Means over 7 needs; 1 needs without any grade" in page([entry("Ours", ["A"])], "", "")


def test_without_any_figures() -> None:
    text = page([Entry("Ours", "s", "", problem="failed: a|b")], "", "")
    assert "failed: a/b" in text
    assert "No system has figures." in text


def test_interval_signs() -> None:
    assert interval(Estimate(-0.1, -0.25, 0.05, 3), sign="+") == "-0.100 [-0.250, +0.050]"
