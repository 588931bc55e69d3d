"""Executing one notebook by papermill, and what came out of it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from assess.core.messages import explain_errno
from assess.core.secrets import mask_secrets

from .chapter import Chapter
from .kernels import KernelManager
from .notebook_display import FACTS

QUIET = {
    "TQDM_DISABLE": "1",
    "YDATA_PROFILING_NO_ANALYTICS": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""Environment of the kernels: no progress bars in outputs, no telemetry of a library, no noise."""


INJECTED = "injected-parameters"
"""Tag of the cell that papermill adds."""


class Outcome(NamedTuple):
    """What an executed notebook left: its chapter, or why there is none."""

    chapter: Chapter | None
    error: str


def execute(
    notebook: Path, output: Path, parameters: dict[str, Any], kernels: type[KernelManager], notes: Path
) -> Outcome:
    """Execute a notebook and keep it, with its outputs, as ``output``, and the facts of its chapter beside it.

    A notebook that fails is kept as well, and its error is told in plain words.

    Parameters
    ----------
    notes
        Folder in which the kernel leaves the facts, see `assess.report.notebook_display.NOTES`.
    """
    asyncio.set_event_loop(asyncio.new_event_loop())
    try:
        executed = papermill.execute_notebook(
            notebook,
            output,
            parameters,
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=kernels,
            store_widget_state=False,
            resources={"metadata": {"path": str(output.parent)}},
        )
    except PapermillExecutionError as error:
        _hide_secrets(output)
        return Outcome(None, plain(error.ename, error.evalue, error.exec_count))
    except Exception as error:
        return Outcome(None, plain(type(error).__name__, str(error)))
    tidy(executed)
    nbformat.write(executed, output)
    facts = notes / f"{output.stem}{FACTS}"
    if not facts.is_file():
        return Outcome(None, "The notebook ran but showed no chapter: it must end with conclude(chapter).")
    shutil.move(facts, facts_beside(output))
    return collect(facts_beside(output))


def _hide_secrets(output: Path) -> None:
    """Mask what the kept notebook of a failed run quotes: its error, what it printed, the error's paragraph."""
    failed = nbformat.read(output, as_version=4)
    for cell in failed.cells:
        if cell.cell_type == "markdown":
            cell.source = mask_secrets(cell.source)
        for said in cell.get("outputs", ()):
            for name in ("text", "evalue"):
                if isinstance(said.get(name), str):
                    said[name] = mask_secrets(said[name])
            if "traceback" in said:
                said["traceback"] = [mask_secrets(line) for line in said["traceback"]]
    nbformat.write(failed, output)


def tidy(executed: NotebookNode) -> None:
    """Remove what differs from execution to execution: times, places of files, a random id of a cell."""
    executed.metadata.pop("papermill", None)
    for cell in executed.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED


def facts_beside(notebook: Path) -> Path:
    """Return where the facts of an executed notebook lie."""
    return notebook.with_suffix(".json")


def collect(facts: Path) -> Outcome:
    """Read the chapter that an executed notebook left.

    Raises
    ------
    OSError, ValueError
        If the file can't be read, or is something else.
    """
    return Outcome(Chapter.model_validate(json.loads(facts.read_bytes())), "")


def plain(kind: str, message: str, cell: int | None = None) -> str:
    """Say an exception in one sentence without a traceback."""
    text = mask_secrets(explain_errno(re.sub(r"\x1b\[[0-9;]*m", "", message).strip())) or "no message"
    where = f" in cell {cell}" if cell else ""
    return f"The notebook stopped{where}: {text} ({kind})."


def quiet() -> None:
    """Set the environment in which kernels start without noise."""
    os.environ.update(QUIET)
    warnings.filterwarnings("ignore", module="papermill|nbclient|zmq")
