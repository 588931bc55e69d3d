"""What a file unpacks to, counted before anything of it is loaded and while it is read.

Sizes that a file states of itself are believed only where they are too large already: archives are unpacked once
without being kept, and counted. The limits are the consultant's, see `assess.core.trust`; what has to be held in
memory as a whole (a JSON document, the texts of a workbook) is bounded by the memory that is allowed as well.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from .trust import allowed

CHUNK = 1 << 20
PACKED = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
"""First bytes of the compressed forms that are read, and what opens them."""
PACKED_ENDINGS = (".gz", ".bz2", ".xz")
EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384
"""What a sheet of Excel has at most."""
MOST_CELLS = 100_000_000
"""Cells of a workbook, those counted too that stand empty before the last of a row."""
MOST_PARTS = 10_000
"""Parts of a workbook."""
DEEPEST = 200
"""Levels of nesting of an XML document."""
LONGEST = 16 << 20
"""Bytes of one text: of a cell, a field or a line."""
NODE = 160
"""Bytes of memory that an element of XML takes while it is held."""
MOST_COLUMNS = 5_000
"""Columns of a table."""
PARSED = 10
"""Bytes of memory that a byte of JSON takes once it is read."""


class UnreadableTable(ValueError):
    """A table that can't be read: the message says which, why, and what to do; it holds no password."""


class TooMuch(UnreadableTable):
    """A file costs more than is allowed: what, how much is allowed, and the option that raises it.

    >>> print(TooMuch("log.csv.gz", "unpacks to more than 8.0 GB", "--limit unpacked_bytes=BYTES"))
    log.csv.gz unpacks to more than 8.0 GB; if it is to be read all the same: --limit unpacked_bytes=BYTES
    """

    def __init__(self, name: str, what: str, option: str) -> None:
        super().__init__(f"{name} {what}; if it is to be read all the same: {option}")


def size(count: float) -> str:
    """Return a number of bytes in words.

    >>> size(300 << 20), size(8 << 30), size(999)
    ('300 MB', '8.0 GB', '999 bytes')
    """
    if count >= 1 << 30:
        return f"{count / (1 << 30):,.1f} GB"
    return f"{count / (1 << 20):,.0f} MB" if count >= 1 << 20 else f"{count:,.0f} bytes"


