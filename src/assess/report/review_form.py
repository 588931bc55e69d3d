"""Linked records as a form: a person says of pair after pair whether both are the same, and each answer goes to the engagement at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from assess.decisions.assessment import Assessment
from assess.evidence.quality.reviewing import LinkedPair, find_linked_pairs
from assess.evidence.quality.table import Table
from assess.intake import record_answers
from assess.intake.engagement import LinkReview
from assess.intake.problem import InvalidEngagement
from assess.report.prose import sentence_case

from .notebook_display import live
from .prose import clean, count

LONGEST = 300
"""Signs of a field that are shown."""


def ask(assessment: Assessment, location: str | Path) -> None:
    """Display the form where somebody can fill it in; nothing elsewhere, or where no records were linked by what they say.

    The records stand in clear in it: masked ones can't be judged. The form is no part of what a notebook keeps.

    Parameters
    ----------
    location
        Engagement folder or workbook that the answers go back to.
    """
    from IPython.display import display

    if not live() or not assessment.quality.linked:
        return
    pairs = find_linked_pairs(assessment.stated, assessment.quality)
    if pairs:
        display(ReviewForm(pairs, location, dt.date.today()).panel)  # type: ignore[no-untyped-call]


def compare_fields(pair: LinkedPair, said: LinkReview) -> list[list[str]]:
    """Return the fields of two records beside each other: those that mean the same first, then those of one side only."""
    one, other = _fields(pair.source, said.source_row), _fields(pair.target, said.target_row)
    columns = pair.linkage.columns
    rows = []
    for left, right in zip(columns["left_column"], columns["right_column"], strict=True):
        if left in one and right in other:
            rows.append([left if left == right else f"{left} / {right}", one.pop(left), other.pop(right)])
    rows += [[name, text, other.pop(name, "")] for name, text in one.items()]
    rows += [[name, "", text] for name, text in other.items()]
    return [[clean(cell, LONGEST) for cell in row] for row in rows if row[1] or row[2]]


def _fields(table: Table, row: int) -> dict[str, str]:
    held = [(column.name, column.without_nulls(trimmed=True)) for column in table]
    return {name: str(column.values[column.codes[row]]) for name, column in held}


class ReviewForm:
    """Pair after pair, by button or key: y the same, n not, s skip, u back.

    Parameters
    ----------
    location
        Where the answers go back to.
    today
        Date of answers that are given now.

    Attributes
    ----------
    panel
        The widget to display.
    shown
        The pair that is looked at.
    tables
        Which two tables, where several were linked.
    respondent
        Who looks.
    announced
        What follows from what was said so far.
    """

    def __init__(self, pairs: Sequence[LinkedPair], location: str | Path, today: dt.date) -> None:
        import ipywidgets as ipw

        from .widgets import Announcement, RecordPair

        self.pairs, self.location, self.today = list(pairs), location, today
        self.queue: list[LinkReview] = []
        self.done: list[LinkReview] = []
        style = {"description_width": "8em"}
        self.tables = ipw.Dropdown(
            options=[(clean(pair.name, 120), place) for place, pair in enumerate(self.pairs)],
            description="Tables", style=style,
        )  # fmt: skip
        self.respondent = ipw.Text(placeholder="role or name", description="Who looks", style=style)
        self.shown, self.announced = RecordPair(), Announcement()
        self.tables.observe(lambda _: self._load(), "value")
        self.shown.observe(lambda change: self.give(change["new"][0]), "given")
        choice = [self.tables] if len(self.pairs) > 1 else []
        self.panel = ipw.VBox([*choice, self.respondent, self.shown, self.announced])
        self._load()

    @property
    def pair(self) -> LinkedPair:
        """The tables that are looked at."""
        place: int = self.tables.value
        return self.pairs[place]

    def _load(self) -> None:
        self.queue, self.done = list(self.pair.open or self.pair.proposed()), []
        self._show()

    def give(self, answer: str) -> None:
        """Take an answer: ``yes``, ``no``, ``skip`` the pair, or ``back`` to the one before."""
        if answer == "back":
            if self.done:
                self.queue.insert(0, self.done.pop())
            self._show()
            return
        if not self.queue:
            return
        said = self.queue[0].model_copy(
            update={"respondent": self.respondent.value.strip(), "date": self.today, "same": {"yes": True, "no": False}.get(answer)}
        )  # fmt: skip
        if answer != "skip":
            try:
                record_answers(self.location, [said])
            except (ValueError, OSError, InvalidEngagement) as error:
                self._show(f"Nothing was written. {error}")
                return
            self.pairs[self.tables.value] = self.pair.said([said])
        self.done.append(self.queue.pop(0))
        self._show()

    def _show(self, told: str = "") -> None:
        left = len(self.queue)
        with self.shown.hold_sync():
            self.shown.sides = [clean(self.pair.source.name, 60), clean(self.pair.target.name, 60)]
            self.shown.fields = compare_fields(self.pair, self.queue[0]) if self.queue else []
            self.shown.place = f"Are these the same? {count(left, 'pair')} left." if self.queue else ""
        checked = self.pair.linkage.checked
        end = "" if self.queue else " All listed pairs are answered; run the notebook again for what changes."
        self.announced.sentence = clean(told or f"{sentence_case(checked)}.{end}", 1000)
