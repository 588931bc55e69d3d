"""The profile of one table: facts of its columns, suspected cells, keys, dependencies, duplicates, findings."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.personal import show_example
from assess.core.record import Record
from assess.core.tables.store import Reading
from assess.intake.assumptions import Assumptions

from . import types
from .checks.check import Suspicion, list_cells
from .checks.dependencies import Dependency, DependencySearch
from .checks.detection import detect
from .checks.mixtures import Mixture, find_header_faults, find_mixtures, merge_mixtures
from .checks.registry import CELLS, find_check
from .checks.uniqueness import (
    NEARLY,
    Duplicates,
    DuplicateSearch,
    Key,
    PairSearch,
    count_repeated,
    is_identifier,
    single_key,
    tells_rows_apart,
)
from .column import Column
from .column.facts import ColumnFacts, gather_facts, hide_summary, merge_facts
from .column.reduction import ReducedTable
from .column.totals import Totals, ask_engine
from .finding import DataFinding, rank_findings, show_values
from .findings import TableWriter
from .linkage.duplicates import learn_duplicates
from .remedies import find_changed, join_repairs, keep_surest, propose_repairs
from .remote import IbisEngine, NotAssessed, RemoteStore
from .table import Frame, Table, open_table, same_frames
from .types import ColumnType

BLOCK = 1_000_000
"""Rows that are judged together; a longer table is judged block by block, so that memory is bounded."""

Progress = Callable[[str, float], None]
"""Is told what is being done and how far it is, from 0 to 1; raising an exception cancels."""

_CELLS = {"row": np.int64, "column": object, "check": object, "confidence": np.float64}


class Profile(Record):
    """What is known of one table.

    Parameters
    ----------
    name
        What the report calls it.
    rows
        Rows below the header.
    reading
        How it was read.
    facts
        One entry a column.
    cells
        Suspected cells: row (from 0 below the header), column, check, confidence.
    suspected
        Number of suspected cells, also where `cells` was cut.
    findings
        Ranked.
    repairs, repaired
        What suspect cells should hold, see `propose_repairs`, and their number, also where it was cut.
    keys, dependencies, duplicates
        Candidate keys, approximate functional dependencies, repeated rows.
    first_rows
        The first rows as they were read, masked unless values were asked for, shape (rows, columns).
    assessed
        Share of the rows that were judged cell by cell: below 1 only where an engine gave a sample.
    not_assessed
        What could not be judged, and why.
    """

    name: str
    rows: int
    reading: Reading
    facts: tuple[ColumnFacts, ...]
    cells: Frame
    suspected: int
    findings: tuple[DataFinding, ...]
    keys: tuple[Key, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    duplicates: tuple[Duplicates, ...] = ()
    repairs: Frame
    repaired: int = 0
    first_rows: tuple[tuple[str, ...], ...] = ()
    assessed: float = 1.0
    not_assessed: tuple[str, ...] = ()

    @property
    def columns(self) -> pd.DataFrame:
        """One row per column: types, conformity, missing, distinct, quantiles, masks, formats."""
        shown = [*ColumnFacts.model_fields, "missing_share", "unique_share"]
        frame = pd.DataFrame([fact.row for fact in self.facts], columns=shown)
        single = {key.columns[0] for key in self.keys if len(key.columns) == 1 and key.holds}
        return frame.assign(key=frame["name"].isin(single))

    @property
    def table(self) -> pd.DataFrame:
        """The findings as a table."""
        shown = ["severity", "table", "column", "check", "rows", "share", "confidence", "title", "owner"]
        return pd.DataFrame([[getattr(f, name) for name in shown] for f in self.findings], columns=shown)

    def column(self, name: str) -> ColumnFacts:
        """Return the facts of a column.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        return {fact.name: fact for fact in self.facts}[name]

    def bounded(self, most: int = 10_000, *, clear: bool = False) -> Profile:
        """Return what is kept in results: the surest ``most`` cells, the surest repairs masked unless ``clear``."""
        surest = self.cells.sort_values("confidence", ascending=False, kind="stable").head(most)
        kept = surest.sort_index().reset_index(drop=True)
        return self.model_copy(update={"cells": kept, "repairs": keep_surest(self.repairs, clear)})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Profile):
            return NotImplemented
        mine, others = dict(self.__dict__), dict(other.__dict__)
        frames = [(mine.pop(name), others.pop(name)) for name in ("cells", "repairs")]
        return mine == others and all(same_frames(one, two) for one, two in frames)


