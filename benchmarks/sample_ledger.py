"""How many of the defects planted in the sample engagements are told, by kind, and how many cells told are right.

    python benchmarks/sample_ledger.py [SAMPLE ...] [--missed] [--false]

Assesses data/samples/SAMPLE (default: lead_to_cash and legacy_manufacturer) as `assess run` does, and holds
its answer against the sample's `_ledger.csv`, which is no input of the assessment.

Found is a planted cell that a profile, a comparison or a reference tells, or that stands in a pair of joined
fields told to disagree; a planted row (a duplicate, a record on one side only) that is listed as one; and a
conflict of definition if one is told of its column under a name of `DEFINED`. A contradiction between cells
of one row (`CONTRADICTIONS`) does not say which of them is wrong: it is found if the contradiction is told.

A cell told is right if something was planted in it, in its row's contradiction, in the field of the other
system that it was told to disagree with, or if its row is a planted copy of another.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from assess.evidence.quality import QualityAssessment, assess
from assess.intake import load

SAMPLES = Path(__file__).resolve().parents[1] / "data/samples"
WITH_EXTRACTS = ("lead_to_cash", "legacy_manufacturer")
CONTRADICTIONS = {
    "end-before-start": {"order"},
    "sum-mismatch": {"arithmetic"},
    "dependency": {"dependency", "relation"},
}
"""Planted kinds that only a row's cells together show, and the checks that tell a contradiction."""
DEFINED = {
    "vocabulary-conflict": {"vocabulary", "code reuse"}, "date-format-conflict": {"date format"}, "scale": {"scale"},
    "unit": {"scale"}, "net-gross": {"net-gross"}, "time-zone": {"time zone"}, "length": {"length"},
    "precision": {"precision"}, "leading-zeros": {"leading zeros"}, "structure-conflict": {"structure"},
    "no-common-key": {"no common key"},
}  # fmt: skip
"""Planted conflicts of definition, and the names under which they are told."""

Cell = tuple[str, int, str]
"""Table, row and column."""


def ledger_of(sample: str) -> pd.DataFrame:
    """The ledger of a sample, tables named as the assessment names them; run logs are not its business."""
    ledger = pd.read_csv(SAMPLES / sample / "_ledger.csv", dtype=str, keep_default_na=False)
    ledger = ledger[ledger["system"] != "operations"]
    name = ledger["table"].str.removesuffix(".csv").str.replace("_", ".", n=1)
    return ledger.assign(table=name).reset_index(drop=True)


@dataclass
class Told:
    """What an assessment says, by place.

    Parameters
    ----------
    cells
        Checks by cell.
    rows
        Rows listed as duplicates or as records on one side only, by table.
    apart
        Cells that were told to disagree with a cell of another system.
    definitions
        Kinds of conflicts by table and column.
    """

    cells: dict[Cell, set[str]] = field(default_factory=lambda: defaultdict(set))
    rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    apart: dict[Cell, set[Cell]] = field(default_factory=lambda: defaultdict(set))
    definitions: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def by(cls, found: QualityAssessment) -> Told:
        """Gather what an assessment says."""
        told = cls()
        for profile in found.profiles:
            for cell in profile.cells.itertuples():
                told.cells[profile.name, int(cell.row), str(cell.column)].add(str(cell.check))
            for copies in profile.duplicates:
                told.rows[profile.name].update(copies.rows)
        for reference in found.references:
            for row in reference.lone:
                told.cells[reference.table, row, reference.column].add("orphan")
        for one in found.comparisons:
            for cell in one.cells.itertuples():
                told.cells[one.source, int(cell.row), str(cell.column)].add(str(cell.check))
            for lone in one.lone.itertuples():
                told.rows[one.source if lone.side == "source" else one.target].add(int(lone.row))
            for pair in one.apart.itertuples():
                mine = one.source, int(pair.source_row), str(pair.source_column)
                theirs = one.target, int(pair.target_row), str(pair.target_column)
                told.apart[mine].add(theirs)
                told.apart[theirs].add(mine)
            for conflict in one.conflicts:
                told.definitions[one.source, conflict.source_column].add(conflict.kind)
                told.definitions[one.target, conflict.target_column].add(conflict.kind)
            for finding in one.findings:
                if finding.check == "no common key":
                    told.definitions[one.source, finding.column].add(finding.check)
                    told.definitions[one.target, ""].add(finding.check)
        return told

    def contradicted(self, table: str, row: int, checks: set[str], columns: list[str]) -> bool:
        """Whether a check tells any cell of a row."""
        return any(self.cells.get((table, row, column), set()) & checks for column in columns)


