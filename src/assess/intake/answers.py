"""Write answers back to where the engagement keeps them: of the readiness checklist, and of any other cell or key."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from assess.core.messages import restore_text
from assess.core.tables.encoding import encode_text, recognise_encoding
from assess.intake import text_files
from assess.intake.location import enclosing
from assess.intake.workbook import sheets
from assess.intake.workbook.excel import NotEditable, edited
from assess.intake.workbook.sheets import ASSUMPTION_COLUMNS, ASSUMPTIONS

from .asking import SETTINGS
from .assumptions import defaults
from .columns import TABLES, ColumnDefinition, TableDefinition, find_table, keys
from .engagement import LinkReview, ReadinessAnswer
from .export import as_csv, csv_line, csv_text, put
from .location import escapes, unopenable
from .problem import InputLocation, Problems, closest_word, listed
from .raw import heads
from .references import every_practice
from .rows import WrongValue, clean, parse, write_cell
from .text_files import decode, delimiter, with_key

READINESS, PRACTICES = find_table("readiness"), find_table("practices")
Cells = list[str]
Rows = Sequence[tuple[int, Sequence[str]]]
PROVENANCE = "_provenance.csv"
"""Who said what, beside the tables; a name that starts with ``_`` is not read as a table."""
PROVENANCE_COLUMNS = ("table", "row", "column", "value", "said by")


@dataclass
class _Edit:
    """What changes in a table: cells of rows that are there, rows that are new, columns that are new."""

    changed: dict[int, dict[int, str]]
    appended: list[Cells]
    header: Cells
    widened: bool
    top: int | None = None
    """Row of the header; None where it is the first that holds something."""


Given = Sequence[ReadinessAnswer] | Sequence[LinkReview]
"""Rows of one table that people fill in."""


def record_answers(folder: str | Path, answers: Given) -> Path:
    """Add answers to the engagement's readiness table or reviews of links, or update them, and keep everything else.

    A row replaces that of the same key (practice and respondent; the two records); its other cells stay where
    the new row has none. Every other row, column and cell stays as it is, in a workbook also
    every format, drop-down, picture and sheet. The file is replaced whole or not at all.

    Parameters
    ----------
    folder
        Engagement folder or workbook.
    answers
        In the order in which new ones are appended.

    Returns
    -------
    Path
        The file that holds them: that of the table, or the workbook where that has its sheet and there is no such file.

    Raises
    ------
    InvalidEngagement
        If a practice is unknown, or the file can't be read or changed without loss.
    """
    path = Path(folder)
    problems = Problems()
    table = next((table for table in TABLES if answers and type(answers[0]) is table.record), READINESS)
    _check(table, answers, _known(path, problems), problems)
    problems.stop()
    if path.suffix.lower() == ".xlsx" and not path.is_dir():
        return _in_workbook(path, table, answers, problems)
    file, workbook = path / table.file, path / "intake.xlsx"
    if not file.exists() and workbook.is_file():
        if table.name in sheets.records(_content(path, workbook.name, problems), workbook.name, problems):
            return _in_workbook(workbook, table, answers, problems)
        problems.stop()
    if file.exists():
        put(file, _in_text(_content(path, table.file, problems), table, answers, problems))
    else:
        put(file, as_csv(table, answers))
    return file


class CellAnswer(NamedTuple):
    """An answer to a cell, or to a key of the settings.

    Parameters
    ----------
    file, sheet, line
        Where it is written: file within the folder, sheet of a workbook, and row of a table, as `Source` names them.
    table
        Name of the table; ``engagement`` for a setting, ``assumptions`` for an assumption.
    row
        Key of the row, for the record of who said what.
    column
        Column, dotted key of the settings, or key of an assumption.
    text
        What was answered, as a cell holds it.
    by, date
        Who answered, and when.
    """

    file: str
    sheet: str
    line: int | None
    table: str
    row: str
    column: str
    text: str
    by: str
    date: dt.date

    @property
    def said_by(self) -> str:
        """Who said it, where and when, in words."""
        return f"answered in an interview on {self.date.isoformat()}" + (f" by {self.by}" if self.by else "")


def definition(table: str, column: str) -> ColumnDefinition:
    """Return what a cell of a table, a key of the settings or an assumption may hold.

    Raises
    ------
    KeyError
        If there is no such column or key.

    >>> definition("engagement", "team.skills.ipaas").kind, definition("assumptions", "people.wage").kind
    ('share', 'estimate')
    """
    if table == ASSUMPTIONS:
        default = defaults()[column]
        share = default.unit == "share" and default.high <= 1
        return ColumnDefinition(
            column, column, "share" if share else "estimate", unit=default.unit, help=default.label
        )
    if table != SETTINGS:
        return {found.name: found for found in find_table(table).columns}[column]
    known = dict(keys())
    whole = known.get(column) or known[column.rpartition(".")[0]]
    return whole.items or whole


def record_answer(folder: str | Path, answer: CellAnswer) -> Path:
    """Write one answer into its cell, and who said it beside the tables; everything else stays as it is.

    Parameters
    ----------
    folder
        Engagement folder or workbook.

    Returns
    -------
    Path
        The file that holds the answer; it is replaced whole or not at all.

    Raises
    ------
    InvalidEngagement
        If the text is not allowed, or the file can't be read or changed without loss.
    """
    path, problems = Path(folder), Problems()
    within = enclosing(path)
    file = within / answer.file
    place = InputLocation(file=answer.file, sheet=answer.sheet)
    try:
        parse(answer.text, definition(answer.table, answer.column))
    except WrongValue as wrong:
        allowed = definition(answer.table, answer.column).allowed if wrong.allowed is None else wrong.allowed
        problems.add(
            place, wrong.message, row=answer.line, column=answer.column, value=answer.text, allowed=allowed
        )
    problems.stop()
    content = _content(within, answer.file, problems)
    if answer.sheet:
        put(file, _in_sheet(content, answer, place, problems))
    elif answer.file.endswith((".yaml", ".yml")):
        put(file, _in_settings(content, answer, place, problems))
    else:
        put(file, _in_table(content, answer, place, problems))
    _note(within, answer)
    return file


def _note(folder: Path, answer: CellAnswer) -> None:
    """Add who said what to the record of answers, the same that a merge writes."""
    file = folder / PROVENANCE
    before = file.read_text("utf-8") if file.exists() else csv_text(PROVENANCE_COLUMNS, [])
    put(
        file,
        before + csv_line([answer.table, answer.row, answer.column, answer.text, answer.said_by]),
    )


def _in_table(content: bytes, answer: CellAnswer, place: InputLocation, problems: Problems) -> bytes:
    """Return the bytes of a CSV table with one cell changed; a column that it lacks is added."""
    table = find_table(answer.table)

    def change(rows: Rows) -> _Edit:
        return _cell_edit(rows, table, answer, place, problems)

    return _in_csv(content, place, {column.name for column in table.columns}, change, problems)


def _cell_edit(
    rows: Rows, table: TableDefinition, answer: CellAnswer, place: InputLocation, problems: Problems
) -> _Edit:
    filled = [(number, list(cells)) for number, cells in rows if any(map(str.strip, cells))]
    top = next((number for number, cells in filled if heads(cells, table)), None)
    if top is None or answer.line not in dict(filled):
        problems.add(place, "has no such row any more", row=answer.line, allowed="the file as it was read")
        return _Edit({}, [], [], False)
    header = [name.strip().lstrip("\ufeff") for name in dict(filled)[top]]
    missing = answer.column not in header
    header += [answer.column] if missing else []
    return _Edit({answer.line or 0: {header.index(answer.column): answer.text}}, [], header, missing, top)


def _in_sheet(content: bytes, answer: CellAnswer, place: InputLocation, problems: Problems) -> bytes:
    """Return the bytes of a workbook with one cell changed: of a table, of the settings, or of the assumptions."""
    rows = sheets.records(content, answer.file, problems).get(answer.sheet, [])
    problems.stop()
    if answer.table == SETTINGS:
        at = next((n for n, cells in rows if cells and cells[0].strip() == answer.column), None)
        line = rows[-1][0] + 1 if at is None else at
        cells = {(line, 0): answer.column, (line, 1): answer.text}
    elif answer.table == ASSUMPTIONS:
        header = [name.strip() for name in rows[0][1]] if rows else list(ASSUMPTION_COLUMNS)
        key = header.index("key")
        at = next((n for n, row in rows[1:] if len(row) > key and row[key].strip() == answer.column), None)
        line = (rows[-1][0] if rows else 1) + 1 if at is None else at
        parts = [part.strip() for part in answer.text.split("/")]
        low, likely, high = parts if len(parts) == 3 else parts * 3
        given = {"key": answer.column, "low": low, "likely": likely, "high": high}
        given |= {"source": answer.said_by, "date": answer.date.isoformat()}
        cells = {(line, header.index(name)): text for name, text in given.items() if name in header}
        if not rows:
            cells |= {(1, position): name for position, name in enumerate(header)}
    else:
        edit = _cell_edit(rows, find_table(answer.table), answer, place, problems)
        problems.stop()
        cells = {(n, at): text for n, changes in edit.changed.items() for at, text in changes.items()}
        if edit.widened:
            cells[edit.top or 1, len(edit.header) - 1] = answer.column
    try:
        return edited(content, answer.sheet, cells)
    except NotEditable as error:
        problems.add(place, f"can't be changed without loss: {error}", allowed="the answer typed by hand")
        problems.stop()
        raise


def _in_settings(content: bytes, answer: CellAnswer, place: InputLocation, problems: Problems) -> bytes:
    """Return the bytes of engagement.yaml with one key given; comments and every other line stay."""
    text = decode(content, place, problems)
    problems.stop()
    assert text is not None
    if answer.table == ASSUMPTIONS:
        said = yaml.safe_dump(answer.said_by, width=10_000).removesuffix("...\n").strip()
        path: tuple[str, ...] = (ASSUMPTIONS, answer.column.removeprefix(f"{ASSUMPTIONS}."))
        value = f"{{value: {answer.text}, source: {said}, date: {answer.date.isoformat()}}}"
    else:
        head, _, rest = answer.column.partition(".")
        path = (head, *(rest.split(".", 1) if rest.startswith("skills.") else [rest] if rest else []))
        value = answer.text if answer.text else '""'
    changed = with_key(text, path, value)
    if changed is None:
        problems.add(
            place, "can't be changed without loss", column=answer.column, allowed="the key written by hand"
        )
        problems.stop()
    assert changed is not None
    return encode_text(changed, recognise_encoding(lambda: [content]))


def _known(path: Path, problems: Problems) -> Collection[str]:
    """Return the practices that may be answered: those of the checklist, and those that the engagement adds."""
    if path.is_dir() and (path / PRACTICES.file).exists():
        content = _content(path, PRACTICES.file, problems)
        table = text_files.read_table(content, PRACTICES, InputLocation(file=PRACTICES.file), problems)
        found = [(str(row.cells.get("id", "")).strip(), "") for row in table.rows] if table else []
        return every_practice(found)
    workbook = path / "intake.xlsx" if path.is_dir() else path
    if workbook.is_file():
        _, tables, _ = sheets.read(
            _content(workbook.parent, workbook.name, problems), workbook.name, problems
        )
        if PRACTICES.name in tables:
            return every_practice(
                (row.cells.get("id", "").strip(), "") for row in tables[PRACTICES.name].rows
            )
    return every_practice()


def _check(table: TableDefinition, answers: Given, known: Collection[str], problems: Problems) -> None:
    for answer in answers:
        if isinstance(answer, ReadinessAnswer) and answer.practice not in known:
            near = closest_word(answer.practice, known)
            hint = f', did you mean "{near}"?' if near else ""
            message, allowed = f"is no practice{hint}", listed(known, 40)
            problems.add(READINESS.file, message, column="practice", value=answer.practice, allowed=allowed)
        for column in table.columns:
            text = write_cell(getattr(answer, column.field))
            try:
                clean(text)
            except WrongValue as wrong:
                allowed = wrong.allowed or ""
                problems.add(table.file, wrong.message, column=column.name, value=text, allowed=allowed)


def _content(folder: Path, name: str, problems: Problems) -> bytes:
    if reason := escapes(folder, name) or unopenable(folder / name):
        problems.add(name, reason, allowed="a file within the engagement folder")
    problems.stop()
    return (folder / name).read_bytes()


def _in_text(content: bytes, table: TableDefinition, answers: Given, problems: Problems) -> bytes:
    """Return the bytes of the CSV file with the answers in it."""
    place, names = InputLocation(file=table.file), {column.name for column in table.columns}
    return _in_csv(content, place, names, lambda rows: _edit(rows, table, answers, place, problems), problems)


def _in_csv(
    content: bytes, place: InputLocation, known: set[str], change: Callable[[Rows], _Edit], problems: Problems
) -> bytes:
    """Return the bytes of a CSV file with an edit made; rows that don't change keep their bytes."""
    text = decode(content, place, problems)
    problems.stop()
    assert text is not None
    mark = delimiter(text, known)
    raw: list[tuple[str, Cells]] = []
    try:
        raw = list(_records(text, mark))
    except csv.Error as error:
        allowed = "fields in quotes that end on the same row"
        problems.add(place, f"is no valid CSV ({error})", row=len(raw) + 1, allowed=allowed)
    edit = change([(n, cells) for n, (_, cells) in enumerate(raw, 1)])
    problems.stop()
    end = "\r\n" if "\r\n" in text else "\n"
    top = edit.top or next(n for n, (_, cells) in enumerate(raw, 1) if any(map(str.strip, cells)))
    lines = []
    for number, (line, cells) in enumerate(raw, 1):
        if number == top and edit.widened:
            lines.append(csv_line(edit.header, mark, end))
        elif number in edit.changed or (edit.widened and number > top and any(cells)):
            wide = [*cells, *[""] * (len(edit.header) - len(cells))]
            for position, value in edit.changed.get(number, {}).items():
                wide[position] = value
            lines.append(csv_line(wide, mark, end))
        else:
            lines.append(line if line.endswith(("\n", "\r")) else line + end)
    lines += [csv_line(cells, mark, end) for cells in edit.appended]
    return encode_text("".join(lines), recognise_encoding(lambda: [content]))


