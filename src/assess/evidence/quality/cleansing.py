"""The repairs as files: for each table and pair the statements that check and fix it, and a table of values.

``NAME.sql`` holds the statements of every finding, the gravest first; ``NAME.repairs.csv`` the cells whose
right value is proposed, which the fixes read. Masked, the table has no column ``value``, so that a
fix can't write a mask into the data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from assess.core.record import Record

from .assessment import QualityAssessment
from .findings import DataFinding
from .remedies import file_name

RUNS = re.compile(r"\s*[=@]|[\t\r]|[+\-](?![\s\d.,(])")
"""Beginning of a text that a spreadsheet runs as a formula."""


class Cleansing(Record):
    """The files of one table or pair.

    Parameters
    ----------
    name
        The table, or ``source → target``.
    statements, repairs
        Names of the files; empty where there is nothing to write.
    checks, fixes
        Number of statements.
    proposed, listed
        Cells whose right value is proposed, and those in the file.
    masked
        Whether values are masked, so that the file can be read but not applied.
    """

    name: str
    statements: str = ""
    repairs: str = ""
    checks: int = 0
    fixes: int = 0
    proposed: int = 0
    listed: int = 0
    masked: bool = True


def write(result: QualityAssessment, folder: Path, *, clear: bool = False) -> tuple[Cleansing, ...]:
    """Write the statements and repairs of every table and pair into a folder.

    Parameters
    ----------
    clear
        Whether the result holds values as they are; statements that name values are left out otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {finding.id: finding for finding in result.findings}
    written = []
    for item in result.profiles:
        own = [found[f.id] for f in item.findings if f.id in found]
        written.append(
            _files(file_name(item.name), item.name, own, item.repairs, item.repaired, folder, clear)
        )
    for pair in result.comparisons:
        own = [found[f.id] for f in pair.findings if f.id in found]
        file, name = file_name(f"{pair.source}--{pair.target}"), f"{pair.source} → {pair.target}"
        written.append(_files(file, name, own, pair.repairs, pair.repaired, folder, clear))
    return tuple(item for item in written if item.statements or item.repairs)


def _files(
    file: str,
    name: str,
    found: Sequence[DataFinding],
    repairs: pd.DataFrame,
    proposed: int,
    folder: Path,
    clear: bool,
) -> Cleansing:
    stated = [f for f in found if (f.check_sql or f.fix_sql)]
    told = [f for f in stated if clear or not f.telling]
    safe = repairs[[not RUNS.match(value) for value in repairs["value"].tolist()]]
    item = Cleansing(
        name=name, statements=f"{file}.sql" if stated else "", repairs=f"{file}.repairs.csv" if len(safe) else "",
        checks=sum(bool(f.check_sql) for f in told), fixes=sum(bool(f.fix_sql) for f in told), proposed=proposed,
        listed=len(safe), masked=not clear,
    )  # fmt: skip
    if item.statements:
        (folder / item.statements).write_text(statements(item, stated), "utf-8")
    if item.repairs:
        shown = safe if clear else safe.rename(columns={"value": "value_masked"})
        harmless = pd.Series(map(_harmless, shown["held"].tolist()), shown.index, object)
        shown = shown.assign(held=harmless)
        shown.to_csv(folder / item.repairs, index=False)
    return item


def _harmless(value: str | None) -> str | None:
    return f"'{value}" if value is not None and RUNS.match(value) else value


def statements(item: Cleansing, found: Sequence[DataFinding]) -> str:
    """Write the statements of the findings of one table or pair as a file of SQL."""
    lines = [
        f"-- {' '.join(item.name.split())}: {item.checks} checks and {item.fixes} fixes, in the SQL of DuckDB.",
        "-- Run them in the folder of the engagement; a check lists rows (0 is the first below the header),",
        "-- a fix selects the table repaired and changes no file: put COPY (...) TO 'repaired.csv' around it.",
    ]
    if item.repairs:
        left = item.proposed - item.listed
        less = f" ({left:,} less sure, or formulas to a spreadsheet, are left out)" if left else ""
        lines.append(f"-- {item.listed:,} proposed values are in {item.repairs}{less}.")
        if item.masked:
            lines.append(
                "-- They are masked and can't be applied: run assess with --show-values for a table that can."
            )
        else:
            lines.append("-- Name the folder of that file first: SET file_search_path = 'FOLDER';")
    for place, finding in enumerate(found, 1):
        lines += ["", *_said(place, finding)]
        if finding.telling and item.masked:
            lines.append("-- Its statements name values: run assess with --show-values to have them.")
            continue
        for word, text in (("Check", finding.check_sql), ("Fix", finding.fix_sql)):
            if text:
                lines += [f"-- {word}", f"{text};"]
    return "\n".join(lines) + "\n"


def _said(place: int, finding: DataFinding) -> list[str]:
    facts = [f"confidence {finding.confidence:.0%}", f"{finding.rows:,} rows"]
    if finding.effort:
        facts.append(f"about {finding.effort.likely:.1f} person-days")
    facts.append(f"owner {finding.owner or 'nobody yet'}")
    texts = (f"{place}. {finding.severity}: {finding.title}", ", ".join(facts), finding.action)
    return [f"-- {' '.join(text.split())}" for text in texts if text]
