"""Chapter 2: whether the data of source and target is fit to be integrated, and the files that it leaves beside the report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assess.core.finding import SEVERITIES
from assess.core.numbers import interval, quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.risk.losses import LossTerms
from assess.evidence.quality import DataFinding, QualityAssessment
from assess.evidence.quality.checks.registry import find_check
from assess.intake.engagement import Engagement
from assess.report import charts
from assess.report.chapter import Chapter, FactsFile
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, count, first_few, resolve, spoken
from assess.report.tables import ColumnSpec, DataTable
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
        title="Data",
        question="Is the data good enough to connect?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.assessed:
        return shell.model_copy(update={"findings": result.findings})
    places = Places(assessment.stated)
    figures = (*efforts(result, places), *(found_again(result, places) or columns_that_carry(result, places)))
    grave = defects(result, places)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "lead": lead(result),
            "shown": (*(figure.id for figure in figures), *(table.id for table in grave)),
            "subject": subject(result, places),
            "facts": (*result.facts, *unseen(assessment)),
            "figures": figures,
            "tables": (
                *grave,
                verdicts(result),
                data_columns.readings(result, measured(result)),
                *data_columns.heat(result, measured(result)),
                *data_columns.patterns(result, measured(result)),
                *data_columns.tabulate_linked(result, measured(result), places.place),
                *tabulate_pairs(result),
            ),
            "findings": result.findings,
            "changes": changes(assessment),
            "method": method(result),
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


def fact(result: QualityAssessment, name: str) -> Fact | None:
    """Return a fact by the end of its id."""
    return next((f for f in result.facts if f.id == f"data_quality.{name}"), None)


def measured(result: QualityAssessment) -> tuple[Source, ...]:
    """Return the sources of what was measured as a whole."""
    rows = fact(result, "rows")
    return rows.sources if rows else ()


def verdict(result: QualityAssessment) -> str:
    """Answer in one sentence: the worst state of the tables and pairs, and how many are in it."""
    states = Counter(v.fitness for v in result.verdicts)
    total = count(len(result.verdicts), "table and pair", "tables and pairs")
    bad, later, unknown = states["not fit"], states["fit after repair"], states["not assessed"]
    if bad:
        return f"Not yet: {bad} of {total} {'is' if bad == 1 else 'are'} not fit to connect"
    if later:
        return f"Yes, after repair: {later} of {total} {'needs' if later == 1 else 'need'} work first"
    if unknown:
        return f"Not known: {unknown} of {total} could not be assessed"
    return f"Yes: all {total} that were measured are fit to connect"


WHOLE = 10
"""Days from which on tenths of one say nothing."""


def lead(result: QualityAssessment) -> tuple[str, ...]:
    """Say what the repair takes, how much of it goes to what stops an integration, how many values are suspect, and what links without a number."""
    said = []
    work, suspect, rows = (fact(result, name) for name in ("effort", "suspect_share", "rows"))
    if work and work.low is not None and work.high is not None:
        span = cited(
            work, interval(work.low, work.high, digits=0 if work.low >= 1 and work.high >= WHOLE else None)
        )
        said.append(f"The repair takes about {cited(work)}; anything from {span} is credible.")
    grave, mending = fact(result, "grave"), fact(result, "grave_effort")
    if grave and grave.value:
        number = cited(grave, f"{quantity(grave.value)} {'is' if grave.value == 1 else 'are'}")
        takes = f"; the repair of these takes {cited(mending)}" if mending else ""
        said.append(f"Of the defects, {number} grave and would stop an integration{takes}.")
    if suspect and rows:
        said.append(
            f"Of {cited(rows)}, {cited(suspect)} of the values are suspect."
            if suspect.value
            else f"Of {cited(rows)}, {cited(suspect, 'none')} has a value that is suspect."
        )
    if partner := fact(result, "partner"):
        said += [
            f"Where no number joins two systems, what the records say shows a partner for {cited(partner)} of them.",
            "Benefits count only these, as each of the others takes a person.",
        ]
    return tuple(said)


def method(result: QualityAssessment) -> tuple[str, ...]:
    """Say what was read and compared."""
    rows = sum(profile.rows for profile in result.profiles)
    read = f"{rows:,} rows of {count(len(result.profiles), 'table')} were read"
    return (
        f"{read}; {count(len(result.comparisons), 'pair')} of source and target were compared record by record.",
        "A table is fit after repair where too many values are suspect or a grave defect stands; the thresholds are assumptions with a date.",
    )


class Places:
    """Tables, pairs and defects as people call them: by the names of their systems."""

    def __init__(self, engagement: Engagement) -> None:
        self._names = {system.id: system.name or system.id for system in engagement.systems}

    def side(self, table: str) -> tuple[str, str]:
        """Return the system of a table, and what the table holds."""
        system, _, holds = table.partition(".")
        return self._names.get(system, system), holds.replace("_", " ")

    def place(self, table: str, target: str = "") -> str:
        """Name a table, or a pair of tables."""
        (one, holds), (other, held) = self.side(table), self.side(target)
        if not target:
            return f"{one}: {holds}" if holds else one
        return f"{one} to {other}: {holds}" if holds == held else f"{one}, {holds} to {other}, {held}"

    def defect(self, finding: DataFinding, target: str) -> str:
        """Say a defect in words: which sides, which field, what is wrong."""
        where = ", ".join(filter(None, (self.place(finding.table, target), finding.column.replace("_", " "))))
        if finding.check == "unreadable":
            return f"{where}: cannot be read"
        apart = APART.get(finding.check, "") if target else ""
        return f"{where}: {apart or find_check(finding.check).title}"


APART = {
    "scale": "other units of measure",
    "net-gross": "net on one side, gross on the other",
    "vocabulary": "other words for the same thing",
    "unicode": "letters in another form",
    "case": "capitals on one side only",
    "code reuse": "one code for different things",
    "type": "another kind of value",
    "date format": "dates in another form",
    "time zone": "clocks that differ",
    "punctuation": "other punctuation",
    "leading zeros": "leading zeros lost",
    "prefix": "a prefix on one side only",
    "nullability": "empty on one side, required on the other",
    "length": "too long for the other side",
    "precision": "rounded on one side",
    "freshness": "not equally up to date",
    "disagreement": "the same records disagree",
    "contents": "other values in the same records",
    "structure": "the field is split on one side",
    "no key": "no field joins the two",
    "no common key": "numbered differently on each side",
    "source only": "records that the target lacks",
    "target only": "records that the source lacks",
    "grain": "one record here is several there",
}
"""What is wrong between two sides, by check, in a leader's words."""


