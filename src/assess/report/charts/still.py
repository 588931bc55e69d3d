"""A chart as a drawing of our own: what the functions of `charts` describe, without a library and without a script.

A chart is described in plotly's words (`elements.Plot`), because the what-if of a notebook moves it by plotly. Everywhere
else it is a still picture, and this module draws it: GitHub, mail and paper show it, and it follows light and dark.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any

from .axes import (
    Axis,
    axis_title,
    date_ticks,
    day_number,
    decade_ticks,
    even_ticks,
    item_at,
    text_width,
    unescaped,
)
from .drawing import LIGHT, Area, Box, Colour, Dot, Drawing, Mark, Polyline, Word
from .elements import Plot

WIDTH = 720.0
"""Width of a chart, CSS pixels: that of a notebook's column."""

SIZE, SMALL, LEADING = 13.0, 12.0, 15.0
"""Height of words, of words at an axis, and from line to line."""

NAMES: dict[str, Colour] = {value: name for name, value in LIGHT.items()}  # type: ignore[misc]
CLEAR = "rgba(0,0,0,0)"
DAY = 86_400_000.0
"""Milliseconds."""


ROW, TIGHT, MANY, UPRIGHT = 23.0, 17.6, 9, 210.0
"""Of a chart narrower than `WIDTH`: height of a row, of a row of more than `MANY`, and of an upright chart, CSS pixels."""


def draw_chart(plot: Plot, width: float = WIDTH) -> Drawing:
    """Draw a chart.

    Parameters
    ----------
    plot
        As `assess.report.charts` makes it: bars and lines, dots and bands, along linear, logarithmic, day or named axes.
    width
        CSS pixels; a chart narrower than `WIDTH` stands beside another and is as low as its words allow.
    """
    return _Chart(plot, width).sketch()


