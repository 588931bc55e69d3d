"""Whose word is what: the client's folder says, the consultant allows.

An engagement folder may come by mail from somebody whom nobody vetted. What lies in it is data. What a run may do
beyond reading that folder (read elsewhere, open a URL, spill to a disk, unpack gigabytes) is the consultant's to
allow: by an option of the command, or in the file ``config.yaml`` of the user's configuration folder
(``~/.config/assess`` on Linux). The engagement can ask for it, and `assess validate` names what it asks for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from .record import Record

VARIABLE = "ASSESS_ALLOWED"
"""Environment variable that carries what is allowed to the processes of a run, as JSON."""


class Limits(Record):
    """How much one file of a client may cost; generous, and raised by the consultant.

    Parameters
    ----------
    unpacked_bytes
        Bytes that a compressed or zipped file (xlsx, gz, json.gz, parquet) may unpack to.
    rows, cells
        Of one table or sheet.
    seconds
        For which one file may be read or one own rule evaluated.
    """

    unpacked_bytes: int = 8 << 30
    rows: int = 2_000_000_000
    cells: int = 50_000_000_000
    seconds: float = 3600.0


class Allowed(Record):
    """What the consultant allows beyond reading the engagement's folder.

    Parameters
    ----------
    sources
        Folders, files and beginnings of URLs outside the engagement that its tables may be read from;
        ``*`` for whatever the engagement names.
    memory
        Memory of the engine, such as ``4GB``; empty for a quarter of the machine.
    spill_folder, cache_folder, notebooks_folder
        Where temporary files, kept results and copies of notebooks lie; empty for the user's own folders.
    limits
        What one file may cost.
    """

    sources: tuple[str, ...] = ()
    memory: str = ""
    spill_folder: str = ""
    cache_folder: str = ""
    notebooks_folder: str = ""
    limits: Limits = Limits()


def config_file() -> Path:
    """Return where the consultant's own settings lie."""
    return Path(platformdirs.user_config_dir("assess", appauthor=False)) / "config.yaml"


def allowed() -> Allowed:
    """Return what is allowed in this process: what a command was given, else what the user's configuration says.

    Raises
    ------
    pydantic.ValidationError
        If the configuration says something that is no setting.
    """
    if said := os.environ.get(VARIABLE, ""):
        return Allowed.from_json(said)
    return Allowed()


@contextlib.contextmanager
def granted(allowance: Allowed) -> Iterator[None]:
    """Allow it to this process and its children while the block runs."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = allowance.to_json()
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        if before is not None:
            os.environ[VARIABLE] = before
