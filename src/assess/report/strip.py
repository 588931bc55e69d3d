"""A map of boxes as a list, step below step: what a phone shows in place of a drawing that is wider than its screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assess.core.numbers import GAP
from assess.core.record import Record

from .swimlanes import Station, Way, returning


class Stage(Record):
    """One step of the list.

    Parameters
    ----------
    title, lane
        What is done, and by whom.
    says
        What its box says, a part each.
    signs
        Words of warning; empty for none.
    chief
        Whether it lies on the path whose times count.
    leads
        Where it leads: numbers of steps, from 1, with the share of the cases; ``↩`` before a way back. Empty where the
        next step follows, and nothing else.
    """

    title: str
    lane: str = ""
    says: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    chief: bool = False
    leads: tuple[str, ...] = ()


def strip(
    stations: Sequence[Station], ways: Sequence[Way], back: Collection[tuple[str, str]] | None = None
) -> tuple[Stage, ...]:
    """List the boxes of a map in the order in which they are numbered.

    Parameters
    ----------
    stations, ways, back
        As `assess.report.swimlanes.swimlanes` draws them.

    Examples
    --------
    >>> found = strip([Station("a", "Ask", ""), Station("b", "Answer", "")], [Way("a", "b"), Way("b", "a", "20%")])
    >>> [stage.leads for stage in found]
    [(), ('↩ 1 (20%)',)]
    """
    ids = [station.id for station in stations]
    numbers = {id: number for number, id in enumerate(ids, 1)}
    known = [way for way in ways if way.before in numbers and way.after in numbers]
    back = returning(ids, known) if back is None else back

    def lead(way: Way) -> str:
        sign = "↩" if (way.before, way.after) in back else "→"
        return f"{sign} {numbers[way.after]}" + (f" ({way.label})" if way.label else "")

    def leads(station: Station) -> tuple[str, ...]:
        said = tuple(lead(way) for way in known if way.before == station.id)
        if not said:
            return ("the end",)
        return () if said == (f"→ {numbers[station.id] + 1}",) else said

    return tuple(
        Stage(
            title=station.title,
            lane=station.lane,
            says=tuple(line.replace(" ", GAP) for line in station.lines if line),
            signs=tuple(filter(None, (station.mark, station.alarm))),
            chief=station.chief,
            leads=leads(station),
        )
        for station in stations
    )
