"""The consultant's own words: found where they were written, kept from run to run, shown as text."""

import json
import os

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from assess.core.atomic_folder import Manifest
from assess.report import shipped
from assess.report.execution import sign_notebooks
from assess.report.reading import RECORD, find_readings, insert_reading, read_cell, record

COST = "5_total_cost"


def write(folder, text, stem=COST, at=None):
    """Write a notebook as a consultant leaves it."""
    source = next(path for path in shipped.notebooks().values() if path.stem == stem)
    node = nbformat.read(source, as_version=4)
    if text is not None:
        insert_reading(node.cells, text)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, folder / source.name)
    if at is not None:
        os.utime(folder / source.name, (at, at))
    return folder / source.name


def report(place, **texts):
    for stem, text in texts.items():
        write(place / "notebooks", text, f"{stem[1:]}", at=1_000)
    Manifest.of(place).write(place)
    return place


def test_every_shipped_notebook_has_one_cell_that_nobody_has_filled():
    for notebook in shipped.notebooks().values():
        cells = [
            c for c in nbformat.read(notebook, as_version=4).cells if "reading" in c.metadata.get("tags", ())
        ]
        assert len(cells) == 1
        assert cells[0].cell_type == "markdown"
        assert read_cell(notebook) == ""


@pytest.mark.parametrize("text", ["We doubt the volumes.", "Two\n\nparagraphs | <b>*x*</b>", "# a heading"])
def test_what_is_written_is_read_again(tmp_path, text):
    assert read_cell(write(tmp_path, text)) == text


def test_a_heading_of_ones_own_and_none_at_all(tmp_path):
    path = write(tmp_path, "x")
    node = nbformat.read(path, as_version=4)
    for source, read in (("## Ours\n\ntext", "text"), ("only text", "only text"), ("", "")):
        node.cells[-1].source = source
        nbformat.write(node, path)
        assert read_cell(path) == read


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"cells": 3}', '{"cells": [{"metadata": 1}]}', "[" * 100_000]
)
def test_what_is_no_notebook_has_no_reading(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    assert read_cell(path) is None


def test_a_link_and_a_pipe_are_not_read(tmp_path):
    path = write(tmp_path / "elsewhere", "secret")
    link = tmp_path / "link.ipynb"
    link.symlink_to(path)
    assert read_cell(link) is None
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert read_cell(tmp_path / "pipe.ipynb") is None


def test_a_reading_is_kept_although_the_notebook_was_changed_since_the_run(tmp_path):
    place = report(tmp_path / "out", _5_total_cost="", _1_value_stream="first")
    write(place / "notebooks", "changed by hand", at=2_000)
    assert find_readings(place, None) == {COST: "changed by hand", "1_value_stream": "first"}


def test_a_report_that_no_run_of_this_user_left_says_nothing(tmp_path):
    write(tmp_path / "notebooks", "a stranger's words")
    (tmp_path / RECORD).write_text(json.dumps({COST: "a stranger's words"}))
    assert find_readings(tmp_path, None) == {}


def test_the_copy_counts_where_it_was_written_later_and_says_something(tmp_path):
    place = report(tmp_path / "out", _5_total_cost="of the report")
    copies = tmp_path / "copies"
    write(copies, "older", at=500)
    assert find_readings(place, copies)[COST] == "of the report"
    write(copies, "newer", at=5_000)
    assert find_readings(place, copies)[COST] == "newer"
    write(copies, "", at=6_000)
    assert find_readings(place, copies)[COST] == "of the report"


def test_readings_of_notebooks_that_a_run_leaves_out_are_recorded(tmp_path):
    place = tmp_path / "out"
    place.mkdir()
    record({COST: "kept", "1_value_stream": ""}, place)
    Manifest.of(place).write(place)
    assert find_readings(place, None) == {COST: "kept"}
    write(place / "notebooks", "", at=2_000)
    assert find_readings(place, None) == {COST: ""}, "the consultant has emptied the cell"


def test_jupyter_lab_trusts_what_a_run_signs_and_nothing_that_was_changed_since(tmp_path):
    path = write(tmp_path / "notebooks", "x")
    node = nbformat.read(path, as_version=4)
    code = next(cell for cell in node.cells if cell.cell_type == "code")
    code.outputs = [
        nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>", "text/plain": "A picture."})
    ]
    nbformat.write(node, path)
    data = tmp_path / "jupyter"
    assert sign_notebooks(path.parent, data)
    with NotebookNotary(data_dir=str(data)) as notary:
        assert notary.check_signature(nbformat.read(path, as_version=4))
        code.outputs[0]["data"]["image/svg+xml"] = "<svg onload='x'/>"
        nbformat.write(node, path)
        assert not notary.check_signature(nbformat.read(path, as_version=4))


def test_a_folder_that_others_can_write_gets_no_signature(tmp_path):
    write(tmp_path / "notebooks", "x")
    data = tmp_path / "jupyter"
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    assert not sign_notebooks(tmp_path / "notebooks", data)
    assert not list(data.iterdir())
