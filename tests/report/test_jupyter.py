"""The copies of the notebooks: what a consultant changes is kept, and never opens another engagement."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from assess import intake
from assess.core import trust
from assess.report import shipped
from assess.report.jupyter import CopiesRefused, lay_out
from assess.report.shipped import SIGNATURE, find_copies

NAME = "5_total_cost.ipynb"


@pytest.fixture
def engagement(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSESS_STATE", str(tmp_path / "own"))
    return intake.init(tmp_path / "acme")


def notebooks(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != SIGNATURE)


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
    folder, edited, notes = lay_out(Path("acme"))
    digest = hashlib.sha256(os.fsencode(engagement.resolve())).hexdigest()[:8]
    assert folder == engagement.parent.resolve() / "own" / "data" / "notebooks" / f"acme-{digest}"
    assert (edited, notes) == ((), ())
    assert folder.stat().st_mode & 0o077 == 0
    assert notebooks(folder) == [p.name for p in shipped.notebooks().values()]
    for source in shipped.notebooks().values():
        given: dict[str, object] = {}
        exec(parameters(folder / source.name), given)
        assert given["engagement"] == str(engagement)
        old, new = (nbformat.read(place / source.name, as_version=4) for place in (source.parent, folder))
        same = [a.source == b.source for a, b in zip(old.cells, new.cells, strict=True)]
        assert same.count(False) == 1
        assert not any(cell.get("outputs") for cell in new.cells)


def test_what_somebody_changed_is_kept_on_the_second_start(engagement):
    folder, *_ = lay_out(engagement)
    change(folder / NAME, "seed = 7", "seed = 8")
    before = (folder / NAME).read_bytes()
    assert lay_out(engagement).edited == (NAME,)
    assert (folder / NAME).read_bytes() == before


def test_a_copy_that_was_only_run_keeps_its_outputs(engagement):
    folder, *_ = lay_out(engagement)
    change(folder / NAME, "", "")
    before = (folder / NAME).read_bytes()
    assert lay_out(engagement).edited == ()
    assert (folder / NAME).read_bytes() == before


def test_a_copy_that_nobody_changed_follows_the_installed_version(engagement, monkeypatch, tmp_path):
    folder, *_ = lay_out(engagement)
    node = nbformat.read(shipped.notebooks()[5], as_version=4)
    node.cells.append(nbformat.v4.new_markdown_cell("New in this version."))
    nbformat.write(node, tmp_path / NAME)
    monkeypatch.setattr(shipped, "notebooks", lambda: {5: tmp_path / NAME})
    assert lay_out(engagement).edited == ()
    assert nbformat.read(folder / NAME, as_version=4).cells[-1].source == "New in this version."


@pytest.mark.parametrize("content", ["", "no notebook", '{"cells": 1}'])
def test_a_copy_that_is_no_notebook_is_kept(engagement, content):
    folder, *_ = lay_out(engagement)
    (folder / NAME).write_text(content)
    assert lay_out(engagement).edited == (NAME,)
    assert (folder / NAME).read_text() == content


def test_engagements_of_the_same_name_have_copies_of_their_own(engagement, tmp_path):
    other = intake.init(tmp_path / "elsewhere" / "acme")
    folders = [lay_out(place).folder for place in (engagement, other)]
    assert folders[0] != folders[1]
    for place, folder in zip((engagement, other), folders, strict=True):
        assert repr(str(place)) in parameters(folder / NAME)


def test_changed_copies_of_another_engagement_are_not_opened_when_they_are_brought_over(engagement, tmp_path):
    other = intake.init(tmp_path / "elsewhere" / "acme")
    folder, theirs = lay_out(engagement).folder, lay_out(other).folder
    change(theirs / NAME, "seed = 7", "seed = 8")
    shutil.copy(theirs / NAME, folder / NAME)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CopiesRefused) as error:
        lay_out(engagement)
    (problem,) = error.value.problems
    assert NAME in problem and str(other) in problem
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_copies_that_came_with_the_engagement_are_named_and_not_opened(engagement, tmp_path):
    mailed = tmp_path / "assess-notebooks" / "acme"
    mailed.mkdir(parents=True)
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('mail')")]), mailed / NAME
    )
    copies = lay_out(engagement)
    (note,) = copies.notes
    assert note.startswith("assess-notebooks/acme: these notebooks are not opened")
    assert "print('mail')" not in (copies.folder / NAME).read_text()
    command = note.partition("bring them over: ")[2]
    assert command.startswith("cp assess-notebooks/acme/*.ipynb ")
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)  # they are one's own: the advice works
    assert lay_out(engagement).edited == (NAME,)
    assert "print('mail')" in (copies.folder / NAME).read_text()


def test_a_folder_of_copies_that_this_user_has_not_made_is_not_opened(engagement, tmp_path):
    folder = lay_out(engagement, tmp_path / "desk").folder
    assert folder.parent == tmp_path / "desk"
    signature = (folder / SIGNATURE).read_text()
    for forged in ("", "0" * 64, signature[:-1]):
        (folder / SIGNATURE).write_text(forged)
        with pytest.raises(CopiesRefused, match="was not made by this command"):
            lay_out(engagement, tmp_path / "desk")
    (folder / SIGNATURE).unlink()
    with pytest.raises(CopiesRefused, match="was not made by this command"):
        lay_out(engagement, tmp_path / "desk")
    (folder / SIGNATURE).write_text(signature)
    assert lay_out(engagement, tmp_path / "desk").folder == folder
    own = lay_out(engagement).folder
    assert find_copies(engagement) == own
    (own / SIGNATURE).write_text(signature)
    assert find_copies(engagement) is None
    shutil.copytree(folder, tmp_path / "mail" / folder.name)  # the signature is of where it lies
    with pytest.raises(CopiesRefused, match="was not made by this command"):
        lay_out(engagement, tmp_path / "mail")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_into_which_others_can_write_is_no_place_for_copies(engagement, tmp_path):
    folder = lay_out(engagement, tmp_path / "desk").folder
    folder.chmod(0o777)
    with pytest.raises(CopiesRefused):
        lay_out(engagement, tmp_path / "desk")
    folder.chmod(0o700)
    shutil.rmtree(folder)
    folder.symlink_to(engagement, target_is_directory=True)
    with pytest.raises(CopiesRefused):
        lay_out(engagement, tmp_path / "desk")


def test_copies_never_lie_in_the_engagement(engagement):
    for place in (engagement, engagement / "below", Path("acme") / "x" / ".." / "y"):
        with pytest.raises(CopiesRefused, match="lies in the engagement"):
            lay_out(engagement, place)
    assert not (engagement / "below").exists()


def test_the_configuration_of_the_user_names_the_folder(engagement, tmp_path):
    with trust.granted(trust.Allowed(notebooks_folder=str(tmp_path / "mine"))):
        assert lay_out(engagement).folder.parent == tmp_path / "mine"
        assert lay_out(engagement, tmp_path / "said").folder.parent == tmp_path / "said"


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
    assert not (tmp_path / "own").exists()
