"""Executing notebooks by papermill, what came out of them, and what an earlier run left that this one can keep."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from pydantic import ValidationError

from assess.core import reads
from assess.core.atomic_folder import Manifest, copy_proven
from assess.core.cache import code, content
from assess.core.messages import explain_errno
from assess.core.record import Record
from assess.core.secrets import mask_secrets
from assess.core.signature import make_private
from assess.core.trust import allowed
from assess.intake.engagement import Engagement

from .chapter import Chapter
from .kernels import KernelManager
from .notebook_display import FACTS
from .reading import insert_reading, read_cell

QUIET = {
    "TQDM_DISABLE": "1",
    "YDATA_PROFILING_NO_ANALYTICS": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""Environment of the kernels: no progress bars in outputs, no telemetry of a library, no noise."""


INJECTED = "injected-parameters"
"""Tag of the cell that papermill adds."""
PATIENCE = 600
"""Seconds after which a kernel that lives and says nothing has failed: a busy machine starts and shows late (the default gives up after 4)."""


class Outcome(NamedTuple):
    """What an executed notebook left: its chapter, or why there is none."""

    chapter: Chapter | None
    error: str


def execute(
    notebook: Path,
    output: Path,
    parameters: dict[str, Any],
    kernels: type[KernelManager],
    notes: Path,
    reading: str = "",
) -> Outcome:
    """Execute a notebook and keep it, with its outputs, as ``output``, and the facts of its chapter beside it.

    A notebook that fails is kept as well, and its error is told in plain words.

    Parameters
    ----------
    notes
        Folder in which the kernel leaves the facts, see `assess.report.notebook_display.NOTES`.
    reading
        What the consultant has written into the notebook of an earlier run.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        executed = papermill.execute_notebook(
            notebook,
            output,
            parameters,
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=kernels,
            store_widget_state=False,
            start_timeout=PATIENCE,
            iopub_timeout=PATIENCE,
            resources={"metadata": {"path": str(output.parent)}},
        )
    except PapermillExecutionError as error:
        _hide_secrets(output)
        return Outcome(None, plain(error.ename, error.evalue, error.exec_count))
    except Exception as error:
        return Outcome(None, plain(type(error).__name__, str(error)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    tidy(executed)
    insert_reading(executed.cells, reading)
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


def sign_notebooks(folder: Path, data: Path) -> bool:
    """Sign executed notebooks for the user's JupyterLab, which shows pictures only of notebooks that it trusts.

    Parameters
    ----------
    folder
        Where the notebooks lie; all of them are our own work.
    data
        The user's data folder of Jupyter, in which its key and its list of signatures lie.

    Returns
    -------
    bool
        False where the user has no such folder, or it can't be written.
    """
    from sqlite3 import Error

    from nbformat.sign import NotebookNotary

    if not make_private(data):
        return False
    try:
        with NotebookNotary(data_dir=str(data)) as notary:
            for path in sorted(folder.glob("*.ipynb")):
                notary.sign(nbformat.read(path, as_version=4))
    except (OSError, Error):
        return False
    return True


TRACE = "reads.json"
"""Beside the results: what each notebook read, with fingerprints."""


class ExecutionRecord(Record):
    """What an executed notebook rests on, and what it left.

    Parameters
    ----------
    made_by
        Fingerprint of the code, the notebook and its parameters.
    reads
        By name, as `assess.core.reads` notes them, the fingerprint of what was read.
    files
        By path within the report's folder, the SHA-256 of what the notebook left.
    """

    made_by: str
    reads: dict[str, str]
    files: dict[str, str]


class Trace(Record):
    """What the notebooks of a run rest on, by name of the notebook."""

    notebooks: dict[str, ExecutionRecord] = {}


class Earlier(NamedTuple):
    """The report that lies where a run is to leave its own."""

    folder: Path
    trace: Trace

    @classmethod
    def at(cls, folder: Path) -> Earlier:
        """Look at a report; one that says nothing usable, or that this user's runs have not left, keeps nothing."""
        manifest = Manifest.read(folder)
        if manifest is None or not manifest.proves(folder, TRACE):
            return cls(folder, Trace())
        try:
            return cls(folder, Trace.from_json((folder / TRACE).read_bytes()))
        except (OSError, ValidationError):
            return cls(folder, Trace())

    def take(
        self, stem: str, made_by: str, engagement: Engagement, to: Path, reading: str = ""
    ) -> tuple[ExecutionRecord, Outcome] | None:
        """Copy what a notebook left into the new report, if executing it again would leave the same.

        Parameters
        ----------
        stem
            Name of the notebook without its ending.
        to
            The scratch folder of the new report.
        reading
            What the consultant's cell of it has to hold.
        """
        kept = self.trace.notebooks.get(stem)
        if kept is None or kept.made_by != made_by:
            return None
        if fingerprints(engagement, kept.reads) != kept.reads:
            return None
        if (read_cell(self.folder / "notebooks" / f"{stem}.ipynb") or "") != reading:
            return None
        try:
            if not all(copy_proven(self.folder, name, found, to) for name, found in kept.files.items()):
                return None
            outcome = collect(facts_beside(to / "notebooks" / f"{stem}.ipynb"))
        except (OSError, ValueError):
            return None
        return (kept, outcome) if outcome.chapter is not None else None


def made_by(notebook: Path, parameters: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Fingerprint of what executes: code, library versions, the notebook, its parameters, limits that may stop it."""
    parts = [
        code(),
        content(notebook),
        allowed().decisive,
        json.dumps([parameters, versions], sort_keys=True, default=str),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def fingerprints(engagement: Engagement, names: Iterable[str]) -> dict[str, str]:
    """Return the fingerprint of each thing that was read; what can't be told has none and never fits.

    Parameters
    ----------
    names
        As `assess.core.reads` notes them.
    """
    with reads.silent():
        found = {name: _content(engagement, name) for name in names}
    return {name: _sha256(text) for name, text in found.items() if text is not None}


def _content(engagement: Engagement, name: str) -> str | None:
    if name.startswith(reads.ASSUMPTION):
        key = name.removeprefix(reads.ASSUMPTION)
        return engagement.assumptions.entry(key).to_json() if key in engagement.assumptions else None
    if name == reads.OWN:
        return engagement.assumptions.to_json()
    if name == reads.NAMES:
        return "\n".join(engagement.assumptions.own)
    if name.startswith(reads.FILE):
        path = name.removeprefix(reads.FILE)
        return next((file.sha256 for file in engagement.files if file.path == path), None)
    field = name.removeprefix(reads.FIELD)
    if field == reads.EVERYTHING:
        return engagement.model_dump_json()
    if field == "folder" or field not in type(engagement).model_fields:
        return None
    return engagement.model_dump_json(include={field})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def keep(
    stem: str, made: str, engagement: Engagement, noted: Path, left: Iterable[Path], folder: Path
) -> ExecutionRecord | None:
    """Say what an executed notebook rests on; None where it noted nothing, or something that can't be told.

    Parameters
    ----------
    noted
        What its kernel wrote down, see `assess.core.reads.save`.
    left
        Files that it left within ``folder``, beside the notebook itself.
    """
    try:
        names = reads.parsed(noted.read_bytes())
        files = {path.relative_to(folder).as_posix(): content(path) for path in left}
    except (OSError, ValueError):
        return None
    found = fingerprints(engagement, names)
    complete = len(found) == len(names)
    return ExecutionRecord(made_by=made, reads=found, files=files) if complete else None
