"""Write answers of the readiness checklist back to where the engagement keeps them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assess.core.messages import neutralise_text, restore_text
from assess.core.tables.encoding import encode_text, recognise_encoding

from . import sheet, text_files
from .columns import find_table
from .engagement import ReadinessAnswer
from .excel import NotEditable, edited
from .export import as_csv, put
from .location import escapes, unopenable
from .problem import InputLocation, Problems, closest_word, listed
from .references import every_practice
from .rows import WrongValue, clean, write_cell
from .sheet import records as sheet_records
from .text_files import decode, delimiter

READINESS, PRACTICES = find_table("readiness"), find_table("practices")
COLUMNS = tuple(column.name for column in READINESS.columns)
Cells = list[str]


@dataclass
class _Edit:
    """What changes in a table: cells of rows that are there, rows that are new, columns that are new."""

    changed: dict[int, dict[int, str]]
    appended: list[Cells]
    header: Cells
    widened: bool


def record_answers(folder: str | Path, answers: Sequence[ReadinessAnswer]) -> Path:
    """Add answers to the engagement's readiness table, or update them, and keep everything else.

    An answer replaces that of the same practice and respondent; its evidence and date stay where
    the new answer has none. Every other row, column and cell stays as it is, in a workbook also
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
        The file that holds the answers: ``readiness.csv``, or the workbook where that has a sheet
        ``readiness`` and there is no such file.

    Raises
    ------
    InvalidEngagement
        If a practice is unknown, or the file can't be read or changed without loss.
    """
    path = Path(folder)
    problems = Problems()
    _check(answers, _known(path, problems), problems)
    problems.stop()
    if path.suffix.lower() == ".xlsx" and not path.is_dir():
        return _in_workbook(path, answers, problems)
    file, workbook = path / READINESS.file, path / "intake.xlsx"
    if not file.exists() and workbook.is_file():
        if READINESS.name in sheet_records(_content(path, workbook.name, problems), workbook.name, problems):
            return _in_workbook(workbook, answers, problems)
        problems.stop()
    if file.exists():
        put(file, _in_text(_content(path, READINESS.file, problems), answers, problems))
    else:
        put(file, as_csv(READINESS, answers))
    return file


def _known(path: Path, problems: Problems) -> Collection[str]:
    """Return the practices that may be answered: those of the checklist, and those that the engagement adds."""
    if path.is_dir() and (path / PRACTICES.file).exists():
        content = _content(path, PRACTICES.file, problems)
        table = text_files.read_table(content, PRACTICES, InputLocation(file=PRACTICES.file), problems)
        found = [(str(row.cells.get("id", "")).strip(), "") for row in table.rows] if table else []
        return every_practice(found)
    workbook = path / "intake.xlsx" if path.is_dir() else path
    if workbook.is_file():
        _, tables, _ = sheet.read(_content(workbook.parent, workbook.name, problems), workbook.name, problems)
        if PRACTICES.name in tables:
            return every_practice(
                (row.cells.get("id", "").strip(), "") for row in tables[PRACTICES.name].rows
            )
    return every_practice()


def _check(answers: Sequence[ReadinessAnswer], known: Collection[str], problems: Problems) -> None:
    for answer in answers:
        if answer.practice not in known:
            near = closest_word(answer.practice, known)
            hint = f', did you mean "{near}"?' if near else ""
            message, allowed = f"is no practice{hint}", listed(known, 40)
            problems.add(READINESS.file, message, column="practice", value=answer.practice, allowed=allowed)
        for column in READINESS.columns:
            text = write_cell(getattr(answer, column.field))
            try:
                clean(text)
            except WrongValue as wrong:
                problems.add(
                    READINESS.file, wrong.message, column=column.name, value=text, allowed=wrong.allowed or ""
                )


def _content(folder: Path, name: str, problems: Problems) -> bytes:
    if reason := escapes(folder, name) or unopenable(folder / name):
        problems.add(name, reason, allowed="a file within the engagement folder")
    problems.stop()
    return (folder / name).read_bytes()


def _in_text(content: bytes, answers: Sequence[ReadinessAnswer], problems: Problems) -> bytes:
    """Return the bytes of the CSV file with the answers in it; rows that don't change keep their bytes."""
    place = InputLocation(file=READINESS.file)
    text = decode(content, place, problems)
    problems.stop()
    assert text is not None
    mark = delimiter(text, set(COLUMNS))
    raw: list[tuple[str, Cells]] = []
    try:
        raw = list(_records(text, mark))
    except csv.Error as error:
        allowed = "fields in quotes that end on the same row"
        problems.add(place, f"is no valid CSV ({error})", row=len(raw) + 1, allowed=allowed)
    edit = _edit([(n, cells) for n, (_, cells) in enumerate(raw, 1)], answers, place, problems)
    problems.stop()
    end = "\r\n" if "\r\n" in text else "\n"
    top = next(n for n, (_, cells) in enumerate(raw, 1) if any(map(str.strip, cells)))
    lines = []
    for number, (line, cells) in enumerate(raw, 1):
        if number == top and edit.widened:
            lines.append(_line(edit.header, mark, end))
        elif number in edit.changed or (edit.widened and number > top and any(cells)):
            wide = [*cells, *[""] * (len(edit.header) - len(cells))]
            for position, value in edit.changed.get(number, {}).items():
                wide[position] = value
            lines.append(_line(wide, mark, end))
        else:
            lines.append(line if line.endswith(("\n", "\r")) else line + end)
    lines += [_line(cells, mark, end) for cells in edit.appended]
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


