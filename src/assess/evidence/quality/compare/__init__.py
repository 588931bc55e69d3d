"""What two tables say of each other: the result of comparing a source with a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.personal import is_personal
from assess.core.record import Record
from assess.evidence.quality.checks.check import Suspicion, list_cells
from assess.evidence.quality.checks.contract import (
    find_breaches,
    find_conflicts,
    find_disagreements,
    is_blurred,
    translate_column,
)
from assess.evidence.quality.checks.definitions.fields import CONTENTS, find_joint_fields
from assess.evidence.quality.checks.definitions.measures import explain_factors
from assess.evidence.quality.checks.definitions.moments import main_format
from assess.evidence.quality.column import Column
from assess.evidence.quality.finding import DataFinding
from assess.evidence.quality.linkage import Linkage
from assess.evidence.quality.matching import (
    AGREEING,
    NAMED,
    Match,
    Matching,
    describe_columns,
    match_contents,
)
from assess.evidence.quality.matching.joins import MOSTLY, Join, JoinKey, Rows
from assess.evidence.quality.matching.keys import (
    find_composite,
    find_deciding,
    find_joins,
    find_lone,
    rank_joins,
)
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict
from assess.evidence.quality.matching.records import FEWEST_RECORDS, agree_on, measure_agreement
from assess.evidence.quality.matching.similarity import Contents
from assess.evidence.quality.remedies import keep_surest, propose_repairs
from assess.evidence.quality.table import Frame, Table, open_table, same_frames
from assess.evidence.quality.types import ColumnType
from assess.intake.assumptions import Assumptions

from .drawing import Drawn, draw_together
from .findings import PairWriter, looks_like_key


class TableComparison(Record):
    """What breaks if the source's records go to the target.

    Parameters
    ----------
    source, target
        Names of the tables.
    source_rows, target_rows
        Their rows.
    columns
        The column mapping with alternatives and definition conflicts, one row a column of the source.
    cells
        Cells of the source that break what the target holds: row, column, check, confidence.
    suspected
        Number of such cells, also where `cells` was cut.
    keys
        Columns that join the two tables, the share joined, and the records on one side only.
    repairs, repaired
        What cells of the source should hold, see `propose_repairs`, and their number, also where it was cut.
    lone
        Records on one side only: side (``source`` or ``target``), row, column of the key.
    apart
        Fields of joined records that disagree: source_row, source_column, target_row, target_column.
    findings
        Ranked.
    not_assessed
        What could not be judged, and why.
    mapping
        The matched columns with their alternatives, and the columns without a partner.
    conflicts
        Ways in which the two sides define the same field differently.
    ways
        Ways to join the tables, the best first: what `keys` shows.
    linkage
        The records that are the same by what they say, where no number joins them; None where it was not asked.
    drawn
        What was judged value by value, where the tables are so large that records were drawn; empty where it was all.
        Joined and lone records are counted over all rows wherever DuckDB reads them.
    """

    source: str
    target: str
    source_rows: int
    target_rows: int
    columns: Frame
    cells: Frame
    suspected: int
    keys: Frame
    lone: Frame
    apart: Frame
    repairs: Frame
    repaired: int = 0
    findings: tuple[DataFinding, ...] = ()
    not_assessed: tuple[str, ...] = ()
    mapping: Matching = Matching(matches=())
    conflicts: tuple[DefinitionConflict, ...] = ()
    ways: tuple[JoinKey, ...] = ()
    linkage: Linkage | None = None
    drawn: str = ""

    @property
    def joined(self) -> float | None:
        """Share of the source's records that the target holds; None if nothing joins the tables."""
        key = next((key for key in self.ways if key.true), None)
        return None if key is None or not key.source_rows else round(key.source_joined / key.source_rows, 6)

    def bounded(self, most: int = 10_000, *, clear: bool = False) -> TableComparison:
        """Return what is kept in results: the surest ``most`` cells, as many records, repairs masked unless ``clear``."""
        surest = self.cells.sort_values("confidence", ascending=False, kind="stable").head(most)
        return self.model_copy(
            update={
                "cells": surest.sort_index().reset_index(drop=True), "lone": self.lone.head(most),
                "apart": self.apart.head(most), "repairs": keep_surest(self.repairs, clear),
                "linkage": self.linkage and self.linkage.bounded(most),
            }
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TableComparison):
            return NotImplemented
        mine, others = dict(self.__dict__), dict(other.__dict__)
        named = ("columns", "cells", "keys", "lone", "apart", "repairs")
        frames = [(mine.pop(name), others.pop(name)) for name in named]
        return mine == others and all(same_frames(one, two) for one, two in frames)