class _Chart:
    def __init__(self, plot: Plot, width: float) -> None:
        self.traces: list[Plot] = plot["data"]
        self.layout: Plot = plot["layout"]
        self.width, self.beside = width, width < WIDTH
        self.height = self._low() if self.beside else float(self.layout.get("height", 340))
        self.marks: list[Mark] = []
        self.legend = self._legend() if self.layout.get("showlegend") else []
        self.before = 0.0  # room between the names of rows and the plot, for the values of bars below zero
        self.x, self.y = self._axes()

    def sketch(self) -> Drawing:
        self._grid()
        for shape in self.layout.get("shapes", ()):
            self._shape(shape)
        drawn: list[Plot] = []
        stacked: dict[str, list[float]] = {}
        for trace in self.traces:
            if trace["type"] == "bar":
                self._bars(trace, stacked)
            else:
                self._scatter(trace, drawn[-1] if drawn else None)
            drawn.append(trace)
        for note in self.layout.get("annotations", ()):
            self._note(note)
        self.marks += [mark for group in self.legend for mark in group]
        return Drawing(width=self.width, height=self.height, marks=tuple(self.marks))

    def _low(self) -> float:
        """Return the least height at which the words of a chart do not meet."""
        if self._kind("y") != "named":
            return UPRIGHT
        labels = [text for _, text in self._named_axis("y", self.layout["yaxis"], 0.0, 1.0).ticks]
        lines = max((text.count("\n") + 1 for text in labels), default=1)
        row = (
            TIGHT
            if len(labels) > MANY and lines == 1
            else max(ROW, LEADING * lines + (3.0 if lines > 1 else 0.0))
        )
        named = 2 * LEADING if axis_title(self.layout["xaxis"]) else LEADING
        return (
            row * max(1, len(labels)) + named + 19.0 + (LEADING * 2 if self.layout.get("showlegend") else 0.0)
        )

    # ---------------------------------------------------------------- axes

    def _axes(self) -> tuple[Axis, Axis]:
        x_kind, y_kind = self._kind("x"), self._kind("y")
        margin = self.layout.get("margin", {})
        top_side = self.layout["xaxis"].get("side") == "top"
        lines = max(
            (text.count("\n") + 1 for _, text in self._axis("x", x_kind, 0.0, self.width).ticks), default=1
        )
        named_above = LEADING * lines + 12.0 if top_side else 0.0
        top = max(10.0 if self.beside else float(margin.get("t", 30)), 10.0, named_above, self._above()) + (
            LEADING * self._legend_rows() + 4 if self.legend else 0
        )
        titled = 18.0 if axis_title(self.layout["xaxis"]) else 0.0
        below = 8.0 if top_side else 9.0 + LEADING * lines + titled
        y = self._axis("y", y_kind, self.height - below, top)
        left = 13.0 + max(
            (text_width(text, SMALL if y_kind != "named" else SIZE) for _, text in y.ticks), default=0.0
        )
        left += 20.0 if axis_title(self.layout["yaxis"]) else 0.0
        right = max(
            16.0,
            0.0 if self.beside else float(margin.get("r", 16)),
            *(self._room(note) for note in self.layout.get("annotations", ())),
        )
        if y_kind == "named" and any(trace.get("textposition") == "outside" for trace in self.traces):
            beside = [
                (length or 0.0, text_width(unescaped(text), SMALL))
                for trace in self.traces
                for length, text in zip(trace["x"], trace.get("text", ()), strict=False)
            ]
            right = max(right, 12.0 + max((wide for length, wide in beside if length >= 0), default=0.0))
            self.before = max((wide for length, wide in beside if length < 0), default=0.0)
            left += self.before
        return self._axis("x", x_kind, left, self.width - right), y

    def _above(self) -> float:
        """Height of the words above the plot, which stand in lines of their own."""
        shifts = [
            n.get("yshift", 0.0) for n in self.layout.get("annotations", ()) if n.get("yref") == "paper"
        ]
        return LEADING + 6.0 + max(shifts) if shifts else 0.0

    def _room(self, note: Plot) -> float:
        """Width of a word that stands beside the plot."""
        return text_width(unescaped(note["text"]), SIZE) + 14.0 if note.get("xshift") else 0.0

    def _kind(self, name: str) -> str:
        axis = self.layout[f"{name}axis"]
        if axis.get("type") in ("log", "date"):
            return str(axis["type"])
        values = [v for trace in self.traces for v in trace.get(name, ()) if v is not None]
        return (
            "named" if axis.get("type") == "category" or any(isinstance(v, str) for v in values) else "linear"
        )

    def _axis(self, name: str, kind: str, start: float, end: float) -> Axis:
        axis = self.layout[f"{name}axis"]
        if kind == "named":
            return self._named_axis(name, axis, start, end)
        values: Callable[[Any], float] = {
            "log": lambda v: math.log10(v) if v > 0 else math.nan,
            "date": day_number,
        }.get(kind, float)
        found = [v for v in map(values, self._extent(name)) if math.isfinite(v)]
        low, high = min(found, default=0.0), max(found, default=1.0)
        if name == "x" and axis.get("rangemode") == "tozero" and kind == "linear":
            low, high = min(low, 0.0), max(high, 0.0)
        if "range" in axis:
            low, high = (float(limit) for limit in axis["range"])
        elif kind != "date":
            room = 0.06 * ((high - low) or abs(high) or 1.0)
            low, high = low - (room if low or kind == "log" else 0.0), high + room
        if (
            name == "y"
            and kind == "linear"
            and "range" not in axis
            and all(t["type"] == "bar" for t in self.traces)
        ):
            low = min(low, 0.0)
        held = [
            (float(value), unescaped(text))
            for value, text in zip(axis.get("tickvals", ()), axis.get("ticktext", ()), strict=True)
        ]
        make = {"log": decade_ticks, "date": date_ticks}.get(kind, even_ticks)
        count = axis.get("nticks", 5)
        ticks = held or make(low, high, count, axis)
        wide = max((text_width(text, SMALL) for _, text in ticks), default=0.0) + 6.0
        while name == "x" and not held and count > 1 and wide * len(ticks) > abs(end - start) > 0:
            count -= 1
            ticks = make(low, high, count, {**axis, "dtick": 0})
        return Axis(low, high, start, end, tuple(ticks), values)

    def _named_axis(self, name: str, axis: Plot, start: float, end: float) -> Axis:
        seen = list(axis.get("categoryarray", ())) or [v for t in self.traces for v in t.get(name, ())]
        labels = list(dict.fromkeys(seen))
        places = {label: float(at) for at, label in enumerate(labels)}
        high = len(labels) - 0.5
        step = max(1, math.ceil(len(labels) / axis.get("nticks", len(labels) or 1)))
        ticks = tuple((places[label], unescaped(label)) for label in labels[::step])
        low, high = (high, -0.5) if name == "y" else (-0.5, high)
        return Axis(low, high, start, end, ticks, lambda label: places[label])

    def _extent(self, name: str) -> list[Any]:
        """Everything that must find room along an axis."""
        found: list[Any] = []
        sums: dict[Any, float] = {}
        other = "y" if name == "x" else "x"
        for trace in self.traces:
            values = _places(trace, name)
            bases = trace.get("base") or [0.0] * len(values)
            if trace["type"] == "bar" and (trace.get("orientation") == "h") == (name == "x"):
                found += [base for base, v in zip(bases, values, strict=False) if v is not None]
                found += [base + v for base, v in zip(bases, values, strict=False) if v is not None]
                if self.layout.get("barmode") == "relative":
                    for label, v in zip(trace[other], values, strict=True):
                        sums[label] = sums.get(label, 0.0) + (v or 0.0)
            else:
                found += [v for v in values if v is not None]
            if name == "x" and "error_x" in trace:
                spread = trace["error_x"]
                known = [
                    (v, a, b)
                    for v, a, b in zip(values, spread["array"], spread["arrayminus"], strict=True)
                    if v is not None
                ]
                found += [v + (a or 0.0) for v, a, _ in known] + [v - (b or 0.0) for v, _, b in known]
        found += [
            shape[f"{name}0"] for shape in self.layout.get("shapes", ()) if shape.get(f"{name}ref") != "paper"
        ]
        return found + list(sums.values())

    def _grid(self) -> None:
        x, y = self.x, self.y
        top = self.layout["xaxis"].get("side") == "top"
        for axis, name in ((x, "xaxis"), (y, "yaxis")):
            said = self.layout[name]
            for value, text in axis.ticks:
                at = axis.to(value)
                if said.get("showgrid", True):
                    ends = ((at, y.start), (at, y.end)) if name == "xaxis" else ((x.start, at), (x.end, at))
                    self._line(ends, "line", 1)
                self._tick(name, text, at, top)
            zero = axis.to(0.0)
            if said.get("zeroline") and axis.low < 0 < axis.high:
                ends = (
                    ((zero, y.start), (zero, y.end)) if name == "xaxis" else ((x.start, zero), (x.end, zero))
                )
                self._line(ends, "grey", 1.2)
        if "linecolor" in self.layout["xaxis"]:
            self._line(((x.start, y.start), (x.end, y.start)), "grey", 1)
        if title := axis_title(self.layout["xaxis"]):
            self._word((x.start + x.end) / 2, self.height - 6, title, "middle", "soft")
        if title := axis_title(self.layout["yaxis"]):
            self.marks.append(
                Word(
                    x=14,
                    y=(y.start + y.end) / 2,
                    text=title,
                    size=SMALL,
                    fill="soft",
                    anchor="middle",
                    upright=True,
                )
            )

    def _tick(self, name: str, text: str, at: float, top: bool) -> None:
        lines = text.split("\n")
        if name == "yaxis":
            size, fill = (SIZE, "ink") if self._kind("y") == "named" else (SMALL, "soft")
            for place, line in enumerate(lines):
                y = at + size * 0.35 + (place - (len(lines) - 1) / 2) * LEADING
                self._word(self.x.start - 9 - self.before, y, line, "end", fill, size)
        else:
            first = self.y.end - 8 - LEADING * (len(lines) - 1) if top else self.y.start + 16
            for place, line in enumerate(lines):
                self._word(at, first + place * LEADING, line, "middle", "ink" if top else "soft", SMALL)

    # ---------------------------------------------------------------- traces

    def _bars(self, trace: Plot, stacked: dict[str, list[float]]) -> None:
        level = trace.get("orientation") == "h"
        along, across = (self.x, self.y) if level else (self.y, self.x)
        lengths, labels = (trace["x"], trace["y"]) if level else (trace["y"], trace["x"])
        bases = list(trace.get("base") or [0.0] * len(lengths))
        if self.layout.get("barmode") == "relative":
            for place, (label, length) in enumerate(zip(labels, lengths, strict=True)):
                sums = stacked.setdefault(label, [0.0, 0.0])
                bases[place] = sums[(length or 0.0) < 0]
                sums[(length or 0.0) < 0] += length or 0.0
        widths = trace.get("width", 1 - self.layout.get("bargap", 0.2))
        marker = trace.get("marker", {})
        edge = marker.get("line", {})
        for place, (label, length) in enumerate(zip(labels, lengths, strict=True)):
            if length is None:
                continue
            middle = across.values(label)
            width = item_at(widths, place)
            sides = sorted((across.to(middle - width / 2), across.to(middle + width / 2)))
            ends = sorted((along.at(bases[place]), along.at(bases[place] + length)))
            x, y = (ends, sides) if level else (sides, ends)
            stroke = _colour(item_at(edge.get("color", CLEAR), place))
            self.marks.append(
                Box(
                    x=x[0], y=y[0], width=x[1] - x[0], height=y[1] - y[0], fill=_colour(item_at(marker["color"], place)),
                    stroke=stroke if item_at(edge.get("width", 0), place) else "none", weight=item_at(edge.get("width", 1), place) or 1,
                )
            )  # fmt: skip
            if "text" in trace and trace.get("textposition") != "none":
                self._bar_text(trace, place, x, y, length)
        self._whiskers(trace)

    def _bar_text(
        self, trace: Plot, place: int, x: Sequence[float], y: Sequence[float], length: float
    ) -> None:
        text = unescaped(item_at(trace["text"], place))
        base_line = (y[0] + y[1]) / 2 + SMALL * 0.35
        if trace["textposition"] == "inside":
            fill = _colour(item_at(trace["textfont"]["color"], place))
            self._word((x[0] + x[1]) / 2, base_line, text, "middle", fill, SMALL)
        elif length < 0:
            self._word(x[0] - 5, base_line, text, "end", "ink", SMALL)
        else:
            self._word(x[1] + 5, base_line, text, "start", "ink", SMALL)

    def _scatter(self, trace: Plot, before: Plot | None) -> None:
        points = [
            (self.x.at(x), self.y.at(y))
            for x, y in zip(_places(trace, "x"), _places(trace, "y"), strict=True)
            if x is not None
            and y is not None
            and math.isfinite(self.x.values(x))
            and math.isfinite(self.y.values(y))
        ]
        if not points:
            return
        path = _stairs(points) if trace.get("line", {}).get("shape") == "hv" else points
        if "fill" in trace:
            floor = [(x, self.y.to(0.0)) for x, _ in path]
            if trace["fill"] == "tonexty" and before is not None:
                floor = [
                    (self.x.at(x), self.y.at(y))
                    for x, y in zip(before["x"], before["y"], strict=True)
                    if y is not None
                ]
            self.marks.append(Area(points=(*path, *reversed(floor)), fill=_colour(trace["fillcolor"])))
        line = trace.get("line", {})
        if "lines" in trace["mode"] and line.get("width", 2) and len(path) > 1:
            dash = line.get("dash", "solid")
            self.marks.append(
                Polyline(points=tuple(path), stroke=_colour(line["color"]), weight=line["width"], dash=dash)
            )
        self._whiskers(trace)
        if "markers" in trace["mode"]:
            for place, (x, y) in enumerate(points):
                self._marker(trace["marker"], place, x, y)
        if "text" in trace["mode"]:
            fill = _colour(trace["textfont"]["color"])
            for text, (x, y) in zip(trace["text"], points, strict=True):
                self._word(x, y - 9, unescaped(text), "middle", fill, SMALL)

    def _marker(self, marker: Plot, place: int, x: float, y: float) -> None:
        colour, radius = _colour(item_at(marker["color"], place)), item_at(marker["size"], place) / 2
        symbol = marker.get("symbol", "circle")
        if symbol == "line-ns":
            self._line(((x, y - radius), (x, y + radius)), colour, marker["line"]["width"])
        elif symbol == "circle-open":
            self.marks.append(Dot(x=x, y=y, radius=radius, stroke=colour, weight=marker["line"]["width"]))
        elif radius > 1:
            self.marks.append(Dot(x=x, y=y, radius=radius, fill=colour))

    def _whiskers(self, trace: Plot) -> None:
        spread = trace.get("error_x")
        if spread is None:
            return
        for x, y, more, less in zip(
            trace["x"], trace["y"], spread["array"], spread["arrayminus"], strict=True
        ):
            if x is None or not (more or less):
                continue
            at, half = self.y.at(y), spread["width"]
            ends = [self.x.at(x - (less or 0.0)), self.x.at(x + (more or 0.0))]
            self._line(((ends[0], at), (ends[1], at)), "grey", spread["thickness"])
            for end, moved in zip(ends, (less, more), strict=True):
                if moved:
                    self._line(((end, at - half), (end, at + half)), "grey", spread["thickness"])

    # ---------------------------------------------------------------- beside the traces

    def _shape(self, shape: Plot) -> None:
        ends = [(self._at("x", shape, f"x{n}"), self._at("y", shape, f"y{n}")) for n in "01"]
        line = shape["line"]
        self._line(tuple(ends), _colour(line["color"]), line["width"], line.get("dash", "solid"))

    def _at(self, name: str, item: Plot, key: str) -> float:
        axis = self.x if name == "x" else self.y
        if item.get(f"{name}ref") == "paper":
            return axis.start + float(item[key]) * (axis.end - axis.start)
        return axis.at(item[key])

    def _note(self, note: Plot) -> None:
        x = self._at("x", note, "x") + note.get("xshift", 0.0)
        y = self._at("y", note, "y") - note.get("yshift", 0.0)
        y += {"bottom": -4.0, "top": SIZE}.get(note.get("yanchor", "middle"), SIZE * 0.35)
        font = note.get("font", {})
        text, anchor = (
            unescaped(note["text"]),
            {"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle"),
        )
        self._word(x, y, text, anchor, _colour(font.get("color", LIGHT["ink"])), font.get("size", SIZE))

    def _legend(self) -> list[list[Mark]]:
        """Name the traces in a line above the plot, broken where it is full."""
        named = [t for t in self.traces if t.get("name") and t.get("showlegend", True)]
        groups: list[list[Mark]] = []
        x, y = 10.0, 16.0
        for trace in named:
            text = unescaped(trace["name"])
            width = 26 + text_width(text, SMALL) + 18
            if x > 10 and x + width > self.width:
                x, y = 10.0, y + LEADING
            groups.append([*_swatch(trace, x, y), Word(x=x + 22, y=y, text=text, size=SMALL)])
            x += width
        return groups

    def _legend_rows(self) -> int:
        return len({mark.y for group in self.legend for mark in group if isinstance(mark, Word)})

    def _line(
        self, points: tuple[tuple[float, float], ...], colour: Colour, weight: float, dash: str = "solid"
    ) -> None:
        self.marks.append(Polyline(points=points, stroke=colour, weight=weight, dash=dash))

    def _word(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "start",
        fill: Colour | str = "ink",
        size: float = SMALL,
    ) -> None:
        """Write a word; one at an edge is moved onto the paper."""
        if text:
            width = text_width(text, size)
            before = {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            x = max(min(x, self.width - 2 - width + before), 2 + before)
            self.marks.append(Word(x=x, y=y, text=text, size=size, fill=fill, anchor=anchor))


def _swatch(trace: Plot, x: float, y: float) -> list[Mark]:
    if trace["type"] == "bar":
        return [Box(x=x, y=y - 9, width=16, height=10, fill=_colour(item_at(trace["marker"]["color"], 0)))]
    if "fillcolor" in trace:
        return [Box(x=x, y=y - 9, width=16, height=10, fill=_colour(trace["fillcolor"]))]
    marker, drawn = trace.get("marker"), []
    if "lines" in trace["mode"]:
        line = trace["line"]
        drawn.append(Polyline(points=((x, y - 4), (x + 16, y - 4)), stroke=_colour(line["color"]), weight=line["width"], dash=line.get("dash", "solid")))  # fmt: skip
    elif marker and marker.get("symbol") == "line-ns":
        return [Polyline(points=((x + 8, y - 10), (x + 8, y + 2)), stroke="ink", weight=2.5)]
    elif "error_x" in trace and marker and marker["size"] <= 2:
        return [Polyline(points=((x, y - 4), (x + 16, y - 4)), stroke="grey", weight=1.6)]
    if marker:
        ring = marker.get("symbol") == "circle-open"
        colour = _colour(item_at(marker["color"], 0))
        drawn.append(Dot(x=x + 8, y=y - 4, radius=5, fill="none" if ring else colour, stroke=colour if ring else "none", weight=2))  # type: ignore[arg-type]  # fmt: skip
    return drawn  # type: ignore[return-value]


def _places(trace: Plot, name: str) -> list[Any]:
    """What a trace holds along an axis; days may be given by the first and the step."""
    if name == "x" and "x0" in trace:
        first, step = dt.date.fromisoformat(trace["x0"]), trace["dx"] / DAY
        return [(first + dt.timedelta(days=place * step)).isoformat() for place in range(len(trace["y"]))]
    return list(trace[name])


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    path = [points[0]]
    for x, y in points[1:]:
        path += [(x, path[-1][1]), (x, y)]
    return path


def _colour(value: str) -> Colour:
    return NAMES.get(value, "none")
