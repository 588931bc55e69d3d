"""Chapter 2: whether the data of source and target is fit to be integrated, and the files that it leaves beside the report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.risk.losses import LossTerms
from assess.evidence.quality import QualityAssessment
from assess.report import charts
from assess.report.chapter import Chapter, FactsFile
from assess.report.figure import Figure
from assess.report.prose import and_list, count, resolve
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn
from assess.report.whatif import WhatIf
from assess.report.whatif.quality import what_if

from . import data_columns

SHOWN = 15
"""Findings, columns and matches that a table of the chapter shows; the ledger holds all findings."""

STATES = {"fit": "good", "fit after repair": "partial", "not fit": "bad", "not assessed": "unknown"}


def data_quality(assessment: Assessment, files: tuple[FactsFile, ...] = ()) -> Chapter:
    """Say whether each table and pair is fit, what breaks, and what the repair takes.

    Parameters
    ----------
    files
        What `save_beside` left beside the report.
    """
    result = assessment.quality
    shell = Chapter(
        number=2,
        key="data_quality",
        title="Data quality",
        question="Is the data of source and target fit to be integrated?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.assessed:
        return shell.model_copy(update={"findings": result.findings})
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": subject(result),
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id in HEADLINE),
            "figures": (*columns_that_carry(result), *efforts(result)),
            "tables": (
                verdicts(result),
                repairs(result),
                *data_columns.heat(result, measured(result)),
                *data_columns.patterns(result, measured(result)),
                *tabulate_pairs(result),
            ),
            "findings": result.findings,
            "changes": changes(result),
            "whatif": explored(assessment),
            "files": files,
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def explored(assessment: Assessment) -> WhatIf | None:
    """Let the reader move the thresholds of the verdict and the prices of the repair."""
    known = assessment.engagement
    return what_if(assessment.quality, known.assumptions, LossTerms.of(known).day_rate, known.currency)


HEADLINE = ("data_quality.unfit", "data_quality.effort", "data_quality.suspect_share", "data_quality.rows")


def fact(result: QualityAssessment, name: str) -> Fact | None:
    """Return a fact by the end of its id."""
    return next((f for f in result.facts if f.id == f"data_quality.{name}"), None)


def measured(result: QualityAssessment) -> tuple[Source, ...]:
    """Return the sources of what was measured as a whole."""
    rows = fact(result, "rows")
    return rows.sources if rows else ()


def verdict(result: QualityAssessment) -> str:
    """Answer in two sentences: the worst state, and what makes it so."""
    states = Counter(v.fitness for v in result.verdicts)
    bad = [v for v in result.verdicts if v.fitness == "not fit"]
    later = [v for v in result.verdicts if v.fitness == "fit after repair"]
    total = len(result.verdicts)
    work = fact(result, "effort")
    price = f" The repair takes about [{work.value:,.0f} person-days](data_quality.effort)." if work else ""
    if bad:
        head = f"Not yet: {states['not fit']} of {total} tables and pairs are not fit"
        return f"{head}. First of all: {sentence(result.findings[0].title) if result.findings else bad[0].reason}{price}"
    if later:
        return f"After repair: {states['fit after repair']} of {count(total, 'table and pair', 'tables and pairs')} need work first.{price}"
    unknown = states["not assessed"]
    if unknown:
        others = "; the others are fit" if unknown < total else ""
        return f"Not known: {unknown} of {count(total, 'table and pair', 'tables and pairs')} could not be assessed{others}."
    return f"Yes: all {count(total, 'table and pair', 'tables and pairs')} that were measured are fit to be integrated."


def sentence(text: str) -> str:
    """Close a title with a full stop."""
    return text if text.endswith(".") else text + "."


def subject(result: QualityAssessment) -> str:
    """Say what was looked at."""
    sizes = [f"{p.name} ({p.rows:,})" for p in result.profiles[:4]]
    more = [f"{len(result.profiles) - 4} more tables"] if len(result.profiles) > 4 else []
    pairs = (
        f"; {count(len(result.comparisons), 'pair')} of source and target compared"
        if result.comparisons
        else ""
    )
    return f"{and_list(sizes + more)}{pairs}"


def columns_that_carry(result: QualityAssessment) -> tuple[Figure, ...]:
    """Draw which columns carry the conflicts."""
    cells: Counter[str] = Counter()
    for finding in result.findings:
        if finding.column:
            place = f"{finding.table}.{finding.column}"
            cells[place] = max(cells[place], finding.rows)
    if not cells:
        return ()
    ordered = sorted(cells.items(), key=lambda item: (-item[1], item[0]))
    top, rest = ordered[:8], ordered[8:]
    share = sum(n for _, n in top[:4]) / sum(cells.values())
    labels = [name for name, _ in top] + ([f"{len(rest)} others"] if rest else [])
    values = [float(n) for _, n in top] + ([float(sum(n for _, n in rest))] if rest else [])
    first = min(4, len(top))
    caption = f"{count(first, 'column')} {'carry' if first > 1 else 'carries'} {share:.0%} of the conflicting values"
    return (
        Figure(
            id="columns",
            caption=caption,
            alt="Bars: values in conflict by column, the most first.",
            plot=charts.bars(labels, values, highlight=labels[:first], rest=labels[-1] if rest else None),
            table=DataTable.of(
                ordered[:40],
                (
                    ColumnSpec("column", "Column", lambda row: row[0]),
                    ColumnSpec("values", "Values", lambda row: row[1], "count", sources=measured(result)),
                ),
                id="columns-data",
                caption="Values in conflict by column: of each column its most frequent kind",
                sources=measured(result),
                total=len(ordered),
            ),
        ),
    )


def efforts(result: QualityAssessment) -> tuple[Figure, ...]:
    """Draw the work of repair for each table and pair."""
    priced = [v for v in result.verdicts if v.effort is not None and v.effort.likely > 0]
    priced.sort(key=lambda v: (-v.effort.likely if v.effort else 0.0, v.table, v.target))
    if not priced:
        return ()
    shown = priced[:12]
    labels = [v.table + (f" → {v.target}" if v.target else "") for v in shown]
    work = [v.effort for v in shown if v.effort]
    sources = tuple({e.source.id: e.source for e in work if e.source}.values())
    return (
        Figure(
            id="effort",
            caption=f"{labels[0]} takes most of the repair: about {work[0].likely:,.0f} person-days",
            alt="Dots: person-days of repair by table and pair, likely value with low and high.",
            plot=charts.dots(
                labels,
                [e.likely for e in work],
                low=[e.low for e in work],
                high=[e.high for e in work],
                unit="person-days",
                highlight=labels[:1],
            ),
            table=DataTable(
                id="effort-data",
                caption="Person-days of repair",
                columns=(
                    TableColumn(key="place", label="Table or pair"),
                    *(
                        TableColumn(
                            key=k, label=k.capitalize(), format="number", unit="person-days", digits=1
                        )
                        for k in ("low", "likely", "high")
                    ),
                ),
                rows=tuple(
                    (
                        TableCell(value=label),
                        *(
                            TableCell(value=v, sources=(e.source.id,) if e.source else ())
                            for v in (e.low, e.likely, e.high)
                        ),
                    )
                    for label, e in zip(labels, work, strict=True)
                ),
                sources=sources,
            ),
        ),
    )


def verdicts(result: QualityAssessment) -> DataTable:
    """Show the verdict of each table and pair with its rule."""
    return DataTable.of(
        result.verdicts,
        (
            ColumnSpec("place", "Table or pair", lambda v: v.table + (f" → {v.target}" if v.target else "")),
            ColumnSpec("state", "Verdict", lambda v: STATES[v.fitness], "state", note=lambda v: v.fitness),
            ColumnSpec("why", "Because", lambda v: v.reason),
            ColumnSpec("rows", "Rows", lambda v: v.rows, "count", sources=measured(result)),
            ColumnSpec("share", "Suspect cells", lambda v: v.share, "share", sources=measured(result)),
            ColumnSpec("days", "Repair", lambda v: v.effort, "number", unit="person-days", digits=1),
            ColumnSpec("for", "For integrations", lambda v: ", ".join(v.integrations)),
        ),
        id="verdicts",
        caption="Fit to be integrated? The verdict of each table and pair, and the rule that led to it",
    )


def repairs(result: QualityAssessment) -> DataTable:
    """Show the gravest findings: what source and target hold, and the price of the repair."""
    shown = [f for f in result.findings if f.severity != "info"][:SHOWN]
    return DataTable.of(
        shown,
        (
            ColumnSpec("finding", "Finding", lambda f: f.title),
            ColumnSpec("severity", "Severity", lambda f: f.severity, "state"),
            ColumnSpec("rows", "Records", lambda f: f.rows, "count", trace=lambda f: f.sources),
            ColumnSpec("holds", "Holds", lambda f: ", ".join(f.examples)),
            ColumnSpec("expects", "The other side holds", lambda f: ", ".join(f.counterparts)),
            ColumnSpec(
                "days",
                "Repair",
                lambda f: f.effort.likely if f.effort else None,
                "number",
                unit="person-days",
                digits=1,
                trace=lambda f: f.effort.source if f.effort else None,
            ),
            ColumnSpec("owner", "Owner", lambda f: f.owner),
        ),
        id="repairs",
        caption="The gravest findings with what each side holds and what the repair takes",
        total=len(result.findings),
    )


def tabulate_pairs(result: QualityAssessment) -> tuple[DataTable, ...]:
    """Show each pair: what joins it, which columns mean the same, and how they compare side by side."""
    found: list[DataTable] = []
    for item in result.comparisons:
        if len(item.keys):
            found.append(data_columns.joins(item, measured(result)))
        if len(item.columns):
            found.append(data_columns.mapping(item, measured(result)))
        if item.mapping.matches:
            found.append(data_columns.tabulate_matches(result, item, measured(result)))
    return tuple(found)


def changes(result: QualityAssessment) -> tuple[str, ...]:
    """Say what would change the answer."""
    open_tables = [
        f"{u.table} could not be read ({u.reason}); its verdict is open." for u in result.unreadable
    ]
    grave = [f for f in result.findings if f.severity in ("critical", "high") and f.effort]
    repaired = (
        [
            f"Repairing the {count(len(grave), 'grave finding')} takes about "
            f"{sum(f.effort.likely for f in grave if f.effort):,.0f} person-days and removes what stops the integrations."
        ]
        if grave
        else []
    )
    return tuple((open_tables + repaired)[:5])


CLEANSING, PROFILES = "cleansing", "profiles"
"""Folders beside the report."""


def save_beside(assessment: Assessment, folder: str, *, profiles: bool = False) -> tuple[FactsFile, ...]:
    """Write the repairs of every table and pair, and deep profiles if they are wanted; say what was written.

    Parameters
    ----------
    folder
        The report's folder; empty writes nothing.
    profiles
        Whether to make the deep profiles: some ten seconds a page, by a process of their own.

    Raises
    ------
    ValueError
        If deep profiles are wanted but no folder is named.
    """
    if not folder:
        if profiles:
            raise ValueError("deep profiles need a folder: set the parameter beside")
        return ()
    if not assessment.quality.assessed:
        return ()
    place = Path(folder).resolve()
    return (*_cleansing(assessment, place), *(_profiles(assessment, place) if profiles else ()))


def _cleansing(assessment: Assessment, folder: Path) -> list[FactsFile]:
    from assess.evidence.quality import cleansing

    made = []
    for item in cleansing.write(assessment.quality, folder / CLEANSING, clear=assessment.show_values):
        if item.statements:
            said = f"{count(item.checks, 'check')} and {count(item.fixes, 'fix', 'fixes')} to run"
            made.append(
                FactsFile(path=f"{CLEANSING}/{item.statements}", title=item.name, group="Repairs", note=said)
            )
        if item.repairs:
            codes = f", {item.applicable:,} of them codes" if item.applicable else ""
            said = f"{count(item.listed, 'proposed value')}{f', masked{codes}' if item.masked else ''}"
            made.append(
                FactsFile(path=f"{CLEANSING}/{item.repairs}", title=item.name, group="Repairs", note=said)
            )
    return made  # fmt: skip


def _profiles(assessment: Assessment, folder: Path) -> list[FactsFile]:
    from assess.evidence.quality import deep

    wanted = deep.pages(assessment.quality, assessment.stated, clear=assessment.show_values)
    made = []
    for page, written in zip(wanted, deep.write(wanted, folder / PROFILES), strict=True):
        title = " → ".join(side.name for side in page.sides)
        path = f"{PROFILES}/{written.file}" if written.file else ""
        made.append(FactsFile(path=path, title=title, group="Deep profiles", note=written.reason))
    return made
