"""How ready the client is: practices, gates, and what each failed gate moves."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.decisions.shift import Shift

from .practice_evidence import Measured, Voices

PracticeState = Literal["met", "failed", "unknown", "free"]
GateState = Literal["open", "closed", "unknown"]


class PracticeScore(Record):
    """One practice: what was said, what was measured, and whether that is enough.

    Parameters
    ----------
    level
        What counts: the confirmed answer, lowered to what was measured; None where nobody knows.
    state
        ``met`` or ``failed`` against its highest threshold; ``unknown`` where nobody knows; ``free``
        for a practice that stops nothing.
    chance
        For each stage of which it is a must-have, the share of the people asked who say that the
        threshold is met; 0 where a measurement denies it.
    shortfall
        How much is missing to its highest threshold, as a share of it; 1 where nobody knows.
    """

    id: str
    question: str
    text: str
    label: str
    owner: str
    action: str
    days: Estimate
    must: dict[str, float]
    voices: Voices
    measured: Measured | None
    level: float | None
    state: PracticeState
    chance: dict[str, float]
    shortfall: float
    sources: tuple[Source, ...]

    @property
    def contradicted(self) -> bool:
        """Whether people confirm more than was measured."""
        said = self.voices.level
        return self.measured is not None and said is not None and said > self.measured.level


class QuestionScore(Record):
    """One question of the checklist. It opens nothing: the gates judge practices, and nothing compensates.

    Parameters
    ----------
    level
        Mean of its practices' levels by their importance, one of which nobody knows counted as 0; None where
        nobody knows any.
    unknown
        Practices of which nobody knows.
    """

    id: str
    text: str
    level: float | None
    unknown: int
    practices: tuple[str, ...]


class Gate(Record):
    """A stage and what holds it. Nothing compensates for a must-have that is not met.

    Parameters
    ----------
    state
        ``open`` if every must-have is met. ``unknown`` if none was answered. ``closed`` otherwise.
    failed, unknown
        Must-haves that are below their threshold, and those of which nobody knows.
    chance
        P(pass) as the respondents differ: the share of the people asked who say that the weakest
        must-have is met. It is the highest value that any dependence between the must-haves allows
        (Frechet 1935).
    chance_independent
        The same if the must-haves were independent: the product.
    """

    id: str
    label: str
    state: GateState
    met: int
    must: int
    failed: tuple[str, ...]
    unknown: tuple[str, ...]
    chance: float | None
    chance_independent: float | None
    sources: tuple[Source, ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """Must-haves that hold it: those that failed, then those of which nobody knows."""
        return (*self.failed, *self.unknown)


class Readiness(Record):
    """Whether the client is ready.

    Parameters
    ----------
    assessed
        Whether anybody answered anything; if not, everything is unknown, nothing is a zero.
    asked
        People who answered anything, each once.
    copies
        Name to the name of whose answers are all the same.
    shifts
        How failed and unknown must-haves move the cost model, at their likely factors.
    shifts_low, shifts_high
        The same at their low and high factors.
    """

    assessed: bool
    asked: tuple[str, ...] = ()
    copies: dict[str, str] = {}
    practices: tuple[PracticeScore, ...]
    gates: tuple[Gate, ...]
    questions: tuple[QuestionScore, ...] = ()
    shifts: tuple[Shift, ...] = ()
    shifts_low: tuple[Shift, ...] = ()
    shifts_high: tuple[Shift, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    def practice(self, id: str) -> PracticeScore:
        """Return one practice.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {practice.id: practice for practice in self.practices}[id]

    def gate(self, id: str) -> Gate:
        """Return one gate.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {gate.id: gate for gate in self.gates}[id]

    @property
    def next_gate(self) -> Gate | None:
        """The first gate that is not open; None where all are, or nobody answered anything."""
        return next((gate for gate in self.gates if gate.state != "open"), None) if self.assessed else None

    @property
    def table(self) -> pd.DataFrame:
        """One row per practice."""
        rows = [
            [p.question, p.id, p.state, p.level, p.voices.lowest, p.voices.highest, p.voices.known,
             p.voices.unknown, p.measured.level if p.measured else None, p.owner]
            for p in self.practices
        ]  # fmt: skip
        names = [
            "question", "practice", "state", "level", "lowest", "highest", "known", "unknown", "measured", "owner",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=names)
