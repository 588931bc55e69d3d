"""What a repair is: the statements that check and fix, and the values that cells should hold."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from contextlib import closing

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from assess.core.engine import literal, open_engine, quoted
from assess.core.messages import RESTORED_SQL
from assess.core.personal import show_example
from assess.core.secrets import mask_location
from assess.core.tables.store import Reading

from .checks.check import Suspicion
from .column import Column
from .table import Table

LONGEST = 100
"""Bytes that are kept of a name: with a mark and an ending it stays under the 255 of the common file systems."""

_NOT_ALLOWED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
"""What Windows does not take in a name (POSIX: only the slash and NUL)."""


def file_name(name: str) -> str:
    """Return a name as that of a file, without its ending: one part, visible, in no other folder.

    A name that had to be changed gets a mark, so that two names never become one.

    Examples
    --------
    >>> file_name("crm.customers")
    'crm.customers'
    >>> file_name("../../etc/passwd")
    '_.._etc_passwd-3754d6cb'
    """
    shown = "".join("_" if unicodedata.category(sign)[0] == "C" else sign for sign in name)
    shown = _NOT_ALLOWED.sub("_", " ".join(shown.split())).lstrip(". ")
    shown = shown.encode("utf-8")[:LONGEST].decode("utf-8", "ignore").rstrip(". ")
    if shown == name:
        return shown
    return f"{shown or '_'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


LISTED = 1_000
"""Row numbers that a statement names at most."""
ENCODINGS = {"cp1252": "latin-1", "mixed": "latin-1", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}


def relation(reading: Reading, name: str = "") -> str:
    """Return what stands behind FROM for a table as it was read, its rows numbered from 0 in ``row``.

    A form that DuckDB does not read by itself is named as a table that has been loaded.

    >>> relation(Reading(location="a.parquet", form="parquet"))
    "(SELECT row_number() OVER () - 1 AS row, * FROM read_parquet('a.parquet'))"
    """
    return f"(SELECT row_number() OVER () - 1 AS row, * FROM {_read_from(reading, name)})"  # noqa: S608


def _read_from(reading: Reading, name: str) -> str:
    place = literal(mask_location(reading.location))
    if not reading.plain:
        return quoted(name or reading.location)
    if reading.form == "csv":
        options = [
            "all_varchar=true",
            f"header={str(reading.header).lower()}",
            f"delim={literal(reading.delimiter)}",
        ]
        options += [f"quote={literal(reading.quote)}", "nullstr='\\N'"]
        if reading.encoding in ENCODINGS:
            options.append(f"encoding={literal(ENCODINGS[reading.encoding])}")
        if reading.skipped:
            options.append(f"skip={reading.skipped}")
        if reading.irregular:
            options += ["null_padding=true", "strict_mode=false"]
        return f"read_csv({place}, {', '.join(options)})"
    if reading.form == "parquet":
        return f"read_parquet({place})"
    if reading.form in ("json", "jsonl"):
        return f"read_json({place})"
    return quoted(name or reading.location)


def check_statement(reading: Reading, columns: Sequence[str], condition: str, name: str = "") -> str:
    """Return a statement that lists the rows for which a condition over the columns holds."""
    shown = ", ".join(["row", *map(quoted, columns)])
    return f"SELECT {shown}\nFROM {relation(reading, name)}\nWHERE {condition}\nORDER BY row"


def rows_condition(numbers: Sequence[int]) -> str:
    """Return the condition that names rows; past `LISTED` the first so many.

    >>> rows_condition([3, 5])
    'row IN (3, 5)'
    """
    return f"row IN ({', '.join(map(str, numbers[:LISTED]))})"


def open_condition(numbers: Sequence[int], fixable: Collection[int], unfixed: str) -> str:
    """Return the condition for rows that are still to be repaired: all without a fix, and others until they are fixed.

    Parameters
    ----------
    numbers
        The rows concerned; past `LISTED` the first so many.
    fixable
        Those that the fix repairs.
    unfixed
        Condition that holds for them until they are repaired.

    >>> open_condition([3, 5, 8], {5}, "a IS DISTINCT FROM trim(a)")
    'row IN (3, 8) OR (row IN (5) AND a IS DISTINCT FROM trim(a))'
    """
    listed = numbers[:LISTED]
    left, fixed = [n for n in listed if n not in fixable], [n for n in listed if n in fixable]
    if not fixed:
        return rows_condition(left)
    until = f"row IN ({', '.join(map(str, fixed))}) AND {unfixed}"
    return f"{rows_condition(left)} OR ({until})" if left else until


def unrepaired(column: str, repairs: str) -> str:
    """Return the condition that a column does not hold what the table of repairs proposes for the row."""
    value, named = RESTORED_SQL.format("value"), RESTORED_SQL.format('"column"')
    return (
        f"coalesce(row::VARCHAR || '=' || {quoted(column)}, '') NOT IN (SELECT \"row\" || '=' || {value} "  # noqa: S608
        f"FROM read_csv({literal(repairs)}, all_varchar=true, nullstr='\\N') WHERE {named} = {literal(column)})"
    )


def find_changed(rules: Sequence[tuple[str, pa.Array]]) -> list[npt.NDArray[np.bool_]]:
    """Return for each repairing expression over the column ``v`` which of its texts it changes, shape (n,) each.

    >>> [found.tolist() for found in find_changed([("trim(v)", pa.array([" a", "a", None], pa.large_string()))])]
    [[True, False, False]]
    """
    changed = []
    with closing(open_engine()) as engine:
        for rule, texts in rules:
            engine.register("texts", pa.table({"v": texts, "n": np.arange(len(texts))}))
            found = engine.execute(f"SELECT v IS DISTINCT FROM {rule} AS changed FROM texts ORDER BY n")  # noqa: S608
            changed.append(np.asarray(found.fetchnumpy()["changed"], bool))
    return changed


def replace_statement(reading: Reading, column: str, expression: str, name: str = "") -> str:
    """Return a statement that selects the table with one column replaced by an expression."""
    return (
        f"SELECT * EXCLUDE (row) REPLACE ({expression} AS {quoted(column)})\n"
        f"FROM {relation(reading, name)}\nORDER BY row"
    )


def repair_statement(reading: Reading, column: str, repairs: str, name: str = "") -> str:
    """Return a statement that takes the repairs of a column from the table of repairs beside the profile."""
    value, named = RESTORED_SQL.format("r.value"), RESTORED_SQL.format('r."column"')
    return (
        f"SELECT t.* EXCLUDE (row) REPLACE (coalesce({value}, t.{quoted(column)}) AS {quoted(column)})\n"
        f"FROM {relation(reading, name)} AS t\n"
        f"LEFT JOIN read_csv({literal(repairs)}, all_varchar=true, nullstr='\\N') AS r\n"
        f'  ON r."row" = t.row::VARCHAR AND {named} = {literal(column)}\nORDER BY t.row'
    )


def normal_key(alias: str, name: str, form: str) -> str:
    """A key in one of the forms of `matching.forms.FORMS`, as an expression."""
    found = f"{alias}.{name}"
    column = f"nfc_normalize({found})"
    plain = f"regexp_replace(lower({column}), '[^\\pL\\pN]+', '', 'g')"
    return {
        "as it is": found,
        "Unicode composition ignored": column,
        "case and spaces ignored": f"lower(regexp_replace(trim({column}), '\\s+', ' ', 'g'))",
        "letters and digits only": plain,
        "leading zeros ignored": f"regexp_replace({plain}, '^0+(.)', '\\1')",
        "digits only, leading zeros ignored": f"ltrim(regexp_replace({column}, '\\D+', '', 'g'), '0')",
    }[form]


def joint_key(alias: str, names: Sequence[str], forms: Sequence[str]) -> str:
    """Return columns that are a key together, each in its form, as one expression.

    >>> joint_key("s", ['"no"'], ["as it is"]), joint_key("s", ['"co"', '"no"'], ["as it is", "as it is"])
    ('s."no"', 'concat_ws(chr(31), s."co", s."no")')
    """
    parts = [normal_key(alias, name, form) for name, form in zip(names, forms, strict=True)]
    return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"


KEPT = 50_000
"""Repairs of a table that a result keeps, the surest; all are counted."""


def propose_repairs(
    suspicions: Sequence[Suspicion],
    table: Table,
    start: int = 0,
    target: Callable[[str], Column] | None = None,
) -> pd.DataFrame:
    """List every cell whose right value is known, once: the surest proposal where several checks have one.

    Parameters
    ----------
    table
        The table, or a block of it.
    start
        Rows before the block.
    target
        Gives the column of another table from which the repairs of a column are taken, if there is one.

    Returns
    -------
    DataFrame
        ``row`` (from 0 below the header), ``column``, ``check``, ``held`` and ``value`` (what the cell holds
        and should hold; a null is None), ``confidence``, ``held_clear`` and ``value_clear`` (whether either may
        stand in clear, see `assess.core.personal.find_codes`); by row and column.
    """
    parts = [_known(item, table, target) for item in suspicions if item.repairs is not None and len(item)]
    every = join_repairs(parts)
    surest = every.sort_values("confidence", ascending=False, kind="stable").drop_duplicates(
        ["row", "column"]
    )
    ordered = surest.sort_values(["row", "column"], kind="stable").reset_index(drop=True)
    return ordered.assign(row=ordered["row"] + start)


def join_repairs(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the repairs of blocks together."""
    return pd.concat(parts, ignore_index=True) if parts else _empty()


