"""Charts: numbers in, plotly figures as plain data out. One accent, direct labels, no decoration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assess.core.numbers import quantity

from .drawing import LIGHT
from .elements import (
    ENDING,
    LEGEND,
    Plot,
    bar,
    escaped,
    line,
    line_names,
    marked,
    names,
    plot,
    rounded,
    row_trace,
    rows,
    spanned,
    target_marks,
    ticks,
    title,
    upright,
    value_text,
    whiskers,
    whole,
)

CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
}
"""Passed wherever a figure is shown: nothing may be sent to a service."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    unit: str = "",
    highlight: Iterable[str] | None = None,
    rest: str | None = None,
    x_label: str = "",
) -> Plot:
    """Draw horizontal bars from zero, the first at the top, each with its value; negative ones to the left.

    Parameters
    ----------
    values, low, high
        Length and interval of each bar, in ``unit``.
    highlight
        Labels in the accent; default all.
    rest
        Label of the bar that sums up the others, in grey.
    """
    chosen = set(labels if highlight is None else highlight) - {rest}
    colours = [LIGHT["accent" if label in chosen else "grey-pale"] for label in labels]
    trace = row_trace(labels, values, unit, low, high) | {
        "type": "bar",
        "orientation": "h",
        "marker": {"color": colours},
        "text": [escaped(value_text(v, unit, low, high, i)) for i, v in enumerate(values)],
        "textposition": "outside" if low is None else "none",
        "cliponaxis": False,
        "width": 0.62,
    }
    if low is not None and high is not None:
        trace["error_x"] = whiskers(values, low, high)
    layout = rows(labels, unit)
    if x_label:
        layout["xaxis"]["title"] = title(x_label)
        layout["height"] += 24
    least, most = min([0.0, *values]), max([0.0, *values])
    if least < 0:
        room = 0.26 * (most - least)
        layout["xaxis"] |= {"range": rounded((least - room, most + room)), "zeroline": True}
        layout["xaxis"] |= {"zerolinecolor": LIGHT["grey"]}
        layout["margin"] |= {"r": 8}
    return plot([trace], layout)


def dots(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    unit: str = "",
    highlight: Iterable[str] = (),
    targets: Sequence[float | None] | None = None,
    span: tuple[float, float] | None = None,
) -> Plot:
    """Draw a dot per row with its range, and a bar where its target stands.

    Parameters
    ----------
    targets
        Value to be reached in each row, None where there is none.
    span
        Limits of the axis; default from the data.
    """
    chosen = set(highlight) or set(labels)
    colours = [LIGHT["accent" if label in chosen else "grey"] for label in labels]
    trace = row_trace(labels, values, unit, low, high) | {
        "type": "scatter",
        "mode": "markers",
        "marker": {"color": colours, "size": 11},
        "cliponaxis": False,
    }
    if low is not None and high is not None:
        trace["error_x"] = whiskers(values, low, high)
    traces = [trace]
    if targets is not None:
        traces.append(target_marks(labels, targets, unit))
    layout = rows(labels, unit)
    layout["xaxis"] |= {"rangemode": "normal"} | ({"range": list(span)} if span else {})
    return plot(traces, layout)


