"""Whether a table, or a pair of tables, is fit to be integrated, and by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assess.core.estimate import Estimate
from assess.core.finding import Missing
from assess.core.numbers import first_few
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

from .compare import TableComparison
from .finding import DataFinding
from .profile import Profile

Fitness = Literal["fit", "fit after repair", "not fit", "not assessed"]


class TableVerdict(Record):
    """The answer for one table or one pair.

    Parameters
    ----------
    table
        The table; of a pair the source's.
    target
        The target's table of a pair; empty for a single table.
    systems, integrations
        Ids of what it concerns.
    fitness
        The answer.
    reason
        The rule that led to it, with its numbers.
    rows, cells
        Rows of the table (of the source), and its suspect cells.
    share
        Suspect cells of all cells; None if not assessed.
    effort
        Person-days of all repairs together; None if there are none.
    findings
        Ids of what was found.
    """

    table: str
    target: str = ""
    systems: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    fitness: Fitness
    reason: str
    rows: int | None = None
    cells: int | None = None
    share: float | None = None
    effort: Estimate | None = None
    findings: tuple[str, ...] = ()


def judge_fitness(
    share: float, findings: Sequence[DataFinding], assumptions: Assumptions
) -> tuple[Fitness, str]:
    """Judge a table or pair.

    Not assessed: a table that may have been read badly. Not fit: a critical finding, or more than ``quality.unfit_share`` of the cells suspect. Fit: at most
    ``quality.fit_share`` suspect, nothing of high severity, and every column filled in at least
    ``quality.complete_share`` of the rows. Fit after repair: all else.

    Parameters
    ----------
    share
        Suspect cells of all cells.

    Examples
    --------
    >>> judge_fitness(0.001, [], Assumptions())[0], judge_fitness(0.5, [], Assumptions())[0], judge_fitness(0.02, [], Assumptions())[0]
    ('fit', 'not fit', 'fit after repair')
    """
    unread = [f for f in findings if f.check == "reading"]
    if unread:
        return "not assessed", unread[0].evidence
    most, least = assumptions["quality.unfit_share"].likely, assumptions["quality.fit_share"].likely
    critical = [f for f in findings if f.severity == "critical"]
    high = [f for f in findings if f.severity == "high"]
    if critical:
        return "not fit", critical[0].title
    if share > most:
        return "not fit", f"{share:.1%} of the cells are suspect, more than {most:.1%}"
    if share > least:
        return "fit after repair", f"{share:.2%} of the cells are suspect, more than {least:.1%}"
    if high:
        return "fit after repair", high[0].title
    floor = assumptions["quality.complete_share"].likely
    bare = [f for f in findings if f.check == "incomplete" and 1 - f.share < floor]
    if bare:
        return "fit after repair", f"{bare[0].title}; {floor:.0%} of the rows must hold something"
    return (
        "fit",
        f"{share:.2%} of the cells are suspect, at most {least:.1%}, and nothing is of high severity",
    )


def total_effort(findings: Sequence[DataFinding], place: str) -> Estimate | None:
    """Add up the person-days of findings; None if none has a price.

    Low, likely and high are added each: a sum of repairs that one team makes is as uncertain together
    as they are (full correlation, the cautious side).
    """
    priced = [f.effort for f in findings if f.effort is not None]
    if not priced:
        return None
    source = Source(
        kind="calculation", place=f"data_quality/effort/{place}", of=tuple(f.id for f in findings if f.effort)
    )
    return Estimate(
        low=round(sum(e.low for e in priced), 4), likely=round(sum(e.likely for e in priced), 4),
        high=round(sum(e.high for e in priced), 4), unit="person-days", source=source,
    )  # fmt: skip


def share_automated(
    comparisons: Sequence[TableComparison], judged: Sequence[TableVerdict]
) -> dict[str, float]:
    """Return of each integration whose records no number joins the share of its records that runs without a person.

    A pair that a column joins counts in full: a record without a partner is known to be new. A pair whose records
    are linked by what they say counts with the share whose partner is known (`Linkage.joined`), each pair by the rows of
    its source. What could not be linked at all is not known, and left out.

    Returns
    -------
    dict
        Integration to share; those that are not named run in full, or nothing is known of them.
    """
    moved = {(v.table, v.target): v.integrations for v in judged if v.target}
    pairs: dict[str, list[tuple[int, float]]] = {}
    linked: set[str] = set()
    for item in comparisons:
        ids = moved.get((item.source, item.target), ())
        by_words = item.linkage.joined if item.linkage is not None else None
        share = 1.0 if by_words is None and item.joined is not None else by_words
        if share is not None:
            linked |= set() if by_words is None else set(ids)
            for id in ids:
                pairs.setdefault(id, []).append((item.source_rows, share))
    return {
        id: round(sum(rows * share for rows, share in parts) / max(sum(rows for rows, _ in parts), 1), 6)
        for id, parts in pairs.items()
        if id in linked
    }


def require_extracts(engagement: Engagement) -> Missing:
    """Say what to supply where an engagement has no table at all."""
    systems = ", ".join(system.name or system.id for system in engagement.systems[:3]) or "your systems"
    return Missing(
        section="data_quality",
        supply=f"table extracts (csv, xlsx, json or parquet) of {systems} in the column data of systems.csv",
        changes="Whether the data is fit to be integrated, what its repair costs, and the overrun that bad data brings",
    )


def list_missing(engagement: Engagement, alone: Sequence[Integration]) -> tuple[Missing, ...]:
    """Say which systems have no extract, and which integrations no pair of tables."""
    bare = [system.name or system.id for system in engagement.systems if not system.tables]
    said = []
    if bare:
        said.append(Missing(
            section="data_quality", supply=f"table extracts of {first_few(bare)}",
            changes="The fitness of their data, which is not assessed",
        ))  # fmt: skip
    if alone:
        said.append(Missing(
            section="data_quality",
            supply=f"extracts of the same entity on both sides of {first_few([i.label for i in alone])}",
            changes="Whether source and target of these integrations agree, which is not assessed",
        ))  # fmt: skip
    return tuple(said)


PARTNERS = "pairs that are the same, among those linked and those undecided, of the records of the source"


def _linked_by(comparison: TableComparison) -> Source:
    told = comparison.linkage.sentence if comparison.linkage is not None else ""
    return Source(kind="measurement", place=f"{comparison.source}/{comparison.target}/linkage", detail=told)


GRAVE = ("critical", "high")
"""Severities of a defect that would stop an integration."""


def list_facts(
    profiles: Sequence[Profile],
    comparisons: Sequence[TableComparison],
    judged: Sequence[TableVerdict],
    found: Sequence[DataFinding],
) -> tuple[Fact, ...]:
    """Count what was found, for the report."""
    measured = tuple(
        Source(kind="measurement", place=f"{p.name}/profile", detail=p.reading.sentence) for p in profiles
    )
    work = total_effort(found, "all")
    cells = sum(p.rows * len(p.facts) for p in profiles)
    suspect = sum(p.suspected for p in profiles)
    unfit = sum(v.fitness == "not fit" for v in judged)
    facts = [
        Fact(id="data_quality.tables", label="Tables profiled", value=len(profiles), sources=measured),
        Fact(id="data_quality.pairs", label="Pairs of source and target compared", value=len(comparisons), sources=measured),
        Fact(id="data_quality.rows", label="Rows profiled", value=sum(p.rows for p in profiles), unit="rows", sources=measured),
        Fact(id="data_quality.suspect_cells", label="Suspect cells", value=suspect, unit="cells", sources=measured),
        Fact(id="data_quality.suspect_share", label="Share of suspect cells",
             value=round(suspect / cells, 6) if cells else None, unit="share", sources=measured),
        Fact(id="data_quality.findings", label="Findings", value=len(found), sources=measured),
        Fact(id="data_quality.unfit", label="Tables and pairs that are not fit", value=unfit, sources=measured),
    ]  # fmt: skip
    if work is not None and work.source is not None:
        facts.append(Fact(
            id="data_quality.effort", label="Work to repair the data", value=work.likely, unit="person-days",
            low=work.low, high=work.high, sources=(work.source,),
        ))  # fmt: skip
    grave = [finding for finding in found if finding.severity in GRAVE]
    mending = total_effort(grave, "grave")
    facts.append(Fact(id="data_quality.grave", label="Grave defects", value=len(grave), sources=measured))
    if mending is not None and mending.source is not None:
        facts.append(Fact(
            id="data_quality.grave_effort", label="Work to repair the grave defects", value=mending.likely, unit="person-days",
            low=mending.low, high=mending.high, sources=(mending.source,),
        ))  # fmt: skip
    known = [(c.source_rows, c.linkage.joined, _linked_by(c)) for c in comparisons
             if c.linkage is not None and c.linkage.joined is not None]  # fmt: skip
    if known:
        facts.append(Fact(
            id="data_quality.partner", label="Records without a common number for which a partner is found", unit="share",
            value=round(sum(rows * share for rows, share, _ in known) / sum(rows for rows, _, _ in known), 6),
            formula=PARTNERS, sources=tuple(source for _, _, source in known),
        ))  # fmt: skip
    facts += [
        Fact(id=f"data_quality.automated.{id}", label=f"Records of {id} that run without a person", value=share, unit="share",
             formula=PARTNERS,
             sources=tuple(_linked_by(c) for c in comparisons if c.linkage is not None and (c.source, c.target) in
                           {(v.table, v.target) for v in judged if id in v.integrations}))
        for id, share in share_automated(comparisons, judged).items()
    ]  # fmt: skip
    return tuple(facts)
