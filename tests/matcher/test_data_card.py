"""The data card (datasets/README.md) names every file and tells its size truly."""

import csv
import re
from pathlib import Path

import pytest

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
CARD = (DATASETS / "README.md").read_text(encoding="utf-8")


def size_on_the_card(name: str) -> int:
    """The number that the card's table gives for a file; rows with two files list their numbers in the same order."""
    for row in CARD.splitlines():
        cells = [cell.strip() for cell in row.split("|")]
        names = re.findall(r"\w+\.(?:csv|tsv|jsonl|toml)", cells[1]) if len(cells) == 5 else []
        if name in names:
            return int(cells[2].split(";")[names.index(name)].replace(",", ""))
    raise AssertionError(f"{name} has no row in the table")


@pytest.mark.parametrize("path", sorted(set(DATASETS.iterdir()) - {DATASETS / "README.md"}), ids=lambda path: path.name)
def test_every_file_is_on_the_card_and_none_is_code(path: Path) -> None:
    assert path.suffix != ".py"
    assert path.name in CARD


@pytest.mark.parametrize(
    "name",
    [
        "listings.jsonl",
        "needs_dev.jsonl",
        "needs_train.jsonl",
        "needs_extra.jsonl",
        "judgements_extra.tsv",
        "place_gold.jsonl",
        "fit_pairs.jsonl",
        "quantity_gold.jsonl",
        "judgements_dev.tsv",
        "judgements_train.tsv",
    ],
)
def test_given_files_have_as_many_lines_as_the_card_says(name: str) -> None:
    lines = (DATASETS / name).read_text(encoding="utf-8").splitlines()
    assert sum(not line.startswith("need_id") for line in lines) == size_on_the_card(name)


@pytest.mark.parametrize(
    "name",
    [
        "lexicon.csv",
        "synonyms.csv",
        "english_terms.csv",
        "industries.csv",
        "industry_tags.csv",
        "regions.csv",
        "certificates.csv",
    ],
)
def test_tables_have_as_many_rows_as_the_card_says(name: str) -> None:
    with (DATASETS / name).open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == size_on_the_card(name)


def test_groups_and_pairs_of_synonyms_are_counted_apart() -> None:
    with (DATASETS / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        kinds = [row["kind"] for row in csv.DictReader(file)]
    pairs = kinds.count("narrower")
    assert f"{len(kinds) - pairs} groups, {pairs} pairs" in CARD
