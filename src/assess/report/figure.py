"""A chart of a chapter: what it finds, the drawing, and the data behind it; on a phone, boxes as a list."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, Self

from pydantic import field_validator, model_validator

from assess.core.numbers import GAP
from assess.core.record import Record

from .charts.drawing import Drawing
from .charts.swimlanes import Route, Station, returning
from .tables import DataTable


class FlowStage(Record):
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


def list_boxes(
    stations: Sequence[Station], ways: Sequence[Route], back: Collection[tuple[str, str]] | None = None
) -> tuple[FlowStage, ...]:
    """List the boxes of a map in the order in which they are numbered.

    Parameters
    ----------
    stations, ways, back
        As `assess.report.swimlanes.swimlanes` draws them.

    Examples
    --------
    >>> found = list_boxes([Station("a", "Ask", ""), Station("b", "Answer", "")], [Route("a", "b"), Route("b", "a", "20%")])
    >>> [stage.leads for stage in found]
    [(), ('↩ 1 (20%)',)]
    """
    ids = [station.id for station in stations]
    numbers = {id: number for number, id in enumerate(ids, 1)}
    known = [way for way in ways if way.before in numbers and way.after in numbers]
    back = returning(ids, known) if back is None else back

    def lead(way: Route) -> str:
        sign = "↩" if (way.before, way.after) in back else "→"
        return f"{sign} {numbers[way.after]}" + (f" ({way.label})" if way.label else "")

    def leads(station: Station) -> tuple[str, ...]:
        said = tuple(lead(way) for way in known if way.before == station.id)
        if not said:
            return ("the end",)
        return () if said == (f"→ {numbers[station.id] + 1}",) else said

    return tuple(
        FlowStage(
            title=station.title,
            lane=station.lane,
            says=tuple(line.replace(" ", GAP) for line in station.lines if line),
            signs=tuple(filter(None, (station.mark, station.alarm))),
            chief=station.chief,
            leads=leads(station),
        )
        for station in stations
    )


class Figure(Record):
    """A chart.

    Parameters
    ----------
    id
        Stable name within the chapter, such as ``cash-flow``.
    caption
        The finding that the chart shows, as a sentence with its number.
    alt
        What a reader who can't see the chart should know: its kind, its extent, its message.
    plot
        A plotly figure as plain data, ``{"data": [...], "layout": {...}}``, made by `assess.report.charts`;
        empty where there is a sketch.
    sketch
        A drawing of boxes, lines and words, for what no chart shows.
    strip
        The same as a list, for a screen that is narrower than the sketch; empty where the sketch fits everywhere.
    table
        The numbers that are drawn, with their sources.

    Raises
    ------
    pydantic.ValidationError
        If there is none or more than one drawing, or it holds a value that JSON has no word for (NaN, infinity, an array).
    """

    id: str
    caption: str
    alt: str
    plot: dict[str, Any] = {}
    sketch: Drawing | None = None
    strip: tuple[FlowStage, ...] = ()
    table: DataTable

    @field_validator("plot")
    @classmethod
    def _json(cls, plot: dict[str, Any]) -> dict[str, Any]:
        try:
            text = json.dumps(plot, allow_nan=False, sort_keys=True)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the drawing is not plain data: {error}") from None
        return dict(json.loads(text))

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.plot) == (self.sketch is not None):
            raise ValueError(f"figure {self.id}: one drawing, a plot or a sketch")
        return self

    @property
    def height(self) -> int:
        """Height on the page in CSS pixels, as the drawing says."""
        return int(self.plot.get("layout", {}).get("height", 340))
