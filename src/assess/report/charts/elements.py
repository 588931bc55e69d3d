"""The parts of a chart: axes, rows, lines, marks, and text that plotly must not interpret."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assess.core.numbers import interval, is_money, quantity
from assess.report.prose import clean, cut, fitting, letters

from .drawing import LIGHT

Plot = dict[str, Any]
"""``{"data": [...], "layout": {...}}``, only plain types, colours of `palette.LIGHT`."""

FONT = "Charter, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
ROW = 36
"""Height of a row of a horizontal chart, CSS pixels."""

LONGEST, FEW = 54, 9
"""Letters of a label, two lines beside a row; rows among which a label may have a third line."""

PLOT = 250
"""Height of the plot of an upright chart of 340 px, between its title and its axis."""

ENDING = 24
"""Characters of a name at the end of a line."""

NARROW = 0.022
"""Width of a character above a plot, share of the plot of a phone."""

NAME = 15
"""Height of a name at the end of a line, CSS pixels."""


def escaped(text: object) -> str:
    """Write text so that plotly shows it as it is: its markup, entities and templates are defused.

    >>> escaped("<b>A & B</b>")
    '&lt;b&gt;A &amp; B&lt;/b&gt;'
    """
    return one_line(str(text), LONGEST).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str, longest: int) -> str:
    """Return a text in one line, cut where it is longer."""
    return cut(clean(text).replace("\n", " ").replace("\t", " "), longest)


def rounded(values: Iterable[float | None]) -> list[float | None]:
    """Write numbers with six significant digits; what is not finite becomes a gap (None).

    >>> rounded([1 / 3, float("nan"), None, 2_345_678.9])
    [0.333333, None, None, 2345680.0]
    """
    return [None if v is None or not math.isfinite(v) else float(f"{float(v):.6g}") for v in values]


LEGEND: Plot = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"}


def plot(data: list[Plot], layout: Plot) -> Plot:
    """Join traces and layout, with the look that every chart shares."""
    shown = {
        "font": {"family": FONT, "size": 13, "color": LIGHT["ink"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": LIGHT["paper"], "font": {"color": LIGHT["ink"]}},
        "showlegend": False,
        "dragmode": False,
    }
    return {"data": data, "layout": shown | layout}


def upright(x_label: str, unit: str, y_label: str = "") -> Plot:
    """Lay out a chart whose values stand on the upright axis, in ``unit``."""
    axis: Plot = {"gridcolor": LIGHT["line"], "zeroline": False, "fixedrange": True, "automargin": True}
    x_axis = axis | {"showgrid": False, "linecolor": LIGHT["grey"], "title": title(x_label)}
    return {
        "height": 340,
        "margin": {"l": 8, "r": 16, "t": 34, "b": 8, "pad": 4},
        "xaxis": x_axis,
        "yaxis": axis | ticks(unit) | ({"title": title(y_label)} if y_label else {}),
    }


def rows(labels: Sequence[str], unit: str) -> Plot:
    """Lay out a chart with one row a label; values along the level axis, in ``unit``."""
    axis: Plot = {"fixedrange": True, "automargin": True, "zeroline": False}
    return {
        "height": 64 + ROW * max(1, len(labels)),
        "margin": {"l": 8, "r": 84, "t": 22, "b": 8, "pad": 6},
        "xaxis": axis | {"gridcolor": LIGHT["line"], "nticks": 5, "rangemode": "tozero"} | ticks(unit),
        "yaxis": axis | {"range": [max(1, len(labels)) - 0.5, -0.5], "showgrid": False},
    }


def whole(x: Sequence[float]) -> Plot:
    """Tick every whole number where there are few of them, such as years."""
    few = len(x) <= 13 and all(float(value).is_integer() for value in x) and x[-1] - x[0] <= 12
    return {"dtick": 1, "tickformat": "d"} if few else {}


def title(text: str) -> Plot:
    """Title an axis."""
    return {"text": escaped(text), "font": {"size": 13}}


def ticks(unit: str) -> Plot:
    """Format the ticks of an axis in a unit."""
    if is_money(unit):
        return {"tickformat": ".2~s", "ticksuffix": "€" if unit == "EUR" else f" {unit}"}
    if unit == "share":
        return {"tickformat": ".0~%"}
    return {"tickformat": ",~r", "ticksuffix": f" {escaped(unit)}" if unit in ("%", "d") else ""}


def names(labels: Sequence[str]) -> list[str]:
    """Label the rows, broken into lines, three where there are few; two rows of the same name stay two."""
    seen: dict[str, int] = {}
    names = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        longest = LONGEST if len(labels) > FEW else LONGEST + 30
        names.append(broken(label, longest=longest) + "\u200b" * (seen[label] - 1))
    return names


def broken(label: str, width: int = 30, longest: int = LONGEST) -> str:
    """Break a label into lines of about ``width`` letters, a longer word within itself, and defuse it as `escaped` does.

    >>> broken("Orders from the shop to the warehouse")
    'Orders from the shop to the<br>warehouse'
    >>> broken("受注連携 & more", 6)
    '受注連<br>携 &amp;<br>more'
    """
    lines = [""]
    for word in one_line(label, longest).split(" "):
        if lines[-1] and letters(lines[-1]) + letters(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
        while letters(lines[-1]) > width:
            first = fitting(lines[-1], width)
            lines[-1:] = [first, lines[-1][len(first) :]]
    most = -(-longest // width)
    if len(lines) > most:
        lines[most - 1 :] = [fitting(lines[most - 1], width - 1) + "…"]
    return "<br>".join(map(escaped, lines))


def row_trace(
    labels: Sequence[str],
    values: Sequence[float],
    unit: str,
    low: Sequence[float] | None,
    high: Sequence[float] | None,
) -> Plot:
    """Give each row its name, its value and what it says when pointed at."""
    said = [escaped(value_text(v, unit, low, high, i)) for i, v in enumerate(values)]
    return {
        "y": names(labels),
        "x": rounded(values),
        "customdata": said,
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }


def value_text(
    value: float, unit: str, low: Sequence[float] | None, high: Sequence[float] | None, at: int
) -> str:
    """Write the value of a row, with its interval where it has one."""
    said = quantity(value, unit)
    if low is None or high is None:
        return said
    return f"{said} ({interval(low[at], high[at], unit)})"


def whiskers(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Plot:
    """Draw the interval around each value."""
    return {
        "type": "data",
        "symmetric": False,
        "array": rounded(max(0.0, h - v) for h, v in zip(high, values, strict=True)),
        "arrayminus": rounded(max(0.0, v - one) for one, v in zip(low, values, strict=True)),
        "color": LIGHT["grey"],
        "thickness": 1.6,
        "width": 5,
    }


def target_marks(labels: Sequence[str], targets: Sequence[float | None], unit: str) -> Plot:
    """Mark the target of each row with an upright stroke."""
    said = ["" if t is None else escaped(f"target {quantity(t, unit)}") for t in targets]
    return {
        "type": "scatter",
        "mode": "markers",
        "y": names(labels),
        "x": rounded(targets),
        "marker": {
            "symbol": "line-ns",
            "size": 16,
            "color": LIGHT["ink"],
            "line": {"width": 2.5, "color": LIGHT["ink"]},
        },
        "customdata": said,
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }


def line(
    x: Sequence[float], y: Sequence[float], name: str, unit: str, colour: str, dash: str, width: float
) -> Plot:
    """Draw one line of a chart."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escaped(name),
        "x": rounded(x),
        "y": rounded(y),
        "line": {"color": colour, "dash": dash, "width": width},
        "customdata": [escaped(quantity(v, unit)) for v in y],
        "hovertemplate": "%{x}: %{customdata}<extra>%{fullData.name}</extra>",
    }