def _records(text: str, mark: str) -> Iterator[tuple[str, Cells]]:
    """Yield the raw text and the fields of every record."""
    consumed: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            consumed.append(line)
            yield line

    for cells in csv.reader(lines(), delimiter=mark, strict=True):
        yield "".join(consumed), list(map(restore_text, cells))
        consumed.clear()


def _in_workbook(path: Path, table: TableDefinition, answers: Given, problems: Problems) -> Path:
    content = _content(path.parent, path.name, problems)
    found = sheets.records(content, path.name, problems)
    problems.stop()
    place = InputLocation(file=path.name, sheet=table.name)
    rows = found.get(table.name, [])
    edit = _edit(rows, table, answers, place, problems)
    problems.stop()
    last, top = rows[-1][0], rows[0][0]
    cells = {
        (row, position): text for row, changes in edit.changed.items() for position, text in changes.items()
    }
    if edit.widened:
        cells |= {(top, position): text for position, text in enumerate(edit.header)}
    for number, appended in enumerate(edit.appended, start=last + 1):
        cells |= {(number, position): text for position, text in enumerate(appended) if text}
    try:
        put(path, edited(content, table.name, cells))
    except NotEditable as error:
        problems.add(place, f"can't be changed without loss: {error}", allowed=f"the answers as {table.file}")
    problems.stop()
    return path


