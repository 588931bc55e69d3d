"""A report folder is replaced whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assess.report import place


def left(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / place.MARK).write_text(text)
    return folder


def test_new_content_takes_the_place_of_the_old(tmp_path):
    out = left(tmp_path / "out", "old")
    (out / "gone.txt").write_text("x")
    with place.replacing(out) as scratch:
        (scratch / place.MARK).write_text("new")
    assert (out / place.MARK).read_text() == "new"
    assert not (out / "gone.txt").exists()
    assert os.listdir(tmp_path) == ["out"]


def test_a_failed_run_leaves_the_old(tmp_path):
    out = left(tmp_path / "out", "old")
    with pytest.raises(RuntimeError), place.replacing(out) as scratch:
        (scratch / place.MARK).write_text("new")
        raise RuntimeError
    assert (out / place.MARK).read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_killed_run_leaves_the_old_and_the_next_tidies(tmp_path):
    out = left(tmp_path / "out", "old")
    code = (
        "import sys, time, pathlib; from assess.report import place\n"
        "with place.replacing(pathlib.Path(sys.argv[1])) as scratch:\n"
        "    (scratch / place.MARK).write_text('half'); print('in', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "in\n"
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert (out / place.MARK).read_text() == "old"
    assert len(os.listdir(tmp_path)) == 2
    with place.replacing(out) as scratch:
        (scratch / place.MARK).write_text("new")
    assert (out / place.MARK).read_text() == "new"
    assert os.listdir(tmp_path) == ["out"]


def test_a_run_killed_between_the_two_renames_is_undone(tmp_path):
    left(tmp_path / ".out.previous", "old")
    out = tmp_path / "out"
    with pytest.raises(RuntimeError), place.replacing(out):
        raise RuntimeError
    assert (out / place.MARK).read_text() == "old"


@pytest.mark.parametrize("make", ["file", "foreign", "link"])
def test_what_no_run_left_is_never_replaced(tmp_path, make):
    out = tmp_path / "out"
    if make == "file":
        out.write_text("mine")
    elif make == "foreign":
        out.mkdir()
        (out / "thesis.docx").write_text("mine")
    else:
        out.symlink_to(left(tmp_path / "elsewhere", "old"))
    with pytest.raises(place.NotOurs, match="-o"), place.replacing(out):
        pass
    assert out.exists()


def test_an_empty_folder_may_be_filled(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with place.replacing(out) as scratch:
        (scratch / place.MARK).write_text("new")
    assert time.time() - out.stat().st_mtime < 60
    assert out.stat().st_mode & 0o777 == 0o755
