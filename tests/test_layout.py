"""The floor plan, held: data folder without code, packages of tests, imports that go down, short files."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "matcher", "embeddings")
#: Sources, tests and data tables apart, no file is longer.
MAX_LINES = 500
#: Words that say nothing of what a file holds.
EMPTY_NAMES = {"service", "manager", "engine", "processor", "helper", "helpers", "utils", "util", "core", "common"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        loaded: dict[str, object] = tomllib.load(file)
    return loaded


class TestDatasets:
    def test_holds_no_code(self) -> None:
        """With an __init__.py it would stand before Hugging Face's package, and sentence_transformers not import."""
        assert (ROOT / "datasets").is_dir()
        found = [path for ending in ("py", "pyc", "pyi", "so") for path in (ROOT / "datasets").rglob(f"*.{ending}")]
        assert found == []

    def test_is_not_what_an_import_from_the_root_finds(self) -> None:
        """Another package of that name, or none: a folder without code has no file."""
        code = "import importlib.util as u; s = u.find_spec('datasets'); print(s and s.origin)"
        found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        origin = found.stdout.strip()
        assert origin == "None" or not Path(origin).is_relative_to(ROOT / "datasets")


class TestPackages:
    def test_a_wheel_holds_the_three_packages_by_name(self) -> None:
        tool = project()["tool"]
        assert isinstance(tool, dict)
        assert tool["hatch"]["build"]["targets"]["wheel"] == {"packages": list(PACKAGES)}

    @pytest.mark.parametrize("top", ["tests", *PACKAGES])
    def test_every_folder_of_code_is_a_package(self, top: str) -> None:
        folders = {path.parent for path in sources(top)} | {ROOT / top}
        assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []

    def test_tests_mirror_the_sources(self) -> None:
        """A folder of tests is named as what it tests, or holds benchmarks."""
        mirrored = [path.parent.relative_to(ROOT / "tests") for path in sources("tests") if path.name != "__init__.py"]
        strange = {
            part for part in mirrored if part.parts and part.parts[0] != "benchmarks" and not (ROOT / part).is_dir()
        }
        assert strange == set()


class TestFloorPlan:
    @pytest.mark.parametrize(
        ("package", "above"), [("embeddings", {"matcher", "api"}), ("matcher", {"api"}), ("embeddings", {"sqlalchemy"})]
    )
    def test_imports_go_down_only(self, package: str, above: set[str]) -> None:
        wrong = [(path.name, name) for path in sources(package) for name in imported(path) if name in above]
        assert wrong == []

    def test_only_api_knows_http(self) -> None:
        http = {"fastapi", "starlette", "uvicorn"}
        wrong = [path.name for path in sources("matcher", "embeddings") if http & imported(path)]
        assert wrong == []

    def test_only_training_imports_the_package_named_datasets(self) -> None:
        users = {path.relative_to(ROOT).as_posix() for path in sources(*PACKAGES) if "datasets" in imported(path)}
        assert users <= {"embeddings/training.py"}

    @pytest.mark.parametrize(
        "path",
        [
            "embeddings/encoder.py", "embeddings/bundled.py", "embeddings/onnx.py", "embeddings/index.py",
            "embeddings/training.py", "matcher/match.py", "matcher/records.py", "matcher/errors.py",
            "matcher/settings.py", "matcher/__main__.py", "matcher/understanding", "matcher/retrieval/retriever.py",
            "matcher/ranking/fit.py", "matcher/ranking/features.py", "matcher/ranking/profile.py",
            "matcher/ranking/ranker.py", "matcher/ranking/learning.py", "matcher/ranking/explain.py",
            "matcher/catalogue", "matcher/evaluation/metrics.py", "matcher/evaluation/judgements.py",
            "matcher/evaluation/runs.py", "api/app.py", "Makefile", "README.md", "DECISIONS.md", "CHANGELOG.md",
            ".ci/run",
        ],
    )  # fmt: skip
    def test_everything_has_its_place(self, path: str) -> None:
        found = ROOT / path
        module = found.with_suffix("")
        assert found.exists() or (module / "__init__.py").exists()

    def test_no_file_is_too_long(self) -> None:
        lengths = {
            path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
            for path in sources(*PACKAGES, "tests")
            if path.parent.name != "versions"  # a migration is a record of what was run, table after table
        }
        assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}

    def test_names_say_what_a_file_holds(self) -> None:
        assert [path for path in sources(*PACKAGES) if path.stem in EMPTY_NAMES] == []

    def test_nothing_is_printed_but_by_commands(self) -> None:
        """Nor swallowed: no bare except."""
        for path in sources(*PACKAGES):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.ExceptHandler) and node.type is None), path
                assert not (isinstance(node, ast.Name) and node.id == "print"), path


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_imported_sees_every_form(tmp_path: Path) -> None:
    code = "import a.b\nfrom c.d import e\ndef f():\n    import g as h\nfrom . import i\n"
    (tmp_path / "x.py").write_text(code, encoding="utf-8")
    assert imported(tmp_path / "x.py") == {"a", "c", "g"}
