"""What it is worth to settle in what people disagree: the decision under each of their answers."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.record import Record
from assess.intake.merging import Merged, MergedCell
from assess.intake.problem import InvalidEngagement

from .assessment import Assessment
from .decision import Decision

DRAWS = 1_000
"""Futures for each answer; every answer meets the same ones, so that their differences are those of the answers."""


class PricedDisagreement(Record):
    """A cell to which several answers were given.

    Parameters
    ----------
    place
        Table, row and column in words.
    answers
        What was answered, the one that counts first.
    gain
        Average gain of the recommended programme under each answer, in the engagement's currency; None where an
        answer does not fit to the others, or nothing is gained.
    swing
        Largest less smallest of these; None where fewer than two are known.
    flips
        Whether the integrations that are done, or their styles, depend on it.
    """

    place: str
    answers: tuple[str, ...]
    gain: tuple[float | None, ...]
    swing: float | None = None
    flips: bool = False


def price_disagreements(merged: Merged, *, seed: int = 7) -> Iterator[PricedDisagreement]:
    """Yield every disagreement with its worth, in the order of tables and rows.

    Raises
    ------
    InvalidEngagement
        If the answers that count do not fit together.
    """
    stated = merged.engagement()
    base = Assessment(stated, seed=seed, draws=DRAWS).decision if merged.disagreements else None
    for cell in merged.disagreements:
        found = [base, *(_decide(merged, cell, value, seed) for value in cell.values[1:])]
        gains = tuple(None if one is None or one.gain is None else one.gain.mean for one in found)
        known = [gain for gain in gains if gain is not None]
        yield PricedDisagreement(
            place=cell.place,
            answers=cell.values,
            gain=gains,
            swing=max(known) - min(known) if len(known) > 1 else None,
            flips=len({tuple(sorted(one.assignment.items())) for one in found if one is not None}) > 1,
        )


def _decide(merged: Merged, cell: MergedCell, value: str, seed: int) -> Decision | None:
    try:
        return Assessment(merged.engagement(cell, value), seed=seed, draws=DRAWS).decision
    except InvalidEngagement:
        return None
