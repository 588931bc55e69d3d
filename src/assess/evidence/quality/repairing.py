"""One cleansing run of a table or a pair: the proposed values put into a copy, judged again, and written as statements.

A **step** repairs the cells of one column that one check told. Where every record that holds a text is to hold the same
other text, the step is a rule by value; else it names records, by the table's key if it has one. A step is taken back
where what it wrote is told to be wrong again, and a check whose right value nobody knows is refused with its reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from rapidfuzz.distance import JaroWinkler
from sqlglot import exp

from assess.core.engine import open_engine
from assess.core.record import Record
from assess.intake.engagement import Engagement, LinkReview

from .checks.cells.lookups import LOOKUP
from .checks.cells.units import UNIT
from .checks.registry import find_check
from .compare import TableComparison, compare
from .finding import SURE, DataFinding
from .linkage import link
from .linkage.survivorship import merge_records, propose_rules, read_rules, write_golden, write_rules
from .profile import Profile, profile
from .remedies import file_name
from .table import Table, open_table
from .table_pairs import find_table_pairs, open_extract

DIALECTS = ("duckdb", "postgres", "spark")
"""Engines for which the run is written, by their names in sqlglot."""
SYSTEMATIC = 0.1
"""Share of a column's rows from which on two columns that disagree are related otherwise in both systems: which of them is wrong nobody knows."""
SIGNIFICANT = 15
"""Digits that a number of 64 bits holds whatever they are (IEEE 754): what follows is noise of the arithmetic."""
LISTED = 1_000
"""Cases that a statement names at most; a step of more stands in the file of repairs only."""

Way = Literal["by value", "by key", "by row"]


class RepairStep(Record):
    """What a run did to the cells of one column that one check told.

    Parameters
    ----------
    column, check
        Which.
    told
        Cells that the check told.
    written
        Cells that hold another value in the copy.
    taken_back
        Cells whose proposed value was told to be wrong again, and which hold what they held.
    way
        ``by value`` of the column, ``by key`` of the record, or ``by row``; empty where nothing was written.
    refused
        Why the other cells were left alone; empty if there are none.
    """

    column: str
    check: str
    told: int
    written: int = 0
    taken_back: int = 0
    way: Way | Literal[""] = ""
    refused: str = ""


@dataclass(frozen=True, eq=False)
class RepairRun:
    """A table repaired.

    Parameters
    ----------
    table
        Its name.
    steps
        What was done, the most written cells first.
    frame
        The copy, everything as text, a null as None.
    cells
        What was written: row, column, check, held, value, confidence.
    before, after
        Suspected cells of the table and of the copy, judged alike.
    key
        Column that tells the records apart, by which statements name them; empty if there is none.
    """

    table: str
    steps: tuple[RepairStep, ...]
    frame: pd.DataFrame
    cells: pd.DataFrame
    before: int
    after: int
    key: str = ""

    @property
    def summary(self) -> pd.DataFrame:
        """The steps as a table."""
        shown = ["column", "check", "told", "written", "taken_back", "way", "refused"]
        return pd.DataFrame(
            [[getattr(step, name) for name in shown] for step in self.steps], columns=shown
        ).assign(table=self.table)[["table", *shown]]


def repair(table: str | Table | pd.DataFrame, found: Profile | None = None) -> RepairRun:
    """Repair a copy of one table by what its own profile proposes.

    Parameters
    ----------
    table
        Path, DataFrame, table URL or opened table.
    found
        Its profile, with values in clear; default made here.

    Raises
    ------
    UnreadableTable
        If it can't be read.

    Examples
    --------
    >>> towns = ["Hamburg", "Bremen", "Rostock", "Kiel"] * 100
    >>> frame = pd.DataFrame({"no": [f"K{k:03d}" for k in range(400)], "town": ["Hambrug", *towns[1:]]})
    >>> run = repair(frame)
    >>> run.frame["town"].iloc[0], run.steps[0].way, (run.before, run.after)
    ('Hamburg', 'by value', (1, 0))
    """
    opened = open_table(table)
    judged = found or profile(opened, clear=True)
    key = next((k.columns[0] for k in judged.keys if len(k.columns) == 1 and k.holds), "")

    def judge(frame: pd.DataFrame) -> pd.DataFrame:
        return profile(open_table(frame, opened.name), clear=True).cells

    return _run(opened, judged.repairs, judged.cells, judged.findings, judge, key)


