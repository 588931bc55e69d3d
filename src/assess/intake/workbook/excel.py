"""Workbooks opened with their strings as the file has them."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def open_workbook(content: bytes, *, values: bool = True, editable: bool = False) -> Any:
    """Open the content of an ``.xlsx``.

    openpyxl alone drops every ``x005F_`` from shared strings, with which Excel marks a literal
    ``_x0041_``; here strings come as the file has them, and `unescaped` reads them.

    Parameters
    ----------
    values
        Give the stored values of formulas, not the formulas.
    editable
        Open to change and save it, not to read it row by row.

    Raises
    ------
    Exception
        Whatever openpyxl, its XML parser or the ZIP archive raise for a damaged file.
    """
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            package: Any = self.package
            if (part := package.find(SHARED_STRINGS)) is None:
                return
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = []
                for _, node in iterparse(source):
                    if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                        self.shared_strings.append(_joined(node, SHEET_MAIN_NS))
                        node.clear()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = Reader(io.BytesIO(content), read_only=not editable, data_only=values)
        reader.read()
    return reader.wb


def _joined(node: Any, namespace: str) -> str:
    """Return the text of a shared string: plain, or its runs joined, without phonetic hints."""
    parts = [*node.findall(f"{{{namespace}}}t"), *node.findall(f"{{{namespace}}}r/{{{namespace}}}t")]
    return "".join(part.text or "" for part in parts)


def has_formulas(content: bytes, read: Callable[[str], bool]) -> bool:
    """Return whether a sheet of a workbook holds a formula, of those whose name ``read`` accepts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        wanted = [part for name, part in _parts(archive).items() if read(name)]
        return any(re.search(rb"<(\w+:)?f[ >/]", archive.read(part)) for part in wanted)


def unescaped(text: str) -> str:
    r"""Return a string of the file as Excel shows it.

    >>> unescaped("a_x000D_"), unescaped("_x005F_x0041_")
    ('a\r', '_x0041_')
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def escaped(text: str) -> str:
    """Return a text as the file must have it.

    >>> escaped("_x0041_")
    '_x005F_x0041_'
    """
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


class NotEditable(ValueError):
    """A workbook is written in a form in which single cells can't be replaced."""


def edited(content: bytes, sheet: str, cells: Mapping[tuple[int, int], str]) -> bytes:
    """Return a workbook with the texts of some cells replaced, every other byte of its parts kept.

    Parameters
    ----------
    cells
        Text by row (from 1) and column (from 0); it is written as text, never as a formula.

    Raises
    ------
    NotEditable
        If the sheet's XML is not in the usual form.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        part = _part(old, sheet)
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, _in_part(data, cells) if info.filename == part else data)
    return out.getvalue()


RED = "FFF8CBAD"
"""Colour of a cell that is marked, ARGB."""


def marked(content: bytes, notes: Mapping[str, Mapping[tuple[int, int], str]]) -> bytes:
    """Return a copy of a workbook in which some cells are red, each with a comment; nothing of what they hold changes.

    The copy is written by openpyxl: pictures and charts of a workbook do not come along, cells and formats do.

    Parameters
    ----------
    notes
        Comment by sheet and cell: row (from 1) and column (from 0).
    """
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = open_workbook(content, values=False, editable=True)
        fill = PatternFill("solid", start_color=RED, end_color=RED)
        for sheet, cells in notes.items():
            for (row, column), text in cells.items():
                cell = book[sheet].cell(row, column + 1)
                cell.fill = fill
                cell.comment = Comment(text, "assess", width=320, height=max(60, 18 * (1 + len(text) // 45)))
        out = io.BytesIO()
        book.save(out)
    return out.getvalue()


def _in_part(data: bytes, cells: Mapping[tuple[int, int], str]) -> bytes:
    try:
        return _with_cells(data.decode("utf-8"), cells).encode("utf-8")
    except UnicodeDecodeError:
        raise NotEditable("its XML is not UTF-8") from None


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of a sheet's XML within the archive."""
    try:
        return _parts(archive)[sheet]
    except KeyError:
        raise NotEditable(f"there is no sheet {sheet}") from None


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of every sheet's XML within the archive, by sheet."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - opened and checked before
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for entry in book.iter(f"{{{_MAIN}}}sheet"):
        target = targets.get(entry.get(_REFERENCE), "")
        found[entry.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _with_cells(xml: str, cells: Mapping[tuple[int, int], str]) -> str:
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in sorted(cells.items()):
        by_row.setdefault(row, {})[column] = text
    xml = re.sub(r"<sheetData\s*/>", "<sheetData></sheetData>", xml)
    if "</sheetData>" not in xml:
        raise NotEditable("its XML has no sheetData")
    for row, texts in by_row.items():
        xml = _with_row(xml, row, texts)
    # readers trust the stated size, so let them find out
    return re.sub(r"<dimension\b[^>]*/>", "", xml, count=1)


def _with_row(xml: str, row: int, texts: Mapping[int, str]) -> str:
    whole = re.compile(rf'<row\b[^>]*?\br="{row}"[^>]*?(?:/>|(?<!/)>.*?</row>)', re.DOTALL)
    styles = {column: _style(xml, column) for column in texts}
    if found := whole.search(xml):
        changed = found[0]
        if changed.endswith("/>"):
            changed = changed[:-2] + "></row>"
        for column, text in texts.items():
            changed = _with_cell(changed, row, column, text, styles[column])
        return xml[: found.start()] + changed + xml[found.end() :]
    body = "".join(_cell(row, column, text, styles[column]) for column, text in sorted(texts.items()))
    later = (m for m in re.finditer(r'<row\b[^>]*?\br="(\d+)"', xml) if int(m[1]) > row)
    at = min((m.start() for m in later), default=xml.index("</sheetData>"))
    return f'{xml[:at]}<row r="{row}">{body}</row>{xml[at:]}'


def _with_cell(row_xml: str, row: int, column: int, text: str, style: str) -> str:
    name = _name(row, column)
    whole = re.compile(rf'<c\b[^>]*?\br="{name}"[^>]*?(?:/>|(?<!/)>.*?</c>)', re.DOTALL)
    if found := whole.search(row_xml):
        own = re.match(r'<c\b[^>]*?\bs="(\d+)"', found[0])
        new = _cell(row, column, text, own[1] if own else style)
        return row_xml[: found.start()] + new + row_xml[found.end() :]
    later = (m for m in re.finditer(rf'<c\b[^>]*?\br="([A-Z]+){row}"', row_xml) if _number(m[1]) > column)
    at = min((m.start() for m in later), default=row_xml.rindex("</row>"))
    return row_xml[:at] + _cell(row, column, text, style) + row_xml[at:]


def _style(xml: str, column: int) -> str:
    """Return the style of a column's cells, empty for the default."""
    for found in re.finditer(r"<col\b([^>]*)/>", xml):
        given: dict[str, str] = dict(re.findall(r'\b(min|max|style)="(\d+)"', found[1]))
        if int(given.get("min", 0)) <= column + 1 <= int(given.get("max", 0)):
            return given.get("style", "")
    return ""


def _cell(row: int, column: int, text: str, style: str) -> str:
    look = f' s="{style}"' if style else ""
    inner = escape(escaped(text))
    return f'<c r="{_name(row, column)}"{look} t="inlineStr"><is><t xml:space="preserve">{inner}</t></is></c>'


def _name(row: int, column: int) -> str:
    """Return the name of a cell.

    >>> _name(3, 0), _name(1, 27)
    ('A3', 'AB1')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _number(letters: str) -> int:
    """Return the column (from 0) of its letters.

    >>> _number("A"), _number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
