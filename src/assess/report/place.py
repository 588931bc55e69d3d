"""The folder that a run leaves: built aside, moved in place whole, never half."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assess.core.scratch import alive

MARK = "results.json"
"""A folder that holds this file was left by a run and may be replaced."""


class NotOurs(ValueError):
    """The output folder holds something that no run has left."""


def check(out: Path) -> None:
    """Refuse a place that a run must not replace.

    Raises
    ------
    NotOurs
        If ``out`` is a file, or a folder with content but without a report.
    """
    if out.is_file() or out.is_symlink():
        raise NotOurs(f"{out}: is not a folder; name another with -o")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).exists():
        raise NotOurs(f"{out}: holds files but no earlier report; name an empty or new folder with -o")


@contextlib.contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a scratch folder that takes the place of ``out`` when the block ends well.

    A run that is killed leaves ``out`` as it was; its scratch folder is removed by the next run. The move is
    two renames; should the machine stop between them, the next run puts the earlier folder back.
    """
    check(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    previous = out.with_name(f".{out.name}.previous")
    _tidy(out, previous)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-{os.getpid()}-", dir=out.parent))
    try:
        yield scratch
        scratch.chmod(0o755)
        if out.exists():
            out.rename(previous)
        scratch.rename(out)
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _tidy(out: Path, previous: Path) -> None:
    """Undo what a killed run left behind."""
    if previous.exists():
        if out.exists():
            shutil.rmtree(previous, ignore_errors=True)
        else:
            previous.rename(out)
    for scratch in out.parent.glob(f".{out.name}.partial-*-*"):
        owner = scratch.name.split(".partial-")[1].split("-")[0]
        if not (owner.isdigit() and alive(int(owner))):
            shutil.rmtree(scratch, ignore_errors=True)
