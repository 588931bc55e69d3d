"""What to ask first, on paper and on a terminal: one ranking (`assess.decisions.questions`), three forms."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from assess.core.finding import Missing, Section
from assess.core.numbers import quantity
from assess.decisions.questions import AskedCell, Question, Questions
from assess.intake.asking import roles
from assess.intake.columns import TABLES
from assess.intake.engagement import Engagement

from .prose import markdown_line, markdown_table

FIRST = 10
"""Questions that a page shows."""


def chosen(questions: Questions, role: str = "", most: int | None = FIRST) -> tuple[Question, ...]:
    """Return the first questions, of one role or of all at the client."""
    found = [q for q in (questions.ranked if role else questions.client) if not role or q.role == role]
    return tuple(found[:most] if most else found)


OF_SECTION: Mapping[Section, tuple[str, ...]] = {
    "framework": ("integrations", "systems", "engagement/team.skills"),
    "build_or_buy": (
        "integrations",
        "systems",
        "engagement/employees",
        "engagement/team",
        "quotes",
        "assumptions/price",
    ),
    "cost": ("",),
}
"""How the ids of a chapter's questions begin; the cost takes all."""


def supply(section: Section, questions: Questions, lacks: Sequence[Missing]) -> tuple[Missing, ...]:
    """Return what to supply of a chapter: its questions in the order of the one rank, then what is no cell or key.

    Parameters
    ----------
    lacks
        Logs, extracts and what else was not handed over.
    """
    asked = (
        Missing(
            section=section,
            supply=f"the answer to \u201c{question.ask}\u201d ({roles()[question.role]}; {question.where})",
            changes=f"{moves(question, questions.currency)}.",
        )
        for question in questions.of(OF_SECTION[section])[:FIRST]
    )
    return (*asked, *lacks)


def in_workbook(found: Sequence[Question], engagement: Engagement, file: str) -> tuple[Question, ...]:
    """Return questions whose answers are written into a workbook: a sheet a table, rows in the engagement's order."""
    lines = {
        table.name: {
            str(getattr(row, table.key[0])): number
            for number, row in enumerate(getattr(engagement, table.name), 2)
        }
        for table in TABLES
    }

    def placed(question: Question, cell: AskedCell) -> AskedCell:
        column = cell.column.removeprefix("assumptions.")
        line = lines.get(question.table, {}).get(cell.row)
        where = {"file": file, "sheet": question.table, "line": line, "column": column}
        return cell.model_copy(update=where)

    return tuple(
        question.model_copy(update={"cells": tuple(placed(question, cell) for cell in question.cells)})
        for question in found
    )


def moves(question: Question, currency: str) -> str:
    r"""Say what the answer moves.

    >>> moves(Question(id="x/y", ask="", role="finance", swing=310_000, flips=True), "EUR")
    'moves the gain by 310\xa0k€, and what is done'
    """
    if question.gate:
        pays = (
            f"; it pays from {quantity(question.pays_from, currency)} saved a year on"
            if question.pays_from
            else ""
        )
        return f"nothing can be advised without it{pays}"
    if not question.swing:
        return "decides what is done" if question.flips else "moves nothing as things stand"
    return f"moves the gain by {quantity(question.swing, currency)}{', and what is done' if question.flips else ''}"


def between(question: Question) -> str:
    """Say between which answers the gain was computed; empty where it was not."""
    if not question.low:
        return ""
    unit = "" if question.unit in ("", "share") or question.unit.startswith("share") else f" {question.unit}"
    return f"{question.low} to {question.high}{unit}"


def facts(question: Question, currency: str) -> tuple[str, str, str, str, str]:
    """Return question, who answers, what it moves, between which answers, and where it is written."""
    return question.ask, roles()[question.role], moves(question, currency), between(question), question.where


HEADINGS = ("Question", "Who answers", "What the answer moves", "Between", "Where it is written")


def as_lines(found: Sequence[Question], currency: str) -> Iterable[str]:
    """Yield the questions for a terminal, three lines each."""
    for number, question in enumerate(found, 1):
        ask, role, moved, span, where = facts(question, currency)
        yield f"{number:2d}. {ask}"
        yield f"    {role}; {moved}{f' (from {span})' if span else ''}"
        yield f"    {where}"


def as_markdown(found: Sequence[Question], currency: str, title: str) -> str:
    """Return the questions as a Markdown table."""
    table = markdown_table(HEADINGS, [facts(question, currency) for question in found])
    return f"# {markdown_line(title)}\n\n{table}\n"


def as_html(found: Sequence[Question], currency: str, title: str) -> str:
    """Return the questions as one page to print, with room for the answers; it opens offline and loads nothing."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in (*HEADINGS, "Answer"))
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in facts(question, currency))
        + "<td></td></tr>"
        for question in found
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{html.escape(title)}</h1><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


STYLE = (
    "@page{size:A4 landscape;margin:12mm}body{font:11pt/1.35 system-ui,sans-serif;margin:1.5rem;color:#1a1a1a;background:#fff}"
    "h1{font-size:16pt;color:#1f3a5f}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #9aa5b1;padding:4pt 6pt;text-align:left;vertical-align:top}"
    "th{background:#1f3a5f;color:#fff}td:last-child{width:22%}tr{break-inside:avoid}@media print{body{margin:0;font-size:9pt}}"
)
