"""Tables and settings from the sheets of a workbook."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from assess.core.unpacking import UnreadableTable, check_workbook
from assess.intake.asking import SETTINGS
from assess.intake.columns import TABLES, find_table
from assess.intake.problem import InputLocation, Problems, closest_word, listed
from assess.intake.raw import LocatedNode, RawTable, headed
from assess.intake.rows import number, percent
from assess.intake.workbook.excel import has_formulas, open_workbook, unescaped

ASSUMPTIONS = "assumptions"
"""Sheet of one assumption a row; the sheet `SETTINGS` holds keys and values."""
ASSUMPTION_COLUMNS = ("key", "low", "likely", "high", "source", "date")
ASK_FIRST = "ask first"
"""Sheet of what to ask first."""
IGNORED = ("help", ASK_FIRST)
"""Sheets that are not read, beside those whose name starts with ``_``."""
LARGEST = 256 * 2**20
"""Bytes that a workbook may unpack to."""
MOST_ROWS = 200_000
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of an OLE compound file."""

Records = list[tuple[int, list[str]]]


def is_workbook(content: bytes) -> bool:
    """Return whether a file is a ZIP archive with an Excel workbook in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return False


def not_a_workbook(content: bytes) -> str:
    """Return in words what a file is that is no ``.xlsx``, where its content says so.

    Password-protected workbooks and the old ``.xls`` are OLE compound files (MS-CFB), the first with a
    stream ``EncryptedPackage`` (MS-OFFCRYPTO 2.3.4.1); an OpenDocument or Numbers file is a ZIP archive.
    """
    if content.startswith(_COMPOUND):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        return "is protected by a password" if locked else "is a workbook of Excel 97 to 2003 (.xls)"
    if content.startswith(b"PK"):
        if b"opendocument.spreadsheet" in content[:200]:
            return "is an OpenDocument spreadsheet (.ods)"
        if b"Index/Document.iwa" in content or b"Index.zip" in content[:4096]:
            return "is a spreadsheet of Numbers"
    return "is not an Excel workbook"


def read(
    content: bytes, file: str, problems: Problems
) -> tuple[LocatedNode | None, dict[str, RawTable], set[str]]:
    """Read a workbook into settings and tables.

    Returns
    -------
    The settings as nodes (None without the sheet), the tables by name, and the names of the sheets
    that were supplied.
    """
    sheets = _sheets(content, InputLocation(file=file), problems)
    names = [SETTINGS, ASSUMPTIONS, *(table.name for table in TABLES)]
    tables: dict[str, RawTable] = {}
    misnamed: set[str] = set()
    for name, records in sheets.items():
        place = InputLocation(file=file, sheet=name)
        if not records:
            continue  # nothing in it: not supplied
        if name in names[2:]:
            if table := headed(find_table(name), place, records, problems, ragged=True):
                tables[name] = table
        elif name not in names:
            near = closest_word(name, names)
            if not near:
                problems.note(place, "is a sheet of your own and is not read")
                continue
            allowed = f"{listed(names)}; a sheet whose name starts with _ is ignored"
            problems.add(place, f'is no sheet of an engagement, did you mean "{near}"?', allowed=allowed)
            misnamed.add(near)
    settings = _settings(sheets, file, problems) if sheets.get(SETTINGS) else None
    return settings, tables, {name for name, records in sheets.items() if records} | misnamed


def records(content: bytes, file: str, problems: Problems) -> dict[str, Records]:
    """Return row number and texts of every row of every sheet that is not empty."""
    return {name: rows for name, rows in _sheets(content, InputLocation(file=file), problems).items() if rows}


def _sheets(content: bytes, place: InputLocation, problems: Problems) -> dict[str, Records]:
    """Return the texts of every sheet that is not empty."""
    if not is_workbook(content):
        problems.add(place, not_a_workbook(content), allowed="an .xlsx file, saved by Excel or assess init")
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST:
            problems.add(place, "unpacks to too much", allowed=f"at most {LARGEST // 2**20} MB")
            return {}
    try:
        check_workbook(content, place.file)
    except UnreadableTable as error:
        problems.add(place, f"can't be read: {error}", allowed="an .xlsx that Excel opens")
        return {}
    try:
        values = open_workbook(content)
        formulas = open_workbook(content, values=False) if has_formulas(content, _is_read) else None
        found = {}
        for sheet in values.worksheets:
            if _is_read(sheet.title):
                within = InputLocation(file=place.file, sheet=sheet.title)
                found[sheet.title] = _texts(sheet, within, problems)
                if formulas:
                    _note_unstored(sheet, formulas[sheet.title], within, problems)
        return found
    except Exception as error:  # openpyxl raises whatever its XML and ZIP layers raise on a damaged file
        problems.add(
            place,
            f"is a damaged Excel workbook ({type(error).__name__})",
            allowed="an .xlsx that Excel opens",
        )
        return {}


def _is_read(name: str) -> bool:
    return name not in IGNORED and not name.startswith("_")


def _texts(sheet: Any, place: InputLocation, problems: Problems) -> Records:
    """Return the rows that hold something, as texts; note errors of Excel."""
    found: Records = []
    for row, cells in _rows(sheet):
        if row > MOST_ROWS:
            problems.add(place, "has too many rows", allowed=f"at most {MOST_ROWS}")
            break
        for cell in cells:
            if cell.data_type == "e":
                message = f"is an error of Excel, in {cell.coordinate}"
                allowed = "a value, or an empty cell"
                problems.add(place, message, row=row, value=cell.value, allowed=allowed)
        texts = ["" if cell.data_type == "e" else _text(cell) for cell in cells]
        if any(texts):
            found.append((row, texts))
    return found


def _note_unstored(sheet: Any, formulas: Any, place: InputLocation, problems: Problems) -> None:
    """Note formulas whose value no program has stored: they would be read as empty cells."""
    for (row, cells), (_, originals) in zip(_rows(sheet), _rows(formulas), strict=False):
        for cell, original in zip(cells, originals, strict=False):
            if cell.value is None and original.data_type == "f":
                message = f"is a formula without a stored value, in {original.coordinate}"
                problems.add(place, message, row=row, allowed="open the workbook in Excel and save it")


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet.reset_dimensions()  # the stated size of a sheet is not always true
        yield from enumerate(sheet.iter_rows(), start=1)


def _text(cell: Any) -> str:
    """Return a cell's value as the text that a person would have typed."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() if abs(value) >= 2 and str(cell.number_format).endswith("%"):
            return percent(value)
        case int() | float():
            return number(value)
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return unescaped(str(value))


