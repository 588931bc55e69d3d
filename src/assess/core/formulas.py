"""Cells that a spreadsheet would run as formulas, made harmless in every CSV file that is written.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is run by Excel, LibreOffice or Google Sheets
when the file is opened (OWASP, *CSV Injection*), also behind blanks, a byte order mark or signs without width, and with the
full-width signs of East Asian keyboards. Such a cell gets an apostrophe in front, whatever follows the sign:
``-2+3+cmd|'/c calc'!A0`` begins like a number. Only what is a number as a whole stays as it is (``-5``, ``+1.5e3``,
``-1.234,56 %``), because it is one to the spreadsheet too; of telephone numbers, those of digits and blanks alone
(``+49 30 1234``) do, while ``+49-30-1234`` would be computed to -1215 and gets the apostrophe.

A cell that already begins with apostrophes before such a sign gets one more, so that `restore_text` gives back exactly
what `neutralise_text` was given. In workbooks no apostrophe is needed: their cells are written as strings, which
no program runs, with the conversion of strings to formulas and links turned off.
"""

from __future__ import annotations

import re

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
    """Return a text as a cell of a CSV file may hold it.

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