def _line(cells: Cells, mark: str, end: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator=end).writerow(map(neutralise_text, cells))
    return out.getvalue()


def _in_workbook(path: Path, answers: Sequence[ReadinessAnswer], problems: Problems) -> Path:
    content = _content(path.parent, path.name, problems)
    found = sheet_records(content, path.name, problems)
    problems.stop()
    place = InputLocation(file=path.name, sheet=READINESS.name)
    rows = found.get(READINESS.name, [])
    edit = _edit(rows, answers, place, problems)
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
        put(path, edited(content, READINESS.name, cells))
    except NotEditable as error:
        problems.add(place, f"can't be changed without loss: {error}", allowed="the answers as readiness.csv")
    problems.stop()
    return path


def _edit(
    rows: Sequence[tuple[int, Sequence[str]]],
    answers: Sequence[ReadinessAnswer],
    place: InputLocation,
    problems: Problems,
) -> _Edit:
    """Find out what changes: rows are matched by practice and respondent, without case and space."""
    filled = [(number, list(cells)) for number, cells in rows if any(map(str.strip, cells))]
    if not filled or "practice" not in [name.strip() for name in filled[0][1]]:
        problems.add(place, "has no header with the column practice", allowed=", ".join(COLUMNS))
        return _Edit({}, [], [], False)
    header = [name.strip() for name in filled[0][1]]
    given = [{c.name: write_cell(getattr(answer, c.field)) for c in READINESS.columns} for answer in answers]
    missing = [name for name in COLUMNS if name not in header and any(texts[name] for texts in given)]
    header += missing
    at = {name: header.index(name) for name in COLUMNS if name in header}
    known = {_key(cells, at): number for number, cells in filled[1:]}
    edit = _Edit({}, [], header, bool(missing))
    new: dict[tuple[str, str], Cells] = {}
    for texts in given:
        cells = [""] * len(header)
        for name, position in at.items():
            cells[position] = texts[name]
        key = _key(cells, at)
        if key in known:
            changes = {at[name]: texts[name] for name in ("answer", "evidence", "date") if texts[name]}
            edit.changed.setdefault(known[key], {}).update(changes)
        else:
            new[key] = cells
    edit.appended = list(new.values())
    return edit


def _key(cells: Sequence[str], at: Mapping[str, int]) -> tuple[str, str]:
    def part(name: str) -> str:
        position = at.get(name, len(cells))
        return " ".join(cells[position].split()).casefold() if position < len(cells) else ""

    return part("practice"), part("respondent")
