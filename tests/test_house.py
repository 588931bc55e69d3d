"""The rules of the house that a machine can check."""

import ast
import re
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "assess"
FLOORS = ("core", "intake", "evidence", "decisions", "report", "cli")
TREES = {
    path.relative_to(SOURCE): ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))
}
NAMES = {
    ".".join(("assess", *module.with_suffix("").parts)).removesuffix(".__init__"): module for module in TREES
}
SAY_NOTHING = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "manager",
    "tell",
    "told",
    "telling",
    "said",
    "words",
    "look",
    "way",
    "ways",
    "side",
    "sides",
    "held",
    "shown",
    "meant",
    "hear",
    "of",
    "showing",
    "wiring",
    "place",
    "nursery",
    "desk",
    "sketch",
}
"""Not names of the field: what they mean is known only in the file that uses them."""
STANDARD = {
    "cost_of_delay",
    "KernelManager",
    "ForkedKernelManager",
    "SocketKernelManager",
}
"""Terms of the literature and of Jupyter that hold such a word."""


def floor(name):
    room = name.split(".")[1] if "." in name else ""
    return FLOORS.index(room) if room in FLOORS else len(FLOORS)


def imports(name, *, at_start):
    """Modules of the house that a module imports, relative imports resolved; wherever in the file, or when it starts."""
    module = NAMES[name]
    package = name.split(".") if module.name == "__init__.py" else name.split(".")[:-1]
    nodes = TREES[module].body if at_start else ast.walk(TREES[module])
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in NAMES)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join((*base, *([node.module] if node.module else [])))
            for alias in node.names:
                found = f"{stem}.{alias.name}" if f"{stem}.{alias.name}" in NAMES else stem
                if found in NAMES and found != name:
                    yield found


def test_imports_go_down_only():
    up = {
        f"{name} -> {other}"
        for name in NAMES
        for other in imports(name, at_start=False)
        if other != "assess" and floor(other) > floor(name)
    }
    assert not up


def test_files_import_each_other_in_no_circle():
    """When they start: a package's ``__init__`` counts as its modules' own, for they import it before anything else."""
    try:
        TopologicalSorter({name: set(imports(name, at_start=True)) for name in NAMES}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def public(*kinds):
    """Public definitions at the top of every module: ``(module, name)``."""
    for name, module in NAMES.items():
        for node in TREES[module].body:
            if isinstance(node, kinds) and not node.name.startswith("_"):
                yield name, node.name


def test_a_public_class_has_a_name_of_its_own():
    classes = list(public(ast.ClassDef))
    often = {name for name, count in Counter(name for _, name in classes).items() if count > 1}
    assert not {name: [module for module, other in classes if other == name] for name in often}


def test_no_name_that_says_nothing():
    """Of a module, a public function or a public class."""
    names = [(name, name.rpartition(".")[2]) for name in NAMES] + list(public(ast.ClassDef, ast.FunctionDef))
    found = {
        f"{module}: {name}"
        for module, name in names
        if name not in STANDARD
        and {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)} & SAY_NOTHING
    }
    assert not found


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
