"""How what we know about readiness changes the cost model: a parameter times a factor, because of something."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import PositiveFloat

from assess.core.record import Record
from assess.core.source import Source
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement


class Shift(Record):
    """A parameter of the cost model that is moved by a factor, and why.

    Parameters
    ----------
    id
        Stable name, such as ``readiness/data-governance``.
    parameter
        Key of an assumption: ``overrun.factor``, ``rework.factor``, ``skill.psi``, ``exit.share.ipaas`` ...
    factor
        What low, likely and high of it are multiplied with; 1 changes nothing.
    because
        The failed gate or the finding in words.
    sources
        Where that comes from.
    """

    id: str
    parameter: str
    factor: PositiveFloat
    because: str
    sources: tuple[Source, ...] = ()


def shifted(entry: Assumption, shift: Shift) -> Assumption:
    """Return the assumption after one shift; its source says so."""
    return entry.model_copy(
        update={
            "low": entry.low * shift.factor,
            "likely": entry.likely * shift.factor,
            "high": entry.high * shift.factor,
            "source": f"{entry.source}; times {shift.factor:g} because {shift.because}",
        }
    )


def apply(engagement: Engagement, shifts: Sequence[Shift]) -> Engagement:
    """Return the engagement with its assumptions moved; several shifts of one parameter multiply.

    Raises
    ------
    KeyError
        If a shift names a parameter of which there is no assumption.
    """
    entries: dict[str, Assumption] = {}
    for shift in shifts:
        entry = entries.get(shift.parameter) or engagement.assumptions.entry(shift.parameter)
        entries[shift.parameter] = shifted(entry, shift)
    return engagement.model_copy(update={"assumptions": engagement.assumptions.replaced(entries)})
