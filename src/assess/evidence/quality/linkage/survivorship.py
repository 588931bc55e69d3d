"""Which value survives where two systems hold one record: golden records by field, where each value comes from, and the crosswalk.

A rule is stated for a field and by an owner; nothing is chosen silently: a field without a rule takes the first side that holds
something, and every value says its side, its row and its rule. Bleiholder and Naumann, Data Fusion (ACM Computing Surveys
41, 2008), name the strategies: *trust your friends* (``trusted``), *keep up to date* (``most recent``), *cry with the wolves*
(``most frequent``); *take the information* is ``most complete``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assess.core.engine import literal, quoted
from assess.core.record import Record
from assess.evidence.quality.table import Frame, Table
from assess.evidence.quality.types import dates

from .spaces import Floats, fold

SurvivalRule = Literal["most recent", "most complete", "trusted", "most frequent"]
RULES: tuple[SurvivalRule, ...] = ("most recent", "most complete", "trusted", "most frequent")

SIDES = ("left", "right")


class FieldRule(Record):
    """How the value of a field is chosen where both sides hold the record.

    Parameters
    ----------
    left, right
        Columns that hold the field; empty where a side has none.
    rule
        ``most recent``: of the side whose record was changed last, by ``by``. ``most complete``: of the side whose value has
        more words, then more letters. ``trusted``: of the first side in ``by`` that holds something. ``most frequent``: the
        value that more records of both sides hold.
    by
        ``most recent``: the columns of the two sides that say when a record was changed. ``trusted``: the sides, the
        most trusted first. Else empty.
    owner
        Who decided it; empty where nobody has yet.
    together
        Fields of the same word take their values from one side, such as street, postcode and town; empty for none.
    """

    left: str = ""
    right: str = ""
    rule: SurvivalRule = "trusted"
    by: tuple[str, str] = ("left", "right")
    owner: str = ""
    together: str = ""

    @property
    def name(self) -> str:
        """Of the field in the golden record."""
        return self.left or self.right


class GoldenRecords(Record):
    """Records of two systems, each once.

    Parameters
    ----------
    records
        One row a record: ``record`` (from 0), ``left_row``, ``right_row`` (-1 where a side has none) and the fields.
    provenance
        One row a filled field: ``record``, ``field``, ``side``, ``row``, ``rule``, ``owner``, and ``other``, whether the other
        side held something else.
    unowned
        Fields whose rule nobody has decided.
    """

    records: Frame
    provenance: Frame
    unowned: tuple[str, ...] = ()

    @property
    def crosswalk(self) -> pd.DataFrame:
        """Which row of the one side is which of the other: record, left_row, right_row."""
        return self.records[["record", "left_row", "right_row"]]


class UnknownField(ValueError):
    """A rule names a column or side that is not there."""


def check_rules(left: Table, right: Table, rules: Sequence[FieldRule]) -> None:
    """Refuse rules that name what is not there.

    Raises
    ------
    UnknownField
        Names the rule, the column and the columns that there are.
    """
    for rule in rules:
        asked = [(left, rule.left), (right, rule.right)]
        asked += [(left, rule.by[0]), (right, rule.by[1])] if rule.rule == "most recent" else []
        for table, name in asked:
            if name and name not in table.columns:
                raise UnknownField(
                    f"{name}: {table.name} has no such column; there are {', '.join(table.columns)}"
                )
        if rule.rule == "trusted" and set(rule.by) != set(SIDES):
            raise UnknownField(
                f"{rule.name}: trusted by {', '.join(rule.by)}; allowed are left, right in the order of trust"
            )
        if not rule.name:
            raise UnknownField("a rule names no column of either side")


RULE_COLUMNS = ("left", "right", "rule", "by", "owner", "together")


def write_rules(rules: Sequence[FieldRule], file: Path) -> None:
    """Write rules as a table for the owners to decide: one row a field."""
    rows = [[r.left, r.right, r.rule, ", ".join(r.by), r.owner, r.together] for r in rules]
    pd.DataFrame(rows, columns=list(RULE_COLUMNS)).to_csv(file, index=False)


def read_rules(file: Path) -> tuple[FieldRule, ...]:
    """Read rules that `write_rules` wrote and owners decided.

    Raises
    ------
    UnknownField
        Names the file, the row, the column, the value and what is allowed.
    """
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    if absent := [name for name in RULE_COLUMNS if name not in table.columns]:
        raise UnknownField(
            f"{file}: row 1: no column {', '.join(absent)}; allowed are {', '.join(RULE_COLUMNS)}"
        )
    found = []
    for number, row in enumerate(table.to_dict("records"), 2):
        rule = next((known for known in RULES if known == row["rule"].strip().lower()), None)
        if rule is None:
            raise UnknownField(
                f"{file}: row {number}: rule {row['rule']!r} is unknown; allowed are {', '.join(RULES)}"
            )
        by = [part.strip() for part in row["by"].split(",")]
        if len(by) != len(SIDES) or not all(by):
            raise UnknownField(
                f"{file}: row {number}: by {row['by']!r}; allowed are two names with a comma between, the left side's first"
            )
        found.append(
            FieldRule(
                left=row["left"],
                right=row["right"],
                rule=rule,
                by=(by[0], by[1]),
                owner=row["owner"],
                together=row["together"],
            )
        )
    return tuple(found)


def merge_records(
    left: Table, right: Table, pairs: pd.DataFrame, rules: Sequence[FieldRule]
) -> GoldenRecords:
    """Make one record of each linked pair, and keep those of one side only as they are.

    Parameters
    ----------
    left, right
        The tables.
    pairs
        Decided pairs, each record once: ``left_row`` and ``right_row``; undecided ones stay apart.
    rules
        One for each field of the golden record, in its order.

    Raises
    ------
    UnknownField
        If a rule names what is not there.

    Examples
    --------
    >>> from assess.evidence.quality.table import open_table
    >>> crm = open_table(pd.DataFrame({"name": ["Ann Lee", "Bob"], "changed": ["2024-01-01", "2024-01-01"]}))
    >>> erp = open_table(pd.DataFrame({"title": ["A. Lee"], "at": ["2025-06-30"]}))
    >>> rule = FieldRule(left="name", right="title", rule="most recent", by=("changed", "at"), owner="Sales")
    >>> merge_records(crm, erp, pd.DataFrame({"left_row": [0], "right_row": [0]}), [rule]).records["name"].tolist()
    ['A. Lee', 'Bob']
    """
    check_rules(left, right, rules)
    rows = _align(left.rows, right.rows, pairs)
    held = [(_texts(left, rule.left, rows[0]), _texts(right, rule.right, rows[1])) for rule in rules]
    chosen = [_choose(rule, texts, (left, right), rows) for rule, texts in zip(rules, held, strict=True)]
    leading: dict[str, npt.NDArray[np.int64]] = {}
    records = pd.DataFrame({"record": np.arange(len(rows[0])), "left_row": rows[0], "right_row": rows[1]})
    parts = []
    for rule, texts, side in zip(rules, held, chosen, strict=True):
        if rule.together:
            side = leading.setdefault(rule.together, side)
        own = np.where(side == 0, texts[0], texts[1])
        records[rule.name] = own
        filled = own != ""
        parts.append(
            pd.DataFrame({
                "record": np.flatnonzero(filled), "field": rule.name, "side": np.array(SIDES, object)[side[filled]],
                "row": np.where(side == 0, rows[0], rows[1])[filled], "rule": rule.rule, "owner": rule.owner,
                "other": ((texts[0] != texts[1]) & (texts[0] != "") & (texts[1] != ""))[filled],
            })
        )  # fmt: skip
    provenance = (
        pd.concat(parts, ignore_index=True).sort_values("record", kind="stable").reset_index(drop=True)
    )
    return GoldenRecords(
        records=records, provenance=provenance, unowned=tuple(rule.name for rule in rules if not rule.owner)
    )


def propose_rules(columns: pd.DataFrame, left: Table, right: Table) -> tuple[FieldRule, ...]:
    """Return a rule for every field for an owner to decide: the columns that mean the same together, the left side first.

    Parameters
    ----------
    columns
        ``left_column`` and ``right_column`` of those that mean the same, the surest first.
    """
    partner: dict[str, str] = {}
    for one, other in zip(columns["left_column"], columns["right_column"], strict=True):
        if one not in partner and other not in partner.values():
            partner[one] = other
    mine = [FieldRule(left=name, right=partner.get(name, "")) for name in left.columns]
    rest = [FieldRule(right=name) for name in right.columns if name not in partner.values()]
    taken = {rule.name for rule in mine}
    return (*mine, *(rule for rule in rest if rule.name not in taken))


def _align(left: int, right: int, pairs: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of both sides, record by record: the left in its order, then what only the right has; -1 for none."""
    partner = np.full(left, -1, np.int64)
    partner[pairs["left_row"].to_numpy(np.int64)] = pairs["right_row"].to_numpy(np.int64)
    alone = np.setdiff1d(np.arange(right), pairs["right_row"].to_numpy(np.int64))
    return np.r_[np.arange(left), np.full(len(alone), -1)], np.r_[partner, alone]


