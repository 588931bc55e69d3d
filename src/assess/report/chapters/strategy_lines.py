"""The lines from strategy to action on the first screen: one for each goal, and what they leave out."""

from __future__ import annotations

from assess.core.numbers import quantity
from assess.core.source import Source
from assess.decisions.assessment import Assessment
from assess.decisions.strategy import GoalLine, Strategy
from assess.intake.engagement import STYLE_NAMES, Style
from assess.report.tables import Cell, Column, DataTable

from .words import and_list, count

NAMED = 3
"""Names that a cell lists before it counts the others."""

BASIS = {
    "declared": "",
    "derived": "no integration names a goal: those of the value stream",
    "none": "no integration serves it",
    "unknown": "nobody said what serves it",
}


def lines(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show each goal with its metric, steps, integrations, styles, money, risks and first increment."""
    strategy = assessment.strategy
    if not strategy.lines:
        return ()
    currency = assessment.engagement.currency
    names = {item.id: item.label for item in assessment.engagement.integrations}
    return (
        DataTable(
            id="strategy",
            caption="From strategy to action: what serves each goal. Of what serves several, each has an equal part.",
            columns=(
                Column(key="goal", label="Goal"),
                Column(key="metric", label="Metric"),
                Column(key="steps", label="Steps"),
                Column(key="integrations", label="Integrations"),
                Column(key="benefit", label="Brings a year", format="money", unit=currency),
                Column(key="cost", label="To build", format="money", unit=currency),
                Column(key="risk", label="Main risk"),
                Column(key="first", label="First"),
            ),
            rows=tuple(_row(line, names) for line in strategy.lines),
            sources=tuple({s.id: s for line in strategy.lines for s in _sources(line)}.values()),
        ),
    )


def _sources(line: GoalLine) -> tuple[Source, ...]:
    money = tuple(e.source for e in (line.benefit, line.cost) if e and e.source)
    return (*line.sources, *money)


def _row(line: GoalLine, names: dict[str, str]) -> tuple[Cell, ...]:
    own = tuple(source.id for source in line.sources)
    styles = [STYLE_NAMES[style] + f" for {n}" for style, n in _styles(line)]
    first = "" if line.first is None else f"{names[line.first]}, increment {line.increment}"
    benefit = line.benefit
    return (
        Cell(value=line.text),
        Cell(value=metric(line)),
        Cell(value=shortened(line.steps)),
        Cell(
            value=shortened([names[id] for id in line.integrations]) or "none",
            note=and_list(styles) or BASIS[line.basis],
        ),
        Cell(
            value=benefit.likely if benefit else None,
            low=benefit.low if benefit else None,
            high=benefit.high if benefit else None,
            sources=own,
        ),
        Cell(value=line.cost.likely if line.cost else None, sources=own),
        Cell(value=line.risks[0] if line.risks else ""),
        Cell(value=first),
    )


def _styles(line: GoalLine) -> list[tuple[Style, int]]:
    return [(style, line.styles[style]) for style in STYLE_NAMES if style in line.styles]


def metric(line: GoalLine) -> str:
    """Write where a goal's metric stands and where it should be."""
    if line.today is None and line.target is None:
        return line.metric
    span = [
        quantity(value, line.unit) if value is not None else "not stated"
        for value in (line.today, line.target)
    ]
    return f"{line.metric}: {span[0]} → {span[1]}".removeprefix(": ")


def shortened(names: tuple[str, ...] | list[str]) -> str:
    """List the first names and count the others.

    >>> shortened(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def gaps(assessment: Assessment) -> tuple[str, ...]:
    """Say which goals nothing serves, and which integrations serve no goal; nothing where the lines are whole."""
    strategy: Strategy = assessment.strategy
    texts = {line.goal: line.text for line in strategy.lines}
    names = {item.id: item.label for item in assessment.engagement.integrations}
    said = []
    if strategy.unserved:
        said.append(
            f"No integration serves {and_list([f'“{texts[id]}”' for id in strategy.unserved])}: name one, or take the goal out."
        )
    if strategy.aimless:
        verb = "serves" if len(strategy.aimless) == 1 else "serve"
        said.append(
            f"{count(len(strategy.aimless), 'planned integration')} {verb} no goal: "
            f"{shortened([names[id] for id in strategy.aimless])}."
        )
    return tuple(said)
