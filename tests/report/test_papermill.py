"""A notebook run by papermill alone, as any pipeline runs one: whole without a widget, and small enough to mail."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from assess.report.chapter import Chapter
from assess.report.execution import execute
from assess.report.kernels import kernels, private_folder
from assess.report.notebook_display import NOTES, SVG

ROOT = Path(__file__).parents[2]

LIMIT = 150_000
"""Bytes: a notebook that holds a chart library or the drawn futures would be several million."""


@pytest.mark.slow
def test_papermill_alone_leaves_a_small_notebook_with_the_what_if_as_a_picture(tmp_path):
    out = tmp_path / "out.ipynb"
    (tmp_path / "notes").mkdir()
    given = ["-p", "engagement", str(ROOT / "data/samples/minimal"), "-p", "draws", "200"]
    run = subprocess.run(
        [sys.executable, "-m", "papermill", str(ROOT / "notebooks/5_total_cost.ipynb"), str(out), *given, "--no-progress-bar"],
        cwd=tmp_path, env=os.environ | {NOTES: str(tmp_path / "notes")}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert out.stat().st_size < LIMIT
    notebook = nbformat.read(out, as_version=4)
    assert "widgets" not in notebook.metadata
    (cell,) = [c for c in notebook.cells if c.source.startswith("widgets.explore")]
    kinds = [set(output.get("data", {})) for output in cell.outputs]
    assert not any("widget" in kind for kind in set().union(*kinds))
    told, drawing = cell.outputs
    assert told.data["text/html"].count("<tr>") > 2, "a row for each option"
    assert drawing.data[SVG].count("<rect") > 3, "a bar for each option"
    chapter = Chapter.from_json((tmp_path / "notes" / "5_total_cost.facts.json").read_bytes())
    assert chapter.state == "assessed", chapter.missing


def test_what_a_busy_machine_shows_late_is_kept(tmp_path):
    """The kernel answers at once and its output comes seconds later: longer than the client's own patience of 4."""
    code = (
        "import time\n"
        "from IPython import get_ipython\n"
        "get_ipython().kernel.iopub_thread.io_loop.call_later(0, time.sleep, 6)\n"
        "time.sleep(0.2)\n"
        "print('late')"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    with private_folder() as sockets, kernels(sockets) as manager:
        found = execute(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {}, manager, tmp_path)
    assert found.error.startswith("The notebook ran but showed no chapter"), found.error
    (shown,) = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs
    assert shown.text == "late\n"
