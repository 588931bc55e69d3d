"""The folder in which the kernels of a run work: temporary files, and what they tell while they measure."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from assess.core import cache, progress, scratch
from assess.core.trust import allowed
from assess.decisions.assessment import CACHE
from assess.intake.engagement import Engagement


@contextlib.contextmanager
def workplace(engagement: Engagement, folder: Path) -> Iterator[Path]:
    """Make a place for the kernels' temporary files within a folder, and leave nothing of them behind.

    Ended kernels can't tidy up: what they left in the spill folder and cache is removed here.

    Returns
    -------
    Path
        The file in which the kernels tell what they measure, see `assess.core.progress`.
    """
    work = folder / ".work"
    work.mkdir()
    told = work / "progress"
    ours = {scratch.WORK: str(work), progress.PLACE: str(told)}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield told
    except BaseException:
        own = engagement.folder if engagement.folder.is_dir() else engagement.folder.parent
        cache.tidy(own / CACHE)
        if spill := allowed().spill_folder:
            scratch.tidy(Path(spill))
        raise
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(work, ignore_errors=True)
