"""Workbooks opened with their strings as the file has them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import Any

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
                nodes = (node for _, node in iterparse(source) if node.tag == f"{{{SHEET_MAIN_NS}}}si")
                self.shared_strings = [_joined(node, SHEET_MAIN_NS) for node in nodes]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = Reader(io.BytesIO(content), read_only=not editable, data_only=values)
        reader.read()
    return reader.wb


def _joined(node: Any, namespace: str) -> str:
    """Return the text of a shared string: plain, or its runs joined, without phonetic hints."""
    parts = [*node.findall(f"{{{namespace}}}t"), *node.findall(f"{{{namespace}}}r/{{{namespace}}}t")]
    return "".join(part.text or "" for part in parts)


def has_formulas(content: bytes) -> bool:
    """Return whether any sheet of a workbook holds a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<(\w+:)?f[ >/]", archive.read(name)) for name in sheets)


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
