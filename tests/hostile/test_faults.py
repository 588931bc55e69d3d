"""Faults of the machine: whatever stops a run, there is the whole report or the earlier one, a sentence, the right exit code."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assess.core import signature
from assess.core.atomic_folder import MANIFEST, Manifest

from .conftest import ASSESS, Machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="looks into /proc, limits as Linux has them"
    ),
]
RUN = ("run", "acme", "-o", "reports/acme", "--only", "1", "--time", "2026-11-22T09:00")
SENTENCES = ("the disk is full", "larger than this disk or user may hold", "too many files are open", "may not read or write it", "the system does not permit it")  # fmt: skip


def limited(machine: Machine, limit: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours under a limit that the shell sets."""
    command = ["sh", "-c", f'{limit}; exec "$@"', "sh", *ASSESS, *arguments]
    done = subprocess.run(
        command, cwd=machine.work, env=machine.env | env, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert "Traceback" not in done.stderr and "[Errno" not in done.stderr, done.stderr
    return done


def told(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a run has said in a sentence what stopped it."""
    return any(sentence in done.stderr.lower() for sentence in SENTENCES)


def whole(machine: Machine, folder: Path) -> bool:
    """Whether a report is, file by file, what one run of this machine's user has left."""
    with pytest.MonkeyPatch.context() as user:
        user.delenv(signature.STATE)
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            user.delenv(name, raising=False)
        user.setenv("HOME", str(machine.home))
        manifest = Manifest.read(folder)
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    return (
        manifest is not None
        and names == {*manifest.files, MANIFEST}
        and {"report.html", "results.json", "actions.xlsx"} <= names
        and all(manifest.proves(folder, name) for name in manifest.files)
    )


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def reports(folder: Path) -> dict[str, bytes]:
    """The files of a report, without what the user has put beside them."""
    return {name: found for name, found in content(folder).items() if name != "notes.txt"}


def left_over(machine: Machine) -> list[Path]:
    """Whatever of ours lies where it should not; IPython's own folders for who has no home are not ours."""
    found = [p for p in (machine.work / "reports").iterdir() if p.name.startswith(".")]
    found += [p for p in machine.tmp.iterdir() if p.name.startswith((".assess", "assess", "kernel"))]
    return found + list(machine.work.rglob("*.lock"))


@pytest.mark.parametrize("outs", [("acme",) * 3, ("one", "two", "three")])
def test_three_runs_at_once(machine, outs):
    started = [machine.start("run", "acme", "-o", f"reports/{out}", *RUN[4:]) for out in outs]
    for process in started:
        _, said = process.communicate(timeout=400)
        assert process.returncode == 0, said
    assert all(whole(machine, machine.work / "reports" / out) for out in outs)
    assert sorted(os.listdir(machine.work / "reports")) == sorted(set(outs))
    assert left_over(machine) == []


def made(pattern: str) -> Callable[[Machine, int], bool]:
    """Wait for a file of the run in its scratch folder."""
    return lambda machine, pid: any((machine.work / "reports").glob(pattern))


MOMENTS = {
    "when its folder is made": made(".assess-*"),
    "when its kernels start": lambda machine, pid: bool(Path(f"/proc/{pid}/task/{pid}/children").read_text()),
    "when a notebook is executed": made(".assess-*/*/report/notebooks/*.ipynb"),
    "when results are written": made(".assess-*/*/report/results.json"),
    "when the list of files is written": made(f".assess-*/*/report/{MANIFEST}"),
}


def test_a_run_killed_at_five_moments_leaves_the_earlier_report_and_the_next_tidies(machine):
    out = machine.work / "reports" / "acme"
    assert machine.run(*RUN, seconds=300).returncode == 0
    (out / "notes.txt").write_text("mine")
    before, reached = reports(out), []
    for title, moment in MOMENTS.items():
        process = machine.start(*RUN, "--fresh")
        with contextlib.suppress(OSError):
            while process.poll() is None and not moment(machine, process.pid):
                time.sleep(0.002)
        if process.poll() is None:
            reached.append(title)
            process.kill()
        process.communicate()
        (lies,) = [out] if out.exists() else out.parent.glob(".acme.previous-*")
        assert reports(lies) == before, title  # the earlier one, or the new one, which has the same bytes
    assert len(reached) >= 4, reached
    assert machine.run(*RUN, seconds=300).returncode == 0
    assert (out / "notes.txt").read_text() == "mine"
    (out / "notes.txt").unlink()
    assert whole(machine, out)
    assert left_over(machine) == []


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a disk of a size over a folder, or skip where that is not permitted."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True
    )
    if done.returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(not shutil.which("mount"), reason="no mount")
@pytest.mark.parametrize("place", ["tmp", "reports"])
def test_a_full_disk(machine, place):
    """The report is whole and says what failed, or the earlier one lies there."""
    reports = machine.work / "reports"
    reports.mkdir()
    with small_disk(machine.tmp if place == "tmp" else reports, "4m"):
        if place == "reports":
            assert machine.run(*RUN, seconds=300).returncode == 0
        before = content(reports)
        disk = machine.tmp if place == "tmp" else reports
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        done = limited(machine, ":", *RUN, "--fresh")
        if place == "tmp" and not done.returncode:  # nothing needed room there
            assert whole(machine, reports / "acme")
            return
        assert done.returncode in (1, 2)
        assert told(done)
        (disk / "filler").unlink()
        if done.returncode == 2 or place == "reports":
            assert content(reports) == before
        else:
            assert whole(machine, reports / "acme")
        assert machine.run(*RUN, seconds=300).returncode == 0
        assert whole(machine, reports / "acme") and left_over(machine) == []


def test_files_that_may_not_grow(machine):
    out = machine.work / "reports" / "acme"
    assert machine.run(*RUN, seconds=300).returncode == 0
    before = content(out)
    done = limited(machine, "ulimit -f 40", *RUN, "--fresh")  # blocks of 512 bytes
    assert done.returncode in (1, 2)
    assert told(done)
    assert content(out) == before and left_over(machine) == []


def test_an_output_that_can_t_be_written(machine):
    done = limited(machine, ":", *RUN[:3], "/sys/acme", *RUN[4:])
    assert done.returncode == 2
    assert "/sys" in done.stderr and told(done)


@pytest.mark.parametrize("home", ["", "/nonexistent-home", "/proc/self"])
def test_no_home(machine, home):
    """A report is left; a later run can't prove that it is ours, says so, and deletes nothing."""
    done = limited(machine, ":", *RUN, HOME=home)
    assert done.returncode == 0, done.stderr
    assert "name a new folder" in done.stderr
    out = machine.work / "reports" / "acme"
    assert (out / "report.html").exists() and not Path("/nonexistent-home").exists()
    before = content(out)
    done = limited(machine, ":", *RUN, HOME=home)
    assert done.returncode == 2 and "Rename it" in done.stderr
    assert content(out) == before and left_over(machine) == []


def test_few_file_handles(machine):
    done = limited(machine, "ulimit -n 64", *RUN)
    if done.returncode == 0:
        assert whole(machine, machine.work / "reports" / "acme")
    else:
        assert done.returncode in (1, 2)
        assert told(done)
    assert left_over(machine) == []