def profile(
    table: str | Path | pd.DataFrame | Table,
    *,
    name: str = "",
    assumptions: Assumptions | None = None,
    clear: bool = False,
    memory_limit: str = "",
    spill_folder: str = "",
    progress: Progress | None = None,
) -> Profile:
    """Find what is wrong in one table.

    Parameters
    ----------
    table
        Path, DataFrame or table URL, see `open_table`.
    name
        What to call it; default the file's name.
    assumptions
        The engagement's, for the price of repairs; default the dated defaults.
    clear
        Show example values as they are instead of masked.
    memory_limit, spill_folder
        Of the engine; default a quarter of the machine.
    progress
        Told about long work.

    Raises
    ------
    UnreadableTable
        If the table can't be read.

    Examples
    --------
    >>> import pandas as pd
    >>> q = profile(pd.DataFrame({"id": ["1", "2", "3", "4"], "born": ["2001-05-30", "n/a", "30.05.2001", "1999-01-01"]}))
    >>> q.column("born").date_formats[0].label, q.column("born").disguised
    ('YYYY-MM-DD', 1)
    """
    opened = open_table(table, name, memory_limit=memory_limit, spill_folder=spill_folder)
    return _Pass(opened, assumptions, clear, spill_folder, progress or (lambda text, share: None)).result()


FIRST_ROWS = 3
"""Rows that show how a table was read."""


def show_first_rows(table: Table, *, clear: bool = False) -> tuple[tuple[str, ...], ...]:
    """Return the first rows as they were read, masked unless ``clear``."""
    shown = (
        [
            show_example(column.texts[code].as_py(), column.clear_values, clear=clear)
            for code in column.codes[:FIRST_ROWS].tolist()
        ]
        for column in table
    )
    return tuple(zip(*shown, strict=True))


BY_ROW = frozenset(check.name for check in CELLS if check.by_row)
"""Checks that judge every row by the values it really holds, cut or not."""


def _own(found: Suspicion, kept: npt.NDArray[np.bool_] | None) -> Suspicion:
    """Keep what is suspected of rows whose own value was judged."""
    return found if kept is None or found.check in BY_ROW else found.where(kept[found.rows])


def _ruled(block: Table, suspicions: Sequence[Suspicion]) -> list[npt.NDArray[np.int64]]:
    """Of each suspicion whose check has a repairing rule, the suspected rows whose value the rule changes."""
    asked, rows_of_value = [], []
    for found in suspicions:
        column = block.column(found.column)
        codes, nth = np.unique(column.codes[found.rows], return_inverse=True)
        asked.append((find_check(found.check).fix("v"), column.texts.take(pa.array(codes))))
        rows_of_value.append(nth)
    changed = find_changed(asked)
    return [
        found.rows[is_changed[nth]]
        for found, is_changed, nth in zip(suspicions, changed, rows_of_value, strict=True)
    ]


MIXED = 0.9
"""Confidence that a value of a form which should not be there is wrong."""


def _mixed_cells(block: Table, found: Sequence[Mixture]) -> list[Suspicion]:
    """The single cells of the values that a mixture names, with what they should hold where a rule tells."""
    taken = []
    for one in found:
        if one.places:
            column = block.column(one.column)
            marks = np.zeros(column.distinct, bool)
            marks[list(one.places)] = True
            rows = column.rows_of(marks)
            meant = dict(zip(one.places, one.repaired, strict=False))
            repairs = (
                np.array([meant.get(code) for code in column.codes[rows].tolist()], object) if meant else None
            )
            taken.append(Suspicion(one.column, "mixture", rows, np.full(len(rows), MIXED), one.says, repairs))
    return taken