JOINING = 0.05
"""Share of the smaller side's records that must join before joined records are compared field by field."""


def compare(
    source: str | Path | pd.DataFrame | Table,
    target: str | Path | pd.DataFrame | Table,
    *,
    assumptions: Assumptions | None = None,
    clear: bool = False,
    both_ways: bool = False,
) -> TableComparison:
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
    both_ways
        Whether the target's records go to the source too: then records that only the target has are a finding.

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
    drawn, looks, mapped, ways = _drawn(left, right)
    if drawn is not None:
        left, right = drawn.source, drawn.target
    apart = drawn is not None and drawn.columns is None
    counted = ways if drawn is None else drawn.measured(ways)
    pairs = _pairs(mapped)
    for one, other in pairs:
        if is_personal(one) or is_personal(other):
            left.hide_values(one)
            right.hide_values(other)
    best = next((way for way in ways if way.key.true and _joins_enough(way)), None)
    met = list(_column_pairs(left, right, pairs, best, clear))
    found, translated, differing = _conflicts(met)
    found = explain_factors(left, best, met, found)
    mine, theirs = ({look.name: look.kind for look in side} for side in looks)
    reused = {way.key.pairs for way in ways if not way.key.true and looks_like_key(way.key, mapped)}
    found = [
        c for c in found if c.kind != CONTENTS.name or ((c.source_column, c.target_column),) not in reused
    ]
    found = _explained([*found, *find_joint_fields(left, right, best, (mine, theirs))])
    guessed = {m.source_column for m in mapped.matches if m.uncertain}
    judged = [
        (m.source_column, m.target_column)
        for m in mapped.matches
        if m.source_column not in guessed
        and not _denied(m, left, right, best)
        and not is_blurred([c for c in found if c.source_column == m.source_column])
    ]
    true = [way.key.pairs for way in ways if way.key.true]
    keys, parts = (
        [pair for some in true if (len(some) == 1) is alone for pair in some] for alone in (True, False)
    )
    sound = {look.name: _sound(look.kind, right.column(look.name)) for look in looks[1]}
    suspected = find_breaches(left, right, judged, keys, parts, translated, sound).suspicions()
    scaled = {c.source_column for c in found if c.kind == "scale" and not c.fix and c.share >= 0.9}
    suspected = tuple(s for s in _undefined(left, pairs, found, suspected) if s.column not in scaled)
    wrong, proposals = (
        list_cells(suspected),
        propose_repairs(suspected, left, target=_partners(mapped, right)),
    )
    whole = (left.rows, right.rows) if drawn is None else drawn.rows
    numbers = (None, None) if drawn is None else drawn.numbers
    return TableComparison(
        source=left.name, target=right.name, source_rows=whole[0], target_rows=whole[1],
        columns=_columns(mapped, found, suspected), cells=_numbered(wrong, row=numbers[0]),
        suspected=round(len(wrong) * whole[0] / max(left.rows, 1)), keys=_keys(counted),
        lone=_lone([way for way in counted if way.key.true], numbers if counted is ways else (None, None)),
        apart=_numbered(differing, source_row=numbers[0], target_row=numbers[1]),
        repairs=_numbered(proposals, row=numbers[0]), repaired=len(proposals),
        findings=PairWriter(left, right, assumptions, clear, both_ways, drawn).all(
            mapped, ways, [c for c in found if c.source_column not in guessed], suspected, differing, counted, joinable=not apart
        ),
        not_assessed=(UNJOINED.format(drawn.said, drawn.apart_because),) if drawn is not None and apart else (),
        drawn="" if drawn is None else drawn.said,
        mapping=mapped, conflicts=tuple(found), ways=tuple(way.key for way in counted),
    )  # fmt: skip


REDRAWN = 3
"""Times that records are drawn by other columns, where those that share values turn out to name different records."""


