"""The copies of the notebooks: what a consultant changes is kept, and never opens another engagement."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from assess import intake
from assess.report import shipped
from assess.report.jupyter import OtherEngagement, lay_out

NAME = "5_total_cost.ipynb"


@pytest.fixture
def engagement(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return intake.init(tmp_path / "acme")


def change(copy, before, after):
    """Change a notebook as JupyterLab saves it, with outputs."""
    node = nbformat.read(copy, as_version=4)
    for cell in node.cells:
        cell.source = cell.source.replace(before, after)
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [nbformat.v4.new_output("stream", text="seen")]
    nbformat.write(node, copy)


def parameters(copy):
    cells = nbformat.read(copy, as_version=4).cells
    return next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", ()))


def test_the_copies_open_the_engagement_and_are_otherwise_what_ships(engagement):
    folder, edited = lay_out(Path("acme"))
    assert (folder, edited) == (Path("assess-notebooks/acme"), ())
    assert [path.name for path in sorted(folder.iterdir())] == [p.name for p in shipped.notebooks().values()]
    for source in shipped.notebooks().values():
        given: dict[str, object] = {}
        exec(parameters(folder / source.name), given)
        assert given["engagement"] == str(engagement)
        old, new = (nbformat.read(place / source.name, as_version=4) for place in (source.parent, folder))
        same = [a.source == b.source for a, b in zip(old.cells, new.cells, strict=True)]
        assert same.count(False) == 1
        assert not any(cell.get("outputs") for cell in new.cells)


def test_what_somebody_changed_is_kept_on_the_second_start(engagement):
    folder, _ = lay_out(engagement)
    change(folder / NAME, "seed = 7", "seed = 8")
    before = (folder / NAME).read_bytes()
    assert lay_out(engagement).edited == (NAME,)
    assert (folder / NAME).read_bytes() == before


def test_a_copy_that_was_only_run_keeps_its_outputs(engagement):
    folder, _ = lay_out(engagement)
    change(folder / NAME, "", "")
    before = (folder / NAME).read_bytes()
    assert lay_out(engagement).edited == ()
    assert (folder / NAME).read_bytes() == before


def test_a_copy_that_nobody_changed_follows_the_installed_version(engagement, monkeypatch, tmp_path):
    folder, _ = lay_out(engagement)
    node = nbformat.read(shipped.notebooks()[5], as_version=4)
    node.cells.append(nbformat.v4.new_markdown_cell("New in this version."))
    nbformat.write(node, tmp_path / NAME)
    monkeypatch.setattr(shipped, "notebooks", lambda: {5: tmp_path / NAME})
    assert lay_out(engagement).edited == ()
    assert nbformat.read(folder / NAME, as_version=4).cells[-1].source == "New in this version."


@pytest.mark.parametrize("content", ["", "no notebook", '{"cells": 1}'])
def test_a_copy_that_is_no_notebook_is_kept(engagement, content):
    folder, _ = lay_out(engagement)
    (folder / NAME).write_text(content)
    assert lay_out(engagement).edited == (NAME,)
    assert (folder / NAME).read_text() == content


def test_changed_copies_of_another_engagement_of_the_same_name_are_not_opened(engagement, tmp_path):
    folder, _ = lay_out(engagement)
    other = intake.init(tmp_path / "elsewhere" / "acme")
    assert lay_out(other).edited == ()
    assert repr(str(other)) in parameters(folder / NAME)
    change(folder / NAME, "seed = 7", "seed = 8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(OtherEngagement) as error:
        lay_out(engagement)
    (problem,) = error.value.problems
    assert NAME in problem and str(other) in problem
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("command", ["lab", "serve"])
def test_an_engagement_with_problems_opens_nothing(engagement, tmp_path, command):
    table = engagement / "systems.csv"
    table.write_text(table.read_text().replace("rest; webhook", "rest; pigeon"))
    done = subprocess.run(
        [sys.executable, "-m", "assess.cli", command, "acme"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "systems.csv" in done.stderr and "pigeon" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "assess-notebooks").exists()