def defects(result: QualityAssessment, places: Places) -> tuple[DataTable, ...]:
    """Show the gravest defects: what is wrong, how many records, and the price of the repair; none where nothing is wrong."""
    pairs = {id: v.target for v in result.verdicts if v.target for id in v.findings}
    found = sorted(
        (f for f in result.findings if f.severity != "info" and isinstance(f, DataFinding)),
        key=lambda f: (SEVERITIES.index(f.severity), -f.rows, f.id),
    )
    if not found:
        return ()
    return (
        DataTable.of(
            found[:SHOWN],
            (
                ColumnSpec("defect", "Where, and what", lambda f: places.defect(f, pairs.get(f.id, ""))),
                ColumnSpec("rows", "Records", lambda f: f.rows, "count", trace=lambda f: f.sources),
                ColumnSpec(
                    "days",
                    "Repair",
                    lambda f: f.effort.likely if f.effort else None,
                    "number",
                    unit="person-days",
                    digits=1,
                    trace=lambda f: f.effort.source if f.effort else None,
                ),
                ColumnSpec("owner", "Who", lambda f: f.owner or "nobody named"),
            ),
            id="defects",
            caption="The gravest defects, those of most records first",
            total=len(found),
        ),
    )


def found_again(result: QualityAssessment, places: Places) -> tuple[Figure, ...]:
    """Draw of each pair the share of the source's records that the target holds, by the key that finds most, or as they are linked."""
    rows = []
    for item in result.comparisons:
        true = item.keys[item.keys["same_records"].astype(bool)] if len(item.keys) else item.keys
        name, linkage = places.place(item.source, item.target), item.linkage
        if linkage is not None and not linkage.refused:
            rows += [] if linkage.many else [(name, linkage.linked / linkage.left_rows)]
        elif len(true):
            rows.append((name, float(true["share_joined"].max())))
    if not rows:
        return ()
    rows.sort(key=lambda row: (row[1], row[0]))
    return (
        Figure(
            id="found-again",
            caption=f"“{rows[0][0]}”: {quantity(rows[0][1], 'share')} of the records are found on the other side, the least",
            alt="Bars: share of the source's records that are found in the target, by pair, the lowest first.",
            plot=charts.bars(
                [label for label, _ in rows[:MOST]],
                [share for _, share in rows[:MOST]],
                unit="share",
                highlight=[rows[0][0]],
            ),
            table=DataTable.of(
                rows,
                (
                    ColumnSpec("pair", "From, to", lambda row: row[0]),
                    ColumnSpec("share", "Found", lambda row: row[1], "share"),
                ),
                id="found-again-data",
                caption="Share of the source's records that the target holds: by the key that finds most, or by links where no number joins",
                trace=measured(result),
            ),
        ),
    )


MOST = 7
"""Rows that a figure draws."""


def subject(result: QualityAssessment, places: Places) -> str:
    """Say what was looked at."""
    sizes = [f"{places.place(p.name)} ({p.rows:,})" for p in result.profiles[:4]]
    more = [f"{len(result.profiles) - 4} more tables"] if len(result.profiles) > 4 else []
    pairs = (
        f"; {count(len(result.comparisons), 'pair')} of source and target compared"
        if result.comparisons
        else ""
    )
    return f"{and_list(sizes + more)}{pairs}"


