"""Lines for a terminal or a log: nothing in them is obeyed, and what the system reports is said in sentences."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

_COMMAND = re.compile(r"^\s*(?=::)|#(?=#\w*\[)")
"""Where a CI server would take a command from a log: ``::error::`` begins a line, ``##[error]`` and ``##vso[task.x]``
stand anywhere in it. A backslash at the end of the match parts it."""

_RAW = re.compile(r"\[Errno (?P<number>\d+)\] [^:\n]*(?:: '(?P<file>(?:[^'\\\n]|\\.)*)')?")


def escape_line(text: str) -> str:
    r"""Return a text on one line that neither a terminal nor the log of a CI server obeys.

    Control characters, line ends, controls of the writing direction and halves of characters that are none (bytes of
    a file name that are not UTF-8) are written as Python escapes; what would begin a workflow command gets a
    backslash. Spaces of every width stay.

    >>> escape_line("x.yaml\n::error::no\x1b[2J"), escape_line("::set-output name=a::b")
    ('x.yaml\\n::error::no\\x1b[2J', '\\::set-output name=a::b')
    >>> escape_line("##vso[task.setvariable]x"), escape_line("\u202egnp.exe"), escape_line("12\u00a0%")
    ('#\\#vso[task.setvariable]x', '\\u202egnp.exe', '12\xa0%')
    """
    return _COMMAND.sub(r"\g<0>\\", escape_controls(text))


def escape_controls(text: str) -> str:
    """Return a text with everything in it visible; no more is done about commands."""
    if text.isprintable():
        return text
    return "".join(c if _is_plain(c) else c.encode("unicode_escape").decode() for c in text)


def escape_json(text: str) -> str:
    r"""Return a JSON document that says the same, with escapes for whatever a terminal or a CI server would obey.

    >>> escape_json('{"a": "\u202egnp ##vso[task.x]"}')
    '{"a": "\\u202egnp #\\u0023vso[task.x]"}'
    """
    shown = "\n".join(
        line if line.isprintable() else "".join(c if _is_plain(c) else json.dumps(c)[1:-1] for c in line)
        for line in text.split("\n")
    )
    return shown.replace("##", r"#\u0023")


def _is_plain(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


ELSEWHERE = "name another place, or ask whoever owns it"

REASONS: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "make room, or name a folder on another disk"),
    errno.EDQUOT: ("this user's share of the disk is full", "make room, or name a folder on another disk"),
    errno.EFBIG: ("the file is larger than this disk or user may hold", "name a folder on another disk"),
    errno.EROFS: ("it lies on a disk that can only be read", "name a folder on another disk"),
    errno.EACCES: ("this user may not read or write it", ELSEWHERE),
    errno.EPERM: ("the system does not permit it", ELSEWHERE),
    errno.EMFILE: ("too many files are open at a time", "raise the limit (ulimit -n 4096), or use --jobs 1"),
    errno.ENFILE: ("the machine has too many files open", "end other programs, or use --jobs 1"),
    errno.ENOMEM: ("the memory is used up", "end other programs, or use --jobs 1"),
    errno.EAGAIN: ("the machine has no room for another process", "end other programs, or use --jobs 1"),
    errno.ENAMETOOLONG: ("the name is longer than this disk allows", "use a shorter one"),
    errno.EISDIR: ("it is a folder, and a file is needed", "name a file"),
    errno.ENOTDIR: ("a part of the path is a file, and a folder is needed", "name another"),
    errno.ENOENT: ("it is not there", "check the spelling"),
    errno.EEXIST: ("it is there already", "name another"),
    errno.ENOTEMPTY: ("the folder is not empty", "name another"),
    errno.ELOOP: ("its links lead round in a circle", "name what they were to lead to"),
    errno.EXDEV: ("it would have to move to another disk", "name a folder on the same one"),
    errno.EBUSY: ("another program uses it", "close that, and try again"),
    errno.ETXTBSY: ("another program uses it", "close that, and try again"),
    errno.EIO: ("the disk reports an error", "copy the files to another one"),
    errno.EINVAL: ("the system can do nothing with this name or place", "name another"),
    errno.EILSEQ: ("its name holds characters that this disk can't store", "rename it"),
    errno.EPIPE: ("the program that was to read it has ended", "start again"),
    errno.EADDRINUSE: ("another program has this port", "name another with --port"),
    errno.ECONNREFUSED: ("nothing answers there", "check the address, and whether it runs"),
    errno.ETIMEDOUT: ("nothing answered in time", "check the address, and the network"),
}
"""What the numbers of the system mean, and what to do."""


def explain_os_error(error: OSError) -> str:
    """Say what failed and what to do, in place of the number that the system gives.

    >>> explain_os_error(OSError(errno.ENOSPC, "No space left on device", "reports/acme"))
    'reports/acme: the disk is full; make room, or name a folder on another disk'
    >>> explain_os_error(OSError("extracts/a.csv: has no columns"))
    'extracts/a.csv: has no columns'
    """
    if error.errno is None:
        return escape_line(str(error))
    known = REASONS.get(error.errno)
    words = "; ".join(known) if known else (error.strerror or "the system refuses it").lower()
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return escape_line(f"{' and '.join(names)}: {words}" if names else words[0].upper() + words[1:])


def explain_errno(text: str) -> str:
    """Say the same where only the text of such an error is left, as another process reports it.

    >>> explain_errno("[Errno 21] Is a directory: '/data/x.csv'")
    '/data/x.csv: it is a folder, and a file is needed; name a file'
    """

    def explained(found: re.Match[str]) -> str:
        return explain_os_error(OSError(int(found["number"]), found[0], found["file"]))

    return _RAW.sub(explained, text)


PLACE = "ASSESS_PROGRESS"
"""Environment variable with the file that takes the newest line; without it nothing is told."""
PAUSE = 0.2
"""Seconds between two lines."""

_last = 0.0


def write_progress(text: str, *, last: bool = False) -> None:
    """Write what is being done in place of what was told before, not more often than every `PAUSE`.

    Parameters
    ----------
    last
        Whether nothing follows, so that it is written in any case.
    """
    global _last
    place, now = os.environ.get(PLACE), time.monotonic()
    if not place or (now - _last < PAUSE and not last):
        return
    _last = now
    aside = Path(f"{place}.{os.getpid()}")
    with contextlib.suppress(OSError):
        aside.write_text(text, "utf-8")
        aside.replace(place)


def read_progress(place: Path) -> str:
    """Return the newest line, empty where none was written."""
    try:
        return place.read_text("utf-8")
    except OSError:
        return ""


_INVISIBLE = (
    "\\s\\x00-\\x20\x85\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb"
)
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
_RUNS = re.compile(f"[{_INVISIBLE}]*[{_SIGNS}]|[\\t\\r\\n]")
_NUMBER = re.compile(r"[+\-]?(?:\d+(?:[.,' \u00a0\u202f]\d+)*|[.,]\d+)(?:[eE][+\-]?\d{1,3})?[ \u00a0]?%?")
_QUOTED = re.compile(f"'+(?:[{_INVISIBLE}]*[{_SIGNS}]|[\\t\\r\\n])")

RESTORED_SQL = (
    "CASE WHEN regexp_matches({0}, '^''+(?:["
    + _INVISIBLE
    + "]*["
    + _SIGNS
    + "]|[\\t\\r\\n])') THEN substr({0}, 2) ELSE {0} END"
)
"""`restore_text` as an expression of DuckDB, ``{0}`` standing for the column."""


def runs(text: str) -> bool:
    r"""Return whether a spreadsheet would run a text as a formula.

    >>> [runs(text) for text in ("=1+1", "-2+3+cmd|' /C calc'!A0", "\ufeff @SUM(A1)", "+49-30-1")]
    [True, True, True, True]
    >>> [runs(text) for text in ("-5", "+1.5e3", "-1.234,56 %", "+49 30 1234", "a=1", "-")]
    [False, False, False, False, False, True]
    """
    return _RUNS.match(text) is not None and _NUMBER.fullmatch(text) is None


def neutralise_text(text: str) -> str:
    r"""Return a text as a cell that no spreadsheet takes for a formula.

    >>> neutralise_text("=cmd|'/c calc'!A1"), neutralise_text("'s-Hertogenbosch"), neutralise_text("'=1")
    ("'=cmd|'/c calc'!A1", "'s-Hertogenbosch", "''=1")
    """
    return f"'{text}" if runs(text) or _QUOTED.match(text) else text


def restore_text(cell: str) -> str:
    """Return the text that was given to `neutralise_text`.

    >>> restore_text("'=1+1"), restore_text("''=1"), restore_text("'s-Hertogenbosch")
    ('=1+1', "'=1", "'s-Hertogenbosch")
    """
    return cell[1:] if _QUOTED.match(cell) else cell
