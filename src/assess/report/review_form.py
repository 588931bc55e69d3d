"""Linked records as a form: a person says of pair after pair whether both are the same, and each answer goes to the engagement at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assess.decisions.assessment import Assessment
from assess.evidence.quality.linkage.comparison import compare_spelling
from assess.evidence.quality.linkage.review import read_record
from assess.evidence.quality.linkage.spaces import fold
from assess.evidence.quality.reviewing import LinkedPair, find_linked_pairs
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

    Fields of persons are masked in it, with how alike both are, unless values were asked for (`Assessment.show_values`).
    The form is no part of what a notebook keeps.

    Parameters
    ----------
    location
        Engagement folder or workbook that the answers go back to.
    """
    from IPython.display import display

    if not live() or not assessment.quality.linked:
        return
    pairs = find_linked_pairs(assessment.stated, assessment.quality, clear=assessment.show_values)
    if pairs:
        display(ReviewForm(pairs, location, dt.date.today()).panel)  # type: ignore[no-untyped-call]


def compare_fields(pair: LinkedPair, said: LinkReview) -> list[list[str]]:
    """Return the fields of two records beside each other: those that mean the same first, then those of one side only.

    Of fields that are masked their name says how alike both are, if they were compared: each side's own numbers say nothing.
    """
    one = read_record(pair.source.table, said.source_row)
    other = read_record(pair.target.table, said.target_row)
    columns = pair.linkage.columns
    rows: list[tuple[str, str, str, str, str]] = []
    for left, right in zip(columns["left_column"], columns["right_column"], strict=True):
        if left in one and right in other:
            name = left if left == right else f"{left} / {right}"
            rows.append((name, left, one.pop(left), right, other.pop(right)))
    compared = len(rows)
    rows += [(name, name, text, name, other.pop(name, "")) for name, text in one.items()]
    rows += [(name, name, "", name, text) for name, text in other.items()]
    made = []
    for place, (name, left, mine, right, theirs) in enumerate(rows):
        shown = pair.source.show(left, mine), pair.target.show(right, theirs)
        masked = place < compared and shown != (mine, theirs)
        alike = f" ({compare_texts(mine, theirs)})" if masked else ""
        made.append([f"{clean(name, LONGEST)}{alike}", *(clean(text, LONGEST) for text in shown)])
    return made


def compare_texts(one: str, other: str) -> str:
    """Return in words how alike two texts are that can't be shown.

    >>> compare_texts("Zoë Lee", "ZOE LEE"), compare_texts("030/123-4567", "030 1234567"), compare_texts("Martha", "Marhta")
    ('the same but for case and accents', 'the same but for signs and spaces', '96 % alike')
    """
    if one == other:
        return "the same"
    if fold(one) == fold(other):
        return "the same but for case and accents"
    if "".join(filter(str.isalnum, fold(one))) == "".join(filter(str.isalnum, fold(other))):
        return "the same but for signs and spaces"
    texts = (np.array([fold(text)], object) for text in (one, other))
    return f"{100 * float(compare_spelling(*texts)[0]):.0f} % alike"


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
        self.shown.observe(lambda change: self._take(*change["new"]), "given")
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

    def _take(self, answer: str, number: int) -> None:
        try:
            self.give(answer)
        finally:
            self.shown.taken = number

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
            self.shown.sides = [clean(side.table.name, 60) for side in (self.pair.source, self.pair.target)]
            self.shown.fields = compare_fields(self.pair, self.queue[0]) if self.queue else []
            self.shown.place = f"Are these the same? {count(left, 'pair')} left." if self.queue else ""
        checked = self.pair.linkage.checked
        end = "" if self.queue else " All listed pairs are answered; run the notebook again for what changes."
        masked = any(side.personal and not side.clear for side in (self.pair.source, self.pair.target))
        hidden = " Fields of persons are masked; show_values shows them." if masked and self.queue else ""
        self.announced.sentence = clean(told or f"{sentence_case(checked)}.{end}{hidden}", 1000)