def _texts(table: Table, name: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    if not name:
        return np.full(len(rows), "", object)
    column = table.column(name).without_nulls(trimmed=True)
    texts = column.values[column.codes[np.maximum(rows, 0)]] if table.rows else np.full(len(rows), "", object)
    return np.where(rows >= 0, texts, "")


def _choose(
    rule: FieldRule, texts: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]], tables: tuple[Table, Table],
    rows: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> npt.NDArray[np.int64]:  # fmt: skip
    """The side of each record: that which holds something, else by the rule, ties to the left."""
    if rule.rule == "trusted":
        better = np.full(len(texts[0]), int(rule.by[0] == "right"))
    elif rule.rule == "most complete":
        weight = [[(len(text.split()), len(text)) for text in side.tolist()] for side in texts]
        better = np.array([int(b > a) for a, b in zip(*weight, strict=True)], int)
    elif rule.rule == "most frequent":
        times = Counter(fold(t) for table, name in zip(tables, (rule.left, rule.right), strict=True) if name
                        for t in _texts(table, name, np.arange(table.rows)).tolist())  # fmt: skip
        better = np.array([int(times[fold(b)] > times[fold(a)]) for a, b in zip(*texts, strict=True)], int)
    else:
        changed = [
            _moments(_texts(table, name, at)) for table, name, at in zip(tables, rule.by, rows, strict=True)
        ]
        better = (changed[1] > changed[0]).astype(int)
    empty = texts[0] == "", texts[1] == ""
    return np.asarray(np.where(empty[0] & ~empty[1], 1, np.where(empty[1] & ~empty[0], 0, better)), np.int64)


