"""The folder in which the kernels of a run work: temporary files, and what they tell while they measure."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from assess.core import cache, progress, scratch, signature
from assess.core.trust import allowed, granted


@contextlib.contextmanager
def workplace(work: Path, *, fresh: bool = False) -> Iterator[Path]:
    """Make a place for the kernels' temporary files, and leave nothing of them behind elsewhere.

    Ended kernels can't tidy up: what they left in the spill folder and in the user's cache is removed here. Where
    nothing that is kept shall be used, or nothing can be kept, the kernels share what they measure in ``work``.

    Parameters
    ----------
    work
        An empty folder that the caller removes.
    fresh
        Whether to use nothing that an earlier run has kept.

    Returns
    -------
    Path
        The file in which the kernels tell what they measure, see `assess.core.progress`.
    """
    told = work / "progress"
    ours = {scratch.WORK: str(work), progress.PLACE: str(told)}
    allowance = allowed()
    if not signature.sign("cache"):  # a key for this run; IPython, too, has no folder of the user
        ours |= {signature.STATE: str(work / "state"), "IPYTHONDIR": str(work / "ipython")}
        allowance = allowance.model_copy(update={"cache_folder": ""})
    elif fresh or cache.cache_folder() is None:
        allowance = allowance.model_copy(update={"cache_folder": str(work)})
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        with granted(allowance):
            yield told
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        if (folder := cache.cache_folder()) is not None:
            cache.tidy(folder)
        if spill := allowed().spill_folder:
            scratch.tidy(Path(spill))