def measured(sample: str, cache: Path | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ledger with whether each line was found, and every cell told with whether it is right.

    Parameters
    ----------
    sample
        Name of a sample engagement.
    cache
        Where the assessment may keep results by content.
    """
    warnings.simplefilter("ignore")
    engagement = load(SAMPLES / sample)
    found = assess(engagement, cache)
    columns = {p.name: [fact.name for fact in p.facts] for p in found.profiles}
    told, ledger = Told.by(found), ledger_of(sample)
    ledger = ledger.assign(found=[_found(line, told, columns) for line in ledger.itertuples()])
    return ledger, pd.DataFrame(_cells(told, ledger), columns=["table", "row", "column", "checks", "right"])


def _found(line: tuple, told: Told, columns: dict[str, list[str]]) -> bool:
    """Whether a line of the ledger was told."""
    if line.row == "":
        kinds = told.definitions[line.table, line.column]
        if line.kind == "no-common-key":
            kinds = kinds | told.definitions[line.table, ""]
        return bool(kinds & DEFINED.get(line.kind, {line.kind}))
    row = int(line.row)
    if (line.column == "" or line.kind == "orphan") and row in told.rows[line.table]:
        return True
    cell = line.table, row, line.column
    if told.cells.get(cell) or told.apart.get(cell):
        return True
    checks = CONTRADICTIONS.get(line.kind)
    return checks is not None and told.contradicted(line.table, row, checks, columns[line.table])


def _cells(told: Told, ledger: pd.DataFrame) -> Iterator[tuple[str, int, str, str, bool]]:
    """Every cell told by a check, with whether it is right."""
    lines = ledger[ledger["row"] != ""]
    kinds = {
        (t, int(r), c): k for t, r, c, k in zip(lines.table, lines.row, lines.column, lines.kind, strict=True)
    }
    joint: dict[tuple[str, int], set[str]] = defaultdict(set)
    for (table, row, _), kind in kinds.items():
        joint[table, row] |= CONTRADICTIONS.get(kind, set())
    for cell, checks in sorted(told.cells.items()):
        table, row, _ = cell
        right = (
            cell in kinds or (table, row, "") in kinds or bool(joint.get((table, row), set()) & checks)
            or any(other in kinds or (other[0], other[1], "") in kinds for other in told.apart.get(cell, ()))
        )  # fmt: skip
        yield *cell, ", ".join(sorted(checks)), right


def by_kind(ledger: pd.DataFrame) -> pd.DataFrame:
    """Planted, found and recall of each kind, conflicts of definition told apart."""
    kind = ledger["kind"].where(ledger["row"] != "", ledger["kind"] + " (definition)")
    grouped = ledger.groupby(kind)["found"].agg(planted="size", found="sum")
    return grouped.assign(recall=(grouped["found"] / grouped["planted"]).round(3))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("samples", nargs="*", default=WITH_EXTRACTS)
    ask.add_argument("--missed", action="store_true", help="list what is missed by table and column")
    ask.add_argument("--false", action="store_true", help="list what is told and was not planted")
    asked = ask.parse_args()
    parts = [measured(sample) for sample in asked.samples]
    ledger, cells = (pd.concat(some, ignore_index=True) for some in zip(*parts, strict=True))
    print(by_kind(ledger).to_string())
    print(
        f"\n{len(ledger):,} planted, {ledger.found.mean():.1%} found; "
        f"{len(cells):,} cells told, {cells.right.mean():.1%} right"
    )
    if asked.missed:
        print(ledger[~ledger.found].groupby(["kind", "table", "column"]).size().to_string())
    if asked.false:
        print(cells[~cells.right].groupby(["table", "column", "checks"]).size().to_string())


if __name__ == "__main__":
    main()
