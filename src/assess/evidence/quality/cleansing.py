"""The repairs as files: for each table and pair the statements that check and fix it, and a table of values.

``NAME.sql`` holds the statements of every finding, the gravest first; ``NAME.repairs.csv`` the cells whose
right value is proposed, which the fixes read. Masked, its column ``value`` holds codes only (see
`assess.core.personal.find_codes`) and is left out without any, so that a fix can't write a mask into the data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from assess.core.messages import neutralise_text
from assess.core.record import Record

from .assessment import QualityAssessment
from .finding import DataFinding
from .remedies import file_name


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
        Whether values are masked, but for codes: what is masked can be read but not applied.
    applicable
        Of the listed cells, those whose right value stands in clear.
    """

    name: str
    statements: str = ""
    repairs: str = ""
    checks: int = 0
    fixes: int = 0
    proposed: int = 0
    listed: int = 0
    masked: bool = True
    applicable: int = 0


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
    known = np.ones(len(repairs), bool) if clear else repairs["value_clear"].to_numpy(bool)
    item = Cleansing(
        name=name, statements=f"{file}.sql" if stated else "", repairs=f"{file}.repairs.csv" if len(repairs) else "",
        checks=sum(bool(f.check_sql) for f in told), proposed=proposed, listed=len(repairs), masked=not clear,
        applicable=int(known.sum()),
    )  # fmt: skip
    columns = frozenset(repairs["column"][known])
    item = item.model_copy(update={"fixes": sum(_applies(f, item, columns) for f in told)})
    if item.statements:
        (folder / item.statements).write_text(statements(item, stated, columns), "utf-8")
    if item.repairs:
        table = repairs[["row", "column", "check", "held", "value", "confidence"]]
        if not clear:
            masked = repairs["value"].where(~known, None)
            table.insert(5, "value_masked", masked)
            table = (
                table.assign(value=repairs["value"].where(known, None))
                if known.any()
                else table.drop(columns="value")
            )
        texts = table.select_dtypes(object).map(lambda text: None if text is None else neutralise_text(text))
        table.assign(**texts).to_csv(folder / item.repairs, index=False, na_rep="\\N", lineterminator="\r\n")
    return item


def statements(item: Cleansing, found: Sequence[DataFinding], columns: Collection[str]) -> str:
    """Write the statements of the findings of one table or pair as a file of SQL.

    Parameters
    ----------
    columns
        Columns of which the table of repairs holds values in clear.
    """
    lines = [
        f"-- {' '.join(item.name.split())}: {item.checks} checks and {item.fixes} fixes, in the SQL of DuckDB.",
        "-- Run them in the folder of the engagement; a check lists rows (0 is the first below the header),",
        "-- a fix selects the table repaired and changes no file: put COPY (...) TO 'repaired.csv' around it.",
    ]
    if item.repairs:
        left = item.proposed - item.listed
        less = f" ({left:,} less sure, are left out)" if left else ""
        lines.append(f"-- {item.listed:,} proposed values are in {item.repairs}{less}.")
        if item.applicable < item.listed:
            codes = f"{item.applicable:,} are codes in clear, the others" if item.applicable else "They"
            lines.append(
                f"-- {codes} are masked and can't be applied: run assess with --show-values for all."
            )
        if item.applicable:
            lines.append("-- Name the folder of that file first: SET file_search_path = 'FOLDER';")
    for place, finding in enumerate(found, 1):
        lines += ["", *_said(place, finding)]
        if finding.telling and item.masked:
            lines.append("-- Its statements name values: run assess with --show-values to have them.")
            continue
        for word, text in (("Check", finding.check_sql), ("Fix", finding.fix_sql)):
            if word == "Fix" and text and not _applies(finding, item, columns):
                lines.append("-- Its fix reads masked values: run assess with --show-values to have them.")
            elif text:
                lines += [f"-- {word}", f"{text};"]
    return "\n".join(lines) + "\n"


def _applies(finding: DataFinding, item: Cleansing, columns: Collection[str]) -> bool:
    """Whether a finding has a fix whose values stand in clear."""
    reads = bool(item.repairs) and item.repairs in finding.fix_sql
    return bool(finding.fix_sql) and (not reads or finding.column in columns)


def _said(place: int, finding: DataFinding) -> list[str]:
    facts = [f"confidence {finding.confidence:.0%}", f"{finding.rows:,} rows"]
    if finding.effort:
        facts.append(f"about {finding.effort.likely:.1f} person-days")
    facts.append(f"owner {finding.owner or 'nobody yet'}")
    texts = (f"{place}. {finding.severity}: {finding.title}", ", ".join(facts), finding.action)
    return [f"-- {' '.join(text.split())}" for text in texts if text]