def find_repeated_headers(block: Table) -> npt.NDArray[np.int64]:
    """Rows, ascending, that hold their columns' names in most columns."""
    hits = np.zeros(block.rows, np.int64)
    for column in block:
        at = np.flatnonzero(
            np.asarray(pc.equal(column.texts, column.name).fill_null(False).to_numpy(zero_copy_only=False))
        )
        if len(at):
            hits += column.codes == at[0]
    return (
        np.flatnonzero(hits >= max(2, (len(block.columns) + 1) // 2))
        if len(block.columns) > 1
        else np.empty(0, np.int64)
    )


class _Pass:
    """One pass over a table, block by block."""

    def __init__(
        self, table: Table, assumptions: Assumptions | None, clear: bool, folder: str, progress: Progress
    ) -> None:
        self.table, self.assumptions, self.clear, self.progress = table, assumptions, clear, progress
        self.folder = folder
        self.facts: list[tuple[ColumnFacts, ...]] = []
        self.suspicions: list[Suspicion] = []
        self.repairs: list[pd.DataFrame] = []
        self.examples: dict[tuple[str, str], tuple[str, ...]] = {}
        self.gathered = Totals(table.columns, folder) if table.rows > BLOCK else None
        self.repeated: dict[str, int] = {}
        self.ties = DependencySearch(table.rows)
        self.search = DuplicateSearch((), table.rows)
        self.near: Duplicates | None = None
        self.pairs = PairSearch(folder)
        self.identities: set[str] = set()
        self.mixtures: list[list[Mixture]] = []
        self.headers: list[int] = []
        self.identifiers: set[str] = set()
        self.told: list[Suspicion] = []
        self.gaps: dict[str, list[Suspicion]] = defaultdict(list)
        self.values: dict[str, int] = {}
        self.cut: dict[str, None] = {}
        self.ruled: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.first_rows: tuple[tuple[str, ...], ...] = ()
        self.remote = table.store if isinstance(table.store, RemoteStore) else None

    def result(self) -> Profile:
        """Judge every block and put the answers together."""
        blocks = max(1, math.ceil(self.table.rows / BLOCK))
        start = 0
        alone = self.gathered is None
        for number, block in enumerate(self.table.blocks(BLOCK)):
            self._block(block, start, number, blocks)
            start += block.rows
        columns = merge_facts(self.facts)
        if self.remote is not None and self.remote.total > self.table.rows:
            columns = self._remote(columns, self.remote.engine)
        elif self.gathered is not None:
            columns, self.repeated = self.gathered.complete(columns)
        self.progress("all rows", 1.0)
        distinct = {f.name: f.distinct for f in columns} if not alone else self.values
        tied = self.ties.measure(self.ties.candidates(distinct), self.table)
        duplicates = self.search.found(lambda: self.table.blocks(BLOCK))
        if self.near is not None:
            duplicates = (*duplicates, self.near)
        self.progress("findings", 1.0)
        return self._profile(columns, tied, duplicates)

    def _remote(self, columns: tuple[ColumnFacts, ...], engine: IbisEngine) -> tuple[ColumnFacts, ...]:
        """Ask the engine what a sample can't tell."""
        told = []
        for fact in columns:
            self.progress(f"{fact.name}, all rows", 1.0)
            told.append(ask_engine(fact, engine))
            if (told[-1].unique_share or 0.0) >= NEARLY:
                try:
                    self.repeated[fact.name] = engine.repeated([fact.name])
                except NotAssessed as lacking:
                    said = (*told[-1].not_assessed, str(lacking))
                    told[-1] = told[-1].model_copy(update={"not_assessed": said})
        return tuple(told)

    def _block(self, block: Table, start: int, number: int, blocks: int) -> None:
        def done(what: str, part: float) -> None:
            self.progress(what, (number + part) / blocks)

        done("columns", 0.0)
        known, kinds = [], []
        for place, column in enumerate(block):
            kind = types.infer_type(column)
            kinds.append(kind)
            known.append(gather_facts(column, kind, clear=self.clear))
            if self.gathered is not None:
                self.gathered.add(column, kind)
            elif (known[-1].unique_share or 0.0) >= NEARLY:
                self.repeated[column.name] = count_repeated(column.counts[kind.present])
            self.values[column.name] = column.distinct
            done(f"column {place + 1} of {len(block.columns)}", 0.4 * (place + 1) / len(block.columns))
        self.facts.append(tuple(known))
        if number == 0:
            self.first_rows = show_first_rows(block, clear=self.clear)
            self._compared(block, tuple(known))
        done("dependencies", 0.45)
        self.ties.add(block)
        done("duplicates", 0.5)
        self.search.add(block)
        if blocks == 1 and (self.remote is None or not self.remote.drawn):
            self.near = learn_duplicates(block, known).differing()
        if not self.identities and self.table.rows > 1:
            self.pairs.add(block, tuple(known))
        done("detectors", 0.6)
        self._suspicions(block, tuple(kinds), start)

    def _compared(self, block: Table, known: tuple[ColumnFacts, ...]) -> None:
        """Choose, by the first block, the columns in which duplicates agree: what would hardly agree by chance.

        Without the identifiers, also those that a few rows repeat, and moments that no two rows share, if the others
        suffice; else without those that are unique. Another amount or name that is unique tells of another record.
        """
        if block.rows < 2 or (self.remote is not None and self.remote.drawn):
            return
        self.identities = {f.name for f in known if f.unique_share == 1 and f.present == f.rows}
        numbers = {f.name for f in known if (f.unique_share or 0.0) >= NEARLY and is_identifier(f)}
        numbers |= {
            f.name for f in known if f.name in self.identities and f.physical in ("date", "timestamp")
        }
        for out in (numbers, numbers & self.identities):
            compared = [f.name for f in known if f.name not in out and f.present]
            if len(compared) > 1 and tells_rows_apart(block, compared, block.rows):
                self.search = DuplicateSearch(compared, self.table.rows, self.folder)
                return

    def _suspicions(self, block: Table, kinds: tuple[ColumnType, ...], start: int) -> None:
        if not block.rows:
            return
        judged, mine, worded = ReducedTable(block, kinds), [], []
        self.cut.update(dict.fromkeys(judged.cut))
        mixed = [find_mixtures(column, kind) for column, kind in zip(block, kinds, strict=True)]
        self.mixtures.append([one for found in mixed for one in found])
        headers = find_repeated_headers(block)
        self.headers += (headers + start).tolist()
        again = [Suspicion(name, "repeated header", headers, np.ones(len(headers))) for name in block.columns]
        taken = again + _mixed_cells(block, self.mixtures[-1])
        listed = again + _mixed_cells(block, [one for one in self.mixtures[-1] if one.cells])
        self.told += [item.shifted(start) for item in listed]
        mine += listed
        for item in detect(judged):
            found = _own(item, judged.kept(item.column))
            for other in taken:
                if other.column == found.column:
                    found = found.where(~np.isin(found.rows, other.rows))
            if not len(found):
                continue
            mine.append(found)
            if found.check == "missing":
                found = self._without_gaps(block.column(found.column), found, start)
            place = (found.column, found.check)
            if place not in self.examples:
                self.examples[place] = show_values(block, found.column, found.rows, self.clear)
            self.suspicions.append(found.shifted(start))
            worded.append(found)
        ruled = [found for found in worded if find_check(found.check).fix("v")]
        for found, rows in zip(ruled, _ruled(block, ruled) if ruled else (), strict=True):
            self.ruled[found.column, found.check].update((rows + start).tolist())
        self.repairs.append(propose_repairs(mine, block, start))

    def _without_gaps(self, column: Column, found: Suspicion, start: int) -> Suspicion:
        """Set apart the cells that are empty: what is incomplete is told of them, and a placeholder of the others."""
        empty = column.blank[column.codes[found.rows]]
        if empty.any():
            self.gaps[column.name].append(found.where(empty).shifted(start))
        return found.where(~empty)

    def _profile(
        self,
        columns: tuple[ColumnFacts, ...],
        tied: tuple[Dependency, ...],
        duplicates: tuple[Duplicates, ...],
    ) -> Profile:
        single = [key for fact in columns if (key := single_key(fact, self.repeated.get(fact.name, 0)))]
        self.identifiers = {fact.name for fact in columns if is_identifier(fact)}
        right = join_repairs(self.repairs)
        if not self.clear:
            columns = tuple(map(hide_summary, columns))
        gaps = [item for items in self.gaps.values() for item in items]
        every = list_cells([*self.told, *self.suspicions, *gaps]).astype(_CELLS).round({"confidence": 6})
        found = (*single, *self.pairs.found)
        lacking = [*(said for fact in columns for said in fact.not_assessed), *self.cut]
        if self.remote is not None and self.remote.drawn:
            lacking.append(
                f"repeated rows and near copies: {self.remote.drawn} were drawn, in which a row's twin is hardly ever"
            )
        if self.table.rows > BLOCK:
            lacking.append(f"near copies: looked for in tables of at most {BLOCK:,} rows")
        return Profile(
            name=self.table.name, rows=self.table.rows, reading=self.table.reading, facts=columns,
            cells=every, suspected=len(every), repairs=right, repaired=len(right), keys=found,
            dependencies=tied, duplicates=duplicates, first_rows=self.first_rows,
            assessed=1.0 if self.remote is None else self.table.rows / max(self.remote.total, 1),
            not_assessed=tuple(dict.fromkeys(lacking)),
            findings=self._findings(columns, tuple(single), duplicates),
        )  # fmt: skip

    def _findings(
        self, columns: tuple[ColumnFacts, ...], single: tuple[Key, ...], duplicates: tuple[Duplicates, ...]
    ) -> tuple[DataFinding, ...]:
        writer = TableWriter(
            self.table.name, self.table.reading, self.remote.total if self.remote else self.table.rows,
            sorted(self.identifiers & {key.columns[0] for key in single if key.holds}), self.assumptions, self.clear,
            {fact.name: fact.own_words for fact in columns if fact.own_words}, self.table.rows,
        )  # fmt: skip
        if unread := writer.badly_read():
            return (unread,)
        parts: dict[tuple[str, str], list[Suspicion]] = defaultdict(list)
        for item in self.suspicions:
            # what grows and is no number of its record only resembles a counter
            measured = item.check == "sequence" and item.column not in self.identifiers
            if len(item) and not measured:
                parts[item.column, item.check].append(item)
        written: list[DataFinding | None] = [
            writer.suspicion(*place, items, self.examples[place], self.ruled[place])
            for place, items in parts.items()
        ]
        written += [writer.mixture(found) for found in merge_mixtures(self.mixtures)]
        empty = tuple(f"'' → {fact.name}" for fact in columns if not fact.present)
        renamed = [name for name in self.table.reading.renamed if name not in empty]
        faults = find_header_faults(self.table.columns, renamed)
        written += [writer.mixture(faults)] if faults else []
        written.append(writer.repeated_header(self.headers))
        mixed = {one.column for block in self.mixtures for one in block if one.kind == "serial days"}
        for fact in columns:
            written.append(writer.empty(fact))
            if fact.name not in mixed and (fact.name, "date formats") not in parts:
                written.append(writer.formats(fact))
            placeholders = sum(map(len, parts.get((fact.name, "missing"), ())))
            written.append(writer.missing(fact, placeholders, self.gaps[fact.name]))
        written += [writer.key(key, first=not place) for place, key in enumerate(single)]
        written += [writer.duplicates(item) for item in duplicates]
        return rank_findings([item for item in written if item is not None])