def repair_for(
    source: str | Table | pd.DataFrame,
    target: str | Table | pd.DataFrame,
    found: TableComparison | None = None,
) -> RepairRun:
    """Repair a copy of the source so that it keeps to what the target holds.

    Of what the target and the source's own table say a cell that breaks the target should hold, the one counts that is nearer
    to what it holds (repair at the least cost: Bohannon et al., SIGMOD 2005); of an empty cell what the target says.

    Parameters
    ----------
    source, target
        Paths, DataFrames, table URLs or opened tables.
    found
        Their comparison, with values in clear; default made here.

    Raises
    ------
    UnreadableTable
        If one of them can't be read.
    """
    mine, theirs = open_table(source), open_table(target)
    judged = found or compare(mine, theirs, clear=True)

    def judge(frame: pd.DataFrame) -> pd.DataFrame:
        return compare(open_table(frame, mine.name), theirs, clear=True).cells

    own = profile(mine, clear=True).repairs
    told = pd.MultiIndex.from_frame(judged.cells[["row", "column"]])
    own = own[pd.MultiIndex.from_frame(own[["row", "column"]]).isin(told) & (own["confidence"] >= SURE)]
    by_target = judged.repairs.drop(index=_systematic(judged.repairs, mine.rows))
    proposed = pd.concat([by_target, own], ignore_index=True)
    near = [_nearness(held, value) for held, value in zip(proposed["held"], proposed["value"], strict=True)]
    order = proposed.assign(near=near).sort_values("near", ascending=False, kind="stable").index
    proposed = proposed.loc[order].drop_duplicates(["row", "column"]).sort_index()
    key = next((way.source_columns[0] for way in judged.ways if len(way.source_columns) == 1 and _unique(mine, way.source_columns[0])), "")  # fmt: skip
    return _run(mine, proposed, judged.cells, judged.findings, judge, key)


def _nearness(held: object, value: object) -> float:
    return JaroWinkler.similarity(str(held), str(value)) if held and value else 0.0


def _systematic(proposed: pd.DataFrame, rows: int) -> pd.Index:
    """Proposals that would exchange one value of the target for another by what a second column says, in too many rows for errors."""
    looked_up = proposed[proposed["check"] == LOOKUP.name]
    often = looked_up.groupby("column")["row"].transform("size") > SYSTEMATIC * rows
    return looked_up.index[often]


def _unique(table: Table, name: str) -> bool:
    column = table.column(name)
    return column.distinct == column.rows


def _run(
    table: Table, proposed: pd.DataFrame, told: pd.DataFrame, findings: Sequence[DataFinding],
    judge: Callable[[pd.DataFrame], pd.DataFrame], key: str,
) -> RepairRun:  # fmt: skip
    frame = table.frame
    every = pd.concat([proposed, _by_rule(frame, told, proposed)], ignore_index=True)
    kept = write_shortest(
        frame,
        every[(every["confidence"] >= SURE) & (every["column"] != key)],
    )
    written = write_values(frame, kept)
    again = judge(written)
    wrong = pd.MultiIndex.from_frame(kept[["row", "column"]]).isin(
        pd.MultiIndex.from_frame(again[["row", "column"]])
    )
    lasting = kept[~wrong | kept["value"].isna()]
    if len(lasting) < len(kept):
        written = write_values(frame, lasting)
        again = judge(written)
    return RepairRun(
        table.name, _list_steps(frame, told, kept, lasting, findings, key), written,
        lasting[["row", "column", "check", "held", "value", "confidence"]].reset_index(drop=True),
        len(told), len(again), key,
    )  # fmt: skip


