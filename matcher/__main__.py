"""The command line: `pilotmatch …`, also `python -m matcher …`."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.metadata import entry_points

import typer

from matcher.commands.usage import run

#: Command → module and function, imported only when it is called: `match` should not wait for what `train` needs.
COMMANDS = {
    "match": "matcher.commands.match:match",
    "why": "matcher.commands.why:why",
    "understand": "matcher.commands.understand:understand",
    "evaluate": "matcher.commands.evaluate:evaluate",
    "evaluate-extraction": "matcher.commands.extraction:evaluate_extraction",
    "load": "matcher.commands.loading:load",
    "import": "matcher.commands.catalogue_files:import_listings",
    "export": "matcher.commands.catalogue_files:export_listings",
    "template": "matcher.commands.catalogue_files:write_template",
    "tick": "matcher.commands.catalogue_files:tick",
    "index": "matcher.commands.index:index",
    "settings": "matcher.commands.index:settings",
    "train": "matcher.commands.train:train",
    "admin": "matcher.commands.admin:admin",
    "judgements": "matcher.commands.judgements:judgements",
    "profiles": "matcher.commands.profiles:profiles",
    "ledger": "matcher.commands.ledger:ledger",
    "gate": "matcher.commands.gate:gate",
    "feedback": "matcher.commands.feedback:feedback",
}
#: Packages above this one add their commands here (pyproject.toml), as imports go down only.
GROUP = "pilotmatch.commands"
HELP = "PilotMatch 中试对接:把一句中试需求变成有理由的供给排序。"


def application(name: str | None = None) -> typer.Typer:
    """The Typer application with one command, or with all of them where None."""
    app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False)
    app.callback()(_group)
    found = _commands()
    for command in [name] if name else found:
        module, _, function = found[command].partition(":")
        app.command(command)(getattr(importlib.import_module(module), function))
    return app


def main() -> None:
    """Entry point of the console script."""
    # A match multiplies small matrices only; a team of threads for each costs more than the products.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    first = sys.argv[1] if len(sys.argv) > 1 else None
    run(application(first if first in _commands() else None))


def _commands() -> dict[str, str]:
    return COMMANDS | {point.name: point.value for point in entry_points(group=GROUP)}


def _group() -> None:
    """Makes Typer expect a command's name even where only one is registered."""


if __name__ == "__main__":
    main()