def fan(
    x: Sequence[float],
    percentiles: Mapping[int, Sequence[float]],
    *,
    unit: str = "",
    x_label: str = "Year",
    y_label: str = "",
    middle: str = "average",
) -> Plot:
    """Draw a middle line with the bands around it: pairs such as 10 and 90, 25 and 75.

    Parameters
    ----------
    x
        Points in time, n of them.
    percentiles
        By percentile, n values in ``unit``; 50 is the line, every other needs its mirror.
    middle
        What the line is.

    Raises
    ------
    ValueError
        If a percentile has no mirror.
    """
    lower = sorted(p for p in percentiles if p < 50)
    if {100 - p for p in lower} != {p for p in percentiles if p > 50}:
        raise ValueError("every percentile of a fan needs its mirror, such as 10 and 90")
    shades = [LIGHT["accent-pale"], LIGHT["accent-mid"]]
    traces: list[Plot] = []
    for place, p in enumerate(lower):
        edge: Plot = {"type": "scatter", "mode": "lines", "line": {"width": 0, "color": LIGHT["accent-pale"]}}
        edge |= {"x": rounded(x), "hoverinfo": "skip", "showlegend": False}
        traces.append(edge | {"y": rounded(percentiles[p])})
        fill = {"fill": "tonexty", "fillcolor": shades[min(place, 1)], "name": _futures(p)}
        traces.append(edge | fill | {"y": rounded(percentiles[100 - p]), "showlegend": True})
    traces.append(line(x, percentiles[50], middle, unit, LIGHT["accent"], "solid", 3))
    layout = upright(x_label, unit, y_label) | {"showlegend": True, "legend": LEGEND}
    layout["xaxis"] |= whole(x)
    return plot(traces, layout)


def _futures(percentile: int) -> str:
    """Say which part of the futures lies between a percentile and its mirror.

    >>> _futures(10), _futures(25)
    ('eight of ten futures', 'five of ten futures')
    """
    words = {10: "eight", 20: "six", 25: "five", 30: "four"}
    part = words.get(percentile)
    return f"{part} of ten futures" if part else f"{100 - 2 * percentile}% of futures"