def _moments(texts: npt.NDArray[np.object_]) -> Floats:
    """Return numbers in the order of the moments that texts name, minus infinity for none."""
    read = dates.read(texts)
    ordered = ((read.year * 12.0 + read.month) * 31 + read.day) * 86_400 + read.seconds
    return np.where(read.found & read.valid, ordered, -np.inf)


def write_golden(found: GoldenRecords, left: Table, right: Table, folder: Path) -> tuple[Path, ...]:
    """Write golden records, provenance and crosswalk as CSV and parquet, and the crosswalk as a view in SQL.

    The view holds for tables with a column ``row`` that numbers the records of each side in the order of its extract.

    Returns
    -------
    tuple of Path
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in (
        ("golden", found.records),
        ("provenance", found.provenance),
        ("crosswalk", found.crosswalk),
    ):
        written += [folder / f"{name}.csv", folder / f"{name}.parquet"]
        frame.to_csv(written[-2], index=False)
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), written[-1])
    values = ",\n  ".join(f"({a}, {b}, {c})" for a, b, c in found.crosswalk.itertuples(index=False))
    statement = (
        f"-- Which record of {literal(left.name)} is which of {literal(right.name)}; -1 where a side has none.\n"
        f"CREATE VIEW crosswalk (record, left_row, right_row) AS\nSELECT * FROM (VALUES\n  {values}\n) AS pairs (record, left_row, right_row);\n\n"
        f"CREATE VIEW both_sides AS\nSELECT c.record, l.*, r.*\nFROM crosswalk AS c\nLEFT JOIN {quoted(left.name)} AS l ON l.{quoted('row')} = c.left_row\n"
        f"LEFT JOIN {quoted(right.name)} AS r ON r.{quoted('row')} = c.right_row;\n"
    )
    written.append(folder / "crosswalk.sql")
    written[-1].write_text(statement, "utf-8")
    return tuple(written)
