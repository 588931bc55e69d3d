"""What an assessment rests on, small enough to be kept beside its report: answers, measurements, prices.

From a snapshot every answer can be computed again without the client's extracts and logs, also after one
part was exchanged for another run's: so two runs can be compared cause by cause.

So it is told, too, what it is worth to settle in what people disagree: by the decision under each of their answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from assess.core.cache import Cache
from assess.core.record import Record
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.evidence.value_stream import LogMeasures
from assess.intake.engagement import Engagement
from assess.intake.merging import Merged, MergedCell
from assess.intake.problem import InvalidEngagement

from .assessment import Assessment
from .decision import Decision

Part = Literal["answers", "measurements", "prices"]
"""``answers``: what the client told us. ``measurements``: what extracts, run logs and event logs show.
``prices``: the overrides of dated defaults, quotes and the platforms that are named, the exchange rates, and the rates of
discount and inflation."""

PARTS: tuple[Part, ...] = get_args(Part)

PRICES = ("assumptions", "quotes", "platform", "exchange_rates", "discount_rate", "inflation", "money")
"""Fields of an engagement that are prices; all others are answers."""


class Snapshot(Record):
    """The basis of an assessment.

    Parameters
    ----------
    stated
        The engagement as the client told it, without its folder and without passwords.
    operations, quality, logs
        What was measured. Profiles of tables and examples of values are left out: no decision reads them.
    seed, draws
        Of the random futures.
    """

    stated: Engagement
    operations: Operations
    quality: QualityAssessment
    logs: tuple[LogMeasures, ...] = ()
    seed: int
    draws: int

    @classmethod
    def of(cls, assessment: Assessment) -> Snapshot:
        """Take the snapshot of an assessment; what was not measured yet is measured."""
        return cls(
            stated=_bare(assessment.stated),
            operations=assessment.operations,
            quality=_slim(assessment.quality),
            logs=assessment.value_stream.logs,
            seed=assessment.seed,
            draws=assessment.draws,
        )

    def assessment(self) -> Assessment:
        """Return the assessment that this snapshot leads to, computed again by the code of today."""
        return _Recomputed(self)

    def exchanged(self, other: Snapshot, parts: frozenset[Part]) -> Snapshot:
        """Return this snapshot with some parts taken from another."""
        said = other.stated if "answers" in parts else self.stated
        priced = other.stated if "prices" in parts else self.stated
        seen = other if "measurements" in parts else self
        return self.model_copy(
            update={
                "stated": said.model_copy(update={name: getattr(priced, name) for name in PRICES}),
                "operations": seen.operations,
                "quality": seen.quality,
                "logs": seen.logs,
            }
        )

    def differing(self, other: Snapshot) -> tuple[Part, ...]:
        """Say which parts of two snapshots are not the same."""
        seen = ("operations", "quality", "logs")
        same: dict[Part, bool] = {
            "answers": _said(self.stated) == _said(other.stated),
            "measurements": all(getattr(self, name) == getattr(other, name) for name in seen),
            "prices": all(getattr(self.stated, name) == getattr(other.stated, name) for name in PRICES),
        }
        return tuple(part for part in PARTS if not same[part])


class _Recomputed(Assessment):
    """An assessment whose measurements come from a snapshot; nothing is read and nothing is kept."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot.stated, seed=snapshot.seed, draws=snapshot.draws)
        self._cache = Cache(None)
        self._logs = snapshot.logs
        self.__dict__["operations"] = snapshot.operations
        self.__dict__["quality"] = snapshot.quality


def _bare(stated: Engagement) -> Engagement:
    """Leave out where the engagement lies and what gives access to its data."""
    systems = tuple(
        system.model_copy(
            update={
                "tables": tuple(t.model_copy(update={"location": t.shown}) for t in system.tables),
            }
        )
        for system in stated.systems
    )
    return stated.model_copy(update={"folder": Path(), "systems": systems})


def _slim(quality: QualityAssessment) -> QualityAssessment:
    """Leave out what holds values of the client's tables, and what only a reader looks at."""
    nothing = {"facts": (), "findings": (), "keys": (), "dependencies": (), "duplicates": ()}
    silent = {"examples": (), "counterparts": (), "check_sql": "", "fix_sql": ""}
    return quality.model_copy(
        update={
            "profiles": tuple(p.bounded(0).model_copy(update=nothing) for p in quality.profiles),
            "comparisons": (),
            "findings": tuple(f.model_copy(update=silent) for f in quality.findings),
        }
    )


def _said(stated: Engagement) -> Engagement:
    """The answers alone: without prices, and without the fingerprints of files, whose content counts."""
    neutral = {name: Engagement.model_fields[name].default for name in PRICES if name != "assumptions"}
    return stated.model_copy(
        update={**neutral, "assumptions": type(stated.assumptions)(), "files": (), "notes": ()}
    )


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
