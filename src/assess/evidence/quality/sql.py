"""Statements that anybody can run: DuckDB's SQL over the file itself."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.secrets import mask_location

from .reading import Reading
from .reading.store import literal, quoted

LISTED = 1_000
"""Row numbers that a statement names at most."""
ENCODINGS = {"cp1252": "latin-1", "mixed": "latin-1", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}


def relation(reading: Reading, name: str = "") -> str:
    """Return what stands behind FROM for a table as it was read, its rows numbered from 0 in ``row``.

    A form that DuckDB does not read by itself is named as a table that has been loaded.

    >>> relation(Reading(location="a.parquet", form="parquet"))
    "(SELECT row_number() OVER () - 1 AS row, * FROM read_parquet('a.parquet'))"
    """
    return f"(SELECT row_number() OVER () - 1 AS row, * FROM {_source(reading, name)})"  # noqa: S608


def _source(reading: Reading, name: str) -> str:
    place = literal(mask_location(reading.location))
    if reading.form == "csv":
        options = [
            "all_varchar=true",
            f"header={str(reading.header).lower()}",
            f"delim={literal(reading.delimiter)}",
        ]
        options += [f"quote={literal(reading.quote)}", "nullstr='\\N'"]
        if reading.encoding in ENCODINGS:
            options.append(f"encoding={literal(ENCODINGS[reading.encoding])}")
        if reading.irregular:
            options += ["null_padding=true", "strict_mode=false"]
        return f"read_csv({place}, {', '.join(options)})"
    if reading.form == "parquet":
        return f"read_parquet({place})"
    if reading.form in ("json", "jsonl"):
        return f"read_json({place})"
    return quoted(name or reading.location)


def check(reading: Reading, columns: Sequence[str], condition: str, name: str = "") -> str:
    """Return a statement that lists the rows for which a condition over the columns holds."""
    shown = ", ".join(["row", *map(quoted, columns)])
    return f"SELECT {shown}\nFROM {relation(reading, name)}\nWHERE {condition}\nORDER BY row"


def rows(numbers: Sequence[int]) -> str:
    """Return the condition that names rows; past `LISTED` the first so many.

    >>> rows([3, 5])
    'row IN (3, 5)'
    """
    return f"row IN ({', '.join(map(str, numbers[:LISTED]))})"


def replaced(reading: Reading, column: str, expression: str, name: str = "") -> str:
    """Return a statement that selects the table with one column replaced by an expression."""
    return (
        f"SELECT * EXCLUDE (row) REPLACE ({expression} AS {quoted(column)})\n"
        f"FROM {relation(reading, name)}\nORDER BY row"
    )


def repaired(reading: Reading, column: str, repairs: str, name: str = "") -> str:
    """Return a statement that takes the repairs of a column from the table of repairs beside the profile."""
    return (
        f"SELECT t.* EXCLUDE (row) REPLACE (coalesce(r.value, t.{quoted(column)}) AS {quoted(column)})\n"
        f"FROM {relation(reading, name)} AS t\n"
        f"LEFT JOIN read_csv({literal(repairs)}, all_varchar=true, nullstr='\\N') AS r\n"
        f'  ON r."row" = t.row::VARCHAR AND r."column" = {literal(column)}\nORDER BY t.row'
    )


def normal(alias: str, name: str, form: str) -> str:
    """A key in one of the forms of `joining.FORMS`, as an expression."""
    column = f"{alias}.{name}"
    plain = f"regexp_replace(lower({column}), '[^\\pL\\pN]+', '', 'g')"
    return {
        "as it is": column,
        "case and spaces ignored": f"lower(regexp_replace(trim({column}), '\\s+', ' ', 'g'))",
        "letters and digits only": plain,
        "leading zeros ignored": f"regexp_replace({plain}, '^0+(.)', '\\1')",
        "digits only, leading zeros ignored": f"ltrim(regexp_replace({column}, '\\D+', '', 'g'), '0')",
    }[form]
