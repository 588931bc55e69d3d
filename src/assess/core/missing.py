"""Texts that stand for "nothing here": the one list of words, and values too plain to be true."""

from __future__ import annotations

import re
from collections.abc import Collection

WORDS = frozenset(
    {
        "na", "n/a", "n.a.", "n.a", "#n/a", "#na", "nan", "null", "nil", "none", "(null)", "<null>", "<na>",
        "\\n", "missing", "unknown", "unk", "undefined", "not available", "not applicable", "not specified",
        "not provided", "no data", "tbd", "tba", "tbc", "to be determined", "xxx", "xxxx", "k.a.", "k. a.",
        "keine angabe", "unbekannt", "inconnu", "s/n", "sin datos", "#value!", "#ref!", "#div/0!", "#name?",
        "unspecified", "{null}", "[null]", "n.n.", "k.a", "xx", "(blank)", "blank", "empty", "(empty)", "n/d", "nd", "not known", "invalid", "nicht vorhanden",
    }
)  # fmt: skip
"""Words for a missing value, lower case; sources: R, pandas (``STR_NA_VALUES``), Excel's error texts,
PostgreSQL and Hive exports, and the usual words on forms in English, German, French and Spanish."""

DATES = frozenset(
    {
        "0000-00-00", "00/00/0000", "00.00.0000", "0000-00-00 00:00:00", "0001-01-01", "01/01/0001",
        "1900-01-01", "01/01/1900", "01.01.1900", "1/1/1900", "1899-12-30", "9999-12-31", "31/12/9999",
        "12/31/9999", "31.12.9999", "1900-01-01 00:00:00", "9999-12-31 00:00:00", "1111-11-11",
        "1900-01-01T00:00:00", "9999-12-31T00:00:00", "1970-01-01T00:00:00Z", "99991231", "19000101",
    }
)  # fmt: skip
"""Dates that programs write when they know none: zero dates, the first and last day of an epoch."""

PERHAPS_ZERO = frozenset({"none", "nil", "-", "--", ".", "*", "...", ".."})
"""Words and signs that also stand for "zero of them", or for "suppressed" in published tables."""

SPOKEN = frozenset(
    {
        "missing", "unknown", "undefined", "not available", "not applicable", "not specified", "not provided", "no data",
        "to be determined", "keine angabe", "unbekannt", "inconnu", "sin datos", "unspecified", "blank", "empty",
        "not known", "invalid", "nicht vorhanden",
    }
)  # fmt: skip
"""Those of the words that people say: where many rows hold one, it is how the column says "nothing", or a category."""

SIGNS = re.compile(r"[-–—_.?*#/\\ ~]{1,20}")


def is_missing_word(text: str) -> bool:
    """Whether a text is blank, a sign such as ``-`` or ``?``, or a word for a missing value.

    >>> is_missing_word(" N/A "), is_missing_word("--"), is_missing_word("Nancy")
    (True, True, False)
    """
    plain = text.strip()
    return not plain or SIGNS.fullmatch(plain) is not None or plain.casefold() in WORDS


def is_disguised(text: str) -> bool:
    """Whether a text is a word for a missing value, or a date that programs write when they know none.

    >>> is_disguised("0000-00-00"), is_disguised("n/a"), is_disguised("2024-02-29")
    (True, True, False)
    """
    return is_missing_word(text) or text.strip() in DATES


def missing_condition(column: str, own: Collection[str] = ()) -> str:
    """Return the condition, in DuckDB's SQL, that a column holds nothing or what `is_disguised` holds for nothing.

    Parameters
    ----------
    column
        An expression, such as a quoted name.
    own
        Texts that are values of this column, though they mean "nothing here" elsewhere.

    Examples
    --------
    >>> import duckdb
    >>> values = "(VALUES (' N/A '), ('--'), (''), (NULL), ('1900-01-01'), ('Nancy')) AS t(v)"
    >>> [found for (found,) in duckdb.sql(f"SELECT {missing_condition('v')} FROM {values}").fetchall()]
    [True, True, True, True, True, False]
    """
    plain = f"trim({column}, {_BLANKS})"
    words, dates = (", ".join(_literal(text) for text in sorted(texts)) for texts in (WORDS, DATES))
    but = (
        f" AND NOT coalesce({plain} IN ({', '.join(_literal(text) for text in sorted(own))}), false)"
        if own
        else ""
    )
    return (
        f"(({column} IS NULL OR {plain} = '' OR regexp_full_match({plain}, {_literal(SIGNS.pattern)}) "
        f"OR lower({plain}) IN ({words}) OR {plain} IN ({dates})){but})"
    )


def blank_condition(column: str) -> str:
    """Return the condition, in DuckDB's SQL, that a column holds nothing but white space, or nothing at all.

    >>> import duckdb
    >>> duckdb.sql(f"SELECT count(*) FROM (VALUES (' '), (NULL), ('-')) AS t(v) WHERE {blank_condition('v')}").fetchall()
    [(2,)]
    """
    return f"({column} IS NULL OR trim({column}, {_BLANKS}) = '')"


_BLANKS = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
