"""Records of two large tables, drawn together: by the hash of the key that joins them, so that partners are drawn or left out alike.

Two samples drawn apart share next to nothing: of 4 % of each side .16 % of the records meet. A hash of the key draws the same
records of both (coordinated or bottom-k sampling: Cohen and Kaplan, Summarizing Data using Bottom-k Sketches, PODC 2007). What
is counted by the key alone (joined, lone and repeated records) is counted over all rows, in the engine where they lie.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from assess.core.engine import literal, quoted
from assess.core.missing import DATES, WORDS, is_disguised
from assess.core.tables.store import ArrowStore
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality import remote
from assess.evidence.quality.matching import ACCEPTED, describe_columns, score_columns
from assess.evidence.quality.matching.joins import (
    FEWEST,
    MOSTLY,
    SHARED,
    Join,
    Rows,
    holds_measures,
    join_rows,
)
from assess.evidence.quality.matching.keys import DISTINCT
from assess.evidence.quality.remedies import normal_key
from assess.evidence.quality.remote import NotAssessed, RemoteStore, hash_limit
from assess.evidence.quality.table import Table

JOINT = 60_000
"""Rows of the larger side, about, that are drawn to be judged value by value."""
PREVIEW = 20_000
"""Rows of either side, about, by which the columns that may join are chosen."""
SKETCHED = 2_000
"""Values of the smaller side, about, by which it is seen whether two columns share values."""
TRIED = 12
"""Pairs of columns, the most alike first, that are tried as what records are drawn by."""
SURE, RIVALS = 0.8, 3
"""Share of the smaller side's values, shared, from which on a pair will do, and how many such pairs are tried."""
ENOUGH = 0.98
"""Share of values shared, times the share of rows that they tell apart, from which on no other pair is tried."""
LOOKED = 10_000
"""Repeated values of a key, the most frequent first, that may be words for missing."""
LOOSE = ((r"[^a-z0-9]+", ""), (r"^0+", ""))
"""What is taken from a value in lower case before it is hashed: records are drawn by what all looser forms of a key share."""
DIGITS = ((r"[^0-9]+", ""), (r"^0+", ""))
"""The same where only the digits of the two sides are alike."""
UNSAID = tuple(sorted({re.sub(LOOSE[0][0], "", word.lower()) for word in {*WORDS, *DATES}} - {""}))
"""Words for missing in that form: rows that hold one have no value to be drawn by."""
VALUE, NUMBER = quoted("value in that form"), quoted("number of the row")
"""Columns beside those of a table, while rows are drawn of it."""
VALUELESS = f"({VALUE} IS NULL OR {VALUE} IN ({', '.join(map(literal, ('', *UNSAID)))}))"
"""Whether a row has no value to be drawn by."""
ALIKE_NOWHERE = "no two columns were found by which the same records could be drawn of both"
"""Why tables are drawn apart, unless an engine lacks what it takes to draw them together."""
MILLION = 1_000_000
Prints = npt.NDArray[np.uint64]
Form = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows of two tables that were drawn by the same values of a key.

    Parameters
    ----------
    source, target
        Tables of the rows that were drawn.
    sides
        Those that they were drawn from.
    rows
        Rows of those.
    numbers
        Numbers of the drawn rows in those; None where an engine gives rows no order.
    columns
        The columns by whose hash they were drawn; None where none shares values, and each side was drawn for itself.
    apart_because
        Then why, as it follows "because".
    """

    source: Table
    target: Table
    sides: tuple[_Side, _Side]
    rows: tuple[int, int]
    numbers: tuple[Rows | None, Rows | None]
    columns: tuple[str, str] | None
    apart_because: str

    @property
    def said(self) -> str:
        """What was drawn, in words."""
        sides = zip((self.source, self.target), self.rows, strict=True)
        drawn = " and ".join(f"{table.rows:,} of {rows:,} rows of {table.name}" for table, rows in sides)
        return (
            f"{drawn}, drawn by the hash of {' and '.join(self.columns)}"
            if self.columns
            else f"{drawn}, drawn apart"
        )

    @property
    def counted(self) -> bool:
        """Whether what joins is counted over all rows."""
        return bool(self.columns) and not any(isinstance(side, _Remote) for side in self.sides)

    def measured(self, ways: Sequence[Join]) -> tuple[Join, ...]:
        """Count over all rows what ways to join the drawn records join; as they are where no one engine holds both tables."""
        if self.counted:
            return tuple(self._measured(way) for way in ways)
        # of rows that were drawn by another value a partner may have been left out
        drawn = [self._asked(way) for way in ways if way.key.pairs == (self.columns,)]
        return tuple(drawn) or tuple(ways)

    def _asked(self, way: Join) -> Join:
        mine, theirs = self.sides
        if (
            not isinstance(mine, _Remote)
            or not isinstance(theirs, _Remote)
            or not mine.engine.lies_with(theirs.engine)
        ):
            return way
        (columns,), (form,) = way.key.pairs, way.key.forms
        try:
            found = mine.engine.met(columns[0], theirs.engine, columns[1], form, UNSAID)
        except NotAssessed:
            return way  # an estimate, with its interval
        if found is None:
            return way
        values = max(found.pop("values"), 1)
        per = {f"per_{side}": round(found[f"{side}_joined"] / values, 4) for side in ("source", "target")}
        return dataclasses.replace(way, key=way.key.model_copy(update={**found, **per}), counted=True)

    def _measured(self, way: Join) -> Join:
        named = way.key.source_columns, way.key.target_columns
        prints = [
            side.keys(columns, way.key.forms)
            for side, columns in zip(self.sides, named, strict=True)
            if isinstance(side, _Local)
        ]
        every = np.concatenate(prints)
        codes = pd.factorize(every)[0].astype(np.int64)
        codes[every == 0] = -1
        split = len(prints[0])
        join = join_rows(
            way.key.pairs,
            way.key.forms,
            codes[:split],
            codes[split:],
            telling=way.key.telling,
            measured=way.key.measured,
        )
        key = join.key.model_copy(update={"agreement": way.key.agreement, "denied": way.key.denied})
        return dataclasses.replace(join, key=key)


def draw_together(source: Table, target: Table, refused: Collection[tuple[str, str]] = ()) -> Drawn | None:
    """Draw records of two tables by one key; None where both are small enough to be judged whole.

    Parameters
    ----------
    source, target
        The tables.
    refused
        Columns that share values, but name different records: others are to be found.

    Raises
    ------
    UnreadableTable
        If an engine does not give what is asked.
    """
    sides = _side(source), _side(target)
    if max(side.rows for side in sides) <= remote.FETCHED:
        return None
    portable, lacking = any(isinstance(side, _Remote) for side in sides), ""
    try:
        columns, form = _chosen(sides, portable, refused)
        share = JOINT / max(side.rows for side in sides)
        drawn = [
            side.draw(columns[place] if columns else "", form, share, portable)
            if side.rows * share >= SKETCHED or not columns
            else side.all()
            for place, side in enumerate(sides)
        ]
    except NotAssessed as problem:  # an engine without regular expressions
        drawn, columns, lacking = [side.preview() for side in sides], None, str(problem)
    (mine, my_rows), (theirs, their_rows) = drawn
    rows, numbers = (sides[0].rows, sides[1].rows), (my_rows, their_rows)
    return Drawn(mine, theirs, sides, rows, numbers, columns, lacking or ALIKE_NOWHERE)


def _chosen(
    sides: tuple[_Side, _Side], portable: bool, refused: Collection[tuple[str, str]]
) -> tuple[tuple[str, str] | None, Form]:
    """The columns, and the form of their values, by which most is shared; nothing where none share enough."""
    least, most = sorted(side.rows for side in sides)
    share = min(1.0, max(SKETCHED / max(least, 1), SKETCHED / most), remote.FETCHED / most)
    best: tuple[float, tuple[str, str] | None, Form] = (0.0, None, LOOSE)
    for form in (LOOSE, DIGITS):
        for candidates in _candidates(*sides):
            sure = 0
            for pair, worth in candidates:
                if pair in refused:
                    continue
                one, other = (
                    side.sketch(name, form, share, portable) for side, name in zip(sides, pair, strict=True)
                )
                shared = len(np.intersect1d(one, other))
                part = shared / max(min(len(one), len(other)), 1)
                if shared >= FEWEST and part >= SHARED and part * worth > best[0]:
                    best = part * worth, pair, form
                sure += part >= SURE
                if best[0] >= ENOUGH or sure == RIVALS:
                    break
            if best[0] >= MOSTLY:
                return best[1], best[2]
    return best[1], best[2]


def _candidates(left: _Side, right: _Side) -> tuple[list[tuple[tuple[str, str], float]], ...]:
    """Pairs of columns that look alike, and how much each would draw by: those with a nearly unique column, then the others.

    A column is worth the more, the more rows it fills and tells apart: all rows of one value are drawn or left out together.
    Numbers with decimals draw only where nothing else does.
    """
    looks = describe_columns(left.preview()[0]), describe_columns(right.preview()[0])
    scores = score_columns(*looks)
    unique, measured = (
        [[tells(side, look) for look in held] for side, held in zip((left, right), looks, strict=True)]
        for tells in (
            lambda _, look: look.distinct >= DISTINCT,
            lambda side, look: holds_measures(side.preview()[0].column(look.name)),
        )
    )
    order = sorted(np.ndindex(scores.shape), key=lambda at: (-scores[at], at))
    alike = [(i, j) for i, j in order if scores[i, j] >= ACCEPTED / 2]
    keys = [
        (i, j) for i, j in alike if (unique[0][i] or unique[1][j]) and not (measured[0][i] or measured[1][j])
    ]
    others = sorted(
        (at for at in alike if at not in keys and scores[at] >= ACCEPTED),
        key=lambda at: -min(looks[0][at[0]].distinct, looks[1][at[1]].distinct),
    )
    return tuple(
        [
            (
                (looks[0][i].name, looks[1][j].name),
                looks[0][i].filled * looks[1][j].filled * max(looks[0][i].distinct, looks[1][j].distinct),
            )
            for i, j in chosen
        ]
        for chosen in (keys[:TRIED], others[: TRIED // 3])
    )


class _Local:
    """A table whose rows DuckDB reads in their order."""

    def __init__(self, table: Table) -> None:
        self.table, self.rows = table, table.rows
        self._connection, self._relation = table.store.relation()

    @cached_property
    def _every(self) -> str:
        return f"hash({', '.join(map(quoted, self.table.columns))})"

    def _asked(self, query: str) -> pa.Table:
        return self._connection.sql(query).to_arrow_table()

    def preview(self) -> tuple[Table, Rows | None]:
        """Return rows drawn by the hash of all that they hold."""
        return self._preview

    @cached_property
    def _preview(self) -> tuple[Table, Rows | None]:
        return self._where(
            f"{self._every} % {MILLION} < {round(MILLION * min(1.0, PREVIEW / max(self.rows, 1)))}"
        )

    def _where(self, condition: str, value: str = "NULL") -> tuple[Table, Rows | None]:
        names = ", ".join(map(quoted, self.table.columns))
        held = self._asked(
            f"SELECT {names}, {NUMBER} FROM (SELECT *, {value} AS {VALUE}, row_number() OVER () - 1 AS {NUMBER} FROM {self._relation}) "  # noqa: S608
            f"WHERE {condition} ORDER BY {NUMBER}"
        )
        numbers = np.asarray(held.column(held.num_columns - 1).to_numpy(), np.int64)
        return _table(self.table, held.select(self.table.columns), numbers), numbers

    def all(self) -> tuple[Table, Rows | None]:
        """Return the whole table."""
        return self.table, np.arange(self.rows)

    def _normal(self, column: str, form: Form) -> str:
        value = f"lower({quoted(column)})"
        for pattern, made in form:
            value = f"regexp_replace({value}, {literal(pattern)}, {literal(made)}, 'g')"
        return value

    def sketch(self, column: str, form: Form, share: float, portable: bool) -> Prints:
        """Return the hashes of a share of the values, the same share of any table."""
        drawn = (
            f"left(md5({VALUE}), {DIGEST}) AS print", f"md5({VALUE}) < {literal(hash_limit(share))}"
        ) if portable else (f"hash({VALUE}) AS print", f"hash({VALUE}) % {MILLION} < {round(share * MILLION)}")  # fmt: skip
        found = self._asked(
            f"SELECT DISTINCT {drawn[0]} FROM (SELECT {self._normal(column, form)} AS {VALUE} FROM {self._relation}) "  # noqa: S608
            f"WHERE {drawn[1]} AND NOT {VALUELESS}"
        )["print"]
        return _numbers(found) if portable else np.asarray(found.to_numpy(), np.uint64)

    def draw(self, column: str, form: Form, share: float, portable: bool) -> tuple[Table, Rows | None]:
        """Return the rows of a share of the values of a column; of rows without one the same share."""
        if not column:
            return self._where(f"{self._every} % {MILLION} < {round(share * MILLION)}")
        condition = (
            f"md5(CASE WHEN {VALUELESS} THEN CAST({self._every} AS VARCHAR) ELSE {VALUE} END) < {literal(hash_limit(share))}"
            if portable
            else f"(CASE WHEN {VALUELESS} THEN {self._every} ELSE hash({VALUE}) END) % {MILLION} < {round(share * MILLION)}"
        )
        return self._where(condition, self._normal(column, form))

    def keys(self, columns: Sequence[str], forms: Sequence[str]) -> Prints:
        """Return the hash of the key of each row, 0 where it has none."""
        parts = [normal_key("s", quoted(name), form) for name, form in zip(columns, forms, strict=True)]
        absent = " OR ".join(
            f"{part} IS NULL OR {part} = ''{self._missing(name)}"
            for name, part in zip(columns, parts, strict=True)
        )
        asked = f"SELECT CASE WHEN {absent} THEN 0 ELSE hash({', '.join(parts)}) END AS print FROM {self._relation} AS s"  # noqa: S608
        return np.asarray(self._asked(asked)["print"].to_numpy(), np.uint64)

    def _missing(self, column: str) -> str:
        """The condition for the words for missing that a column repeats."""
        name = quoted(column)
        asked = (
            f"SELECT {name} AS v FROM {self._relation} WHERE {name} IS NOT NULL GROUP BY 1 "  # noqa: S608
            f"HAVING count(*) > 1 ORDER BY count(*) DESC, 1 LIMIT {LOOKED}"
        )
        own = _own_words(self._preview[0], column)
        words = [
            text for text in self._asked(asked)["v"].to_pylist() if text not in own and is_disguised(text)
        ]
        return f" OR s.{name} IN ({', '.join(map(literal, words))})" if words else ""


def _own_words(table: Table, column: str) -> frozenset[str]:
    return table.column(column).own_words


DIGEST = 15
"""Hexadecimal digits of a hash that are compared, 60 bits."""


def _numbers(digests: pa.ChunkedArray) -> Prints:
    return np.array([int(text, 16) for text in digests.to_pylist() if text], np.uint64)


class _Remote:
    """A table that lies in an engine, of which rows have been fetched."""

    def __init__(self, table: Table, store: RemoteStore) -> None:
        self.table, self.engine, self.rows = table, store.engine, store.total

    def preview(self) -> tuple[Table, Rows | None]:
        """Return the rows that have been fetched."""
        return self.table, None

    def all(self) -> tuple[Table, Rows | None]:
        """Return all rows where they are few enough."""
        return self.table, None

    def sketch(self, column: str, form: Form, share: float, portable: bool) -> Prints:
        """Return the hashes of a share of the values, the same share of any table."""
        return _numbers(self.engine.digests(column, form, UNSAID, hash_limit(share), DIGEST))

    def draw(self, column: str, form: Form, share: float, portable: bool) -> tuple[Table, Rows | None]:
        """Return the rows of a share of the values of a column; of rows without one the same share."""
        if not column:
            return self.preview()
        return _table(self.table, self.engine.drawn(column, form, UNSAID, hash_limit(share)), None), None


_Side = _Local | _Remote


def _side(table: Table) -> _Side:
    store = table.store
    return _Remote(table, store) if isinstance(store, RemoteStore) else _Local(table)


def _table(whole: Table, held: pa.Table, numbers: Rows | None) -> Table:
    """A table of rows of another, with its name."""
    if tuple(held.column_names) != whole.columns:
        raise UnreadableTable(f"{whole.name}: the engine gave other columns than were asked for")
    store = ArrowStore(held)
    return Table(whole.name, store, whole.reading, np.full(store.rows, -1) if numbers is None else numbers)
