"""An engagement back to the texts of its folder, and which of its rows are still the template's examples."""

from __future__ import annotations

import csv
import io
import itertools
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml

from assess.core.messages import neutralise_text

from .asking import answers_key, role_tables, who_assumes
from .assumptions import Assumption
from .columns import SECTIONS, TABLES, ColumnDefinition, TableDefinition, derive_columns
from .engagement import Engagement
from .engagement.landscape import Row
from .loading import load
from .problem import InvalidEngagement, Problem
from .rows import number, write_cell


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


def texts(row: Row, columns: Sequence[ColumnDefinition]) -> list[str]:
    """Return the cells of a row as texts; what was not stated is an empty text."""
    return [write_cell(getattr(row, column.field), column) for column in columns]


def as_csv(table: TableDefinition, rows: Sequence[Row]) -> str:
    r"""Return a table as CSV text with every column, lines ending in ``\n``."""
    return csv_text([column.name for column in table.columns], (texts(row, table.columns) for row in rows))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of texts as CSV, no cell of which a spreadsheet takes for a formula."""
    return "".join(csv_line(row) for row in itertools.chain([header], rows))


def csv_line(cells: Iterable[str], mark: str = ",", end: str = "\n") -> str:
    r"""Return one record of a CSV file; a cell with either sign of a line's end is quoted, so that it opens no new record.

    >>> csv_line(["Ulm\r=1+1", "=2"])
    '"Ulm\r=1+1",\'=2\n'
    """
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerow(map(neutralise_text, cells))
    return out.getvalue().removesuffix("\r\n") + end


def as_yaml(engagement: Engagement, role: str = "") -> str:
    """Return the settings, goals and own assumptions as YAML text, keys in the order of the record; of a role its own."""
    settings: dict[str, Any] = {k: v for k, v in stated(engagement).items() if answers_key(role, k)}
    for section in SECTIONS:
        given = {
            k: v
            for k, v in stated(getattr(engagement, section)).items()
            if answers_key(role, f"{section}.{k}")
        }
        if given:
            settings[section] = given
    names = {table.name for table in role_tables(role)}
    if engagement.goals and "goals" in names:
        settings["goals"] = [stated(goal) for goal in engagement.goals]
    if overrides := own_assumptions(engagement, role):
        settings["assumptions"] = {
            key: {name: getattr(own, name) for name in ("low", "likely", "high", "source", "date")}
            for key, own in overrides.items()
        }
    return yaml.dump(settings, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


def own_assumptions(engagement: Engagement, role: str = "") -> Mapping[str, Assumption]:
    """Return the engagement's own assumptions, of a role those that it answers."""
    own = engagement.assumptions.overrides
    return {key: entry for key, entry in own.items() if not role or who_assumes(key) == role}


def stated(row: Row) -> dict[str, Any]:
    """Return what a row states, other than its defaults, by column, as values that YAML can write."""
    found: dict[str, Any] = {}
    for column in derive_columns(type(row)):
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


def to_folder(source: str | Path | Engagement, folder: str | Path, *, role: str = "") -> Path:
    """Write an engagement, or that of a workbook, as engagement.yaml and CSV tables.

    Extracts, contracts and logs are not copied: the folder is the workbook's own, or they are put
    there as well. Comments of a workbook's cells are not carried over.

    Parameters
    ----------
    source
        An engagement, an engagement folder or a workbook.
    folder
        Where to write; tables that were not supplied are not written.
    role
        Write only what this role answers (`assess.intake.asking`).

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
    contents = {"engagement.yaml": as_yaml(engagement, role)}
    for table in role_tables(role):
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


@cache
def examples() -> Engagement:
    """Return the engagement of the template."""
    with as_file(files(__package__).joinpath("template")) as folder:
        return load(folder)


def left_over(engagement: Engagement) -> Mapping[str, tuple[int, ...]]:
    """Return the positions, from 0, of the rows of each table that say exactly what an example says.

    >>> left_over(examples())["systems"]
    (0, 1, 2)
    """
    found = {table.name: _left(table, getattr(engagement, table.name)) for table in TABLES}
    return {name: places for name, places in found.items() if places}


def _left(table: TableDefinition, rows: Iterable[Row]) -> tuple[int, ...]:
    known = {tuple(texts(row, table.columns)) for row in getattr(examples(), table.name)}
    return tuple(place for place, row in enumerate(rows) if tuple(texts(row, table.columns)) in known)


def describe_examples(engagement: Engagement) -> str:
    """Return in one sentence where examples are left, empty where there are none.

    >>> describe_examples(examples())[:44]
    'Still the invented examples of the template:'
    """
    places = []
    for name, positions in left_over(engagement).items():
        origins = [getattr(engagement, name)[position].origin for position in positions]
        rows = [str(origin.row) for origin in origins if origin and origin.row]
        places.append(f"{name} ({'row' if len(rows) == 1 else 'rows'} {', '.join(rows)})" if rows else name)
    if not places:
        return ""
    return f"Still the invented examples of the template: {'; '.join(places)}. Overwrite or delete them."
