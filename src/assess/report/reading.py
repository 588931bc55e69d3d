"""What the consultant reads from a chapter: the text of one cell, kept from run to run, and carried by the report.

The cell has the tag `TAG`. It is found in the executed notebooks of the report that a run replaces, and in the copies
that ``assess lab`` opens; of two the one that was written last counts. It is text and nothing else: it is executed
nowhere, and the page shows it escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assess.core.atomic_folder import Manifest
from assess.core.signature import open_plain

from . import shipped

TAG = "reading"
"""Tag of the cell."""

RECORD = "readings.json"
"""Beside the results: every reading by the name of its notebook, also of those that a run leaves out."""

LONGEST = 20_000
"""Characters of a reading that are kept."""

BYTES = 16 << 20
"""Of a notebook or record that is looked into."""


def find_readings(report: Path, copies: Path | None) -> dict[str, str]:
    """Return every reading by the name of its notebook; empty texts for notebooks whose cell holds none.

    Parameters
    ----------
    report
        Folder of the earlier report; one that no run of this user has left says nothing.
    copies
        Folder of the user's copies of the notebooks, proven to be theirs; None without one.
    """
    found: dict[str, str] = {}
    places = []
    if Manifest.read(report) is not None:
        found = _recorded(report / RECORD)
        places.append(report / "notebooks")
    places += [copies] if copies is not None else []
    for notebook in shipped.notebooks().values():
        held = [path for place in places if (path := place / notebook.name).is_file()]
        for path in sorted(held, key=lambda path: path.stat().st_mtime):
            text = read_cell(path)
            if text is not None and (text or path.parent != copies):
                found[notebook.stem] = text
    return found


def read_cell(notebook: Path) -> str | None:
    """Return the reading in a notebook, empty where the cell is as it was shipped; None where there is no such cell."""
    try:
        with open_plain(notebook) as file:
            cells = json.loads(file.read(BYTES))["cells"]
        source = next(_source(cell) for cell in cells if _tagged(cell["metadata"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError):
        return None
    text = _body(source)
    return "" if text == _invitation() else text[:LONGEST]


def insert_reading(cells: Iterable[Any], text: str) -> None:
    """Write a reading into the cell of an executed notebook; an empty one leaves what invites to write it."""
    for cell in cells:
        if _tagged(cell["metadata"]):
            head = _source(cell).partition("\n")[0]
            cell["source"] = f"{head}\n\n{text or _invitation()}"


def record(readings: dict[str, str], report: Path) -> None:
    """Leave the readings beside the results; none where nobody wrote any."""
    written = {stem: text for stem, text in sorted(readings.items()) if text}
    if written:
        said = json.dumps(written, indent=1, ensure_ascii=False)
        (report / RECORD).write_text(said + "\n", "utf-8", "replace")


def _recorded(path: Path) -> dict[str, str]:
    try:
        with open_plain(path) as file:
            found = json.loads(file.read(BYTES))
        stems = {notebook.stem for notebook in shipped.notebooks().values()}
        return {stem: str(text)[:LONGEST] for stem, text in found.items() if stem in stems}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def _invitation() -> str:
    """Return the text that stands in the cell of every shipped notebook."""
    cells = json.loads(next(iter(shipped.notebooks().values())).read_bytes())["cells"]
    return next((_body(_source(cell)) for cell in cells if _tagged(cell["metadata"])), "")


def _tagged(metadata: Any) -> bool:
    return TAG in metadata.get("tags", ())


def _source(cell: Any) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _body(source: str) -> str:
    """Return the text below the heading of the cell."""
    head, _, rest = source.partition("\n")
    return (rest if head.startswith("#") else source).strip()