def _known(item: Suspicion, table: Table, target: Callable[[str], Column] | None) -> pd.DataFrame:
    assert item.repairs is not None
    known = np.array([value is not None for value in item.repairs], bool)
    column, rows = table.column(item.column), item.rows[known]
    held = column.texts.take(pa.array(column.codes[rows])).to_pylist()
    codes = column.clear_values | (frozenset() if target is None else target(item.column).clear_values)
    return pd.DataFrame({
        "row": rows, "column": item.column, "check": item.check, "held": pd.Series(held, dtype=object),
        "value": item.repairs[known], "confidence": item.confidence[known].round(4),
        "held_clear": [text in column.clear_values for text in held],
        "value_clear": [text in codes for text in item.repairs[known]],
    }).astype(_TYPES)  # fmt: skip


_TYPES = {"row": np.int64, "column": object, "check": object, "held": object, "value": object, "confidence": np.float64, "held_clear": np.bool_, "value_clear": np.bool_}  # fmt: skip


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: np.empty(0, kind) for name, kind in _TYPES.items()})


def keep_surest(repairs: pd.DataFrame, clear: bool, most: int = KEPT) -> pd.DataFrame:
    """Return the surest ``most`` repairs as a result keeps them: values by their shape unless they are codes or asked for."""
    kept = repairs.sort_values("confidence", ascending=False, kind="stable").head(most).sort_index()
    kept = kept.reset_index(drop=True)
    if clear:
        return kept
    looks = {
        name: [
            text if bare else show_example(text)
            for text, bare in zip(kept[name], kept[f"{name}_clear"], strict=True)
        ]
        for name in ("held", "value")
    }
    return kept.assign(**{name: pd.Series(shown, dtype=object) for name, shown in looks.items()})
