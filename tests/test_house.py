"""The rules of the house that a machine can check."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "assess"
FLOORS = ("core", "intake", "evidence", "decisions", "report", "cli")
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def floor(module: Path) -> int:
    room = module.parts[0].removesuffix(".py")
    return FLOORS.index(room) if room in FLOORS else -1


def imported(module: Path) -> set[str]:
    """Names below ``assess`` that a module imports, relative imports resolved, wherever in the file."""
    package = ("assess", *module.parent.parts)
    names = set()
    for node in ast.walk(ast.parse((SOURCE / module).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join((*base, *([node.module] if node.module else [])))
            names |= {f"{stem}.{alias.name}" for alias in node.names}
    return {name.removeprefix("assess.") for name in names if name.startswith("assess.")}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_down_only(module):
    here = floor(module)
    above = {
        name
        for name in imported(module)
        if name.split(".")[0] in FLOORS and FLOORS.index(name.split(".")[0]) > here
    }
    assert here < 0 or not above


def test_no_name_that_says_nothing():
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "manager.py"}
    assert not [module for module in MODULES if module.name in vague]


@pytest.mark.parametrize("statement", ["import assess", "import assess.cli"])
def test_start_is_light(statement):
    """Neither tables, charts nor notebooks are loaded before they are used."""
    heavy = (
        "pandas",
        "numpy",
        "duckdb",
        "plotly",
        "papermill",
        "scipy",
        "data_profiling",
        "ipywidgets",
        "ibis",
    )
    code = f"{statement}; import sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_notebooks_in_git_are_documents_and_no_archives():
    """At most 150 kB each: the facts and whatever a chart library needs stay out of them."""
    notebooks = sorted((SOURCE.parents[1] / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == 10
    assert not {path.name: path.stat().st_size for path in notebooks if path.stat().st_size > 150_000}