def _edit(
    rows: Sequence[tuple[int, Sequence[str]]],
    table: TableDefinition,
    answers: Given,
    place: InputLocation,
    problems: Problems,
) -> _Edit:
    """Find out what changes: rows are matched by the table's key, without case and space."""
    filled = [(number, list(cells)) for number, cells in rows if any(map(str.strip, cells))]
    names = [column.name for column in table.columns]
    if not filled or table.key[0] not in [name.strip() for name in filled[0][1]]:
        message = f"has no header with the column {table.key[0]}"
        problems.add(place, message, allowed=", ".join(names))
        return _Edit({}, [], [], False)
    header = [name.strip() for name in filled[0][1]]
    given = [{c.name: write_cell(getattr(answer, c.field), c) for c in table.columns} for answer in answers]
    missing = [name for name in names if name not in header and any(texts[name] for texts in given)]
    header += missing
    at = {name: header.index(name) for name in names if name in header}
    known = {_key(cells, table, at): number for number, cells in filled[1:]}
    edit = _Edit({}, [], header, bool(missing))
    new: dict[tuple[str, ...], Cells] = {}
    for texts in given:
        cells = [""] * len(header)
        for name, position in at.items():
            cells[position] = texts[name]
        key = _key(cells, table, at)
        if key in known:
            changes = {at[name]: texts[name] for name in names if name not in table.key and texts[name]}
            edit.changed.setdefault(known[key], {}).update(changes)
        else:
            new[key] = cells
    edit.appended = list(new.values())
    return edit


def _key(cells: Sequence[str], table: TableDefinition, at: Mapping[str, int]) -> tuple[str, ...]:
    places = [at.get(name, len(cells)) for name in table.key]
    return tuple(" ".join(cells[at].split()).casefold() if at < len(cells) else "" for at in places)