def _by_rule(frame: pd.DataFrame, told: pd.DataFrame, proposed: pd.DataFrame) -> pd.DataFrame:
    """Of the cells told without a proposed value, those that the rule of their check changes, with what it makes of them."""
    known = pd.MultiIndex.from_frame(proposed[["row", "column"]])
    found = told[~pd.MultiIndex.from_frame(told[["row", "column"]]).isin(known)]
    made = []
    with closing(open_engine()) as engine:
        for (name, check), part in found.groupby(["column", "check"], sort=False):
            rule = find_check(str(check)).fix("v")
            held = frame[name].to_numpy(object)[part["row"].to_numpy(np.int64)]
            if not rule:
                continue
            engine.register(
                "texts", pa.table({"v": pa.array(held, pa.large_string()), "n": pa.array(range(len(held)))})
            )
            values = [value for (value,) in engine.execute(f"SELECT {rule} FROM texts ORDER BY n").fetchall()]  # noqa: S608
            part = part.assign(
                held=pd.Series(held, part.index, object), value=pd.Series(values, part.index, object)
            )
            made.append(
                part[
                    [
                        bool(one and one.strip()) and one != other and other != ""
                        for one, other in zip(held, values, strict=True)
                    ]
                ]
            )
    return pd.concat(made) if made else found.head(0).assign(held=None, value=None)