def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    unit: str = "",
    x_label: str = "Year",
    highlight: str = "",
    marks: Mapping[str, float] | None = None,
    zero: bool = True,
) -> Plot:
    """Draw a line per series, the name at its end; the highlighted one in the accent.

    Parameters
    ----------
    x
        n points, the same for each series.
    series
        By name, n values in ``unit``.
    marks
        Upright lines, such as ``{"pays back": 1.6}``, at a place on the x axis.
    zero
        Whether zero is drawn.
    """
    traces, ends = [], []
    dashes = iter(DASHES[1:] * (len(series) // 4 + 1))
    for name, values in series.items():
        first = name == highlight or len(series) == 1
        colour, dash, width = (LIGHT["accent"], "solid", 3) if first else (LIGHT["grey"], next(dashes), 1.8)
        traces.append(line(x, values, name, unit, colour, dash, width))
        ends.append((float(values[-1]), name, LIGHT["accent" if first else "soft"]))
    layout = upright(x_label, unit)
    span = spanned(series.values(), zero)
    if len(series) > 1:
        layout["annotations"] = line_names(float(x[-1]), ends, span)
        layout["margin"] |= {"r": 24 + 7 * min(ENDING, max(map(len, series)))}
    layout["xaxis"] |= {"range": rounded((x[0], x[-1]))} | whole(x)
    layout["yaxis"] |= {"range": rounded(span), "zeroline": zero, "zerolinecolor": LIGHT["grey"]}
    return plot(traces, marked(layout, marks or {}))


def parts(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], ends: Sequence[str], *, unit: str = ""
) -> Plot:
    """Draw horizontal bars made of parts, the first part at the left in the accent, with words at the end of each bar.

    Parameters
    ----------
    series
        By name, one value per label, in ``unit``; at most three.
    ends
        Words at the end of each bar.
    """
    begun = [0.0] * len(labels)
    traces: list[Plot] = []
    for (name, values), colour in zip(series.items(), ("accent", "grey", "accent-pale"), strict=False):
        traces.append(bar(name, names(labels), begun, values, colour, unit))
        begun = [before + value for before, value in zip(begun, values, strict=True)]
    traces[-1] |= {"text": [escaped(end) for end in ends], "textposition": "outside", "cliponaxis": False}
    layout = rows(labels, unit) | {"barmode": "overlay", "showlegend": True, "legend": LEGEND}
    layout["height"] += 24
    return plot(traces, layout)


def exceedance(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    unit: str = "",
    highlight: str = "",
    appetite: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Plot:
    """Draw how likely a loss is to be exceeded, such as before and after mitigation.

    Parameters
    ----------
    curves
        By name, losses in ``unit`` and the probability that a year brings more.
    appetite
        Losses and the probability that the client accepts for each; a curve above it is too much.
    """
    traces = []
    for place, (name, (losses, chances)) in enumerate(curves.items()):
        first = name == highlight or len(curves) == 1
        colour = LIGHT["accent" if first else "grey"]
        dash = "solid" if first else DASHES[1 + place % 4]
        traces.append(line(losses, chances, name, "share", colour, dash, 3 if first else 1.8))
    if appetite is not None:
        traces.append(line(*appetite, "accepted", "share", LIGHT["bad"], "dot", 2))
    layout = upright("loss in a year", "share") | {"showlegend": len(traces) > 1, "legend": LEGEND}
    layout["xaxis"] |= ticks(unit) | {"rangemode": "tozero"}
    layout["yaxis"] |= {"range": [0, 1.02], "title": title("probability of more")}
    return plot(traces, layout)


def tornado(
    labels: Sequence[str],
    low: Sequence[float],
    high: Sequence[float],
    base: float,
    *,
    unit: str = "",
    inputs: Sequence[tuple[str, str]] | None = None,
) -> Plot:
    """Draw how far each input moves the result from its base, the widest at the top.

    Parameters
    ----------
    low, high
        Result at the low and at the high end of each input, in ``unit``.
    base
        Result with every input at its likely value.
    inputs
        The low and the high value of each input, as text.
    """
    order = sorted(range(len(labels)), key=lambda i: (-abs(high[i] - low[i]), labels[i]))
    said = inputs or [("low", "high")] * len(labels)
    sides = (("input low", low, 0, "accent-mid"), ("input high", high, 1, "accent"))
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": names([labels[i] for i in order]),
            "x": rounded(ends[i] - base for i in order),
            "base": rounded([base] * len(order)),
            "marker": {"color": LIGHT[colour]},
            "customdata": [escaped(f"{said[i][side]}: {quantity(ends[i], unit)}") for i in order],
            "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
            "width": 0.62,
        }
        for name, ends, side, colour in sides
    ]
    layout = rows(labels, unit) | {"barmode": "overlay", "showlegend": True, "legend": LEGEND}
    layout["xaxis"] |= {"rangemode": "normal"}
    layout["height"] += 40
    layout["legend"] = LEGEND | {"y": 0, "yanchor": "bottom", "yref": "container"}
    return plot(traces, marked(layout, {f"likely {quantity(base, unit)}": base}))


def columns(
    labels: Sequence[str], parts: Mapping[str, Sequence[float]], *, unit: str = "", x_label: str = ""
) -> Plot:
    """Draw upright bars made of parts, such as the days of each increment by use.

    Parameters
    ----------
    parts
        By name, one value per label, in ``unit``; at most six stay apart for every reader.
    """
    shades = ("accent", "accent-mid", "grey", "grey-pale", "accent-pale", "soft")
    traces = [
        {
            "type": "bar",
            "name": escaped(name),
            "x": names(labels),
            "y": rounded(values),
            "marker": {
                "color": LIGHT[shades[at % len(shades)]],
                "line": {"width": 1, "color": LIGHT["paper"]},
            },
            "customdata": [escaped(quantity(v, unit)) for v in values],
            "hovertemplate": "%{x}<br>%{fullData.name}: %{customdata}<extra></extra>",
        }
        for at, (name, values) in enumerate(parts.items())
    ]
    layout = upright(x_label, unit) | {
        "barmode": "relative",
        "showlegend": True,
        "legend": LEGEND,
        "bargap": 0.2,
    }
    layout["xaxis"] |= {"type": "category", "nticks": 16}
    return plot(traces, layout)
