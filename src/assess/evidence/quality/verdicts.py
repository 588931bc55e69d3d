"""Whether a table, or a pair of tables, is fit to be integrated, and by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.assumptions import Assumptions

from .findings import DataFinding

Fitness = Literal["fit", "fit after repair", "not fit", "not assessed"]


class Verdict(Record):
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

    Not fit: a critical finding, or more than ``quality.unfit_share`` of the cells suspect. Fit: at most
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