def _drawn(
    source: Table, target: Table
) -> tuple[Drawn | None, tuple[list[Contents], list[Contents]], Matching, tuple[Join, ...]]:
    """Draw records of large tables together, match the columns and join the rows in hand.

    Drawn by numbers that both sides count up for themselves, no partners meet: then others are tried.
    """
    refused: list[tuple[str, str]] = []
    first: tuple[Drawn | None, tuple[list[Contents], list[Contents]], Matching, tuple[Join, ...]] | None = (
        None
    )
    while True:
        drawn = draw_together(source, target, refused)
        left, right = (source, target) if drawn is None else (drawn.source, drawn.target)
        looks = describe_columns(left), describe_columns(right)
        if drawn is not None and drawn.columns is None:
            return first or (drawn, looks, match_contents(*looks), ())
        mapped, ways = _mapped(left, right, looks)
        found = drawn, looks, mapped, ways
        if (
            drawn is None
            or drawn.columns is None
            or any(way.key.true and drawn.columns in way.key.pairs for way in ways)
        ):
            return found
        first = first or found
        refused.append(drawn.columns)
        if len(refused) == REDRAWN:
            return first


UNJOINED = (
    "which columns join the records, which records one side lacks, and which fields of joined records disagree: "
    "{}, because {}"
)
"""What can't be judged where rows were drawn of a side, whose partners on the other were not."""


def _numbered(frame: pd.DataFrame, **numbers: Rows | None) -> pd.DataFrame:
    """Give drawn rows their numbers in the whole table, where they have one."""
    known = {name: held[frame[name].to_numpy(np.int64)] for name, held in numbers.items() if held is not None}
    return frame.assign(**known) if known else frame


def _partners(mapped: Matching, target: Table) -> Callable[[str], Column]:
    partner = {match.source_column: match.target_column for match in mapped.matches}
    return lambda name: target.column(partner[name])


def _sound(kind: ColumnType, column: Column) -> npt.NDArray[np.bool_]:
    """Distinct values of the target that can speak against the source: what the column holds, as it mostly writes it."""
    if kind.dates is None:
        return kind.conforms
    main = main_format(kind.dates, column.counts)
    return np.asarray(kind.conforms & (kind.dates.formats == main))


def _mapped(
    source: Table, target: Table, looks: tuple[list[Contents], list[Contents]]
) -> tuple[Matching, tuple[Join, ...]]:
    """Match the columns, join the records by them, and let the joined records correct the matches."""
    mapped, shared = match_contents(*looks), find_joins(source, target)
    ways = rank_joins(shared, source, target, _pairs(mapped))
    if not any(way.key.true and not way.key.measured and _joins_enough(way, MOSTLY) for way in ways):
        together = find_composite(source, target, _pairs(mapped))
        shared += () if together is None else (together,)
        ways = rank_joins(shared, source, target, _pairs(mapped))
    best = next((way for way in ways if way.key.true and _joins_enough(way)), None)
    if best is None or len(best.source) < FEWEST_RECORDS:
        return mapped, ways
    told = measure_agreement(source, target, best.source, best.target)
    # the columns that join the records agree in them, in whatever form
    for mine, theirs in best.key.pairs:
        told[source.columns.index(mine), target.columns.index(theirs)] = 1.0
    mapped = match_contents(*looks, told)
    # what spoke for a way is kept; what spoke against it were matches of before
    known = {way.key.pairs: way for way in ways if way.key.true}
    shared = tuple(known.get(way.key.pairs, way) for way in shared)
    return mapped, rank_joins(shared, source, target, _pairs(mapped))


def _denied(match: Match, source: Table, target: Table, join: Join | None) -> bool:
    """Whether the joined records speak against a match that names and values do not make certain: its cells are not judged."""
    if join is None or match.confidence >= NAMED or len(join.source) < FEWEST_RECORDS:
        return False
    columns = source.column(match.source_column), target.column(match.target_column)
    agreed = agree_on(*columns, join.source, join.target)
    return agreed is not None and agreed < AGREEING


def _pairs(mapping: Matching) -> list[tuple[str, str]]:
    return [(match.source_column, match.target_column) for match in mapping.matches]


def _joins_enough(way: Join, share: float = JOINING) -> bool:
    smaller = min(way.key.source_rows, way.key.target_rows)
    return min(way.key.source_joined, way.key.target_joined) >= share * smaller


def _conflicts(met: Iterable[ColumnPair]) -> tuple[list[DefinitionConflict], dict[str, Column], pd.DataFrame]:
    """Find the conflicts of every pair, the source's columns in the target's terms, and the fields that disagree."""
    found: list[DefinitionConflict] = []
    translated, apart = {}, []
    for pair in met:
        mine = find_conflicts(pair)
        column = translate_column(pair, mine)
        if column is not None:
            translated[pair.source.name] = column
        more, records_ = find_disagreements(pair, mine, column)
        found += [*mine, *([] if more is None else [more])]
        if pair.join is not None and len(records_):
            apart.append(pd.DataFrame({
                "source_row": pair.join.source[records_], "source_column": pair.source.name,
                "target_row": pair.join.target[records_], "target_column": pair.target.name,
            }))  # fmt: skip
    names = ["source_row", "source_column", "target_row", "target_column"]
    return found, translated, pd.concat(apart, ignore_index=True) if apart else pd.DataFrame(columns=names)


