"""Temporary folders are removed only if they prove that a process of this user made them and has died."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assess.core import scratch, signature

MAKE = "import sys, time; from assess.core import scratch; print(scratch.make_folder(sys.argv[1]), flush=True); time.sleep(60)"


def made(place: Path, **env: str) -> tuple[subprocess.Popen, Path]:
    """Let another process make a folder; return the process, and its folder in the place."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE, str(place)], stdout=subprocess.PIPE, text=True, env=os.environ | env
    )
    return process, Path(process.stdout.readline().strip()).parent


def killed(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_folders_of_the_dead_are_removed_and_those_of_the_living_kept(tmp_path):
    (dead, gone), (living, mine) = made(tmp_path), made(tmp_path)
    (gone / "deep").mkdir()
    killed(dead)
    scratch.remove_folder(scratch.make_folder(tmp_path))
    assert not gone.exists() and mine.exists()
    killed(living)
    scratch.tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_whatever_else_lies_there_stays(tmp_path):
    """Names like ours, copies, folders of another user, links: none was made there by a process of this user."""
    X = tmp_path / "X"
    X.mkdir()
    stay = {"assess-2024-notes", "assess-1-x", ".assess-notes", "assess", "other"}
    for name in stay:
        (X / name).mkdir()
        (X / name / "thesis.docx").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    process, ours = made(tmp_path / "elsewhere")
    killed(process)
    shutil.copytree(ours, X / ours.name)
    (X / ".assess-link").symlink_to(ours)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ours.name).symlink_to(ours)
    process, other = made(X, **{signature.STATE: str(tmp_path / "other")})
    killed(process)
    scratch.remove_folder(scratch.make_folder(X))
    scratch.tidy(tmp_path / "linked")
    assert {p.name for p in X.iterdir()} == stay | {ours.name, ".assess-link", other.name}
    assert ours.exists() and all((X / name / "thesis.docx").exists() for name in stay)


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_a_process_that_is_killed_before_it_locks_its_folder_leaves_one_that_is_removed(tmp_path):
    code = "import os, sys; from assess.core import scratch; scratch._locked = lambda folder: os.kill(os.getpid(), 9)\n"
    subprocess.run(
        [sys.executable, "-c", code + "scratch.make_folder(sys.argv[1])", str(tmp_path)], check=False
    )
    assert len(list(tmp_path.iterdir())) == 1
    scratch.tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_process_has_one_folder_in_a_place_and_it_goes_with_the_last_of_its_own(tmp_path):
    folders = [scratch.make_folder(tmp_path) for _ in range(3)]
    assert len({folder.parent for folder in folders}) == 1
    for folder in folders[:2]:
        scratch.remove_folder(folder)
    assert not folders[1].exists() and folders[2].exists()
    scratch.remove_folder(folders[2])
    assert list(tmp_path.iterdir()) == []
    again = scratch.make_folder(tmp_path)
    assert again.is_dir()
    scratch.remove_folder(again)


def test_a_folder_of_another_process_is_left_to_it(tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    scratch.remove_folder(foreign)
    assert foreign.exists()


def test_without_a_key_a_process_still_removes_its_own(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(signature.STATE, str(tmp_path / "file"))
    (tmp_path / "place").mkdir()
    folder = scratch.make_folder(tmp_path / "place")
    assert folder.is_dir()
    scratch.remove_folder(folder)
    assert list((tmp_path / "place").iterdir()) == []
