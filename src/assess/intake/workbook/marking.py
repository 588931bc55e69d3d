"""A workbook that goes back to who filled it in: every problem red in its cell, with what is wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assess.intake.asking import SETTINGS
from assess.intake.columns import TABLES
from assess.intake.export import put
from assess.intake.problem import Problem, Problems
from assess.intake.raw import MOST_TITLES, heads
from assess.intake.workbook.excel import marked
from assess.intake.workbook.sheets import ASSUMPTIONS, Records, records

Cell = tuple[int, int]


def mark(book: str | Path, problems: Sequence[Problem], target: str | Path) -> tuple[Problem, ...]:
    """Write a copy of a workbook in which the cell of each problem is red, with a comment; the workbook stays as it is.

    Parameters
    ----------
    book
        The workbook that was read.
    problems
        What is wrong with it.
    target
        The copy.

    Returns
    -------
    tuple of Problem
        Those that no cell could be found for: of other files, or of a sheet that is missing.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    path = Path(book)
    content = path.read_bytes()
    sheets = records(content, path.name, Problems())
    notes: dict[str, dict[Cell, str]] = {}
    elsewhere = []
    for problem in problems:
        if Path(problem.file).name != path.name or problem.sheet not in sheets:
            elsewhere.append(problem)
            continue
        at = _cell(problem, sheets[problem.sheet])
        said = f"{problem.message}{f'. Allowed: {problem.allowed}' if problem.allowed else ''}"
        within = notes.setdefault(problem.sheet, {})
        within[at] = f"{within[at]}\n{said}" if at in within else said
    put(Path(target), marked(content, notes))
    return tuple(elsewhere)


def _cell(problem: Problem, rows: Records) -> Cell:
    """Return row and column of a problem's cell; the first of its row, or of the sheet, where it names none."""
    row = problem.row if problem.row is not None else rows[0][0]
    if problem.sheet == SETTINGS:
        return row, 1 if problem.column else 0
    header = _header(problem.sheet, rows)
    if problem.column in header:
        return row, header[problem.column]
    texts: Mapping[int, Sequence[str]] = dict(rows)
    cells = [cell.strip() for cell in texts.get(row, ())]
    return row, cells.index(problem.value) if problem.value in cells else 0


def _header(sheet: str, rows: Records) -> dict[str, int]:
    table = next((table for table in TABLES if table.name == sheet), None)
    cells: Iterable[str] = rows[0][1]
    if table is not None:
        cells = next((found for _, found in rows[:MOST_TITLES] if heads(found, table)), rows[0][1])
    found = {name.strip(): place for place, name in enumerate(cells) if name.strip()}
    if sheet == ASSUMPTIONS:
        return {**{f"assumptions.{name}": place for name, place in found.items()}, **found}
    return found


MOST_VALUES = 3
"""Values that a line of several problems names."""


def by_cause(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return problems as lines, those of one column that are wrong in the same way as one.

    >>> wrong = {"file": "integrations.csv", "column": "criticality", "message": "is not allowed", "allowed": "low, high"}
    >>> by_cause([Problem(**wrong, row=2, value="dire"), Problem(**wrong, row=5, value="hoch")])
    ('integrations.csv, column criticality, rows 2, 5: "dire", "hoch" is not allowed; allowed: low, high',)
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        cause = (problem.file, problem.sheet, problem.column, problem.message, problem.allowed)
        groups.setdefault(cause if problem.row is not None else (*cause, str(problem)), []).append(problem)
    return tuple(str(found[0]) if len(found) == 1 else _together(found) for found in groups.values())


def _together(found: Sequence[Problem]) -> str:
    first = found[0]
    place = first.model_copy(update={"row": None}).place
    what = "lines" if first.file.endswith((".yaml", ".yml")) else "rows"
    rows = ", ".join(
        str(number) for number in sorted({problem.row for problem in found if problem.row is not None})
    )
    values = list(dict.fromkeys(f'"{problem.value}"' for problem in found if problem.value is not None))
    shown = ", ".join(values[:MOST_VALUES]) + (" ..." if len(values) > MOST_VALUES else "")
    allowed = f"; allowed: {first.allowed}" if first.allowed else ""
    return f"{place}, {what} {rows}: {f'{shown} ' if shown else ''}{first.message}{allowed}"