def spanned(series: Iterable[Sequence[float]], zero: bool) -> tuple[float, float]:
    """Limits of an axis that shows every finite value, and zero where asked, with 4 % of room.

    >>> spanned([(1.0, 3.0)], zero=True)
    (0.0, 3.12)
    """
    values = [v for values in series for v in values if math.isfinite(v)] + ([0.0] if zero else [])
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low or abs(high) or 1.0) * 0.04
    return (low - room if low < 0 or not zero else 0.0), high + room


def line_names(x: float, ends: Sequence[tuple[float, str, str]], span: tuple[float, float]) -> list[Plot]:
    """Name each line at its end, in a margin beside the plot; names that would meet are pushed apart.

    Parameters
    ----------
    x
        Where the lines end.
    ends
        Last value, name and colour of each line.
    span
        Lowest and highest value of the axis, `PLOT` pixels apart.
    """
    scale = PLOT / ((span[1] - span[0]) or 1.0)
    ordered = sorted(ends, key=lambda end: (-end[0], end[1]))
    places, last = [], math.inf
    for value, _, _ in ordered:
        last = min((value - span[0]) * scale, last - NAME)
        places.append(last)
    lift = max(0.0, -places[-1])
    return [
        {
            "x": x,
            "y": rounded([value])[0],
            "text": escaped(cut(name, ENDING)),
            "xanchor": "left",
            "xshift": 6,
            "yshift": round(place + lift - (value - span[0]) * scale, 1),
            "showarrow": False,
            "font": {"color": colour},
        }
        for place, (value, name, colour) in zip(places, ordered, strict=True)
    ]


def marked(layout: Plot, marks: Mapping[str, float]) -> Plot:
    """Add upright, named lines at places of the level axis; names of places that are close stand above each other."""
    held = sorted(
        zip(rounded(marks.values()), marks, strict=True), key=lambda mark: (mark[0] or 0.0, mark[1])
    )
    places = [at or 0.0 for at, _ in held]
    span = _shown(layout, places)
    layout["shapes"] = [
        {
            "type": "line",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": LIGHT["ink"], "width": 1.2, "dash": "dot"},
        }
        for at in places
    ]
    ends: list[float] = []
    notes = []
    for at, (_, name) in zip(places, held, strict=True):
        half = NARROW * max(1, len(escaped(name))) * span / 2
        level = next((n for n, end in enumerate(ends) if at - half > end), len(ends))
        ends[level : level + 1] = [at + half]
        notes.append(
            {
                "x": at,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": NAME * level,
                "text": escaped(name),
                "showarrow": False,
                "font": {"color": LIGHT["ink"], "size": 12},
            }
        )
    layout["annotations"] = [*layout.get("annotations", []), *notes]
    if len(ends) > 1:
        layout["margin"] |= {"t": layout["margin"]["t"] + NAME * (len(ends) - 1)}
    return layout


def _shown(layout: Plot, places: Sequence[float]) -> float:
    """Return the width of the level axis as far as it is known."""
    low, high = layout["xaxis"].get("range") or (min([0.0, *places]), max([0.0, *places]))
    return float(high - low) or 1.0


def bar(
    name: str,
    labels: Sequence[str],
    starts: Sequence[float],
    lengths: Sequence[float],
    colour: str,
    unit: str,
) -> Plot:
    """Return a trace of horizontal bars, each from its start."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": escaped(name),
        "y": list(labels),
        "x": rounded(lengths),
        "base": rounded(starts),
        "marker": {"color": LIGHT[colour]},
        "customdata": [escaped(quantity(length, unit)) for length in lengths],
        "hovertemplate": "%{y}<br>%{fullData.name}: %{customdata}<extra></extra>",
        "width": 0.62,
    }