def _settings(sheets: dict[str, Records], file: str, problems: Problems) -> LocatedNode:
    """Build the nodes that engagement.yaml would have: ``team.people`` becomes a key of ``team``."""
    place = InputLocation(file=file, sheet=SETTINGS)
    root: dict[str, Any] = {}
    for row, cells in sheets[SETTINGS][1:]:
        key, value = cells[0].strip(), (cells[1] if len(cells) > 1 else "")
        if not key:
            if value.strip():
                problems.add(place, "has no key", row=row, value=value, allowed="a key in the first column")
            continue
        head, _, rest = key.partition(".")
        if head == ASSUMPTIONS:
            allowed = f"a row of the sheet {ASSUMPTIONS}"
            problems.add(
                place, "is no setting of this sheet", row=row, column=key, value=value, allowed=allowed
            )
            continue
        within = root
        if rest:
            inner = root.setdefault(head, LocatedNode(row, {}))
            if not isinstance(inner.value, dict):
                message = "is given both as a value and with keys"
                problems.add(place, message, row=row, column=key, allowed="one of them")
                continue
            within, key = inner.value, rest
            if head == "team" and rest.startswith("skills."):
                skills = within.setdefault("skills", LocatedNode(row, {}))
                within, key = skills.value, rest.partition(".")[2]
        if key in within:
            problems.add(place, "is given twice", row=row, column=cells[0].strip(), allowed="each key once")
            continue
        within[key] = LocatedNode(row, value or None)
    if assumptions := sheets.get(ASSUMPTIONS):
        root["assumptions"] = _assumptions(assumptions, InputLocation(file=file, sheet=ASSUMPTIONS), problems)
    return LocatedNode(1, root)


def _assumptions(records: Records, place: InputLocation, problems: Problems) -> LocatedNode:
    header = [name.strip() for name in records[0][1]]
    for name in filter(None, header):
        if name not in ASSUMPTION_COLUMNS:
            problems.add(
                place,
                "is no column of this table",
                row=records[0][0],
                value=name,
                allowed=listed(ASSUMPTION_COLUMNS),
            )
    nodes: dict[str, LocatedNode] = {}
    for row, cells in records[1:]:
        entry = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
        key = entry.pop("key", "").strip()
        if not key or key in nodes:
            message = "is given twice" if key else "has no key"
            problems.add(place, message, row=row, column=key, allowed="each key of an assumption once")
            continue
        nodes[key] = LocatedNode(row, {name: LocatedNode(row, text) for name, text in entry.items()})
    return LocatedNode(records[0][0], nodes)