def _explained(found: list[DefinitionConflict]) -> list[DefinitionConflict]:
    """Leave out blanks of a field that the target fills from others, and what disagrees for that reason."""
    filled = {conflict.target_column for conflict in found if conflict.kind == "structure"}
    return [c for c in found if c.target_column not in filled or c.kind != "nullability"]


OFTEN = 0.01
"""Share of the rows from which on a word without a counterpart is a matter of definition, and no wrong cell."""


def _undefined(
    source: Table,
    pairs: Sequence[tuple[str, str]],
    found: Sequence[DefinitionConflict],
    suspected: Sequence[Suspicion],
) -> tuple[Suspicion, ...]:
    """Leave out cells that a conflict of definition explains.

    Words that the translation of a vocabulary leaves open, where many rows hold them; blanks of a field
    that the target fills from others.
    """
    worded = {c.source_column for c in found if c.kind == "vocabulary" and c.share >= 0.5 and c.translation}
    filled = {c.target_column for c in found if c.kind == "structure"}
    blanks = {mine for mine, theirs in pairs if theirs in filled}
    kept = []
    for item in suspected:
        if item.check == "blank" and item.column in blanks:
            continue
        if item.column in worded:
            column = source.column(item.column)
            item = item.where(column.counts[column.codes[item.rows]] < max(2.0, OFTEN * source.rows))
        if len(item):
            kept.append(item)
    return tuple(kept)


def _lone(true: Sequence[Join], numbers: tuple[Rows | None, Rows | None]) -> pd.DataFrame:
    """One row per record that the other side lacks, with its number in the whole table."""
    mine, theirs = (
        rows if held is None else held[rows] for rows, held in zip(find_lone(true), numbers, strict=True)
    )
    deciding, _ = find_deciding([join.key for join in true])
    columns = (deciding[0].source_column, deciding[0].target_column) if deciding else ("", "")
    return pd.DataFrame({
        "side": ["source"] * len(mine) + ["target"] * len(theirs), "row": np.concatenate([mine, theirs]),
        "column": [columns[0]] * len(mine) + [columns[1]] * len(theirs),
    })  # fmt: skip


def _column_pairs(
    source: Table, target: Table, pairs: Sequence[tuple[str, str]], join: Join | None, clear: bool
) -> Iterator[ColumnPair]:
    """Set the matched columns beside each other."""
    own = () if join is None else join.key.pairs
    for mine, theirs in pairs:
        yield ColumnPair(
            source.column(mine), target.column(theirs), join=join, key=(mine, theirs) in own, clear=clear
        )


GUESS = "uncertain: the best of weak matches, by which no cell is judged"
"""What is said of a match that is no more than a guess."""


def _columns(
    mapping: Matching, found: Sequence[DefinitionConflict], suspected: Sequence[Suspicion]
) -> pd.DataFrame:
    """One row per column of the source: its partner, how sure, alternatives, conflicts, wrong cells."""
    rows: list[dict[str, object]] = []
    for match in mapping.matches:
        mine = [conflict for conflict in found if conflict.source_column == match.source_column]
        rows.append({
            "source_column": match.source_column, "target_column": match.target_column,
            "confidence": match.confidence,
            "uncertain": match.uncertain,
            "alternatives": ", ".join(other.target_column for other in match.alternatives),
            "conflicts": ", ".join(dict.fromkeys(conflict.kind for conflict in mine)),
            "said": "; ".join([GUESS] * match.uncertain + [conflict.says for conflict in mine]),
            "cells": sum(len(s) for s in suspected if s.column == match.source_column),
        })  # fmt: skip
    rows += [
        {
            "source_column": name, "target_column": "", "confidence": 0.0, "uncertain": False, "alternatives": "",
            "conflicts": "", "said": "no column of the target means the same", "cells": 0,
        }
        for name in mapping.source_only
    ]  # fmt: skip
    names = [
        "source_column", "target_column", "confidence", "uncertain", "alternatives", "conflicts", "said", "cells",
    ]  # fmt: skip
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
