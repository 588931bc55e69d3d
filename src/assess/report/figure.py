"""A chart of a chapter: what it finds, the drawing, and the data behind it."""

from __future__ import annotations

import json
from typing import Any, Self

from pydantic import field_validator, model_validator

from assess.core.record import Record

from .charts.drawing import Drawing
from .tables import DataTable


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
    table: DataTable

    @model_validator(mode="before")
    @classmethod
    def _earlier(cls, given: Any) -> Any:
        """Read results of 0.1.0, whose maps held a list for phones as well."""
        return (
            {key: value for key, value in given.items() if key != "strip"}
            if isinstance(given, dict)
            else given
        )

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
