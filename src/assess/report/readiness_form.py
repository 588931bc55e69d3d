"""The readiness checklist as a form: who sits before the notebook answers, and the answers go back to the engagement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from markupsafe import Markup

from assess.core.record import Record
from assess.decisions.assessment import Assessment
from assess.decisions.readiness import Readiness
from assess.intake import record_answers
from assess.intake.engagement import Answer, ReadinessAnswer
from assess.intake.problem import InvalidEngagement

from .notebook_display import live
from .prose import clean

CHOICES: tuple[tuple[str, str], ...] = (
    ("not asked", ""), ("unknown", "unknown"), ("0 · not at all", "0"), ("0.25", "0.25"), ("0.5 · in part", "0.5"),
    ("0.75", "0.75"), ("1 · fully", "1"),
)  # fmt: skip
"""What a practice can be answered, as people read it and as the table holds it."""


class PracticeEntry(Record):
    """A practice and what one respondent said of it; an empty answer where that person was not asked."""

    practice: str
    question: str
    text: str
    answer: str = ""
    evidence: str = ""


def people(ready: Readiness) -> tuple[str, ...]:
    """Return everybody who answered anything, as they are written, in the order of the table."""
    named = [answer.respondent for practice in ready.practices for answer in practice.voices.answers]
    return tuple(dict.fromkeys(name for name in named if name))


def entries(ready: Readiness, respondent: str) -> tuple[PracticeEntry, ...]:
    """Return every practice with what a respondent said, in the order of the checklist."""
    return tuple(
        PracticeEntry(
            practice=practice.id,
            question=practice.question,
            text=practice.text,
            answer=said.answer if said else "",
            evidence=said.evidence if said else "",
        )
        for practice in ready.practices
        for said in [next((a for a in practice.voices.answers if _same(a.respondent, respondent)), None)]
    )


def changed(
    before: Sequence[PracticeEntry],
    given: Mapping[str, tuple[str, str]],
    respondent: str,
    date: dt.date | None,
) -> tuple[ReadinessAnswer, ...]:
    """Return the answers that differ from before, with their respondent and date.

    Parameters
    ----------
    given
        Practice -> answer and evidence. An answer can be changed, not taken back: where none is given, nothing changes.

    Raises
    ------
    ValueError
        If something changed and nobody is named as the respondent.
    """
    found = []
    for entry in before:
        answer, evidence = given.get(entry.practice, ("", ""))
        if answer and (answer, evidence.strip()) != (entry.answer, entry.evidence.strip()):
            found.append(
                ReadinessAnswer(
                    practice=entry.practice,
                    answer=cast("Answer", answer),
                    respondent=respondent.strip(),
                    evidence=evidence.strip(),
                    date=date,
                )
            )
    if found and not respondent.strip():
        raise ValueError("Say first who answers.")
    return tuple(found)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def ask(assessment: Assessment, location: str | Path) -> None:
    """Display the form where somebody can fill it in, and what was said as a table elsewhere.

    Parameters
    ----------
    location
        Engagement folder or workbook that the answers go back to.
    """
    from IPython.display import display

    if live():
        display(Form(assessment.readiness, location, dt.date.today()).panel)  # type: ignore[no-untyped-call]
        return
    shown = str(table(assessment.readiness))
    plain = (
        f"{len(people(assessment.readiness))} people answered {len(assessment.readiness.practices)} practices"
    )
    display({"text/html": shown, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]


def table(ready: Readiness) -> Markup:
    """Write what everybody said of each practice as an HTML table."""
    named = people(ready)
    head = Markup("").join(Markup("<th>{}</th>").format(clean(text, 80)) for text in ("Practice", *named))
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td>{}</td>").format(clean(text, 300))
                for text in (practice.text, *_said(practice.voices.answers, named))
            )
        )
        for practice in ready.practices
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, rows)


def _said(answers: Sequence[ReadinessAnswer], named: Sequence[str]) -> list[str]:
    known = {name: next((a for a in answers if _same(a.respondent, name)), None) for name in named}
    return [
        "–" if said is None else said.answer + (f" ({said.evidence})" if said.evidence else "")
        for said in known.values()
    ]


class Form:
    """The checklist for one respondent at a time.

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
    respondent
        Who answers; another name shows that person's answers.
    questions
        The control of each practice, by its id: its answer and its evidence.
    save
        The button that writes what changed.
    told
        What happened.
    """

    def __init__(self, ready: Readiness, location: str | Path, today: dt.date) -> None:
        import ipywidgets as ipw

        from .widgets import Announcement, PracticeQuestion

        self.ready, self.location, self.today = ready, location, today
        self.respondent = ipw.Combobox(
            options=people(ready),
            placeholder="role or name",
            description="Who answers",
            style={"description_width": "8em"},
            continuous_update=False,
        )
        self.respondent.observe(lambda _: self._load(), "value")
        self._known: tuple[PracticeEntry, ...] = entries(ready, "")
        self.questions = {
            entry.practice: PracticeQuestion(
                text=clean(entry.text, 300), practice=clean(entry.practice, 120), choices=list(CHOICES)
            )
            for entry in self._known
        }
        self.save = ipw.Button(
            description="Write the answers to the engagement",
            button_style="primary",
            layout={"align_self": "flex-start", "width": "auto"},
        )
        self.save.on_click(lambda _: self.write())
        self.announced = Announcement()
        self.panel = ipw.VBox([self.respondent, *self.questions.values(), self.save, self.announced])

    def _load(self) -> None:
        """Show what the respondent has said already."""
        self._known = entries(self.ready, self.respondent.value)
        for entry in self._known:
            question = self.questions[entry.practice]
            with question.hold_sync():
                question.answer, question.evidence = entry.answer, entry.evidence
        self.announced.sentence = ""

    def write(self) -> None:
        """Write what changed back to the engagement, and say so; what is wrong is said, nothing is written then."""
        given = {id: (question.answer, question.evidence) for id, question in self.questions.items()}
        try:
            new = changed(self._known, given, self.respondent.value, self.today)
            if not new:
                self._say("Nothing changed.")
                return
            place = record_answers(self.location, new)
        except (ValueError, OSError, InvalidEngagement) as error:
            self._say(f"Nothing was written. {error}")
            return
        known = {answer.practice: answer for answer in new}
        self._known = tuple(
            entry.model_copy(
                update={"answer": known[entry.practice].answer, "evidence": known[entry.practice].evidence}
            )
            if entry.practice in known
            else entry
            for entry in self._known
        )
        count = f"{len(new)} answer" + ("s" if len(new) > 1 else "")
        self._say(
            f"{count} of {self.respondent.value} in {place.name}. Run the notebook again to see what changes."
        )

    def _say(self, text: str) -> None:
        self.announced.sentence = clean(text, 1000)