def allowed_memory() -> int:
    """Bytes of memory that are allowed; a quarter of the machine where nothing is said."""
    text = allowed().memory
    if not text:
        try:
            whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (AttributeError, ValueError, OSError):
            whole = 8 << 30
        return max(whole // 4, 256 << 20)
    found = re.fullmatch(r"([\d.]+) ?([KMGT]?)i?B", text)
    assert found, text
    return int(float(found[1]) * 1024 ** " KMGT".index(found[2] or " "))


class Budget:
    """What reading one file may cost.

    Parameters
    ----------
    name
        What messages call the file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.limits = allowed().limits
        self.memory = allowed_memory()
        self._until = time.monotonic() + self.limits.seconds

    def check_time(self) -> None:
        """Refuse to go on where the time is over."""
        if time.monotonic() > self._until:
            raise TooMuch(
                self.name,
                f"takes longer than {self.limits.seconds:,.0f} s to read",
                "--limit seconds=SECONDS",
            )

    def check_bytes(self, count: int) -> None:
        """Refuse so many bytes unpacked, and to go on where the time is over."""
        if count > self.limits.unpacked_bytes:
            raise TooMuch(
                self.name,
                f"unpacks to more than {size(self.limits.unpacked_bytes)}",
                "--limit unpacked_bytes=BYTES",
            )
        self.check_time()

    def check_rows(self, rows: int, columns: int) -> None:
        """Refuse a table of so many rows and columns, and to go on where the time is over."""
        if columns > MOST_COLUMNS:
            raise UnreadableTable(
                f"{self.name} has {columns:,} columns, and at most {MOST_COLUMNS:,} are read: is its delimiter right?"
            )
        if rows > self.limits.rows:
            raise TooMuch(self.name, f"holds more than {self.limits.rows:,} rows", "--limit rows=ROWS")
        if rows * columns > self.limits.cells:
            raise TooMuch(self.name, f"holds more than {self.limits.cells:,} cells", "--limit cells=CELLS")
        self.check_time()

    def check_whole(self, count: int, factor: int = 1) -> None:
        """Refuse to hold so many bytes, each of which takes ``factor`` bytes of memory once it is read."""
        if count * factor > self.memory:
            needs = f"takes more memory to read than is allowed, {size(self.memory)}"
            raise TooMuch(self.name, needs, "--memory AMOUNT")


class _Counted(io.RawIOBase):
    """A stream that stops at what is allowed."""

    def __init__(self, stream: Any, budget: Budget) -> None:
        self._stream, self._budget, self._count = stream, budget, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._count += len(data)
        self._budget.check_bytes(self._count)
        buffer[: len(data)] = data
        return len(data)


@contextlib.contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a regular file, unpacked where it is gzip, bzip2 or xz, and stop it at what is allowed.

    Raises
    ------
    UnreadableTable
        If it is no regular file.
    TooMuch
        While it is read.
    """
    opener = _opener(path)
    if opener is None:
        with path.open("rb") as file:
            yield file
        return
    with opener(path, "rb") as stream:
        yield io.BufferedReader(_Counted(stream, Budget(path.name)), CHUNK)


def is_packed(path: Path) -> bool:
    """Return whether a regular file is gzip, bzip2 or xz by its first bytes."""
    return _opener(path) is not None


def plain_suffix(path: Path) -> str:
    """Return the ending that says what a file holds, in small letters.

    >>> plain_suffix(Path("log.CSV.gz")), plain_suffix(Path("a.xlsx"))
    ('.csv', '.xlsx')
    """
    name = path.with_suffix("") if path.suffix.lower() in PACKED_ENDINGS else path
    return name.suffix.lower()


def _opener(path: Path) -> Any:
    check_regular(path)
    with path.open("rb") as file:
        head = file.read(6)
    return next((opener for magic, opener in PACKED if head.startswith(magic)), None)


def check_regular(path: Path) -> None:
    """Refuse what is no regular file: a pipe or a device has no end."""
    if not path.exists():
        raise UnreadableTable(f"{path} does not exist")
    if path.is_dir():
        raise UnreadableTable(f"{path} is a folder, not a table")
    if not path.is_file():
        raise UnreadableTable(f"{path.name} is no regular file")


def check_lines(path: Path) -> None:
    """Refuse a text file with a line, or without line ends a beginning, of more than `LONGEST` bytes."""
    with path.open("rb") as file:
        while len(chunk := file.read(LONGEST)) == LONGEST:
            if b"\n" not in chunk and b"\r" not in chunk:
                raise UnreadableTable(f"{path.name} has a line of more than {size(LONGEST)}: is it a table?")


def check_unpacked(path: Path) -> int:
    """Count what a file unpacks to, without keeping it.

    Raises
    ------
    TooMuch, UnreadableTable
        As `open_unpacked`.
    OSError, EOFError, zlib.error, lzma.LZMAError
        If it is damaged.
    """
    count = 0
    with open_unpacked(path) as stream:
        while chunk := stream.read(CHUNK):
            count += len(chunk)
    return count


def read_whole(path: Path) -> bytes:
    """Return all bytes of a file, unpacked, where they and what is made of them (`PARSED`) fit into memory.

    Raises
    ------
    TooMuch, UnreadableTable, OSError, EOFError, zlib.error, lzma.LZMAError
        As `check_unpacked`.
    """
    budget = Budget(path.name)
    parts, count = [], 0
    with open_unpacked(path) as stream:
        while chunk := stream.read(CHUNK):
            count += len(chunk)
            budget.check_whole(count, PARSED)
            parts.append(chunk)
    return b"".join(parts)


def check_workbook(source: Path | bytes, name: str) -> None:
    """Count a workbook (.xlsx) before it is opened: its parts, its sheets' rows and cells, what it holds in memory.

    Raises
    ------
    TooMuch
        If it costs more than is allowed.
    UnreadableTable
        If it is no workbook, or its XML is none or has a document type, with whose entities it could grow.
    """
    budget = Budget(name)
    try:
        with zipfile.ZipFile(source if isinstance(source, Path) else io.BytesIO(source)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise UnreadableTable(
                    f"{name} has {len(parts):,} parts; a workbook has at most {MOST_PARTS:,}"
                )
            budget.check_bytes(sum(part.file_size for part in parts))
            scan = _Scan(budget)
            for part in parts:
                with archive.open(part) as stream:
                    scan.read(stream)
    except (TooMuch, UnreadableTable):
        raise
    except Exception as error:  # whatever ZIP, its compressions and XML raise on a damaged file
        raise UnreadableTable(f"{name} is no Excel workbook (.xlsx), or a damaged one") from error


class _Scan:
    """Counts elements of the parts of a workbook; keeps nothing of them."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.held = self.cells = 0
        self._elements = self._row = self._width = 0
        self._sheet = False

    def read(self, stream: IO[bytes]) -> None:
        """Count a part that is XML, whatever its name; pictures and programs are not read."""
        chunk = stream.read(64)
        if b"<" not in chunk:
            return
        self._elements = self._row = self._width = 0
        self._sheet = False
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        barren, before = 0, 0
        while chunk:
            parser.Parse(chunk, False)
            self.held += 0 if self._sheet else len(chunk)
            self._check()
            barren, before = barren + len(chunk) if self._elements == before else 0, self._elements
            if barren > LONGEST:
                raise UnreadableTable(f"{self._budget.name} holds a text of more than {size(LONGEST)}")
            chunk = stream.read(CHUNK)
        parser.Parse(b"", True)
        self._end_row()
        self._check()

    def _check(self) -> None:
        self._budget.check_whole(self.held, 2)
        self._budget.check_time()
        if self.cells > min(MOST_CELLS, self._budget.limits.cells):
            what = f"holds more than {MOST_CELLS:,} cells, empty ones counted"
            raise TooMuch(self._budget.name, what, "export the sheet as CSV or Parquet")

    def _refuse(self, *_: Any) -> None:
        raise UnreadableTable(f"{self._budget.name} has an XML document type, which no workbook has")

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._elements += 1
        if not self._sheet:
            self.held += NODE
            if self._elements == 1:
                self._sheet = tag.rpartition(":")[2] == "worksheet"
            return
        local = tag if ":" not in tag else tag.rpartition(":")[2]
        if local == "c":
            self._width += 1
            if attributes and (name := _attribute(attributes)):
                self._width = max(self._width, _column(name))
        elif local == "row":
            self._end_row()
            number = _attribute(attributes)
            self._row = max(self._row + 1, int(number) if number.isdecimal() and len(number) < 12 else 0)
            if self._row > EXCEL_ROWS:
                raise UnreadableTable(
                    f"{self._budget.name} has a row beyond {EXCEL_ROWS:,}, the last of Excel"
                )
        elif local == "si":
            raise UnreadableTable(f"{self._budget.name} has a sheet that holds what no sheet does")
        elif local not in ("v", "f", "is", "t", "r"):
            self.held += NODE

    def _end_row(self) -> None:
        if self._width > EXCEL_COLUMNS:
            raise UnreadableTable(
                f"{self._budget.name} has a column beyond {EXCEL_COLUMNS:,}, the last of Excel"
            )
        self.cells += self._width
        self._width = 0


def _attribute(attributes: list[str]) -> str:
    """Return the attribute ``r``, the number of a row or the name of a cell, of a list of names and values."""
    return next((attributes[at + 1] for at in range(0, len(attributes), 2) if attributes[at] == "r"), "")


def _column(name: str) -> int:
    """Return the number (from 1) of the column of a cell's name.

    >>> _column("A1"), _column("AB12"), _column("")
    (1, 28, 0)
    """
    number = 0
    for letter in name[:8].rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number
