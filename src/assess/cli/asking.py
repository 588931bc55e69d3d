"""What to ask the client first: on a terminal, on paper, or as an interview whose answers go into their cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .arguments import allowances, load, print_line, stop, warn_about_examples

if TYPE_CHECKING:
    from assess.decisions.questions import AskedCell, Question, Questions

FORMATS = {".md": "md", ".html": "html", ".htm": "html"}
DRAWS = 1_000
"""Futures in which the decision is taken before its questions are ranked."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--role",
    default="",
    metavar="ROLE",
    help="Only what this role can answer, such as finance or operations.",
)
@click.option("--all", "every", is_flag=True, help="All questions instead of the first ten.")
@click.option(
    "--print", "sheet", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a page to print: FILE ends with .html or .md.",
)  # fmt: skip
@click.option(
    "--interview", is_flag=True, help="Ask one after the other, and write each answer into its cell."
)
@click.option(
    "--by", default="", metavar="NAME", help="Who answers in the interview; noted beside each answer."
)
@allowances
def ask(folder: Path, role: str, every: bool, sheet: Path | None, interview: bool, by: str) -> None:
    """Say what to ask the client of FOLDER first.

    Everything that is empty, assumed or left from the template is tried between the ends of its range, and the decision is
    taken anew: the question that moves the gain most comes first, and it is said whether it changes what is done.

    \b
    Examples:
      assess ask acme
      assess ask acme --role finance
      assess ask acme --print ask-first.html
      assess ask acme --interview --by "Ada Example"
    """
    from assess.decisions.assessment import Assessment
    from assess.report import ask_sheet

    check_role(role, "--role")
    if sheet is not None and sheet.suffix.lower() not in FORMATS:
        stop([f"--print {sheet}: is no page; allowed: a name that ends with .html or .md"])
    engagement = load(folder)
    warn_about_examples(engagement)
    found = Assessment(engagement, draws=DRAWS).questions
    shown = ask_sheet.chosen(found, role, None if every or interview else ask_sheet.FIRST)
    if interview:
        hold_interview(folder, found, shown, by)
        return
    title = f"{engagement.client}: what to ask first"
    if sheet is not None:
        from assess.intake.export import put

        write = ask_sheet.as_html if FORMATS[sheet.suffix.lower()] == "html" else ask_sheet.as_markdown
        try:
            put(sheet, write(shown, found.currency, title))
        except OSError as error:
            stop([error])
        print_line(f"{sheet}: {len(shown)} questions")
        return
    for line in ask_sheet.as_lines(shown, found.currency):
        print_line(line)
    whole = len(ask_sheet.chosen(found, role, None))
    print_line(
        f"{folder}: {len(shown)} of {whole} questions. Answer them in the files, or with: assess ask {folder} --interview"
        if shown
        else f"{folder}: nothing to ask that would move the answer"
    )


def check_role(role: str, option: str) -> None:
    """End with the exit code of bad input if there is no such role."""
    from assess.intake.asking import CONSULTANT, roles

    if role and role not in roles():
        stop(
            [
                f"{option} {role}: is no role; allowed: {', '.join(name for name in roles() if name != CONSULTANT)}"
            ]
        )


def add_questions(folder: Path, role: str = "", source: Path | None = None) -> None:
    """Add the sheet of what to ask first to the intake.xlsx of a folder; nothing where nothing is to be asked.

    Parameters
    ----------
    role
        The role that the workbook was written for; its questions are ranked over the whole engagement.
    source
        That engagement; the template where there is none.
    """
    from assess import intake
    from assess.decisions.assessment import Assessment
    from assess.intake.export import examples
    from assess.report import ask_sheet

    book = folder / "intake.xlsx"
    whole = (intake.load(source) if source else examples()) if role else intake.load(book)
    found = Assessment(whole, draws=DRAWS).questions
    if shown := ask_sheet.in_workbook(ask_sheet.chosen(found, role), whole, book.name):
        rows = [ask_sheet.HEADINGS, *(ask_sheet.facts(question, found.currency) for question in shown)]
        intake.to_workbook(intake.load(book), book, role=role, first=rows)


def hold_interview(folder: Path, found: Questions, shown: tuple[Question, ...], by: str) -> None:
    """Ask one after the other; an answer is read by the reader of the files, and written at once."""
    from assess import intake
    from assess.report.ask_sheet import between, moves

    print_line(
        "Enter leaves a question open, ? says what is allowed, q ends. Each answer is written at once."
    )
    written = 0
    for question, cell, number, whole in _cells(shown):
        if number == 1:
            print_line("")
            print_line(f"{question.ask} ({moves(question, found.currency)})")
            if question.gate:
                print_line(f"    Fill in {question.where}: {question.allowed}")
        if question.gate:
            continue
        table, _, name = question.id.partition("/")
        column = cell.column if table != "assumptions" else name
        definition = intake.definition(table, column)
        unit = question.unit or definition.unit
        label = f"  {cell.row or column}{f', {unit}' if unit and unit != 'share' else ''}"
        text = _prompted(
            label + (f" [{number} of {whole}]" if whole > 1 else ""),
            definition,
            found.currency,
            between(question),
        )
        if text is None:
            break
        if not text:
            continue
        try:
            intake.record_answer(
                folder,
                intake.CellAnswer(
                    cell.file, cell.sheet, cell.line, table, cell.row, column, text, by, dt.date.today()
                ),
            )
        except intake.InvalidEngagement as error:
            for problem in error.problems:
                print_line(str(problem), err=True)
            continue
        except OSError as error:
            stop([error])
        written += 1
    print_line(
        f"{folder}: {written} {'answer' if written == 1 else 'answers'} written. Check with: assess validate {folder}"
    )


def _cells(shown: tuple[Question, ...]) -> Iterator[tuple[Question, AskedCell, int, int]]:
    for question in shown:
        for number, cell in enumerate(question.cells, 1):
            yield question, cell, number, len(question.cells)


def _prompted(label: str, definition: object, currency: str, span: str) -> str | None:
    """Return an answer as its cell holds it; empty where it is left open, None where the interview ends."""
    from assess.intake.columns import ColumnDefinition
    from assess.intake.rows import WrongValue, read_typed, write_cell

    assert isinstance(definition, ColumnDefinition)
    while True:
        try:
            typed = str(click.prompt(label, default="", show_default=False)).strip()
        except (click.Abort, EOFError):
            return None
        if typed.lower() == "q":
            return None
        if typed == "?":
            print_line(
                f"    {definition.help} Allowed: {definition.allowed}{f'. Usual: {span}' if span else ''}"
            )
            continue
        if not typed:
            return ""
        try:
            value, said = read_typed(typed, definition, currency)
        except WrongValue as wrong:
            allowed = definition.allowed if wrong.allowed is None else wrong.allowed
            print_line(f'    "{typed}" {wrong.message}; allowed: {allowed}')
            continue
        if value is None:
            return ""
        text = write_cell(value, definition)
        if said:
            print_line(f"    read as {text}")
        return text
