"""Compare a source with a target: what would break if the source's records were sent there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from assess.intake.assumptions import Assumptions

from . import between, breaches, conflicts, matching, repairs
from .column import Column
from .comparison import Comparison
from .conflicts import Conflict, Meeting, structure
from .detectors.suspicion import Suspicion, cells
from .joining import Join, joins, ranked
from .matching import Matching, records
from .matching.contents import Contents
from .table import Table, open_table

__all__ = ["compare"]

JOINING = 0.05
"""Share of the smaller side's records that must join before joined records are compared field by field."""


def compare(
    source: str | Path | pd.DataFrame | Table,
    target: str | Path | pd.DataFrame | Table,
    *,
    assumptions: Assumptions | None = None,
    clear: bool = False,
) -> Comparison:
    """Compare two tables of which the source's records are to reach the target.

    The columns are matched, the target's contract is learned from its own data, and every cell, record
    and definition of the source that would break it is reported.

    Parameters
    ----------
    source, target
        Paths, DataFrames, table URLs or opened tables.
    assumptions
        The engagement's, for the price of repairs.
    clear
        Show examples as they are instead of masked.

    Raises
    ------
    UnreadableTable
        If one of them can't be read.

    Examples
    --------
    >>> crm = pd.DataFrame({"state": ["CA", "CA", "TX", "TXX"] * 5, "n": ["1", "2", "3", "4"] * 5})
    >>> billing = pd.DataFrame({"state": ["CA", "TX"] * 20, "n": ["1", "2", "3", "4"] * 10})
    >>> compare(crm, billing).cells["row"].tolist()
    [3, 7, 11, 15, 19]
    """
    left, right = open_table(source), open_table(target)
    looks = matching.look(left), matching.look(right)
    mapped, ways = _mapped(left, right, looks)
    pairs = _pairs(mapped)
    best = next((way for way in ways if way.key.true and _joins_enough(way)), None)
    found, translated = _conflicts(_meetings(left, right, looks, pairs, best, clear))
    mine, theirs = ({look.name: look.kind for look in side} for side in looks)
    found += structure.find(left, right, best, (mine, theirs))
    judged = [
        pair for pair in pairs if not conflicts.blurred([c for c in found if c.source_column == pair[0]])
    ]
    keys = [(way.key.source_column, way.key.target_column) for way in ways if way.key.true]
    suspected = breaches.find(left, right, judged, keys, translated).suspicions()
    wrong, proposals = cells(suspected), repairs.proposed(suspected, left)
    return Comparison(
        source=left.name, target=right.name, source_rows=left.rows, target_rows=right.rows,
        columns=_columns(mapped, found, suspected), cells=wrong, suspected=len(wrong), keys=_keys(ways),
        repairs=proposals, repaired=len(proposals),
        findings=between.Writer(left, right, assumptions, clear).all(mapped, ways, found, suspected),
        mapping=mapped, conflicts=tuple(found), ways=tuple(way.key for way in ways),
    )  # fmt: skip


def _mapped(
    source: Table, target: Table, looks: tuple[list[Contents], list[Contents]]
) -> tuple[Matching, tuple[Join, ...]]:
    """Match the columns, join the records by them, and let the joined records correct the matches."""
    mapped, shared = matching.match(*looks), joins(source, target)
    ways = ranked(shared, source, target, _pairs(mapped))
    best = next((way for way in ways if way.key.true and _joins_enough(way)), None)
    if best is None or len(best.source) < records.FEWEST:
        return mapped, ways
    mapped = matching.match(*looks, records.agreement(source, target, best.source, best.target))
    return mapped, ranked(shared, source, target, _pairs(mapped))


def _pairs(mapping: Matching) -> list[tuple[str, str]]:
    return [(match.source_column, match.target_column) for match in mapping.matches]


def _joins_enough(way: Join) -> bool:
    smaller = min(way.key.source_rows, way.key.target_rows)
    return min(way.key.source_joined, way.key.target_joined) >= JOINING * smaller


def _conflicts(meetings: Iterable[Meeting]) -> tuple[list[Conflict], dict[str, Column]]:
    """Find the conflicts of every pair, and the source's columns in the target's terms where that is known."""
    found: list[Conflict] = []
    translated = {}
    for meeting in meetings:
        mine = conflicts.find(meeting)
        found += mine
        column = conflicts.translated(meeting, mine)
        if column is not None:
            translated[meeting.source.name] = column
    return found, translated


def _meetings(
    source: Table,
    target: Table,
    looks: tuple[list[Contents], list[Contents]],
    pairs: Sequence[tuple[str, str]],
    join: Join | None,
    clear: bool,
) -> Iterator[Meeting]:
    """Let the matched columns meet."""
    kinds = [{look.name: look.kind for look in side} for side in looks]
    own = None if join is None else (join.key.source_column, join.key.target_column)
    for mine, theirs in pairs:
        yield Meeting(
            source.column(mine), target.column(theirs), kinds[0][mine], kinds[1][theirs], join,
            (mine, theirs) == own, clear,
        )  # fmt: skip


def _columns(mapping: Matching, found: Sequence[Conflict], suspected: Sequence[Suspicion]) -> pd.DataFrame:
    """One row per column of the source: its partner, how sure, alternatives, conflicts, wrong cells."""
    rows: list[dict[str, object]] = []
    for match in mapping.matches:
        mine = [conflict for conflict in found if conflict.source_column == match.source_column]
        rows.append({
            "source_column": match.source_column, "target_column": match.target_column,
            "confidence": match.confidence,
            "alternatives": ", ".join(other.target_column for other in match.alternatives),
            "conflicts": ", ".join(dict.fromkeys(conflict.kind for conflict in mine)),
            "said": "; ".join(conflict.says for conflict in mine),
            "cells": sum(len(s) for s in suspected if s.column == match.source_column),
        })  # fmt: skip
    rows += [
        {
            "source_column": name, "target_column": "", "confidence": 0.0, "alternatives": "",
            "conflicts": "", "said": "no column of the target means the same", "cells": 0,
        }
        for name in mapping.source_only
    ]  # fmt: skip
    names = ["source_column", "target_column", "confidence", "alternatives", "conflicts", "said", "cells"]
    return pd.DataFrame(rows, columns=names)


def _keys(ways: Sequence[Join]) -> pd.DataFrame:
    """One row per way to join the tables."""
    rows = [
        {
            "source_column": key.source_column, "target_column": key.target_column, "form": key.form,
            "same_records": key.true, "source_joined": key.source_joined, "target_joined": key.target_joined,
            "source_only": key.source_only, "target_only": key.target_only,
            "share_joined": round(key.source_joined / max(key.source_rows, 1), 6),
            "rows_per_source_key": key.per_source, "rows_per_target_key": key.per_target,
        }
        for key in (way.key for way in ways)
    ]  # fmt: skip
    names = [
        "source_column", "target_column", "form", "same_records", "source_joined", "target_joined",
        "source_only", "target_only", "share_joined", "rows_per_source_key", "rows_per_target_key",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
