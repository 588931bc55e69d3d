"""An engagement back to the texts of its folder: tables as CSV, settings as YAML."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from assess.core.formulas import neutralise_text

from .cell import number, write
from .columns import SECTIONS, TABLES, Column, TableOf, columns_of
from .engagement import Engagement, Row
from .loading import load
from .problem import InvalidEngagement, Problem


class _Plain(yaml.SafeDumper):
    """Writes every value out, never as an alias of an equal one."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_float(self, data: float) -> yaml.ScalarNode:
        """Write a number so that no reader takes its point for one of thousands."""
        text = number(data) if 1 <= abs(data) < 1000 and data != int(data) else repr(data)
        if text == repr(data):
            return super().represent_float(data)
        return self.represent_scalar("tag:yaml.org,2002:float", text)


_Plain.add_representer(float, _Plain.represent_float)


def texts(row: Row, columns: Sequence[Column]) -> list[str]:
    """Return the cells of a row as texts; what was not stated is an empty text."""
    return [write(getattr(row, column.field)) for column in columns]


def as_csv(table: TableOf, rows: Sequence[Row]) -> str:
    r"""Return a table as CSV text with every column, lines ending in ``\n``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows(map(neutralise_text, texts(row, table.columns)) for row in rows)
    return out.getvalue()


def as_yaml(engagement: Engagement) -> str:
    """Return the settings, goals and own assumptions as YAML text, keys in the order of the record."""
    settings: dict[str, Any] = stated(engagement)
    for section in SECTIONS:
        if given := stated(getattr(engagement, section)):
            settings[section] = given
    if engagement.goals:
        settings["goals"] = [stated(goal) for goal in engagement.goals]
    if overrides := engagement.assumptions.overrides:
        settings["assumptions"] = {
            key: {name: getattr(own, name) for name in ("low", "likely", "high", "source", "date")}
            for key, own in overrides.items()
        }
    return yaml.dump(settings, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


def stated(row: Row) -> dict[str, Any]:
    """Return what a row states, other than its defaults, by column, as values that YAML can write."""
    found: dict[str, Any] = {}
    for column in columns_of(type(row)):
        value = getattr(row, column.field)
        if value != type(row).model_fields[column.field].default:
            found[column.name] = list(value) if isinstance(value, tuple) else value
    return found


def put(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then moved in place.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        Path(aside).chmod(mode & 0o777)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def to_folder(source: str | Path | Engagement, folder: str | Path) -> Path:
    """Write an engagement, or that of a workbook, as engagement.yaml and CSV tables.

    Extracts, contracts and logs are not copied: the folder is the workbook's own, or they are put
    there as well. Comments of a workbook's cells are not carried over.

    Parameters
    ----------
    source
        An engagement, an engagement folder or a workbook.
    folder
        Where to write; tables that were not supplied are not written.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidEngagement
        If the source is invalid, or a file would be overwritten.
    """
    engagement = source if isinstance(source, Engagement) else load(source)
    target = Path(folder)
    contents = {"engagement.yaml": as_yaml(engagement)}
    for table in TABLES:
        if table.file and (rows := getattr(engagement, table.name)):
            contents[table.file] = as_csv(table, rows)
    taken = [
        Problem(file=name, message="exists already", allowed="a folder without it")
        for name in contents
        if (target / name).exists()
    ]
    if taken:
        raise InvalidEngagement(taken)
    for name, content in contents.items():
        put(target / name, content)
    return target