def columns_that_carry(result: QualityAssessment, places: Places) -> tuple[Figure, ...]:
    """Draw which columns carry the conflicts."""
    cells: Counter[str] = Counter()
    for finding in result.findings:
        if finding.column:
            place = f"{places.place(finding.table)}, {finding.column}".replace("_", " ")
            cells[place] = max(cells[place], finding.rows)
    if not cells:
        return ()
    ordered = sorted(cells.items(), key=lambda item: (-item[1], item[0]))
    top, rest = ordered[:8], ordered[8:]
    share = sum(n for _, n in top[:4]) / sum(cells.values())
    labels = [name for name, _ in top] + ([f"{len(rest)} others"] if rest else [])
    values = [float(n) for _, n in top] + ([float(sum(n for _, n in rest))] if rest else [])
    first = min(4, len(top))
    caption = (
        f"{count(first, 'column')} {'carry' if first > 1 else 'carries'} {share:.0%} of the suspect values"
    )
    return (
        Figure(
            id="columns",
            caption=caption,
            alt="Bars: suspect values by column, the most first.",
            plot=charts.bars(labels, values, highlight=labels[:first], rest=labels[-1] if rest else None),
            table=DataTable.of(
                ordered[:40],
                (
                    ColumnSpec("column", "Column", lambda row: row[0]),
                    ColumnSpec("values", "Values", lambda row: row[1], "count", sources=measured(result)),
                ),
                id="columns-data",
                caption="Suspect values by column: of each column its most frequent kind",
                sources=measured(result),
                total=len(ordered),
            ),
        ),
    )


def efforts(result: QualityAssessment, places: Places) -> tuple[Figure, ...]:
    """Draw the work of repair for each table and pair."""
    priced = [
        (places.place(v.table, v.target), v.effort)
        for v in result.verdicts
        if v.effort is not None and v.effort.likely > 0
    ]
    priced.sort(key=lambda row: (-row[1].likely, row[0]))
    if not priced:
        return ()
    shown = priced[:MOST]
    return (
        Figure(
            id="effort",
            caption=f"“{priced[0][0]}” takes the most repair: about {spoken(priced[0][1].likely, 'person-days')}",
            alt="Dots: person-days of repair by table and pair, likely value with low and high.",
            plot=charts.dots(
                [label for label, _ in shown],
                [e.likely for _, e in shown],
                low=[e.low for _, e in shown],
                high=[e.high for _, e in shown],
                unit="person-days",
                highlight=[shown[0][0]],
            ),
            table=DataTable.of(
                priced,
                (
                    ColumnSpec("place", "Table or pair", lambda row: row[0]),
                    ColumnSpec("days", "Repair", lambda row: row[1], "number", unit="person-days", digits=1),
                ),
                id="effort-data",
                caption="Person-days of repair, likely with low and high",
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


def unseen(assessment: Assessment) -> tuple[Fact, ...]:
    """Count the systems without a table, and the integrations of which at most one side was handed in."""
    result, engagement = assessment.quality, assessment.stated
    compared = {id for v in result.verdicts if v.target for id in v.integrations}
    source = Source(
        kind="calculation", place="data_quality/unseen", detail="systems and integrations without extracts"
    )
    return tuple(
        Fact(id=f"data_quality.{name}", label=label, value=number, sources=(source,))
        for name, label, number in (
            ("absent", "Systems of which no table was handed in", len(_absent(assessment))),
            ("one_sided", "Integrations of which at most one side was handed in", len(engagement.integrations) - len(compared)),
        )
        if number
    )  # fmt: skip


def _absent(assessment: Assessment) -> list[str]:
    read = {profile.name.partition(".")[0] for profile in assessment.quality.profiles}
    return [system.name or system.id for system in assessment.stated.systems if system.id not in read]


def changes(assessment: Assessment) -> tuple[str, ...]:
    """Say what would change the answer: what could not be read, what was not handed in, what a repair removes."""
    result, absent = assessment.quality, _absent(assessment)
    known = {fact.id: fact for fact in unseen(assessment)}
    said = [f"{u.table} could not be read ({u.reason}); its verdict is open." for u in result.unreadable]
    if absent and len(absent) < len(assessment.stated.systems):
        number = cited(known["data_quality.absent"], count(len(absent), "system"))
        said.append(f"No tables were handed in for {number}: {first_few(absent)}.")
    if alone := known.get("data_quality.one_sided"):
        number = cited(alone, f"{quantity(alone.value)} integration{'' if alone.value == 1 else 's'}")
        said.append(f"For {number} at most one side was handed in; whether both sides agree is not known.")
    return tuple(said[:5])


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