def write_shortest(frame: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Write numbers that were freed of a unit in their shortest form, unless the column's other numbers keep zeros at the end.

    >>> cells = pd.DataFrame({"row": [0], "column": ["size"], "check": ["unit"], "value": ["12.0"]})
    >>> write_shortest(pd.DataFrame({"size": ["12.0 oz", "16", "8.4"]}), cells)["value"].tolist()
    ['12']
    >>> write_shortest(pd.DataFrame({"size": ["12.0 oz", "16.0", "8.4"]}), cells)["value"].tolist()
    ['12.0']
    """
    values = cells["value"].to_numpy(object, copy=True)
    freed = (cells["check"] == UNIT.name).to_numpy(bool) & cells["value"].notna().to_numpy(bool)
    for name in cells["column"][freed].unique():
        at = np.flatnonzero(freed & (cells["column"] == name).to_numpy(bool))
        others = frame[name].drop(frame.index[cells["row"].to_numpy(np.int64)[at]])
        if not others.str.fullmatch(r"-?\d+\.\d*0").any():
            for place in at.tolist():
                with contextlib.suppress(ValueError):
                    values[place] = f"{float(values[place]):.{SIGNIFICANT}g}"
    return cells.assign(value=values)


def write_values(frame: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table with values written into its cells (row, column, value)."""
    made = frame.copy()
    for name, part in cells.groupby("column", sort=False):
        texts = made[name].to_numpy(object, copy=True)
        texts[part["row"].to_numpy(np.int64)] = part["value"].to_numpy(object)
        made[name] = texts
    return made


def _list_steps(
    frame: pd.DataFrame, told: pd.DataFrame, proposed: pd.DataFrame, lasting: pd.DataFrame,
    findings: Sequence[DataFinding], key: str,
) -> tuple[RepairStep, ...]:  # fmt: skip
    counts = told.groupby(["column", "check"], sort=False).size()
    tried = proposed.groupby(["column", "check"], sort=False).size()
    done = lasting.groupby(["column", "check"], sort=False).size()
    severe = {(f.column, f.check): f for f in findings}
    steps = []
    for place in sorted(set(counts.index) | set(tried.index)):
        column, check = place
        written, attempted = int(done.get(place, 0)), int(tried.get(place, 0))
        total = max(int(counts.get(place, 0)), attempted)
        part = lasting[(lasting["column"] == column) & (lasting["check"] == check)]
        steps.append(
            RepairStep(
                column=column,
                check=check,
                told=total,
                written=written,
                taken_back=attempted - written,
                way=name_cells(frame, part, key) if written else "",
                refused=_refusal(total - attempted, severe.get(place)),
            )
        )
    return tuple(sorted(steps, key=lambda step: (-step.written, step.column, step.check)))


def _refusal(left: int, finding: DataFinding | None) -> str:
    if not left:
        return ""
    if finding is not None and "No rule brings back what was lost." in finding.evidence:
        return f"{left:,} cells lost digits or signs that nothing in the table brings back"
    return f"of {left:,} cells nothing in the data says what they should hold"


def name_cells(frame: pd.DataFrame, cells: pd.DataFrame, key: str) -> Way:
    """Return how a statement can name cells: by what they hold, where all that hold it change alike, by key, or by row."""
    name = str(cells["column"].iloc[0])
    meant = cells.drop_duplicates(["held", "value"])
    held = cells["held"].dropna()
    if (
        len(held) == len(cells)
        and meant["held"].is_unique
        and int(frame[name].isin(held.unique()).sum()) == len(cells)
    ):
        return "by value"
    return "by key" if key else "by row"


def write_statement(run: RepairRun, dialect: str) -> str:
    """Return one query that selects the table repaired, in the words of an engine.

    Steps that can only be named by row, or that name more than `LISTED` cases, are left out and said in a comment.

    Parameters
    ----------
    dialect
        One of `DIALECTS`.
    """
    cases: dict[str, list[exp.If]] = {}
    left_out = []
    for step in run.steps:
        if not step.written:
            continue
        cells = run.cells[(run.cells["column"] == step.column) & (run.cells["check"] == step.check)]
        made = _cases(run, step, cells)
        if made is None or len(made) > LISTED:
            left_out.append(
                f"-- left to repairs.csv: {step.column}, {step.check}, {step.written:,} cells, named {step.way}"
            )
        else:
            cases.setdefault(step.column, []).extend(made)
    chosen = [
        exp.alias_(exp.Case(ifs=cases[name], default=_name(name)), name, quoted=True)
        if name in cases
        else _name(name)
        for name in run.frame.columns
    ]
    query = exp.select(*chosen).from_(exp.Table(this=exp.to_identifier(run.table, quoted=True)))
    said = [
        f"-- {run.table} repaired: {len(run.cells):,} cells of {run.before:,} told; {run.after:,} told afterwards",
        *left_out,
    ]
    return "\n".join(
        [*(" ".join(line.split()) for line in said), query.sql(dialect=dialect, pretty=True) + ";", ""]
    )


def _name(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _cases(run: RepairRun, step: RepairStep, cells: pd.DataFrame) -> list[exp.If] | None:
    if step.way == "by value":
        meant = cells.drop_duplicates(["held", "value"])
        known = [
            (_name(step.column), held, value)
            for held, value in zip(meant["held"], meant["value"], strict=True)
        ]
    elif step.way == "by key":
        keys = run.frame[run.key].to_numpy(object)[cells["row"].to_numpy(np.int64)]
        known = [(_name(run.key), held, value) for held, value in zip(keys, cells["value"], strict=True)]
    else:
        return None
    return [
        exp.If(
            this=exp.EQ(this=place, expression=exp.Literal.string(held)),
            true=exp.Null() if value is None else exp.Literal.string(value),
        )
        for place, held, value in known
    ]


def write_pandas(run: RepairRun) -> str:
    """Return a function for pandas that repairs a DataFrame of texts as the run did, from the table of repairs."""
    return (
        f'"""{run.table} repaired: {len(run.cells):,} cells, as listed beside this file."""\n\nimport pandas as pd\n\n\n'
        "def repair(frame: pd.DataFrame, repairs: str) -> pd.DataFrame:\n"
        '    """Return a copy of the table, read as text in the order of the extract, with every listed value written."""\n'
        "    made = frame.copy()\n"
        '    for cell in pd.read_csv(repairs, dtype={"column": str, "value": str}, keep_default_na=False).itertuples():\n'
        "        made.iloc[cell.row, made.columns.get_loc(cell.column)] = cell.value\n"
        "    return made\n"
    )


class WrittenRun(Record):
    """What was written of one table or pair.

    Parameters
    ----------
    name
        The table, or ``source → target``.
    before, written, after
        Suspected cells of the extract, cells changed, and suspected cells of the copy.
    golden
        Golden records of a pair; 0 where no records of both sides are known to be the same.
    links
        What is known of the links between both sides; empty where a column numbers both.
    """

    name: str
    before: int
    written: int
    after: int
    golden: int = 0
    links: str = ""


def write_repairs(
    engagement: Engagement, folder: Path, *, only: Collection[str] = ()
) -> Iterator[WrittenRun]:
    """Write the repaired copies of an engagement's tables and pairs into a folder, and say what was done, one after the other.

    Parameters
    ----------
    folder
        Made if it is not there; files of the same names are replaced.
    only
        Names of tables; default all. A pair is written where its source is among them.

    Raises
    ------
    UnreadableTable
        If an extract can't be read.
    UnknownField
        If the rules of a pair hold what can't be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    summaries = []
    wanted = [extract for extract in engagement.tables if not only or extract.name in only]
    for extract in wanted:
        run = repair(open_extract(engagement, extract))
        summaries.append(run.summary)
        yield _write(run, folder, extract.name, extract.name)
    for pair in find_table_pairs(engagement):
        if pair.source in wanted:
            source, target = open_extract(engagement, pair.source), open_extract(engagement, pair.target)
            found = compare(source, target, clear=True)
            run = repair_for(source, target, found)
            file, name = f"{pair.source.name}--{pair.target.name}", f"{pair.source.name} → {pair.target.name}"
            summaries.append(run.summary.assign(table=name))
            said, place = pair.reviews(engagement), folder / f"{file_name(file)}.golden"
            yield _write(run, folder, file, name, _write_golden(found, source, target, said, place))
    if summaries:
        pd.concat(summaries, ignore_index=True).to_csv(folder / "steps.csv", index=False)


def _write_golden(
    found: TableComparison, source: Table, target: Table, reviews: Sequence[LinkReview], folder: Path
) -> tuple[int, str]:
    """Write the golden records of a pair by the rules that lie there, or else by rules that are proposed there.

    Of linked records a pair that a person found different is none, and an undecided one found the same is one.

    Returns
    -------
    int, str
        Number of golden records, and what is known of the links.
    """
    columns = pd.DataFrame(
        [(match.source_column, match.target_column) for match in found.mapping.matches], columns=["left_column", "right_column"]
    )  # fmt: skip
    pairs, told = _joined(found, source, target), ""
    if pairs is None:
        linkage = link(source, target)
        if linkage.refused:
            return 0, linkage.refused
        told = linkage.reviewed(reviews, source, target).checked
        pairs, columns = linkage.confirmed(reviews), columns if len(columns) else linkage.columns
    folder.mkdir(parents=True, exist_ok=True)
    rules = folder / "rules.csv"
    if not rules.is_file():
        write_rules(propose_rules(columns, source, target), rules)
    golden = merge_records(source, target, pairs, read_rules(rules))
    write_golden(golden, source, target, folder)
    return len(golden.records), told


def _joined(found: TableComparison, source: Table, target: Table) -> pd.DataFrame | None:
    """The rows that are one record by a column that numbers both sides; None if there is no such column."""
    for way in found.ways:
        names = way.source_columns, way.target_columns
        if len(names[0]) == 1 and _unique(source, names[0][0]) and _unique(target, names[1][0]):
            sides = [
                pd.DataFrame({"held": table.frame[name[0]], f"{side}_row": range(table.rows)})
                for table, name, side in ((source, names[0], "left"), (target, names[1], "right"))
            ]
            return sides[0].merge(sides[1], on="held")[["left_row", "right_row"]]
    return None


def _write(
    run: RepairRun, folder: Path, file: str, name: str, golden: tuple[int, str] = (0, "")
) -> WrittenRun:
    stem = folder / file_name(file)
    run.frame.to_csv(stem.with_name(f"{stem.name}.csv"), index=False)
    run.cells.to_csv(stem.with_name(f"{stem.name}.repairs.csv"), index=False)
    for dialect in DIALECTS:
        stem.with_name(f"{stem.name}.{dialect}.sql").write_text(write_statement(run, dialect), "utf-8")
    stem.with_name(f"{stem.name}.pandas.py").write_text(write_pandas(run), "utf-8")
    return WrittenRun(
        name=name,
        before=run.before,
        written=len(run.cells),
        after=run.after,
        golden=golden[0],
        links=golden[1],
    )
