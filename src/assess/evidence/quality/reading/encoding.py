"""In which encoding a file is written, found from its bytes, and how it becomes UTF-8."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 24
"""Bytes looked at in one go."""


@dataclass(frozen=True)
class Encoding:
    """An encoding as found.

    Parameters
    ----------
    name
        Python's name of it; ``mixed`` is UTF-8 with lines in Windows-1252.
    skip
        Bytes of the byte order mark.
    notes
        What to tell a reader.
    """

    name: str
    skip: int = 0
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the file's bytes can be read as UTF-8 as they are."""
        return self.name in ("utf-8", "utf-8-sig")


MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def found(path: Path) -> Encoding:
    """Find the encoding of a text file: byte order mark, UTF-16 without one, UTF-8, Windows-1252, or mixed."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    wide = _wide(head)
    if wide:
        return Encoding(wide, 0, ("UTF-16 without a byte order mark",))
    zeros = _zeros(path)
    notes = (f"{zeros:,} NUL bytes, kept",) if zeros else ()
    if _is_utf8(path):
        return Encoding("utf-8", 0, notes)
    good, bad = _lines(path)
    if good:
        return Encoding("mixed", 0, (f"mixed encodings: UTF-8, but {bad:,} lines in Windows-1252", *notes))
    return Encoding("cp1252", 0, ("read as Windows-1252, for it is not UTF-8", *notes))


def _wide(head: bytes) -> str:
    """UTF-16 shows as a zero in nearly every second byte."""
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _zeros(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(0) for chunk in iter(lambda: file.read(CHUNK), b""))


def _lines(path: Path) -> tuple[int, int]:
    """Lines with characters beyond ASCII: how many are UTF-8, how many are not."""
    good = bad = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
    return good, bad


def to_utf8(path: Path, encoding: Encoding, target: Path) -> None:
    """Write the file again in UTF-8; a byte that means nothing becomes U+FFFD."""
    with target.open("wb") as out, path.open("rb") as file:
        file.seek(encoding.skip)
        if encoding.name == "mixed":
            for line in file:
                out.write(_repaired(line))
            return
        decoder = codecs.getincrementaldecoder(encoding.name)("replace")
        while chunk := file.read(CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))


def _repaired(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode("utf-8")
    return line
